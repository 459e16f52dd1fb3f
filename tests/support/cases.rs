//! Cases as folders: `tests/cases/KIND/CASE/{before.yaml, after.yaml[, seed.sql]}`. One kind per folder, one change per
//! case; whoever wants another case adds a folder. `seed.sql` holds rows for the real servers, where the proof's own do
//! not suit; `small` names tables that are known to be small. A case whose name ends in `_is_refused` must end in an error.
//! What a reviewer would read of a case is kept in `snapshots/cases/KIND/CASE.snap`.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a case that cannot be read fails")]
use pgform::{
    declaration::{Declared, Known, read_folder_texts},
    diagnostic::{Diagnostics, Source},
    model::{Body, Extension, ExtensionName, ObjectId, Qualified, SchemaName, State},
    plan::format::Segment,
    shadow::Bench,
    workflow::Project,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// A test for each folder of cases, in a module of that name: they run beside each other, each with a bench of its own.
macro_rules! each_folder {
    ($module:ident, $run:ident) => {
        $crate::support::cases::each_folder! { $module, $run;
            aggregate, check, column, comment, composite_type, default_privileges, domain, enumeration, exclusion, extension, foreign_key, function, index, key,
            materialized_view, partition, policy, privileges, procedure, range_type, rename, schema, sequence, table, trigger, type_change, view
        }
    };
    ($module:ident, $run:ident; $($kind:ident),*) => {
        mod $module {
            #[allow(dead_code, reason = "one who has a test for each folder asks whether these are all")]
            pub const FOLDERS: &[&str] = &[$(stringify!($kind)),*];
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $kind() {
                super::$run(stringify!($kind)).await;
            })*
        }
    };
}
pub(crate) use each_folder;

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

/// The folders of cases: one for each kind that plans change, and for comments, privileges and renames, which are those of
/// every kind.
pub fn kinds() -> Vec<String> {
    names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"))
}

/// Every case.
pub fn all() -> Vec<Case> {
    kinds().iter().flat_map(|kind| of(kind)).collect()
}

/// The cases in one folder. What is no case, or lacks a file, stops the test: nothing is passed over.
pub fn of(kind: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let of_kind = names(&root.join(kind));
    assert!(!of_kind.is_empty(), "tests/cases/{kind} holds no case");
    of_kind.into_iter().map(|case| read(&root, &format!("{kind}/{case}"))).collect()
}

/// What is kept of a case for reading.
pub fn snapshot(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/cases").join(format!("{name}.snap"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A case's state before, as a shadow prints it, and the segments that are planned from there.
#[derive(Clone)]
pub struct Settled {
    pub head: State,
    pub segments: Vec<Segment>,
}

/// What was planned in this process, by the case's name.
static PLANNED: Mutex<BTreeMap<String, Settled>> = Mutex::new(BTreeMap::new());

/// Keeps what was planned of a case, for who needs its plan and not another proof.
pub fn planned(name: &str, settled: Settled) {
    PLANNED.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), settled);
}

/// What was planned of a case already.
pub fn known(name: &str) -> Option<Settled> {
    PLANNED.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
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
