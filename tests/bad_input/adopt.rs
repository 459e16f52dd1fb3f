//! Databases that have objects and no journal.
use super::scene::Scene;
use crate::support::{Version, fresh_database};

#[test]
fn a_database_with_the_baselines_objects_runs_nothing_and_says_which_to_adopt() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    sql("create table old (id bigint primary key, name text); insert into old values (1, 'kept')");
    let scene = Scene::empty();
    scene.on(&database, &["import"]).expect(0, &["0001-baseline.yaml"]);
    scene.refused_on(&database, &["apply", "--yes"], 4, &["error[not-adopted]", "pgform adopt baseline"]);
    scene.refused_on(&database, &["rollback", "--yes"], 4, &["error[plan-position]", "pgform never ran here"]);
    sql("alter table old alter name type varchar(9)");
    scene.refused_on(&database, &["adopt", "--yes"], 4, &["error[stale]", "old.name"]);
    sql("alter table old alter name type text");
    scene.refused_on(&database, &["adopt"], 4, &["error[not-confirmed]"]);
    scene.refused_on(&database, &["adopt", "basline", "--yes"], 1, &["error[plan-name]", "did you mean `baseline`?"]);
    scene.on(&database, &["adopt", "--yes"]).expect(0, &["adopted: 0001 baseline"]);
    scene.refused_on(&database, &["adopt", "--yes"], 4, &["error[plan-position]", "pgform status"]);
    scene.refused_on(&database, &["rollback", "--yes"], 4, &["error[plan-position]", "it has no way back here"]);
    // Import is for a new project.
    scene.refused_on(&database, &["import"], 1, &["error[file]", "has plans already"]);
    scene.refused_on(&database, &["import", "--plans-dir", "other"], 1, &["error[file]", "schema is not empty"]);
}

#[test]
fn a_first_plan_whose_objects_are_there_is_adopted_not_run() {
    let Some(database) = fresh_database(Version::V18) else { return };
    database.server.sql(&database.name, "create table documents (id bigint)");
    let scene = Scene::planned();
    scene.refused_on(&database, &["apply", "--yes"], 4, &["error[not-adopted]", "pgform adopt first"]);
    scene.refused_on(&database, &["adopt", "--yes"], 4, &["error[stale]", "documents.path"]);
    database.server.sql(&database.name, "drop table documents");
    scene.refused_on(&database, &["adopt", "--yes"], 4, &["error[stale]", "table documents"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 first"]);
}
