//! Cases as folders: `tests/cases/KIND/CASE/{before.yaml, after.yaml[, seed.sql]}`. One kind per folder, one change per
//! case; whoever wants another case adds a folder. `seed.sql` holds rows for the real servers, where the proof's own do
//! not suit; `small` names tables that are known to be small. A case whose name ends in `_is_refused` must end in an error.
//! What a reviewer would read of a case is kept in `snapshots/cases/KIND/CASE.snap`.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a case that cannot be read fails")]
use pgform::{
    declaration::{Declared, Known, read_folder_texts},
    diagnostic::{Diagnostics, Source},
    model::{Body, Extension, ExtensionName, ObjectId, Qualified, SchemaName, State},
    shadow::Bench,
    workflow::Project,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folders that there must be, each with a case at least: one for each kind that plans change, and for comments, privileges and
/// renames, which are those of every kind.
const KINDS: &[&str] = &[
    "check",
    "column",
    "comment",
    "enumeration",
    "extension",
    "foreign_key",
    "function",
    "index",
    "key",
    "privileges",
    "procedure",
    "rename",
    "schema",
    "sequence",
    "table",
    "trigger",
    "view",
];

pub struct Case {
    /// `KIND/CASE`.
    pub name: String,
    pub before: Result<Declared, Diagnostics>,
    pub after: Result<Declared, Diagnostics>,
    pub seed: Option<String>,
    /// Tables that are known to be small: a line for each in `small`.
    pub small: BTreeSet<Qualified>,
}

impl Case {
    /// Whether it must end in an error.
    pub fn is_refused(&self) -> bool {
        self.name.ends_with("_is_refused")
    }
}

/// Every case. What is no case, or lacks a file, stops the test: nothing is passed over.
pub fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let kinds = names(&root);
    assert_eq!(kinds, KINDS, "the folders under tests/cases are not the kinds");
    let mut cases = Vec::new();
    for kind in kinds {
        let of_kind = names(&root.join(&kind));
        assert!(!of_kind.is_empty(), "tests/cases/{kind} holds no case");
        cases.extend(of_kind.into_iter().map(|case| read(&root, &format!("{kind}/{case}"))));
    }
    cases
}

/// Snapshots `KIND/CASE` that no case has made.
pub fn snapshots_without_case(cases: &[Case]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/cases");
    let of_kind = |kind: String| {
        let files = names(&root.join(&kind)).into_iter();
        // `CASE.snap.new` is what a snapshot that differs leaves.
        files.filter(|file| !file.ends_with(".snap.new")).map(move |file| format!("{kind}/{file}"))
    };
    let known: BTreeSet<String> = cases.iter().map(|case| format!("{}.snap", case.name)).collect();
    names(&root).into_iter().flat_map(of_kind).filter(|name| !known.contains(name)).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn read(root: &Path, name: &str) -> Case {
    let folder = root.join(name);
    let known = ["before.yaml", "after.yaml", "seed.sql", "small"];
    let strange: BTreeSet<String> = names(&folder).into_iter().filter(|n| !known.contains(&n.as_str())).collect();
    assert!(strange.is_empty(), "tests/cases/{name} holds {strange:?}, which belongs to no case");
    let text = |file: &str| {
        fs::read_to_string(folder.join(file)).unwrap_or_else(|e| panic!("tests/cases/{name} lacks its {file}: {e}"))
    };
    let declared = |file: &str| {
        let source = Arc::new(Source { name: format!("{name}/{file}"), text: text(file) });
        read_folder_texts(&[source], &Known::default())
    };
    let seed = folder.join("seed.sql").exists().then(|| text("seed.sql"));
    let small = if folder.join("small").exists() { text("small") } else { String::new() };
    let small = small.lines().map(|table| Qualified::new("public", table)).collect();
    let (before, after) = (declared("before.yaml"), declared("after.yaml"));
    Case { name: name.to_owned(), before, after, seed, small }
}

/// The bench that all cases share.
pub async fn bench() -> Bench {
    let extension = Extension { schema: SchemaName::new("public"), minimum: None, installed: None };
    let ids = ["vector", "btree_gin"].map(|name| ObjectId::extension(ExtensionName::new(name)));
    let state = State { objects: ids.map(|id| (id, Body::Extension(extension.clone()).into())).into_iter().collect() };
    Bench::open(None, &[&state]).await.unwrap()
}

/// A project without files: its settings are the defaults.
pub fn project() -> Project {
    let nowhere = tempfile::tempdir().unwrap();
    Project::open(nowhere.path(), PathBuf::new(), PathBuf::new(), BTreeMap::new()).unwrap()
}
