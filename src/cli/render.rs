use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use miette::{GraphicalReportHandler, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use std::io::{self, IsTerminal, Write};

/// Prints diagnostics to standard error, with their places.
pub(super) fn print(diagnostics: &Diagnostics) {
    let mut out = io::stderr().lock();
    for diagnostic in &diagnostics.0 {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(out, "{}", text(diagnostic));
    }
    let errors = diagnostics.0.iter().filter(|d| d.severity == Severity::Error).count();
    if errors > 1 {
        let _ = writeln!(out, "{errors} mistakes.");
    }
}

fn handler() -> GraphicalReportHandler {
    if io::stderr().is_terminal() {
        GraphicalReportHandler::new()
    } else {
        GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
    }
}

/// One diagnostic as text. Its labels are shown in the file of the first one; those in other files are named.
fn text(diagnostic: &Diagnostic) -> String {
    let word = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let head = format!("{word}[{}]: {}", diagnostic.code.as_str(), diagnostic.message);
    let Some(first) = diagnostic.labels.first() else {
        let help = diagnostic
            .help
            .as_ref()
            .map(|h| format!("\n  help: {}", h.replace('\n', "\n        ")))
            .unwrap_or_default();
        return format!("{head}{help}");
    };
    let mut report = MietteDiagnostic::new(head.clone());
    report.severity = Some(match diagnostic.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note => miette::Severity::Advice,
    });
    let mut elsewhere = Vec::new();
    for label in &diagnostic.labels {
        if label.place.source == first.place.source {
            let span = label.place.span.clone();
            report = report.and_label(LabeledSpan::new(Some(label.text.clone()), span.start, span.len()));
        } else {
            elsewhere.push(format!("{}:{} {}", label.place.source.name, label.place.line(), label.text));
        }
    }
    let help: Vec<String> = diagnostic.help.iter().cloned().chain(elsewhere).collect();
    if !help.is_empty() {
        report = report.with_help(help.join("\n"));
    }
    let source = NamedSource::new(first.place.source.name.clone(), first.place.source.text.clone());
    let report = Report::new(report).with_source_code(source);
    let mut out = String::new();
    match handler().with_width(110).render_report(&mut out, report.as_ref()) {
        Ok(()) => out,
        Err(_) => head,
    }
}
