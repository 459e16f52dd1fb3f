//! Holds the invariants of `src/ARCHITECTURE.md` that the compiler cannot.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]
#[path = "architecture/inside.rs"]
mod inside;

use std::{collections::BTreeSet, fs, path::Path};
use syn::{spanned::Spanned, visit::Visit};

/// Stages in data-flow order: a stage imports only earlier ones.
const STAGES: &[&str] = &[
    "diagnostic",
    "model",
    "canonical",
    "yaml",
    "settings",
    "declaration",
    "server",
    "catalog",
    "diff",
    "plan",
    "store",
    "report",
    "execute",
    "shadow",
    "prove",
    "workflow",
    "cli",
];
/// Stages that never touch the outside world, and what would.
const PURE: &[&str] = &["diagnostic", "model", "canonical", "yaml", "diff", "plan", "report"];
const WORLD: &[&str] = &["std::fs", "std::env", "std::net", "std::process", "tokio", "diesel", "diesel_async"];
/// Crates that only some stages may name.
const CONFINED: &[(&str, &[&str])] = &[
    ("pg_query", &["canonical"]),
    ("diesel", &["server", "catalog", "execute", "shadow"]),
    ("diesel_async", &["server", "catalog", "execute", "shadow"]),
    ("pglite_oxide", &["shadow"]),
    ("clap", &["cli"]),
];
/// Stages where a forgotten field is a wrong plan: no `..` in struct patterns.
const EXHAUSTIVE: &[&str] = &["declaration", "catalog", "diff"];
const MAX_LINES: usize = 400;

struct File<'a> {
    name: String,
    stage: &'a str,
    /// The module path from the crate's root, to resolve `super` and `self`.
    module: Vec<String>,
    broken: &'a mut BTreeSet<String>,
}

impl File<'_> {
    fn report(&mut self, at: impl Spanned, what: &str) {
        self.broken.insert(format!("{}:{} {what}", self.name, at.span().start().line));
    }

    /// Judges one path, as written: `crate::a::b`, `super::super::a`, `std::fs::read`.
    fn path(&mut self, at: impl Spanned + Copy, segments: &[String]) {
        let mut base = self.module.clone();
        let mut rest = segments;
        let inside = match segments.first().map(String::as_str) {
            Some("crate") => {
                base.clear();
                rest = &segments[1..];
                true
            }
            Some("self") => {
                rest = &segments[1..];
                true
            }
            Some("super") => {
                while rest.first().is_some_and(|s| s == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
                true
            }
            _ => false,
        };
        if inside {
            let Some(target) = base.into_iter().chain(rest.iter().cloned()).next() else { return };
            let position = |name: &str| STAGES.iter().position(|s| *s == name);
            if let (Some(to), Some(from)) = (position(&target), position(self.stage))
                && to > from
            {
                self.report(at, &format!("{} imports {target}, which comes after it", self.stage));
            }
            return;
        }
        let written = segments.join("::");
        let names = |path: &str| written == path || written.starts_with(&format!("{path}::"));
        if PURE.contains(&self.stage) && WORLD.iter().any(|w| names(w)) {
            self.report(at, &format!("{written} in a pure stage"));
        }
        for (krate, stages) in CONFINED {
            if names(krate) && !stages.contains(&self.stage) {
                self.report(at, &format!("{krate} outside {stages:?}"));
            }
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(p) => self.tree(&p.tree, &with(&p.ident)),
            syn::UseTree::Name(n) => self.path(n, &with(&n.ident)),
            syn::UseTree::Rename(r) => self.path(r, &with(&r.ident)),
            syn::UseTree::Glob(g) => self.path(g, before),
            syn::UseTree::Group(g) => g.items.iter().for_each(|item| self.tree(item, before)),
        }
    }
}

impl<'ast> Visit<'ast> for File<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let test = module.attrs.iter().any(|a| a.path().is_ident("cfg") && quote_is_test(a));
        if !test {
            syn::visit::visit_item_mod(self, module);
        }
    }
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            self.path(path, &segments);
        }
        syn::visit::visit_path(self, path);
    }
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if signature.asyncness.is_some() && PURE.contains(&self.stage) {
            self.report(signature, "async in a pure stage");
        }
        syn::visit::visit_signature(self, signature);
    }
    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        if pattern.rest.is_some() && EXHAUSTIVE.contains(&self.stage) {
            self.report(pattern, "ignores fields with `..`");
        }
        syn::visit::visit_pat_struct(self, pattern);
    }
}

fn quote_is_test(attribute: &syn::Attribute) -> bool {
    attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test")
}

fn sources(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Everything under `src` that breaks an invariant, as `file:line what`.
fn broken(src: &Path) -> BTreeSet<String> {
    let (mut files, mut broken) = (Vec::new(), BTreeSet::new());
    sources(src, &mut files);
    for path in files {
        let name = path.strip_prefix(src).unwrap().to_string_lossy().into_owned();
        let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let top = module.first().cloned().unwrap_or_default();
        if ["lib", "main"].contains(&top.as_str()) {
            continue;
        }
        let Some(stage) = STAGES.iter().find(|s| **s == top) else {
            broken.insert(format!("{name} belongs to no stage"));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().take_while(|l| *l != "#[cfg(test)]").count();
        if lines > MAX_LINES {
            broken.insert(format!("{name} has {lines} lines (max {MAX_LINES})"));
        }
        File { name, stage, module, broken: &mut broken }.visit_file(&syn::parse_file(&text).unwrap());
    }
    broken
}

#[test]
fn stages_keep_their_invariants() {
    let broken = broken(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The files that a file's `mod` lines name, and theirs.
fn modules(file: &Path, folder: &Path, out: &mut BTreeSet<std::path::PathBuf>) {
    out.insert(file.to_owned());
    for item in syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap().items {
        if let syn::Item::Mod(syn::ItemMod { ident, content: None, .. }) = item {
            let below = folder.join(ident.to_string());
            let found = [below.with_extension("rs"), below.join("mod.rs")].into_iter().find(|path| path.exists());
            modules(&found.unwrap_or_else(|| panic!("{ident} of {}", file.display())), &below, out);
        }
    }
}

#[test]
fn every_file_of_tests_is_a_part_of_a_test_binary() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (mut files, mut run) =
        (Vec::new(), BTreeSet::from(["architecture.rs", "architecture/inside.rs"].map(|file| tests.join(file))));
    modules(&tests.join("main.rs"), &tests, &mut run);
    sources(&tests, &mut files);
    files.retain(|file| !run.contains(file));
    assert!(files.is_empty(), "no `mod` line names {files:?}: what stands there is never run");
}
