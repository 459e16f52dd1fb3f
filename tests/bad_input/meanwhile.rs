//! What others do to a database while pgform reads it, asks, or has stopped midway.
use super::scene::{FIRST, Scene, finish};
use super::together::{BUILDS, Other, until};
use crate::support::{TestDatabase, Version, fresh_database, programs};
use pgform::{
    execute::Silent,
    settings::Asked,
    workflow::{AdoptArgs, ApplyArgs, Project, adopt, apply},
};
use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

const KEY: &str = "    primary_key: [id]\n";

fn first_applied(version: Version) -> Option<(Scene, TestDatabase)> {
    let database = fresh_database(version)?;
    let scene = Scene::planned();
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    database.server.sql(&database.name, "insert into documents (path) values ('a')");
    Some((scene, database))
}

#[test]
fn a_catalog_that_never_stands_still_is_not_imported_as_if_it_did() {
    let Some((_, database)) = first_applied(Version::V18) else { return };
    database.server.sql(
        &database.name,
        "create view v as select 1 as a;
         create procedure restless() language plpgsql as $$ begin loop
             create or replace view v as select 2 as a; commit;
             create or replace view v as select 1 as a; commit;
         end loop; end $$",
    );
    let programs = programs(Version::V18).unwrap();
    let mut psql = Command::new(programs.join("bin/psql"))
        .args(["-X", "-q", "-U", "postgres", "-h", "127.0.0.1", "-p", &database.server.port.to_string()])
        .args([&database.name, "-c", "call restless()"])
        .env("LD_LIBRARY_PATH", programs.join("lib"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let restless = "from pg_stat_activity where query like 'call restless%' and datname = current_database()";
    until(&database, &format!("select count(*) {restless} and state = 'active'"), "1");
    let scene = Scene::empty();
    scene.refused(&["import", "-d", &database.url], 1, &["the catalog changed during each of 3 readings"]);
    database.server.sql(&database.name, &format!("select pg_terminate_backend(pid) {restless}"));
    psql.wait().unwrap();
    scene.on(&database, &["import"]).expect(0, &[]);
}

#[tokio::test]
async fn what_changes_while_somebody_is_asked_is_found() {
    let Some((scene, database)) = first_applied(Version::V18) else { return };
    database.server.sql(&database.name, "update documents set size = 1");
    scene.change("size: integer", "size: integer not null default 0");
    scene.run(&["plan", "-m", "size"]).expect(0, &["0002-size"]);
    let at = |name: &str| scene.at(name);
    let project = Project::open(scene.path(), at("schema"), at("plans"), BTreeMap::new()).unwrap();
    let asked = Asked { database_url: Some(database.url.clone()), ..Asked::default() };
    let args = ApplyArgs { database: asked, ..ApplyArgs::default() };
    let mut confirm = |_: &pgform::workflow::Question<'_>| {
        database.server.sql(&database.name, "alter table documents alter size set default 7");
        true
    };
    let refused = apply(&project, &args, &mut Silent, &mut confirm).await.unwrap_err();
    assert!(refused.to_string().contains("somebody changed column documents.size"), "{refused}");
}

#[tokio::test]
async fn what_changes_before_it_is_recorded_is_not_adopted_unseen() {
    let Some((_, database)) = first_applied(Version::V18) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    sql("drop schema pgform cascade");
    let scene = Scene::planned();
    let at = |name: &str| scene.at(name);
    let project = Project::open(scene.path(), at("schema"), at("plans"), BTreeMap::new()).unwrap();
    let asked = Asked { database_url: Some(database.url.clone()), ..Asked::default() };
    let args = AdoptArgs { database: asked, ..AdoptArgs::default() };
    let mut confirm = |_: &pgform::workflow::Question<'_>| {
        sql("alter table documents alter path set default 'x'");
        true
    };
    let refused = adopt(&project, &args, &mut confirm).await.unwrap_err();
    assert!(refused.to_string().contains("changed since it was compared: nothing was recorded"), "{refused}");
    assert_eq!(sql("select count(*) from pg_namespace where nspname = 'pgform'"), "0");
    scene.refused_on(&database, &["adopt", "--yes"], 4, &["documents.path"]);
    sql("alter table documents alter path drop default");
    scene.on(&database, &["adopt", "--yes"]).expect(0, &["adopted"]);
}

