//! Rows that stand in a plan's way: what stops, how it goes on, and that it goes back.
use super::scene::{FIRST, Scene};
use crate::support::{Version, fresh_database};

#[test]
fn rows_that_a_way_back_counts_first() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let scene = Scene::new(&FIRST.replace("size: integer", "size: integer not null"));
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    scene.change("size: integer not null", "size: integer");
    scene.run(&["plan", "-m", "nulls"]).expect(0, &["0002-nulls"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 nulls"]);
    database.server.sql(&database.name, "insert into documents (path) values ('a'), ('b')");
    scene.refused_on(
        &database,
        &["rollback", "--yes"],
        4,
        &["error[condition]: the way back would fail: 2 nulls in documents.size", "where size is null"],
    );
    database.server.sql(&database.name, "update documents set size = 0");
    scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 nulls"]);
    // The plan made the table: all its rows would go.
    scene.refused_on(
        &database,
        &["rollback", "first", "--yes"],
        4,
        &["error[hazard]: the way back loses 2 rows of documents", "--allow DataLoss:documents"],
    );
}

const CLEVER: &str = "\
schema: public
tables:
  files:
    seed:
    - {path: \"'/etc/hosts'\"}
    - {path: \"lower('/TMP/')\"}
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
    checks:
      files_path_absolute: \"starts_with(path, '/') and md5(path) <> ''\"
";

#[test]
fn declared_rows_serve_the_proof_where_a_check_is_too_clever() {
    let scene = Scene::new(CLEVER);
    scene.run(&["plan", "-m", "first"]).expect(0, &["Proof full"]);
    scene.change("path: text not null\n", "path: text not null\n      note: text not null default ''\n");
    scene.run(&["plan", "-m", "note"]).expect(0, &["Proof full", "2 rows followed"]);
    scene.change("'/etc/hosts'", "'etc/hosts'");
    scene.change("      note: text not null default ''\n", "");
    let refused = ["error[rejected]", "row 1 of the seed", "files_path_absolute", "a.yaml:5"];
    scene.run(&["plan", "-m", "no note"]).expect(1, &refused);
    scene.change("{path: \"'etc/hosts'\"}", "{pahth: \"'/etc/hosts'\"}");
    scene
        .run(&["validate"])
        .expect(1, &["error[not-declared]", "the column pahth", "did you mean `path`?", "a.yaml:5"]);
}

#[test]
fn a_column_that_nothing_fills_is_added_to_an_empty_table_alone() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let scene = Scene::new(FIRST);
    scene.run(&["plan", "-m", "first"]).expect(0, &["0001-first"]);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    database.server.sql(&database.name, "insert into documents (path) values ('a'), ('b')");
    scene.change("size: integer", "size: integer\n      title: text not null");
    scene.on(&database, &["plan", "-m", "title"]).expect(0, &["MayFailOnRows", "give it a default", "2 rows"]);
    scene.refused_on(
        &database,
        &["apply", "--yes"],
        4,
        &["error[condition]", "2 rows of documents, which would have no value for documents.title"],
    );
    database.server.sql(&database.name, "delete from documents");
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 title"]);
    database.server.sql(&database.name, "insert into documents (path, title) values ('c', 'C')");
    scene.refused_on(&database, &["rollback", "--yes"], 4, &["--allow DataLoss:documents.title"]);
    scene.on(&database, &["rollback", "--yes", "--allow", "DataLoss"]).expect(0, &["rolled back: 0002 title"]);
    assert_eq!(database.server.sql(&database.name, "select path from documents"), "c");
}
