use crate::diff::Relabelled;
use crate::model::{Object, ObjectId, State};
use crate::plan::sql::literal;

/// Gives labels of a state's enums their new names; the statements that do the same in a database.
pub(super) fn relabel(state: &mut State, labels: &[Relabelled]) -> String {
    let mut sql = String::new();
    for Relabelled { of, from, to } in labels {
        if let (ObjectId::Type(name), Some(Object::Enumeration(object))) = (of, state.objects.get_mut(of)) {
            object.labels.iter_mut().filter(|label| *label == from).for_each(|label| label.clone_from(to));
            sql.push_str(&format!("alter type {name} rename value {} to {};\n", literal(from), literal(to)));
        }
    }
    sql
}
