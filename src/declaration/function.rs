//! Reads and writes functions and procedures of a declaration, by the statement that PostgreSQL would print.
//! The key is the name with the types of what callers give.
use super::{
    Known, attributes,
    definition::{self, whole},
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    resolve::type_schema,
    routine_clauses::{LISTS, body, number, report_body, returns, settings, written},
    value::Out,
};
use crate::canonical::{
    ArgumentText, RoutineBody, RoutineText, TypeName, is_sql_body, parse_argument, parse_routine, parse_signature,
};
use crate::diagnostic::{Code, Diagnostic, Place, with_article};
use crate::model::{ObjectId, ObjectKind, SchemaName};
use crate::yaml::{self, Entry};
use serde_yaml::Value;

const FUNCTION: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "arguments",
        "returns",
        "language",
        "volatility",
        "strict",
        "security_definer",
        "parallel",
        "leakproof",
        "cost",
        "rows",
        "support",
        "window",
        "transform",
        "set",
        "body",
        "library",
        "symbol",
        "create",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};
const PROCEDURE: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[
        "arguments",
        "language",
        "security_definer",
        "transform",
        "set",
        "body",
        "library",
        "symbol",
        "create",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    state: &[],
    later: &[],
};

/// Reads a function or a procedure of a declaration, once all relations and types of all files are known.
pub(super) fn read(reader: &mut Reader, known: &Known, kind: ObjectKind, entry: &Entry) {
    let key = (entry.key.as_str(), &entry.key_place);
    let Some((name, list, types)) = typed_key(reader, known, kind, key) else { return };
    let schema = reader.schema;
    let bare = RoutineText { arguments: types.clone(), ..RoutineText::new(RoutineBody::Text(String::new())) };
    let id = ObjectId::of_parts(kind, &[schema.as_str(), name, &bare.signature()]);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the {kind} {}", entry.key);
    let allowed = if kind == ObjectKind::Procedure { &PROCEDURE } else { &FUNCTION };
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, allowed) else { return };
    let said = if keys.has("create") {
        whole(&mut keys, parse_routine).and_then(|said| same_as_key(&mut keys, known, &id, said))
    } else {
        parts(&mut keys, known, types)
    };
    said.iter().for_each(|said| report_body(&mut keys, said));
    let said = said.map(|said| RoutineText {
        is_procedure: kind == ObjectKind::Procedure,
        schema: Some(schema.as_str().to_owned()),
        name: name.to_owned(),
        ..said
    });
    same_arguments_before(&mut keys, &list);
    keys.directives(|old| {
        let old = split_key(old).map_or(old, |(name, _)| name);
        ObjectId::of_parts(kind, &[schema.as_str(), old, &bare.signature()])
    });
    definition::insert(keys, said.map(|said| said.print()), |text| parse_routine(text).map(drop));
}

/// Reads the key of a routine: its name, and its types as they are written and with their schemas.
pub(super) fn typed_key<'k>(
    reader: &mut Reader,
    known: &Known,
    kind: ObjectKind,
    (key, place): (&'k str, &Place),
) -> Option<(&'k str, Vec<ArgumentText>, Vec<ArgumentText>)> {
    let Some((name, list)) = split_key(key) else {
        let message = format!("`{key}` is no {kind} with the types of its arguments");
        let bare = key.split('(').next().unwrap_or_default().trim();
        let help = format!("write its name and their types: `{bare}()`, `{bare}(integer, text)`");
        reader.out.push(Diagnostic::error(Code::Name, message).at(place, "this key").help(help));
        return None;
    };
    reader.name(name, &with_article(kind.as_str()), place);
    let types = types_of_key(reader, known, (key, place), &list)?;
    Some((name, list, types))
}

/// Refuses other arguments in `renamed_from`: a routine keeps its arguments where it gets another name.
pub(super) fn same_arguments_before(keys: &mut Keys<'_, '_>, list: &[ArgumentText]) {
    let signature = |list: &[ArgumentText]| {
        RoutineText { arguments: list.to_vec(), ..RoutineText::new(RoutineBody::Text(String::new())) }.signature()
    };
    let Some(old) = keys.text("renamed_from") else { return };
    if let Some((_, of)) = split_key(&old)
        && signature(&of) != signature(list)
    {
        let (message, place) =
            (format!("{} takes other arguments than `{old}`", keys.what), keys.key_place("renamed_from"));
        keys.error(Code::Contradiction, message, &place, "a rename keeps them");
    }
}

