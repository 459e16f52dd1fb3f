//! Rendering of diagnostics on standard error: with excerpts of the source for people, as JSON for programs.
use super::arguments::Format;
use super::redact::{redact, redact_settings};
use crate::diagnostic::{Again, Class, Code, Diagnostic, Diagnostics, Label, Place, Severity, Way};
use crate::report::JSON_VERSION;
use miette::{GraphicalReportHandler, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use serde::Serialize;
use std::{
    io::{self, IsTerminal, Write},
    ops::Range,
};

/// Prints diagnostics to standard error: with their places for people, a JSON object a line for programs.
pub(super) fn print(diagnostics: &Diagnostics, format: Format, again: &Again) {
    let shown = diagnostics.0.iter().map(without_passwords);
    if format == Format::Json {
        shown.for_each(|d| line(&json(&d, again)));
        return;
    }
    shown.for_each(|d| line(&text(&d, again)));
    let errors = diagnostics.0.iter().filter(|d| d.severity == Severity::Error).count();
    // Refusals are not counted as mistakes.
    if errors > 1 && diagnostics.class() == Some(Class::Mistake) {
        line(&format!("{errors} mistakes."));
    }
}

/// Copies a diagnostic without passwords that it repeats from an argument or a server's message.
fn without_passwords(diagnostic: &Diagnostic) -> Diagnostic {
    let mut shown = diagnostic.clone();
    shown.message = redact(&shown.message);
    shown.help = shown.help.map(|help| redact(&help));
    shown.labels.iter_mut().for_each(|label| label.text = redact(&label.text));
    shown
}

/// Prints a line to standard error. Nobody is left to tell when that is closed.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[derive(Serialize)]
struct Spot<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    says: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    ways: Vec<Out<'a>>,
    places: Vec<Spot<'a>>,
}

#[derive(Serialize)]
struct Out<'a> {
    does: &'a str,
    command: String,
    note: &'a str,
}

impl<'a> Out<'a> {
    fn of(way: &'a Way, again: &Again) -> Self {
        let Way { does, command, note } = way;
        Self { does, command: command.line(again), note }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    version: u32,
    report: &'static str,
    data: Told<'a>,
}

fn json(diagnostic: &Diagnostic, again: &Again) -> String {
    let Diagnostic { code, severity, message, labels, help, ways } = diagnostic;
    let places = labels.iter().map(|label| {
        let (line, column) = position(&label.place.source.text, label.place.span.start);
        Spot { file: &label.place.source.name, line, column, says: &label.text }
    });
    let data = Told {
        severity: word(*severity),
        code: code.as_str(),
        message,
        help: help.as_deref(),
        ways: ways.iter().map(|way| Out::of(way, again)).collect(),
        places: places.collect(),
    };
    let envelope = Envelope { version: JSON_VERSION, report: "diagnostic", data };
    serde_json::to_string(&envelope).unwrap_or_else(|error| format!("no JSON: {error}"))
}

/// Line and column of a byte offset, both from 1; the column in letters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Prints clap's message about a command line, under the code that all such mistakes have.
pub(super) fn usage(said: &str) {
    let said = redact(said).replacen("error:", &format!("error[{}]:", Code::Usage.as_str()), 1);
    let _ = write!(io::stderr().lock(), "{said}");
}

fn handler() -> GraphicalReportHandler {
    if io::stderr().is_terminal() {
        GraphicalReportHandler::new()
    } else {
        GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
    }
}

/// Tells whether an excerpt would fill the screen: of a generated file with long lines, or of a binary one.
fn in_long_lines(place: &Place) -> bool {
    const LONG: usize = 1_000;
    let text = &place.source.text;
    let Range { start, end } = place.first_line().span;
    // The lines before and after are shown too.
    let before = text[..start].rsplit('\n').take(2).map(str::len).sum::<usize>();
    let after = text[end..].split('\n').take(2).map(str::len).sum::<usize>();
    before + (end - start) + after > LONG
}

/// Diagnostic as text. The labels in the file of the first one are shown there; those in other files are named.
fn text(diagnostic: &Diagnostic, again: &Again) -> String {
    let ways = diagnostic.ways.iter().map(|way| way.line(again));
    if diagnostic.code == Code::Stopped {
        // A stopped run prints its state and ways on as its own lines, not as help: they are what is needed now.
        let lines = diagnostic.help.iter().flat_map(|help| help.lines()).map(str::to_owned).chain(ways);
        return format!("{}{}", diagnostic.message, lines.map(|l| format!("\n  {l}")).collect::<String>());
    }
    let head = format!("{}[{}]: {}", word(diagnostic.severity), diagnostic.code.as_str(), diagnostic.message);
    // A command is printed to be copied: on a line of its own, which is never wrapped.
    let ways: String = ways.map(|way| format!("\n  {way}")).collect();
    let help = || {
        let help = diagnostic.help.as_ref();
        help.map(|h| format!("\n  help: {}", h.replace('\n', "\n        "))).unwrap_or_default()
    };
    let Some(first) = diagnostic.labels.first() else { return format!("{head}{}{ways}", help()) };
    if diagnostic.labels.iter().any(|label| in_long_lines(&label.place)) {
        let at =
            |l: &Label| format!("\n  [{}:{}:{}] {}", l.place.source.name, l.place.line(), l.place.column(), l.text);
        let places: String = diagnostic.labels.iter().map(at).collect();
        return format!("{head}{places}{}{ways}", help());
    }
    let mut report = MietteDiagnostic::new(head.clone());
    report.severity = Some(match diagnostic.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note => miette::Severity::Advice,
    });
    let mut elsewhere = Vec::new();
    for label in &diagnostic.labels {
        if label.place.source == first.place.source {
            let span = label.place.first_line().span;
            report = report.and_label(LabeledSpan::new(Some(label.text.clone()), span.start, span.len()));
        } else {
            elsewhere.push(format!("{}:{} {}", label.place.source.name, label.place.line(), label.text));
        }
    }
    let help: Vec<String> = diagnostic.help.iter().cloned().chain(elsewhere).collect();
    if !help.is_empty() {
        report = report.with_help(help.join("\n"));
    }
    let (name, lines) = (&first.place.source.name, &first.place.source.text);
    let lines = if name.ends_with("pgform.yaml") { redact_settings(lines) } else { redact(lines) };
    let source = NamedSource::new(name.clone(), lines);
    let report = Report::new(report).with_source_code(source);
    let mut out = String::new();
    match handler().with_width(110).render_report(&mut out, report.as_ref()) {
        Ok(()) => format!("{}{ways}", out.trim_end_matches('\n')),
        Err(_) => format!("{head}{ways}"),
    }
}
