//! Rows that stand in a plan's way: what stops, how it goes on, and that it goes back.
use crate::scene::{FIRST, Scene};
use crate::support::{Version, fresh_database};

#[test]
fn rows_that_break_what_a_plan_adds() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    let key = "    primary_key: [id]\n";
    let with = |more: &str| FIRST.replace(key, &format!("{key}{more}"));
    let cases = [
        ("check", with("    checks: {positive: \"size > 0\"}\n"), "check constraint \"positive\"", 1),
        ("not null", FIRST.replace("size: integer", "size: integer not null"), "is violated by some row", 1),
        (
            "foreign key",
            with("    foreign_keys: {f: {columns: [size], references: \"documents (id)\"}}\n"),
            "foreign key constraint \"f\"",
            1,
        ),
        ("unique", with("    unique: {u: [path]}\n"), "could not create unique index \"u\"", 0),
        ("index", with("    indexes: {i: {keys: [path], unique: true}}\n"), "could not create unique index \"i\"", 0),
    ];
    let scene = Scene::planned();
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 first"]);
    let rows = "insert into documents (path, size) values ('a', null), ('a', -5)";
    for (title, text, said, done) in cases {
        sql(&format!("truncate documents; {rows}"));
        scene.write("schema/a.yaml", &text);
        scene.run(&["plan", "-m", title]).expect(0, &["Proof full", "MayFailOnRows"]);
        let shape = shape(&database);
        let run = scene.on(&database, &["apply", "--yes"]);
        run.expect(
            5,
            &[
                "stopped in segment",
                said,
                "nothing is locked",
                "go on: pgform apply -d postgres",
                "left behind: nothing",
            ],
        );
        if done > 0 {
            run.expect(5, &["done: 1", "go back: pgform rollback -d postgres"]);
            scene.on(&database, &["status"]).expect(0, &["stopped in 0002"]);
            // Again it stops in the same segment, and nothing is done twice.
            scene.on(&database, &["apply", "--yes"]).expect(5, &["stopped in segment 2", "done: 1"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back"]);
            assert_eq!(self::shape(&database), shape, "{title}");
            assert_eq!(sql("select count(*) from documents"), "2");
            scene.on(&database, &["apply", "--yes"]).expect(4, &["error[held]"]);
            sql("delete from documents");
            scene.on(&database, &["apply", "--yes", "--again"]).expect(0, &["applied: 0002"]);
        } else {
            // Nothing of the plan is there: going back over it would take the plan before.
            assert!(!run.err.contains("pgform rollback"), "{}", run.err);
            assert_eq!(self::shape(&database), shape, "{title}");
            sql("delete from documents");
            scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002"]);
        }
        // Plans that were held before are still told.
        let check = scene.on(&database, &["check"]);
        check.expect(check.code, &["drift: none"]);
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back"]);
        assert_eq!(self::shape(&database), shape, "{title}");
        for file in std::fs::read_dir(scene.at("plans")).unwrap() {
            let path = file.unwrap().path();
            if path.to_string_lossy().contains("0002") {
                if path.is_dir() {
                    std::fs::remove_dir_all(&path).unwrap()
                } else {
                    std::fs::remove_file(&path).unwrap()
                }
            }
        }
    }
}

fn shape(database: &crate::support::TestDatabase) -> String {
    let text = crate::scene::dump(database);
    let of_ours = text.split("-- Name: documents").skip(1).map(|part| part.split("-- Data for").next().unwrap());
    of_ours.filter(|part| !part.contains("Type: SEQUENCE SET")).collect::<Vec<_>>().join("\n")
}

#[test]
fn rows_that_a_way_back_counts_first() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let scene = Scene::new(&FIRST.replace("size: integer", "size: integer not null"));
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    scene.change("size: integer not null", "size: integer");
    scene.run(&["plan", "-m", "nulls"]).expect(0, &["0002-nulls"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 nulls"]);
    database.server.sql(&database.name, "insert into documents (path) values ('a'), ('b')");
    scene.refused_on(
        &database,
        &["rollback", "--yes"],
        4,
        &["error[condition]: the way back would fail: 2 nulls in documents.size", "where size is null"],
    );
    database.server.sql(&database.name, "update documents set size = 0");
    scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 nulls"]);
    // The plan made the table: all its rows would go.
    scene.refused_on(
        &database,
        &["rollback", "--yes"],
        4,
        &["error[hazard]: the way back loses 2 rows of documents", "--allow DataLoss:documents"],
    );
}

const CLEVER: &str = "\
schema: public
tables:
  files:
    seed:
    - {path: \"'/etc/hosts'\"}
    - {path: \"lower('/TMP/')\"}
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
    checks:
      files_path_absolute: \"starts_with(path, '/') and md5(path) <> ''\"
";

#[test]
fn declared_rows_serve_the_proof_where_a_check_is_too_clever() {
    let scene = Scene::new(CLEVER);
    scene.run(&["plan", "-m", "first"]).expect(0, &["Proof full"]);
    scene.change("path: text not null\n", "path: text not null\n      note: text not null default ''\n");
    scene.run(&["plan", "-m", "note"]).expect(0, &["Proof full", "2 rows followed"]);
    scene.change("'/etc/hosts'", "'etc/hosts'");
    scene.change("      note: text not null default ''\n", "");
    let refused = ["error[rejected]", "row 1 of the seed", "files_path_absolute", "a.yaml:5"];
    scene.run(&["plan", "-m", "no note"]).expect(1, &refused);
    scene.change("{path: \"'etc/hosts'\"}", "{pahth: \"'/etc/hosts'\"}");
    scene
        .run(&["validate"])
        .expect(1, &["error[not-declared]", "the column pahth", "did you mean `path`?", "a.yaml:5"]);
}
