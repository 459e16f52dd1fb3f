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
    // Without any plan there is a way on, too.
    let none = pgform(dir, &["status", "-d", url]);
    expect(&none, 0, "no plans yet: take over what this database holds: pgform import -d");
    expect(&none, 0, "or begin with what schema/ declares: pgform plan -m first");
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
    expect(&text, 3, "leave alone: scope: {unmanaged: [by_hand]} in pgform.yaml");
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
    for command in ["check", "status"] {
        let left_out = pgform(dir, &[command, "-d", url]);
        expect(&left_out, 0, "no plan pending");
        assert!(!left_out.out.contains("held"), "it never ends: {}", left_out.out);
    }
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

/// Variables without any that says who works here.
fn nobody<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let names = ["PGFORM_USER", "USER", "LOGNAME", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR"];
    let more_names = ["CIRCLE_USERNAME", "BUILD_REQUESTEDFOR", "BITBUCKET_STEP_TRIGGERER_UUID"];
    let git = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
    names.iter().chain(&more_names).map(|name| (*name, "")).chain(git).chain(more.iter().copied()).collect()
}

#[test]
fn who_acts_is_found_out_where_no_account_says_it_and_is_never_unknown_in_silence() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    let config = dir.join("gitconfig");
    std::fs::write(&config, "[user]\n\temail = anna@example.org\n").unwrap();
    let config = config.to_str().unwrap();
    let run = |args: &[&str], more: &[(&str, &str)]| support::pgform_with(dir, args, &nobody(more));
    let made = run(&["plan", "-m", "first"], &[]);
    expect(&made, 0, "nobody knows who does this: it is recorded as `unknown`");
    expect(&made, 0, "say who: --as NAME, or the variable PGFORM_USER");
    let receipts = || std::fs::read_to_string(dir.join("plans/0001-first.receipts/review.yaml")).unwrap();
    assert!(receipts().contains("\"who\":\"unknown\""), "{}", receipts());
    // What counts by its signature alone is not signed by nobody.
    expect(&run(&["approve", "first"], &[]), 1, "nobody knows who you are: nothing was signed");
    expect(&run(&["approve", "first", "--as", ""], &[]), 1, "--as");
    for (more, args, who) in [
        (&[("GIT_CONFIG_GLOBAL", config)][..], &["approve", "first"][..], "anna@example.org"),
        (&[("GIT_CONFIG_GLOBAL", config), ("USER", "anna")], &["approve", "first"], "anna"),
        (&[("USER", "runner"), ("GITHUB_ACTOR", "octo")], &["approve", "first"], "octo"),
        (&[("USER", "gitlab-runner"), ("GITLAB_USER_LOGIN", "lab")], &["approve", "first"], "lab"),
        (&[("GITHUB_ACTOR", "octo"), ("PGFORM_USER", "given")], &["approve", "first"], "given"),
        (&[("PGFORM_USER", "given")], &["approve", "first", "--as", "Ben B."], "Ben B."),
        (&[("PGFORM_USER", "given")], &["approve", "first", "--who", "cid"], "cid"),
    ] {
        expect(&run(args, more), 0, "0001 first is approved");
        let last = receipts().lines().last().unwrap().to_owned();
        assert!(
            last.contains("\"kind\":\"approved\"") && last.contains(&format!("\"who\":\"{who}\"")),
            "{who}: {last}"
        );
    }
    // A story that is told later has its own dates, or none at all.
    let dated = |when| run(&["approve", "first", "--as", "ann"], &[("PGFORM_DATE", when)]);
    expect(&dated("2026-09-08T11:05:00+02:00"), 0, "0001 first is approved");
    let last = receipts().lines().last().unwrap().to_owned();
    assert!(last.contains("\"when\":\"2026-09-08T09:05:00Z\""), "{last}");
    expect(&dated("yesterday"), 1, "the variable PGFORM_DATE is `yesterday`, which is no time");
    // What runs says who set it off, in the journal too.
    let unsigned = run(&["apply", "-d", url, "--yes"], &[]);
    expect(&unsigned, 0, "nobody knows who does this: it is recorded as `unknown`");
    expect(&run(&["rollback", "-d", url, "--yes", "--as", "ben's"], &[]), 0, "rolled back");
    expect(&run(&["apply", "-d", url, "--yes", "--again"], &[("GITHUB_ACTOR", "octo")]), 0, "applied");
    let history = json(&pgform(dir, &["history", "-d", url, "--format", "json"]).out);
    let runs = history["data"]["runs"].as_array().unwrap();
    let who: Vec<&str> = runs.iter().map(|run| run["who"].as_str().unwrap()).collect();
    assert_eq!(who, ["unknown", "ben's", "octo"]);
    assert!(runs.iter().all(|run| run["login"] == "postgres"), "{history:#}");
    expect(&pgform(dir, &["history", "-d", url]), 0, "octo as postgres");
}

