use super::{
    LeftOut, Reason, Scope,
    check::check,
    column::column,
    constraint::ConstraintRow,
    depend::Address,
    enumeration::{EnumerationRow, enumeration},
    extension,
    foreign_key::foreign_key,
    index::{IndexRow, index},
    key::key,
    opaque::{OpaqueRow, opaque},
    opaque_relation,
    relation::{ColumnRow, Home, RelationRow},
    row::letter,
    schema::{self, ContainerRow},
    sequence::sequence,
    table::table,
    text::Texts,
    view::view,
};
use crate::model::{
    ColumnName, ConstraintName, ExtensionName, Object, ObjectId, Opaque, OpaqueKind, Qualified, SchemaName, State,
};
use std::collections::{BTreeSet, HashMap};

/// Everything that was read, row by row.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) containers: Vec<ContainerRow>,
    pub(super) relations: Vec<RelationRow>,
    pub(super) columns: Vec<ColumnRow>,
    pub(super) constraints: Vec<ConstraintRow>,
    pub(super) indexes: Vec<IndexRow>,
    pub(super) enumerations: Vec<EnumerationRow>,
    pub(super) opaque: Vec<OpaqueRow>,
}

/// The model as far as rows make it: dependencies come after it.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) state: State,
    pub(super) left_out: BTreeSet<LeftOut>,
    /// Which object stands for which row; parts of opaque relations stand for the whole.
    pub(super) ids: HashMap<Address, ObjectId>,
}

impl Assembled {
    /// The object at an address: of a column that has no object of its own, its relation.
    pub(super) fn at(&self, (class, object, part): Address) -> Option<&ObjectId> {
        self.ids.get(&(class, object, part)).or_else(|| self.ids.get(&(class, object, 0)))
    }

    /// The rows' oids, whatever their catalog.
    pub(super) fn oids(&self) -> Vec<u32> {
        let oids: BTreeSet<u32> = self.ids.keys().map(|(_, oid, _)| *oid).collect();
        oids.into_iter().collect()
    }
}

/// Rows by the relation that they belong to.
struct Parts {
    columns: HashMap<u32, Vec<ColumnRow>>,
    constraints: HashMap<u32, Vec<ConstraintRow>>,
    indexes: HashMap<u32, Vec<IndexRow>>,
    /// Sequences behind identity columns, by table and column number.
    identities: HashMap<(u32, i32), RelationRow>,
    /// Why a relation is left out.
    left_out: HashMap<u32, String>,
}

struct Assembly<'a> {
    scope: &'a Scope,
    out: Assembled,
    texts: Texts,
}

/// Rows into the model.
pub(super) fn assemble(rows: Rows, scope: &Scope) -> Assembled {
    let mut assembly = Assembly { scope, out: Assembled::default(), texts: Texts::default() };
    assembly.containers(&rows.containers);
    let mut parts = Parts {
        columns: by_relation(rows.columns, |r| r.relation),
        constraints: by_relation(rows.constraints, |r| r.relation),
        indexes: by_relation(rows.indexes, |r| r.relation),
        identities: HashMap::new(),
        left_out: HashMap::new(),
    };
    for row in rows.relations.iter().filter(|r| r.home() == Home::IdentitySequence) {
        if let (Some(table), Some(column)) = (row.owner_table, row.owner_column) {
            parts.identities.insert((table, column), row.clone());
        }
    }
    let tables: HashMap<u32, &RelationRow> = rows.relations.iter().map(|r| (r.oid, r)).collect();
    for row in &rows.relations {
        assembly.relation(row, &mut parts, &tables);
    }
    for row in &rows.enumerations {
        let id = ObjectId::Type(Qualified::new(row.schema.clone(), row.name.clone()));
        assembly.keep((row.class, row.oid, 0), id, row.member_of.as_ref(), || Object::Enumeration(enumeration(row)));
    }
    for row in &rows.opaque {
        assembly.opaque(row, &parts);
    }
    assembly.out
}

