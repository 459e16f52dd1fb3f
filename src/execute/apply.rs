//! Applies a plan, segment by segment, from its beginning or from where the journal says that it stopped.
use super::{
    Allowed, Direction, Guard, Journal, Kind, Measured, Observer, Outcome, PlanToRun, RunSettings, RunStatus,
    SegmentState, Standing,
    ahead::{self, Judge},
    check_rights,
    context::{Context, Left},
    failure::Failure,
    journal::{DatabaseLabel, PlanRecord, Row, RowStatus},
    part::Part,
    plan::Called,
    relief::relieve,
    rollback::back,
    session::{enter, leave, not_ended},
    sql,
    stopped::Stopped,
};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics},
    plan::format::{Segment, Step},
    report::counted,
    server::Connection,
};
use std::{collections::BTreeSet, time::Instant};

/// Settings of one apply of a plan.
pub struct Apply<'a> {
    /// Patience and role.
    pub settings: &'a RunSettings,
    /// Listener that is told how the run goes on.
    pub observer: &'a mut dyn Observer,
    /// Looks inside the locks.
    pub guard: &'a mut dyn Guard,
    /// [`Kind::Apply`] or [`Kind::DryRun`].
    pub kind: Kind,
    /// Segment behind which the run stops cleanly, from 1; `None`: run all.
    pub until: Option<u32>,
    /// True where a held plan may run.
    pub again: bool,
    /// True where subscribers of everything have been prepared for pgform's schema.
    pub carriers_ready: bool,
    /// Segments marked `absorb` whose objects are here already: journalled as found, neither run nor undone.
    pub found: &'a BTreeSet<u32>,
    /// Losses that are allowed where a segment that was left half undone goes back first.
    pub allowed: Allowed<'a>,
    /// Label that the database gets, written with its journal's first run.
    pub label: Option<&'a DatabaseLabel>,
    /// Losses that are allowed of those found before the first statement.
    pub allowed_ahead: Allowed<'a>,
    /// True where a rule that old rows break stays in force for new ones.
    pub keep_rules: bool,
}

/// Applies a plan from where the journal says that it is: from its beginning, or from where it stopped. Makes the journal if
/// there is none. Gives what it ran; nothing of it counts the segments that were in place before.
///
/// # Errors
/// Before anything is changed: [`Code::Busy`], [`Code::PlanPosition`], [`Code::Held`], [`Code::Rights`], [`Code::Publication`],
/// or the guard's. After that [`Code::Stopped`], with the journal consistent and how to go on.
pub async fn apply(connection: &mut Connection, plan: &PlanToRun, how: Apply<'_>) -> Result<Outcome, Diagnostics> {
    let settings = how.settings;
    how.observer.works_in(connection.info().pid, connection.canceller());
    enter(connection, settings, &plan.name).await?;
    let result = locked(connection, plan, how).await;
    leave(connection, settings).await;
    result
}

async fn locked(connection: &mut Connection, plan: &PlanToRun, how: Apply<'_>) -> Result<Outcome, Diagnostics> {
    let state = Journal::read(connection).await?;
    let record = state.plan(&plan.digest);
    if let Some(other) = state.midway().filter(|other| other.digest != plan.digest) {
        let message =
            format!("{} is in its middle here: it goes on or goes back before {} may run", other.name, plan.name);
        return Err(Diagnostic::error(Code::PlanPosition, message).into());
    }
    may_apply(plan, record, how.again)?;
    let mut segments = record.map(|record| record.segments.clone()).unwrap_or_default();
    check_rights(connection, how.settings, plan, (plan.body.segments.iter().collect(), Direction::Forward)).await?;
    let judge = Judge { allowed: how.allowed_ahead, keep_rules: how.keep_rules, max_stall: how.settings.max_stall };
    let resumed = !segments.is_empty();
    for uncounted in ahead::first(connection, plan, (&segments, how.found), &judge, how.observer).await? {
        how.observer.warned(&uncounted);
    }
    Journal::create(connection, how.carriers_ready).await?;
    if let Some(label) = how.label.filter(|label| state.label.as_ref() != Some(*label)) {
        Journal::set_label(connection, label).await?;
    }
    let run = Journal::begin(connection, plan, Direction::Forward, how.kind).await?;
    let mut cx = Context {
        settings: how.settings,
        observer: how.observer,
        guard: how.guard,
        run: Some(run),
        plan: plan.called(),
        allowed: how.allowed,
        allowed_ahead: how.allowed_ahead,
        left: Left::Nothing,
        note: None,
    };
    let until = how.until.unwrap_or(u32::MAX).min(plan.segments());
    let mut outcome = Outcome::default();
    for (number, segment) in (1..=until).zip(&plan.body.segments) {
        let at = segments.get(&number).copied();
        let is_found = at.is_none() && how.found.contains(&number);
        let looks = resumed && at.is_none() && !judge.keep_rules;
        let done = match is_found {
            true => found(connection, &mut cx, (number, plan.segments()), segment).await.map(|()| None),
            false => match rows_broken(connection, &mut cx, (plan, number, segment), looks).await {
                Ok(()) => ahead(connection, &mut cx, segment, (number, plan.segments()), at).await,
                Err(failure) => Err(failure),
            },
        };
        match done {
            Ok(measured) => outcome.measured.extend(measured),
            Err(failure) => {
                let kept = (&failure, how.keep_rules);
                let pending = relieve(connection, &mut cx, (plan, &mut segments), kept).await;
                let stop = Stopped { plan, direction: Direction::Forward, number, segments: &segments, pending };
                return Err(stop.tell(connection, &mut cx, failure).await.into());
            }
        }
        let found = is_found || at == Some(SegmentState::Found);
        segments.insert(number, if found { SegmentState::Found } else { SegmentState::Done });
    }
    ended(connection, plan, run, until).await.map(|()| outcome)
}

