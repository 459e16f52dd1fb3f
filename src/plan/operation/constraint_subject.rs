//! Writes the statements, names and locks that several operations on a constraint have in common.
use super::super::format::{Held, Lock, LockMode};
use super::super::sql::{head_of, own_index_comment};
use super::answer::Resource;
use super::support::lock;
use crate::model::{Body, ConstraintName, Object, ObjectId, Qualified, RelationName};

/// Constraint that operations are about: identity, table and name.
pub(super) struct Subject<'a> {
    pub(super) id: ObjectId,
    pub(super) table: &'a Qualified,
    pub(super) table_id: ObjectId,
    pub(super) name: &'a ConstraintName,
}

impl<'a> Subject<'a> {
    pub(super) fn new(table: &'a Qualified, name: &'a ConstraintName) -> Self {
        let id = ObjectId::constraint(*table, *name);
        Self { id, table, table_id: ObjectId::table(*table), name }
    }

    pub(super) fn add(&self, definition: &str) -> String {
        format!("alter table {} add constraint {} {definition}", self.table, self.name)
    }

    pub(super) fn drop(&self) -> String {
        format!("alter table {} drop constraint {}", self.table, self.name)
    }

    /// The index of a key: it has the constraint's name.
    pub(super) fn index(&self) -> RelationName {
        RelationName::new(self.name.as_str())
    }

    pub(super) fn validate(&self) -> String {
        format!("alter table {} validate constraint {}", self.table, self.name)
    }

    /// Statements that comment on the constraint, and on the index that it has.
    pub(super) fn comment(&self, object: &Object) -> Vec<String> {
        let mut out = head_of(&self.id, &object.head);
        out.extend(own_index_comment(self.table, self.name, object));
        out
    }

    pub(super) fn names(&self, object: &Object) -> Vec<Resource> {
        let mut names = vec![Resource::ConstraintName(*self.table, *self.name)];
        if object.body.owns_index() {
            names.push(Resource::RelationName(self.table.sibling(self.name.as_str())));
        }
        names
    }

    /// The relations that adding or dropping it locks: a foreign key has a partner.
    pub(super) fn locks(&self, object: &Object, own: LockMode, partner: LockMode, held: Held) -> Vec<Lock> {
        let mut locks = vec![lock(&self.table_id, own, held)];
        if let Body::ForeignKey(key) = &object.body
            && key.references != *self.table
        {
            locks.push(lock(&ObjectId::table(key.references), partner, held));
        }
        locks
    }
}
