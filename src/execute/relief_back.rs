//! Takes back a constraint that a way back made and could not validate, where rows break it.
use super::{context::Context, failure::Failure, part::Part};
use crate::{
    plan::format::{Segment, Step},
    server::Connection,
};

/// Clears up what a stop between two parts of a way back leaves: a constraint that new rows obey already, and that is
/// not validated. It is taken back where rows break it, and the part that made it is to begin again.
pub(super) async fn back(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    (segment, number, part): (&Segment, u32, u32),
    failure: &Failure,
) {
    let of = |part: u32| segment.back.parts.get((part as usize).checked_sub(1)?);
    let Some((stored, made)) = of(part).zip(part.checked_sub(1).and_then(of)) else { return };
    if stored.relief.is_empty() {
        return;
    }
    let says = |steps: &[Step]| -> String {
        let sql = |step: &Step| if let Step::Statement(s) = step { Some(s.sql.clone()) } else { None };
        steps.iter().filter_map(sql).collect::<Vec<_>>().join("; ")
    };
    let rows: Vec<String> = segment.back.conditions.iter().map(|c| format!("; counted by: {}", c.count)).collect();
    if breaks_on_rows(failure) && !connection.is_closed() {
        let parts = u32::try_from(segment.back.parts.len()).unwrap_or(u32::MAX);
        let (locks, steps) = (&made.locks, &stored.relief);
        let undo = Part {
            number,
            part: part - 1,
            parts,
            locks,
            steps,
            started: false,
            taken_back: true,
            recount: Vec::new(),
            looks: &[],
        };
        let left = cx.left;
        let undone = undo.run(connection, cx).await;
        cx.left = left;
        if undone.is_ok() {
            cx.note =
                Some(format!("taken back, so that new rows need not obey it: {}{}", says(&made.steps), rows.concat()));
            return;
        }
    }
    cx.note = Some(format!("in force now, for every new row: {}{}", says(&made.steps), rows.concat()));
}

/// Tells whether rows break what was checked: `not null`, a foreign key, a check.
pub(super) fn breaks_on_rows(failure: &Failure) -> bool {
    match failure {
        Failure::Server { error, .. } => ["23502", "23503", "23514"].iter().any(|state| error.is(state)),
        Failure::Refused(_)
        | Failure::Locked { .. }
        | Failure::NoLock { .. }
        | Failure::Older { .. }
        | Failure::Deadline { .. }
        | Failure::Moved
        | Failure::Interrupted => false,
    }
}