#[test]
fn a_database_without_a_name_leaves_no_files_and_one_with_a_name_has_one() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
    let files = || {
        let mut files: Vec<String> = std::fs::read_dir(dir.join("plans/0001-first.receipts"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    };
    for _ in 0..3 {
        expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied");
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
    }
    assert_eq!(files(), ["review.yaml"]);
    std::fs::write(dir.join("pgform.yaml"), "environments:\n  staging: {url: {env: THERE}}\n").unwrap();
    for _ in 0..3 {
        for args in [&["apply", "--yes", "--again", "--env", "staging"][..], &["rollback", "--yes", "--env", "staging"]]
        {
            assert_eq!(support::pgform_with(dir, args, &[("THERE", url)]).code, 0);
        }
    }
    assert_eq!(files(), ["on-staging.yaml", "review.yaml"]);
    let text = std::fs::read_to_string(dir.join("plans/0001-first.receipts/on-staging.yaml")).unwrap();
    assert_eq!(text.lines().count(), 7, "{text}");
}

#[test]
fn a_fork_of_the_chain_hides_nothing_of_a_database_and_a_merge_has_a_way_out() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    let file = |name: &str| dir.join("plans").join(name);
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    // Two branches, and the database has the one.
    support::change(dir, "path: text not null", "path: text not null\n      left: text");
    expect(&pgform(dir, &["plan", "-m", "left"]), 0, "0002");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 left");
    std::fs::rename(file("0002-left.yaml"), dir.join("kept")).unwrap();
    support::change(dir, "left: text", "right: text");
    expect(&pgform(dir, &["plan", "-m", "right"]), 0, "0002");
    std::fs::copy(dir.join("kept"), file("0003-left.yaml")).unwrap();
    for command in ["status", "history"] {
        let run = pgform(dir, &[command, "-d", url]);
        expect(&run, 0, "left");
    }
    let status = pgform(dir, &["status", "-d", url]);
    expect(&status, 0, "at 0002 left · no plan pending before the chain breaks");
    expect(&status, 0, "the chain is broken: 0002 right and 0003 left both follow 0001 first");
    let status = json(&pgform(dir, &["status", "-d", url, "--format", "json"]).out);
    assert_eq!(status["data"]["chain"].as_array().unwrap().len(), 1);
    expect(&pgform(dir, &["show", "right"]), 0, "right");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 1, "both follow 0001 first");
    expect(&pgform(dir, &["check", "-d", url]), 1, "both follow 0001 first");
    // The branch is made again on the other: the database has what no plan of the chain makes.
    std::fs::remove_file(file("0003-left.yaml")).unwrap();
    support::change(dir, "right: text", "right: text\n      left: text");
    expect(&pgform(dir, &["plan", "-m", "left again"]), 0, "0003");
    let refused = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(
        &refused,
        4,
        "this database has 0002-left, which is no plan of the chain: 0002 right does not start from it",
    );
    expect(&refused, 4, &format!("go back over it: pgform rollback 0002-left -d {url}"));
    let status = pgform(dir, &["status", "-d", url]);
    expect(&status, 0, "no plan of the chain: 0002 left (it is in this database)");
    assert!(!status.out.contains("next: pgform apply"), "{}", status.out);
    expect(&pgform(dir, &["rollback", "0002-left", "-d", url, "--yes"]), 0, "rolled back: 0002-left");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 right, 0003 left-again");
    // What went back and is in no file is over.
    let status = pgform(dir, &["status", "-d", url]);
    assert!(!status.out.contains("held"), "{}", status.out);
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn many_plans_are_listed_line_by_line_and_counted_when_they_ran() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    for (at, word) in ["one", "two", "three", "four", "five"].iter().enumerate() {
        expect(&pgform(dir, &["plan", "-m", word]), 0, &format!("000{}", at + 1));
        support::change(dir, "path: text not null", &format!("path: text not null\n      c{at}: text"));
    }
    let lines = "5 plans pending:\n  0001 one\n  0002 two\n  0003 three\n  0004 four\n  0005 five\n";
    let status = pgform(dir, &["status", "-d", url]);
    assert!(status.out.contains(lines), "{}", status.out);
    let applied = pgform(dir, &["apply", "-d", url, "--yes"]);
    assert!(applied.out.contains("to do: 5 plans\n  0001 one (not approved)\n  0002 two"), "{}", applied.out);
    expect(&applied, 0, "applied: 5 plans, from 0001 one to 0005 five");
    assert!(applied.out.lines().all(|line| line.len() < 120), "{}", applied.out);
}

