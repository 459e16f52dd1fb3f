//! Names that are none, are too long, or meet.
use super::scene::{Scene, mistakes};

#[test]
fn names_that_postgresql_would_not_keep() {
    let long = "n".repeat(64);
    let text = format!(
        "schema: public
enums:
  {long}: [a]
tables:
  t:
    columns:
      {long}: int
      \"\": int
      \"a\\0b\": int
      ctid: int
      ~0123456789ab: int
    checks:
      {long}: \"true\"
    indexes:
      {long}x: [ctid]
views:
  {long}z: select 1 as a
sequences:
  {long}y:
"
    );
    let cut = "PostgreSQL would cut it to nnn";
    mistakes(
        &text,
        &[
            ("name", 3, cut),
            ("name", 7, cut),
            ("name", 8, "an empty name"),
            ("name", 9, "NUL byte"),
            ("name", 10, "every table of PostgreSQL has"),
            ("name", 11, "sets aside"),
            ("name", 13, cut),
            ("name", 15, cut),
            ("name", 17, cut),
            ("name", 19, cut),
        ],
    );
    let label = "x".repeat(64);
    mistakes(&format!("enums:\n  e: [{label}]\n"), &[("name", 2, "at most 63 bytes")]);
    mistakes("enums:\n  e: [a, a]\n", &[("duplicate-name", 2, "label a twice")]);
    mistakes("schema: pg_mine\ntables: {t: {columns: {a: int}}}\n", &[("name", 2, "not for declared objects")]);
    mistakes("schema: pgform\ntables: {t: {columns: {a: int}}}\n", &[("name", 2, "not for declared objects")]);
}

#[test]
fn names_of_63_bytes_do_not_become_too_long_by_what_is_added() {
    let name = "n".repeat(63);
    let table = format!("{name}: {{columns: {{{name}: int}}, primary_key: [{name}], checks: [\"{name} > 0\"]");
    Scene::new(&format!("tables:\n  {table}, indexes: [[{name}]], unique: [[{name}]]}}\n"))
        .run(&["validate"])
        .expect(0, &["no mistakes"]);
}

#[test]
fn names_that_meet_in_one_schema() {
    let text = "enums:
  t: [a]
tables:
  t:
    columns: {a: int}
    primary_key: [a]
    unique: [[a]]
    indexes:
      t_pkey: [a]
  u:
    columns: {a: int}
    unique: {v: [a]}
views:
  v: select 1 as a
sequences:
  u:
";
    let together = "share their names";
    mistakes(
        text,
        &[
            ("duplicate-name", 2, "is a type of its name as well"),
            ("duplicate-name", 6, together),
            ("duplicate-name", 10, together),
            ("duplicate-name", 12, together),
        ],
    );
    mistakes(
        "tables:\n  t:\n    columns: {a: int}\n    checks: {x: \"a > 0\"}\n    unique: {x: [a]}\n",
        &[("duplicate-name", 4, "declared twice")],
    );
}

#[test]
fn one_table_in_two_files() {
    let scene = Scene::new("tables: {t: {columns: {a: int}}}\n");
    scene.write("schema/b/c.yml", "tables:\n  t: {columns: {a: int}}\n");
    scene.refused(
        &["validate"],
        1,
        &["error[duplicate-name]: table t is declared twice", "schema/a.yaml:1", "schema/b/c.yml:2"],
    );
}

#[test]
fn all_mistakes_of_all_files_are_shown_at_once() {
    let scene = Scene::new("tables:\n  t:\n    columns: {a: intt}\n    cheks: {}\n");
    scene.write("schema/b.yaml", "tables: [\n");
    scene.write("schema/c.yaml", [0xff, 0xfe, 0x41]);
    scene.write("schema/d.yaml", "enums: {e: 5}\nviews: {v: selec 1}\n");
    for command in [&["validate"][..], &["plan", "-m", "x"]] {
        let run = scene.refused(command, 1, &["5 mistakes", "schema/c.yaml is UTF-16"]);
        for place in ["schema/a.yaml:4:", "schema/b.yaml:2:", "schema/d.yaml:1:", "schema/d.yaml:2:"] {
            assert!(run.err.contains(place), "{place}\n{}", run.err);
        }
    }
}
