//! Puts the rows of the catalog together into the objects of a state, or leaves them out for a named reason.
use super::{
    LeftOut, Reason, Scope,
    check::check,
    column::column,
    constraint::ConstraintRow,
    container::ContainerRow,
    depend::Address,
    enumeration::{EnumerationRow, enumeration},
    exclusion::exclusion,
    extension,
    foreign_key::foreign_key,
    head::{head, of_relation, with_columns},
    index::{IndexRow, index},
    key::key,
    opaque::{OpaqueRow, opaque},
    opaque_relation,
    relation::{ColumnRow, Home, RelationRow},
    row::{letter, privileges},
    rows_by_relation::{Part, Parts},
    schema,
    sequence::sequence,
    table::table,
    text::Texts,
    view::{materialized_view, view},
};
use crate::canonical::catalogs_own;
use crate::model::{
    Body, CarriedForm, ColumnName, ConstraintName, Definition, ExtensionName, Head, Object, ObjectId, ObjectKind,
    Qualified, Schema, SchemaName, State,
};
use std::collections::{BTreeSet, HashMap};

/// The catalog of relations, by its number in every database.
const PG_CLASS: u32 = 1259;

/// Number of relations that are put together before other work has its turn.
const PIECE: usize = 32;

/// The rows that tables are made of.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) containers: Vec<ContainerRow>,
    pub(super) relations: Vec<RelationRow>,
    pub(super) columns: Vec<ColumnRow>,
    pub(super) constraints: Vec<ConstraintRow>,
    pub(super) indexes: Vec<IndexRow>,
}

/// Model as far as rows make it: dependencies come after it.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) state: State,
    pub(super) left_out: BTreeSet<LeftOut>,
    /// Object that stands for each row; parts of opaque relations stand for the whole.
    pub(super) ids: HashMap<Address, ObjectId>,
}

impl Assembled {
    /// Gives the object at an address: for a column that is no object of its own, its relation.
    pub(super) fn at(&self, (class, object, part): Address) -> Option<&ObjectId> {
        self.ids.get(&(class, object, part)).or_else(|| self.ids.get(&(class, object, 0)))
    }

    /// Gives the rows' oids, whatever their catalog.
    pub(super) fn oids(&self) -> Vec<u32> {
        let oids: BTreeSet<u32> = self.ids.keys().map(|(_, oid, _)| *oid).collect();
        oids.into_iter().collect()
    }
}

/// Objects that are put together from rows, while more rows come.
pub(super) struct Assembly<'a> {
    scope: &'a Scope,
    out: Assembled,
    texts: Texts,
    /// Reasons why relations are left out, by oid.
    left_out: HashMap<u32, String>,
}

/// Puts the rows of tables into the model, piece by piece: whoever waits for the server meanwhile has a turn after
/// each.
pub(super) async fn assemble(mut rows: Rows, scope: &Scope) -> Assembly<'_> {
    let (out, texts, left_out) = (Assembled::default(), Texts::default(), HashMap::new());
    let taken: BTreeSet<String> =
        rows.containers.iter().filter_map(|row| row.taken.as_ref()).flatten().cloned().collect();
    for row in rows.columns.iter_mut().filter(|_| !taken.is_empty()) {
        row.data_type = catalogs_own(&row.data_type, &taken);
    }
    let mut assembly = Assembly { scope, out, texts, left_out };
    assembly.containers(&rows.containers);
    let mut parts = Parts::of(&mut rows.relations, rows.columns, rows.constraints, rows.indexes);
    for piece in rows.relations.chunks(PIECE) {
        tokio::task::yield_now().await;
        for row in piece {
            assembly.relation(row, &mut parts);
        }
    }
    assembly
}

