//! Rules for rows: what breaks them is counted before anything runs, and what is in force meanwhile is told and taken back.
use super::scene::{FIRST, Run, Scene, finish};
use super::together::{Other, until};
use crate::support::{TestDatabase, Version, fresh_database};

const KEY: &str = "    primary_key: [id]\n";

fn with(more: &str) -> String {
    FIRST.replace(KEY, &format!("{KEY}{more}"))
}

fn first(version: Version) -> Option<(Scene, TestDatabase)> {
    let database = fresh_database(version)?;
    let scene = Scene::planned();
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 first"]);
    Some((scene, database))
}

/// What is added, the rows of `path` and `size` that break it, what is said of them, and the constraint that is in force.
fn shapes() -> Vec<(&'static str, String, &'static str, &'static str)> {
    vec![
        (
            "check",
            with("    checks: {positive: \"size > 0\"}\n"),
            "('b', -1)",
            "inserts and updates of documents that break check positive: size > 0",
        ),
        (
            "not-null",
            FIRST.replace("size: integer", "size: integer not null"),
            "('b', null)",
            "inserts and updates of documents that leave size null",
        ),
        (
            "foreign-key",
            with("    foreign_keys: {f: {columns: [size], references: \"documents (id)\"}}\n"),
            "('b', 77)",
            "inserts and updates of documents with size not in documents (id)",
        ),
    ]
}

/// pgform has counted, and runs.
fn runs(database: &TestDatabase) {
    until(database, "select count(*) from pgform.run where status = 'running'", "1");
}

#[test]
fn rows_that_break_a_rule_are_counted_before_anything_runs() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = first(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        let mut all = shapes();
        all.push(("unique", with("    unique: {u: [path]}\n"), "('a', 1), ('a', 1)", ""));
        all.push((
            "index",
            with("    indexes: {i: {keys: [\"lower(path)\"], unique: true}}\n"),
            "('a', 1), ('A', 1)",
            "",
        ));
        all.push((
            "renamed",
            FIRST.replace("size: integer", "bytes: {type: integer, not_null: true, renamed_from: size}"),
            "('b', null)",
            "",
        ));
        for (title, text, bad, _) in all {
            sql(&format!(
                "truncate documents; insert into documents (path, size) values ('x', null), {bad}; delete from documents where path = 'x'"
            ));
            scene.write("schema/a.yaml", &text);
            let allow = ["--allow", "BreaksClients"];
            let asked = scene.on(&database, &["plan", "-m", title]);
            asked.expect(0, &["Counted first, before anything runs", " at ", "apply refuses", "select "]);
            let said = ["error[condition]", "would stop in segment", "found by: select"];
            scene.refused_on(&database, &[&["apply", "--yes"], &allow[..]].concat(), 4, &said);
            scene.refused_on(&database, &[&["dry-run", title, "--yes"], &allow[..]].concat(), 4, &said);
            assert_eq!(sql("select count(*) from pgform.run where status <> 'done'"), "0", "{title}: a run was begun");
            sql("delete from documents");
            scene.on(&database, &[&["apply", "--yes"], &allow[..]].concat()).expect(0, &["applied: 0002"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back"]);
            forget_second(&scene);
        }
    }
}

fn forget_second(scene: &Scene) {
    for file in std::fs::read_dir(scene.at("plans")).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains("0002") {
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.unwrap();
        }
    }
}

/// Applies while another session has rows written that nobody sees yet, and commits them when everything is counted.
fn while_written(scene: &Scene, database: &TestDatabase, (command, rows): (&[&str], &str)) -> Run {
    let other = Other::new(database, &format!("insert into documents (path, size) values {rows}"));
    let mut all = command.to_vec();
    all.extend(["--yes", "-d", &database.url]);
    let running = scene.start(&all);
    runs(database);
    other.commit();
    finish(running)
}