/// Journals the end of a run, behind the plan's last segment or the one that it was to stop behind.
async fn ended(connection: &mut Connection, plan: &PlanToRun, run: i64, until: u32) -> Result<(), Diagnostics> {
    let (status, message) = if until == plan.segments() {
        (RunStatus::Done, None)
    } else {
        (RunStatus::Stopped, Some(format!("asked to stop behind segment {until}")))
    };
    let ended = Journal::end(connection, run, status, message.as_deref()).await;
    ended.map_err(|error| not_ended(plan, Direction::Forward, &error).into())
}

/// Journals that what a segment makes was there before, or that what it drops was gone.
async fn found(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    (number, total): (u32, u32),
    segment: &Segment,
) -> Result<(), Failure> {
    if let Some(run) = cx.run {
        Journal::row(connection, Row { run, number, part: 0, parts: 0 }, RowStatus::Found, None)
            .await
            .map_err(Failure::Refused)?;
    }
    cx.observer.segment_found(number, total, &segment.does, segment.makes(), false);
    Ok(())
}

/// Looks once more, where a plan goes on, for rows that a rule stops at, before the rule is in force: they were counted
/// when the plan began.
async fn rows_broken(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    (plan, number, segment): (&PlanToRun, u32, &Segment),
    looks: bool,
) -> Result<(), Failure> {
    let Some(rule) = segment.rule.as_ref().filter(|_| looks) else { return Ok(()) };
    match ahead::broken(connection, rule, cx.observer).await {
        Some(count @ 1..) => {
            let what = counted(count, &format!("rows that break the rule for {}", rule.object.short()));
            Err(Failure::Refused(ahead::breaks(plan.called(), number + 1, &what, &rule.rows)))
        }
        Some(0) | None => Ok(()),
    }
}

pub(super) fn may_apply(plan: &PlanToRun, record: Option<&PlanRecord>, again: bool) -> Result<(), Diagnostic> {
    let refuse = |code, why: &str| Err(Diagnostic::error(code, format!("{} {why}", plan.name)));
    match record.map(|record| record.standing) {
        None | Some(Standing::NotApplied | Standing::Midway { .. }) => Ok(()),
        Some(Standing::Applied) => refuse(Code::PlanPosition, "is applied here already"),
        Some(Standing::Adopted) => refuse(Code::PlanPosition, "is here already: it was adopted"),
        Some(Standing::Built) => refuse(Code::PlanPosition, "is here already: the database was built at it or later"),
        Some(Standing::Held) if again => Ok(()),
        Some(Standing::Held) => refuse(Code::Held, "was rolled back here, and is held")
            .map_err(|diagnostic| held(diagnostic, plan.called())),
    }
}

/// Adds the ways out of being held.
fn held(diagnostic: Diagnostic, plan: Called<'_>) -> Diagnostic {
    let name = plan.arg();
    let again = Command::new("apply").arg(name).flag("--again").on_database();
    diagnostic
        .way("run it once more", again)
        .way("or make a plan that replaces it", Command::new("plan").option("-m", name).option("--replace", name))
}

/// Runs one segment forward, from however far it is; `None` where there was nothing to do.
async fn ahead(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    segment: &Segment,
    (number, total): (u32, u32),
    at: Option<SegmentState>,
) -> Result<Option<Measured>, Failure> {
    match at {
        Some(SegmentState::Done | SegmentState::Found) => return Ok(None),
        // Half undone is neither the state before nor the one after: it goes back to its beginning first.
        Some(state @ SegmentState::Undoing { .. }) => {
            back(connection, cx, segment, (number, total), state).await?;
        }
        Some(SegmentState::Started) | None => {}
    }
    forward(connection, cx, segment, (number, total), at == Some(SegmentState::Started)).await.map(Some)
}

/// Runs one segment's steps, or those that bring back what its way back had set aside.
pub(super) async fn forward(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    segment: &Segment,
    (number, total): (u32, u32),
    started: bool,
) -> Result<Measured, Failure> {
    cx.observer.segment_started(number, total, &segment.does, false);
    let began = Instant::now();
    let mut steps: &[Step] = &segment.steps;
    if let Some(revive) = &segment.revive {
        let in_probe = |error| Failure::Server { error, statement: Some(revive.probe.clone()) };
        let answer = sql::one(connection, &revive.probe).await.map_err(in_probe)?;
        // `true` by the plan's word, `t` as PostgreSQL prints it.
        if matches!(answer.as_deref(), Some("t" | "true")) {
            steps = &revive.steps;
        }
    }
    let (locks, looks) = (&segment.locks, &segment.looks);
    let part = Part { number, part: 0, parts: 0, locks, steps, started, taken_back: false, recount: Vec::new(), looks };
    let tries = part.run(connection, cx).await?;
    let seconds = began.elapsed().as_secs_f64();
    cx.observer.segment_done(number, total, seconds, false);
    Ok(Measured { number, seconds, waited: tries.waited.as_secs_f64(), tries: tries.number })
}
