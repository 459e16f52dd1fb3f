//! The guides, word for word: every command that stands in them runs, in a project that `pgform init` made, on real servers.
//! What is beside docker is real: make, pgform, psql and the databases. Docker itself is played by `tests/guide/docker`.
#![allow(clippy::unwrap_used, reason = "a guide that cannot be followed fails")]

mod commands;
mod place;

use crate::support::{self, expect, pgform};
use commands::{Unit, units};
use place::Place;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn doc(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

/// Sections that speak of databases which have their migrations already.
const AFTER_UP: &[&str] = &["migrate-down", "migrate-check", "Inconsistent Migration State", "Reset Migrations"];

fn run(unit: &Unit, place: &mut Place) {
    if AFTER_UP.iter().any(|title| unit.title.contains(title)) {
        for target in ["make docker-migrate-up", "make migrate-up"] {
            assert_eq!(place.run(target).code, 0);
        }
    }
    if unit.title == "Migration Conflicts" {
        place.fork();
    }
    for command in &unit.commands {
        let run = place.run(command);
        if unit.title == "Migration Conflicts" && command.ends_with("migrate-current") {
            assert!(run.out.contains("0002 add-a-note and 0002 ours both follow 0001 first"), "{run:?}");
            continue;
        }
        assert_eq!(run.code, 0, "{}: {command}\n{}\n{}", unit.title, run.out, run.err);
    }
}

#[test]
fn every_command_of_the_migrations_guide_runs() {
    let units = units(&doc("migrations-guide.md"));
    let all: Vec<&String> = units.iter().flat_map(|unit| &unit.commands).collect();
    for target in ["up", "down", "revision", "history", "current", "check"] {
        for kind in ["docker-migrate", "migrate"] {
            let wanted = format!("make {kind}-{target}");
            assert!(all.iter().any(|c| **c == wanted), "the guide never says `{wanted}`");
        }
    }
    assert!(units.len() >= 25 && all.len() >= 60, "{} units, {} commands", units.len(), all.len());
    for unit in &units {
        let Some(mut place) = Place::new() else { return };
        run(unit, &mut place);
    }
}

#[test]
fn the_guide_has_the_headings_of_the_one_that_it_follows() {
    let text = doc("migrations-guide.md");
    for heading in [
        "Quick Start",
        "Docker Environment (Recommended)",
        "Local Environment",
        "Available Commands",
        "Docker Commands",
        "Local Commands",
        "Manual Commands",
        "Docker Manual Commands",
        "Local Manual Commands",
        "Environment Configuration",
        "Database URLs",
        "Creating New Migrations",
        "Migration Workflow",
        "Development Workflow",
        "Production Workflow",
        "Important Notes",
        "Before Running Migrations",
        "Migration Best Practices",
        "Common Issues",
        "Troubleshooting",
        "Check Migration Status",
        "View Migration History",
        "Check Database Connection",
        "Reset Migrations (Development Only)",
        "Migration Files Location",
        "Environment-Specific Examples",
    ] {
        let is = |line: &str| line.trim_start_matches('#').trim() == heading && line.starts_with("##");
        assert!(text.lines().any(is), "no heading `{heading}`");
    }
}

/// What `alembic --help` lists.
const ALEMBIC: &[&str] = &[
    "init",
    "revision",
    "upgrade",
    "downgrade",
    "current",
    "history",
    "heads",
    "branches",
    "merge",
    "stamp",
    "check",
    "show",
    "edit",
    "ensure_version",
    "list_templates",
];

#[test]
fn every_command_of_alembic_has_gone_somewhere() {
    let text = doc("from-alembic.md");
    for command in ALEMBIC {
        assert!(text.contains(&format!("alembic {command}")), "nothing is said of `alembic {command}`");
    }
    assert!(text.contains("--sql") && text.contains("--autogenerate"));
    let dir = tempfile::tempdir().unwrap();
    let words: BTreeSet<&str> = text
        .split('`')
        .filter_map(|code| code.strip_prefix("pgform "))
        .filter_map(|rest| rest.split(' ').next())
        .collect();
    assert!(words.len() >= 8, "{words:?}");
    for word in words {
        expect(&pgform(dir.path(), &[word, "--help"]), 0, "Usage: pgform");
    }
}

#[test]
fn a_database_that_alembic_leads_is_taken_over() {
    let Some(mut place) = Place::empty() else { return };
    place.sql_on_local(
        "create table alembic_version (version_num varchar(32) primary key);
         create table documents (id bigserial primary key, path text not null);
         insert into documents (path) values ('/a')",
    );
    let units = units(&doc("from-alembic.md"));
    let [unit] = units.as_slice() else { panic!("{units:?}") };
    place.set("PGVECTOR_DB_URL", &place.local_url.clone());
    for command in &unit.commands {
        let run = place.run(command);
        assert_eq!(run.code, 0, "{command}\n{}\n{}", run.out, run.err);
    }
    assert!(!fs::read_to_string(place.dir().join("plans/0001-baseline.yaml")).unwrap().contains("alembic"));
}

#[test]
fn the_checks_fail_where_something_is_amiss() {
    for kind in ["", "docker-"] {
        let Some(mut place) = Place::new() else { return };
        let other = if kind.is_empty() { place.local_url.clone() } else { place.docker_url.clone() };
        let make = |target: &str| format!("make {kind}migrate-{target}");
        let pending = place.run(&make("check"));
        assert!(pending.code != 0 && pending.out.contains("pending"), "{pending:?}");
        assert_eq!(place.run(&make("up")).code, 0);
        assert_eq!(place.run(&make("check")).code, 0);
        // Somebody changes the database by hand.
        place.sql(&other, "alter table documents add column by_hand text");
        let drifted = place.run(&make("check"));
        assert!(drifted.code != 0 && drifted.out.contains("by_hand"), "{drifted:?}");
        place.sql(&other, "alter table documents drop column by_hand");
        // Somebody forgets the migration.
        place.edit();
        let unplanned = place.run(&make("check"));
        assert!(unplanned.code != 0 && unplanned.out.contains("differs from the last plan"), "{unplanned:?}");
        assert!(!place.dir().join("plans").join("as-declared.yaml").exists());
        assert_eq!(place.run(&format!("{} M='Whatever it takes'", make("revision"))).code, 0);
    }
}

#[test]
fn an_address_comes_from_the_environment_or_the_file_and_is_never_shown() {
    let Some(mut place) = Place::new() else { return };
    let url = place.local_url.replace(":password@", ":pa%24%24w'0rd@") + "?connect_timeout=7&application_name=make";
    for line in [
        format!("PGVECTOR_DB_URL={}\n", url.replace('\'', "%27")),
        format!("export PGVECTOR_DB_URL=\"{url}\"   # the one\n"),
        format!("PGVECTOR_DB_URL=postgresql://localhost:1/nowhere\nPGVECTOR_DB_URL='{}'\n", url.replace('\'', "%27")),
        format!("  PGVECTOR_DB_URL = {}  # said\n", url.replace('\'', "%27")),
    ] {
        fs::write(place.dir().join(".env"), &line).unwrap();
        for target in ["make migrate-current", "make migrate-up", "make migrate-check", "make migrate-history"] {
            let run = place.run(target);
            assert_eq!(run.code, 0, "{line}{target}: {run:?}");
            assert!(!format!("{run:?}").contains("w'0rd") && !format!("{run:?}").contains("pa%24"), "{run:?}");
        }
        place.sql_on_local("drop schema if exists pgform cascade; drop schema public cascade; create schema public");
    }
    // The environment goes before the file; another machine's database is not called development.
    fs::write(place.dir().join(".env"), "PGVECTOR_DB_URL=postgresql://localhost:1/nowhere\n").unwrap();
    let elsewhere = place.local_url.replace("127.0.0.1", "127.0.0.2");
    place.set("PGVECTOR_DB_URL", &elsewhere);
    let current = place.run("make migrate-current");
    assert!(!current.out.contains("development"), "{current:?}");
    place.set("PGVECTOR_DB_URL", &place.local_url.clone());
    assert_eq!(place.run("make migrate-up").code, 0);
    let current = place.run("make migrate-current");
    assert!(current.code == 0 && current.out.contains("development is at 0002"), "{current:?}");
    let nobody = place.run_typing("make migrate-revision", "");
    assert!(nobody.code != 0 && nobody.err.contains("a plan needs a message"), "{nobody:?}");
    let known = place.run("make prod");
    assert!(known.code != 0 && known.err.contains("POSTGRES_PASSWORD"), "{known:?}");
}

#[test]
fn the_way_back_asks_on_a_terminal_and_is_careful_in_a_script() {
    let Some(mut place) = Place::new() else { return };
    if Command::new("script").arg("--version").output().is_err() {
        return support::skipped("no terminal can be played: there is no `script`");
    }
    let typed = |place: &Place, line: &str, typed: &str| {
        place.run_typing(&format!("script -qec '{}' /dev/null", line.replace('\'', "'\\''")), typed)
    };
    assert_eq!(place.run("make migrate-up").code, 0);
    place.sql_on_local("insert into documents (path, note) values ('/a', 'kept')");
    // An apply that does nothing is no reason for a script to go back over what was there before it.
    assert_eq!(place.run("make migrate-up").code, 0);
    let script = place.run("make migrate-down");
    assert!(script.code != 0 && script.err.contains("pgform rollback add-a-note"), "{script:?}");
    let lost = typed(&place, "make migrate-down", "y\n");
    assert!(lost.code != 0 && lost.out.contains("DataLoss:documents.note"), "{lost:?}");
    let no = typed(&place, "make migrate-down ARGS=\"--allow 'DataLoss:documents.*'\"", "n\n");
    assert!(no.code != 0 && no.out.contains("Roll back?"), "{no:?}");
    let yes = typed(&place, "make migrate-down ARGS=\"--allow 'DataLoss:documents.*'\"", "y\n");
    assert!(yes.code == 0 && yes.out.contains("rolled back: 0002"), "{yes:?}");
    assert_ne!(place.run("make migrate-up").code, 0, "it is held");
    assert_eq!(place.run("make migrate-up ARGS=--again").code, 0);
    assert_eq!(place.run("make migrate-down").code, 0);
    let twice = place.run("make migrate-down ARGS=first");
    assert!(twice.code != 0 && twice.err.contains("DataLoss:documents"), "{twice:?}");
}
