//! What every object has, read from and written to YAML.
use super::{keys::Keys, value::Out};
use crate::diagnostic::Code;
use crate::model::{ColumnName, Head, ObjectId};
use crate::yaml;
use std::collections::{BTreeMap, BTreeSet};

/// Reads what a mapping says of any object; what a kind does not have is no key of it.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> Head {
    Head {
        comment: keys.text("comment"),
        owner: keys.text("owner"),
        privileges: keys.texts("privileges"),
        column_privileges: column_privileges(keys),
        depends_on: depends_on(keys),
    }
}

/// Writes the same; a declaration says the comment alone.
pub(super) fn write(out: &mut Out, head: &Head) {
    let Head { comment, owner, privileges, column_privileges, depends_on } = head;
    out.text("comment", comment.as_deref());
    out.owned(owner.as_deref(), privileges.as_ref());
    out.column_privileges(column_privileges);
    if out.is_state() {
        out.list("depends_on", depends_on.iter().map(ToString::to_string));
    }
}

/// Lists by column, as plans write them.
fn column_privileges(keys: &mut Keys<'_, '_>) -> BTreeMap<ColumnName, Vec<String>> {
    let Some(node) = keys.node("column_privileges") else { return BTreeMap::new() };
    let what = keys.of("column_privileges");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    let lists = entries.iter().filter_map(|entry| {
        Some((ColumnName::new(&entry.key), keys.texts_of(&format!("column_privileges[{}]", entry.key), &entry.value)?))
    });
    lists.collect()
}

/// Identities, as plans write them.
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