#[test]
fn a_rule_that_rows_written_meanwhile_break_is_taken_back() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = first(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        for (title, text, bad, refused) in shapes() {
            sql("truncate documents restart identity");
            scene.write("schema/a.yaml", &text);
            scene.run(&["plan", "-m", title]).expect(0, &["0002-"]);
            let rules = "select count(*) from pg_constraint where conrelid = 'documents'::regclass";
            let before = sql(rules);
            let run = while_written(&scene, &database, (&["apply"], bad));
            run.expect(
                5,
                &[
                    "stopped in segment 2",
                    "taken back: constraint",
                    refused,
                    "go on as before",
                    "rows that break it: 1, found by: select",
                ],
            );
            run.expect(5, &["done: none left behind: nothing", "nothing of this plan is in place"]);
            assert_eq!(sql(rules), before, "{title}: the rule is still there");
            // The application goes on.
            sql(&format!("insert into documents (path, size) values {bad}"));
            scene.refused_on(&database, &["apply", "--yes"], 4, &["error[condition]", "2 rows of documents"]);
            sql("delete from documents");
            scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002"]);
            scene.on(&database, &["check"]).expect(0, &["drift: none"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002"]);
            forget_second(&scene);
        }
    }
}

#[test]
fn a_rule_is_kept_for_new_rows_where_that_is_asked_for() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = first(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        for (title, text, bad, refused) in shapes() {
            sql(&format!("truncate documents; insert into documents (path, size) values {bad}"));
            scene.write("schema/a.yaml", &text);
            scene.run(&["plan", "-m", title]).expect(0, &["0002-"]);
            let run = scene.on(&database, &["apply", "--yes", "--keep-not-valid"]);
            run.expect(
                5,
                &[
                    "stopped in segment 2",
                    "in force now:",
                    refused,
                    "fail, by constraint",
                    "left behind: a rule that new rows obey",
                ],
            );
            run.expect(5, &["done: 1", "rows that break it: 1, found by: select"]);
            let status = scene.on(&database, &["status"]);
            status.expect(0, &["stopped in 0002", "in force now:", refused]);
            let insert = format!(
                "do $$ begin insert into documents (path, size) values {bad}; raise exception 'taken'; exception when integrity_constraint_violation then null; end $$"
            );
            sql(&insert);
            assert_eq!(sql("select count(*) from documents"), "1", "{title}");
            // Not asked for, it is taken back; then it is counted before it is set up again.
            let run = scene.on(&database, &["apply", "--yes"]);
            run.expect(5, &["stopped in segment 2", "taken back: constraint"]);
            scene.on(&database, &["apply", "--yes"]).expect(4, &["error[condition]"]);
            scene.on(&database, &["apply", "--yes", "--keep-not-valid"]).expect(5, &["in force now"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002"]);
            sql(&format!("insert into documents (path, size) values {bad}"));
            scene.on(&database, &["apply", "--yes"]).expect(4, &["error[held]"]);
            sql("delete from documents");
            scene.on(&database, &["apply", "--yes", "--again"]).expect(0, &["applied: 0002"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002"]);
            forget_second(&scene);
        }
    }
}

#[test]
fn a_unique_index_that_rows_written_meanwhile_break_leaves_nothing() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = first(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        for text in [with("    unique: {u: [path]}\n"), with("    indexes: {u: {keys: [path], unique: true}}\n")] {
            scene.write("schema/a.yaml", &text);
            scene.run(&["plan", "-m", "unique"]).expect(0, &["0002-", "MayFailOnRows"]);
            let run = while_written(&scene, &database, (&["apply"], "('a', 1), ('a', 2)"));
            run.expect(
                5,
                &["stopped in segment 1", "could not create unique index", "done: none left behind: nothing"],
            );
            assert_eq!(sql("select count(*) from pg_class where relname = 'u'"), "0");
            scene.on(&database, &["apply", "--yes"]).expect(4, &["error[condition]", "group by path"]);
            sql("delete from documents");
            scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002"]);
            scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002"]);
            forget_second(&scene);
        }
    }
}

#[test]
fn a_way_back_takes_a_rule_back_that_rows_break() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        let scene = Scene::new(&FIRST.replace("size: integer", "size: integer not null"));
        scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
        scene.change("size: integer not null", "size: integer");
        scene.run(&["plan", "-m", "nulls"]).expect(0, &["0002-nulls"]);
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 nulls"]);
        let run = while_written(&scene, &database, (&["rollback"], "('b', null)"));
        run.expect(
            5,
            &[
                "stopped in segment 1 of 1 on the way back",
                "taken back, so that new rows need not obey it",
                "where size is null",
            ],
        );
        assert_eq!(
            sql("select count(*) from pg_constraint where conrelid = 'documents'::regclass and contype = 'c'"),
            "0"
        );
        sql("insert into documents (path, size) values ('c', null); delete from documents");
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 nulls"]);
        assert_eq!(
            sql("select attnotnull from pg_attribute where attrelid = 'documents'::regclass and attname = 'size'"),
            "t"
        );
    }
}
