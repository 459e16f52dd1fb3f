//! What only a PostgreSQL can judge: the shadow refuses it, at the place.
use super::scene::Scene;

#[test]
fn postgresql_refuses_at_the_place() {
    let table =
        |column: &str, rest: &str| format!("tables:\n  t:\n    columns:\n      b: bigint\n      a: {column}\n{rest}");
    let cases = [
        (table("int default 'abc'", ""), 5, "column t.a: invalid input syntax for type integer"),
        (table("int default gen_random_uuid()", ""), 5, "column t.a: column \"a\" is of type integer"),
        (table("text default nope(1)", ""), 5, "column t.a: function nope(integer) does not exist"),
        (table("text collate nope", ""), 5, "collation \"nope\""),
        (table("text generated always as (now()::text) stored", ""), 5, "generation expression is not immutable"),
        (table("int", "    checks:\n      d: b > 0\n      c: exists (select 1 from t)\n"), 8, "cannot use subquery"),
        (table("int", "    checks:\n      c: a > 'x'\n"), 7, "constraint t.c"),
        (table("int", "    with: {fillfactor: 5}\n"), 6, "out of bounds"),
        (table("int", "    indexes:\n      i: [\"a nope_ops\"]\n"), 7, "operator class \"nope_ops\""),
        (table("int", "    indexes:\n      i: {keys: [a], with: {lists: 3}}\n"), 7, "unrecognized parameter"),
        (
            table("text", "    primary_key: [b]\n    foreign_keys:\n      f: {columns: [a], references: t}\n"),
            8,
            "incompatible types",
        ),
        ("views:\n  v: 'select 1, 1'\n".to_owned(), 2, "specified more than once"),
    ];
    for (text, line, said) in cases {
        let place = format!("[schema/a.yaml:{line}:");
        Scene::new(&text).refused(
            &["plan", "-m", "x"],
            1,
            &["error[rejected]: PostgreSQL refuses", said, &place, "help:"],
        );
    }
}

#[test]
fn all_that_postgresql_refuses_is_told_at_once() {
    let text = "tables:\n  t:\n    columns:\n      a: int default nofn()\n      b: text collate nope\n      v: int\n    \
        checks:\n      c1: \"count(v) > 0\"\n      c2: v > 'x'\n    indexes:\n      i1: {keys: [\"v nope_ops\"]}\n      \
        i2: {keys: [\"lowr(b)\"]}\n      i3: {keys: [\"lowr(v::text)\"]}\nviews:\n  w: select nosuch(v) as v from t\n";
    Scene::new(text).refused(
        &["plan", "-m", "x"],
        1,
        &[
            "function nofn() does not exist",
            "collation \"nope\"",
            "aggregate functions are not allowed in check constraints",
            "constraint t.c2: invalid input syntax",
            "operator class \"nope_ops\"",
            "function lowr(text) does not exist",
            "function nosuch(integer) does not exist",
            "7 mistakes.",
        ],
    );
}

#[test]
fn a_tablespace_is_stood_in_for_where_the_shadow_has_none() {
    let text = "tables:\n  t:\n    tablespace: fast\n    columns: {a: int}\n    indexes:\n      i: {keys: [a], tablespace: \"x; drop\"}\n";
    let scene = Scene::new(text);
    scene.run(&["plan", "-m", "x"]).expect(0, &["stand-ins: tablespace fast, tablespace x; drop"]);
}
