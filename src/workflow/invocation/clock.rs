//! Time that receipts record: now, or the time that `PGFORM_DATE` gives.
use crate::diagnostic::{Code, Diagnostic};
use crate::settings::Variables;
use jiff::Timestamp;

/// Variable that gives the time to record, for a story told later: `2026-09-08T09:30:00Z`. No name that others set:
/// build systems keep `SOURCE_DATE_EPOCH` in every shell of theirs, and an approval there would be of 1980.
const VARIABLE: &str = "PGFORM_DATE";

/// Reads the time that the variable gives.
///
/// # Errors
/// [`Code::Usage`] where the variable holds no time.
pub(super) fn dated(variables: &Variables) -> Result<Option<Timestamp>, Diagnostic> {
    let Some(told) = variables.process(VARIABLE) else { return Ok(None) };
    told.value.parse().map(Some).map_err(|_| {
        let message = format!("{} is `{}`, which is no time", told.source, told.value.escape_debug());
        Diagnostic::error(Code::Usage, message).help("write it in UTC: 2026-09-08T09:30:00Z")
    })
}

/// Present time, in whole seconds: receipts need no more.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
