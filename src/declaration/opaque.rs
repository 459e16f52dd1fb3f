use super::{
    head,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Body, Object, ObjectId, Opaque, Typed};
use crate::yaml::{Entry, Value as Yaml};
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    both: &[],
    declared: &[],
    state: &["create", "comment", "owner", "privileges", "column_privileges", "depends_on"],
    later: &[],
};

/// What pgform does not model; its key is its identity. In a declaration its value is the text that makes it.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let Some(id) = ObjectId::parse(&entry.key).filter(|id| id.kind().is_carried()) else {
        reader.out.push(
            Diagnostic::error(Code::Name, format!("`{}` is not the identity of an opaque object", entry.key))
                .at(&entry.key_place, "here"),
        );
        return;
    };
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    if reader.is_declared() {
        let create = match &entry.value.value {
            Yaml::Null => None,
            Yaml::Mapping(entries) if entries.is_empty() => None,
            Yaml::Scalar { text, style: _ } => Some(text.clone()),
            Yaml::Sequence(_) | Yaml::Mapping(_) => {
                return reader.wrong_shape(
                    &entry.value,
                    &entry.key,
                    "the statements that make it, as `import` writes them",
                );
            }
        };
        reader.insert(id, Some(Body::Opaque(Opaque::of_text(create)).into()));
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &entry.key, &entry.value, &KEYS) else { return };
    let opaque = Opaque { create: keys.text("create") };
    let head = head::read(&mut keys);
    reader.insert(id, Some(Object { head, body: Body::Opaque(opaque) }));
}

pub(super) fn write(opaque: Typed<'_, Opaque>) -> Value {
    let Opaque { create } = opaque.own;
    let mut out = Out::new(Dialect::State);
    out.text("create", create.as_deref());
    head::write(&mut out, opaque.head);
    out.done()
}
