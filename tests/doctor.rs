//! `doctor` on databases with one thing amiss each: it says where, and what it names as mending mends it.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{Run, TestDatabase, Version, expect, fresh_database, pgform, pgform_with, project};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

const DECLARATION: &str = "\
extensions:
  vector: {version: \">= 0.5\"}
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

fn url(database: &TestDatabase, role: &str) -> String {
    format!("postgres://{role}@127.0.0.1:{}/{}", database.server.port, database.name)
}

/// The findings: `WRONG port`, with what mends each.
fn found(run: &Run) -> Vec<(String, String, Vec<String>)> {
    let mut findings: Vec<(String, String, Vec<String>)> = Vec::new();
    for line in run.out.lines() {
        let mut words = line.split_whitespace();
        match words.next().unwrap_or_default() {
            health @ ("ok" | "note" | "WRONG") if !line.starts_with(' ') => {
                let about = words.next().unwrap_or_default();
                findings.push((format!("{health} {about}"), line.to_owned(), Vec::new()));
            }
            _ if line.starts_with("         ") => findings.last_mut().unwrap().2.push(line.trim().to_owned()),
            _ => {}
        }
    }
    findings
}

#[track_caller]
fn says(run: &Run, finding: &str, words: &str) {
    let is = |(head, line, mend): &(String, String, Vec<String>)| {
        head == finding && format!("{line}\n{}", mend.join("\n")).contains(words)
    };
    assert!(found(run).iter().any(is), "no `{finding} … {words}` in\n{}\n{}", run.out, run.err);
}

/// Runs the SQL that is named as mending; what is no SQL is left out.
fn mend(database: &TestDatabase, run: &Run) -> usize {
    let sql = |line: &&String| ["grant ", "drop ", "alter "].iter().any(|word| line.starts_with(word));
    let all: Vec<String> = found(run).into_iter().flat_map(|(_, _, mend)| mend).collect();
    let mended: Vec<&String> = all.iter().filter(sql).collect();
    for statement in &mended {
        database.server.sql(&database.name, statement);
    }
    mended.len()
}

#[test]
fn the_way_to_the_server_is_told_stage_by_stage() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let server = database.server;
    server.admit("host all secretive all scram-sha-256");
    server.sql("postgres", "create role secretive login password 'known'");
    server.sql("postgres", "create role kept_out login");
    server.sql("postgres", &format!("revoke connect on database {} from public", database.name));
    let dir = project(DECLARATION);
    let (port, name) = (server.port, &database.name);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (address, last, words) in [
        ("postgres://a@nowhere.invalid/x".to_owned(), "WRONG name", "nowhere.invalid"),
        (format!("postgres://a@127.0.0.1:{closed}/x"), "WRONG port", "refused"),
        ("host=/nowhere user=a".to_owned(), "WRONG port", "/nowhere/.s.PGSQL.5432"),
        (format!("postgres://postgres@127.0.0.1:{port}/{name}?sslmode=require"), "WRONG tls", "no TLS"),
        (format!("postgres://secretive@127.0.0.1:{port}/{name}"), "WRONG password", "asks for the password"),
        (format!("postgres://secretive:Gu3ss3d@127.0.0.1:{port}/{name}"), "WRONG password", "refused the password"),
        (format!("postgres://nobody_at_all@127.0.0.1:{port}/{name}"), "WRONG password", "does not let role"),
        (format!("postgres://postgres@127.0.0.1:{port}/nowhere"), "WRONG database", "there is no database"),
        (format!("postgres://kept_out@127.0.0.1:{port}/{name}"), "WRONG database", "CONNECT"),
    ] {
        let run = pgform(dir.path(), &["doctor", "-d", &address]);
        assert_eq!(run.code, 1, "{address}: {run:?}");
        says(&run, last, words);
        let findings = found(&run);
        assert_eq!(findings.last().unwrap().0, last, "{address}: {}", run.out);
        assert_eq!(findings.iter().filter(|f| f.0.starts_with("WRONG")).count(), 1, "{address}: {}", run.out);
        assert!(!format!("{run:?}").contains("Gu3ss3d"), "{run:?}");
    }
    let well = pgform(dir.path(), &["doctor", "-d", &url(&database, "postgres")]);
    expect(&well, 0, "nothing is wrong");
    for stage in
        ["ok name", "ok port", "ok tls", "ok password", "ok database", "ok pooler", "ok server", "ok extension"]
    {
        says(&well, stage, "");
    }
    says(&well, "note journal", "pgform apply -d postgres://postgres@127.0.0.1");
    server.sql("postgres", &format!("grant connect on database {name} to public"));
}

