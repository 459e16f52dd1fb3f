//! Works out where each plan stands from the rows of the journal.
use super::{Direction, Kind, PlanRecord, RunRecord, RunStatus, SegmentState, Standing, record::RowStatus};
use std::collections::BTreeMap;

/// Row of `pgform.segment`, without its times.
pub(super) struct SegmentRow {
    pub(super) run: i64,
    pub(super) number: u32,
    pub(super) part: u32,
    pub(super) parts: u32,
    pub(super) status: RowStatus,
}

impl SegmentRow {
    /// Tells whether the row is the last word about its segment in a run of this direction: done, or undone to the last
    /// part. On the way forward, undone means that what failed has left nothing.
    pub(super) fn is_finished(&self, direction: Direction) -> bool {
        match self.status {
            RowStatus::Done | RowStatus::Found => true,
            RowStatus::Undone => direction == Direction::Back && self.part >= self.parts,
            RowStatus::Started => false,
        }
    }
}

/// Works out where each plan stands, from the runs and their segments' rows, both in the order in which they were written.
pub(super) fn fold(plans: &mut [PlanRecord], runs: &[RunRecord], rows: &[SegmentRow]) {
    let mut by_run: BTreeMap<i64, Vec<&SegmentRow>> = BTreeMap::new();
    for row in rows {
        by_run.entry(row.run).or_default().push(row);
    }
    for run in runs {
        if let Some(plan) = plans.iter_mut().find(|plan| plan.digest == run.plan) {
            add(plan, run, by_run.get(&run.id).map_or(&[][..], Vec::as_slice));
        }
    }
}

fn add(plan: &mut PlanRecord, run: &RunRecord, rows: &[&SegmentRow]) {
    for row in rows {
        match next(row, plan.segments.get(&row.number).copied()) {
            Some(state) => drop(plan.segments.insert(row.number, state)),
            None => drop(plan.segments.remove(&row.number)),
        }
    }
    let done = run.status == RunStatus::Done;
    let standing = match (run.kind, run.direction) {
        (Kind::Adopt, _) => done.then_some(Standing::Adopted),
        (Kind::Build, _) => done.then_some(Standing::Built),
        (Kind::Apply | Kind::Rollback | Kind::DryRun, direction) => by_segments(plan, run, direction, !rows.is_empty()),
    };
    if let Some(standing) = standing
        && standing != plan.standing
    {
        plan.standing = standing;
        plan.since = run.id;
    }
}

/// Gives a segment's state after a row; `None`: nothing of the segment is there.
fn next(row: &SegmentRow, before: Option<SegmentState>) -> Option<SegmentState> {
    match (row.status, row.part) {
        (RowStatus::Started, 0) => Some(SegmentState::Started),
        (RowStatus::Done, _) => Some(SegmentState::Done),
        (RowStatus::Found, _) => Some(SegmentState::Found),
        (RowStatus::Started, part) => {
            let undone = match before {
                // One that was undone and taken back begins again.
                Some(SegmentState::Undoing { undone, .. }) => undone.min(part - 1),
                Some(SegmentState::Started | SegmentState::Done | SegmentState::Found) | None => part - 1,
            };
            Some(SegmentState::Undoing { undone, begun: true })
        }
        (RowStatus::Undone, part) if part >= row.parts => None,
        (RowStatus::Undone, 0) => None,
        (RowStatus::Undone, part) => Some(SegmentState::Undoing { undone: part, begun: false }),
    }
}

/// Gives where a plan stands after a run, by its segments; `None`: as before the run.
fn by_segments(plan: &PlanRecord, run: &RunRecord, direction: Direction, changed: bool) -> Option<Standing> {
    let in_place = |state: Option<&SegmentState>| matches!(state, Some(SegmentState::Done | SegmentState::Found));
    let done = run.status == RunStatus::Done;
    if !changed && !done {
        return None;
    }
    let whole = (1..=plan.total).all(|number| in_place(plan.segments.get(&number)));
    if whole && (plan.total > 0 || (direction == Direction::Forward && done)) {
        return Some(Standing::Applied);
    }
    if plan.segments.is_empty() {
        return Some(match (direction, run.kind) {
            (Direction::Back, Kind::Rollback) => Standing::Held,
            // Undone on the way forward, where the way back had been left midway: whoever rolled back meant to hold it.
            (Direction::Forward, _) if matches!(plan.standing, Standing::Held) => Standing::Held,
            (Direction::Forward | Direction::Back, _) => Standing::NotApplied,
        });
    }
    let boundary = (1..=plan.total).take_while(|number| in_place(plan.segments.get(number))).count();
    Some(Standing::Midway { boundary: u32::try_from(boundary).unwrap_or(u32::MAX), direction })
}
