//! Plans that a database is not ready for: applied already, held, replaced, for another state, environment or server.
use super::scene::{FIRST, Scene};
use crate::support::{TestDatabase, Version, fresh_database};
use std::fs;

/// With the first plan applied, and a second one made that drops a column with rows in it.
fn at_first(version: Version) -> Option<(Scene, TestDatabase)> {
    let database = fresh_database(version)?;
    let scene = Scene::planned();
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 first"]);
    database.server.sql(&database.name, "insert into documents (path, size) values ('/a', 1), ('/b', 2)");
    scene.change("      size: integer\n", "      title: text\n");
    scene.run(&["plan", "-m", "second"]).expect(0, &["DataLoss"]);
    Some((scene, database))
}

#[test]
fn applied_held_not_allowed_and_not_confirmed() {
    let Some((scene, database)) = at_first(Version::V18) else { return };
    let refused = |args: &[&str], code, said: &[&str]| drop(scene.refused_on(&database, args, code, said));
    // Whoever says it again, because the answer was lost, is told that it is done.
    scene.on(&database, &["apply", "first", "--yes"]).expect(0, &["nothing to do: 0001 first is applied here already"]);
    refused(
        &["apply", "--yes"],
        4,
        &[
            "error[hazard]: DataLoss of 0002 second: column documents.size is not allowed",
            "--allow DataLoss:documents.size",
        ],
    );
    refused(&["apply", "--allow", "DataLoss"], 4, &["error[not-confirmed]", "--yes"]);
    refused(&["apply", "frist", "--yes"], 1, &["error[plan-name]", "did you mean `first`?"]);
    for (allow, said) in [
        ("Dataloss", "did you mean `DataLoss`?"),
        ("dataloss:documents.size", "names no hazard"),
        ("DataLoss:documents.sise", "there is: DataLoss:"),
        ("DataLoss:other.*", "fits nothing here"),
        ("DataLoss:[", "has no pattern"),
        ("", "names no hazard"),
        ("documents.size", "names no hazard"),
    ] {
        for command in ["apply", "dry-run"] {
            let mut args = vec![command, "--yes", "--allow", allow];
            args.extend((command == "dry-run").then_some("second"));
            refused(&args, 1, &["error[usage]: --allow", said]);
        }
    }
    scene.refused(&["approve", "second"], 4, &["error[hazard]", "--accept DataLoss:documents.size"]);
    scene.refused(
        &["approve", "second", "--accept", "DataLoss:documents.sise"],
        4,
        &["error[usage]", "is no hazard of this plan"],
    );
    refused(&["rollback", "first", "--yes", "--allow", "DataLoss:nothing"], 1, &["error[usage]: --allow"]);
    scene.on(&database, &["apply", "--yes", "--allow", "DataLoss:documents.s*"]).expect(0, &["applied: 0002 second"]);
    scene.on(&database, &["apply", "--yes", "--allow", "DataLoss:documents.size"]).expect(0, &["nothing to do"]);
    refused(&["rollback", "first", "--yes"], 4, &["error[plan-position]", "the last one first"]);
    database.server.sql(&database.name, "update documents set title = 'kept'");
    refused(
        &["rollback", "second", "--yes"],
        4,
        &["error[hazard]: the way back loses 2", "--allow DataLoss:documents.title"],
    );
    scene
        .on(&database, &["rollback", "second", "--yes", "--allow", "DataLoss"])
        .expect(0, &["rolled back: 0002 second"]);
    refused(
        &["apply", "--yes", "--allow", "DataLoss"],
        4,
        &["error[held]: 0002 second was rolled back here", "--again"],
    );
}

