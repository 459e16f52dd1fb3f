//! What takes a name that something else had: rows where the old one holds a value and the new one none are counted first.
use super::scene::{Scene, finish};
use super::together::{Other, until};
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
            scene.on(&database, &apply).expect(0, &["applied: 0002"]);
            assert_eq!(sql("select count(*) from a where note = 'z'"), "1");
        }
    }
}

/// Applies while somebody holds what the plan wants, and writes before pgform has its lock.
pub fn written_while_it_waits(
    (scene, database): (&Scene, &TestDatabase),
    args: &[&str],
    (hold, write): (&str, &str),
    (code, said): (i32, &[&str]),
) {
    let other = Other::new(database, hold);
    let all = [&["apply", "--yes", "-d", &database.url], args].concat();
    let running = scene.start(&all);
    let waits =
        "select count(*) > 0 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    until(database, waits, "t");
    database.server.sql(&database.name, write);
    other.commit();
    finish(running).expect(code, said);
}

const HELD: &str = "lock table documents in row exclusive mode";

#[test]
fn what_is_written_while_a_plan_waits_for_its_lock_is_counted_inside_of_it() {
    let any = ["--allow", "DataLoss:*", "--allow", "BreaksClients"];
    for (version, at) in [(Version::V18, 0), (Version::V16, 1), (Version::V18, 2)] {
        let shape = &shapes()[at];
        let Some(database) = fresh_database(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        let scene = planned(shape);
        for plan in ["first", "beside"] {
            scene.on(&database, &["apply", plan, "--yes"]).expect(0, &["applied"]);
        }
        let lost = [
            "error[hazard]: 0003",
            shape.lost,
            "counted inside its lock, nothing of it is lost",
            "under the names from before the plan, they are found by: select",
            &format!("--allow {}", shape.allow),
        ];
        written_while_it_waits((&scene, &database), &any, (HELD, shape.rows), (4, &lost));
        assert_eq!(sql("select count(*) from documents"), if at == 0 { "3" } else { "2" });
        scene.on(&database, &["status"]).expect(0, &["is at 0002 beside"]);
        let allowed = [&any[..], &["--allow", shape.allow]].concat();
        let more = shape.rows.replace("(1,", "(11,").replace("(2,", "(12,").replace("(3,", "(13,");
        written_while_it_waits((&scene, &database), &allowed, (HELD, &more), (0, &["applied: 0003 take-over"]));
    }
}

#[test]
fn rows_and_numbers_of_what_is_left_aside_are_counted_inside_the_lock() {
    let sequences = format!("{TABLES}sequences:\n  numbers: {{}}\n  others: {{}}\n");
    let swapped = sequences
        .replace("  numbers: {}\n  others: {}", "  numbers: {renamed_from: others}\n  others: {renamed_from: numbers}");
    let renamed = "  a: {renamed_from: b, ";
    let tables = TABLES.replace("  a: {", renamed).replace("\n  b: {", "\n  b: {renamed_from: a, ");
    // A column that gets another name in the same plan has its old one when its table goes aside.
    let also = tables.replace("note: text", "text: {type: text, renamed_from: note}");
    let shapes = [
        (
            &tables,
            "lock table a in row exclusive mode",
            "insert into a values (1, 'x')",
            "1 row of a missing in b, which takes its name",
            "DataLoss:b",
        ),
        (
            &also,
            "lock table a in row exclusive mode",
            "insert into a values (1, 'x')",
            "1 row of a missing in b, which takes its name",
            "DataLoss:b",
        ),
        (
            &swapped,
            "select from numbers",
            "select nextval('numbers'), nextval('numbers')",
            "1 sequence ahead of others, which takes the name of numbers",
            "DataLoss:others",
        ),
    ];
    for (text, hold, write, lost, allow) in shapes {
        let Some(database) = fresh_database(Version::V16) else { return };
        let scene = Scene::new(&sequences);
        scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
        declare(
            &scene,
            &if *text == swapped {
                text.clone()
            } else {
                format!("{text}sequences:\n  numbers: {{}}\n  others: {{}}\n")
            },
        );
        scene.run(&["plan", "-m", "swap"]).expect(0, &["0002-swap", "Counted first"]);
        let lost = ["error[hazard]: 0002", lost, "counted inside its lock", &format!("--allow {allow}")];
        let any = ["--allow", "BreaksClients"];
        written_while_it_waits((&scene, &database), &any, (hold, write), (4, &lost));
        scene.on(&database, &["apply", "--yes", "--allow", allow, "--allow", "BreaksClients"]).expect(0, &["applied"]);
    }
}
