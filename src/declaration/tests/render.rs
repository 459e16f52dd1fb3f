//! Helpers of the tests: reading texts, diagnostics as text, snapshots.
use crate::declaration::{Declared, Known, read_folder_texts};
use crate::diagnostic::{Diagnostics, Severity, Source};
use std::sync::Arc;

/// Reads files given as `(name, text)`.
pub(super) fn read(files: &[(&str, &str)]) -> Result<Declared, Diagnostics> {
    let sources: Vec<Arc<Source>> =
        files.iter().map(|(name, text)| Arc::new(Source { name: (*name).into(), text: (*text).into() })).collect();
    read_folder_texts(&sources, &Known::default())
}

/// Writes diagnostics as text: code, message, the labelled text of the file with its line, help.
pub(super) fn render(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for d in &diagnostics.0 {
        let word = if d.severity == Severity::Error { "error" } else { "warning" };
        out.push_str(&format!("{word}[{}]: {}\n", d.code.as_str(), d.message));
        for label in &d.labels {
            let place = &label.place;
            let shown = place.source.text[place.span.clone()].replace('\n', "⏎");
            out.push_str(&format!("  {}:{} {shown:?} {}\n", place.source.name, place.line(), label.text));
        }
        if let Some(help) = &d.help {
            out.push_str(&format!("  help: {}\n", help.replace('\n', "\n        ")));
        }
    }
    out
}

/// Tells what is wrong with one file.
pub(super) fn mistakes(text: &str) -> String {
    match read(&[("a.yaml", text)]) {
        Ok(declared) if declared.warnings.0.is_empty() => "nothing is wrong\n".to_owned(),
        Ok(declared) => render(&declared.warnings),
        Err(diagnostics) => render(&diagnostics),
    }
}

/// Compares with a snapshot of this stage.
pub(super) fn snapshot(name: &str, text: &str) {
    crate::snapshots::kept("declaration", name, text);
}
