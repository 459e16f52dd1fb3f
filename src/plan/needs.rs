//! Looks up the names of a state as PostgreSQL would, and with them what each object needs to be there.
use super::type_columns::TypeColumns;
use crate::canonical::{
    KeyTarget, Reference, References, parse_type, partition_keys, references_of_expression, references_of_query,
    references_of_statements,
};
use crate::model::{
    Body, Column, ColumnName, ColumnValue, Deferrable, Definition, ForeignKey, Fragment, Index, IndexKey, NameSpace,
    Object, ObjectId, ObjectKind, Qualified, SchemaName, State, Table, is_name_letter,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

/// Names of a state, looked up as PostgreSQL would: built once, so that asking for one object's needs costs what that
/// object's text costs.
pub struct Lookup<'a> {
    state: &'a State,
    relations: BTreeMap<(&'a str, &'a str), &'a ObjectId>,
    types: BTreeMap<(&'a str, &'a str), &'a ObjectId>,
    functions: BTreeMap<(&'a str, &'a str), Vec<&'a ObjectId>>,
    collations: BTreeMap<(&'a str, &'a str), &'a ObjectId>,
    extensions: Vec<(&'a SchemaName, ObjectId)>,
    /// Indexes that a foreign key can lean on, by their table, with their columns.
    unique: BTreeMap<&'a Qualified, Vec<(&'a ObjectId, BTreeSet<ColumnName>)>>,
    /// Columns by their types, read when first asked for.
    by_type: OnceLock<TypeColumns>,
}

impl<'a> Lookup<'a> {
    /// Indexes a state's names.
    #[must_use]
    pub fn new(state: &'a State) -> Self {
        let mut lookup = Self {
            state,
            relations: BTreeMap::new(),
            types: BTreeMap::new(),
            functions: BTreeMap::new(),
            collations: BTreeMap::new(),
            extensions: Vec::new(),
            unique: BTreeMap::new(),
            by_type: OnceLock::new(),
        };
        for (id, object) in &state.objects {
            lookup.add(id, object);
        }
        lookup
    }

    fn add(&mut self, id: &'a ObjectId, object: &'a Object) {
        if let Body::Index(index) = &object.body {
            if let Some(columns) = referable(index) {
                self.unique.entry(&index.table).or_default().push((id, columns));
            }
        } else if let Body::Extension(extension) = &object.body {
            self.extensions.push((&extension.schema, *id));
        }
        let kind = id.kind();
        if let Some(name) = object.definition().filter(|_| kind == ObjectKind::RangeType).and_then(multirange) {
            self.types.insert((name.schema.as_str(), name.name.as_str()), id);
        }
        if let ([schema, name, ..], false) = (id.parts().as_slice(), kind.is_part_of_relation())
            && kind.lives_in_schema()
        {
            for space in kind.name_spaces() {
                match space {
                    NameSpace::Relation => drop(self.relations.insert((schema, name), id)),
                    NameSpace::Type => drop(self.types.insert((schema, name), id)),
                    NameSpace::Routine => self.functions.entry((schema, name)).or_default().push(id),
                    NameSpace::Own if kind == ObjectKind::Collation => {
                        self.collations.insert((schema, name), id);
                    }
                    NameSpace::Constraint | NameSpace::Column | NameSpace::Own => {}
                }
            }
        }
    }

