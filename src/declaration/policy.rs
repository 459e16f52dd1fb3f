//! Reads and writes row security policies, under the table that they are on.
use super::{
    attributes,
    definition::{self, whole},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{PolicyText, canonical_expression, parse_policy};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectId, ObjectKind, Qualified};
use crate::yaml::{Entry, Value as Yaml};
use serde_yaml::Value;
use std::collections::BTreeSet;

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &["for", "to", "as", "using", "check", "create", "comment", "renamed_from"],
    state: &[],
    later: &[],
};

/// Statements that a policy is for.
const COMMANDS: [(&str, Option<&str>); 5] = [
    ("all", None),
    ("select", Some("select")),
    ("insert", Some("insert")),
    ("update", Some("update")),
    ("delete", Some("delete")),
];

/// The role that is everybody.
const EVERYBODY: &str = "public";

/// Gives a policy's identity.
pub(super) fn id(table: &Qualified, name: &str) -> ObjectId {
    ObjectId::of_parts(ObjectKind::Policy, &[table.schema.as_str(), table.name.as_str(), name])
}

/// Reads a policy of a declaration.
pub(super) fn read(reader: &mut Reader, table: &Qualified, entry: &Entry) {
    let id = id(table, &entry.key);
    reader.name(&entry.key, "a policy", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the policy {} on {}", entry.key, table.name);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_policy)
            .filter(|said| definition::is_about(&mut keys, table, (&said.name, &said.relation))),
        false => parts(&mut keys),
    };
    let said = said.map(|said| PolicyText { name: entry.key.clone(), relation: table.to_string(), ..said });
    keys.directives(|old| self::id(table, old));
    // Parentheses around a whole condition are nobody's business.
    let text = said.map(|said| parse_policy(&said.print()).unwrap_or(said).print());
    definition::insert(keys, text, |text| parse_policy(text).map(drop));
}

fn parts(keys: &mut Keys<'_, '_>) -> Option<PolicyText> {
    let command = keys.word("for", &COMMANDS).unwrap_or_default().map(str::to_owned);
    let mut condition = |key| Some(keys.sql(key, canonical_expression)?.as_written().to_owned());
    let (using, check) = (condition("using"), condition("check"));
    let (key, why) = match command.as_deref() {
        Some("insert") => ("using", "a row that is inserted is not there yet"),
        Some("select" | "delete") => ("check", "no row is written"),
        _ => ("", ""),
    };
    if keys.has(key) {
        let message =
            format!("{} stands beside `for: {}`: {why}", keys.of(key), command.as_deref().unwrap_or_default());
        let (place, other) = (keys.key_place(key), if key == "using" { "check" } else { "using" });
        let diagnostic = Diagnostic::error(Code::Contradiction, message).at(&place, "here");
        keys.reader.out.push(diagnostic.help(format!("write the condition as `{other}:`")));
        return None;
    }
    let is_restrictive = keys.word("as", &[("permissive", false), ("restrictive", true)]).unwrap_or(false);
    Some(PolicyText { command, using, check, is_restrictive, roles: roles(keys), ..PolicyText::default() })
}

/// Reads a role, or a list of roles; none for everybody.
fn roles(keys: &mut Keys<'_, '_>) -> BTreeSet<String> {
    let Some(node) = keys.node("to") else { return BTreeSet::new() };
    let roles: BTreeSet<String> = match &node.value {
        Yaml::Scalar { text: _, style: _ } => keys.text("to").into_iter().collect(),
        Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) => keys.texts("to").unwrap_or_default().into_iter().collect(),
    };
    if roles.is_empty() && matches!(&node.value, Yaml::Sequence(_)) {
        let (message, place) = (format!("{} names no role", keys.of("to")), keys.key_place("to"));
        keys.error(Code::WrongType, message, &place, "leave it out, or write `public`, for everybody");
    }
    if roles.contains(EVERYBODY) { BTreeSet::new() } else { roles }
}

/// Writes a policy for a declaration: its parts, or the statement where pgform cannot read it.
pub(super) fn write(id: &ObjectId, text: &str, comment: Option<&str>) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_policy(text).ok().filter(|parsed| parsed.name == id.own_name()) {
        Some(PolicyText { name: _, relation: _, is_restrictive, command, roles, using, check }) => {
            out.text("for", command.as_deref());
            out.list("to", &roles);
            out.text("as", is_restrictive.then_some("restrictive"));
            out.text("using", using.as_deref());
            out.text("check", check.as_deref());
        }
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}
