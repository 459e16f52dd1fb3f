//! Compares the version of pgvector that the declaration needs with the one that it declares.
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::model::{Body, Extension, ExtensionName, ObjectId};

/// Something that the declaration uses, and the version of pgvector that has it.
pub(super) struct Need {
    pub(super) what: String,
    pub(super) since: &'static str,
    pub(super) place: Option<Place>,
    /// False where the name is pgvector's only if nobody has something of that name of their own.
    pub(super) certain: bool,
}

pub(super) fn extension(reader: &Reader) -> Option<&Extension> {
    match reader.body(&extension_id()) {
        Some(Body::Extension(extension)) => Some(extension),
        _ => None,
    }
}

pub(super) fn extension_id() -> ObjectId {
    ObjectId::extension(ExtensionName::new("vector"))
}

/// Gives one diagnostic for the newest thing that is used: raising the minimum to it covers the rest.
pub(super) fn judge(reader: &Reader, needs: Vec<Need>) -> Option<Diagnostic> {
    // A file whose extensions could not be read has been told so.
    if needs.is_empty() || (extension(reader).is_none() && reader.places.object(&extension_id()).is_some()) {
        return None;
    }
    let (certain, uncertain): (Vec<Need>, Vec<Need>) = needs.into_iter().partition(|need| need.certain);
    let found = newest(certain).and_then(|need| newer(reader, need));
    found.or_else(|| {
        let mut maybe = newest(uncertain)?;
        maybe.what = format!("{}, if it is pgvector's,", maybe.what);
        let mut diagnostic = newer(reader, maybe)?;
        diagnostic.severity = Severity::Warning;
        Some(diagnostic)
    })
}

fn newest(needs: Vec<Need>) -> Option<Need> {
    let mut newest: Option<Need> = None;
    for need in needs {
        if newest.as_ref().is_none_or(|n| numbers(need.since) > numbers(n.since)) {
            newest = Some(need);
        }
    }
    newest
}

/// Reports a need that is newer than what is declared.
fn newer(reader: &Reader, need: Need) -> Option<Diagnostic> {
    let Need { what, since, place, certain: _ } = need;
    let lines = format!("extensions:\n  vector: {{version: \">= {since}\"}}");
    let Some(extension) = extension(reader) else {
        return Some(
            Diagnostic::error(Code::NotDeclared, format!("{what} is pgvector's, and the extension is not declared"))
                .maybe_at(place.as_ref(), "used here")
                .help(format!("write\n{lines}")),
        );
    };
    let enough = extension.minimum.as_deref().unwrap_or("0.5");
    if numbers(enough) >= numbers(since) {
        return None;
    }
    let (severity, allowed) = match &extension.minimum {
        Some(minimum) => (Severity::Error, format!("the declaration takes {minimum} and later")),
        // Without a minimum nothing is promised; the server that is planned for tells.
        None => (Severity::Warning, "the declaration takes any version".to_owned()),
    };
    let declared = reader.places.attribute(&extension_id(), "version");
    let mut diagnostic =
        Diagnostic::error(Code::ExtensionVersion, format!("{what} needs pgvector {since}, and {allowed}"))
            .maybe_at(place.as_ref(), "used here")
            .maybe_at(declared, "declared here")
            .help(format!("write\n{lines}"));
    diagnostic.severity = severity;
    Some(diagnostic)
}

/// Reads a version as numbers; what is no number counts as 0.
fn numbers(version: &str) -> Vec<u64> {
    let mut out: Vec<u64> = version.split(['.', '-']).map(|part| part.parse().unwrap_or(0)).collect();
    while out.last() == Some(&0) {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(numbers("0.10.1") > numbers("0.7"));
        assert_eq!(numbers("0.7.0"), numbers("0.7"));
    }
}
