use super::super::format::Reversibility;
use super::super::problem::Problem;
use super::super::sql::access;
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::support::steps;
use crate::canonical::split_statements;
use crate::model::{Head, ObjectId, Opaque};

/// Something that pgform does not model, made from the catalog's own text: only where a whole state is built (in the
/// shadow, or from nothing). What may hold a secret has no text, and some kinds PostgreSQL does not print.
pub(in super::super) fn create(
    context: &Context<'_>,
    id: &ObjectId,
    (head, opaque): (&Head, &Opaque),
) -> Result<Vec<Operation>, Box<Problem>> {
    let Some(text) = &opaque.create else {
        let help = "make it by hand where the state is to be built, or leave it to somebody else: `unmanaged:`";
        let message = format!("{} {} cannot be made: there is no text of it that could be run", id.word(), id.short());
        return Err(Box::new(Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) }));
    };
    let mut statements = split_statements(text).unwrap_or_else(|_| vec![text.clone()]);
    statements.extend(access(id, head));
    let makes = vec![Resource::After(*id)];
    Ok(vec![Operation {
        does: format!("create {} {}", id.word(), id.short()),
        subject: *id,
        steps: steps(statements),
        inverse: Inverse { kind: Reversibility::None, conditions: Vec::new(), parts: Vec::new(), revive: None },
        locks: Vec::new(),
        hazards: Vec::new(),
        needs: context.needs_after(id),
        makes,
        destroys: Vec::new(),
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }])
}
