//! Statements and locks of aggregates: `create or replace` keeps all that hangs on one.
use super::super::format::{HazardKind, LockMode};
use super::own::{Own, dropped};

pub(super) const OWN: Own = Own {
    create: |text| vec![text.to_owned()],
    drop: dropped,
    redefine: |_, after| vec![or_replaced(after)],
    reads: |_, _, _| Ok(None),
    // There is no relation that one is on.
    changes: LockMode::ShareRowExclusive,
    drops: LockMode::AccessExclusive,
    hazards: |_, after| match after {
        None => vec![(HazardKind::BreaksClients, "clients that call it fail")],
        Some(_) => Vec::new(),
    },
};

fn or_replaced(text: &str) -> String {
    match text.strip_prefix("create aggregate ") {
        Some(rest) => format!("create or replace aggregate {rest}"),
        None => text.to_owned(),
    }
}
