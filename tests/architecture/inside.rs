//! What holds inside of the stages: no files that import each other, no two public types of one name, and few functions that
//! name every kind, a number that may only fall.
use super::sources;
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};
use syn::visit::Visit;

/// Functions outside of `model` that name nearly every kind: a new kind would be one arm more in each of them.
const WALLS: usize = 7;
/// A function names nearly every kind when it has this many of them in its patterns.
const NEARLY_EVERY: usize = 9;

struct Source {
    /// `plan/operation/index`; a folder's `mod.rs` is the folder.
    module: Vec<String>,
    file: syn::File,
}

fn read() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    let source = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(&src).unwrap().with_extension("");
        let mut module: Vec<String> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        Source { module, file: syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap() }
    };
    let of_tests = |source: &Source| source.module.iter().any(|part| part == "tests" || part.ends_with("_tests"));
    paths.iter().map(source).filter(|source| !of_tests(source)).collect()
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("cfg") && super::quote_is_test(a))
}

/// The variants of `Body` and `ObjectKind` in the patterns of one function.
#[derive(Default)]
struct Kinds(BTreeMap<String, BTreeSet<String>>);

impl<'ast> Visit<'ast> for Kinds {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        let path = if let syn::Pat::TupleStruct(p) = pattern {
            Some(&p.path)
        } else if let syn::Pat::Struct(p) = pattern {
            Some(&p.path)
        } else if let syn::Pat::Path(p) = pattern {
            Some(&p.path)
        } else {
            None
        };
        let names = path.map(|path| path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>());
        if let Some([.., of, variant]) = names.as_deref()
            && ["Body", "ObjectKind"].contains(&of.as_str())
        {
            self.0.entry(of.clone()).or_default().insert(variant.clone());
        }
        syn::visit::visit_pat(self, pattern);
    }
}

/// The functions of a file that are walls.
struct Functions<'a> {
    module: String,
    walls: &'a mut BTreeSet<String>,
}

impl Functions<'_> {
    fn judge(&mut self, name: &syn::Ident, block: &syn::Block) {
        let mut kinds = Kinds::default();
        kinds.visit_block(block);
        if kinds.0.values().any(|variants| variants.len() >= NEARLY_EVERY) {
            self.walls.insert(format!("{} {name}", self.module));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge(&function.sig.ident, &function.block);
    }
    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.judge(&function.sig.ident, &function.block);
    }
}

#[test]
fn few_functions_name_every_kind() {
    let mut walls = BTreeSet::new();
    for source in read().iter().filter(|source| source.module[0] != "model") {
        Functions { module: source.module.join("/"), walls: &mut walls }.visit_file(&source.file);
    }
    fell("functions outside of `model` that name nearly every kind", &walls, WALLS);
}

/// A use tree's paths, each with the name that it brings.
fn paths(tree: &syn::UseTree, before: &[String], out: &mut Vec<Vec<String>>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        syn::UseTree::Path(p) => paths(&p.tree, &with(&p.ident), out),
        syn::UseTree::Name(n) => out.push(with(&n.ident)),
        syn::UseTree::Rename(r) => out.push(with(&r.ident)),
        syn::UseTree::Glob(_) => out.push(before.to_vec()),
        syn::UseTree::Group(g) => g.items.iter().for_each(|item| paths(item, before, out)),
    }
}

/// The paths that a file imports, from the crate's root.
fn imports(source: &Source) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for item in &source.file.items {
        if let syn::Item::Use(item) = item
            && !is_test(&item.attrs)
        {
            paths(&item.tree, &[], &mut found);
        }
    }
    let absolute = |path: Vec<String>| {
        let mut base = source.module.clone();
        let mut rest = path.as_slice();
        match rest.first().map(String::as_str)? {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|s| s == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            // A folder's own module, as `pub use x::Y` has it.
            _ => {}
        }
        base.extend(rest.iter().cloned());
        Some(base)
    };
    found.into_iter().filter_map(absolute).collect()
}

#[test]
fn no_files_of_a_stage_import_each_other() {
    let all = read();
    let modules: BTreeSet<&[String]> = all.iter().map(|source| source.module.as_slice()).collect();
    let own =
        |path: &[String]| (1..=path.len()).rev().map(|n| &path[..n]).find(|p| modules.contains(p)).map(<[_]>::to_vec);
    // What a folder hands on belongs to the file that has it.
    let mut handed: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for source in &all {
        for path in imports(source) {
            if let (Some(home), Some(name)) = (own(&path), path.last())
                && home.len() > source.module.len()
                && home.starts_with(&source.module)
            {
                handed.insert([source.module.as_slice(), std::slice::from_ref(name)].concat(), home);
            }
        }
    }
    let mut edges: BTreeSet<(Vec<String>, Vec<String>)> = BTreeSet::new();
    for source in &all {
        for path in imports(source) {
            let home = handed.get(&path).cloned().or_else(|| own(&path));
            if let Some(home) = home.filter(|home| home[0] == source.module[0] && *home != source.module) {
                edges.insert((source.module.clone(), home));
            }
        }
    }
    // A folder and the files in it are one.
    let apart = |a: &[String], b: &[String]| !a.starts_with(b) && !b.starts_with(a);
    let mutual = edges.iter().filter(|(a, b)| a < b && apart(a, b) && edges.contains(&(b.clone(), a.clone())));
    let mutual: BTreeSet<String> = mutual.map(|(a, b)| format!("{} <-> {}", a.join("/"), b.join("/"))).collect();
    assert!(mutual.is_empty(), "move what both need to a file of its own: {mutual:#?}");
}

#[test]
fn no_public_type_has_the_name_of_another() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in read() {
        for item in &source.file.items {
            let (visible, name) = if let syn::Item::Struct(i) = item {
                (&i.vis, &i.ident)
            } else if let syn::Item::Enum(i) = item {
                (&i.vis, &i.ident)
            } else if let syn::Item::Trait(i) = item {
                (&i.vis, &i.ident)
            } else if let syn::Item::Type(i) = item {
                (&i.vis, &i.ident)
            } else {
                continue;
            };
            if matches!(visible, syn::Visibility::Public(_)) {
                homes.entry(name.to_string()).or_default().insert(source.module.join("/"));
            }
        }
    }
    let twice = homes.into_iter().filter(|(_, homes)| homes.len() > 1);
    let twice: BTreeSet<String> =
        twice.map(|(name, homes)| format!("{name}: {}", homes.into_iter().collect::<Vec<_>>().join(", "))).collect();
    assert!(twice.is_empty(), "each public type has a name of its own: {twice:#?}");
}

/// The number is the one that is written here: more is a step back, and less is written down.
fn fell(what: &str, found: &BTreeSet<String>, allowed: usize) {
    let list: Vec<&str> = found.iter().map(String::as_str).collect();
    assert!(found.len() <= allowed, "{} {what}, {allowed} before: {list:#?}", found.len());
    assert!(found.len() == allowed, "only {} {what}: write this number here, instead of {allowed}", found.len());
}
