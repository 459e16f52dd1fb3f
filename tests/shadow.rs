//! The embedded shadow: what it can do, how it comes back to empty, and its stand-ins.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where it breaks, and shows what it measured"
)]
use pgform::shadow::{Driver, Shadow, Volatility, collation, function, role, tablespace, type_};
use std::time::{Duration, Instant};
use tokio_postgres::{Client, SimpleQueryMessage};

async fn start(extensions: &[&str]) -> (Shadow, Client, Driver) {
    let shadow = Shadow::embedded(extensions).await.unwrap();
    let (client, driver) = shadow.connect().await.unwrap();
    (shadow, client, driver)
}

async fn rows(client: &Client, sql: &str) -> Vec<String> {
    let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    let row = |message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        Some((0..row.len()).map(|i| row.get(i).unwrap_or("null").to_owned()).collect::<Vec<_>>().join("|"))
    };
    messages.into_iter().filter_map(row).collect()
}

async fn run(client: &Client, statements: &[String]) {
    for statement in statements {
        rows(client, statement).await;
    }
}

/// All that a wipe must bring back: every catalog's count, what is in `public`'s entry, roles, tablespaces, settings.
async fn picture(client: &Client) -> Vec<String> {
    let mut counts = Vec::new();
    for catalog in rows(client, "select relname from pg_class where relnamespace = 11 and relkind = 'r' and relname not in ('pg_namespace', 'pg_statistic', 'pg_shdepend', 'pg_init_privs', 'pg_depend') order by 1").await {
        counts.push(format!("{catalog} {}", rows(client, &format!("select count(*) from pg_catalog.{catalog}")).await.concat()));
    }
    // A session that made a temporary table keeps its two temporary schemas.
    let public = "select nspname, nspowner::regrole, nspacl, obj_description(oid) from pg_namespace where nspname !~ '_temp_' order by 1";
    counts.extend(rows(client, public).await);
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_the_statements_that_plans_hold() {
    let (shadow, client, driver) = start(&["vector", "citext"]).await;
    assert_eq!(rows(&client, "select extname from pg_extension").await, ["plpgsql"], "available, not created");
    assert!(shadow.url().starts_with("postgresql://postgres@127.0.0.1:"));
    let mut took = Vec::new();
    for (name, sql) in [
        ("create extension vector", "create schema ai; create extension vector schema ai"),
        (
            "100 create table",
            "do $$ begin for i in 1..100 loop execute format('create table t%s (id int primary key, a text, e ai.vector(3))', i); end loop; end $$",
        ),
        ("1000 rows", "insert into t1 select i, 'x', '[1,2,3]' from generate_series(1, 1000) i"),
        ("create index concurrently", "create index concurrently i1 on t1 (a)"),
        ("hnsw concurrently", "create index concurrently i2 on t1 using hnsw (e ai.vector_l2_ops)"),
        ("reindex concurrently", "reindex index concurrently i1"),
        (
            "begin, ddl, savepoint, rollback",
            "begin; create table z (a int); savepoint s; alter table z add b int; rollback to s; drop table t2; rollback",
        ),
        ("alter type add value", "create type mood as enum ('a')"),
        ("publication", "create publication p for table t1"),
        ("create extension citext", "create extension citext"),
    ] {
        let begun = Instant::now();
        rows(&client, sql).await;
        took.push(format!("{name}: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3));
    }
    assert_eq!(rows(&client, "select count(*) from t2").await, ["0"]);
    let begun = Instant::now();
    shadow.wipe(&client).await.unwrap();
    took.push(format!("wipe: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3));
    println!("{}", took.join("\n"));
    drop(client);
    driver.await.unwrap().unwrap();
    shadow.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_leaves_nothing() {
    let (shadow, client, _driver) = start(&["vector"]).await;
    shadow.wipe(&client).await.unwrap();
    let fresh = picture(&client).await;
    for sql in [
        "create extension vector",
        "create schema \"o\"\"dd\"; create table \"o\"\"dd\".t (id serial primary key, a text check (a > ''))",
        "create role app nologin; create role \"a b\" nologin; grant app to \"a b\"; grant all on schema public to app",
        "alter default privileges in schema public grant select on tables to app",
        "alter default privileges grant select on tables to app",
        "create table public.p (a int) partition by range (a); create table public.p1 partition of public.p default",
        "create type public.mood as enum ('a'); create domain public.d as int; create type public.c as (a int)",
        "create function public.f() returns int language sql begin atomic select 1; end",
        "create function public.e() returns event_trigger language plpgsql as 'begin raise exception ''no''; end'",
        "create event trigger e on sql_drop execute function public.e()",
        "create operator public.=== (leftarg = int, rightarg = int, function = int4eq)",
        "create collation pg_catalog.\"de-x-icu\" (provider = libc, locale = 'C')",
        "create function pg_catalog.hidden(int) returns int language sql as 'select 1'",
        "create cast (public.mood as int) with inout",
        "create publication p for all tables",
        "create foreign data wrapper f; create server s foreign data wrapper f",
        "create text search configuration public.ts (copy = english)",
        "select lo_create(0); select lo_create(0)",
        "alter database postgres set work_mem = '5MB'",
        "create temp table tmp (a int); select pg_advisory_lock(5)",
        "alter schema public owner to app",
        "create view public.v as select 1 as a; create materialized view public.m as select 1 as a",
        "create statistics public.st on id, a from \"o\"\"dd\".t",
    ] {
        rows(&client, sql).await;
    }
    run(&client, &tablespace("fa\"st")).await;
    rows(&client, "create table public.in_ts (a int) tablespace \"fa\"\"st\"").await;
    assert_ne!(picture(&client).await, fresh);
    rows(&client, "set role app").await;
    shadow.wipe(&client).await.unwrap();
    assert_eq!(picture(&client).await, fresh);
    assert_eq!(rows(&client, "select current_user").await, ["postgres"]);
    // And again, from empty, and then it works on.
    shadow.wipe(&client).await.unwrap();
    assert_eq!(picture(&client).await, fresh);
    rows(&client, "create extension vector; create table public.t (e vector(3))").await;
}

/// What a drop of the extension comes upon when it looks at an index once more: the options of `gist_trgm_ops` are gone then.
#[tokio::test(flavor = "multi_thread")]
async fn wipes_an_index_before_the_extension_takes_its_options_away() {
    let (shadow, client, _driver) = start(&["pg_trgm"]).await;
    let fresh = picture(&client).await;
    for (table, index) in [
        ("create table app.t (a text); create index i on app.t using gist (a gist_trgm_ops)", "app.i"),
        ("create table app.t (a text, constraint i exclude using gist (a gist_trgm_ops with %))", "app.i"),
        (
            "create table app.t (a text) partition by list (a); create index on app.t using gist (a gist_trgm_ops); \
             create table app.p partition of app.t default",
            "app.p_a_idx",
        ),
    ] {
        rows(&client, &format!("create extension pg_trgm; create schema app; {table}")).await;
        // The session forgets what it knew of the index.
        rows(&client, &format!("alter index {index} set (fillfactor = 50)")).await;
        shadow.wipe(&client).await.unwrap_or_else(|error| panic!("{table}: {error}"));
        assert_eq!(picture(&client).await, fresh);
    }
}

/// Of several extensions, on partitions, behind constraints, and with a foreign key that leans on one.
#[tokio::test(flavor = "multi_thread")]
async fn wipes_indexes_that_use_extensions() {
    let (shadow, client, _driver) = start(&["pg_trgm", "btree_gist", "citext", "vector"]).await;
    let fresh = picture(&client).await;
    for _ in 0..2 {
        for sql in [
            "create extension pg_trgm; create extension btree_gist; create extension citext; create extension vector",
            "create schema app; create table app.t (id int primary key, a text, b int, during int4range)",
            "create index on app.t using gist (a gist_trgm_ops (siglen = 64), b)",
            "alter table app.t add exclude using gist (b with =, during with &&)",
            "create index on app.t using gist (lower(a) gist_trgm_ops, b) where a <> 'x'",
            "insert into app.t select i, 'word ' || i, i, int4range(i, i + 2) from generate_series(1, 50) as i",
            "set enable_seqscan = off; select count(*) from app.t where a like '%word 4%' and b < 20; reset enable_seqscan",
            "create table t (id int primary key, a text, b int, e vector(3), during int4range, exclude using gist (b with =, during with &&))",
            "create index on t using gist (a gist_trgm_ops, b); create index on t using hnsw (e vector_l2_ops)",
            "create unique index on t (b, (a::citext)); create table p (a text, c citext) partition by list (c)",
            "create table p1 partition of p default; create index on p using gin (a gin_trgm_ops)",
            "create table named (c citext); create unique index on named (c); create table leans (c citext references named (c))",
            "insert into t select i, 'word ' || i, i, '[1,2,3]', int4range(i, i + 2) from generate_series(1, 50) as i",
            "insert into named values ('A'); insert into leans values ('a'); insert into p values ('x', 'y')",
            "set enable_seqscan = off; select count(*) from t where a like '%word 4%' and b < 20; reset enable_seqscan",
        ] {
            rows(&client, sql).await;
        }
        shadow.wipe(&client).await.unwrap();
        assert_eq!(picture(&client).await, fresh);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wipes_hundreds_of_tables_in_one_transaction() {
    let (shadow, client, _driver) = start(&[]).await;
    let begun = Instant::now();
    rows(&client, "do $$ begin for i in 1..500 loop execute format('create table t%s (id int primary key, a text unique)', i); end loop; end $$").await;
    let built = begun.elapsed();
    let begun = Instant::now();
    shadow.wipe(&client).await.unwrap();
    println!("500 tables: built in {built:?}, wiped in {:?}", begun.elapsed());
    assert_eq!(rows(&client, "select count(*) from pg_class where oid >= 16384 and relkind = 'r'").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stand_ins_carry_name_and_shape() {
    let (shadow, client, _driver) = start(&[]).await;
    for name in ["app", "O'Neil \"x\" \\ $p0$"] {
        run(&client, &role(name)).await;
        run(&client, &role(name)).await;
    }
    assert_eq!(rows(&client, "select count(*) from pg_roles where oid >= 16384 and not rolcanlogin").await, ["2"]);
    run(&client, &tablespace("fast\"er")).await;
    run(&client, &collation("pg_catalog", "de-x-icu")).await;
    run(&client, &collation("public", "n'a\"t")).await;
    run(&client, &type_(Some("public"), "geo\"metry", true)).await;
    run(&client, &type_(Some("public"), "raster", false)).await;
    let made = "create table t (a public.\"geo\"\"metry\"(7), b raster, c raster[], d text collate \"de-x-icu\", e text collate public.\"n'a\"\"t\") tablespace \"fast\"\"er\"";
    rows(&client, made).await;
    let printed = "select format_type(atttypid, atttypmod) || coalesce(' ' || attcollation::regcollation, '') from pg_attribute where attrelid = 't'::regclass and attnum > 0 and attcollation in (0, attcollation) order by attnum";
    let printed = rows(&client, printed).await;
    assert_eq!(printed[..3], ["\"geo\"\"metry\"(7)".to_owned() + " -", "raster -".to_owned(), "raster[] -".to_owned()]);
    rows(&client, "insert into t values ('x', 'y', '{a,b}')").await;
    rows(&client, "alter table t alter a type public.\"geo\"\"metry\"(9)").await;
    run(
        &client,
        &function(Some("public"), "st\"area", "public.raster, i integer", "double precision", Volatility::Immutable),
    )
    .await;
    run(&client, &function(Some("public"), "parts", "text", "SETOF public.raster", Volatility::Stable)).await;
    run(&client, &function(Some("public"), "pairs", "", "TABLE(a integer, b text)", Volatility::Volatile)).await;
    run(&client, &function(Some("public"), "touch", "", "trigger", Volatility::Volatile)).await;
    rows(&client, "create view v as select \"st\"\"area\"(b, 1) from t; create trigger g before insert or delete on t for each row execute function touch()").await;
    rows(&client, "insert into t values ('z'); delete from t where a is not null").await;
    assert_eq!(rows(&client, "select count(*) from t").await, ["0"]);
    assert_eq!(
        rows(&client, "select (select count(*) from parts('x')), (select count(*) from pairs())").await,
        ["0|0"]
    );
    rows(&client, "create index on t ((\"st\"\"area\"(b, 1)))").await;
    shadow.wipe(&client).await.unwrap();
    assert_eq!(rows(&client, "select count(*) from pg_roles where oid >= 16384").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_extension_is_a_real_one() {
    let (shadow, client, _driver) = start(&["vector"]).await;
    let mut script = type_(None, "geometry", true);
    script.extend(type_(None, "raster", false));
    script.extend(function(None, "st_area", "geometry", "double precision", Volatility::Immutable));
    shadow.offer_extension("postgis", "3.4", &(script.join(";\n") + ";")).unwrap();
    rows(&client, "create schema gis; create extension postgis schema gis version '3.4'; create table g (a gis.geometry(3) check (gis.st_area(a) > 0))").await;
    let members = "select count(*) from pg_depend where deptype = 'e' and refobjid = (select oid from pg_extension where extname = 'postgis')";
    assert_ne!(rows(&client, members).await, ["0"]);
    rows(&client, "create schema other; alter extension postgis set schema other").await;
    let check = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'g'::regclass";
    rows(&client, "set search_path = ''").await;
    assert_eq!(
        rows(&client, &check.replace("'g'", "'public.g'")).await,
        ["CHECK ((other.st_area(a) > (0)::double precision))"]
    );
    assert!(shadow.offer_extension("../x", "1", "").is_err());
    assert!(shadow.offer_extension("x", "1'", "").is_err());
    shadow.wipe(&client).await.unwrap();
    assert_eq!(rows(&client, "select extname from pg_extension").await, ["plpgsql"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_what_is_not_bundled() {
    let error = Shadow::embedded(&["vector", "postgis", "nope"]).await.unwrap_err();
    assert_eq!(error.0.len(), 2, "{error}");
    assert!(
        Shadow::bundled_extensions().contains(&"vector") && !Shadow::bundled_extensions().contains(&"auto_explain")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_live_side_by_side_and_a_hung_one_is_left_behind() {
    let (hung, client, _driver) = start(&["vector"]).await;
    let (other, other_client, _other_driver) = start(&["vector"]).await;
    assert_ne!(hung.url(), other.url());
    let loops = client.simple_query("do $$ begin loop end loop; end $$");
    let error = hung.within(Duration::from_millis(300), "a loop", loops).await.unwrap_err();
    assert!(error.to_string().contains("a loop did not end"), "{error}");
    let begun = Instant::now();
    drop(hung);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    rows(&other_client, "create extension vector").await;
    let (third, third_client, _third_driver) = start(&["vector"]).await;
    rows(&third_client, "create extension vector").await;
    drop((third_client, other_client));
    third.stop().await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test]
async fn dropped_before_its_client_it_does_not_hang() {
    let (shadow, client, _driver) = start(&[]).await;
    let begun = Instant::now();
    drop(shadow);
    assert!(begun.elapsed() < Duration::from_secs(20));
    drop(client);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offered_database_is_refused_or_given_back_empty() {
    // A server of the user's: another embedded one serves, as taking and leaving need one connection.
    let (server, client, driver) = start(&[]).await;
    rows(&client, "create table precious (a int)").await;
    drop(client);
    driver.await.unwrap().unwrap();
    let error = Shadow::at(&server.url()).await.unwrap_err();
    assert!(error.to_string().contains("table public.precious"), "{error}");

    let (client, driver) = server.connect().await.unwrap();
    rows(&client, "drop table precious; create role theirs nologin").await;
    run(&client, &role("ours")).await;
    drop(client);
    driver.await.unwrap().unwrap();
    let shadow = Shadow::at(&server.url()).await.unwrap();
    assert!(shadow.offer_extension("postgis", "3.4", "").is_err());
    shadow.stop().await.unwrap();

    // As a killed pgform leaves it: marked, and not empty.
    let (client, driver) = server.connect().await.unwrap();
    assert_eq!(rows(&client, "select rolname from pg_roles where oid >= 16384").await, ["theirs"]);
    assert_eq!(
        rows(&client, "select shobj_description(oid, 'pg_database') from pg_database where datname = 'postgres'").await,
        ["null"]
    );
    rows(&client, "comment on database postgres is 'scratch database of pgform: wiped at every use'; create table left_over (a int)").await;
    drop(client);
    driver.await.unwrap().unwrap();
    Shadow::at(&server.url()).await.unwrap().stop().await.unwrap();
}

/// Against a real server too, where there is one: an empty database that may be wiped.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PGFORM_TEST_SHADOW, the URL of an empty scratch database of a superuser"]
async fn a_native_server_can_be_the_shadow() {
    let shadow = Shadow::at(&std::env::var("PGFORM_TEST_SHADOW").unwrap()).await.unwrap();
    let busy = Shadow::at(&shadow.url()).await.unwrap_err();
    assert!(busy.to_string().contains("another pgform"), "{busy}");
    let (client, _driver) = shadow.connect().await.unwrap();
    run(&client, &role("app")).await;
    run(&client, &tablespace("fast")).await;
    run(&client, &type_(Some("public"), "geometry", true)).await;
    rows(&client, "create table t (id int primary key, g geometry(3)) tablespace fast; alter table t owner to app")
        .await;
    rows(&client, "create function e() returns event_trigger language plpgsql as 'begin raise exception ''no''; end'")
        .await;
    rows(&client, "create event trigger e on sql_drop execute function e()").await;
    let fresh = ["public|pg_database_owner|{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}"];
    shadow.wipe(&client).await.unwrap();
    assert_eq!(
        rows(&client, "select nspname, nspowner::regrole, nspacl from pg_namespace where nspname !~ '^pg_|^inf'").await,
        fresh
    );
    let shared = "select (select count(*) from pg_roles where rolname = 'app'), (select count(*) from pg_tablespace where spcname = 'fast')";
    assert_eq!(rows(&client, shared).await, ["0|0"]);
    shadow.stop().await.unwrap();
}