#[test]
fn a_database_that_is_not_what_the_plan_starts_from() {
    let Some((scene, database)) = at_first(Version::V16) else { return };
    let apply = ["apply", "--yes", "--allow", "DataLoss"];
    let sql = |sql: &str| drop(database.server.sql(&database.name, sql));
    for (there, back, (said, way)) in [
        (
            "alter table documents alter size type bigint",
            "alter table documents alter size type integer",
            ("documents.size", "pgform check"),
        ),
        // What the journal says is there and is not is looked for first.
        (
            "alter table documents rename size to sise",
            "alter table documents rename sise to size",
            ("documents.size", "pgform repair"),
        ),
        (
            "alter table documents add title text",
            "alter table documents drop title",
            ("documents.title", "pgform check"),
        ),
    ] {
        sql(there);
        scene.refused_on(&database, &apply, 4, &["error[stale]", said, way]);
        scene.on(&database, &["check"]).expect(3, &["drift: ", said]);
        sql(back);
    }
    // What was there and is nobody's is in nobody's way.
    sql("create table of_another (a int)");
    scene.on(&database, &apply).expect(0, &["applied: 0002 second"]);
}

#[test]
fn a_file_elsewhere_that_does_not_follow_where_the_database_stands() {
    let Some((scene, database)) = at_first(Version::V18) else { return };
    fs::rename(scene.at("plans/0002-second.yaml"), scene.at("second.yaml")).unwrap();
    let other = Scene::new(&FIRST.replace("documents", "others"));
    other.run(&["plan", "-m", "other"]).expect(0, &["0001-other"]);
    fs::copy(other.at("plans/0001-other.yaml"), scene.at("other.yaml")).unwrap();
    scene.refused_on(
        &database,
        &["apply", "./other.yaml", "--yes"],
        4,
        &["error[plan-position]", "begins a chain, and this database is at 0001-first"],
    );
    let Some(empty) = fresh_database(Version::V18) else { return };
    scene.refused_on(
        &empty,
        &["apply", "./second.yaml", "--yes", "--allow", "DataLoss"],
        4,
        &["error[plan-position]", "this database is at no plan"],
    );
    scene.refused_on(&empty, &["apply", "./third.yaml", "--yes"], 1, &["error[file]"]);
    scene.on(&database, &["apply", "./second.yaml", "--yes", "--allow", "DataLoss"]).expect(0, &["applied: second"]);
}

#[test]
fn another_environment_or_server() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let mut scene = Scene::planned();
    let environments = "environments:\n  staging: {url: {env: THE_URL}}\n  production: {url: {env: THE_URL}}\n";
    scene.write("pgform.yaml", environments);
    scene.variables.push(("THE_URL".to_owned(), database.url.clone()));
    scene.run(&["apply", "--yes", "--env", "staging"]).expect(0, &["applied: 0001 first"]);
    let before = super::scene::dump(&database);
    scene.refused(&["apply", "--yes", "--env", "production"], 4, &["error[wrong-database]", "staging, not production"]);
    scene.refused(&["rollback", "--yes", "--env", "production"], 4, &["error[wrong-database]"]);
    scene.refused(&["check", "--env", "prodution"], 1, &["error[settings]", "did you mean `production`?"]);
    scene.write("pgform.yaml", format!("postgres: 17..18\n{environments}"));
    let said = ["error[server-version]: this is PostgreSQL 16", "the project declares 17..18", "widen `postgres:`"];
    scene.refused(&["rollback", "--yes", "--env", "staging"], 1, &said);
    assert_eq!(super::scene::dump(&database), before);
}

#[test]
fn a_plan_made_for_newer_servers_only() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let scene = Scene::new(FIRST);
    scene.write("pgform.yaml", "postgres: 17..18\n");
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    fs::remove_file(scene.at("pgform.yaml")).unwrap();
    scene.refused_on(
        &database,
        &["apply", "--yes"],
        1,
        &["error[server-version]", "was planned for PostgreSQL 17..18; this is 16"],
    );
}

#[test]
fn a_plan_that_another_replaced() {
    let Some((scene, database)) = at_first(Version::V18) else { return };
    scene.change("      title: text\n", "      heading: text\n      size: integer\n");
    scene.run(&["plan", "--replace", "second", "-m", "third"]).expect(0, &["0003-third.yaml"]);
    scene.refused_on(
        &database,
        &["apply", "second", "--yes"],
        4,
        &["error[replaced]: 0002 second was replaced by 0003 third", "pgform apply third"],
    );
    scene.refused(&["plan", "--replace", "gone", "-m", "x"], 1, &["error[plan-name]"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0003 third"]);
}
