//! Labels of enums that go: with a type made anew where tables are small, aside elsewhere; never in silence.
use super::scene::Scene;
use super::taken_over::written_while_it_waits;
use crate::support::{TestDatabase, Version, fresh_database};

const ENUM: &str = "\
schema: public
enums:
  status: [draft, done, lost]
tables:
  notes:
    columns:
      id: bigint generated always as identity
      status: \"status not null default 'draft'\"
      former: \"status[]\"
    primary_key: [id]
    checks: {finished: \"status <> 'done' or id > 0\"}
    indexes: {open_notes: {keys: [id], where: \"status = 'draft'\"}, notes_by_status: [status]}
views:
  open: {query: \"select id, status from notes where status = 'draft'\"}
";

const ALLOW: [&str; 4] = ["--allow", "BreaksClients", "--allow", "DataLoss:*"];

fn applied(version: Version) -> Option<(Scene, TestDatabase)> {
    let database = fresh_database(version)?;
    let scene = Scene::new(ENUM);
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    let rows = "insert into notes (status, former) select (array['draft', 'done', 'lost'])[i % 3 + 1]::status, '{done}' from generate_series(1, 9) i";
    database.server.sql(&database.name, rows);
    Some((scene, database))
}

fn labels(database: &TestDatabase) -> String {
    let sql = "select string_agg(enumlabel, ' ' order by enumsortorder) from pg_enum";
    database.server.sql(&database.name, sql)
}

fn apply(scene: &Scene, database: &TestDatabase) -> super::scene::Run {
    scene.on(database, &[&["apply", "--yes"], &ALLOW[..]].concat())
}

#[test]
fn a_label_of_a_small_table_goes_with_the_type_and_comes_back_exactly() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = applied(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        let shape = || database.server.dump(&database.name, &["--schema-only", "--schema=public"]);
        let before = shape();
        scene.change("[draft, done, lost]", "[draft, done]");
        let review = scene.on(&database, &["plan", "-m", "lost"]);
        review.expect(
            0,
            &["make enum status anew without 'lost'", "table notes is small", "3 rows holding 'lost'", "apply refuses"],
        );
        let refused = ["error[condition]", "3 rows holding 'lost'", "found by: select"];
        scene.refused_on(&database, &[&["apply", "--yes"], &ALLOW[..]].concat(), 4, &refused);
        sql("update notes set status = 'done' where status = 'lost'");
        apply(&scene, &database).expect(0, &["applied: 0002 lost"]);
        assert_eq!(labels(&database), "draft done");
        assert_eq!(sql("select count(*) from open"), "3");
        scene.on(&database, &["check"]).expect(0, &["drift: none"]);
        scene.on(&database, &["plan", "-m", "again"]).expect(0, &["no changes"]);
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 lost"]);
        assert_eq!(labels(&database), "draft done lost");
        assert_eq!(shape(), before);
        scene
            .on(&database, &["apply", "--yes", "--again", "--allow", "BreaksClients"])
            .expect(0, &["applied: 0002 lost"]);
    }
}

#[test]
fn a_type_is_not_made_anew_under_a_table_that_is_large_elsewhere() {
    let (Some((scene, small)), Some(large)) = (applied(Version::V18), fresh_database(Version::V18)) else { return };
    scene.on(&large, &["apply", "--yes"]).expect(0, &["applied"]);
    let many = "insert into notes (status, former) select 'done', array_fill('done'::status, array[40]) from generate_series(1, 90000)";
    large.server.sql(&large.name, many);
    small.server.sql(&small.name, "delete from notes where status = 'lost'");
    scene.change("[draft, done, lost]", "[draft, done]");
    scene.on(&small, &["plan", "-m", "lost"]).expect(0, &["make enum status anew"]);
    apply(&scene, &small).expect(0, &["applied: 0002 lost"]);
    let args = [&["apply", "--yes"], &ALLOW[..]].concat();
    scene.refused_on(
        &large,
        &args,
        4,
        &["error[assumption]", "table notes is not small", "pgform plan -m lost --replace 0002-lost"],
    );
}

#[test]
fn a_label_set_aside_is_counted_and_declared_by_nobody() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = applied(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        scene.change("[draft, done, lost]", "[draft, done]");
        let review = scene.run(&["plan", "-m", "lost"]);
        review.expect(
            0,
            &["set label 'lost' of status aside", "stays visible as a label", "notes is not known to be small"],
        );
        review.expect(0, &["rows holding 'lost', which show '~", "refuses without --allow DataLoss:status"]);
        let refused = ["error[hazard]: 0002", "3 rows holding 'lost', which show '~", "--allow DataLoss:status"];
        scene.refused_on(&database, &[&["apply", "--yes"], &ALLOW[..]].concat(), 4, &refused);
        let named = ["apply", "--yes", "--allow", "BreaksClients", "--allow", "DataLoss:status"];
        scene.on(&database, &named).expect(0, &["applied: 0002 lost"]);
        assert_eq!(sql("select count(*) from notes where status::text like '~%'"), "3");
        let check = scene.on(&database, &["check"]);
        check.expect(0, &["drift: none"]);
        assert!(!check.words().contains('~'), "{}", check.out);
        scene.run(&["plan", "-m", "again"]).expect(0, &["no changes"]);
        // An import leaves it out, and says so; nothing differs then.
        let imported = Scene::empty();
        imported
            .on(&database, &["import"])
            .expect(0, &["label '~", "of enum status: set aside by a plan", "rows that hold it: 3"]);
        let files: String = imported
            .files()
            .into_iter()
            .filter(|(path, _)| path.components().any(|part| part.as_os_str() == "schema"))
            .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        assert!(files.contains("draft") && !files.contains('~'), "{files}");
        imported.run(&["validate"]).expect(0, &[]);
        imported.run(&["plan", "-m", "x"]).expect(0, &["no changes"]);
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 lost"]);
        assert_eq!(sql("select count(*) from notes where status = 'lost'"), "3");
    }
}

#[test]
fn a_new_label_goes_again_as_one_that_is_taken_away_does() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = applied(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        let shape = || database.server.dump(&database.name, &["--schema-only", "--schema=public"]);
        let before = shape();
        scene.change("[draft, done, lost]", "[draft, checked, done, lost]");
        scene
            .on(&database, &["plan", "-m", "checked"])
            .expect(0, &["add label 'checked' to status", "exact, if newer rows allow"]);
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 checked"]);
        sql("update notes set status = 'checked' where id = 1");
        scene.refused_on(&database, &["rollback", "--yes"], 4, &["1 row holding 'checked'"]);
        sql("update notes set status = 'done' where id = 1");
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 checked"]);
        assert_eq!(labels(&database), "draft done lost");
        assert_eq!(shape(), before);
        // Where nothing is known of the table, the label stays for the rows that hold it.
        let review = scene.run(&["plan", "-m", "aside", "--replace", "checked"]);
        review.expect(0, &["as before, but for what stays aside as ~"]);
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0003"]);
        sql("update notes set status = 'checked' where id = 1");
        let refused = ["error[hazard]", "1 row holding 'checked', which show '~", "--allow DataLoss:status"];
        scene.refused_on(&database, &["rollback", "--yes"], 4, &refused);
        scene.on(&database, &["rollback", "--yes", "--allow", "DataLoss:status"]).expect(0, &["rolled back"]);
        assert!(labels(&database).contains('~'));
        scene.on(&database, &["apply", "--yes", "--again"]).expect(0, &["applied"]);
        assert_eq!(sql("select status from notes where id = 1"), "checked");
    }
}

#[test]
fn what_holds_a_label_by_the_time_that_it_goes_is_counted_under_its_name_of_then() {
    for version in [Version::V18, Version::V16] {
        let Some((scene, database)) = applied(version) else { return };
        let sql = |sql: &str| database.server.sql(&database.name, sql);
        sql("delete from notes where status = 'lost'");
        scene.change("[draft, done, lost]", "[draft, done]");
        scene.change("      former: \"status[]\"", "      later: {type: \"status[]\", renamed_from: former}");
        scene
            .run(&["plan", "-m", "lost"])
            .expect(0, &["set label 'lost' of status aside", "rename column notes.former"]);
        let args = ["--allow", "BreaksClients"];
        let lost = ["error[hazard]: 0002", "would lose 1 row holding 'lost', which show '~", "counted inside its lock"];
        let hold = ("lock table notes in row exclusive mode", "insert into notes (former) values ('{draft,lost}')");
        written_while_it_waits((&scene, &database), &args, hold, (4, &lost));
        assert_eq!(sql("select count(*) from notes where 'lost' = any (former)"), "1");
        sql("update notes set former = null where 'lost' = any (former)");
        scene.on(&database, &[&["apply", "--yes"], &args[..]].concat()).expect(0, &["applied: 0002 lost"]);
    }
}
