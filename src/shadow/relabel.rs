//! Renames labels of enums and attributes of composite types in a state, and gives the statements that do it in a database.
use crate::canonical::parse_recorded_composite;
use crate::diff::Relabelled;
use crate::model::{Body, Fragment, ObjectKind, State, quote};
use crate::plan::sql::literal;
use std::collections::BTreeMap;

/// Gives labels and attributes of a state's types their new names; gives the statements that do so in a database, and
/// those that undo it.
pub(super) fn relabel(state: &mut State, labels: &[Relabelled]) -> (Vec<String>, Vec<String>) {
    let (mut run, mut undo) = (Vec::new(), Vec::new());
    for Relabelled { of, from, to } in labels {
        let Some(name) = of.qualified() else { continue };
        match state.body_mut(of) {
            Some(Body::Enumeration(object)) if of.is(ObjectKind::Enum) => {
                object.labels.iter_mut().filter(|label| *label == from).for_each(|label| label.clone_from(to));
                let sql = |a: &str, b: &str| format!("alter type {name} rename value {} to {}", literal(a), literal(b));
                run.push(sql(from, to));
                undo.insert(0, sql(to, from));
            }
            Some(Body::Definition(object)) => {
                let text = object.text().and_then(|text| parse_recorded_composite(text).ok());
                let renamed = text.map(|text| text.renamed(&BTreeMap::from([(from.clone(), to.clone())])).print());
                object.create = renamed.map(|text| Fragment::settled(text.clone(), text));
                let sql = |a: &str, b: &str| format!("alter type {name} rename attribute {} to {}", quote(a), quote(b));
                run.push(sql(from, to));
                undo.insert(0, sql(to, from));
            }
            _ => {}
        }
    }
    (run, undo)
}