#[test]
fn what_the_role_lacks_is_granted_as_printed() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let server = database.server;
        server.sql("postgres", "do $$ begin create role \"Weak One\" login; create role owner_of_it; exception when others then null; end $$");
        server.sql(
            &database.name,
            "revoke all on schema public from public;
             create extension vector;
             create table documents (id bigint primary key, path text not null);
             alter table documents owner to owner_of_it",
        );
        let dir = project(DECLARATION);
        let address = url(&database, "Weak%20One");
        let weak = pgform(dir.path(), &["doctor", "-d", &address]);
        assert_eq!(weak.code, 1);
        says(&weak, "WRONG rights", "grant create on database");
        says(&weak, "WRONG rights", "create on schema public to \"Weak One\"");
        says(&weak, "WRONG rights", "grant owner_of_it to \"Weak One\"");
        says(&weak, "note rights", "grant pg_read_all_stats to \"Weak One\"");
        assert_eq!(mend(&database, &weak), 4, "{}", weak.out);
        let strong = pgform(dir.path(), &["doctor", "-d", &address]);
        expect(&strong, 0, "nothing is wrong");
        assert!(found(&strong).iter().all(|(head, ..)| head != "note rights"), "{}", strong.out);
        // What it now says is true: the role can do its work, with the extension that is there, and without it once more.
        server.sql(&database.name, "drop table documents");
        expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001");
        expect(&pgform(dir.path(), &["apply", "-d", &address, "--yes"]), 0, "applied");
        expect(&pgform(dir.path(), &["check", "-d", &address]), 0, "drift: none");
        // What a superuser made stays where the plan goes.
        expect(&pgform(dir.path(), &["rollback", "first", "-d", &address, "--yes"]), 0, "rolled back");
        assert_eq!(server.sql(&database.name, "select count(*) from pg_extension where extname = 'vector'"), "1");
    }
}