/// Splits a key into the name and the types behind it: where they begin, the grammar tells.
pub(super) fn split_key(key: &str) -> Option<(&str, Vec<ArgumentText>)> {
    let inside = key.trim_end().strip_suffix(')')?;
    inside
        .match_indices('(')
        .find_map(|(at, _)| Some((inside[..at].trim_end(), parse_signature(&inside[at + 1..]).ok()?)))
}

/// Gives the types of a key, each with its schema.
fn types_of_key(
    reader: &mut Reader,
    known: &Known,
    (key, place): (&str, &Place),
    list: &[ArgumentText],
) -> Option<Vec<ArgumentText>> {
    if list.iter().any(|a| a.name.is_some() || a.default.is_some() || a.mode == Some("OUT")) {
        let message = format!("`{key}` says more of its arguments than their types");
        let help = "names, defaults and what comes out stand under `arguments:`; the key has the types of what goes in";
        reader.out.push(Diagnostic::error(Code::Name, message).at(place, "this key").help(help));
        return None;
    }
    list.iter().map(|argument| with_schema(reader, known, argument, place)).collect()
}

/// Gives the argument with the schema of its type, where that is not PostgreSQL's own.
pub(super) fn with_schema(
    reader: &mut Reader,
    known: &Known,
    argument: &ArgumentText,
    place: &Place,
) -> Option<ArgumentText> {
    let Some(name) = &argument.known_type else { return Some(argument.clone()) };
    if name.builtin || name.schema.is_some() || is_pseudo(&name.name) {
        return Some(argument.clone());
    }
    let home = reader.schema;
    let Some(schema) = type_schema(reader, known, &home, &name.name) else {
        // Types of the catalog's own relations.
        if name.name.starts_with("pg_") {
            return Some(argument.clone());
        }
        let message = format!("no schema is known to have the type {}", name.name);
        let help = format!("write it with its schema: `{home}.{}`", name.name);
        reader.out.push(Diagnostic::error(Code::NotDeclared, message).at(place, "this type").help(help));
        return None;
    };
    let found = TypeName { schema: Some(schema.as_str().to_owned()), ..name.clone() };
    let bare = TypeName { modifiers: Vec::new(), ..found.clone() };
    Some(ArgumentText { data_type: bare.canonical(), known_type: Some(found), ..argument.clone() })
}

/// Tells whether a type is PostgreSQL's own and only for routines.
fn is_pseudo(name: &str) -> bool {
    const PSEUDO: [&str; 24] = [
        "any",
        "anyarray",
        "anycompatible",
        "anycompatiblearray",
        "anycompatiblemultirange",
        "anycompatiblenonarray",
        "anycompatiblerange",
        "anyelement",
        "anyenum",
        "anymultirange",
        "anynonarray",
        "anyrange",
        "cstring",
        "event_trigger",
        "fdw_handler",
        "index_am_handler",
        "internal",
        "language_handler",
        "record",
        "table_am_handler",
        "trigger",
        "tsm_handler",
        "unknown",
        "void",
    ];
    PSEUDO.contains(&name)
}

/// Refuses a whole statement that is about something else than its key says.
fn same_as_key(keys: &mut Keys<'_, '_>, known: &Known, id: &ObjectId, said: RoutineText) -> Option<RoutineText> {
    let place = keys.key_place("create");
    let arguments: Option<Vec<ArgumentText>> =
        said.arguments.iter().map(|argument| with_schema(keys.reader, known, argument, &place)).collect();
    let said = RoutineText { arguments: arguments?, ..said };
    let kind = if said.is_procedure { ObjectKind::Procedure } else { ObjectKind::Function };
    let home = id.home().unwrap_or_else(|| SchemaName::new("public"));
    let schema = said.schema.clone().unwrap_or_else(|| home.as_str().to_owned());
    let made = ObjectId::of_parts(kind, &[schema.as_str(), said.name.as_str(), &said.signature()]);
    if made == *id {
        return Some(said);
    }
    let message = format!("{} makes the {kind} {}", keys.of("create"), made.short());
    let help = format!("its key is `{}`, in the schema {schema}", key(&made));
    keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&place, "another one").help(help));
    None
}

