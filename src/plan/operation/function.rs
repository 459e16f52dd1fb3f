//! Statements and locks of functions and procedures: `create or replace` keeps all that hangs on one.
use super::super::format::{HazardKind, LockMode};
use super::own::{Own, dropped};

pub(super) const OWN: Own = Own {
    create: |text| vec![anew(text)],
    drop: dropped,
    redefine: |_, after| vec![after.to_owned()],
    reads: |_, _, _| Ok(None),
    // There is no relation that one is on.
    changes: LockMode::ShareRowExclusive,
    drops: LockMode::AccessExclusive,
    hazards: |_, after| match after {
        None => vec![(HazardKind::BreaksClients, "clients that call it fail")],
        Some(_) => Vec::new(),
    },
};

/// PostgreSQL prints `create or replace`: what is to be made must not take another's place.
fn anew(text: &str) -> String {
    match text.strip_prefix("CREATE OR REPLACE ") {
        Some(rest) => format!("CREATE {rest}"),
        None => text.to_owned(),
    }
}
