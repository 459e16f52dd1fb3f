//! Rolls a plan back by the ways that are stored in it, from where the journal says that it stands.
use super::{
    Allowed, Direction, Guard, Journal, JournalState, Kind, Measured, Observer, Outcome, PlanToRun, RunSettings,
    RunStatus, SegmentState, Standing, check_rights, conditions,
    context::{Context, Left},
    failure::Failure,
    journal::{PlanRecord, Row, RowStatus},
    part::Part,
    relief_back,
    run_part::{ask, clear},
    session::{enter, leave, not_ended},
    stopped::Stopped,
    waiting::Tries,
};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, argument},
    plan::format::{HazardKind, ProbeAnswer, Reversibility, Segment, Step},
    server::Connection,
};
use std::time::Instant;

/// Settings of one rollback.
pub struct Rollback<'a> {
    /// Patience and role.
    pub settings: &'a RunSettings,
    /// Listener that is told how the run goes on.
    pub observer: &'a mut dyn Observer,
    /// Looks inside the locks.
    pub guard: &'a mut dyn Guard,
    /// [`Kind::Rollback`], after which the plan is held, or [`Kind::DryRun`], after which it is not.
    pub kind: Kind,
    /// Last segment that stays; 0: all are undone.
    pub to: u32,
    /// Losses that are allowed.
    pub allowed: Allowed<'a>,
}

/// Goes back the stored way, from where the journal says that the plan is. Conditions of all segments on the way are counted
/// before the first statement.
///
/// # Errors
/// Before anything is changed: [`Code::Busy`], [`Code::PlanPosition`], [`Code::Hazard`], [`Code::Condition`], [`Code::Rights`],
/// or the guard's. After that [`Code::Stopped`], with the journal consistent and how to go on.
pub async fn rollback(
    connection: &mut Connection,
    plan: &PlanToRun,
    how: Rollback<'_>,
) -> Result<Outcome, Diagnostics> {
    let settings = how.settings;
    how.observer.works_in(connection.info().pid, connection.canceller());
    enter(connection, settings, &plan.name).await?;
    let result = locked(connection, plan, how).await;
    leave(connection, settings).await;
    result
}

async fn locked(connection: &mut Connection, plan: &PlanToRun, how: Rollback<'_>) -> Result<Outcome, Diagnostics> {
    let state = Journal::read(connection).await?;
    let record = may_go_back(plan, &state)?;
    let to_undo = conditions::to_undo(plan, record, how.to);
    no_dead_end(&to_undo, how.allowed)?;
    let counted = conditions::count(connection, &to_undo).await?;
    conditions::judge(&counted, how.allowed)?;
    // Segments that never ran need no rights to be undone.
    let segments = to_undo.iter().map(|(_, segment, _)| *segment).collect();
    check_rights(connection, how.settings, plan, (segments, Direction::Back)).await?;
    Journal::upgrade(connection, how.settings.carriers_ready).await?;
    let run = Journal::begin(connection, plan, Direction::Back, how.kind).await?;
    let mut cx = Context {
        settings: how.settings,
        observer: how.observer,
        guard: how.guard,
        run: Some(run),
        plan: plan.called(),
        allowed: how.allowed,
        allowed_ahead: &|_, _| false,
        left: Left::Nothing,
        note: None,
    };
    let mut segments = record.segments.clone();
    let lost = counted.into_iter().filter(|c| c.count > 0).collect();
    let mut outcome = Outcome { measured: Vec::new(), lost };
    for (number, segment, at) in to_undo {
        let done = match at {
            // Objects that were here before the plan stay, whatever became of them since.
            SegmentState::Found => gone(connection, &mut cx, number).await.map(|()| {
                cx.observer.segment_found(number, plan.segments(), &segment.does, segment.makes(), true);
                None
            }),
            SegmentState::Started | SegmentState::Done | SegmentState::Undoing { .. } => {
                back(connection, &mut cx, segment, (number, plan.segments()), at).await.map(Some)
            }
        };
        match done {
            Ok(measured) => outcome.measured.extend(measured),
            Err(failure) => {
                let stop = Stopped { plan, direction: Direction::Back, number, segments: &segments, pending: None };
                return Err(stop.tell(connection, &mut cx, failure).await.into());
            }
        }
        segments.remove(&number);
    }
    let (status, message) = if how.to == 0 {
        (RunStatus::Done, None)
    } else {
        (RunStatus::Stopped, Some(format!("asked to keep segments up to {}", how.to)))
    };
    let ended = Journal::end(connection, run, status, message.as_deref()).await;
    ended.map_err(|error| not_ended(plan, Direction::Back, &error))?;
    Ok(outcome)
}

