//! Connections, on real servers.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::print_stderr, reason = "a skipped test must be seen")]

mod pooler;
mod tls;

use crate::support::{TestDatabase, Version, fresh_database};
use diesel_async::RunQueryDsl;
use pgform::{
    diagnostic::{Code, Diagnostic},
    server::{ConnectOptions, Connection, blockers, connect_reading, connect_writing, older_sessions, pinned},
};
use std::time::Duration;

fn options(url: &str) -> ConnectOptions {
    ConnectOptions::parse(url, &|_| None).unwrap()
}

async fn writing(database: &TestDatabase) -> Connection {
    connect_writing(&options(&database.url), "pgform/test").await.unwrap()
}

async fn one(connection: &mut Connection, sql: &str) -> String {
    connection.query_text(sql).await.unwrap()[0][0].clone().unwrap()
}

async fn refused(url: &str) -> Diagnostic {
    connect_reading(&options(url)).await.unwrap_err()
}

#[tokio::test]
async fn sessions_are_pinned_and_know_their_server() {
    for version in Version::ALL {
        let Some(database) = fresh_database(version) else { continue };
        if version.has_vector() {
            database.server.sql(&database.name, "create extension vector");
        }
        for reading in [true, false] {
            let mut connection = if reading {
                connect_reading(&options(&database.url)).await.unwrap()
            } else {
                writing(&database).await
            };
            let info = connection.info().clone();
            assert_eq!(
                (info.major(), info.database.as_str(), info.role.as_str()),
                (version.major(), &*database.name, "postgres")
            );
            assert_eq!((info.superuser, info.in_recovery), (true, false));
            assert_eq!(info.vector_version.is_some(), version.has_vector(), "{version:?}");
            let shown = one(
                &mut connection,
                "select '2024-02-03 04:05:06+00'::timestamptz::text || current_setting('search_path')",
            )
            .await;
            assert_eq!(shown, "2024-02-03 04:05:06+00pg_catalog, pg_temp");
            assert_eq!(one(&mut connection, "show row_security").await, "off");
            let name = if reading { "pgform" } else { "pgform/test" };
            assert_eq!(one(&mut connection, "show application_name").await, name);
            let write = connection.batch("create table public.t ()").await;
            assert_eq!(write.is_ok(), !reading);
            if let Err(error) = write {
                assert!(error.is("25006"), "{error:?}");
            }
            connection.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn errors_keep_what_the_server_said() {
    for version in Version::ALL {
        let Some(database) = fresh_database(version) else { continue };
        let mut connection = writing(&database).await;
        let error = connection.batch("select 1; select nothing_there").await.unwrap_err();
        assert!(error.is("42703") && error.position == Some(18) && !error.connection_lost, "{error:?}");
        assert_eq!(Diagnostic::from(error).code, Code::Server);
        let raise = "do $$begin raise exception 'm' using errcode = 'ZZ123', detail = 'd', hint = 'h'; end$$";
        let error = connection.batch(raise).await.unwrap_err();
        assert!(error.is("ZZ123") && error.context.is_some(), "{error:?}");
        assert_eq!(
            (error.message.as_str(), error.detail.as_deref(), error.hint.as_deref()),
            ("m", Some("d"), Some("h"))
        );
        // And through diesel, which has no SQLSTATE of its own.
        let error = diesel::sql_query("select 1/0").execute(connection.diesel()).await.unwrap_err();
        assert!(connection.explain(error).is("22012"));
        connection.batch("do $$begin raise notice 'one'; raise warning 'two'; end$$").await.unwrap();
        let notices: Vec<_> = connection.take_notices().into_iter().map(|n| (n.severity, n.message)).collect();
        assert_eq!(notices, [("NOTICE", "one"), ("WARNING", "two")].map(|(s, m)| (s.to_owned(), m.to_owned())));
        assert!(connection.take_notices().is_empty());
        let rows = connection.query_text("select 1, null; select 'x' as y").await.unwrap();
        assert_eq!(rows, [vec![Some("1".to_owned()), None], vec![Some("x".to_owned())]]);
    }
}

#[tokio::test]
async fn a_statement_can_be_cancelled_and_an_abandoned_one_does_no_harm() {
    for version in Version::ALL {
        let Some(database) = fresh_database(version) else { continue };
        let mut connection = writing(&database).await;
        let canceller = connection.canceller();
        let cancel = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            canceller.cancel().await
        });
        let error = connection.batch("select pg_sleep(60)").await.unwrap_err();
        cancel.await.unwrap().unwrap();
        assert!(error.is("57014") && !connection.is_closed(), "{error:?}");
        let abandoned = connection.query_text("select pg_sleep(2), 'not mine'; select nothing_there");
        let early = tokio::time::timeout(Duration::from_millis(50), abandoned).await;
        assert!(early.is_err(), "{version:?}: {early:?}");
        assert_eq!(connection.query_text("select 'mine'").await.unwrap(), [[Some("mine".to_owned())]]);
    }
}

#[tokio::test]
async fn a_lost_connection_says_why() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let mut connection = writing(&database).await;
    let pid = connection.info().pid;
    let kill = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        writing(&database).await.batch(&format!("select pg_terminate_backend({pid})")).await.unwrap();
    };
    let (result, ()) = tokio::join!(connection.batch("select pg_sleep(60)"), kill);
    let error = result.unwrap_err();
    assert!(error.connection_lost && error.is("57P01"), "{error:?}");
    let later = connection.batch("select 1").await.unwrap_err();
    assert!(later.connection_lost && connection.is_closed());
    assert_eq!(Diagnostic::from(later).code, Code::Connect);
}

