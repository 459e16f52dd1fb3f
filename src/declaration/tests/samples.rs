//! Makes random states for the tests, the same for the same seed.
use crate::model::*;
use std::collections::BTreeSet;

/// Random numbers, small and without a dependency: the same seed is the same states (xorshift).
pub(super) struct Random(pub(super) u64);

const HOSTILE: &[&str] = &[
    "a",
    "documents",
    "Mixed Case",
    "a.b",
    "with \"quotes\"",
    "it's",
    "null",
    "true",
    "absent",
    "~",
    "1",
    "-",
    "#",
    " x ",
    "a: b",
    "naïve",
    "a\nb",
    "[x]",
    "{y}",
    "*z",
    "&w",
    "!t",
    "%",
    "extensions",
    "opaque",
    "schema",
    "table",
    "columns",
    "schema [a]",
    "declared",
    "0x1f",
    "1e3",
    "",
    "tab\there",
    "select 'a' -- b",
    "on",
    "a, b",
    "\u{2028}",
    "🦀",
    "a # b",
];

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
    fn yes(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }
    fn text(&mut self) -> String {
        HOSTILE[self.below(HOSTILE.len())].to_owned()
    }
    fn maybe(&mut self) -> Option<String> {
        self.yes().then(|| self.text())
    }
    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
    fn fragment(&mut self) -> Fragment {
        let (a, b) = (self.text(), self.text());
        match self.below(3) {
            0 => Fragment::written(a),
            1 => Fragment::settled(a.clone(), a),
            _ => Fragment::settled(a, b),
        }
    }
    fn qualified(&mut self) -> Qualified {
        Qualified::new(self.text(), self.text())
    }
    fn columns(&mut self) -> Vec<ColumnName> {
        (0..self.below(3)).map(|_| ColumnName::new(self.text())).collect()
    }
    fn pairs(&mut self) -> Parameters {
        (0..self.below(3)).map(|_| (self.text(), self.text())).collect()
    }
    fn some_privileges(&mut self) -> Privileges {
        let words: Vec<&str> = Privilege::words().collect();
        let mut out = Privileges { exact: self.yes(), ..Privileges::default() };
        for _ in 0..self.below(3) {
            let right = Right {
                privilege: Privilege::Known(self.pick(&words)),
                with_option: self.yes(),
                granted_by: self.yes().then(|| "another role".to_owned()),
            };
            out.grants.entry(Grantee::named(&self.text())).or_default().insert(right);
        }
        out
    }
    fn privileges(&mut self) -> Option<Privileges> {
        self.yes().then(|| self.some_privileges())
    }
    fn number(&mut self) -> i64 {
        self.pick(&[0, 1, -1, 5, 32767, 2147483647, i64::MAX, i64::MIN])
    }
    fn options(&mut self, of: SequenceType) -> SequenceOptions {
        if self.yes() {
            return SequenceOptions::defaults(of, self.pick(&[1, -1, 5]));
        }
        let [increment, min, max, start, cache] = [(); 5].map(|()| self.number());
        SequenceOptions { increment, min, max, start, cache, cycle: self.yes() }
    }
    fn ids(&mut self) -> BTreeSet<ObjectId> {
        (0..self.below(3)).map(|_| self.object().0).collect()
    }

    fn column(&mut self) -> Column {
        let data_type = if self.yes() { Fragment::settled("int", "integer") } else { self.fragment() };
        let mut column = Column::of_type(data_type, u32::try_from(self.below(1600)).unwrap());
        column.collation = self.yes().then(|| self.fragment());
        column.not_null = self.yes();
        column.not_null_name = self.maybe();
        column.not_null_validated = self.yes();
        let of = column.sequence_type();
        column.value = match self.below(4) {
            0 => ColumnValue::None,
            1 => ColumnValue::Default(self.fragment()),
            2 => {
                let (always, options, sequence) = (self.yes(), self.options(of), self.maybe());
                ColumnValue::Identity(Identity { always, options, sequence })
            }
            _ => {
                let kind = self.pick(&[GenerationKind::Stored, GenerationKind::Virtual]);
                ColumnValue::Generated(self.fragment(), kind)
            }
        };
        column.storage = self.pick(&[
            None,
            Some(Storage::Plain),
            Some(Storage::External),
            Some(Storage::Extended),
            Some(Storage::Main),
        ]);
        column.compression = self.pick(&[None, Some(Compression::Pglz), Some(Compression::Lz4)]);
        column.statistics = self.pick(&[None, Some(-1), Some(1000)]);
        column.options = self.pairs();
        column
    }

    fn table(&mut self) -> Table {
        let index = ReplicaIdentity::Index(RelationName::new(self.text()));
        Table {
            persistence: self.pick(&[Persistence::Permanent, Persistence::Unlogged]),
            tablespace: self.maybe(),
            access_method: self.maybe(),
            storage_parameters: self.pairs(),
            partition_by: self.yes().then(|| self.fragment()),
            partition_of: self.yes().then(|| PartitionOf { parent: self.qualified(), bound: self.fragment() }),
            row_security: self.yes(),
            force_row_security: self.yes(),
            replica_identity: self.pick(&[
                ReplicaIdentity::Default,
                ReplicaIdentity::Full,
                ReplicaIdentity::Nothing,
                index,
            ]),
            clustered_on: self.maybe().map(RelationName::new),
        }
    }

    fn key(&mut self) -> Key {
        Key {
            kind: self.pick(&[KeyKind::Primary, KeyKind::Unique]),
            columns: self.columns(),
            include: self.columns(),
            deferrable: self.deferrable(),
            nulls_not_distinct: self.yes(),
            with: self.pairs(),
            tablespace: self.maybe(),
            index_comment: self.maybe(),
            part_of: self.maybe().map(RelationName::new),
        }
    }

    fn deferrable(&mut self) -> Deferrable {
        self.pick(&[Deferrable::No, Deferrable::InitiallyImmediate, Deferrable::InitiallyDeferred])
    }

    fn enforcement(&mut self) -> Enforcement {
        self.pick(&[Enforcement::Valid, Enforcement::NotValid, Enforcement::NotEnforced])
    }

    fn foreign_key(&mut self) -> ForeignKey {
        let actions = [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];
        ForeignKey {
            columns: self.columns(),
            references: self.qualified(),
            referenced: self.columns(),
            match_type: self.pick(&[MatchType::Simple, MatchType::Full]),
            on_update: self.pick(&actions),
            on_delete: self.pick(&actions),
            on_delete_columns: self.columns(),
            deferrable: self.deferrable(),
            enforcement: self.enforcement(),
        }
    }

    fn index(&mut self) -> Index {
        Index {
            table: self.qualified(),
            method: self.text(),
            unique: self.yes(),
            nulls_not_distinct: self.yes(),
            keys: (0..self.below(3)).map(|_| IndexKey { sql: self.fragment() }).collect(),
            include: self.columns(),
            with: self.pairs(),
            predicate: self.yes().then(|| self.fragment()),
            tablespace: self.maybe(),
            valid: self.yes(),
            statistics: (0..self.below(3)).map(|n| (u32::try_from(n).unwrap() + 1, -5)).collect(),
            part_of: self.maybe().map(RelationName::new),
        }
    }

    fn exclusion(&mut self) -> Exclusion {
        let key = |of: &mut Self| ExclusionKey { key: IndexKey { sql: of.fragment() }, operator: of.text() };
        Exclusion {
            method: self.text(),
            keys: (0..self.below(3)).map(|_| key(self)).collect(),
            include: self.columns(),
            predicate: self.yes().then(|| self.fragment()),
            deferrable: self.deferrable(),
            with: self.pairs(),
            tablespace: self.maybe(),
            index_comment: self.maybe(),
        }
    }

    fn column_settings(&mut self) -> ColumnSettings {
        ColumnSettings {
            storage: self.pick(&[None, Some(Storage::Plain), Some(Storage::Main)]),
            compression: self.pick(&[None, Some(Compression::Pglz), Some(Compression::Lz4)]),
            // One of a column that has none is not there.
            statistics: Some(9),
            options: self.pairs(),
        }
    }

    fn view(&mut self) -> View {
        let Table {
            persistence: _,
            tablespace,
            access_method,
            storage_parameters,
            partition_by: _,
            partition_of: _,
            row_security: _,
            force_row_security: _,
            replica_identity,
            clustered_on,
        } = self.table();
        View {
            query: self.fragment(),
            columns: self.columns(),
            security_barrier: self.yes(),
            security_invoker: self.yes(),
            check_option: self.pick(&[None, Some(CheckOption::Local), Some(CheckOption::Cascaded)]),
            defaults: (0..self.below(3)).map(|_| (ColumnName::new(self.text()), self.fragment())).collect(),
            column_comments: (0..self.below(3)).map(|_| (ColumnName::new(self.text()), self.text())).collect(),
            materialized: self.yes(),
            unpopulated: self.yes(),
            tablespace,
            access_method,
            storage_parameters,
            replica_identity,
            clustered_on,
            column_settings: (0..self.below(3))
                .map(|_| (ColumnName::new(self.text()), self.column_settings()))
                .collect(),
            carried: self.yes(),
        }
    }

    fn sequence(&mut self) -> Sequence {
        let data_type = self.pick(&[SequenceType::Smallint, SequenceType::Integer, SequenceType::Bigint]);
        Sequence {
            data_type,
            options: self.options(data_type),
            owned_by: self.yes().then(|| (self.qualified(), ColumnName::new(self.text()))),
            persistence: self.pick(&[Persistence::Permanent, Persistence::Unlogged]),
        }
    }

    /// Makes a head with what an object of that kind has.
    fn head(&mut self, body: &Body) -> Head {
        let has_owner = !matches!(
            body,
            Body::Extension(_)
                | Body::Column(_)
                | Body::Key(_)
                | Body::ForeignKey(_)
                | Body::Check(_)
                | Body::Exclusion(_)
                | Body::Index(_)
        );
        let has_columns = matches!(body, Body::View(_) | Body::Definition(_));
        let mut head = Head::with_comment(self.maybe());
        head.owner = if has_owner { self.maybe() } else { None };
        head.privileges = if has_owner || matches!(body, Body::Column(_)) { self.privileges() } else { None };
        if has_columns {
            head.column_privileges =
                (0..self.below(2)).map(|_| (ColumnName::new(self.text()), self.some_privileges())).collect();
            head.depends_on = if self.below(4) == 0 { self.ids() } else { BTreeSet::new() };
        }
        head
    }

    /// Makes an object of any kind with an identity of its kind.
    pub(super) fn object(&mut self) -> (ObjectId, Object) {
        let (id, body) = self.named();
        (id, Object { head: self.head(&body), body })
    }

    fn named(&mut self) -> (ObjectId, Body) {
        let (name, inner) = (self.qualified(), self.text());
        let constraint = |q| ObjectId::constraint(q, ConstraintName::new(inner.clone()));
        match self.below(13) {
            0 => (ObjectId::schema(name.schema), Body::Schema(Schema)),
            1 => {
                let (schema, minimum, installed) = (SchemaName::new(self.text()), self.maybe(), self.maybe());
                let extension = Extension { schema, minimum, installed };
                (ObjectId::extension(ExtensionName::new(inner)), Body::Extension(extension))
            }
            2 => {
                let labels = (0..self.below(4)).map(|_| self.text()).collect();
                (ObjectId::enumeration(name), Body::Enumeration(Enumeration { labels }))
            }
            3 => (ObjectId::sequence(name), Body::Sequence(self.sequence())),
            4 => (ObjectId::table(name), Body::Table(self.table())),
            5 => (ObjectId::column(name, ColumnName::new(inner)), Body::Column(self.column())),
            6 => (constraint(name), Body::Key(self.key())),
            7 => (constraint(name), Body::ForeignKey(self.foreign_key())),
            8 => {
                let (expression, no_inherit) = (self.fragment(), self.yes());
                let check = Check { expression, no_inherit, enforcement: self.enforcement() };
                (constraint(name), Body::Check(check))
            }
            9 => (ObjectId::index(name), Body::Index(self.index())),
            10 => (ObjectId::view(name), Body::View(self.view())),
            11 => (constraint(name), Body::Exclusion(self.exclusion())),
            _ => {
                let carried: Vec<ObjectKind> =
                    ObjectKind::ALL.iter().copied().filter(|kind| kind.is_definition()).collect();
                // A materialized view is read as what it is by now.
                let forms: Vec<CarriedForm> =
                    CarriedForm::ALL.iter().copied().filter(|form| *form != CarriedForm::MaterializedView).collect();
                let form = self.yes().then(|| self.pick(&forms));
                let kind = form.map_or_else(|| self.pick(&carried), CarriedForm::kind);
                let id = if kind == ObjectKind::Constraint {
                    constraint(name)
                } else {
                    ObjectId::of_parts(kind, &[inner, self.text()])
                };
                let create = self.yes().then(|| self.fragment());
                (id, Body::Definition(Definition { create, carried: self.yes(), form }))
            }
        }
    }
}