#[test]
fn a_comment_by_hand_stops_no_plan_that_leaves_it_alone() {
    let Some((scene, database)) = first_applied(Version::V18) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    sql("comment on table documents is 'by hand'");
    scene.change("size: integer", "size: integer\n      kind: text");
    scene.run(&["plan", "-m", "kind"]).expect(0, &["0002-kind"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 kind", "has drifted", "by hand"]);
    // The way back of a plan that changes it would not bring it back.
    scene.change("  documents:\n", "  documents:\n    comment: declared\n");
    scene.run(&["plan", "-m", "comment"]).expect(0, &["0003-comment"]);
    scene.refused_on(&database, &["apply", "--yes"], 4, &["error[stale]", "by hand"]);
    sql("comment on table documents is null");
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0003 comment"]);
}

/// Kills pgform while it builds an index, and leaves what it leaves.
fn killed_in_the_build(scene: &Scene, database: &TestDatabase) {
    let other = Other::new(database, "update documents set path = 'b'");
    let mut running = scene.start(&["apply", "--yes", "-d", &database.url]);
    until(database, BUILDS, "1");
    running.child.kill().unwrap();
    finish(running);
    let ours = "from pg_stat_activity where application_name like 'pgform/%' and datname = current_database()";
    database.server.sql(&database.name, &format!("select pg_terminate_backend(pid) {ours}"));
    until(database, &format!("select count(*) {ours}"), "0");
    other.end();
}

#[test]
fn an_unfinished_index_that_others_may_have_is_told_from_theirs() {
    let Some((scene, one)) = first_applied(Version::V18) else { return };
    let Some(other) = fresh_database(Version::V18) else { return };
    scene.on(&other, &["apply", "--yes"]).expect(0, &["applied"]);
    one.server.sql(&one.name, "create index by_hand on documents (path)");
    scene.write("schema/a.yaml", FIRST.replace(KEY, &format!("{KEY}    indexes: {{by_hand: [path]}}\n")));
    scene.on(&one, &["plan", "-m", "take over", "--absorb", "by_hand"]).expect(0, &["0002-take-over"]);
    scene.on(&one, &["apply", "--yes"]).expect(0, &["applied: 0002"]);
    killed_in_the_build(&scene, &other);
    scene.on(&other, &["status"]).expect(0, &["stopped in 0002 take-over"]);
    scene.on(&other, &["apply", "--yes"]).expect(0, &["applied: 0002 take-over"]);
    scene.on(&other, &["check"]).expect(0, &["drift: none"]);
}

#[test]
fn what_was_changed_while_a_plan_was_stopped_is_found_before_it_goes_on() {
    let Some((scene, database)) = first_applied(Version::V18) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    scene.write("schema/a.yaml", FIRST.replace(KEY, &format!("{KEY}    indexes: {{by_path: [path]}}\n")));
    scene.run(&["plan", "-m", "index"]).expect(0, &["0002-index"]);
    killed_in_the_build(&scene, &database);
    sql("alter table documents alter path set default 'x'");
    scene.on(&database, &["apply", "--yes"]).expect(4, &["error[stale]", "documents.path"]);
    sql("alter table documents alter path drop default");
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 index"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
}

#[test]
fn a_database_remembers_its_environment_where_none_is_named() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let Some(production) = fresh_database(Version::V18) else { return };
    let mut scene = Scene::planned();
    let settings = "environments:
  staging: {url: {env: STAGING_URL}, drift: refuse}
  production: {url: {env: PRODUCTION_URL}, requires: {dry_run: staging}, protected: true}
";
    scene.write("pgform.yaml", settings);
    scene.variables.push(("STAGING_URL".into(), database.url.clone()));
    scene.variables.push(("PRODUCTION_URL".into(), production.url.clone()));
    let to_production = ["apply", "--env", "production", "--confirm", "production"];
    scene.run(&["apply", "--env", "staging", "--yes"]).expect(0, &["applied: 0001 first"]);
    scene.run(&to_production).expect(0, &["applied: 0001 first"]);
    scene.change("size: integer", "size: integer\n      kind: text");
    scene.run(&["plan", "-m", "kind"]).expect(0, &["0002-kind"]);
    scene.run(&to_production).expect(4, &["was not tried on staging"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 kind"]);
    scene.run(&to_production).expect(0, &["applied: 0002 kind"]);
    // What its environment says of drift holds too.
    database.server.sql(&database.name, "create table by_hand ()");
    scene.change("kind: text", "kind: text\n      more: text");
    scene.run(&["plan", "-m", "more"]).expect(0, &["0003-more"]);
    scene.refused_on(&database, &["apply", "--yes"], 4, &["by_hand", "drift: refuse"]);
    // Nor does another name lift what it demands, unless somebody types the name that it has.
    let relabel = ["adopt", "--relabel", "--env", "staging", "-d", &production.url];
    scene.refused(&[&relabel[..], &["--yes"]].concat(), 4, &["nobody said yes"]);
    scene.run(&[&relabel[..], &["--confirm", "production"]].concat()).expect(0, &["relabelled"]);
}

#[test]
fn several_plans_are_named_while_they_run() {
    let Some((scene, _)) = first_applied(Version::V18) else { return };
    let Some(database) = fresh_database(Version::V18) else { return };
    scene.change("size: integer", "size: integer\n      kind: text");
    scene.run(&["plan", "-m", "kind"]).expect(0, &["0002-kind"]);
    let run = scene.on(&database, &["apply", "--yes"]);
    let lines: Vec<&str> = run.out.lines().filter(|l| *l == "0001 first" || *l == "0002 kind").collect();
    assert_eq!(lines, ["0001 first", "0002 kind"], "{}", run.out);
}