    /// The schemas that an unqualified name may be in, besides `pg_catalog`: home first, then the extensions'.
    fn path<'b>(&'b self, schema: Option<&'b str>, home: &'b str) -> Vec<&'b str> {
        match schema {
            Some(schema) => vec![schema],
            None => std::iter::once(home).chain(self.extensions.iter().map(|(schema, _)| schema.as_str())).collect(),
        }
    }

    /// The object that a reference names, seen from a schema; functions may be several.
    #[must_use]
    pub fn resolve(&self, reference: &Reference, home: &str) -> Vec<ObjectId> {
        let find = |map: &BTreeMap<(&'a str, &'a str), &'a ObjectId>, schema: &Option<String>, name: &str| {
            let path = self.path(schema.as_deref(), home);
            path.iter().find_map(|s| map.get(&(*s, name)).map(|id| *(*id))).into_iter().collect()
        };
        match reference {
            Reference::Relation(schema, name) => find(&self.relations, schema, name),
            Reference::Type(schema, name) => find(&self.types, schema, name.trim_start_matches('_')),
            Reference::Collation(schema, name) => find(&self.collations, schema, name),
            Reference::Function(schema, name) => {
                let path = self.path(schema.as_deref(), home);
                let found = path.iter().find_map(|s| self.functions.get(&(*s, name.as_str())));
                found.map(|ids| ids.iter().map(|id| *(*id)).collect()).unwrap_or_default()
            }
            Reference::Column(..) => Vec::new(),
        }
    }

    /// The columns by their types.
    pub(super) fn by_type(&self) -> &TypeColumns {
        self.by_type.get_or_init(|| TypeColumns::of(self.state))
    }

    /// The extensions of the state.
    pub fn extensions(&self) -> impl Iterator<Item = &ObjectId> {
        self.extensions.iter().map(|(_, id)| id)
    }

    /// The routines of a routine's name, itself included.
    pub fn namesakes(&self, id: &ObjectId) -> impl Iterator<Item = ObjectId> {
        let found = id.home().and_then(|home| self.functions.get(&(home.as_str(), id.own_name())));
        found.into_iter().flatten().map(|id| **id)
    }

    /// The routines whose names are words of a text, whatever their schema.
    #[must_use]
    pub fn routines_in(&self, text: &str) -> Vec<ObjectId> {
        if self.functions.is_empty() {
            return Vec::new();
        }
        let words: BTreeSet<&str> = text.split(|c| !is_name_letter(c)).collect();
        let named = self.functions.iter().filter(|((_, name), _)| words.contains(name));
        named.flat_map(|(_, ids)| ids.iter().map(|id| *(*id))).collect()
    }

    fn resolve_all(&self, references: &References, home: &str) -> BTreeSet<ObjectId> {
        references.iter().flat_map(|reference| self.resolve(reference, home)).collect()
    }

    /// Requirements of an object for being there: its schema and table, the columns it is over, types, sequences,
    /// functions, the relations of its query. Extensions are needed by everything that may use a member of theirs.
    #[must_use]
    pub fn needs(&self, id: &ObjectId) -> BTreeSet<ObjectId> {
        let mut out = BTreeSet::new();
        let Some(object) = self.state.get(id) else { return out };
        let schema = id.home();
        let home = schema.as_ref().map_or("", |s| s.as_str()).to_owned();
        if let Some(schema) = schema.filter(|_| !id.is(ObjectKind::Schema)) {
            out.insert(ObjectId::schema(schema));
        }
        let uses_nothing = matches!(object.body, Body::Extension(_) | Body::Schema(_));
        if !uses_nothing && !id.is(ObjectKind::DefaultPrivileges) {
            out.extend(self.extensions.iter().map(|(_, id)| *id));
        }
        if let Some(table) = id.table_of().filter(|_| !id.is(ObjectKind::Table)) {
            out.insert(ObjectId::table(table));
        }
        self.needs_of(id, object, &home, &mut out);
        out.remove(id);
        out.retain(|id| self.state.has(id));
        out
    }

    fn needs_of_column(&self, id: &ObjectId, column: &Column, home: &str, out: &mut BTreeSet<ObjectId>) {
        let expression = |f: &Fragment| self.resolve_all(&references_of_expression(f.sql()), home);
        if let Ok(name) = parse_type(column.data_type.sql())
            && !name.builtin
        {
            out.extend(self.resolve(&Reference::Type(name.schema, name.name), home));
        }
        let collation =
            |f: &Fragment| self.resolve_all(&references_of_expression(&format!("'' collate {}", f.sql())), home);
        out.extend(column.collation.iter().flat_map(collation));
        match &column.value {
            ColumnValue::None | ColumnValue::Identity(_) => {}
            ColumnValue::Default(e) | ColumnValue::Generated(e, _) => {
                out.extend(expression(e));
                out.extend(self.columns_in(id, e));
            }
        }
    }

    /// A partition needs its parent; a partitioned table the columns and functions of its key.
    fn needs_of_partition(&self, id: &ObjectId, table: &Table, home: &str, out: &mut BTreeSet<ObjectId>) {
        out.extend(table.parent().map(ObjectId::table));
        let keys = table.partition_by.iter().flat_map(|key| partition_keys(key.sql()));
        for key in keys {
            let sql = index_expression(&key);
            out.extend(self.resolve_all(&references_of_expression(&sql), home));
            out.extend(self.columns_in(id, &Fragment::written(sql)));
        }
    }

    fn needs_of(&self, id: &ObjectId, object: &Object, home: &str, out: &mut BTreeSet<ObjectId>) {
        let expression = |f: &Fragment| self.resolve_all(&references_of_expression(f.sql()), home);
        out.extend(object.head.depends_on.iter().copied());
        out.extend(self.state.part_above(id));
        match &object.body {
            Body::Schema(_) | Body::Enumeration(_) => {}
            Body::Extension(extension) => {
                out.insert(ObjectId::schema(extension.schema));
            }
            // The column that owns a sequence, and the index that a table says something of, come later.
            Body::Sequence(_) => {}
            Body::Table(table) => self.needs_of_partition(id, table, home, out),
            Body::Column(column) => self.needs_of_column(id, column, home, out),
            Body::Key(key) => {
                out.extend(self.columns_of(id, key.columns.iter().chain(&key.include)));
            }
            Body::ForeignKey(key) => {
                out.extend(self.columns_of(id, &key.columns));
                let target = ObjectId::table(key.references);
                out.extend(self.columns_of(&target, &key.referenced));
                out.insert(target);
                out.extend(self.referenced_keys(key));
                out.extend(self.relation(&key.references).cloned());
            }
            Body::Check(check) => {
                out.extend(expression(&check.expression));
                out.extend(self.columns_in(id, &check.expression));
            }
            Body::Exclusion(exclusion) => {
                out.extend(self.columns_of(id, &exclusion.include));
                for text in exclusion.keys.iter().map(|key| &key.key.sql).chain(&exclusion.predicate) {
                    let sql = index_expression(text.sql());
                    out.extend(self.resolve_all(&references_of_expression(&sql), home));
                    out.extend(self.columns_in(id, &Fragment::written(sql)));
                }
            }
            Body::Index(index) => {
                let table = ObjectId::table(index.table);
                out.insert(self.state.indexed(&index.table));
                out.extend(self.columns_of(&table, &index.include));
                for text in index.keys.iter().map(|k| &k.sql).chain(&index.predicate) {
                    let sql = index_expression(text.sql());
                    out.extend(self.resolve_all(&references_of_expression(&sql), home));
                    out.extend(self.columns_in(&table, &Fragment::written(sql)));
                }
            }
            Body::View(view) => {
                out.extend(self.resolve_all(&references_of_query(view.query.sql()), home));
                out.extend(view.defaults.values().flat_map(expression));
            }
            Body::Definition(definition) => {
                // What was printed somewhere is known to use what the catalog says.
                let printed = definition.create.as_ref().is_some_and(|text| text.as_settled().is_some());
                if let (false, Some(text)) = (printed && !object.head.depends_on.is_empty(), definition.text()) {
                    out.extend(self.resolve_all(&references_of_statements(text), home));
                    if id.is(ObjectKind::RangeType) {
                        out.extend(self.resolve_all(&functions_of_range(text), home));
                    }
                }
            }
        }
    }

    fn columns_of<'b>(&self, id: &ObjectId, names: impl IntoIterator<Item = &'b ColumnName>) -> Vec<ObjectId> {
        let Some(table) = id.table_of() else { return Vec::new() };
        names.into_iter().map(|name| ObjectId::column(table, *name)).collect()
    }

    /// The columns of the object's own table that an expression names; all of them for a whole-row reference.
    fn columns_in(&self, id: &ObjectId, expression: &Fragment) -> Vec<ObjectId> {
        let Some(table) = id.table_of() else { return Vec::new() };
        let mut out = Vec::new();
        for reference in references_of_expression(expression.sql()) {
            if let Reference::Column(_, name) = reference {
                if name == "*" || name == table.name.as_str() {
                    out.extend(self.state.columns(&table).iter().map(|(n, _)| ObjectId::column(table, *n)));
                }
                let name = ColumnName::new(name);
                out.extend(self.composite_of(&table, &name));
                out.push(ObjectId::column(table, name));
            }
        }
        out
    }

    /// The composite type of a column: an expression over the column may be over its attributes.
    fn composite_of(&self, table: &Qualified, name: &ColumnName) -> Option<ObjectId> {
        let column = self.state.column(table, name)?;
        let of = parse_type(column.data_type.sql()).ok().filter(|of| !of.builtin)?;
        let found = self.resolve(&Reference::Type(of.schema, of.name), table.schema.as_str());
        found.into_iter().find(|id| id.is(ObjectKind::CompositeType))
    }

    /// The table, or what stands in its place, of that name.
    #[must_use]
    pub fn relation(&self, name: &Qualified) -> Option<&ObjectId> {
        self.relations.get(&(name.schema.as_str(), name.name.as_str())).copied()
    }

    /// The keys and unique indexes that a foreign key may lean on: PostgreSQL takes one of those that are checked at
    /// once, and which one it took does not show.
    #[must_use]
    pub fn referenced_keys(&self, key: &ForeignKey) -> Vec<ObjectId> {
        let table = &key.references;
        let wanted: BTreeSet<&ColumnName> = key.referenced.iter().collect();
        let same = |columns: &BTreeSet<&ColumnName>| *columns == wanted;
        let constraints = self.state.constraints(table).filter_map(|(name, object)| {
            let Body::Key(own) = &object.body else { return None };
            let fits = own.deferrable == Deferrable::No && same(&own.columns.iter().collect());
            fits.then(|| ObjectId::constraint(*table, name))
        });
        let indexes = self.unique.get(table).into_iter().flatten();
        let indexes = indexes.filter(|(_, columns)| same(&columns.iter().collect())).map(|(id, _)| *(*id));
        constraints.chain(indexes).collect()
    }
}

