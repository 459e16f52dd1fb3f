//! Statements and locks of triggers: changed in place where they are no constraints, told when to fire by
//! `alter table`.
use super::super::format::{HazardKind, LockMode};
use super::own::{Own, dropped};
use crate::canonical::{TriggerText, parse_trigger, split_statements};

pub(super) const OWN: Own = Own {
    create: statements,
    drop: dropped,
    redefine,
    reads: |_, _, _| Ok(None),
    changes: LockMode::ShareRowExclusive,
    drops: LockMode::AccessExclusive,
    hazards: |_, after| match after {
        None => vec![(HazardKind::BreaksClients, "what it did for each write is not done any more")],
        Some(_) => Vec::new(),
    },
};

fn statements(text: &str) -> Vec<String> {
    split_statements(text).unwrap_or_else(|_| vec![text.to_owned()])
}

/// A trigger that is replaced fires as usual, until it is told otherwise.
fn redefine(before: &str, after: &str) -> Vec<String> {
    if let (Ok(a), Ok(b)) = (parse_trigger(before), parse_trigger(after))
        && (TriggerText { enabled: None, ..a }) == (TriggerText { enabled: None, ..b.clone() })
    {
        return vec![b.fires()];
    }
    let mut sql = statements(after);
    if let Some(create) = sql.first_mut() {
        *create = create.replacen("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1);
    }
    sql
}
