//! Allowances of `--allow`: a hazard's kind, and a name or pattern of objects.
use super::accept::{Accepted, names};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::ObjectId,
    plan::format::HazardKind,
    yaml::nearest,
};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;

/// Kind and pattern of `DataLoss:documents.*`; no pattern where any object is meant.
fn parts(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((kind, pattern)) => (kind, Some(pattern)),
        None => (text, None),
    }
}

fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(pattern).literal_separator(false).build()?.compile_matcher())
}

/// Tells whether `DataLoss`, `DataLoss:documents.path` or `DataLoss:documents.*` allows a hazard. A pattern is first
/// compared as a name, so that a name with a `*` or a bracket in it can be written too.
#[must_use]
pub fn allows(text: &str, hazard: HazardKind, object: &ObjectId) -> bool {
    let (kind, pattern) = parts(text);
    let covers = |pattern: &str| {
        let by_glob = |glob: GlobMatcher| glob.is_match(object.short()) || glob.is_match(object.sql());
        names(object, pattern) || glob(pattern).is_ok_and(by_glob)
    };
    kind == hazard.as_str() && pattern.is_none_or(covers)
}

/// Tells whether a text names the hazard's object itself, not by a pattern.
#[must_use]
pub fn allows_by_name(text: &str, hazard: HazardKind, object: &ObjectId) -> bool {
    let (kind, pattern) = parts(text);
    kind == hazard.as_str() && pattern.is_some_and(|pattern| names(object, pattern))
}

/// Refuses allowances that match no hazard of those offered: a mistyped one allows nothing, and whoever typed it
/// believes that it does.
///
/// # Errors
/// `usage` for an unknown kind of hazard, for a broken pattern, and for a pattern that matches no object of these
/// hazards; with the hazards that there are.
pub fn allowed(texts: &[String], offered: &BTreeSet<Accepted>) -> Result<(), Diagnostics> {
    texts.iter().filter_map(|text| mistake(text, offered)).collect::<Diagnostics>().or_value(()).map(drop)
}

fn mistake(text: &str, offered: &BTreeSet<Accepted>) -> Option<Diagnostic> {
    let shown = text.escape_debug();
    let error = |message: String, help: String| Some(Diagnostic::error(Code::Usage, message).help(help));
    let (kind, pattern) = parts(text);
    let kinds: Vec<&str> = HazardKind::ALL.iter().map(|k| k.as_str()).collect();
    if !kinds.contains(&kind) {
        let near =
            nearest(kind, kinds.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        return error(format!("--allow `{shown}` names no hazard"), format!("{near}hazards are {}", kinds.join(", ")));
    }
    // `*` means any object, as no pattern does, whether there is one or not.
    let pattern = pattern.filter(|pattern| *pattern != "*")?;
    if offered.iter().any(|a| allows(text, a.hazard, &a.object)) {
        return None;
    }
    if let Err(why) = glob(pattern) {
        return error(
            format!("--allow `{shown}` has no pattern: {}", why.kind()),
            "write `*` for any letters".to_owned(),
        );
    }
    let there: Vec<String> = offered.iter().map(ToString::to_string).collect();
    let help = match there.as_slice() {
        [] => "there is no hazard here: leave it out".to_owned(),
        all => format!("there is: {}", all.join(", ")),
    };
    error(format!("--allow `{shown}` fits nothing here"), help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Qualified;

    #[test]
    fn a_pattern_for_any_object_is_meant_as_no_pattern_is() {
        let object = ObjectId::table(Qualified::new("public", "t"));
        let offered = BTreeSet::from([Accepted { hazard: HazardKind::BreaksClients, object }]);
        let given = |text: &str| allowed(&[text.to_owned()], &offered).is_ok();
        assert!(given("DataLoss") && given("DataLoss:*") && given("BreaksClients:t"));
        assert!(!given("DataLoss:t") && !given("BreaksClients:other") && !given("Dataloss"));
    }
}
