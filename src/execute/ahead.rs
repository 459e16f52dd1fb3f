//! Looks, before a plan's first statement, for rows that the plan would break on or lose, and refuses.
use super::{Allowed, Observer, PlanToRun, SegmentState, Silent, conditions, failure::Failure, plan::Called, sql};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics},
    plan::format::{HazardKind, Look, LookKind, Rule, Segment, counting},
    report::counted,
    server::{Connection, ServerError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// Something that was looked for, and how much of it there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Segment that the finding is about, from 1.
    pub segment: u32,
    /// Question that was asked of the rows.
    pub look: Look,
    /// Number of rows found; the failure's words where they could not be counted.
    pub count: Result<u64, String>,
}

/// Rules by which the rows that are found are judged.
pub(super) struct Judge<'a> {
    /// Tells whether a loss is allowed by name.
    pub(super) allowed: Allowed<'a>,
    /// True where a rule stays in force for new rows although old ones break it.
    pub(super) keep_rules: bool,
    /// Longest time for which others may be kept waiting.
    pub(super) max_stall: Duration,
}

/// Pause between two questions whether to stop counting.
const TICK: Duration = Duration::from_millis(200);

/// Counts all that segments look for, as the session's role. In a transaction, a count that fails must leave it usable:
/// `savepoint` says so. Who wants to stop cancels the count that runs.
///
/// # Errors
/// If the session is lost.
pub async fn look_ahead<'s>(
    connection: &mut Connection,
    segments: impl IntoIterator<Item = (u32, &'s Segment)>,
    (observer, savepoint): (&mut dyn Observer, bool),
) -> Result<Vec<Found>, Diagnostics> {
    let mut found = Vec::new();
    for (number, segment) in segments {
        for look in &segment.looks {
            let count = match count(connection, &look.count(), (&mut *observer, savepoint)).await {
                Err(failure) if failure.lost() => return Err(Diagnostic::error(Code::Connect, failure.says()).into()),
                Err(failure) => Err(failure.says()),
                Ok(count) => Ok(count),
            };
            found.push(Found { segment: number, look: look.clone(), count });
        }
    }
    Ok(found)
}

async fn count(
    connection: &mut Connection,
    query: &str,
    (observer, savepoint): (&mut dyn Observer, bool),
) -> Result<u64, Failure> {
    if savepoint {
        connection.batch("savepoint look").await?;
    }
    let in_query = |error| Failure::Server { error, statement: Some(query.to_owned()) };
    let result = one(connection, query, observer).await.map_err(in_query);
    if savepoint && !connection.is_closed() {
        let end = if result.is_ok() { "release savepoint look" } else { "rollback to savepoint look" };
        connection.batch(end).await?;
    }
    let text = result?.unwrap_or_default();
    text.parse().map_err(|_| {
        let message = format!("the plan counts by a query that gives `{text}`: {query}");
        Failure::Refused(Diagnostic::error(Code::PlanInvariant, message))
    })
}

/// Asks for the one value of a query, and cancels the query when the user wants to stop.
async fn one(
    connection: &mut Connection,
    query: &str,
    observer: &mut dyn Observer,
) -> Result<Option<String>, ServerError> {
    let canceller = connection.canceller();
    let work = sql::one(connection, query);
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = tokio::time::sleep(TICK) => {}
        }
        if observer.should_stop() {
            // A request that could not be sent is sent again at the next tick.
            let _ = canceller.cancel().await;
        }
    }
}

/// Counts the rows that a query gives, in a transaction that stays usable; `None` where the server refuses to tell.
///
/// # Errors
/// If the session is lost.
pub async fn count_rows(connection: &mut Connection, rows: &str) -> Result<Option<u64>, Diagnostics> {
    match count(connection, &counting(rows), (&mut Silent, true)).await {
        Err(failure) if failure.lost() => Err(Diagnostic::error(Code::Connect, failure.says()).into()),
        other => Ok(other.ok()),
    }
}

/// Counts the rows that break a rule; `None` where they cannot be counted.
pub(super) async fn broken(connection: &mut Connection, rule: &Rule, observer: &mut dyn Observer) -> Option<u64> {
    count(connection, &counting(&rule.rows), (observer, false)).await.ok()
}