#[test]
fn a_minimum_that_a_database_has_reached_is_no_change_where_no_plan_knows_the_database() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let url = database.url.as_str();
    database
        .server
        .sql(&database.name, "create schema ext; create extension vector schema ext; create extension pg_trgm");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    let text = std::fs::read_dir(dir.join("schema"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect::<String>();
    assert!(text.contains("version: \">= 0."), "{text}");
    std::fs::remove_dir_all(dir.join("plans")).unwrap();
    for output in ["a.yaml", "b.yaml"] {
        expect(&pgform(dir, &["plan", "-m", "x", "-d", url, "--output", output]), 0, "no changes");
    }
    // A plan that changes something else has it in the state before it, and the next one finds nothing.
    std::fs::write(dir.join("schema/more.yaml"), "tables:\n  more: {columns: {id: bigint}}\n").unwrap();
    let plan = pgform(dir, &["plan", "-m", "more", "-d", url, "--output", "p.yaml"]);
    expect(&plan, 0, "+ table public.more");
    assert!(!plan.out.contains("extension"), "{}", plan.out);
    database.server.sql(&database.name, "create table more (id bigint)");
    expect(&pgform(dir, &["plan", "-m", "x", "-d", url, "--output", "c.yaml"]), 0, "no changes");
    // One that it has not reached is a change still, and so is another schema that is said.
    let file = std::fs::read_dir(dir.join("schema"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|path| std::fs::read_to_string(path).unwrap().contains("vector:"))
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let at = text.find("version: \">= 0.").unwrap();
    let end = at + text[at..].find('\n').unwrap();
    std::fs::write(&file, format!("{}version: \">= 99.1\"{}", &text[..at], &text[end..])).unwrap();
    let raised = pgform(dir, &["plan", "-m", "x", "-d", url, "--output", "d.yaml"]);
    assert!(!raised.out.contains("no changes"), "{}{}", raised.out, raised.err);
    // Where it lives is its own, unless it is said.
    std::fs::write(
        &file,
        text.lines()
            .filter(|line| !line.trim_start().starts_with("schema: ext"))
            .map(|l| format!("{l}\n"))
            .collect::<String>(),
    )
    .unwrap();
    expect(&pgform(dir, &["plan", "-m", "x", "-d", url, "--output", "e.yaml"]), 0, "no changes");
}
