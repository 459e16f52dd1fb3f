//! The part of a review about rows that are counted before a plan runs, and may refuse it.
use super::{ReviewedLook, words::counted};
use crate::{
    diagnostic::{argument, shown},
    plan::format::LookKind,
};

/// Text: a line for each count, with its consequence if there is any row; the query below where it helps.
pub(super) fn lines(looks: &[ReviewedLook], database: Option<&str>, full: bool) -> String {
    let mut out = String::from("Counted first, before anything runs\n");
    let numbers = looks.iter().map(|look| look.segment.to_string().len()).max().unwrap_or(1);
    for ReviewedLook { segment, kind, object: _, says, rows, count, uncounted, allow } in looks {
        let at = database.map(|database| format!(" at {}", shown(database))).unwrap_or_default();
        let (what, verb) = match (count, uncounted) {
            (Some(count), _) => (format!("{}{at}", counted(*count, says)), ""),
            (None, Some(why)) => (format!("{says}, not counted{at} ({})", shown(why)), "if there are any, "),
            (None, None) => (says.clone(), "if there are any, "),
        };
        let then = match (kind, count) {
            (_, Some(0)) => "fine".to_owned(),
            (LookKind::Breaks, _) => format!("{verb}apply refuses (or --keep-not-valid)"),
            (LookKind::Fails | LookKind::Outgrown, _) => format!("{verb}apply refuses"),
            (LookKind::Loses, _) => {
                let allow = allow.as_deref().map(argument).unwrap_or_default();
                format!("{verb}apply refuses without --allow {allow}")
            }
        };
        out.push_str(&format!("  {segment:>numbers$}  {}: {then}\n", shown(&what)));
        if full || count.is_some_and(|count| count > 0) {
            out.push_str(&format!("  {:numbers$}  {}\n", "", shown(rows)));
        }
    }
    out
}
