//! Writes as SQL how a materialized view keeps its rows: tablespace, storage parameters, settings of columns.
use super::{literal, options};
use crate::model::{ColumnName, ColumnSettings, Parameters, Qualified, Word, quote};

/// Statements that lead from one set of storage parameters to another.
#[must_use]
pub fn parameters_to(name: &Qualified, from: &Parameters, to: &Parameters) -> Vec<String> {
    let set: Parameters =
        to.iter().filter(|(k, v)| from.get(k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let gone: Vec<String> = from.keys().filter(|key| !to.contains_key(key)).map(|key| parameter(key)).collect();
    let alter = format!("alter materialized view {name}");
    let mut out = Vec::new();
    if !set.is_empty() {
        out.push(format!("{alter} set ({})", options(&set)));
    }
    if !gone.is_empty() {
        out.push(format!("{alter} reset ({})", gone.join(", ")));
    }
    out
}

fn parameter(name: &str) -> String {
    name.split_once('.').map_or_else(|| quote(name), |(a, b)| format!("{}.{}", quote(a), quote(b)))
}

/// Statement that moves a materialized view to a tablespace; none is the database's, whatever it is called.
#[must_use]
pub fn to_tablespace(name: &Qualified, tablespace: Option<&str>) -> String {
    let alter = format!("alter materialized view {name} set tablespace ");
    match tablespace {
        Some(tablespace) => format!("{alter}{}", quote(tablespace)),
        None => run(&format!(
            "select {} || pg_catalog.quote_ident(s.spcname) from pg_catalog.pg_database d \
             join pg_catalog.pg_tablespace s on s.oid = d.dattablespace where d.datname = pg_catalog.current_database()",
            literal(&alter)
        )),
    }
}

/// Statements that lead from one set of settings of a column to another.
#[must_use]
pub fn settings_to(name: &Qualified, column: &ColumnName, from: &ColumnSettings, to: &ColumnSettings) -> Vec<String> {
    let alter = format!("alter materialized view {name} alter column {column}");
    let mut out = Vec::new();
    if from.storage != to.storage {
        out.push(match to.storage {
            Some(storage) => format!("{alter} set storage {}", storage.word()),
            None => usual_storage(name, column, &alter),
        });
    }
    if from.compression != to.compression {
        out.push(format!("{alter} set compression {}", to.compression.map_or("default", Word::word)));
    }
    if from.statistics != to.statistics {
        out.push(format!("{alter} set statistics {}", to.statistics.unwrap_or(-1)));
    }
    let set: Parameters = to
        .options
        .iter()
        .filter(|(k, v)| from.options.get(k) != Some(v))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let gone: Vec<String> = from.options.keys().filter(|key| !to.options.contains_key(key)).map(|k| quote(k)).collect();
    if !set.is_empty() {
        out.push(format!("{alter} set ({})", options(&set)));
    }
    if !gone.is_empty() {
        out.push(format!("{alter} reset ({})", gone.join(", ")));
    }
    out
}

/// `set storage` to the type's own; there is `default` for it from PostgreSQL 16 on.
fn usual_storage(name: &Qualified, column: &ColumnName, alter: &str) -> String {
    run(&format!(
        "select {} || case t.typstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end \
         from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid \
         where a.attrelid = {}::pg_catalog.regclass and a.attname = {}",
        literal(&format!("{alter} set storage ")),
        literal(&name.to_string()),
        literal(column.as_str())
    ))
}

/// Statement that runs what a query answers.
fn run(query: &str) -> String {
    let block = format!("begin execute ({query}); end");
    format!("do {}", super::dollar_quoted(&block))
}
