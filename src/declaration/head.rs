//! Reads and writes what every object has: comment, owner, privileges, dependencies.
use super::{grants, keys::Keys, value::Out};
use crate::diagnostic::Code;
use crate::model::{ColumnName, Head, ObjectId, Privileges};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// Reads the head of any object; what a kind does not have is no key of it.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> Head {
    let owner = keys.text("owner");
    let (privileges, mut column_privileges) = grants::read(keys, "grants", owner.as_deref());
    column_privileges.extend(grants::of_columns(keys));
    Head { comment: keys.text("comment"), owner, privileges, column_privileges, depends_on: depends_on(keys) }
}

/// Writes the head; of a declaration its comment alone: whose an object is and who may use it is written by `access`, which
/// knows what need not be said.
pub(super) fn write(out: &mut Out, head: &Head) {
    let Head { comment, owner, privileges, column_privileges, depends_on } = head;
    out.text("comment", comment.as_deref());
    if !out.is_state() {
        return;
    }
    out.text("owner", owner.as_deref());
    if let Some(privileges) = privileges {
        out.put("grants", grants::write(privileges));
    }
    if !column_privileges.is_empty() {
        let column = |(name, of): (&ColumnName, &Privileges)| (name.as_str().into(), grants::write(of));
        out.put("column_grants", Value::Mapping(column_privileges.iter().map(column).collect()));
    }
    out.list("depends_on", depends_on.iter().map(ToString::to_string));
}

/// Reads identities, as plans write them.
fn depends_on(keys: &mut Keys<'_, '_>) -> BTreeSet<ObjectId> {
    let mut out = BTreeSet::new();
    for text in keys.texts("depends_on").unwrap_or_default() {
        match ObjectId::parse(&text) {
            Some(id) => {
                out.insert(id);
            }
            None => {
                let (place, message) = (keys.key_place("depends_on"), format!("`{text}` is not an object's identity"));
                keys.error(Code::WrongType, message, &place, "here");
            }
        }
    }
    out
}