#[test]
fn an_extension_that_only_a_superuser_may_make_is_made_as_printed_and_then_found() {
    let (Some(database), Some(other)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    let server = database.server;
    server.sql("postgres", "create role plain_one login");
    server.sql(&database.name, &format!("grant create on database {} to plain_one", database.name));
    server.sql(&database.name, "grant create on schema public to plain_one");
    let dir = project(DECLARATION);
    let address = url(&database, "plain_one");
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001");
    let refused = pgform(dir.path(), &["apply", "-d", &address, "--yes"]);
    expect(&refused, 1, "as a superuser, once: create extension vector");
    let doctor = pgform(dir.path(), &["doctor", "-d", &address]);
    says(&doctor, "WRONG extension", "as a superuser, once: create extension vector");
    server.sql(&database.name, "create extension vector");
    expect(&pgform(dir.path(), &["apply", "-d", &address, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir.path(), &["check", "-d", &address]), 0, "drift: none");
    expect(&pgform(dir.path(), &["rollback", "first", "-d", &address, "--yes"]), 0, "rolled back");
    expect(&pgform(dir.path(), &["apply", "-d", &address, "--yes", "--again"]), 0, "applied: 0001 first");
    // Where it is not there, the plan makes it, and takes it along.
    let address = url(&other, "postgres");
    expect(&pgform(dir.path(), &["apply", "-d", &address, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir.path(), &["rollback", "first", "-d", &address, "--yes"]), 0, "rolled back");
    assert_eq!(other.server.sql(&other.name, "select count(*) from pg_extension where extname = 'vector'"), "0");
    // One that is too old is no stand-in.
    let Some(old) = fresh_database(Version::V16Vector06) else { return };
    old.server.sql(&old.name, "create extension vector");
    let newer = project(&DECLARATION.replace(">= 0.5", ">= 0.8"));
    expect(&pgform(newer.path(), &["plan", "-m", "first"]), 0, "0001");
    let refused = pgform(newer.path(), &["apply", "-d", &url(&old, "postgres"), "--yes"]);
    assert!(refused.code == 4 && refused.err.contains("vector"), "{refused:?}");
}

#[test]
fn a_role_that_plans_run_as_must_be_there_and_open_to_the_login() {
    let Some(database) = fresh_database(Version::V18) else { return };
    database.server.sql("postgres", "create role runner; create role caller login");
    let dir = project(DECLARATION);
    let address = url(&database, "caller");
    let settings = |role: &str| {
        let text = format!("environments:\n  staging: {{url: {{env: STAGING}}, role: {role}}}\n");
        fs::write(dir.path().join("pgform.yaml"), text).unwrap();
    };
    let doctor = || pgform_with(dir.path(), &["doctor", "--env", "staging"], &[("STAGING", &address)]);
    settings("nobody_here");
    says(&doctor(), "WRONG rights", "there is no role nobody_here");
    settings("runner");
    let closed = doctor();
    says(&closed, "WRONG rights", "caller may not become runner");
    mend(&database, &closed);
    says(&doctor(), "ok rights", "caller may become runner");
    says(&doctor(), "WRONG rights", "to runner");
}

#[test]
fn extensions_are_there_and_new_enough_or_it_is_said() {
    let Some(database) = fresh_database(Version::V16Vector06) else { return };
    let of = |minimum: &str| project(&DECLARATION.replace(">= 0.5", minimum));
    let address = url(&database, "postgres");
    let doctor = |dir: &tempfile::TempDir| pgform(dir.path(), &["doctor", "-d", &address]);
    says(&doctor(&of(">= 0.5")), "ok extension", "is to be had");
    says(&doctor(&of(">= 0.8")), "WRONG extension", "install a later package");
    database.server.sql(&database.name, "create extension vector");
    says(&doctor(&of(">= 0.6")), "ok extension", "is there");
    says(&doctor(&of(">= 0.8")), "WRONG extension", "no later one");
    let missing = project(&DECLARATION.replace("vector: {version: \">= 0.5\"}", "nowhere_to_be_had: {}"));
    says(&doctor(&missing), "WRONG extension", "does not have nowhere_to_be_had");
}

#[test]
fn what_was_left_behind_is_named_and_goes_as_printed() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let server = database.server;
    let dir = project(DECLARATION);
    let address = url(&database, "postgres");
    server.sql(&database.name, "create table \"Odd.One\" (n int); insert into \"Odd.One\" values (1), (1)");
    let build = "create unique index concurrently \"half built\" on \"Odd.One\" (n)";
    assert!(!server.load(&database.name, build).is_empty(), "a unique index on equal rows was built");
    server.sql(&database.name, "alter table \"Odd.One\" add constraint \"~fe81\" check (n > 1) not valid");
    server.sql(&database.name, "create publication all_of_it for all tables");
    let run = pgform(dir.path(), &["doctor", "-d", &address]);
    says(&run, "note indexes", "drop index concurrently public.\"half built\"");
    says(&run, "note constraints", "drop constraint \"~fe81\"");
    says(&run, "WRONG publications", "publication all_of_it");
    assert_eq!(run.code, 1);
    assert_eq!(mend(&database, &run), 2, "{}", run.out);
    server.sql(&database.name, "drop publication all_of_it");
    let run = pgform(dir.path(), &["doctor", "-d", &address]);
    expect(&run, 0, "none is invalid");
    says(&run, "ok publications", "");
    assert!(!run.out.contains("~fe81"), "{}", run.out);
}

#[test]
fn journal_plans_and_catalog_are_held_against_each_other() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let server = database.server;
    let dir = project(DECLARATION);
    let dir = dir.path();
    let settings = "environments:\n  development: {url: {env: DEV}}\n  staging: {url: {env: DEV}}\n";
    fs::write(dir.join("pgform.yaml"), settings).unwrap();
    let address = url(&database, "postgres");
    let run = |args: &[&str]| pgform_with(dir, args, &[("DEV", &address)]);
    let doctor = || run(&["doctor", "--env", "development"]);
    expect(&run(&["plan", "-m", "first"]), 0, "0001");
    says(&doctor(), "note plans", "0001 first is pending");
    expect(&run(&["apply", "--env", "development", "--yes"]), 0, "applied");
    let well = doctor();
    says(&well, "ok journal", "at 0001 first");
    says(&well, "ok catalog", "");
    expect(&well, 0, "nothing to mend");
    says(&run(&["doctor", "--env", "staging"]), "WRONG environment", "development, not staging");
    server.sql(&database.name, "alter table documents alter path drop not null");
    let drifted = doctor();
    says(&drifted, "note catalog", "path");
    assert_eq!(drifted.code, 0);
    server.sql(&database.name, "drop table documents");
    let gone = doctor();
    says(&gone, "WRONG catalog", "documents");
    says(&gone, "WRONG catalog", "pgform reset --yes --env development");
    assert_eq!(gone.code, 1);
    // The file of a plan that ran is gone; then a chain that is none.
    let file = dir.join("plans/0001-first.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    says(&doctor(), "WRONG plans", "its file is gone");
    fs::write(&file, text.replacen("create table", "create  table", 1)).unwrap();
    let damaged = doctor();
    says(&damaged, "WRONG plans", "0001-first");
    assert_eq!(damaged.code, 1);
    // A journal that the role may not read.
    fs::write(&file, text).unwrap();
    server.sql("postgres", "create role reader_only login");
    let other = url(&database, "reader_only");
    says(&pgform(dir, &["doctor", "-d", &other]), "WRONG journal", "grant usage on schema pgform");
    // Mistakes of the declaration, and what programs read.
    fs::write(dir.join("schema/documents.yaml"), "tables: [\n").unwrap();
    says(&doctor(), "WRONG declaration", "pgform validate");
    let json = run(&["doctor", "--env", "development", "--format", "json"]);
    let read: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((read["report"].as_str(), json.code), (Some("doctor"), 1));
    assert!(
        read["data"]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["about"] == "declaration" && f["health"] == "wrong")
    );
}

/// A pooler that takes no options from its clients, as PgBouncer comes.
fn pooler(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            thread::spawn(move || serve(client, server));
        }
    });
    port
}

