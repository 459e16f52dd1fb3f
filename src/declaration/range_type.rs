//! Reads and writes range types of a declaration, by the statement that a catalog's reader gives.
use super::{
    attributes,
    column_text::canonical_collation,
    definition::{self, whole},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{RangeText, SqlError, canonical_type, parse_range_type};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectId, ObjectKind, Qualified, default_multirange, quote};
use crate::yaml::Entry;
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "subtype",
        "subtype_opclass",
        "collation",
        "subtype_diff",
        "multirange_type_name",
        "create",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};

/// Reads a range type of a declaration.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = id(&name);
    reader.name(&entry.key, "a range type", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the range type {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_range_type).and_then(|said| same_as_key(&mut keys, &name, said)),
        false => parts(&mut keys, &name),
    };
    let said = said.map(|said| RangeText { name: name.to_string(), ..said });
    keys.directives(|old| self::id(&name.sibling(old)));
    definition::insert(keys, said.map(|said| said.print()), |text| parse_range_type(text).map(drop));
}

/// Gives a range type's identity.
fn id(name: &Qualified) -> ObjectId {
    ObjectId::in_schema(ObjectKind::RangeType, *name)
}

/// Refuses a whole statement that is about another type than its key says.
fn same_as_key(keys: &mut Keys<'_, '_>, name: &Qualified, said: RangeText) -> Option<RangeText> {
    if said.is_called(name) {
        return Some(said);
    }
    let (place, message) =
        (keys.key_place("create"), format!("{} makes the range type {}", keys.of("create"), said.name));
    let error = Diagnostic::error(Code::Contradiction, message).at(&place, "another one");
    keys.reader.out.push(error.help("the key is the type's name, and its schema is the file's"));
    None
}

fn parts(keys: &mut Keys<'_, '_>, name: &Qualified) -> Option<RangeText> {
    if !keys.has("subtype") {
        keys.missing("subtype");
    }
    let subtype = keys.sql("subtype", canonical_type);
    let collation = keys.sql("collation", canonical_collation);
    let [subtype_opclass, subtype_diff] =
        ["subtype_opclass", "subtype_diff"].map(|key| keys.sql(key, |text| option(key, text)));
    let multirange = keys.sql("multirange_type_name", |text| option("multirange_type_name", text));
    let text = |sql: Option<crate::model::Fragment>| sql.map(|sql| sql.as_written().to_owned());
    let subtype = text(subtype)?;
    // In its own schema, where none is said: the names of a file are those of its schema.
    let own = |text: String| if text.contains('.') { text } else { format!("{}.{text}", quote(name.schema.as_str())) };
    Some(RangeText {
        name: name.to_string(),
        subtype,
        subtype_opclass: text(subtype_opclass),
        collation: text(collation),
        subtype_diff: text(subtype_diff),
        multirange_type_name: Some(own(
            text(multirange).unwrap_or_else(|| quote(&default_multirange(name.name.as_str())))
        )),
    })
}

/// Checks a name as it stands behind a key of the statement.
fn option(key: &str, text: &str) -> Result<String, SqlError> {
    let other = || SqlError::from_message("this is not a name");
    let text = text.trim();
    let read = parse_range_type(&format!("create type t as range (subtype = int4, {key} = {text}\n)"));
    let read = read.map_err(|error| SqlError { at: None, ..error })?;
    let only = RangeText { name: "t".to_owned(), subtype: "int4".to_owned(), ..RangeText::default() };
    let said = match key {
        "subtype_opclass" => RangeText { subtype_opclass: Some(text.to_owned()), ..only },
        "subtype_diff" => RangeText { subtype_diff: Some(text.to_owned()), ..only },
        _ => RangeText { multirange_type_name: Some(text.to_owned()), ..only },
    };
    if read == said { Ok(text.to_owned()) } else { Err(other()) }
}

/// Writes a range type for a declaration: its parts, or the statement where these would not say the same.
pub(super) fn write(text: &str, comment: Option<&str>) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_range_type(text).ok().filter(|parsed| parsed.print() == text) {
        Some(parsed) => {
            let multirange = parsed.multirange().filter(|multirange| !parsed.is_usual(multirange));
            let RangeText { name: _, subtype, subtype_opclass, collation, subtype_diff, multirange_type_name: _ } =
                parsed;
            out.put("subtype", subtype);
            out.text("subtype_opclass", subtype_opclass.as_deref());
            out.text("collation", collation.as_deref());
            out.text("subtype_diff", subtype_diff.as_deref());
            out.text("multirange_type_name", multirange.map(|name| name.to_string()).as_deref());
        }
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}