impl Assembly<'_> {
    /// Adds the other rows, which need nothing but that relations were decided on.
    pub(super) fn complete(mut self, enumerations: &[EnumerationRow], opaque: &[OpaqueRow]) -> Assembled {
        for row in enumerations {
            let id = ObjectId::enumeration(Qualified::new(row.schema.clone(), row.name.clone()));
            self.keep((row.class, row.oid, 0), id, row.member_of.as_ref(), || Object {
                head: head(row.comment.as_ref(), row.owner.as_ref(), row.acl.as_ref()),
                body: Body::Enumeration(enumeration(row)),
            });
        }
        for row in opaque {
            self.opaque(row);
        }
        self.out
    }

    fn leave_out(&mut self, id: &ObjectId, reason: Reason) {
        self.out.left_out.insert(LeftOut { identity: id.to_string(), reason });
    }

    /// Gives the reason why an object is left out by what it is.
    fn reason(&self, id: &ObjectId, member_of: Option<&String>) -> Option<Reason> {
        match member_of {
            Some(extension) => Some(Reason::ExtensionMember(extension.clone())),
            None if self.scope.is_beside(id) => Some(Reason::OutOfScope),
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
        self.out.ids.insert(at, id);
        self.out.state.objects.insert(id, object);
    }

    fn containers(&mut self, rows: &[ContainerRow]) {
        for row in rows {
            let at = (row.class, row.oid, 0);
            if row.kind == "extension" {
                let id = ObjectId::extension(ExtensionName::new(row.name.clone()));
                if extension::is_system(row) {
                    self.leave_out(&id, Reason::System);
                } else {
                    self.keep(at, id, None, || Object {
                        head: Head::with_comment(row.comment.clone()),
                        body: Body::Extension(extension::extension(row)),
                    });
                }
                continue;
            }
            let id = ObjectId::schema(SchemaName::new(row.name.clone()));
            match schema::reason(row, self.scope) {
                Some(reason) => self.leave_out(&id, reason),
                None => self.keep(at, id, None, || Object { head: schema::head(row), body: Body::Schema(Schema) }),
            }
        }
    }

    fn relation(&mut self, row: &RelationRow, parts: &mut Parts) {
        let id = row.id();
        // An identity column's sequence is decided on with its column.
        let identity = row.home() == Home::IdentitySequence;
        if let Some(reason) = self.reason(&id, row.member_of.as_ref()).filter(|_| !identity) {
            self.left_out.insert(row.oid, id.to_string());
            self.leave_out(&id, reason);
            return;
        }
        let (class, part) = (row.class, parts.take(row.oid));
        match row.home() {
            Home::Table => {
                self.add((class, row.oid, 0), id, of_relation(row, Body::Table(table(row, &part.indexes))));
                self.columns(row, &part, parts);
                self.constraints(row, &part, parts);
                self.indexes(row, &part.indexes);
            }
            Home::View => {
                let view = view(row, &part.columns, &mut self.texts);
                self.add((class, row.oid, 0), id, with_columns(row, &part.columns, Body::View(view)));
            }
            Home::MaterializedView => {
                let view = materialized_view(row, &part.columns, &part.indexes);
                self.add((class, row.oid, 0), id, with_columns(row, &part.columns, Body::View(view)));
                self.indexes(row, &part.indexes);
            }
            Home::Sequence => {
                self.add((class, row.oid, 0), id, of_relation(row, Body::Sequence(sequence(row))));
            }
            Home::IdentitySequence => {
                let owner = row.owned_by().zip(row.owner_table.and_then(|table| parts.relation(table)));
                if let Some(((table, column), (whole, home))) = owner {
                    let of_table = *home == Home::Table;
                    let owner = if of_table { ObjectId::column(table, column) } else { home.id(whole) };
                    self.out.ids.insert((class, row.oid, 0), owner);
                }
            }
            Home::Carried(form) => {
                let create = opaque_relation::create(row, &part, parts);
                for constraint in &part.constraints {
                    self.out.ids.insert((constraint.class, constraint.oid, 0), id);
                }
                for index in &part.indexes {
                    self.out.ids.insert((index.class, index.oid, 0), id);
                }
                let object = opaque_relation::opaque(row, form, create, &part.columns);
                self.add((class, row.oid, 0), id, object);
            }
        }
    }

    fn columns(&mut self, row: &RelationRow, of: &Part, parts: &Parts) {
        for part in &of.columns {
            let id = ObjectId::column(row.qualified(), ColumnName::new(part.name.clone()));
            let sequence = parts.identity(row.oid, part.position);
            let object = column(part, row, sequence, &mut self.texts);
            self.keep((row.class, row.oid, part.position), id, None, || Object {
                head: Head {
                    comment: part.comment.clone(),
                    privileges: privileges(part.acl.as_ref(), row.owner.as_deref()),
                    ..Head::default()
                },
                body: Body::Column(object),
            });
        }
    }

    fn constraints(&mut self, row: &RelationRow, of: &Part, parts: &Parts) {
        let indexes = of.indexes.as_slice();
        for part in of.constraints.iter().filter(|part| !part.comes_with_its_parent(row)) {
            let at = (part.class, part.oid, 0);
            let id = ObjectId::constraint(row.qualified(), ConstraintName::new(part.name.clone()));
            let own = indexes.iter().find(|index| index.oid == part.index);
            let exclusion = own.filter(|_| part.excludes()).and_then(|own| exclusion(part, own, &mut self.texts));
            if part.is_opaque() && exclusion.is_none() {
                self.own_index(part, indexes, &id);
                self.keep(at, id, None, || Body::Definition(opaque_constraint(row, part, own)).into());
                continue;
            }
            let body = match letter(&part.kind) {
                'x' => exclusion.map(Body::Exclusion),
                'p' | 'u' => {
                    let columns = of.names(part.columns.as_ref());
                    Some(Body::Key(key(part, columns, own)))
                }
                'f' => Some(Body::ForeignKey(foreign_key(part, of, parts))),
                'c' => Some(Body::Check(check(part, &mut self.texts))),
                // A constraint trigger is a trigger.
                _ => None,
            };
            let Some(body) = body else { continue };
            if body.owns_index() {
                self.own_index(part, indexes, &id);
            }
            let head = Head::with_comment(part.comment.clone());
            self.keep(at, id, None, || Object { head, body });
        }
    }

    /// Lets an index that a constraint owns stand for the constraint.
    fn own_index(&mut self, constraint: &ConstraintRow, indexes: &[IndexRow], id: &ObjectId) {
        if let Some(index) = indexes.iter().find(|index| index.oid == constraint.index) {
            self.out.ids.insert((index.class, index.oid, 0), *id);
        }
    }

    fn indexes(&mut self, row: &RelationRow, indexes: &[IndexRow]) {
        for part in indexes.iter().filter(|index| !index.of_constraint) {
            let id = ObjectId::index(row.qualified().sibling(part.name.clone()));
            let object = index(part, &row.qualified(), &mut self.texts);
            self.keep((part.class, part.oid, 0), id, None, || Object {
                head: Head::with_comment(part.comment.clone()),
                body: Body::Index(object),
            });
        }
    }

    fn opaque(&mut self, row: &OpaqueRow) {
        let Some(id) = row.id() else { return };
        if let Some(whole) = row.bound.and_then(|relation| self.left_out.get(&relation)) {
            self.leave_out(&id, Reason::PartOf(whole.clone()));
            return;
        }
        // Definitions that hang on a relation that is carried along are carried with it; and what PostgreSQL does not
        // print in one statement, as a range type with a canonical function, is carried along as it is.
        let on = row.bound.and_then(|relation| self.out.ids.get(&(PG_CLASS, relation, 0)));
        let carried = id.kind().is_carried()
            || row.text.is_none()
            || on.is_some_and(|relation| self.out.state.is_carried(relation));
        match self.reason(&id, row.member_of.as_ref()) {
            Some(reason) => self.leave_out(&id, reason),
            // A label has its object's address.
            None if row.kind == ObjectKind::SecurityLabel.as_str() => {
                self.out.state.objects.insert(id, opaque(row, carried));
            }
            None => self.add(row.address(), id, opaque(row, carried)),
        }
    }
}

fn opaque_constraint(row: &RelationRow, part: &ConstraintRow, index: Option<&IndexRow>) -> Definition {
    use crate::model::quote;
    let (name, constraint) = (row.qualified(), quote(&part.name));
    let definition = part.definition.as_deref().unwrap_or_default();
    let mut create = format!("alter table {name} add constraint {constraint} {definition}");
    if let Some(comment) = &part.comment {
        let comment = super::row::literal(comment);
        create.push_str(&format!(";\ncomment on constraint {constraint} on {name} is {comment}"));
    }
    for said in index.into_iter().flat_map(|index| opaque_relation::exclusion_index(row, index)) {
        create.push_str(&format!(";\n{said}"));
    }
    if index.is_some_and(|index| index.is_clustered) {
        create.push_str(&format!(";\nalter table {name} cluster on {constraint}"));
    }
    Definition { form: Some(CarriedForm::ExclusionConstraint), ..Definition::carried(Some(create)) }
}