/// Looks before a plan's first statement, and refuses; before a later one, what would be lost in what is still to do. Gives
/// what could not be counted and stops nobody: it shows itself when it is read.
///
/// # Errors
/// [`Code::Condition`] for rows that the plan would break on, [`Code::Hazard`] for what it would lose, and
/// [`Code::Assumption`] for what is not as it was made for.
pub(super) async fn first(
    connection: &mut Connection,
    plan: &PlanToRun,
    (done, found): (&BTreeMap<u32, SegmentState>, &BTreeSet<u32>),
    judge: &Judge<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<String>, Diagnostics> {
    let to_do = |(number, _): &(u32, &Segment)| !done.contains_key(number) && !found.contains(number);
    let segments = (1..).zip(&plan.body.segments).filter(to_do);
    let began = Instant::now();
    let mut seen = look_ahead(connection, segments, (observer, false)).await?;
    let took = began.elapsed();
    if !done.is_empty() {
        // Names have changed since, and what breaks a rule is looked for before that rule.
        seen.retain(|found| found.look.kind == LookKind::Loses && found.count.is_ok());
    }
    judged(plan.called(), &seen, judge)?;
    let uncounted = |found: &Found| {
        let why = found.count.as_ref().err()?;
        let Look { says, rows, .. } = &found.look;
        Some(format!(
            "{says} (segment {}) could not be counted before: {why}; they are found by: {rows}",
            found.segment
        ))
    };
    let again =
        |found: &&Found| found.look.behind.is_some() && !(judge.allowed)(&HazardKind::DataLoss, &found.look.object);
    let slow = seen.iter().find(again).filter(|_| took > judge.max_stall).map(|found| {
        format!(
            "{} are counted again inside the lock of segment {}, in up to {:.1} s; what --allow names is not counted again",
            found.look.says,
            found.segment,
            took.as_secs_f64()
        )
    });
    Ok(seen.iter().filter_map(uncounted).chain(slow).collect())
}

fn judged(plan: Called<'_>, seen: &[Found], judge: &Judge<'_>) -> Result<(), Diagnostics> {
    let mut refused = Diagnostics::default();
    for Found { segment, look, count } in seen {
        let (Look { kind, object, says, rows, behind: _ }, what) = (look, |n: u64| counted(n, &look.says));
        match (kind, count) {
            (_, Ok(0)) | (LookKind::Breaks | LookKind::Fails | LookKind::Outgrown, Err(_)) => {}
            (LookKind::Breaks, Ok(_)) if judge.keep_rules => {}
            (LookKind::Breaks, Ok(n)) => refused.push(breaks(plan, *segment, &what(*n), rows)),
            (LookKind::Fails, Ok(n)) => {
                let message = format!("{plan} would stop in segment {segment}: {}", what(*n));
                let help = format!("nothing was run; they are found by: {rows}\nmend them first");
                refused.push(Diagnostic::error(Code::Condition, message).help(help));
            }
            (LookKind::Loses, _) if (judge.allowed)(&HazardKind::DataLoss, object) => {}
            (LookKind::Loses, Ok(n)) => refused.push(loses(plan, *segment, look, (&what(*n), ""))),
            (LookKind::Loses, Err(why)) => {
                let what = format!("{says}, which could not be counted: {why}");
                refused.push(loses(plan, *segment, look, (&what, "")));
            }
            (LookKind::Outgrown, Ok(_)) => refused.push(
                Diagnostic::error(
                    Code::Assumption,
                    format!("{plan} was not made for this database: {says} (segment {segment})"),
                )
                .help("nothing of it was run")
                .way("make it anew for this database", {
                    // The number is the file's, the rest is what people call it.
                    let title = plan.name.split_once('-').map_or(plan.name, |(_, slug)| slug);
                    Command::new("plan").option("-m", title).option("--replace", plan.arg()).on_database()
                }),
            ),
        }
    }
    refused.or_value(()).map(drop)
}

/// Refuses to commit what a segment's statements lost: rows written while it waited for its locks, or while
/// segments before it ran.
pub(super) fn lost(plan: Called<'_>, segment: u32, looks: &[&Look], counts: &str) -> Diagnostic {
    const NAMES: &str = "under the names from before the plan, ";
    let counts = counts.split(',').map(|count| count.parse().unwrap_or_default());
    let found = looks.iter().zip(counts).filter(|(_, count)| *count > 0);
    let all = found.map(|(look, count)| loses(plan, segment, look, (&counted(count, &look.says), NAMES)));
    conditions::together(Diagnostics(all.collect()))
}

/// Refuses a segment whose losses could not be counted inside its locks within the time that those may be held.
pub(super) fn uncounted(plan: Called<'_>, segment: u32, looks: &[&Look], within: Duration) -> Diagnostic {
    let says: Vec<&str> = looks.iter().map(|look| look.says.as_str()).collect();
    let says = format!("{plan} would lose {} (segment {segment})", says.join(", and "));
    looks
        .iter()
        .fold(conditions::uncounted_within(&says, within), |one, look| one.way("if they may go", allowing(plan, look)))
}

fn allowing(plan: Called<'_>, look: &Look) -> Command {
    Command::new("apply").arg(plan.arg()).option("--allow", format!("DataLoss:{}", look.object.short())).on_database()
}

/// Refuses to lose the values of rows, or to have them read as another's.
fn loses(plan: Called<'_>, segment: u32, look: &Look, (what, names): (&str, &str)) -> Diagnostic {
    Diagnostic::error(Code::Hazard, format!("{plan} would lose {what} (segment {segment})"))
        .help(format!("nothing of them is lost; {names}they are found by: {}\nfill them in first", look.rows))
        .way("if they may go", allowing(plan, look))
}

/// Refuses because of rows that a rule would stop at.
pub(super) fn breaks(plan: Called<'_>, segment: u32, what: &str, rows: &str) -> Diagnostic {
    let keep = Command::new("apply").arg(plan.arg()).flag("--keep-not-valid").on_database();
    Diagnostic::error(Code::Condition, format!("{plan} would stop in segment {segment}: {what}"))
        .help(format!("they are found by: {rows}\nmend them first"))
        .way("or let new rows obey it at once, and mend the old ones while it is in force", keep)
}
