//! Tells the parser's errors in words that a writer of YAML understands.
use crate::diagnostic::{Code, Diagnostic, Place};

/// Turns saphyr's words for an error into a diagnostic that a writer of YAML understands.
pub(super) fn readable(info: &str, place: &Place) -> Diagnostic {
    let (words, help) = explain(info);
    let mut diagnostic = Diagnostic::error(Code::Yaml, format!("{} is not YAML: {words}", place.source.name))
        .at(place, label(info, place));
    diagnostic.help = help.map(str::to_owned);
    diagnostic
}

fn label(info: &str, place: &Place) -> &'static str {
    match () {
        () if info.contains("unexpected end of stream") => "opened here",
        () if place.span.start >= place.source.text.len() => "the file ends here",
        () => "the reader stopped here",
    }
}

fn explain(info: &str) -> (String, Option<&'static str>) {
    let has = |part: &str| info.contains(part);
    match () {
        () if has("unknown anchor") => (
            "an alias (`*name`) stands here, and pgform reads none".to_owned(),
            Some("write the value out; text that starts with `*` must be quoted"),
        ),
        () if has("mapping values are not allowed") => (
            "a `: ` stands where no key can".to_owned(),
            Some("text with `: ` in it must be quoted; a key must be indented like its neighbours"),
        ),
        () if has("unexpected end of stream") => {
            ("a quote is opened and never closed".to_owned(), Some("close it; in '…' a quote is written twice"))
        }
        () if has("found a tab") || has("tabs disallowed") || has("tab cannot") || has("start with a tab") => {
            ("a tab stands in the indentation".to_owned(), Some("indent with spaces"))
        }
        () if has("unexpected character") => (
            format!("a value cannot start with {:?}", info.chars().nth_back(1).unwrap_or(' ')),
            Some("quote the value"),
        ),
        () if has("expected node content") => (
            "a value is expected, and there is none".to_owned(),
            Some("close the brackets, and quote text that starts with a bracket"),
        ),
        () if has("flow mapping") || has("flow sequence") => (
            format!("a `,` or the closing bracket of a {} is expected", if has("mapping") { "`{`" } else { "`[`" }),
            Some("inside [ ] and { }, text with brackets, commas or quotes in it must be quoted as a whole"),
        ),
        () if has("recursion limit") => ("its brackets are nested too deeply".to_owned(), None),
        () if has("comment intercepting") => (
            "a comment stands in the middle of a text of several lines".to_owned(),
            Some("quote the text, or write it as a block behind `|`"),
        ),
        () if has("trailing content after double-quoted") => {
            ("something stands behind a closed quote".to_owned(), Some("quote the whole value"))
        }
        () if has("expected key") || has("expected '-' indicator") || has("simple key expect") => (
            "a key or a list item is expected".to_owned(),
            Some("check the indentation, and quote text that has quotes inside or behind it"),
        ),
        () => (info.to_owned(), None),
    }
}
