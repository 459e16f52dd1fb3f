//! What managed objects use from schemas that nobody manages: stood in for in the shadow, by what plans recorded of its shape.

use crate::support::{Version, expect, fresh_database, pgform};

const OTHER: &str = "
create schema other;
create function other.f(x text) returns boolean language sql immutable as 'select x <> ''''';
create function other.g() returns text language sql as 'select ''a''';
create function other.h(x text, n int) returns boolean language sql immutable as 'select true';
create function other.rows() returns table (a int, b text) language sql as 'select 1, ''a''';
create type other.\"Mood\" as enum ('a', 'b''c');
create domain other.code as text check (value <> '');
create table other.tab (id int, part int, note text, primary key (id, part));
create table other.more (a text primary key);
create view other.v as select 1 as x;
create sequence other.numbers;
create table docs (id int primary key, path text check (other.f(path)), d text not null default other.g(),
    n bigint default nextval('other.numbers'), mood other.\"Mood\" default 'b''c', moods other.\"Mood\"[],
    code other.code, k int, p int, foreign key (k, p) references other.tab (id, part));
create index on docs ((other.f(path)));
create view uses_them as select other.f(path) as f, v.x, r.b from docs, other.v, other.rows() as r;
create table apart (id int primary key);
insert into docs (id, path) values (1, '/a')";

#[test]
fn what_is_outside_of_the_scope_is_stood_in_for_and_the_proof_says_so() {
    let Some(database) = fresh_database(Version::V18) else { return };
    database.server.sql(&database.name, OTHER);
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = folder.path();
    std::fs::write(dir.join("pgform.yaml"), "scope: {schemas: [public]}\n").unwrap();
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    let change = |file: &str, from: &str, to: &str| {
        let path = dir.join("schema").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no `{from}` in {text}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    change("tables/apart.yaml", "      id: integer not null\n", "      id: integer not null\n      more: text\n");
    expect(&pgform(dir, &["plan", "-m", "apart"]), 0, "Proof full");
    change(
        "tables/docs.yaml",
        "      path: text\n",
        "      path: text not null\n      more: other.code not null default 'x'\n",
    );
    let run = pgform(dir, &["plan", "-m", "more"]);
    expect(&run, 0, "not shown: schema other is outside of the scope: what is used of it does nothing in the shadow");
    expect(
        &run,
        0,
        "stand-ins: function other.f, function other.g, function other.rows, sequence other.numbers, table other.v, type other.\"Mood\", type other.code",
    );
    // A name that nothing used until now: its shape is asked for once.
    change("tables/docs.yaml", "docs_path_check: other.f(path)", "docs_path_check: \"other.h(path, 1)\"");
    change(
        "tables/docs.yaml",
        "    foreign_keys:\n",
        "    foreign_keys:\n      to_more: {columns: [d], references: \"other.more (a)\"}\n",
    );
    let run = pgform(dir, &["plan", "-m", "new"]);
    expect(&run, 1, "no plan has seen other.h: name a database that has it once, with -d URL");
    expect(&run, 1, "no plan has seen other.more: name a database that has it once, with -d URL");
    database.server.sql(&database.name, "insert into other.more values ('a')");
    expect(&pgform(dir, &["plan", "-m", "new", "-d", url]), 0, "0004-new.yaml");
    change("tables/docs.yaml", "other.h(path, 1)", "other.h(path, 2)");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "0005-again.yaml");
    change("tables/docs.yaml", "other.h(path, 2)", "other.nothing(path)");
    let run = pgform(dir, &["plan", "-m", "wrong", "-d", url]);
    expect(&run, 1, "the database named has no other.nothing either");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 4 plans, from 0002 apart to 0005 again");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    for plan in ["again", "new", "more"] {
        let back = ["rollback", plan, "-d", url, "--yes"];
        expect(&pgform(dir, &back), 0, "rolled back");
    }
}
