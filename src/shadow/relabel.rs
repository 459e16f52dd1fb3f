//! Renames labels of enums in a state, and gives the statements that do it in a database.
use crate::diff::Relabelled;
use crate::model::{Body, ObjectKind, State};
use crate::plan::sql::literal;

/// Gives labels of a state's enums their new names; gives the statements that do so in a database, and those that undo
/// it.
pub(super) fn relabel(state: &mut State, labels: &[Relabelled]) -> (Vec<String>, Vec<String>) {
    let (mut run, mut undo) = (Vec::new(), Vec::new());
    for Relabelled { of, from, to } in labels {
        let Some(Body::Enumeration(object)) = state.body_mut(of) else { continue };
        let Some(name) = of.named_as(ObjectKind::Enum) else { continue };
        object.labels.iter_mut().filter(|label| *label == from).for_each(|label| label.clone_from(to));
        let sql = |a: &str, b: &str| format!("alter type {name} rename value {} to {}", literal(a), literal(b));
        run.push(sql(from, to));
        undo.insert(0, sql(to, from));
    }
    (run, undo)
}
