//! What people and programs read about a database: drift with its ways out, the summary of a way back, errors as JSON.

use crate::support::{self, Version, expect, pgform, project};

const DECLARATION: &str = "\
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
    indexes:
      documents_path_idx: [path]
";

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn drift_is_told_attribute_by_attribute_with_the_ways_out() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    let never = pgform(dir, &["check", "-d", url, "--format", "json"]);
    assert_eq!(json(&never.out)["data"]["status"]["known"], false);
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "+ index documents_path_idx btree (path)");
    expect(&pgform(dir, &["status", "-d", url]), 0, "not known to pgform yet · 1 plan pending: 0001 first");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    database.server.sql(
        &database.name,
        "alter table documents alter path drop not null, alter path set default ''; drop index documents_path_idx;
         create index by_hand on documents (path desc)",
    );
    let run = pgform(dir, &["check", "-d", url, "--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let found = json(&run.out);
    assert_eq!((&found["version"], &found["report"]), (&1.into(), &"check".into()));
    let drift = found["data"]["drift"].as_array().unwrap();
    let by =
        |object: &str| drift.iter().find(|d| d["object"] == object).unwrap_or_else(|| panic!("{object}: {found:#}"));
    let column = by("column [public, documents, path]");
    let says: Vec<&str> = column["differs"].as_array().unwrap().iter().map(|d| d["says"].as_str().unwrap()).collect();
    assert_eq!(says, ["- not null", "+ default ''::text"]);
    assert_eq!(by("index [public, documents_path_idx]")["does"], "-");
    let made = by("index [public, by_hand]");
    assert_eq!((&made["does"], &made["on"]), (&"+".into(), &"documents".into()));
    assert!(made["ways"].as_array().unwrap().iter().any(|way| way.as_str().unwrap().contains("--absorb by_hand")));
    let text = pgform(dir, &["check", "-d", url]);
    expect(&text, 3, "~ column documents.path - not null, + default ''::text");
    expect(&text, 3, "leave alone: unmanaged: [by_hand]");
}

#[test]
fn a_rollback_says_what_it_would_lose_before_it_is_refused() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "to do: 0001 first (not approved)");
    database.server.sql(&database.name, "insert into documents (path) values ('/a')");
    let refused = pgform(dir, &["rollback", "-d", url, "--yes"]);
    expect(&refused, 4, "back from 0001 first to the state before all plans · 1 segment");
    expect(&refused, 4, "comes back nothing goes table documents is lost");
    expect(&refused, 4, "is lost 1 row of documents written since needs --allow DataLoss:documents");
    let history = json(&pgform(dir, &["history", "-d", url, "--format", "json"]).out);
    let runs = history["data"]["runs"].as_array().unwrap();
    assert_eq!((runs.len(), &runs[0]["verb"], &runs[0]["done"]), (1, &"apply".into(), &1.into()));
    expect(&pgform(dir, &["rollback", "-d", url, "--yes", "--allow", "DataLoss:documents"]), 0, "rolled back: 0001");
    let status = json(&pgform(dir, &["status", "-d", url, "--format", "json"]).out);
    assert_eq!(status["data"]["pending"][0]["lacks"], serde_json::json!(["held"]));
}

#[test]
fn a_plan_that_was_rolled_back_and_left_out_waits_for_nobody() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    support::change(dir, "primary_key: [id]", "primary_key: [id]\n    comment: Files");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "0002");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 second");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
    let held = pgform(dir, &["check", "-d", url]);
    expect(&held, 2, "1 plan pending: 0002 second (held)");
    expect(&held, 2, "held: 0002 second (was rolled back here) again: pgform apply second --again -d");
    // Left out.
    std::fs::remove_file(dir.join("plans/0002-second.yaml")).unwrap();
    let left_out = pgform(dir, &["check", "-d", url]);
    expect(&left_out, 0, "no plan pending held: 0002 second (was rolled back here, and is no plan of the chain)");
    assert!(!left_out.out.contains("--again"), "told to run what is not there: {}", left_out.out);
    expect(&pgform(dir, &["status", "-d", url]), 0, "0002 second (was rolled back here, and is no plan of the chain)");
    // Made again without saying that it takes the other's place.
    expect(&pgform(dir, &["plan", "-m", "third"]), 0, "0002");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 third");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn names_that_renames_leave_to_not_null_constraints_are_no_drift_and_others_are() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
    support::change(dir, "  documents:\n", "  files:\n    renamed_from: documents\n");
    support::change(dir, "path: text not null", "name: {type: text, not_null: true, renamed_from: path}");
    support::change(dir, "[path]", "[name]");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "0002");
    // The name that the renamed column's constraint would have here.
    support::change(dir, ", renamed_from: path}", "}");
    support::change(dir, "    primary_key", "      path: text not null default ''\n    primary_key");
    expect(&pgform(dir, &["plan", "-m", "third"]), 0, "0003");
    let allow = ["--allow", "BreaksClients:*"];
    expect(&pgform(dir, &[&["apply", "-d", url, "--yes"], &allow[..]].concat()), 0, "0003 third");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    let sql = |text: &str| database.server.sql(&database.name, text);
    let names = "select string_agg(conname, ' ' order by conname) from pg_constraint where contype = 'n' and conrelid = 'files'::regclass";
    assert_eq!(sql(names), "documents_id_not_null documents_path_not_null files_path_not_null");
    sql("alter table files rename constraint documents_path_not_null to by_hand");
    expect(
        &pgform(dir, &["check", "-d", url]),
        3,
        "drift: 1 ~ column files.name not_null_name files_name_not_null  →  by_hand",
    );
    sql("alter table files rename constraint by_hand to files_name_not_null");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn errors_are_json_where_the_result_would_be() {
    let dir = project(&DECLARATION.replace("text not null", "txt not null").replace("[path]", "[no_such]"));
    let run = pgform(dir.path(), &["validate", "--format", "json"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let told: Vec<serde_json::Value> = run.err.lines().map(json).collect();
    assert!(told.len() >= 2, "{}", run.err);
    for one in &told {
        assert_eq!((&one["version"], &one["report"]), (&1.into(), &"diagnostic".into()));
        assert!(one["data"]["places"][0]["line"].as_u64().unwrap() > 1, "{one}");
        assert_eq!(one["data"]["places"][0]["file"], "schema/documents.yaml");
    }
}
