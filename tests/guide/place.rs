//! A project that `pgform init` made, with its databases: one as containers reach it (PostgreSQL 18), one of this machine
//! (16), a staging and a production one that have the migrations so far.
#![allow(clippy::unwrap_used, reason = "a place that cannot be made fails")]
use crate::support::{
    Run, TestDatabase, Version, change, fresh_database, install_script, pgform, pgform_with, programs,
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

const DECLARATION: &str = "\
extensions:
  vector: {}
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      embedding: vector(3)
    primary_key: [id]
";

/// What all places begin with, made once: its migrations take a proof each.
struct Base {
    dir: tempfile::TempDir,
    staging: TestDatabase,
    production: TestDatabase,
}

pub(crate) struct Place {
    dir: tempfile::TempDir,
    docker: TestDatabase,
    pub(crate) docker_url: String,
    pub(crate) local_url: String,
    variables: Vec<(String, String)>,
    edits: usize,
    typed: usize,
}

/// As the guide has it: the role that the container makes, with the rights of its first user.
fn url(database: &TestDatabase) -> String {
    let role =
        "do $$ begin create role repolens superuser login password 'password'; exception when others then null; end $$";
    database.server.sql("postgres", role);
    format!("postgresql://repolens:password@127.0.0.1:{}/{}", database.server.port, database.name)
}

fn base() -> Option<&'static Base> {
    static BASE: OnceLock<Option<Base>> = OnceLock::new();
    BASE.get_or_init(make_base).as_ref()
}

