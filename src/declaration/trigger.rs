//! Reads and writes triggers, under the table or view that they are on.
use super::{
    Known, attributes,
    definition::{self, whole},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    resolve::routine_schema,
    value::Out,
};
use crate::canonical::{TriggerText, canonical_expression, parse_trigger, parse_trigger_call, parse_trigger_events};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectId, ObjectKind, Qualified};
use crate::yaml::{self, Entry};
use serde_yaml::{Mapping, Value};

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "on",
        "of",
        "for_each",
        "when",
        "execute",
        "referencing",
        "constraint",
        "from",
        "deferrable",
        "enabled",
        "create",
        "comment",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};

/// Words for when a trigger fires: those of a declaration beside those of `alter table`.
const ENABLED: [(&str, Option<&str>); 4] = [
    ("true", None),
    ("false", Some("disable")),
    ("replica", Some("enable replica")),
    ("always", Some("enable always")),
];

/// Words for when a constraint trigger is checked: deferrable, and initially deferred.
const DEFERRABLE: [(&str, (bool, bool)); 4] = [
    ("true", (true, false)),
    ("false", (false, false)),
    ("initially immediate", (true, false)),
    ("initially deferred", (true, true)),
];

/// Gives a trigger's identity.
pub(super) fn id(table: &Qualified, name: &str) -> ObjectId {
    ObjectId::of_parts(ObjectKind::Trigger, &[table.schema.as_str(), table.name.as_str(), name])
}

/// Reads a trigger of a declaration, once the functions of all files are known.
pub(super) fn read(reader: &mut Reader, known: &Known, table: &Qualified, entry: &Entry) {
    let id = id(table, &entry.key);
    reader.name(&entry.key, "a trigger", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the trigger {} on {}", entry.key, table.name);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_trigger)
            .filter(|said| definition::is_about(&mut keys, table, (&said.name, &said.relation))),
        false => parts(&mut keys),
    };
    let said = said.map(|said| TriggerText {
        name: entry.key.clone(),
        relation: table.to_string(),
        function: with_schema(keys.reader, known, table, said.function),
        ..said
    });
    keys.directives(|old| self::id(table, old));
    definition::insert(keys, said.map(|said| said.print()), |text| parse_trigger(text).map(drop));
}

/// Gives the function with its schema, where that is known: PostgreSQL's own stand without.
fn with_schema(reader: &Reader, known: &Known, table: &Qualified, function: Vec<String>) -> Vec<String> {
    match function.as_slice() {
        [name] => match routine_schema(reader, known, &table.schema, name) {
            Some(schema) => vec![schema.as_str().to_owned(), name.clone()],
            None => function,
        },
        _ => function,
    }
}

fn parts(keys: &mut Keys<'_, '_>) -> Option<TriggerText> {
    for key in ["on", "execute"] {
        if !keys.has(key) {
            keys.missing(key);
        }
    }
    let events = events(keys);
    let columns = keys.texts("of").unwrap_or_default();
    if !columns.is_empty() && events.as_ref().is_some_and(|said| !said.events.contains(&"update")) {
        let (message, place) =
            (format!("{} names columns, and it is not on `update`", keys.of("of")), keys.key_place("of"));
        keys.error(Code::Contradiction, message, &place, "here");
    }
    let for_each_row = keys.word("for_each", &[("row", true), ("statement", false)]).unwrap_or(false);
    let when = keys.sql("when", canonical_expression).map(|when| when.as_written().to_owned());
    let (old_table, new_table) = referencing(keys);
    let is_constraint = keys.flag("constraint");
    let (deferrable, initially_deferred) = keys.word("deferrable", &DEFERRABLE).unwrap_or_default();
    let from = keys.text("from");
    for key in ["deferrable", "from"].into_iter().filter(|_| !is_constraint) {
        if keys.has(key) {
            let (message, place) = (format!("{} is for constraint triggers alone", keys.of(key)), keys.key_place(key));
            keys.reader.out.push(
                Diagnostic::error(Code::Contradiction, message).at(&place, "here").help("write `constraint: true` too"),
            );
        }
    }
    let enabled = keys.word("enabled", &ENABLED).unwrap_or_default();
    let (function, arguments) = call(keys)?;
    Some(TriggerText {
        is_constraint,
        columns,
        from,
        deferrable,
        initially_deferred,
        old_table,
        new_table,
        for_each_row,
        when,
        function,
        arguments,
        enabled,
        ..events?
    })
}