fn by_relation<R>(rows: Vec<R>, relation: impl Fn(&R) -> u32) -> HashMap<u32, Vec<R>> {
    let mut out: HashMap<u32, Vec<R>> = HashMap::new();
    for row in rows {
        out.entry(relation(&row)).or_default().push(row);
    }
    out
}

impl Assembly<'_> {
    fn leave_out(&mut self, id: &ObjectId, reason: Reason) {
        self.out.left_out.insert(LeftOut { identity: id.to_string(), reason });
    }

    /// Why an object is left out by what it is.
    fn reason(&self, id: &ObjectId, member_of: Option<&String>) -> Option<Reason> {
        match member_of {
            Some(extension) => Some(Reason::ExtensionMember(extension.clone())),
            None => (self.scope.unmanaged)(id).then_some(Reason::Unmanaged),
        }
    }

    /// Adds an object, unless there is a reason to leave it out.
    fn keep(&mut self, at: Address, id: ObjectId, member_of: Option<&String>, object: impl FnOnce() -> Object) {
        match self.reason(&id, member_of) {
            Some(reason) => self.leave_out(&id, reason),
            None => self.add(at, id, object()),
        }
    }

    fn add(&mut self, at: Address, id: ObjectId, object: Object) {
        self.out.ids.insert(at, id.clone());
        self.out.state.objects.insert(id, object);
    }

    fn containers(&mut self, rows: &[ContainerRow]) {
        for row in rows {
            let at = (row.class, row.oid, 0);
            if row.kind == "extension" {
                let id = ObjectId::Extension(ExtensionName::new(row.name.clone()));
                if extension::is_system(row) {
                    self.leave_out(&id, Reason::System);
                } else {
                    self.keep(at, id, None, || Object::Extension(extension::extension(row)));
                }
                continue;
            }
            let id = ObjectId::Schema(SchemaName::new(row.name.clone()));
            match schema::reason(row, self.scope) {
                Some(reason) => self.leave_out(&id, reason),
                None => self.keep(at, id, None, || Object::Schema(schema::schema(row))),
            }
        }
    }

    fn relation(&mut self, row: &RelationRow, parts: &mut Parts, tables: &HashMap<u32, &RelationRow>) {
        let id = row.id();
        // An identity column's sequence is decided on with its column.
        let identity = row.home() == Home::IdentitySequence;
        if let Some(reason) = self.reason(&id, row.member_of.as_ref()).filter(|_| !identity) {
            parts.left_out.insert(row.oid, id.to_string());
            self.leave_out(&id, reason);
            return;
        }
        let (class, columns) = (row.class, parts.columns.remove(&row.oid).unwrap_or_default());
        let (constraints, indexes) = (
            parts.constraints.remove(&row.oid).unwrap_or_default(),
            parts.indexes.remove(&row.oid).unwrap_or_default(),
        );
        match row.home() {
            Home::Table => {
                self.add((class, row.oid, 0), id, Object::Table(table(row, &indexes)));
                self.columns(row, &columns, parts);
                self.constraints(row, &constraints, &indexes);
                self.indexes(row, &indexes);
            }
            Home::View => {
                let view = view(row, &columns, &mut self.texts);
                self.add((class, row.oid, 0), id, Object::View(view));
            }
            Home::Sequence => {
                self.add((class, row.oid, 0), id, Object::Sequence(sequence(row)));
            }
            Home::IdentitySequence => {
                let owner = row.owned_by().zip(row.owner_table.and_then(|table| tables.get(&table)));
                if let Some(((table, column), whole)) = owner {
                    let of_table = whole.home() == Home::Table;
                    let owner = if of_table { ObjectId::Column(table, column) } else { whole.id() };
                    self.out.ids.insert((class, row.oid, 0), owner);
                }
            }
            Home::Opaque(kind) => {
                let create = opaque_relation::create(row, kind, &columns, &constraints, &indexes);
                for constraint in &constraints {
                    self.out.ids.insert((constraint.class, constraint.oid, 0), id.clone());
                }
                for index in &indexes {
                    self.out.ids.insert((index.class, index.oid, 0), id.clone());
                }
                let object = opaque_relation::opaque(row, create, &columns);
                self.add((class, row.oid, 0), id, Object::Opaque(object));
            }
        }
    }

    fn columns(&mut self, row: &RelationRow, columns: &[ColumnRow], parts: &Parts) {
        for part in columns {
            let id = ObjectId::Column(row.qualified(), ColumnName::new(part.name.clone()));
            let sequence = parts.identities.get(&(row.oid, part.position));
            let object = column(part, row, sequence, &mut self.texts);
            self.keep((row.class, row.oid, part.position), id, None, || Object::Column(object));
        }
    }

    fn constraints(&mut self, row: &RelationRow, constraints: &[ConstraintRow], indexes: &[IndexRow]) {
        for part in constraints {
            let at = (part.class, part.oid, 0);
            let id = ObjectId::Constraint(row.qualified(), ConstraintName::new(part.name.clone()));
            if part.is_opaque() {
                let parts = vec![row.schema.clone(), row.name.clone(), part.name.clone()];
                let id = ObjectId::Opaque(OpaqueKind::ExclusionConstraint, parts);
                self.own_index(part, indexes, &id);
                self.keep(at, id, None, || Object::Opaque(opaque_constraint(row, part)));
                continue;
            }
            let object = match letter(&part.kind) {
                'p' | 'u' => Object::Key(key(part, indexes.iter().find(|index| index.oid == part.index))),
                // One that PostgreSQL made for a partition of the table it points to goes with the one above it.
                'f' if part.parent != 0 => continue,
                'f' => Object::ForeignKey(foreign_key(part)),
                'c' => Object::Check(check(part, &mut self.texts)),
                // A constraint trigger is a trigger.
                _ => continue,
            };
            if matches!(object, Object::Key(_)) {
                self.own_index(part, indexes, &id);
            }
            self.keep(at, id, None, || object);
        }
    }

    /// An index that a constraint owns is known by the constraint.
    fn own_index(&mut self, constraint: &ConstraintRow, indexes: &[IndexRow], id: &ObjectId) {
        if let Some(index) = indexes.iter().find(|index| index.oid == constraint.index) {
            self.out.ids.insert((index.class, index.oid, 0), id.clone());
        }
    }

    fn indexes(&mut self, row: &RelationRow, indexes: &[IndexRow]) {
        for part in indexes.iter().filter(|index| !index.of_constraint) {
            let id = ObjectId::Index(row.qualified().sibling(part.name.clone()));
            let object = index(part, &row.qualified(), &mut self.texts);
            self.keep((part.class, part.oid, 0), id, None, || Object::Index(object));
        }
    }

    fn opaque(&mut self, row: &OpaqueRow, parts: &Parts) {
        let Some(id) = row.id() else { return };
        if let Some(whole) = row.bound.and_then(|relation| parts.left_out.get(&relation)) {
            self.leave_out(&id, Reason::PartOf(whole.clone()));
            return;
        }
        match self.reason(&id, row.member_of.as_ref()) {
            Some(reason) => self.leave_out(&id, reason),
            // A label has its object's address.
            None if row.kind == OpaqueKind::SecurityLabel.as_str() => {
                self.out.state.objects.insert(id, Object::Opaque(opaque(row)));
            }
            None => self.add(row.address(), id, Object::Opaque(opaque(row))),
        }
    }
}

fn opaque_constraint(row: &RelationRow, part: &ConstraintRow) -> Opaque {
    use crate::model::quote;
    let (name, constraint) = (row.qualified(), quote(&part.name));
    let definition = part.definition.as_deref().unwrap_or_default();
    let mut create = format!("alter table {name} add constraint {constraint} {definition}");
    if let Some(comment) = &part.comment {
        let comment = super::row::literal(comment);
        create.push_str(&format!(";\ncomment on constraint {constraint} on {name} is {comment}"));
    }
    Opaque::of_text(Some(create))
}
