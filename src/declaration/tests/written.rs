//! Tests that the files which `import` writes are read back as the same state.
use super::{
    declared::EXAMPLE,
    render::{read, render, snapshot},
};
use crate::declaration::write_files;
use crate::model::State;

/// Reads what was written.
fn again(state: &State) -> State {
    let files = write_files(state).unwrap();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    match read(&files) {
        Ok(declared) => declared.state,
        Err(diagnostics) => panic!("{}\n{files:#?}", render(&diagnostics)),
    }
}

fn same(a: &State, b: &State) {
    let shown = |s: &State| -> Vec<String> {
        let attributes = |o: &crate::model::Object| format!("{:?}", o.attributes());
        s.objects.iter().map(|(id, o)| format!("{id} {}", attributes(o))).collect()
    };
    assert_eq!(shown(a), shown(b));
}

#[test]
fn what_is_written_reads_back() {
    let state = read(&[("a.yaml", EXAMPLE)]).unwrap().state;
    same(&state, &again(&state));
    let state = read(&[("a.yaml", EXAMPLE), ("b.yaml", super::declared::REST)]).unwrap().state;
    same(&state, &again(&state));
}

#[test]
fn files_read_like_written_by_hand() {
    let state = read(&[("a.yaml", EXAMPLE), ("b.yaml", super::declared::REST)]).unwrap().state;
    let files = write_files(&state).unwrap();
    snapshot("files", &files.iter().map(|(n, t)| format!("# {n}\n{t}")).collect::<Vec<_>>().join("\n"));
}

#[test]
fn hostile_names_are_files_and_keys() {
    let text = "schema: \"My App\"\ntables:\n  \"a/b\": {columns: {\"null\": int, \"x y\": \"text default 'a: b # c'\", \"1\": int}, primary_key: [\"null\"]}\n  \"A/b\": {columns: {on: \"int not null\"}, checks: {\"it's\": \"\\\"on\\\" > 0 and ':' <> '#'\"}}\n  \"..\": {columns: {c: int}, foreign_keys: {\"f k\": {columns: [c], references: '\"a/b\" (\"null\")'}}}\n";
    let state = read(&[("a.yaml", text)]).unwrap().state;
    let names: Vec<String> = write_files(&state).unwrap().into_keys().collect();
    assert!(names.iter().all(|n| !n.contains("..") && n.matches('/').count() <= 2), "{names:?}");
    same(&state, &again(&state));
}