fn may_go_back<'s>(plan: &PlanToRun, state: &'s JournalState) -> Result<&'s PlanRecord, Diagnostic> {
    let refuse = |why: String| Diagnostic::error(Code::PlanPosition, format!("{} {why}", plan.name));
    let Some(record) = state.plan(&plan.digest) else { return Err(refuse("was never applied here".to_owned())) };
    match record.standing {
        Standing::NotApplied => return Err(refuse("is not applied here".to_owned())),
        Standing::Held => return Err(refuse("is rolled back here already".to_owned())),
        Standing::Adopted => return Err(refuse("was adopted here, not run: it has no way back here".to_owned())),
        Standing::Built => return Err(refuse("was built here, not run: it has no way back here".to_owned())),
        Standing::Midway { .. } => return Ok(record),
        Standing::Applied => {}
    }
    if let Some(other) = state.midway() {
        return Err(refuse(format!("has {} on top of it, which is in its middle: that goes back first", other.name)));
    }
    // A repair leads to where the database stands: it stands behind the plan there, and not under it.
    if state.repaired().is_some_and(|repair| repair.digest == plan.digest) {
        return Ok(record);
    }
    match state.position() {
        Some(last) if last.digest != plan.digest => {
            Err(refuse(format!("has {} on top of it: later plans go back first", last.name)))
        }
        Some(_) | None => Ok(record),
    }
}

/// Refuses before the first statement what has no way back at all, unless that is allowed by name.
fn no_dead_end(to_undo: &[(u32, &Segment, SegmentState)], allowed: Allowed<'_>) -> Result<(), Diagnostics> {
    let mut refused = Diagnostics::default();
    for (number, segment, state) in to_undo {
        let nothing_done = matches!(state, SegmentState::Started | SegmentState::Found);
        if nothing_done || segment.back.kind != Reversibility::None {
            continue;
        }
        let irreversible = |h: &&crate::plan::format::Hazard| h.hazard == HazardKind::Irreversible;
        let hazards: Vec<_> = segment.hazards.iter().filter(irreversible).collect();
        if !hazards.is_empty() && hazards.iter().all(|h| allowed(&h.hazard, &h.object)) {
            continue;
        }
        let message = format!("segment {number} has no way back: {}", segment.does.join(", "));
        let names: Vec<String> =
            hazards.iter().map(|h| argument(&format!("Irreversible:{}", h.object.short()))).collect();
        let mut diagnostic = Diagnostic::error(Code::Hazard, message);
        if !names.is_empty() {
            diagnostic =
                diagnostic.help(format!("to leave it as it is and undo the rest: --allow {}", names.join(" --allow ")));
        }
        refused.push(diagnostic);
    }
    refused.or_value(()).map(drop)
}

/// Undoes one segment, from however far it is.
pub(super) async fn back(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    segment: &Segment,
    (number, total): (u32, u32),
    at: SegmentState,
) -> Result<Measured, Failure> {
    cx.observer.segment_started(number, total, &segment.does, true);
    let began = Instant::now();
    cx.left = Left::Nothing;
    let (from, begun) = match at {
        SegmentState::Undoing { undone, begun } => (undone, begun),
        SegmentState::Done => (0, false),
        SegmentState::Found => (u32::MAX, false),
        SegmentState::Started if clear_unfinished(connection, cx, segment).await? => (u32::MAX, false),
        SegmentState::Started => (0, false),
    };
    let parts = u32::try_from(segment.back.parts.len()).unwrap_or(u32::MAX);
    let mut tries = Tries::default();
    if from >= parts {
        gone(connection, cx, number).await?;
    }
    for (part, stored) in (1..=parts).zip(&segment.back.parts).skip(from as usize) {
        let started = begun && part == from + 1;
        let (locks, steps) = (&stored.locks, &stored.steps);
        let recount = conditions::inside(&segment.back, stored);
        let one = Part { number, part, parts, locks, steps, started, taken_back: false, recount, looks: &[] };
        match one.run(connection, cx).await {
            Ok(more) => tries += more,
            Err(failure) => {
                relief_back::back(connection, cx, (segment, number, part), &failure).await;
                return Err(failure);
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    cx.observer.segment_done(number, total, seconds, true);
    Ok(Measured { number, seconds, waited: tries.waited.as_secs_f64(), tries: tries.number })
}

/// Clears the leftover of a segment that was started and not finished; says whether nothing of it is there then.
async fn clear_unfinished(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    segment: &Segment,
) -> Result<bool, Failure> {
    let revived = segment.revive.iter().flat_map(|revive| &revive.steps);
    for step in segment.steps.iter().chain(revived) {
        let Step::Statement(statement) = step else { continue };
        let Some(probe) = &statement.probe else { continue };
        match ask(connection, probe).await? {
            ProbeAnswer::NotStarted => {}
            ProbeAnswer::Done => return Ok(false),
            ProbeAnswer::Leftover => {
                cx.left = Left::Unfinished;
                clear(connection, cx, statement, cx.settings.lock_budget).await?;
                cx.left = Left::Nothing;
            }
            ProbeAnswer::NotOurs => {
                let message = format!("something else has taken the name of what was begun here: {}", statement.sql);
                return Err(Failure::Refused(Diagnostic::error(Code::Stale, message)));
            }
        }
    }
    Ok(true)
}

/// Journals that nothing of a segment is to be undone any more.
async fn gone(connection: &mut Connection, cx: &mut Context<'_>, number: u32) -> Result<(), Failure> {
    if let Some(run) = cx.run {
        let row = Row { run, number, part: 0, parts: 0 };
        Journal::row(connection, row, RowStatus::Undone, None).await.map_err(Failure::Refused)?;
    }
    Ok(())
}
