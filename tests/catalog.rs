//! The catalog stage against real servers: everything it holds, on the oldest and the newest of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a kind that a test forgets fails in it")]

use crate::support::{TestDatabase, Version, fresh_database, kept};
use pgform::plan::sql::{comment_on, commented};
use pgform::{
    catalog::{self, Live, Reason, Scope},
    model::{Body, CarriedForm, ObjectId, ObjectKind, Qualified, State},
    server::{ConnectOptions, Connection, connect_reading, connect_writing, pinned},
};
use std::{collections::BTreeSet, fmt::Write as _};

const EVERYTHING: &str = include_str!("catalog/everything.sql");
const SINCE_18: &str = include_str!("catalog/since_18.sql");
const VECTOR: &str = include_str!("catalog/vector.sql");

fn options(database: &TestDatabase) -> ConnectOptions {
    ConnectOptions::parse(&database.url, &|_| None).unwrap()
}

async fn filled(version: Version) -> Option<TestDatabase> {
    let database = fresh_database(version)?;
    let mut connection = connect_writing(&options(&database), "pgform tests").await.unwrap();
    connection.batch(EVERYTHING).await.unwrap();
    if version == Version::V18 {
        connection.batch(SINCE_18).await.unwrap();
    }
    if version.has_vector() {
        connection.batch(VECTOR).await.unwrap();
    }
    connection.close().await.unwrap();
    Some(database)
}

fn scope() -> Scope {
    Scope::of(["public", "shop", "ai", "pgform"])
}

async fn reading(database: &TestDatabase) -> Connection {
    connect_reading(&options(database)).await.unwrap()
}

/// A state as people would check it: every object, every attribute, what it depends on.
fn shown(live: &Live) -> String {
    let mut out = String::new();
    for (id, object) in &live.state.objects {
        writeln!(out, "{id}").unwrap();
        // Versions of extensions are the server's.
        for attribute in object.attributes().into_iter().filter(|a| a.name != "installed") {
            writeln!(out, "    {}: {}", attribute.name, attribute.value.shown().replace('\n', "\n        ")).unwrap();
        }
        for used in object.head.depends_on.clone() {
            writeln!(out, "    -> {used}").unwrap();
        }
    }
    out.push_str("\nleft out\n");
    for left in &live.left_out {
        // The members are the extension's business, the temporary schemas the server's.
        if !matches!(left.reason, Reason::ExtensionMember(_) | Reason::Temporary) {
            writeln!(out, "    {}: {}", left.identity, left.reason).unwrap();
        }
    }
    out.push_str("\nused from outside\n");
    for (outside, by) in &live.uses {
        let by: Vec<_> = by.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "    {} {:?} {:?} {:?} of {:?} by {}",
            outside.kind,
            outside.names,
            outside.arguments,
            outside.result,
            outside.extension.as_ref().map(|e| e.as_str()),
            by.join(", ")
        )
        .unwrap();
    }
    out
}

async fn reads_everything(version: Version, name: &str) {
    let Some(database) = filled(version).await else { return };
    let mut connection = reading(&database).await;
    let live = catalog::read(connection.diesel(), &scope()).await.unwrap();
    kept("catalog", name, &shown(&live));
    assert_eq!(live.server.version_num / 10000, i32::try_from(version.major()).unwrap());
    assert_eq!(live.server.vector.is_some(), version.has_vector());
    connection.close().await.unwrap();
}

#[tokio::test]
async fn reads_everything_of_18() {
    reads_everything(Version::V18, "18").await;
}

#[tokio::test]
async fn reads_everything_of_15() {
    reads_everything(Version::V15, "15").await;
}

#[tokio::test]
async fn a_slice_is_what_the_whole_has() {
    let Some(database) = filled(Version::V18).await else { return };
    let mut connection = reading(&database).await;
    let whole = catalog::read(connection.diesel(), &scope()).await.unwrap().state;
    for id in whole.objects.keys() {
        let slice = catalog::read_slice(connection.diesel(), &scope(), &BTreeSet::from([*id])).await.unwrap();
        assert!(slice.state.has(id), "{id} is missing in its own slice");
        for (id, object) in &slice.state.objects {
            assert_eq!(Some(object), whole.get(id), "{id}");
        }
    }
    let table = Qualified::new("shop", "Mixed Case");
    let wanted = BTreeSet::from([ObjectId::table(table)]);
    let slice = catalog::read_slice(connection.diesel(), &scope(), &wanted).await.unwrap().state;
    let of_table = |state: &State| state.objects.keys().filter(|id| id.table_of().as_ref() == Some(&table)).count();
    assert_eq!(of_table(&slice), of_table(&whole));
    assert_eq!(slice.indexes().count(), 3);
    connection.close().await.unwrap();
}

