//! Reports as JSON: one envelope with version, name and data.
use super::{CheckReport, Doctor, History, PlanReport, Review, Status, Validation};
use serde::Serialize;

/// Version of every report's form. Fields may be added under one version; none is renamed or removed.
pub const JSON_VERSION: u32 = 1;

/// Form of the output of `--json`: `{"version": 1, "report": "review", "data": {…}}`.
#[derive(Serialize)]
struct Envelope<'a, T> {
    version: u32,
    report: &'static str,
    data: &'a T,
}

/// Report that can be printed as JSON.
pub trait Report: Serialize {
    /// Name of the report in the JSON.
    const NAME: &'static str;
}

impl Report for Review {
    const NAME: &'static str = "review";
}
impl Report for Status {
    const NAME: &'static str = "status";
}
impl Report for CheckReport {
    const NAME: &'static str = "check";
}
impl Report for History {
    const NAME: &'static str = "history";
}
impl Report for Validation {
    const NAME: &'static str = "validate";
}
impl Report for PlanReport {
    const NAME: &'static str = "plan";
}
impl Report for Doctor {
    const NAME: &'static str = "doctor";
}

/// Prints a report as indented JSON with a line end behind it. Letters that a terminal hides are `\u` escapes.
///
/// # Errors
/// None with these types: they hold nothing that JSON cannot.
pub fn to_json<T: Report>(report: &T) -> Result<String, serde_json::Error> {
    let envelope = Envelope { version: JSON_VERSION, report: T::NAME, data: report };
    let mut out = String::new();
    for c in serde_json::to_string_pretty(&envelope)?.chars() {
        let hidden = c != '\n' && c != ' ' && crate::diagnostic::shown(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8();
        if hidden {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    Ok(out)
}
