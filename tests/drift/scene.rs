//! A database with everything, imported and adopted.
use crate::support::{TestDatabase, Version, expect, fresh_database, pgform};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn major(version: Version) -> u32 {
    match version {
        Version::V18 => 18,
        Version::V15 => 15,
        Version::V16 | Version::V16Vector06 => 16,
    }
}

/// Roles that own and may; a server has them once for all its databases.
const ROLES: &str = "do $$ begin
    perform pg_advisory_xact_lock(42);
    if not exists (select from pg_roles where rolname = 'app_reader') then
        create role app_reader; create role app_owner; create role app_nobody login;
    end if;
end $$";

pub(crate) const SCHEMA: &str = include_str!("schema.sql");

pub(crate) struct Scene {
    pub(crate) database: TestDatabase,
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) fn database(version: Version) -> Option<TestDatabase> {
    let database = fresh_database(version)?;
    database.server.sql(&database.name, ROLES);
    Some(database)
}

impl Scene {
    /// Imported from that version, for another: Debian's 15 is without pgvector.
    pub(crate) fn imported(version: Version, for_version: Version) -> Option<Self> {
        let database = database(version)?;
        let with_vector = [version, for_version].iter().all(|v| major(*v) != 15);
        let has = |line: &&str| with_vector || !line.contains("vector");
        database.server.sql(&database.name, &SCHEMA.lines().filter(has).collect::<Vec<_>>().join("\n"));
        let dir = tempfile::tempdir().unwrap();
        expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
        Some(Self { database, dir })
    }

    /// What was imported from one server and built on an empty database of another.
    pub(crate) fn built(from: Version, to: Version) -> Option<Self> {
        let database = database(to)?;
        let Self { dir, .. } = Self::imported(from, to)?;
        expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "0001 baseline");
        Some(Self { database, dir })
    }

    pub(crate) fn adopted(version: Version) -> Option<Self> {
        let scene = Self::imported(version, version)?;
        let url = scene.database.url.as_str();
        expect(&pgform(scene.dir.path(), &["adopt", "-d", url, "--yes"]), 0, "adopted: 0001 baseline");
        in_step(&scene, "as it was imported");
        Some(scene)
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.database.server.sql(&self.database.name, sql);
    }

    /// What `check` exits with, and what it lists: by object, the attributes that differ; `+` or `-` for whole objects.
    pub(crate) fn drift(&self) -> (i32, BTreeMap<String, BTreeSet<String>>) {
        let run = pgform(self.dir.path(), &["check", "-d", &self.database.url, "--format", "json"]);
        let report: serde_json::Value =
            serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}\n{}", run.out, run.err));
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut found = BTreeMap::new();
        for line in report["data"]["drift"].as_array().unwrap() {
            let differs = line["differs"].as_array().unwrap();
            let named = |d: &serde_json::Value| {
                let told = d["before"] != d["after"] && !text(&d["says"]).is_empty();
                format!("{}{}", text(&d["attribute"]), if told { "" } else { ", not from what to what" })
            };
            let mut what: BTreeSet<String> = differs.iter().map(named).collect();
            if text(&line["does"]) != "~" {
                what.insert(text(&line["does"]));
            }
            found.insert(text(&line["object"]), what);
        }
        (run.code, found)
    }
}

#[track_caller]
pub(crate) fn in_step(scene: &Scene, when: &str) {
    let (code, found) = scene.drift();
    assert!(code == 0 && found.is_empty(), "{when}: exit {code}, {found:#?}");
}
