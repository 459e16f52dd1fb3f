//! What is built from an import is what was imported: two dumps say the same, name by name.
use super::schemas;
use crate::support::{Version, dumped_differences, expect, fresh_database, pgform};

/// Imports what a dump makes, applies it to an empty database, and tells what `pg_dump` finds different.
fn lost(name: &str, dump: &str, version: Version) -> Option<String> {
    let (original, built) = (fresh_database(version)?, fresh_database(version)?);
    let errors = original.server.load(&original.name, dump);
    if !errors.is_empty() {
        eprintln!("{name} is not whole on {}: {}", version.major(), errors[0]);
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &original.url]), 0, "0001-baseline.yaml");
    let run = pgform(dir.path(), &["apply", "-d", &built.url, "--yes"]);
    if run.code != 0 {
        return Some(format!("apply exits {}: {}{}", run.code, run.out, run.err));
    }
    Some(dumped_differences(&original, &built))
}

#[test]
fn a_database_built_from_an_import_is_dumped_as_the_original() {
    let (mut whole, mut told) = (0, String::new());
    for (name, dump) in schemas() {
        for version in [Version::V18, Version::V16] {
            let Some(lost) = lost(&name, &dump, version) else { continue };
            whole += 1;
            if !lost.is_empty() {
                told += &format!("=== {name} on {}\n{lost}\n", version.major());
            }
        }
    }
    eprintln!("{whole} databases were built from their import and compared");
    assert!(told.is_empty(), "{told}");
}

/// Schemas whose names mean something else to PostgreSQL, and things that lean on each other in ways that few use.
const ODD: &[(&str, &str)] = &[
    (
        "types with names of the catalog's",
        "create type date as enum ('a', 'b'); create type bit as enum ('x'); create domain text as integer check (value > 0);
         create table u (a date, b pg_catalog.date, c bit(5), d pg_catalog.bit, e bit varying(3), f public.bit, g pg_catalog.text,
            h public.text[], i public.date[], j pg_catalog.date[] not null, k varchar(3) default 'x');",
    ),
    (
        "tables with names of types",
        "create table bit (id integer); create table point (id integer); create schema s; create table s.money (id integer);
         create table s.varchar (id integer); create table u (a bit(5), b pg_catalog.bit, c \"char\", d point, e public.point);
         create table s.u (a money, b s.money, c varchar(4), d s.varchar[], e bit(3) check (e <> '111'));
         create view s.v as select b, c, e::bit(2) as f from s.u;
         create table heirs_of (a pg_catalog.bit, b point, c public.point); create table heir () inherits (heirs_of);",
    ),
    (
        "foreign keys on unique indexes",
        "create table z (id bigint not null, a integer, b text); create unique index z_i on z (id);
         create unique index z_ab on z (b, a) include (id); create unique index z_partly on z (a) where b is not null;
         create table a (id bigint references z (id), x integer, y text, foreign key (x, y) references z (a, b));
         create table own (id integer, up integer); create unique index own_i on own (id);
         alter table own add foreign key (up) references own (id); alter table own add unique (id) deferrable;",
    ),
    (
        "the schema public without its comment and privileges",
        "comment on schema public is null; revoke all on schema public from public; create table here (id integer)",
    ),
];

#[test]
fn odd_schemas_are_sound_and_built_alike() {
    for (what, sql) in ODD {
        for version in [Version::V18, Version::V16] {
            let (Some(original), Some(built)) = (fresh_database(version), fresh_database(version)) else { continue };
            original.server.sql(&original.name, sql);
            let dir = tempfile::tempdir().unwrap();
            let run = |words: &[&str]| pgform(dir.path(), words);
            expect(&run(&["import", "-d", &original.url]), 0, "0001-baseline.yaml");
            expect(&run(&["validate"]), 0, "");
            expect(&run(&["plan", "-m", "none", "--detailed-exitcode"]), 0, "no changes");
            expect(&run(&["apply", "-d", &built.url, "--yes"]), 0, "0001 baseline");
            let lost = dumped_differences(&original, &built);
            assert!(lost.is_empty(), "{what}, {}:\n{lost}", version.major());
            expect(&run(&["check", "-d", &built.url]), 0, "drift: none");
        }
    }
}
