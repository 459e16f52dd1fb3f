//! What takes a name that something else had: rows where the old one holds a value and the new one none are counted first.
use crate::scene::Scene;
use crate::support::{TestDatabase, Version, fresh_database};

/// Columns of `documents`, before, between and after; what fills the new one; what is lost otherwise; and how it is allowed.
struct Shape {
    before: &'static str,
    between: &'static str,
    after: &'static str,
    rows: &'static str,
    fill: &'static str,
    lost: &'static str,
    allow: &'static str,
}

const TABLE: &str = "schema: public\ntables:\n  documents:\n    columns:\n      id: bigint not null\n";

fn columns(lines: &str) -> String {
    format!("{TABLE}{lines}    primary_key: [id]\n")
}

fn shapes() -> Vec<Shape> {
    vec![
        Shape {
            before: "      stars: integer not null default 0\n",
            between: "      stars: integer not null default 0\n      stars_new: bigint not null default 0\n",
            after: "      stars: {type: bigint, not_null: true, default: \"0\", renamed_from: stars_new}\n",
            rows: "insert into documents (id, stars) values (1, 7), (2, 0), (3, 9)",
            fill: "update documents set stars_new = stars",
            lost: "2 rows of documents with a value in stars and none in stars_new, which takes its name",
            allow: "DataLoss:documents.stars_new",
        },
        Shape {
            before: "      e: text\n",
            between: "      e: text\n      e_new: varchar(9)\n",
            after: "      e: {type: varchar(9), renamed_from: e_new}\n",
            rows: "insert into documents (id, e) values (1, 'x'), (2, null)",
            fill: "update documents set e_new = e",
            lost: "1 row of documents with a value in e and none in e_new, which takes its name",
            allow: "DataLoss:documents.e_new",
        },
        Shape {
            before: "      a: text\n      b: text\n",
            between: "      a: text\n      b: text\n      c: text\n",
            after: "      b: {type: text, renamed_from: a}\n      c: {type: text, renamed_from: b}\n",
            rows: "insert into documents (id, a, b) values (1, null, 'x'), (2, 'y', 'z')",
            fill: "update documents set a = b where a is null; update documents set c = b",
            lost: "1 row of documents with a value in b and none in a, which takes its name",
            allow: "DataLoss:documents.a",
        },
    ]
}

fn declare(scene: &Scene, text: &str) {
    scene.write("schema/a.yaml", text);
}

fn planned(shape: &Shape) -> Scene {
    let scene = Scene::new(&columns(shape.before));
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    declare(&scene, &columns(shape.between));
    scene.run(&["plan", "-m", "beside"]).expect(0, &["0002-beside"]);
    declare(&scene, &columns(shape.after));
    let review = scene.run(&["plan", "-m", "take over"]);
    review.expect(0, &["0003-take-over", "Counted first", &format!("apply refuses without --allow {}", shape.allow)]);
    scene
}

#[test]
fn a_column_that_takes_a_name_unfilled_is_refused_before_the_first_statement() {
    for version in [Version::V18, Version::V16] {
        for shape in shapes() {
            let (Some(filled), Some(other)) = (fresh_database(version), fresh_database(version)) else { return };
            let scene = planned(&shape);
            let on = |database: &TestDatabase, sql: &str| database.server.sql(&database.name, sql);
            for database in [&filled, &other] {
                scene.on(database, &["apply", "first", "--yes"]).expect(0, &["applied: 0001 first"]);
                on(database, shape.rows);
            }
            scene.on(&filled, &["apply", "beside", "--yes"]).expect(0, &["applied: 0002 beside"]);
            on(&filled, shape.fill);
            let any = ["--allow", "DataLoss:*", "--allow", "BreaksClients"];
            let apply = [&["apply", "--yes"], &any[..]].concat();
            scene.on(&filled, &apply).expect(0, &["applied: 0003 take-over"]);
            // Back to back on the next one: the second plan stops before its first statement.
            let run = scene.on(&other, &apply);
            run.expect(
                4,
                &[
                    "error[hazard]: 0003",
                    "would lose",
                    shape.lost,
                    "found by: select",
                    &format!("--allow {}", shape.allow),
                ],
            );
            let values = on(&other, "select * from documents order by id");
            scene.refused_on(&other, &apply, 4, &[shape.lost]);
            let dry_run = [&["dry-run", "take-over", "--yes"], &any[..]].concat();
            scene.refused_on(&other, &dry_run, 4, &["error[hazard]", "would lose"]);
            assert_eq!(on(&other, "select * from documents order by id"), values);
            scene.on(&other, &[&apply[..], &["--allow", shape.allow]].concat()).expect(0, &["applied: 0003 take-over"]);
        }
    }
}

const TABLES: &str = "schema: public
tables:
  a: {columns: {id: \"bigint not null\", note: text}, primary_key: [id]}
  b: {columns: {id: \"bigint not null\", note: text}, primary_key: [id]}
";

#[test]
fn a_table_that_takes_a_name_without_its_rows_is_refused() {
    for version in [Version::V18, Version::V16] {
        let swapped =
            TABLES.replace("  a: {", "  a: {renamed_from: b, ").replace("\n  b: {", "\n  b: {renamed_from: a, ");
        let gone = "schema: public\ntables:\n  a: {renamed_from: b, columns: {id: \"bigint not null\", note: text}, primary_key: [id]}\n";
        for (text, title) in [(swapped.as_str(), "swap"), (gone, "gone")] {
            let Some(database) = fresh_database(version) else { return };
            let sql = |sql: &str| database.server.sql(&database.name, sql);
            let scene = Scene::new(TABLES);
            scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
            scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
            declare(&scene, text);
            scene.run(&["plan", "-m", title]).expect(0, &["0002-", "Counted first"]);
            sql(
                "insert into a values (1, 'x'), (2, 'y'), (3, null); insert into b values (1, 'x'), (2, null), (3, null)",
            );
            let apply = ["apply", "--yes", "--allow", "DataLoss", "--allow", "BreaksClients"];
            scene.refused_on(
                &database,
                &apply,
                4,
                &["1 row of a missing in b, which takes its name", "--allow DataLoss:b"],
            );
            sql("update b set note = 'z' where id = 2");
            scene.on(&database, &apply).expect(if title == "swap" { 0 } else { 0 }, &["applied: 0002"]);
            assert_eq!(sql("select count(*) from a where note = 'z'"), "1");
        }
    }
}
