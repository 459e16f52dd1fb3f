//! The whole way through the binary, as its user goes it, on real servers.

use crate::support::{self, Version, change, expect, pgform, project};
use std::fs;

const DECLARATION: &str = "\
schema: public
extensions:
  vector: {version: \">= 0.7\"}
enums:
  document_status: [draft, indexed]
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      status: document_status not null default 'draft'
      embedding: halfvec(3)
    primary_key: [id]
    checks:
      documents_path_not_blank: \"path <> ''\"
    indexes:
      documents_embedding_hnsw:
        using: hnsw
        keys: [\"embedding halfvec_l2_ops\"]
views:
  indexed_documents:
    query: \"select id, path from documents where status = 'indexed'\"
";

fn the_whole_way(version: Version) {
    let Some(database) = support::fresh_database(version) else { return };
    let url = database.url.as_str();
    let dir = project(DECLARATION);
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "Proof    full");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    expect(&pgform(dir, &["apply", "-d", url]), 4, "nobody said yes");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    database.server.sql(
        &database.name,
        "insert into documents (path, status, embedding) values ('/a', 'indexed', '[1,2,3]'), ('/b', 'draft', null)",
    );
    change(dir, "halfvec_l2_ops", "halfvec_cosine_ops");
    change(dir, "path: text not null", "path: text not null\n      title: text not null default ''");
    expect(&pgform(dir, &["plan", "-m", "cosine", "--detailed-exitcode"]), 2, "build documents_embedding_hnsw beside");
    expect(&pgform(dir, &["check", "-d", url]), 2, "pending: 0002 cosine");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 cosine");
    expect(&pgform(dir, &["check", "-d", url, "--format", "json"]), 0, "\"drift\": []");
    database.server.sql(&database.name, "update documents set title = 'kept'");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 4, "DataLoss");
    expect(
        &pgform(dir, &["rollback", "-d", url, "--yes", "--allow", "DataLoss:documents.title"]),
        0,
        "rolled back: 0002",
    );
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 4, "held");
    expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied: 0002");
    expect(&pgform(dir, &["history", "-d", url]), 0, "rollback");
    let rows = database.server.sql(&database.name, "select count(*) from documents where path in ('/a', '/b')");
    assert!(rows.trim().ends_with('2'), "{rows}");
}

#[test]
fn the_whole_way_on_18() {
    the_whole_way(Version::V18);
}

#[test]
fn the_whole_way_on_16() {
    the_whole_way(Version::V16);
}

#[test]
fn mistakes_are_shown_at_their_place_all_at_once() {
    let dir = project(
        &DECLARATION
            .replace("halfvec(3)", "vector(3072)")
            .replace("halfvec_l2_ops", "vector_l2_ops")
            .replace("checks:", "cheks:"),
    );
    let run = pgform(dir.path(), &["validate"]);
    expect(&run, 1, "vector-dimensions");
    expect(&run, 1, "unknown-key");
    expect(&run, 1, "documents.yaml:");
}

#[test]
fn a_changed_plan_is_refused() {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    let path = dir.path().join("plans/0001-first.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("create table", "create  table", 1)).unwrap();
    expect(&pgform(dir.path(), &["show", "first"]), 1, "plan-file");
}

#[test]
fn a_database_with_objects_and_no_journal_is_to_be_adopted() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    database.server.sql(&database.name, "create table old (id bigint primary key, name text)");
    let dir = tempfile::tempdir().unwrap();
    let url = database.url.as_str();
    expect(&pgform(dir.path(), &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir.path(), &["plan", "-m", "nothing"]), 0, "no changes");
    expect(&pgform(dir.path(), &["apply", "-d", url, "--yes"]), 4, "pgform adopt");
    expect(&pgform(dir.path(), &["adopt", "-d", url, "--yes"]), 0, "adopted: 0001 baseline");
    expect(&pgform(dir.path(), &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn an_ivfflat_build_has_the_memory_it_asks_for_or_the_proof_says_that_it_was_empty() {
    for (column, lists, proof) in [
        ("vector(2000)", 100, "full"),
        ("vector(3)", 12_000, "not shown: no rows in t: with any, the build of iv asks for 564 MB"),
    ] {
        let table = format!("extensions: {{vector: {{}}}}\ntables:\n  t:\n    columns: {{id: int, e: \"{column}\"}}\n");
        let dir = project(&table);
        expect(&pgform(dir.path(), &["plan", "-m", "table"]), 0, "0001");
        let index =
            format!("    indexes: {{iv: {{using: ivfflat, keys: ['e vector_l2_ops'], with: {{lists: {lists}}}}}}}\n");
        fs::write(dir.path().join("schema/documents.yaml"), format!("{table}{index}")).unwrap();
        expect(&pgform(dir.path(), &["plan", "-m", "index"]), 0, proof);
    }
}