/// The function that a range type is made with, which its statement names as it names types.
fn functions_of_range(text: &str) -> References {
    let range = crate::canonical::parse_range_type(text).ok();
    let named = range.and_then(|range| parse_type(&range.subtype_diff?).ok());
    named.map(|name| Reference::Function(name.schema, name.name)).into_iter().collect()
}

/// The multirange type that a range type brings with it.
fn multirange(range: &Definition) -> Option<Qualified> {
    crate::canonical::parse_range_type(range.text()?).ok()?.multirange()
}

/// The columns of an index that a foreign key can lean on: a unique one of all rows, over columns alone.
#[must_use]
pub(super) fn referable(index: &Index) -> Option<BTreeSet<ColumnName>> {
    let column = |key: &IndexKey| match crate::canonical::parse_index_key(&index.method, key.sql.sql()).ok()?.target {
        KeyTarget::Column(name) => Some(ColumnName::new(name)),
        KeyTarget::Expression(_) => None,
    };
    let whole = index.unique && index.valid && index.predicate.is_none();
    whole.then(|| index.keys.iter().map(column).collect::<Option<_>>()).flatten()
}

/// The expression of an index key, without operator class and order, so that its references can be read.
fn index_expression(key: &str) -> String {
    match crate::canonical::parse_index_key("btree", key) {
        Ok(parts) => match parts.target {
            KeyTarget::Column(name) => crate::model::quote(&name),
            KeyTarget::Expression(text) => text,
        },
        Err(_) => key.to_owned(),
    }
}
