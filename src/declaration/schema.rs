//! Reads and writes schemas.
use super::{
    attributes, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::model::{Body, Head, Object, ObjectId, Schema, SchemaName, Typed};
use crate::yaml::{Entry, Node};
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &["comment", "owner", "grants"],
    declared: &["renamed_from"],
    state: &[],
    later: &[],
};

pub(super) fn read_entry(reader: &mut Reader, entry: &Entry) {
    let id = ObjectId::schema(SchemaName::new(&entry.key));
    reader.name(&entry.key, "a schema", &entry.key_place);
    if reader.begin(&id, &entry.key_place) {
        read(reader, &id, &entry.value);
    }
}

pub(super) fn read(reader: &mut Reader, id: &ObjectId, node: &Node) {
    if reader.is_absent(id, node) {
        return;
    }
    let what = format!("the schema {}", id.short());
    let Some(mut keys) = Keys::new(reader, id, &what, node, &KEYS) else { return };
    let mut head = head::read(&mut keys);
    head.comment = head.comment.filter(|comment| comment != Schema::USUAL_COMMENT);
    keys.directives(|old| ObjectId::schema(SchemaName::new(old)));
    reader.insert(*id, Some(Object { head, body: Body::Schema(Schema) }));
}

impl InState for Schema {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of.head, Dialect::State)
    }
}

pub(super) fn write(head: &Head, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    let mut head = head.clone();
    // A comment that says that `public` has not even the usual one is in states alone.
    head.comment = head.comment.filter(|comment| dialect == Dialect::State || !comment.is_empty());
    head::write(&mut out, &head);
    out.done()
}
