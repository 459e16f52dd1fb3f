//! The table of steps in a review: operations with their locks and ways back.
use super::{
    Absorb, ReviewedLock, ReviewedOperation, ReviewedSegment,
    columns::{columns, wrapped},
    words::{about, of},
};
use crate::model::ObjectKind;
use crate::{
    diagnostic::shown,
    plan::format::{Held, Reversibility},
    store::PlannedChange,
};

/// Number of a segment's operations that are written out, unless all are asked for.
const MAX_OPERATIONS: usize = 6;
/// Width of a step, in columns of a terminal, from which it goes on in the next line.
const MAX_STEP: usize = 46;

pub(super) fn steps(segments: &[ReviewedSegment], full: bool) -> String {
    let titles = ["#", "step", "locks", "held", "way back"].map(str::to_owned).to_vec();
    let numbers = segments.len().to_string().len();
    let rows = segments.iter().flat_map(|segment| rows(segment, numbers, full));
    columns(&std::iter::once(titles).chain(rows).collect::<Vec<_>>(), 2)
}

fn rows(segment: &ReviewedSegment, numbers: usize, full: bool) -> Vec<Vec<String>> {
    let all = &segment.operations;
    let shown_ones = if full || all.len() <= MAX_OPERATIONS { all.len() } else { MAX_OPERATIONS - 1 };
    let mut out: Vec<Vec<String>> = Vec::new();
    for operation in &all[..shown_ones] {
        let ReviewedOperation { does, locks, back, comes_back } = operation;
        let back = comes_back.as_deref().unwrap_or_else(|| back_words(*back));
        out.extend(operation_rows(&shown(does), locks, segment.estimate_ms, back));
    }
    if let rest @ [_, ..] = &all[shown_ones..] {
        // Locks and ways back are never left out of the sum; one lock of many operations is one.
        let locks = strongest(rest.iter().flat_map(|o| &o.locks));
        let worst = rest.iter().map(|o| o.back).max().unwrap_or(segment.back);
        let exact = worst == Reversibility::Exact;
        let back = if exact { back_words(worst).to_owned() } else { format!("at worst: {}", back_words(worst)) };
        let more = format!("and {}", of(rest.len(), "more operation", "more operations"));
        out.extend(operation_rows(&more, &locks, segment.estimate_ms, &back));
    }
    if out.is_empty() {
        out.extend(operation_rows("", &[], None, back_words(segment.back)));
    }
    let absorb = match segment.absorb {
        None => "",
        Some(Absorb::Here) => "absorb: not run where it is here already",
        Some(Absorb::Gone) => "absorb: not run where it is gone already",
    };
    if !absorb.is_empty() {
        out.push(vec![absorb.to_owned(), String::new(), String::new(), String::new()]);
    }
    if let Some(refuses) = &segment.refuses {
        let lines = wrapped(&format!("from here on these fail: {}", shown(refuses)), MAX_STEP);
        out.extend(lines.into_iter().map(|line| vec![line, String::new(), String::new(), String::new()]));
    }
    for (line, row) in out.iter_mut().enumerate() {
        let number = if line == 0 { format!("{:>numbers$}", segment.segment) } else { String::new() };
        row.insert(0, number);
    }
    out
}

/// Strongest lock of each relation, held for the longest, in the order in which they are taken.
fn strongest<'a>(all: impl Iterator<Item = &'a ReviewedLock>) -> Vec<ReviewedLock> {
    let mut out: Vec<ReviewedLock> = Vec::new();
    for lock in all {
        match out.iter_mut().find(|found| found.relation == lock.relation) {
            Some(found) => {
                found.mode = found.mode.max(lock.mode);
                found.held = found.held.max(lock.held);
            }
            None => out.push(lock.clone()),
        }
    }
    out
}

/// Rows of an operation: as many as its words or its locks need.
fn operation_rows(does: &str, locks: &[ReviewedLock], estimate_ms: Option<u64>, back: &str) -> Vec<Vec<String>> {
    let does = wrapped(does, MAX_STEP);
    let lock = |l: &ReviewedLock| format!("{}, {}", shown(&l.called), l.mode.as_str());
    let cells = |line: usize| match locks.get(line) {
        Some(l) => [lock(l), held(l.held, estimate_ms)],
        None if line == 0 => ["none".to_owned(), String::new()],
        None => [String::new(), String::new()],
    };
    (0..does.len().max(locks.len()).max(1))
        .map(|line| {
            let [locked, held] = cells(line);
            let back = if line == 0 { back.to_owned() } else { String::new() };
            vec![does.get(line).cloned().unwrap_or_default(), locked, held, back]
        })
        .collect()
}

fn held(held: Held, estimate_ms: Option<u64>) -> String {
    match (held, estimate_ms) {
        (Held::Scan | Held::Build | Held::Rewrite, Some(ms)) => about(ms),
        (Held::Moment, Some(_)) | (_, None) => held.as_str().to_owned(),
    }
}

/// Values with which a dropped column comes back, where it is not empty: `with new numbers`.
#[must_use]
pub fn comes_back_with(change: &PlannedChange) -> Option<&'static str> {
    let words = [
        (" generated always as (", "computed again"),
        (" as identity", "with new numbers"),
        (" default ", "with its default alone"),
    ];
    let said = words.into_iter().find(|(words, _)| change.detail.contains(words));
    said.filter(|_| change.object.is(ObjectKind::Column)).map(|(_, with)| with)
}

pub(super) fn back_words(back: Reversibility) -> &'static str {
    match back {
        Reversibility::Exact => "exact",
        Reversibility::KeepsNewRows => "as before, but for what stays aside as ~…",
        Reversibility::LosesNewRows => "drops it; newer values are counted first",
        Reversibility::LosesAllValues => "drops it; all its values are counted first, whoever gave them",
        Reversibility::Conditional => "exact, if newer rows allow; checked first",
        Reversibility::ConvertsBack => "values converted back, what was lost stays lost",
        Reversibility::StructureOnly => "comes back EMPTY",
        Reversibility::None => "NONE",
    }
}
