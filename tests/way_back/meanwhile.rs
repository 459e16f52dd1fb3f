//! What others write between the count and the lock of a way back.
use super::{changed, sql};
use crate::support::{TestDatabase, Version, expect, fresh_database, pgform};
use std::time::{Duration, Instant};

/// Rolls back while somebody who has written already holds the table, and commits when the way back waits for it.
fn rolled_back_behind(
    database: &TestDatabase,
    dir: &std::path::Path,
    write: &str,
    more: &[&str],
) -> crate::support::Run {
    let url = database.url.as_str();
    let holding = "select count(*) from pg_locks l join pg_stat_activity a using (pid) where l.mode = 'RowExclusiveLock' \
                   and a.query like '%pg_sleep(4)%' and a.pid <> pg_backend_pid() and l.relation >= 16384 \
                   and a.datname = current_database()";
    std::thread::scope(|scope| {
        scope.spawn(|| sql(database, &format!("begin; {write}; select pg_sleep(4); commit")));
        let began = Instant::now();
        while sql(database, holding) == "0" {
            assert!(began.elapsed() < Duration::from_secs(30), "nobody writes");
        }
        pgform(dir, &[&["rollback", "-d", url, "--yes"], more].concat())
    })
}

#[test]
fn what_was_written_while_a_way_back_waited_is_counted_inside_its_lock() {
    let new_table = "tables:\n  notes:\n    columns:\n      id: bigint\n";
    let shapes = [
        (
            "code: varchar(5)",
            "code: varchar(5)\n      title: text",
            "insert into documents (path, title) values ('/w', 'w')",
            "loses 1 value of documents.title written since",
            "documents.title",
        ),
        (
            "tables:\n",
            new_table,
            "insert into notes select i from generate_series(1, 5000) i",
            "loses 5,000 rows of notes written since",
            "notes",
        ),
        (
            "size: integer generated always as (length(path)) stored",
            "size: integer\n      more: text",
            "insert into documents (path, size) values ('/w', 99)",
            "loses 1 value of documents.size that its expression does not give",
            "documents.size",
        ),
    ];
    for (version, at) in [(Version::V18, 0), (Version::V16, 1), (Version::V16, 2), (Version::V18, 1)] {
        let (from, to, write, lost, object) = shapes[at];
        let Some(database) = fresh_database(version) else { return };
        let dir = changed(&database, from, to, &[]);
        let dir = dir.path();
        let refused = rolled_back_behind(&database, dir, write, &[]);
        expect(&refused, 4, lost);
        expect(&refused, 4, &format!("--allow DataLoss:{object}"));
        expect(&pgform(dir, &["status", "-d", &database.url]), 0, "is at 0002 second");
        let rows = sql(&database, &format!("select count(*) from {}", object.split('.').next().unwrap()));
        assert!(rows != "0" && rows != "2", "{rows}: something went");
        // Allowed by its name, it goes, whenever it was written; and it is this plan that the command is still about.
        let allow = format!("DataLoss:{object}");
        let done = rolled_back_behind(&database, dir, write, &["--allow", &allow]);
        expect(&done, 0, "rolled back: 0002 second");
    }
}

#[test]
fn what_is_rounded_on_the_way_back_is_counted_inside_its_lock() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = changed(&database, "code: varchar(5)", "code: varchar(5)\n      price: numeric(10,2)", &[]);
    let dir = dir.path();
    crate::support::change(dir, "price: numeric(10,2)", "price: numeric");
    expect(&pgform(dir, &["plan", "-m", "third"]), 0, "0003-third");
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0003 third");
    let write = "insert into documents (path, price) values ('/w', 1.005)";
    let refused = rolled_back_behind(&database, dir, write, &[]);
    expect(&refused, 4, "loses 1 value of documents.price written since that numeric(10,2) rounds or cuts");
    assert_eq!(sql(&database, "select price from documents where path = '/w'"), "1.005");
}