/// How an opaque object is dropped.
fn drop_sql(id: &ObjectId, form: Option<CarriedForm>) -> String {
    let kind = id.kind();
    let parts = id.parts();
    let sql = id.sql();
    let own = |from: usize| Qualified::new(parts[from], parts[from + 1]);
    match kind {
        ObjectKind::Constraint => format!("alter table {} drop constraint {}", own(0), parts[2]),
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
            format!("drop {kind} {} on {} cascade", parts[2], own(0))
        }
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            format!("drop {kind} {}({}) cascade", own(0), parts[2])
        }
        ObjectKind::Operator => format!("drop operator {}.{} ({}, {}) cascade", parts[0], parts[1], parts[2], parts[3]),
        ObjectKind::Cast => format!("drop cast ({} as {})", parts[0], parts[1]),
        ObjectKind::Table if form == Some(CarriedForm::ForeignTable) => format!("drop foreign table {sql} cascade"),
        ObjectKind::DefaultPrivileges => {
            let (role, schema) = (id.parts()[0], id.parts()[1]);
            format!("alter default privileges for role {role} in schema {schema} revoke all on tables from public")
        }
        ObjectKind::CompositeType | ObjectKind::RangeType => format!("drop type {sql} cascade"),
        ObjectKind::OperatorClass | ObjectKind::OperatorFamily => {
            format!("drop {kind} {} using {} cascade", own(0), parts[2])
        }
        ObjectKind::ForeignDataWrapper => format!("drop foreign data wrapper {sql} cascade"),
        _ => format!("drop {kind} {sql} cascade"),
    }
}

