//! Values that a new column's default gave to the rows that were there, and those that were written since.
use super::{changed, sql};
use crate::support::{Version, expect, fresh_database, pgform};

/// A column, what is written since, how many of its values are lost by that, and in which words.
struct Shape {
    column: &'static str,
    write: &'static str,
    before: &'static str,
    lost: &'static str,
}

const INSERT: &str = "insert into documents (path) values ('/new')";

#[test]
fn what_nobody_wrote_is_not_lost_where_it_can_be_told() {
    let told = [
        ("made: timestamptz not null default now()", "now()"),
        ("made: timestamptz default current_timestamp", "now()"),
        ("made: timestamp not null default (now() at time zone 'utc')", "now()"),
        ("made: timestamptz default statement_timestamp()", "now()"),
    ];
    for (version, (column, value)) in [Version::V18, Version::V16, Version::V18, Version::V15].into_iter().zip(told) {
        let Some(database) = fresh_database(version) else { continue };
        let dir = changed(&database, "code: varchar(5)", &format!("code: varchar(5)\n      {column}"), &[]);
        let (dir, url) = (dir.path(), database.url.as_str());
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
        expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied: 0002 second");
        // Written by the default, and by hand.
        sql(&database, INSERT);
        sql(&database, &format!("update documents set made = {value} - interval '1 day' where path = '/a'"));
        // A row that is written anew otherwise keeps its value.
        sql(&database, "update documents set code = 'z' where path = '/bb'");
        let run = pgform(dir, &["rollback", "-d", url, "--yes"]);
        expect(&run, 4, "loses 2 values of documents.made written since");
        sql(&database, "delete from documents where path <> '/bb'");
        // PostgreSQL forgets what it gave when the table is written anew: none is passed over.
        sql(&database, "vacuum full documents");
        let run = pgform(dir, &["rollback", "-d", url, "--yes"]);
        expect(
            &run,
            4,
            "loses 1 value of documents.made written since, or all of them where the table was written anew",
        );
    }
}

#[test]
fn what_cannot_be_told_is_counted_whole_and_says_so() {
    let shapes = [
        // A row of the same day has the day that the default gave.
        Shape { column: "made: date not null default current_date", write: INSERT, before: "2", lost: "3" },
        Shape { column: "made: timestamptz(0) default now()", write: INSERT, before: "2", lost: "3" },
        Shape { column: "made: text default current_user", write: INSERT, before: "2", lost: "3" },
        Shape { column: "made: timestamptz default clock_timestamp()", write: INSERT, before: "2", lost: "3" },
        Shape { column: "made: uuid not null default gen_random_uuid()", write: INSERT, before: "2", lost: "3" },
        Shape {
            column: "made: double precision default random()",
            write: "update documents set made = null where path = '/a'",
            before: "2",
            lost: "1",
        },
    ];
    for (at, shape) in shapes.into_iter().enumerate() {
        let version = if at % 2 == 0 { Version::V18 } else { Version::V16 };
        let Some(database) = fresh_database(version) else { return };
        let to = format!("code: varchar(5)\n      {}", shape.column);
        let dir = changed(&database, "code: varchar(5)", &to, &["--allow", "Rewrite"]);
        let (dir, url) = (dir.path(), database.url.as_str());
        let says = "those written since cannot be told from those that its default gave";
        expect(&pgform(dir, &["show", "second"]), 0, "drops it; all its values are counted first, whoever gave them");
        let count = |n: &str| {
            let values = if n == "1" { "value" } else { "values" };
            format!("loses {n} {values} of documents.made: {says}")
        };
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 4, &count(shape.before));
        sql(&database, shape.write);
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 4, &count(shape.lost));
        let allow = ["rollback", "-d", url, "--yes", "--allow", "DataLoss:documents.made"];
        expect(&pgform(dir, &allow), 0, "rolled back: 0002 second");
    }
}