/// Reads `before insert or update`.
fn events(keys: &mut Keys<'_, '_>) -> Option<TriggerText> {
    let node = keys.node("on")?;
    let what = keys.of("on");
    let read = definition::parsed(keys.reader, node, &what, parse_trigger_events)?;
    if read.columns.is_empty() {
        return Some(read);
    }
    let help = format!("write them under `of:`: [{}]", read.columns.join(", "));
    let message = format!("{what} has columns in it");
    keys.reader.out.push(Diagnostic::error(Code::WrongType, message).at(&node.place, "here").help(help));
    None
}

fn call(keys: &mut Keys<'_, '_>) -> Option<(Vec<String>, Vec<String>)> {
    let node = keys.node("execute")?;
    let what = keys.of("execute");
    definition::parsed(keys.reader, node, &what, parse_trigger_call)
}

/// Reads `{old: name, new: name}`.
fn referencing(keys: &mut Keys<'_, '_>) -> (Option<String>, Option<String>) {
    let Some(node) = keys.node("referencing") else { return (None, None) };
    let what = keys.of("referencing");
    let Some(fields) = yaml::Fields::new(node, &what, &["old", "new"], &mut keys.reader.out) else {
        return (None, None);
    };
    let mut of = |key: &str| {
        let node = fields.value(key)?;
        yaml::text(node, &format!("`{key}` of {what}"), &mut keys.reader.out).map(str::to_owned)
    };
    (of("old"), of("new"))
}

/// Writes a trigger for a declaration: its parts, or the statement where these would not say the same. A function of
/// the table's own schema stands without it.
pub(super) fn write(id: &ObjectId, text: &str, comment: Option<&str>, is_declared: &dyn Fn(&str) -> bool) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_trigger(text).ok().filter(|parsed| parsed.print() == text && parsed.name == id.own_name()) {
        Some(parsed) => written(&mut out, parsed, id, is_declared),
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}

fn written(out: &mut Out, parsed: TriggerText, id: &ObjectId, is_declared: &dyn Fn(&str) -> bool) {
    let home = id.home();
    let short = match parsed.function.as_slice() {
        [schema, name] if home.as_ref().is_some_and(|h| h.as_str() == schema) && is_declared(name) => {
            vec![name.clone()]
        }
        _ => parsed.function.clone(),
    };
    let call = TriggerText { function: short, ..parsed.clone() }.call();
    out.put("on", format!("{} {}", parsed.timing, parsed.events.join(" or ")));
    out.list("of", &parsed.columns);
    if parsed.for_each_row {
        out.put("for_each", "row");
    }
    out.text("when", parsed.when.as_deref());
    out.put("execute", call);
    let tables = [("old", &parsed.old_table), ("new", &parsed.new_table)];
    let tables: Mapping =
        tables.iter().filter_map(|(key, name)| Some(((*key).into(), name.as_deref()?.into()))).collect();
    if !tables.is_empty() {
        out.put("referencing", Value::Mapping(tables));
    }
    out.flag("constraint", parsed.is_constraint);
    out.text("from", parsed.from.as_deref());
    if let Some((word, _)) =
        DEFERRABLE.iter().rev().find(|(_, said)| said.0 && *said == (parsed.deferrable, parsed.initially_deferred))
    {
        out.put("deferrable", *word);
    }
    match parsed.enabled {
        None => {}
        Some("disable") => out.put("enabled", false),
        said => out.text("enabled", ENABLED.iter().find(|(_, words)| *words == said).map(|(word, _)| *word)),
    }
}
