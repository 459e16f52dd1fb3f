//! The operations that the planner knows, read from its source: whoever writes one says in `does` what it does, and a
//! case must reach it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a source that cannot be read fails")]
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use syn::visit::{self, Visit};

/// Functions that take `does` as their first argument.
const MAKERS: &[&str] = &["made", "dropped", "operation"];

/// The words of every operation, with `{}` where names stand.
pub fn all() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/operation"), &mut files);
    let mut found = Found::default();
    for file in &files {
        found.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
    }
    found.does
}

/// Those that nothing seen is an instance of. What was seen and is an instance of none stops the test: then the source is
/// not read as it should be.
pub fn unreached(operations: &BTreeSet<String>, seen: &BTreeSet<String>) -> Vec<String> {
    let mut left = operations.clone();
    for does in seen {
        let found = operations.iter().filter(|o| is_instance(o, does)).max_by_key(|o| pieces(o).concat().len());
        let operation = found.unwrap_or_else(|| panic!("`{does}` is no operation in src/plan/operation"));
        left.remove(operation);
    }
    left.into_iter().collect()
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, out),
            false => out.push(path),
        }
    }
}

/// What stands between the placeholders.
fn pieces(template: &str) -> Vec<&str> {
    template.split('{').enumerate().map(|(at, p)| if at == 0 { p } else { p.split_once('}').unwrap().1 }).collect()
}

fn is_instance(template: &str, text: &str) -> bool {
    let pieces = pieces(template);
    let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
    if pieces.len() == 1 {
        return text == first;
    }
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[derive(Default)]
struct Found {
    does: BTreeSet<String>,
}

impl Found {
    fn take(&mut self, expression: &syn::Expr) {
        let mut literals = Literals::default();
        literals.visit_expr(expression);
        // Two that say the same of different kinds are one to whoever reads the plan.
        self.does.extend(literals.0.iter().map(|literal| pieces(literal).join("{}")));
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if matches!(&field.member, syn::Member::Named(name) if name == "does") {
            self.take(&field.expr);
        } else {
            visit::visit_field_value(self, field);
        }
    }
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        let does = |member: &syn::Member| matches!(member, syn::Member::Named(name) if name == "does");
        if matches!(&*assign.left, syn::Expr::Field(field) if does(&field.member)) {
            self.take(&assign.right);
        } else {
            visit::visit_expr_assign(self, assign);
        }
    }
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (syn::Expr::Path(path), Some(first)) = (&*call.func, call.args.first())
            && path.path.segments.last().is_some_and(|s| MAKERS.iter().any(|m| s.ident == m))
        {
            self.take(first);
        }
        visit::visit_expr_call(self, call);
    }
    /// What stands in `vec![…]` is tokens to syn.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        type Items = syn::punctuated::Punctuated<syn::Expr, syn::Token![,]>;
        if call.path.is_ident("vec")
            && let Ok(items) = call.parse_body_with(Items::parse_terminated)
        {
            let mut inside = Self::default();
            items.iter().for_each(|item| inside.visit_expr(item));
            self.does.append(&mut inside.does);
        }
    }
    /// `let does = format!(…)`, and `let (does, …) = match … { … => (format!(…), …) }`.
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && name.ident == "does"
        {
            self.take(&init.expr);
        }
        let first = if let syn::Pat::Tuple(tuple) = &local.pat { tuple.elems.first() } else { None };
        if let (Some(syn::Pat::Ident(name)), Some(init)) = (first, &local.init)
            && name.ident == "does"
        {
            let mut tuples = Tuples::default();
            tuples.visit_expr(&init.expr);
            tuples.0.iter().for_each(|first| self.take(first));
        }
        visit::visit_local(self, local);
    }
}

/// The first elements of tuples.
#[derive(Default)]
struct Tuples(Vec<syn::Expr>);

impl<'ast> Visit<'ast> for Tuples {
    fn visit_expr_match(&mut self, found: &'ast syn::ExprMatch) {
        found.arms.iter().for_each(|arm| self.visit_expr(&arm.body));
    }
    fn visit_expr_tuple(&mut self, tuple: &'ast syn::ExprTuple) {
        self.0.extend(tuple.elems.first().cloned());
    }
}

/// What `format!` is given first.
#[derive(Default)]
struct Literals(Vec<String>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.is_ident("format")
            && let Some(proc_macro2::TokenTree::Literal(literal)) = call.tokens.clone().into_iter().next()
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
        {
            self.0.push(text.value());
        }
    }
}
