//! Reads and writes what the keys of a routine say beside its arguments: result, body, numbers, settings.
use super::{
    keys::Keys,
    reader::sql_error,
    value::{Out, texts},
};
use crate::canonical::{ArgumentText, RoutineBody, RoutineText, SqlError, is_sql_body, parse_returns, read_sql_body};
use crate::diagnostic::Code;
use crate::yaml::{self, Value as Yaml, sql_scalar};
use serde_yaml::{Mapping, Value};

/// Settings whose values are lists: PostgreSQL prints each member by itself.
pub(super) const LISTS: &[&str] = &[
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "shared_preload_libraries",
];

pub(super) fn returns(keys: &mut Keys<'_, '_>) -> Option<String> {
    let node = keys.node("returns")?;
    let what = keys.of("returns");
    keys.reader.declared_sql(node, &what, parse_returns).and_then(|said| parse_returns(said.as_written()).ok())
}

/// Reads a text that the language reads, SQL that PostgreSQL reads, or a symbol in a library.
pub(super) fn body(keys: &mut Keys<'_, '_>) -> Option<RoutineBody> {
    for (key, other, why) in [
        ("body", keys.has("library"), "what it does is in the library"),
        ("symbol", !keys.has("library"), "it is a name in a `library`"),
    ] {
        if keys.has(key) && other {
            let (message, place) = (format!("{} stands without a use: {why}", keys.of(key)), keys.key_place(key));
            keys.error(Code::Contradiction, message, &place, "leave this out");
        }
    }
    if let Some(file) = keys.text("library") {
        let symbol = keys.text("symbol").unwrap_or_else(|| keys.id.own_name().to_owned());
        return Some(RoutineBody::Library(file, symbol));
    }
    if !keys.has("body") {
        keys.missing("body");
    }
    let node = keys.node("body")?;
    let what = keys.of("body");
    // An empty body is one.
    let is_empty = matches!(&node.value, Yaml::Scalar { text, style: _ } if text.trim().is_empty());
    if let Err(eaten) = sql_scalar(node, &what)
        && !is_empty
    {
        keys.reader.out.push(eaten);
        return None;
    }
    let text = keys.text("body")?;
    let sql = text.trim().trim_end_matches(';').trim_end();
    let reads_sql = keys.text("language").is_none_or(|language| language == "sql");
    if reads_sql && is_sql_body(sql) {
        return Some(RoutineBody::Sql(sql.to_owned()));
    }
    Some(RoutineBody::Text(text))
}

/// Reports a body in SQL that PostgreSQL cannot read, whether it is written by itself or in a whole statement.
pub(super) fn report_body(keys: &mut Keys<'_, '_>, said: &RoutineText) {
    let (Some("sql"), RoutineBody::Text(text)) = (said.language.as_deref(), &said.body) else { return };
    let Err(error) = read_sql_body(text) else { return };
    let key = if keys.has("create") { "create" } else { "body" };
    // The parser's place is one in the body, which is a string inside of a whole statement.
    let error = SqlError { at: error.at.filter(|_| key == "body"), ..error };
    if let Some(node) = keys.node(key) {
        let what = format!("the body of {}", keys.what);
        keys.reader.out.push(sql_error(&error, node, &what));
    }
}

/// Reads a number as PostgreSQL prints it.
pub(super) fn number(keys: &mut Keys<'_, '_>, key: &'static str) -> Option<String> {
    let text = keys.text(key)?;
    if text.parse::<f64>().is_ok_and(|number| number > 0.0) {
        return Some(text);
    }
    let (message, place) = (format!("{} is `{text}`, and must be a number above 0", keys.of(key)), keys.key_place(key));
    keys.error(Code::WrongType, message, &place, "here");
    None
}

/// Reads `{search_path: [a, b], work_mem: 64MB}`.
pub(super) fn settings(keys: &mut Keys<'_, '_>) -> Vec<(String, Vec<String>)> {
    let Some(node) = keys.node("set") else { return Vec::new() };
    let what = keys.of("set");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    let mut out = Vec::new();
    for entry in entries {
        let of = format!("`{}` of {what}", entry.key);
        let is_list = LISTS.contains(&entry.key.to_lowercase().as_str());
        let values = match &entry.value.value {
            Yaml::Sequence(_) => yaml::texts(&entry.value, &of, &mut keys.reader.out)
                .map(|items| items.into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<_>>()),
            Yaml::Null | Yaml::Scalar { text: _, style: _ } | Yaml::Mapping(_) => {
                yaml::text(&entry.value, &of, &mut keys.reader.out).map(|text| match is_list {
                    true => text.split(',').map(|part| part.trim().to_owned()).collect(),
                    false => vec![text.to_owned()],
                })
            }
        };
        out.extend(
            values.map(|values| (entry.key.clone(), if values.is_empty() { vec![String::new()] } else { values })),
        );
    }
    out
}

pub(super) fn written(out: &mut Out, parsed: &RoutineText) {
    let RoutineText {
        is_procedure: _,
        schema: _,
        name: _,
        arguments,
        returns,
        transforms,
        language,
        window,
        volatility,
        parallel,
        strict,
        security_definer,
        leakproof,
        cost,
        rows,
        support,
        settings,
        body,
    } = parsed;
    if arguments.iter().any(|a| a.mode.is_some() || a.name.is_some() || a.default.is_some()) {
        out.list("arguments", arguments.iter().map(ArgumentText::sql));
    }
    out.text("returns", returns.as_deref());
    out.text("language", language.as_deref());
    out.text("volatility", volatility.as_deref());
    out.flag("strict", *strict);
    out.flag("security_definer", *security_definer);
    out.text("parallel", parallel.as_deref());
    out.flag("leakproof", *leakproof);
    for (key, number) in [("cost", cost), ("rows", rows)] {
        if let Some(number) = number {
            let whole = number.parse::<i64>().ok().filter(|whole| whole.to_string() == *number);
            out.put(key, whole.map_or_else(|| Value::from(number.as_str()), Value::from));
        }
    }
    out.text("support", support.as_deref());
    out.flag("window", *window);
    out.list("transform", transforms);
    if !settings.is_empty() {
        let plain = |one: &str| !one.contains([',', '"']) && one.trim() == one;
        let value = |values: &Vec<String>| match values.as_slice() {
            [one] if plain(one) => Value::from(one.as_str()),
            _ => Value::Sequence(texts(values)),
        };
        let map: Mapping = settings.iter().map(|(name, values)| (Value::from(name.as_str()), value(values))).collect();
        out.put("set", Value::Mapping(map));
    }
    match body {
        RoutineBody::Text(text) | RoutineBody::Sql(text) => out.put("body", text.as_str()),
        RoutineBody::Library(file, symbol) => {
            out.put("library", file.as_str());
            out.put("symbol", symbol.as_str());
        }
    }
}
