//! Counts the rows that a way back would lose or break on, before its first statement and again inside its locks.
use super::Counted;
use super::{Journal, PlanRecord, PlanToRun, SegmentState, failure::Failure, part::Part, sql};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, argument},
    model::ObjectId,
    plan::format::{Back, BackPart, Condition, ConditionKind, HazardKind, LockMode, Segment},
    report::counted as counted_words,
    server::Connection,
};
use std::time::Duration;

/// Tells whether a hazard of a kind was allowed by name on an object.
pub type Allowed<'a> = &'a (dyn Fn(&HazardKind, &ObjectId) -> bool + Sync);

/// Counts the conditions of a plan's way back down to segment `to` (0: all of it), where the journal says it stands. Only reads.
///
/// # Errors
/// [`Code::PlanPosition`] if the journal does not know the plan; the server's, if something cannot be counted.
pub async fn count_conditions(
    connection: &mut Connection,
    plan: &PlanToRun,
    to: u32,
) -> Result<Vec<Counted>, Diagnostics> {
    let state = Journal::read(connection).await?;
    let Some(record) = state.plan(&plan.digest) else {
        return Err(Diagnostic::error(Code::PlanPosition, format!("{} was never applied here", plan.name)).into());
    };
    count(connection, &to_undo(plan, record, to)).await
}

/// The segments that are to be undone, the last one first, with how far each is.
pub(super) fn to_undo<'p>(plan: &'p PlanToRun, record: &PlanRecord, to: u32) -> Vec<(u32, &'p Segment, SegmentState)> {
    let of = |number: u32| plan.body.segments.get(number as usize - 1);
    record
        .segments
        .iter()
        .rev()
        .filter(|(number, _)| **number > to)
        .filter_map(|(number, state)| of(*number).map(|segment| (*number, segment, *state)))
        .collect()
}

/// Counts all conditions before anything runs; all that cannot be counted is told together.
pub(super) async fn count(
    connection: &mut Connection,
    segments: &[(u32, &Segment, SegmentState)],
) -> Result<Vec<Counted>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut counted = Vec::new();
    for (number, segment, state) in segments {
        // Segments not made, or there before, have nothing to lose; one half undone was counted when that began.
        match state {
            SegmentState::Done => {}
            SegmentState::Started | SegmentState::Found | SegmentState::Undoing { .. } => continue,
        }
        for condition in &segment.back.conditions {
            match count_one(connection, condition).await {
                Ok(count) => counted.push(Counted { segment: *number, condition: condition.clone(), count }),
                Err(failure) if failure.lost() => {
                    return Err(Diagnostic::error(Code::Connect, failure.says()).into());
                }
                Err(failure) => problems.push(Diagnostic::error(
                    Code::Condition,
                    format!("{} could not be counted: {}", condition.says, failure.says()),
                )),
            }
        }
    }
    problems.or_value(counted).map(|(counted, _)| counted)
}

async fn count_one(connection: &mut Connection, condition: &Condition) -> Result<u64, Failure> {
    let in_query = |error| Failure::Server { error, statement: Some(condition.count.clone()) };
    let found = sql::one(connection, &condition.count).await.map_err(in_query)?.unwrap_or_default();
    found.parse().map_err(|_| {
        let message = format!("the plan counts by a query that gives `{found}`: {}", condition.count);
        Failure::Refused(Diagnostic::error(Code::PlanInvariant, message))
    })
}

/// Conditions to count again inside the locks of a part of the way back: the losses from a relation that it keeps
/// others from writing to. Where no part does, the first one that runs in a transaction counts them.
pub(super) fn inside<'p>(back: &'p Back, part: &BackPart) -> Vec<&'p Condition> {
    let holds = |part: &BackPart, condition: &Condition| {
        let of = condition.object.relation();
        part.is_transactional()
            && part.locks.iter().any(|l| l.mode >= LockMode::Share && of.is_some() && l.relation.relation() == of)
    };
    let first = back.parts.iter().find(|p| p.is_transactional()) == Some(part);
    let here = |condition: &&Condition| {
        condition.kind == ConditionKind::Loses
            && (holds(part, condition) || (first && !back.parts.iter().any(|p| holds(p, condition))))
    };
    back.conditions.iter().filter(here).collect()
}