#[tokio::test]
async fn failures_to_connect_are_clear_and_keep_the_password() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let (server, name) = (database.server, &database.name);
    server.sql("postgres", "create role guarded login password 'right'");
    server.admit("host all guarded all scram-sha-256\nhost all barred all reject");
    let at = format!("127.0.0.1:{}", server.port);
    assert!(connect_reading(&options(&format!("postgres://guarded:right@{at}/{name}"))).await.is_ok());
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, said) in [
        (format!("postgres://guarded:hunter2@{at}/{name}"), "refused the password of role `guarded`"),
        (format!("postgres://guarded@{at}/{name}"), "asks for the password of role `guarded`"),
        (format!("postgres://barred:hunter2@{at}/{name}"), "does not let role `barred` in"),
        (format!("postgres://postgres:hunter2@{at}/missing"), "there is no database `missing`"),
        (format!("postgres://u:hunter2@{unused}/db"), "cannot reach a server"),
        (format!("postgres://u:hunter2@{at}/db?sslmode=require"), "the server has no TLS"),
        (format!("postgres://postgres:hunter2@{at}/{name}?target_session_attrs=standby"), "is no standby"),
    ] {
        let diagnostic = refused(&url).await;
        let text = format!("{diagnostic:?}");
        assert!(diagnostic.code == Code::Connect && text.contains(said) && !text.contains("hunter2"), "{url}: {text}");
    }
}

#[tokio::test]
async fn several_hosts_and_unix_sockets() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (server, name) = (database.server, &database.name);
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let socket = server.folder.display();
    for text in [
        format!("postgres://postgres@127.0.0.1:{unused},127.0.0.1:{}/{name}?target_session_attrs=primary", server.port),
        format!("host={socket} port={} user=postgres dbname={name} sslmode=require", server.port),
    ] {
        let mut connection = connect_writing(&options(&text), "pgform/test").await.unwrap();
        assert!(connection.info().host.contains(&server.port.to_string()));
        let canceller = connection.canceller();
        let (result, sent) = tokio::join!(connection.batch("select pg_sleep(60)"), async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            canceller.cancel().await
        });
        sent.unwrap();
        assert!(result.unwrap_err().is("57014"));
    }
}

#[tokio::test]
async fn who_stands_in_the_way_is_named() {
    for version in Version::ALL {
        let Some(database) = fresh_database(version) else { continue };
        let (mut holder, mut waiter, mut asker) =
            (writing(&database).await, writing(&database).await, writing(&database).await);
        holder
            .batch("set application_name = 'holder'; create table public.t (); create table public.p ()")
            .await
            .unwrap();
        holder.batch("begin; lock table public.p; prepare transaction 'forgotten'").await.unwrap();
        holder.batch("begin; lock table public.t").await.unwrap();
        for (table, name, pid) in [("t", "holder", Some(holder.info().pid)), ("p", "forgotten", None)] {
            let (waiting, canceller) = (waiter.info().pid, waiter.canceller());
            let statement = format!("table public.{table}");
            let (result, found) = tokio::join!(waiter.batch(&statement), async {
                let mut found = Vec::new();
                for _ in 0..200 {
                    found = blockers(&mut asker, waiting).await.unwrap();
                    if !found.is_empty() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                canceller.cancel().await.unwrap();
                found
            });
            assert!(result.unwrap_err().is("57014"));
            assert_eq!(
                found.iter().map(|a| (a.name.as_str(), a.pid)).collect::<Vec<_>>(),
                [(name, pid)],
                "{version:?}"
            );
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let older = older_sessions(&mut asker, Duration::from_millis(100)).await.unwrap();
        let names: Vec<_> = older.found.iter().map(|a| a.name.as_str()).collect();
        assert_eq!((names, older.hidden), (vec!["forgotten", "holder"], 0), "{version:?}");
        assert!(older_sessions(&mut asker, Duration::from_secs(60)).await.unwrap().found.is_empty());
        holder.batch("rollback").await.unwrap();
        holder.batch("rollback prepared 'forgotten'").await.unwrap();
    }
}

#[tokio::test]
async fn a_reading_session_leaves_nothing_behind() {
    let Some(database) = fresh_database(Version::V18) else { return };
    assert!(pinned(true).lines().all(|line| line.starts_with("set local ")));
    let mut connection = connect_reading(&options(&database.url)).await.unwrap();
    connection.batch("rollback").await.unwrap();
    // diesel-async sets these for the session; begun inside the transaction, they end with it.
    assert_eq!(one(&mut connection, "show timezone").await, "Asia/Kolkata");
    assert_eq!(one(&mut connection, "show search_path").await, "\"$user\", public");
    assert_eq!(one(&mut connection, "select count(*) from pg_prepared_statements").await, "0");
}
