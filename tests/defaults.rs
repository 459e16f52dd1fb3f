//! Defaults of every type that PostgreSQL assigns to a column of another one: added, counted on the way back, taken away.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{TestDatabase, Version, expect, fresh_database, pgform, project};

/// A value of each type, as SQL writes it.
const VALUES: &[(&str, &str)] = &[
    ("bigint", "5"),
    ("bit(3)", "101"),
    ("bit varying", "1011"),
    ("boolean", "true"),
    ("box", "(1,1),(0,0)"),
    ("bytea", "\\x00ff"),
    ("\"char\"", "c"),
    ("character(4)", "ab"),
    ("character varying(9)", "abc"),
    ("cidr", "10.0.0.0/8"),
    ("circle", "<(0,0),2>"),
    ("date", "2024-02-29"),
    ("double precision", "1.5"),
    ("inet", "10.0.0.1/8"),
    ("int4range", "[1,5)"),
    ("int8multirange", "{[1,5)}"),
    ("integer", "5"),
    ("integer[]", "{1,2}"),
    ("interval", "1 mon"),
    ("json", "{\"a\": 1}"),
    ("json[]", "{}"),
    ("jsonb", "{\"a\": 1}"),
    ("jsonpath", "$.a"),
    ("line", "{1,2,3}"),
    ("lseg", "(0,0),(1,1)"),
    ("macaddr", "08:00:2b:01:02:03"),
    ("macaddr8", "08:00:2b:01:02:03:04:05"),
    ("money", "1.50"),
    ("name", "abc"),
    ("numeric(6,2)", "1.5"),
    ("oid", "5"),
    ("path", "((0,0),(1,1))"),
    ("pg_lsn", "0/1"),
    ("point", "(1,2)"),
    ("point[]", "{\"(1,2)\"}"),
    ("polygon", "((0,0),(1,1))"),
    ("real", "1.5"),
    ("refcursor", "abc"),
    ("regclass", "pg_class"),
    ("regtype", "integer"),
    ("smallint", "5"),
    ("text", "abc"),
    ("text[]", "{a,b}"),
    ("tid", "(0,1)"),
    ("time without time zone", "10:00"),
    ("time with time zone", "10:00+01"),
    ("timestamp without time zone", "2024-02-29 10:00"),
    ("timestamp with time zone", "2024-02-29 10:00+00"),
    ("tsquery", "a & b"),
    ("tsvector", "a b"),
    ("txid_snapshot", "1:2:"),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("xid", "5"),
    ("xml", "<a/>"),
];

/// What a default may be besides a value of a type.
const OTHERS: &[&str] =
    &["now()", "0", "1.5", "'5'", "null", "current_date", "'now'::text", "array['a', 'b']", "1 + 1"];

/// The defaults that the server takes for columns of each type.
fn accepted(database: &TestDatabase) -> Vec<(String, String)> {
    let values =
        VALUES.iter().map(|(of, value)| format!("'{value}'::{of}")).chain(OTHERS.iter().map(|o| (*o).to_owned()));
    let values: Vec<String> = values.collect();
    let list =
        |all: &mut dyn Iterator<Item = &str>| all.map(|text| format!("$q${text}$q$")).collect::<Vec<_>>().join(", ");
    let (types, values) = (list(&mut VALUES.iter().map(|(of, _)| *of)), list(&mut values.iter().map(String::as_str)));
    let block = format!(
        "create table pairs (type text, value text); do $do$ declare t text; v text; begin \
         foreach t in array array[{types}] loop foreach v in array array[{values}] loop begin \
         execute format('create table probe (c %s default %s); insert into probe default values; drop table probe', t, v); \
         insert into pairs values (t, v); exception when others then null; end; end loop; end loop; end $do$"
    );
    database.server.sql(&database.name, &block);
    let found = database.server.sql(&database.name, "select type || chr(31) || value from pairs order by 1");
    let found = found.lines().filter_map(|line| line.split_once('\u{1f}')).map(|(t, v)| (t.to_owned(), v.to_owned()));
    let found: Vec<(String, String)> = found.collect();
    database.server.sql(&database.name, "drop table pairs");
    found
}

fn declaration(columns: &[String]) -> String {
    format!("tables:\n  t:\n    columns:\n      id: bigint\n{}", columns.concat())
}

#[test]
fn a_default_of_any_type_that_fits_is_counted_by_its_columns_type() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let pairs = accepted(&database);
    for (of, _) in VALUES {
        assert!(pairs.iter().any(|(found, _)| found == of), "no default is taken for {of}: its value is wrong");
    }
    assert!(pairs.len() > 400, "only {} pairs of type and default", pairs.len());
    let column = |(at, (of, value)): (usize, &(String, String))| {
        format!("      c{at}: '{}'\n", format!("{of} default {value}").replace('\'', "''"))
    };
    let columns: Vec<String> = pairs.iter().enumerate().map(column).collect();
    let dir = project(&declaration(&[]));
    let dir_path = dir.path();
    let (file, url) = (dir_path.join("schema/documents.yaml"), database.url.as_str());
    expect(&pgform(dir_path, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    std::fs::write(file, declaration(&columns)).unwrap();
    let run = pgform(dir_path, &["plan", "-m", "second"]);
    expect(&run, 0, "0002-second.yaml");
    expect(&pgform(dir_path, &["apply", "first", "-d", url, "--yes"]), 0, "applied: 0001 first");
    database.server.sql(&database.name, "insert into t values (1), (2)");
    let allow = ["--allow", "Rewrite:*"];
    expect(&pgform(dir_path, &[&["apply", "-d", url, "--yes"][..], &allow].concat()), 0, "applied: 0002 second");
    // Nothing was written since: the way back counts nothing, except of a default that is another one at each moment.
    let run = pgform(dir_path, &["rollback", "second", "-d", url, "--yes"]);
    let counted: Vec<&(String, String)> = run
        .err
        .lines()
        .filter_map(|line| line.split_once("values of t.c")?.1.split_once(' ')?.0.parse::<usize>().ok())
        .map(|at| &pairs[at])
        .collect();
    assert!(counted.iter().all(|(_, value)| value == "now()"), "counted as written: {counted:?}");
    let run = pgform(dir_path, &["rollback", "second", "-d", url, "--yes", "--allow", "DataLoss:t.*"]);
    expect(&run, 0, "rolled back: 0002 second");
}