/// Losses of a part that nobody allowed: counted again inside its locks, where what others wrote since the first count,
/// while it waited, stops it. What an earlier part has taken away was counted in that one's locks. In the part's
/// transaction, before its locks.
pub(super) async fn counted_again<'p>(
    connection: &mut Connection,
    allowed: Allowed<'_>,
    part: &Part<'p>,
) -> Result<Vec<&'p Condition>, Failure> {
    const GONE: [&str; 3] = ["42P01", "42703", "42704"];
    let wanted = part.recount.iter().copied().filter(|c| !allowed(&HazardKind::DataLoss, &c.object));
    if part.part <= 1 {
        return Ok(wanted.collect());
    }
    let mut there = Vec::new();
    for condition in wanted {
        match connection.batch(&format!("savepoint recount; explain {}", condition.count)).await {
            Ok(()) => there.push(condition),
            Err(error) if GONE.iter().any(|state| error.is(state)) => {
                connection.batch("rollback to savepoint recount").await?;
            }
            Err(error) => return Err(Failure::Server { error, statement: Some(condition.count.clone()) }),
        }
    }
    Ok(there)
}

/// Refuses a segment whose losses were counted inside its locks; `counts` are the numbers, parted by commas.
pub(super) fn lost(segment: u32, conditions: &[&Condition], counts: &str) -> Diagnostic {
    let counts = counts.split(',').map(|count| count.parse().unwrap_or_default());
    let counted: Vec<Counted> = conditions
        .iter()
        .zip(counts)
        .map(|(condition, count)| Counted { segment, condition: (*condition).clone(), count })
        .collect();
    match judge(&counted, &|_, _| false) {
        Err(refused) => together(refused),
        Ok(()) => Diagnostic::error(Code::PlanInvariant, "what would be lost was counted, and could not be told"),
    }
}

/// Refuses a segment of a way back whose losses could not be counted inside its locks within the time that those may be
/// held.
pub(super) fn uncounted(segment: u32, conditions: &[&Condition], within: Duration) -> Diagnostic {
    let mut says = Vec::new();
    let mut help = Vec::new();
    for Condition { says: what, object, kind: _, count: _ } in conditions {
        says.push(format!("the way back loses {what} (segment {segment})"));
        help.push(allows(object));
    }
    uncounted_within(&says.join("; "), within).help(help.join("\n"))
}

/// Says that losses could not be counted inside a lock.
pub(super) fn uncounted_within(says: &str, within: Duration) -> Diagnostic {
    let message = format!(
        "{says}, if there are any: they could not be counted inside its lock within the {} s for which it may be held; \
         nothing of them is lost",
        within.as_secs()
    );
    Diagnostic::error(Code::Hazard, message)
}

fn allows(object: &ObjectId) -> String {
    format!("what allows it: --allow {}", argument(&format!("DataLoss:{}", object.short())))
}

/// Puts several refusals into one, as a failure tells one thing.
pub(super) fn together(refused: Diagnostics) -> Diagnostic {
    let messages: Vec<String> = refused.0.iter().map(|d| d.message.clone()).collect();
    let message = format!("{}; counted inside its lock, nothing of it is lost", messages.join("; "));
    let mut one = Diagnostic::error(Code::Hazard, message);
    let mut help = Vec::new();
    for diagnostic in refused.0 {
        help.extend(diagnostic.help);
        one.ways.extend(diagnostic.ways);
    }
    one.help(help.join("\n"))
}

/// Refuses what would be lost without being allowed, and what would fail.
///
/// # Errors
/// [`Code::Hazard`] for each loss that is not allowed, [`Code::Condition`] for each count that would make it fail.
pub fn judge(counted: &[Counted], allowed: Allowed<'_>) -> Result<(), Diagnostics> {
    let mut refused = Diagnostics::default();
    for Counted { segment, condition, count } in counted.iter().filter(|counted| counted.count > 0) {
        let (what, object) = (counted_words(*count, &condition.says), &condition.object);
        match condition.kind {
            ConditionKind::Loses if allowed(&HazardKind::DataLoss, object) => {}
            ConditionKind::Loses => refused.push(
                Diagnostic::error(Code::Hazard, format!("the way back loses {what} (segment {segment})"))
                    .help(allows(object)),
            ),
            ConditionKind::Blocks => refused.push(
                Diagnostic::error(Code::Condition, format!("the way back would fail: {what} (segment {segment})"))
                    .help(format!("change those rows first; they are counted by: {}", condition.count)),
            ),
        }
    }
    refused.or_value(()).map(drop)
}
