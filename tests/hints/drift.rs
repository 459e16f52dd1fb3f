//! Drift: each way that `check` prints, followed to its end.
use super::{on, planned, scene, take};
use crate::support::{Run, TestDatabase, change, expect, pgform};
use std::path::Path;

/// Applies what was planned; then nothing differs any more, and there is nothing to plan.
#[track_caller]
fn ends(dir: &Path, database: &TestDatabase) {
    let allowed = ["--allow", "DataLoss", "--allow", "BreaksClients", "--allow", "LongLock"];
    let applied = on(dir, database, &[&["apply", "--yes"][..], &allowed].concat());
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    in_step(dir, database);
}

#[track_caller]
fn in_step(dir: &Path, database: &TestDatabase) {
    expect(&on(dir, database, &["check"]), 0, "drift: none");
    expect(&on(dir, database, &["plan", "-m", "more"]), 0, "no changes");
    expect(&pgform(dir, &["plan", "-m", "more"]), 0, "no changes");
}

#[track_caller]
fn drifted(dir: &Path, database: &TestDatabase, sql: &str, line: &str) -> Run {
    database.server.sql(&database.name, sql);
    let check = on(dir, database, &["check"]);
    expect(&check, 3, line);
    check
}

/// What `check` prints on the line for `does`, which names no command.
#[track_caller]
fn words<'r>(run: &'r Run, does: &str) -> &'r str {
    let of = |line: &'r str| line.trim().strip_prefix(does)?.strip_prefix(": ");
    run.out.lines().find_map(of).unwrap_or_else(|| panic!("nothing says `{does}: …` in:\n{}", run.out))
}

#[test]
fn each_drift_is_ended_by_the_command_beside_it() {
    for way in ["declare it as it is here, then take over", "drop", "leave alone"] {
        let Some((dir, database)) = scene() else { return };
        let dir = dir.path();
        planned(dir);
        expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
        let check = drifted(dir, &database, "create index by_hand on documents (path)", "+ index by_hand");
        match way {
            "leave alone" => {
                leave_alone(dir, &check);
                in_step(dir, &database);
                continue;
            }
            "drop" => {}
            _ => change(dir, "primary_key: [id]", "primary_key: [id]\n    indexes:\n      by_hand: [path]"),
        }
        expect(&take(dir, &database, &check, way), 0, "Plan 0002");
        ends(dir, &database);
    }
}

/// Edits `pgform.yaml` as `check` says.
fn leave_alone(dir: &Path, check: &Run) {
    let (scope, file) = words(check, "leave alone").split_once(" in ").unwrap();
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, format!("{scope}\n{text}")).unwrap();
}

const CARRIED: &str = "\
create table events (id bigint primary key, \"It's; a note\" text);
create text search configuration twice (parser = default);
create rule \"on {any} *\" as on delete to events do instead nothing";

/// An imported project, with what pgform carries along.
fn imported() -> Option<(tempfile::TempDir, TestDatabase)> {
    let (dir, database) = scene()?;
    std::fs::remove_dir_all(dir.path().join("schema")).unwrap();
    database.server.sql(&database.name, CARRIED);
    let imported = on(dir.path(), &database, &["import"]);
    // Privileges are carried along where no file says that it says all of them.
    std::fs::remove_file(dir.path().join("schema/privileges.yaml")).unwrap();
    expect(&take(dir.path(), &database, &imported, "next"), 0, "adopted: 0001 baseline");
    Some((dir, database))
}

#[test]
fn what_is_carried_along_is_taken_over_or_for_gone_or_left_alone() {
    let twice = "alter text search configuration twice add mapping for word with simple";
    for (sql, line, way) in [
        (twice, "~ text search configuration twice", "take over"),
        ("create rule \"a, b\" as on delete to events do also select 1", "+ rule", "take over"),
        ("create rule \"a, *[b]\" as on delete to events do also select 1", "+ rule", "leave alone"),
        ("create domain \"no\" as int", "+ domain no", "leave alone"),
        ("create domain \"null\" as int", "+ domain", "leave alone"),
        ("drop rule \"on {any} *\" on events", "- rule", "take for gone"),
        ("grant update (\"It's; a note\") on events to public", "~ column", "take over"),
    ] {
        let Some((dir, database)) = imported() else { return };
        let dir = dir.path();
        let check = drifted(dir, &database, sql, line);
        if way == "leave alone" {
            leave_alone(dir, &check);
            expect(&on(dir, &database, &["check"]), 0, "drift: none");
            continue;
        }
        expect(&take(dir, &database, &check, way), 0, "Plan 0002");
        ends(dir, &database);
    }
}

#[test]
fn what_is_put_all_back_is_as_it_was() {
    for (sql, line) in [
        ("alter table documents alter path set default 'x', drop column size", "~ column documents.path"),
        ("drop table documents", "- table documents"),
        ("alter table documents drop constraint documents_pkey", "- key documents.documents_pkey"),
    ] {
        let Some((dir, database)) = scene() else { return };
        let dir = dir.path();
        planned(dir);
        expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
        let check = drifted(dir, &database, sql, line);
        expect(&take(dir, &database, &check, "put all back"), 0, "Plan");
        // Which is a plan as any other, on this database alone.
        let applied = on(dir, &database, &["apply", "repair", "--yes"]);
        expect(&applied, 0, "repair");
        in_step(dir, &database);
    }
}

#[test]
fn all_of_it_is_taken_over_at_once() {
    let Some((dir, database)) = imported() else { return };
    let dir = dir.path();
    let sql = "alter text search configuration twice add mapping for word with simple;
               drop rule \"on {any} *\" on events; grant select on events to public";
    let check = drifted(dir, &database, sql, "~ text search configuration twice");
    expect(&take(dir, &database, &check, "take over all of it"), 0, "Plan 0002");
    expect(&take(dir, &database, &check, "then"), 0, "applied: 0002");
    in_step(dir, &database);
}
