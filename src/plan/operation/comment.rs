//! Operation that sets the comment on an object of any kind.
use super::super::format::{Held, LockMode};
use super::super::sql::comment_on;
use super::answer::{Milestone, Operation, Resource};
use super::support::{InPlace, lock};
use crate::model::{ObjectId, ObjectKind};

/// `comment on …`, of any kind; `on` is the kind and name as the statement takes them, `relation` what it locks.
pub(in super::super) fn comment(
    id: &ObjectId,
    on: &str,
    before: Option<&str>,
    after: Option<&str>,
    relation: &ObjectId,
) -> Operation {
    let is_relation =
        matches!(relation.kind(), ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence | ObjectKind::Index);
    // What is a part of a relation, but a column, is found under the weakest lock on that.
    let mode = if id.kind().is_part_of_relation() && !id.is(ObjectKind::Column) {
        LockMode::AccessShare
    } else {
        LockMode::ShareUpdateExclusive
    };
    let mut op = InPlace {
        does: format!("comment on {}", id.short()),
        subject: *id,
        forward: vec![comment_on(on, after)],
        backward: vec![comment_on(on, before)],
        locks: if is_relation { vec![lock(relation, mode, Held::Moment)] } else { Vec::new() },
        hazards: Vec::new(),
        needs: vec![Resource::After(*id)],
    }
    .operation();
    // A comment neither unmakes nor finishes its object: whatever else happens to it comes first.
    op.makes = vec![Resource::Halfway(*id, Milestone::Comment)];
    op.destroys = Vec::new();
    op
}
