//! Reads and writes extensions.
use super::{
    attributes, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Body, Extension, ExtensionName, Object, ObjectId, SchemaName, Typed};
use crate::yaml::Entry;
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Extension>,
    both: &["version", "schema", "comment"],
    declared: &[],
    state: &[],
    later: &[],
};

pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let id = ObjectId::extension(ExtensionName::new(&entry.key));
    reader.name(&entry.key, "an extension", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    if reader.is_declared() && entry.key == "pgvector" {
        reader.out.push(
            Diagnostic::error(Code::Name, "the extension of pgvector is called `vector`")
                .at(&entry.key_place, "here")
                .help("write `vector:`"),
        );
    }
    let what = format!("the extension {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let schema = keys.text("schema").map_or_else(|| SchemaName::new("public"), SchemaName::new);
    let minimum = minimum(&mut keys);
    let mut extension = Extension { schema, minimum, installed: None };
    attributes::read(&mut keys, &mut extension);
    let head = head::read(&mut keys);
    reader.insert(id, Some(Object { head, body: Body::Extension(extension) }));
}

/// Reads `>= 0.7`: a minimum, never a pin.
fn minimum(keys: &mut Keys<'_, '_>) -> Option<String> {
    let text = keys.text("version")?;
    let place = keys.node("version").map(|n| n.place.clone())?;
    let version = text.strip_prefix(">=").map(|rest| rest.strip_prefix(' ').unwrap_or(rest).to_owned());
    let plain = |v: &str| v.starts_with(|c: char| c.is_ascii_digit()) && !v.contains(char::is_whitespace);
    if version.as_deref().is_none_or(|v| keys.reader.is_declared() && !plain(v)) {
        let number = text.trim_start_matches(['=', '<', '>', '~', '^', ' ', 'v']);
        let number =
            number.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default().trim_end_matches('.');
        let number = if number.is_empty() { "0.7" } else { number };
        keys.reader.out.push(
            Diagnostic::error(Code::WrongType, format!("{} is `{text}`, and must be a minimum", keys.of("version")))
                .at(&place, "here")
                .help(format!("write \">= {number}\": servers differ, so a version is never pinned")),
        );
        return None;
    }
    version
}

impl InState for Extension {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(extension: Typed<'_, Extension>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    attributes::write(&mut out, extension.own, |out, attribute| match attribute {
        "version" => out.text("version", extension.minimum.as_ref().map(|minimum| format!(">= {minimum}")).as_deref()),
        _ if dialect == Dialect::State || extension.schema.as_str() != "public" => {
            out.put("schema", extension.schema.as_str());
        }
        _ => {}
    });
    head::write(&mut out, extension.head);
    out.done()
}
