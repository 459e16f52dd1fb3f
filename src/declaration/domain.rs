//! Reads and writes domains of a declaration, by the statements that a catalog's reader gives.
use super::{
    attributes,
    column_text::canonical_collation,
    definition::{self, whole},
    group::{self, Item},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{DomainCheck, DomainText, canonical_expression, canonical_type, parse_domain};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectId, ObjectKind, Qualified, default_name};
use crate::yaml::{self, Entry, Fields, Node, Value as Yaml};
use serde_yaml::{Mapping, Value};

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "type",
        "collate",
        "default",
        "not_null",
        "checks",
        "create",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};

/// Reads a domain of a declaration.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = id(&name);
    reader.name(&entry.key, "a domain", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the domain {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_domain).and_then(|said| same_as_key(&mut keys, &name, said)),
        false => parts(&mut keys, &name),
    };
    let said = said.map(|said| DomainText { name: name.to_string(), ..said });
    keys.directives(|old| self::id(&name.sibling(old)));
    definition::insert(keys, said.map(|said| said.print()), |text| parse_domain(text).map(drop));
}

/// Gives a domain's identity.
fn id(name: &Qualified) -> ObjectId {
    ObjectId::in_schema(ObjectKind::Domain, *name)
}

/// Refuses a whole statement that is about another domain than its key says.
fn same_as_key(keys: &mut Keys<'_, '_>, name: &Qualified, said: DomainText) -> Option<DomainText> {
    if said.is_called(name) {
        return Some(said);
    }
    let (place, message) = (keys.key_place("create"), format!("{} makes the domain {}", keys.of("create"), said.name));
    let error = Diagnostic::error(Code::Contradiction, message).at(&place, "another one");
    keys.reader.out.push(error.help("the key is the domain's name, and its schema is the file's"));
    None
}

fn parts(keys: &mut Keys<'_, '_>, name: &Qualified) -> Option<DomainText> {
    if !keys.has("type") {
        keys.missing("type");
    }
    let data_type = keys.sql("type", canonical_type);
    let collation = keys.sql("collate", canonical_collation);
    let default = keys.sql("default", canonical_expression);
    let not_null = keys.flag("not_null");
    let checks = checks(keys, name);
    Some(DomainText {
        name: name.to_string(),
        data_type: data_type?.as_written().to_owned(),
        collation: collation.map(|sql| sql.as_written().to_owned()),
        default: default.map(|sql| sql.as_written().to_owned()),
        not_null,
        checks: checks?,
    })
}

/// Reads the checks: a mapping by name, or a list of those that get the names which PostgreSQL would choose.
fn checks(keys: &mut Keys<'_, '_>, name: &Qualified) -> Option<Vec<DomainCheck>> {
    let Some(node) = keys.node("checks") else { return Some(Vec::new()) };
    let what = keys.of("checks");
    let items = group::items(keys.reader, node, &what);
    let said: Vec<&str> = items.iter().filter_map(Item::name).collect();
    let usual = |at: usize| {
        default_name(name.name.as_str(), "", &if at == 0 { "check".to_owned() } else { format!("check{at}") })
    };
    let mut free = (0..).map(usual).filter(|name| !said.contains(&name.as_str()));
    let read: Vec<Option<DomainCheck>> = items
        .iter()
        .map(|item| {
            let name = item.name().map(str::to_owned).or_else(|| free.next())?;
            keys.reader.name(&name, "a check", item.place());
            Some(DomainCheck { name: Some(name.clone()), ..check(keys, item.node(), &name)? })
        })
        .collect();
    read.into_iter().collect()
}

/// Reads a check: its expression, or a mapping.
fn check(keys: &mut Keys<'_, '_>, node: &Node, name: &str) -> Option<DomainCheck> {
    let what = format!("the check {name} of {}", keys.what);
    if let Yaml::Scalar { text: _, style: _ } = node.value {
        let expression = keys.reader.declared_sql(node, &what, canonical_expression)?;
        return Some(DomainCheck { expression: expression.as_written().to_owned(), ..DomainCheck::default() });
    }
    let fields = Fields::new(node, &what, &["expression", "not_valid", "comment"], &mut keys.reader.out)?;
    let Some(expression) = fields.value("expression") else {
        let message = format!("{what} has no `expression`");
        keys.error(Code::MissingKey, message, &node.place, "write `expression: …`");
        return None;
    };
    let expression = keys.reader.declared_sql(expression, &what, canonical_expression);
    let out = &mut keys.reader.out;
    let flag = |node: &Node, out: &mut _| yaml::boolean(node, &format!("`not_valid` of {what}"), out).unwrap_or(false);
    let not_valid = fields.value("not_valid").is_some_and(|node| flag(node, out));
    let comment = fields.value("comment").and_then(|node| yaml::text(node, &format!("`comment` of {what}"), out));
    Some(DomainCheck {
        name: None,
        expression: expression?.as_written().to_owned(),
        not_valid,
        comment: comment.map(str::to_owned),
    })
}

/// Writes a domain for a declaration: its parts, or the statement where these would not say the same.
pub(super) fn write(text: &str, comment: Option<&str>) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_domain(text).ok().filter(|parsed| parsed.print() == text) {
        Some(parsed) => written(&mut out, &parsed),
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}

fn written(out: &mut Out, parsed: &DomainText) {
    out.put("type", parsed.data_type.as_str());
    out.text("collate", parsed.collation.as_deref());
    out.text("default", parsed.default.as_deref());
    out.flag("not_null", parsed.not_null);
    let one = |check: &DomainCheck| {
        let mut of = Out::new(Dialect::Declared);
        of.put("expression", check.expression.as_str());
        of.flag("not_valid", check.not_valid);
        of.text("comment", check.comment.as_deref());
        Some((check.name.as_deref()?.into(), of.done_or_only("expression")))
    };
    let checks: Mapping = parsed.checks.iter().filter_map(one).collect();
    if !checks.is_empty() {
        out.put("checks", Value::Mapping(checks));
    }
}