fn parts(keys: &mut Keys<'_, '_>, known: &Known, types: Vec<ArgumentText>) -> Option<RoutineText> {
    let arguments = match keys.has("arguments") {
        true => arguments(keys, known, &types)?,
        false => types,
    };
    let is_function = keys.id.is(ObjectKind::Function);
    let returns = if is_function { returns(keys) } else { None };
    if is_function && !keys.has("returns") && arguments.iter().all(|a| a.mode.is_none() || a.mode == Some("VARIADIC")) {
        keys.missing("returns");
    }
    let body = body(keys);
    let language = keys.text("language");
    if language.is_none() && !keys.has("language") && !matches!(body, Some(RoutineBody::Sql(_))) {
        keys.missing("language");
    }
    let words = |all: &'static [&'static str]| all.iter().map(|word| (*word, *word)).collect::<Vec<_>>();
    let volatility = keys.word("volatility", &words(&["immutable", "stable", "volatile"]));
    let parallel = keys.word("parallel", &words(&["safe", "restricted", "unsafe"]));
    let routine = RoutineText {
        arguments,
        returns,
        language: language.or_else(|| Some("sql".to_owned())),
        transforms: keys.texts("transform").unwrap_or_default(),
        window: keys.flag("window"),
        volatility: volatility.filter(|word| *word != "volatile").map(str::to_owned),
        parallel: parallel.filter(|word| *word != "unsafe").map(str::to_owned),
        strict: keys.flag("strict"),
        security_definer: keys.flag("security_definer"),
        leakproof: keys.flag("leakproof"),
        cost: number(keys, "cost"),
        rows: number(keys, "rows"),
        support: keys.text("support"),
        settings: settings(keys),
        ..RoutineText::new(RoutineBody::Text(String::new()))
    };
    Some(RoutineText { body: body?, ..routine })
}

/// Reads the arguments with names, modes and defaults: what goes in has the types of the key.
fn arguments(keys: &mut Keys<'_, '_>, known: &Known, types: &[ArgumentText]) -> Option<Vec<ArgumentText>> {
    let node = keys.node("arguments")?;
    let what = keys.of("arguments");
    let items = yaml::texts(node, &what, &mut keys.reader.out)?;
    let mut out = Vec::new();
    for (_, item) in items {
        let of = format!("an argument of {}", keys.what);
        let read = definition::parsed(keys.reader, item, &of, parse_argument);
        out.push(with_schema(keys.reader, known, &read?, &item.place)?);
    }
    let of = |arguments: &[ArgumentText]| {
        let arguments = arguments.to_vec();
        RoutineText { arguments, ..RoutineText::new(RoutineBody::Text(String::new())) }.signature()
    };
    let (said, wanted) = (of(&out), of(types));
    if said != wanted {
        let message = format!("{what} take ({said}), and its key says ({wanted})");
        let help = format!("the key has the types of what goes in, in their order: `{}({said})`", keys.id.own_name());
        keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&node.place, "these").help(help));
        return None;
    }
    Some(out)
}

/// Gives the key of a routine: its name as it is, and the types of what goes in.
pub(super) fn key(id: &ObjectId) -> String {
    let signature = id.parts().get(2).copied().unwrap_or_default();
    format!("{}({signature})", id.own_name())
}

/// Writes a routine for a declaration: its parts, or the statement where these would not say the same.
pub(super) fn write(id: &ObjectId, text: &str, comment: Option<&str>) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_routine(text).ok().filter(|parsed| parsed.print() == text && reads_back(id, parsed)) {
        Some(parsed) => written(&mut out, &parsed),
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}

/// Says that what would be written has no second meaning.
fn reads_back(id: &ObjectId, parsed: &RoutineText) -> bool {
    let plain_values = |(name, values): &(String, Vec<String>)| {
        let is_list = LISTS.contains(&name.to_lowercase().as_str());
        is_list || values.len() == 1
    };
    let reads_as_sql = matches!(&parsed.body, RoutineBody::Text(text) if parsed.language.as_deref() == Some("sql") && is_sql_body(text));
    split_key(&key(id)).is_some_and(|(name, _)| name == id.own_name())
        && parsed.signature() == id.parts().get(2).copied().unwrap_or_default()
        && parsed.settings.iter().all(plain_values)
        && !reads_as_sql
}
