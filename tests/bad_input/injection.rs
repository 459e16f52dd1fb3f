//! Where a field is not SQL, nothing in it becomes SQL; where it is SQL, it is one thing.
use super::scene::{Scene, mistakes};
use crate::support::{Version, fresh_database};

#[test]
fn a_piece_of_sql_is_one_thing() {
    let columns = [
        "int, evil text",
        "int) ; drop table t --",
        "int; drop table t",
        "text default 'x'); drop table t; --'",
        "text default 'x' /* c",
        "text default $q$b",
        "text collate \"C\"; select 1",
    ];
    for column in columns {
        let text = format!("tables:\n  t:\n    columns:\n      a: {}\n", quoted(column));
        mistakes(&text, &[("sql", 4, "")]);
    }
    let checks = [
        "a > 0) ; drop table t; --",
        "true), evil int default (1",
        "a > 0; select 1",
        "-- hi",
        "a > 0 /* x",
        "select 1",
        "a = 1 from t",
        "1 as x",
        "1, 2",
        "1) from t where (true",
    ];
    for check in checks {
        let text = format!("tables:\n  t:\n    columns: {{a: int}}\n    checks:\n      c: {}\n", quoted(check));
        mistakes(&text, &[("sql", 5, "")]);
        let text = format!("tables:\n  t:\n    columns:\n      a: {{type: int, default: {}}}\n", quoted(check));
        mistakes(&text, &[("sql", 4, "")]);
    }
    let keys = ["a), (b", "a) where (true", "a desc, a", "(a", "a int4_ops(x=1)) with (fillfactor=10", "a + 1"];
    for key in keys {
        let text = format!("tables:\n  t:\n    columns: {{a: int}}\n    indexes:\n      i: [{}]\n", quoted(key));
        mistakes(&text, &[("sql", 5, "")]);
    }
    let views =
        ["select 1 as a; drop table t", "delete from t", "selec 1", "select 1 as a into x", "create table x ()"];
    for view in views {
        mistakes(&format!("views:\n  v: {}\n", quoted(view)), &[("sql", 2, "")]);
    }
    let targets = ["t (a) on delete cascade", "t (a); drop table t", "t (a), evil int"];
    for target in targets {
        let text = format!(
            "tables:\n  t:\n    columns: {{a: int}}\n    foreign_keys:\n      f: {{columns: [a], references: {}}}\n",
            quoted(target)
        );
        mistakes(&text, &[("sql", 5, "write \"table (column, column)\"")]);
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Each would drop the table `victim` if it became SQL.
const EVIL: [&str; 4] = [
    "x'; drop table victim; --",
    "x\"; drop table victim; --",
    "x); drop table victim; --",
    "$$; drop table victim; $$",
];

#[test]
fn names_comments_and_labels_stay_what_they_are() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let mut tables = String::new();
    let mut enums = String::new();
    for (number, evil) in EVIL.iter().enumerate() {
        let name = quoted(evil);
        let q = |suffix: &str| quoted(&format!("{evil}{suffix}"));
        enums.push_str(&format!("  {name}:\n    labels: [{name}, {}]\n    comment: {name}\n", q("2")));
        tables.push_str(&format!(
            "  {}:\n    comment: {name}\n    columns:\n      {name}: {{type: text, not_null: true, comment: {name}}}\n      n: bigint generated always as identity\n    primary_key: {{name: {}, columns: [n], comment: {name}}}\n    unique: {{{}: [{name}]}}\n    checks: {{{}: \"n > {number}\"}}\n    indexes: {{{}: {{keys: [n], comment: {name}}}}}\n",
            q("t"), q("pk"), q("u"), q("c"), q("i"),
        ));
    }
    let scene = Scene::new(&format!("schema: {}\nenums:\n{enums}tables:\n{tables}", quoted(EVIL[1])));
    scene.write("schema/b.yaml", "tables: {victim: {columns: {a: int}}}\n");
    scene.run(&["plan", "-m", "'; drop table victim; --"]).expect(0, &["Proof"]);
    let name = scene.on(&database, &["apply", "--yes"]);
    name.expect(0, &["applied"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
    assert_eq!(database.server.sql(&database.name, "select count(*) from victim"), "0");
    let count = "select count(*) from pg_class where relkind = 'r' and relname like '%drop table victim%'";
    assert_eq!(database.server.sql(&database.name, count), "4");
}

#[test]
fn words_for_parameters_places_and_versions_stay_words() {
    let table = |rest: &str| format!("tables:\n  t:\n    columns: {{a: int}}\n{rest}");
    let cases = [
        (table("    with: {\"fillfactor) ; drop table x; --\": '70'}\n"), "unrecognized parameter", 4),
        (table("    with: {fillfactor: '70); drop table x; --'}\n"), "invalid value for integer option", 4),
        (
            table("    access_method: 'heap\"; drop table x'\n"),
            "access method \"heap\"; drop table x\" does not exist",
            4,
        ),
        (
            table("    indexes:\n      i:\n        keys: [a]\n        using: 'btree (a); drop table x; --'\n"),
            "does not exist",
            7,
        ),
    ];
    for (text, said, line) in cases {
        let place = format!("[schema/a.yaml:{line}:");
        Scene::new(&text).refused(&["plan", "-m", "x"], 1, &["error[rejected]: PostgreSQL refuses", said, &place]);
    }
    mistakes(
        "extensions:\n  vector: {version: \">= 0.7'; drop table x\"}\n",
        &[("wrong-type", 2, "must be a minimum")],
    );
    mistakes(
        "tables:\n  t:\n    columns:\n      a: {type: text, storage: \"plain; drop table x\", compression: \"lz4; x\"}\n",
        &[("wrong-type", 4, "none of its words"), ("wrong-type", 4, "none of its words")],
    );
    mistakes("sequences:\n  s: {increment: \"1; drop table x\"}\n", &[("wrong-type", 2, "a whole number")]);
}
