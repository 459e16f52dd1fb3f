//! Hostile names the whole way: planned, applied with rows, checked, rolled back, applied again, imported back.
use super::scene::Scene;
use crate::support::{Version, fresh_database};
use std::fs;

/// Quotes, newlines, unicode, 63 bytes, keywords, dots, mixed case, and what YAML, globs or terminals would read.
fn hostile() -> Vec<String> {
    let long = format!("{}ü", "n".repeat(61));
    let names = [
        "it's \"so\"",
        "two\nlines",
        "größe 日本 🦀",
        &long,
        "a.b.c",
        "select",
        "Mixed Case",
        " # x: [y]",
        "%s*?{z}\\",
        "$1--",
        "\u{202e}null",
    ];
    names.map(str::to_owned).to_vec()
}

/// A JSON string is a YAML one.
fn y(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Of each name a schema's worth: enum, sequence, table, column, key, unique, foreign key, check, index, view; each with the
/// name, or with one that shares no namespace.
fn file(name: &str, more: &str) -> String {
    let cut: String = name.chars().take(30).collect();
    let [label, seq, t2, pk, pk2, uq, fk, ck, ix, view, ty] =
        ["l", "s", "t2", "p", "p2", "u", "f", "c", "i", "v", "e"].map(|suffix| y(&format!("{cut}{suffix}")));
    let n = y(name);
    let column = y(&quote(name));
    let column = &column[1..column.len() - 1];
    let target = y(&format!("{} ({})", quote(name), quote(name)));
    format!(
        "schema: {n}
enums:
  {ty}: {{labels: [{n}, {label}], comment: {n}}}
sequences:
  {seq}: {{increment: 3, comment: {n}}}
tables:
  {n}:
    comment: {n}
    columns:
      {n}: bigint not null
      {label}: {{type: text, default: \"'x'\", comment: {n}}}
      {more}
    primary_key: {{name: {pk}, columns: [{n}]}}
    unique: {{{uq}: [{n}, {label}]}}
    checks: {{{ck}: \"{column} > 0\"}}
    indexes: {{{ix}: {{keys: [\"{column} desc\"], comment: {n}}}}}
  {t2}:
    columns: {{{n}: \"bigint not null\"}}
    primary_key: {{name: {pk2}, columns: [{n}]}}
    foreign_keys: {{{fk}: {{columns: [{n}], references: {target}, on_delete: cascade}}}}
views:
  {view}:
    query: \"select {column} from {}\"
    comment: {n}
",
        {
            let q = y(&quote(name));
            q[1..q.len() - 1].to_owned()
        },
    )
}

fn the_whole_way(version: Version, names: &[String]) {
    let Some(database) = fresh_database(version) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    let scene = Scene::empty();
    for (number, name) in names.iter().enumerate() {
        scene.write(&format!("schema/{number}.yaml"), file(name, ""));
    }
    scene.run(&["plan", "-m", "hostile"]).expect(0, &["Proof full"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 hostile"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
    for name in names {
        let q = quote(name);
        sql(&format!("insert into {q}.{q} ({q}) values (1), (2)"));
    }
    // A column more, with a name of its own.
    scene.write("schema/0.yaml", file(&names[0], "\"new 'col\\\"umn.\": text"));
    scene.run(&["plan", "-m", "more"]).expect(0, &["Proof full"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 more"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
    let first = quote(&names[0]);
    sql(&format!("update {first}.{first} set \"new 'col\"\"umn.\" = 'kept'"));
    scene.on(&database, &["rollback", "--yes"]).expect(4, &["DataLoss"]);
    // The very argument that the help names.
    let object = format!("DataLoss:{first}.\"new 'col\"\"umn.\"");
    scene.on(&database, &["rollback", "--yes", "--allow", &object]).expect(0, &["rolled back: 0002 more"]);
    scene.on(&database, &["apply", "--yes", "--again"]).expect(0, &["applied: 0002 more"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
    scene.run(&["show", "more"]).expect(0, &["Plan 0002 more"]);
    assert_eq!(sql(&format!("select count(*) from {first}.{first}")), "2");
    let back = Scene::empty();
    let schemas: Vec<String> = names.iter().map(|name| y(name)).collect();
    back.write("pgform.yaml", format!("scope:\n  schemas: [public, {}]\n", schemas.join(", ")));
    back.on(&database, &["import"]).expect(0, &["0001-baseline.yaml"]);
    back.run(&["plan", "-m", "nothing"]).expect(0, &["no changes"]);
    assert!(fs::read_dir(back.at("schema")).unwrap().count() > names.len());
}

#[test]
fn hostile_names_on_18() {
    the_whole_way(Version::V18, &hostile());
}

#[test]
fn hostile_names_on_16() {
    the_whole_way(Version::V16, &hostile()[..5]);
}