async fn rebuilds_what_was_dropped(version: Version) {
    let Some(database) = filled(version).await else { return };
    let mut connection = connect_writing(&options(&database), "pgform tests").await.unwrap();
    let begin = format!("begin; {}", pinned(true));
    connection.batch(&begin).await.unwrap();
    let whole = catalog::read(connection.diesel(), &scope()).await.unwrap().state;
    connection.batch("rollback").await.unwrap();
    let mut rebuilt = BTreeSet::new();
    for (id, object, definition) in whole.definitions() {
        let Some(create) = definition.text() else { continue };
        // Without its heirs it is a table like others.
        if id.parts() == ["shop", "parent"] {
            continue;
        }
        connection.batch(&begin).await.unwrap();
        let drop = drop_sql(id, definition.form);
        connection.batch(&drop).await.unwrap_or_else(|e| panic!("{drop}: {e:?}"));
        // The text of what is carried along has its comment.
        let comment = object.head.comment.as_deref().map(|comment| comment_on(&commented(id).unwrap(), Some(comment)));
        let create = [Some(create.to_owned()), comment].into_iter().flatten().collect::<Vec<_>>().join(";\n");
        connection.batch(&create).await.unwrap_or_else(|e| panic!("{create}: {e:?}"));
        let again = catalog::read(connection.diesel(), &scope()).await.unwrap().state;
        assert_eq!(again.get(id), whole.get(id), "{id}");
        connection.batch("rollback").await.unwrap();
        rebuilt.insert(object.word(id));
    }
    assert!(rebuilt.len() >= 25, "{rebuilt:?}");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_is_printed_rebuilds_what_was_dropped_on_18() {
    rebuilds_what_was_dropped(Version::V18).await;
}

#[tokio::test]
async fn what_is_printed_rebuilds_what_was_dropped_on_15() {
    rebuilds_what_was_dropped(Version::V15).await;
}

#[tokio::test]
async fn what_is_unmanaged_is_left_out_with_its_parts() {
    let Some(database) = filled(Version::V18).await else { return };
    let mut connection = reading(&database).await;
    let owners = ObjectId::table(Qualified::new("shop", "owners"));
    let unmanaged = owners;
    let scope = Scope { unmanaged: Box::new(move |id| *id == unmanaged), ..scope() };
    let live = catalog::read(connection.diesel(), &scope).await.unwrap();
    assert!(!live.state.objects.keys().any(|id| id.table_of() == owners.table_of()));
    let reason = |identity: &str| live.left_out.iter().find(|l| l.identity == identity).map(|l| l.reason.clone());
    assert_eq!(reason(&owners.to_string()), Some(Reason::Unmanaged));
    assert_eq!(reason("trigger [shop, owners, late]"), Some(Reason::PartOf(owners.to_string())));
    assert!(live.uses.keys().any(|outside| outside.names == ["shop", "owners", "id"]), "{:?}", live.uses.keys());
    connection.close().await.unwrap();
}

#[tokio::test]
async fn the_fingerprint_follows_every_change() {
    let Some(database) = filled(Version::V18).await else { return };
    let mut connection = connect_writing(&options(&database), "pgform tests").await.unwrap();
    let mut before = catalog::fingerprint(connection.diesel()).await.unwrap();
    let mut reader = reading(&database).await;
    let mut live = catalog::read(reader.diesel(), &scope()).await.unwrap();
    assert!(catalog::still(reader.diesel(), &live).await.unwrap());
    reader.see_present().await.unwrap();
    for sql in [
        "create table shop.later (id int)",
        "alter table shop.later alter column id set statistics 7",
        "comment on table shop.later is 'x'",
        "create index on shop.later (id)",
        "create or replace view shop.plain as select id, code as c, 1 as doubled from shop.\"Mixed Case\"",
        "alter sequence shop.fast increment 2",
        "alter type shop.mood rename value 'sad' to 'sadder'",
        "create or replace function shop.add(a int, b int default 2, variadic more int[] default '{}') returns int \
         language sql as 'select 1'",
        "alter policy mine on shop.\"Mixed Case\" using (true)",
    ] {
        connection.batch(sql).await.unwrap();
        let after = catalog::fingerprint(connection.diesel()).await.unwrap();
        assert_ne!(before, after, "{sql}");
        before = after;
        assert!(!catalog::still(reader.diesel(), &live).await.unwrap(), "{sql}");
        live = catalog::read(reader.diesel(), &scope()).await.unwrap();
        // Out of the way: what was read is locked against the next change until then.
        reader.see_present().await.unwrap();
    }
    for sql in [
        "create temporary table noise (id serial primary key, t text default 'x' check (t <> ''))",
        "analyze shop.owners",
        "select nextval('shop.fast')",
    ] {
        connection.batch(sql).await.unwrap();
        assert_eq!(before, catalog::fingerprint(connection.diesel()).await.unwrap(), "{sql}");
        assert!(catalog::still(reader.diesel(), &live).await.unwrap(), "{sql}");
        reader.see_present().await.unwrap();
    }
    reader.close().await.unwrap();
    connection.close().await.unwrap();
}

/// Indexes whose keys pgform puts together itself, and such that look as if it could.
const INDEXES: &str = "
create schema keys;
create collation keys.other (provider = libc, locale = 'C');
create domain keys.code as text;
create operator class keys.mine for type int using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=,
    operator 5 >, function 1 btint4cmp(int, int);
create table keys.t (id bigint primary key, \"Q,uoted\" int, a text, b text collate \"C\", v varchar(9), c char(3), n numeric,
    d keys.code, l int[], j jsonb, s tsvector, o oid, e interval, \"user\" name);
create index on keys.t (a); create index on keys.t (b); create index on keys.t (v); create index on keys.t (c);
create index on keys.t (d); create index on keys.t (l); create index on keys.t (o, e); create index on keys.t (\"user\");
create index on keys.t (\"Q,uoted\", n, a); create index on keys.t (id, n, a, b); create index on keys.t (\"Q,uoted\" keys.mine);
create index on keys.t (a desc); create index on keys.t (a nulls first); create index on keys.t (n, a desc nulls last);
create index on keys.t (a collate \"C\"); create index on keys.t (b collate \"default\"); create index on keys.t (a collate keys.other);
create index on keys.t (a text_pattern_ops); create index on keys.t (n, v varchar_pattern_ops);
create index on keys.t using hash (a); create index on keys.t using hash (\"user\"); create index on keys.t using gin (j jsonb_path_ops);
create index on keys.t using gin (l); create index on keys.t using gist (s); create index on keys.t using gist (s tsvector_ops (siglen = 64));
create index on keys.t using brin (n, id) with (pages_per_range = 7); create index on keys.t using brin (n numeric_minmax_ops);
create index on keys.t (lower(a)); create index on keys.t (n, (\"Q,uoted\" + 1)); create index on keys.t (a) include (b, n) where n > 1;
create unique index on keys.t (n, a) with (fillfactor = 70);
create table keys.parted (a int, b text) partition by list (a); create index on keys.parted (b, a);
create table keys.one partition of keys.parted for values in (1); create index on keys.one (b);
";

/// What pgform puts together is what `pg_get_indexdef` prints, to the letter.
#[tokio::test]
async fn keys_are_those_that_the_server_prints() {
    let mut checked = 0;
    for version in [Version::V18, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let mut connection = connect_writing(&options(&database), "pgform tests").await.unwrap();
        connection.batch(INDEXES).await.unwrap();
        connection.batch("set search_path = ''").await.unwrap();
        let live = catalog::read(connection.diesel(), &Scope::of(["keys"])).await.unwrap();
        let printed = "select c.relname, pg_catalog.pg_get_indexdef(c.oid) from pg_catalog.pg_class c \
                       where c.relnamespace = 'keys'::regnamespace and c.relkind in ('i', 'I') and not c.relispartition";
        for row in connection.query_text(printed).await.unwrap() {
            let (name, printed) = (row[0].clone().unwrap(), row[1].clone().unwrap());
            match live.state.body(&ObjectId::index(Qualified::new("keys", name.clone()))) {
                Some(Body::Index(index)) => {
                    let keys: Vec<_> = index.keys.iter().map(|key| key.sql.sql().to_owned()).collect();
                    let expected = format!(" USING {} ({})", index.method, keys.join(", "));
                    let rest = printed.split_once(&expected).map(|(_, rest)| rest);
                    let whole = |rest: &str| rest.is_empty() || rest.starts_with(' ');
                    assert!(rest.is_some_and(whole), "{printed} has not {expected}");
                    checked += 1;
                }
                _ if name == "t_pkey" => {}
                // The others are in the text of what is not modelled, whole.
                _ => assert!(shown(&live).contains(&printed), "{printed}"),
            }
        }
        connection.close().await.unwrap();
    }
    assert!(checked == 0 || checked >= 30, "{checked}");
}
