//! What the source says: one place makes suggested commands, and each of them is one that pgform takes.
use crate::support::pgform;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Literals that show no command to run now: the examples of `--help`, the demo's story, the first line of a plan file.
const NO_HINTS: &[&str] = &["cli/arguments", "cli/demo/tour", "cli/demo/edit", "store/seal", "diagnostic/command"];

fn sources() -> Vec<(String, syn::File)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.file_name().is_some_and(|name| name == "tests") => {}
                true => walk(&path, out),
                false => out.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let rust = paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().with_extension("").to_string_lossy().into_owned();
        (name, syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap())
    };
    rust.map(read).collect()
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("cfg") && a.parse_args::<syn::Ident>().is_ok_and(|i| i == "test"))
}

/// The commands that pgform has.
fn verbs() -> BTreeSet<String> {
    let help = pgform(Path::new("."), &["--help"]).out;
    let listed = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty() && name != "help").collect()
}

/// Texts that name a command outside of `diagnostic::Command`.
struct Texts<'a> {
    verbs: &'a BTreeSet<String>,
    found: Vec<String>,
}

impl Texts<'_> {
    fn judge(&mut self, text: &str) {
        let word = |rest: &str| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().map(str::to_owned);
        let named = text.match_indices("pgform ").filter_map(|(at, _)| word(&text[at + "pgform ".len()..]));
        if named.filter(|w| self.verbs.contains(w)).count() > 0 {
            self.found.push(text.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Texts<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.judge(&literal.value());
    }
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        for token in call.tokens.clone() {
            self.token(token);
        }
    }
}

impl Texts<'_> {
    fn token(&mut self, token: proc_macro2::TokenTree) {
        match token {
            // What documents an item of a macro is `doc` in brackets.
            proc_macro2::TokenTree::Group(group) if group.stream().to_string().starts_with("doc ") => {}
            proc_macro2::TokenTree::Group(group) => group.stream().into_iter().for_each(|token| self.token(token)),
            proc_macro2::TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    self.judge(&text.value());
                }
            }
            proc_macro2::TokenTree::Ident(_) | proc_macro2::TokenTree::Punct(_) => {}
        }
    }
}

#[test]
fn one_place_makes_suggested_commands() {
    let verbs = verbs();
    let mut wrong = BTreeMap::new();
    for (name, file) in sources().into_iter().filter(|(name, _)| !NO_HINTS.contains(&name.as_str())) {
        let mut texts = Texts { verbs: &verbs, found: Vec::new() };
        texts.visit_file(&file);
        if !texts.found.is_empty() {
            wrong.insert(name, texts.found);
        }
    }
    assert!(wrong.is_empty(), "commands in texts (say them by `diagnostic::Command`): {wrong:#?}");
}

/// A chain `Command::new("…").option("…", …)` as it stands in the source.
#[derive(Default, Debug)]
struct Chain {
    verb: Option<String>,
    flags: Vec<String>,
    arguments: usize,
    on_database: bool,
}

#[derive(Default)]
struct Chains(Vec<Chain>);

/// Follows a chain of method calls down to its beginning.
fn follow(call: &syn::Expr, chain: &mut Chain) {
    if let syn::Expr::MethodCall(call) = call {
        let first = || match call.args.first() {
            Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => Some(text.value()),
            _ => None,
        };
        match call.method.to_string().as_str() {
            "flag" | "option" | "options" => chain.flags.extend(first()),
            "arg" => chain.arguments += 1,
            "on_database" => chain.on_database = true,
            _ => {}
        }
        follow(&call.receiver, chain);
    } else if let syn::Expr::Call(call) = call {
        let is_new = matches!(&*call.func, syn::Expr::Path(path)
            if path.path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>().join("::").ends_with("Command::new"));
        if let (true, Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(verb), .. }))) = (is_new, call.args.first())
        {
            chain.verb = Some(verb.value());
        }
    }
}

impl<'ast> Visit<'ast> for Chains {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }
    fn visit_expr(&mut self, expression: &'ast syn::Expr) {
        let mut chain = Chain::default();
        follow(expression, &mut chain);
        if chain.verb.is_some() {
            self.0.push(chain);
            return;
        }
        visit::visit_expr(self, expression);
    }
}

#[test]
fn every_suggested_command_is_one_that_pgform_takes() {
    let verbs = verbs();
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut chains = Chains::default();
    sources().iter().for_each(|(_, file)| chains.visit_file(file));
    assert!(chains.0.len() > 20, "the source is not read as it should be: {:?}", chains.0);
    for chain in &chains.0 {
        let verb = chain.verb.as_ref().unwrap();
        assert!(verbs.contains(verb), "there is no command {verb}: {chain:?}");
        let help = helps.entry(verb.clone()).or_insert_with(|| pgform(Path::new("."), &[verb, "--help"]).out);
        for flag in &chain.flags {
            let known =
                help.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | '=')).any(|word| word == flag);
            assert!(known, "{verb} has no {flag}: {chain:?}");
        }
        let takes_database = help.contains("--database-url");
        assert!(takes_database || !chain.on_database, "{verb} takes no database: {chain:?}");
        let usage = help.lines().find(|line| line.starts_with("Usage:")).unwrap();
        let needs = usage.matches(" <").count() - usage.matches("--").count();
        assert!(chain.arguments >= needs, "{verb} needs {needs} arguments ({usage}): {chain:?}");
        assert!(verb != "plan" || chain.flags.iter().any(|f| f == "-m"), "plan needs -m: {chain:?}");
    }
}