fn serve(mut client: TcpStream, server: u16) -> std::io::Result<()> {
    let mut packet = vec![0; 4096];
    loop {
        let read = client.read(&mut packet)?;
        if read == 8 && packet[4..8] == [0x04, 0xd2, 0x16, 0x2f] {
            client.write_all(b"N")?;
            continue;
        }
        packet.truncate(read);
        break;
    }
    if packet.windows(8).any(|bytes| bytes == b"options\0") {
        let body = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
        client.write_all(b"E")?;
        client.write_all(&(u32::try_from(body.len()).unwrap() + 4).to_be_bytes())?;
        return client.write_all(body);
    }
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    upstream.write_all(&packet)?;
    let (mut from, mut to) = (upstream.try_clone()?, client.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut client, &mut upstream).map(drop)
}

#[test]
fn a_pooler_is_found_out_and_the_rest_is_looked_at_all_the_same() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = project(DECLARATION);
    let port = pooler(database.server.port);
    let address = format!("postgres://postgres@127.0.0.1:{port}/{}", database.name);
    let run = pgform(dir.path(), &["doctor", "-d", &address]);
    says(&run, "WRONG pooler", "direct address");
    says(&run, "ok rights", "");
    assert_eq!(run.code, 1);
}

#[test]
fn where_nothing_is_named_it_says_what_would() {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["doctor"]), 1, "nothing says which database is meant");
}
