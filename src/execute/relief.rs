//! Takes back a rule that new rows obey already, where the run stops because old rows break it.
use super::relief_back::breaks_on_rows;
use super::{PlanToRun, SegmentState, ahead, context::Context, failure::Failure, rollback};
use crate::{
    plan::format::{Rule, Segment},
    server::Connection,
};
use std::collections::BTreeMap;

/// A rule that is not yet as the plan wants it, when a run stops.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) rule: Rule,
    /// True where the rule is in force; otherwise it was taken back.
    pub(super) in_force: bool,
    /// Number of rows that break the rule, if that is known.
    pub(super) broken: Option<u64>,
}

/// Takes the rule back that old rows turned out to break, unless it is to be kept, and tells which one new rows still obey.
/// Undone by its stored way back and journaled as that: the next run begins with it again.
pub(super) async fn relieve(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    (plan, segments): (&PlanToRun, &mut BTreeMap<u32, SegmentState>),
    (failure, keep): (&Failure, bool),
) -> Option<Pending> {
    let (number, rule) = rule_in_force(&plan.body.segments, segments)?;
    let mut pending = Pending { rule: rule.clone(), in_force: true, broken: None };
    if failure.lost() || connection.is_closed() {
        return Some(pending);
    }
    if breaks_on_rows(failure) {
        let segment = plan.body.segments.get(number as usize - 1)?;
        let ours = segments.get(&number) == Some(&SegmentState::Done) && segments.keys().next_back() == Some(&number);
        if ours && !keep {
            let left = cx.left;
            let undone = rollback::back(connection, cx, segment, (number, plan.segments()), SegmentState::Done).await;
            cx.left = left;
            if undone.is_ok() {
                segments.remove(&number);
                pending.in_force = false;
            }
        }
        if !connection.is_closed() {
            pending.broken = ahead::broken(connection, rule, cx.observer).await;
        }
    }
    Some(pending)
}

/// Finds the rule that new rows obey although it does not stand yet as the plan wants it, and the segment that set it
/// up.
#[must_use]
pub fn rule_in_force<'p>(of: &'p [Segment], segments: &BTreeMap<u32, SegmentState>) -> Option<(u32, &'p Rule)> {
    let done = |number: &u32| segments.get(number) == Some(&SegmentState::Done);
    let rules = (1..).zip(of).filter_map(|(number, s)| Some((number, s.rule.as_ref()?)));
    rules.filter(|(number, rule)| done(number) && !done(&(number + rule.segments))).last()
}