fn make_base() -> Option<Base> {
    let (staging, production) = (fresh_database(Version::V18)?, fresh_database(Version::V18)?);
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path();
    let of = [("STAGING_DATABASE_URL", url(&staging)), ("PRODUCTION_DATABASE_URL", url(&production))];
    let variables = |who| [("PGFORM_USER", who), (of[0].0, of[0].1.as_str()), (of[1].0, of[1].1.as_str())];
    let run = |args: &[&str], who| {
        let done = pgform_with(here, args, &variables(who));
        assert_eq!(done.code, 0, "{args:?}\n{}\n{}", done.out, done.err);
    };
    run(&["init"], "author");
    fs::write(here.join("schema/documents.yaml"), DECLARATION).unwrap();
    run(&["plan", "-m", "first"], "author");
    change(here, "path: text not null\n", "path: text not null\n      note: text\n");
    run(&["plan", "-m", "add a note"], "author");
    for plan in ["first", "add-a-note"] {
        run(&["approve", plan], "reviewer");
    }
    run(&["apply", "--env", "staging", "--yes"], "author");
    run(&["apply", "--env", "production", "--confirm", "production", "--yes"], "author");
    Some(Base { dir, staging, production })
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The same database under another name: what a section does to it is not the next one's.
fn copied(of: &TestDatabase) -> TestDatabase {
    let new = fresh_database(of.server.version).unwrap();
    of.server.sql("postgres", &format!("drop database {}", new.name));
    of.server.sql("postgres", &format!("create database {} template {}", new.name, of.name));
    new
}

impl Place {
    /// A project with two migrations; none of them is on the databases of development.
    pub(crate) fn new() -> Option<Self> {
        let mut place = Self::empty()?;
        let base = base()?;
        copy(base.dir.path(), place.dir.path());
        place.set("STAGING_DATABASE_URL", &url(&copied(&base.staging)));
        place.set("PRODUCTION_DATABASE_URL", &url(&copied(&base.production)));
        fs::write(place.dir().join(".env"), format!("PGVECTOR_DB_URL={}\n", place.local_url)).unwrap();
        Some(place)
    }

    /// An empty folder, and empty databases.
    pub(crate) fn empty() -> Option<Self> {
        let (docker, local) = (fresh_database(Version::V18)?, fresh_database(Version::V16)?);
        let (docker_url, local_url) = (url(&docker), url(&local));
        let dir = tempfile::tempdir().unwrap();
        let (edits, typed, variables) = (0, 0, Vec::new());
        Some(Self { dir, docker, docker_url, local_url, variables, edits, typed })
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// A column more: what the next migration is for.
    pub(crate) fn edit(&mut self) {
        self.edits += 1;
        let note = "      note: text\n";
        change(self.dir.path(), note, &format!("{note}      preference_{}: text\n", self.edits));
    }

    /// Two migrations that both follow the first: `add-a-note`, and `ours` of another branch.
    pub(crate) fn fork(&mut self) {
        let plans = self.dir().join("plans");
        let aside = tempfile::tempdir().unwrap();
        for name in ["0002-add-a-note.yaml", "0002-add-a-note.receipts"] {
            fs::rename(plans.join(name), aside.path().join(name)).unwrap();
        }
        self.edit();
        assert_eq!(pgform(self.dir(), &["plan", "-m", "ours"]).code, 0);
        for name in ["0002-add-a-note.yaml", "0002-add-a-note.receipts"] {
            fs::rename(aside.path().join(name), plans.join(name)).unwrap();
        }
    }

    pub(crate) fn sql_on_local(&self, sql: &str) {
        self.sql(&self.local_url, sql);
    }

    pub(crate) fn sql(&self, url: &str, sql: &str) {
        let done =
            Command::new(psql()).args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).output().unwrap();
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs a line of the guide, as its reader types it. A new migration has something to do, and a message that is asked for
    /// is typed; what is exported stays; who approves is another one.
    pub(crate) fn run(&mut self, line: &str) -> Run {
        if let Some(("export", said)) = line.split_once(' ') {
            let (name, value) = said.split_once('=').unwrap();
            let value = if name == "PGVECTOR_DB_URL" { self.local_url.clone() } else { value.to_owned() };
            self.set(name, &value);
            return Run { code: 0, out: String::new(), err: String::new() };
        }
        let makes = line.contains("migrate-revision") || line.contains("pgform plan -m");
        // The conflict's own change is declared already.
        if makes && !line.contains("M=\"Ours\"") {
            self.edit();
        }
        self.typed += usize::from(makes);
        let typed = if self.typed < 2 { "Add user preferences table\n" } else { "Another change\n" };
        self.run_typing(line, if makes { typed } else { "" })
    }

    pub(crate) fn run_typing(&self, line: &str, typed: &str) -> Run {
        let who = if line.starts_with("pgform approve") { "reviewer" } else { "author" };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let binary = Path::new(env!("CARGO_BIN_EXE_pgform")).parent().unwrap();
        let path = format!("{}:{}:/usr/local/bin:/usr/bin:/bin", here.join("tests/guide").display(), binary.display());
        let mut child = Command::new("bash")
            .args(["-c", line])
            .current_dir(self.dir())
            .env_clear()
            .envs([("PATH", path.as_str()), ("HOME", "/tmp"), ("PGFORM_USER", who)])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs([("PLAYED_URL", &self.docker_url), ("PLAYED_DATABASE", &self.docker.name)])
            .envs([("PLAYED_ADMIN", format!("postgres://postgres@127.0.0.1:{}/postgres", self.docker.server.port))])
            .envs([("PLAYED_PSQL", psql()), ("PLAYED_LOG", self.dir().join(".docker.log"))])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let done = child.wait_with_output().unwrap();
        Run {
            code: done.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&done.stdout).into_owned(),
            err: String::from_utf8_lossy(&done.stderr).into_owned(),
        }
    }
}

/// psql of the wheels, which find their library by themselves or not: a script that says where it is.
fn psql() -> PathBuf {
    static PSQL: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let make = || {
        let programs = programs(Version::V18).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("psql");
        let (lib, bin) = (programs.join("lib"), programs.join("bin/psql"));
        let script = format!("#!/bin/sh\nLD_LIBRARY_PATH={} exec {} \"$@\"\n", lib.display(), bin.display());
        install_script(&script, &path);
        (dir, path)
    };
    PSQL.get_or_init(make).1.clone()
}
