//! Runs a part of a plan in one transaction, with its journal row, tried again until its locks are had.
use super::{
    batch::{Batch, SILENT},
    conditions,
    context::Context,
    failure::Failure,
    journal::{Access, Journal},
    locks::{self, Wanted},
    part::Part,
    sql, statement,
    waiting::{self, Tries},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    plan::format::{Assert, Held},
    server::{Connection, SEARCH_PATH},
};
use std::time::{Duration, Instant};

/// Longest time that the answer may be on its way to what the server itself bounds.
const ON_ITS_WAY: Duration = Duration::from_secs(15);

/// Runs a part in one transaction, its journal row included; as often as its locks need, within the budget.
pub(super) async fn run(connection: &mut Connection, cx: &mut Context<'_>, part: &Part<'_>) -> Result<Tries, Failure> {
    let mut tries = Tries::default();
    if part.locks.iter().any(|lock| lock.held != Held::Moment) {
        tries.waited = waiting::for_older(connection, cx).await?;
    }
    let for_older = tries.waited;
    cx.guard.look(connection, part.point()).await.map_err(Failure::Refused)?;
    let wanted = locks::look_up(connection, part.locks).await?;
    let began = Instant::now();
    loop {
        tries.number += 1;
        let failure = match attempt(connection, cx, part, &wanted, tries.number == 1).await {
            Ok(()) => return Ok(tries),
            Err(failure) => failure,
        };
        if failure.lost() || connection.is_closed() {
            return Err(failure);
        }
        // Everything that was got so far is let go before the pause: nobody waits behind a waiter.
        connection.batch("rollback").await?;
        let relation = match failure {
            Failure::Locked { relation } => relation,
            Failure::Moved => {
                cx.guard.check(connection, part.point()).await.map_err(Failure::Refused)?;
                None
            }
            Failure::Refused(_)
            | Failure::Server { .. }
            | Failure::NoLock { .. }
            | Failure::Older { .. }
            | Failure::Deadline { .. }
            | Failure::Interrupted => return Err(failure),
        };
        let blockers = locks::holders(connection, &wanted).await?;
        let waited = began.elapsed();
        if waited >= cx.settings.lock_budget {
            return Err(Failure::NoLock { relation, blockers, waited });
        }
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        cx.observer.waiting_for_lock(relation.as_ref(), &blockers, tries.number);
        tokio::time::sleep(waiting::pause(tries.number)).await;
        tries.waited = for_older + began.elapsed();
    }
}

/// Tries once: what is written of the journal is looked at and locked before the locks that others wait behind are
/// asked for; from there to the end it is one message.
async fn attempt(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    part: &Part<'_>,
    wanted: &[Wanted],
    nowait: bool,
) -> Result<(), Failure> {
    // A path that something which the plan has called left in the session does not hold.
    let begin = format!(
        "begin isolation level read committed read write; set local search_path = {SEARCH_PATH}; \
         set local idle_in_transaction_session_timeout = '{}ms'",
        SILENT.as_millis()
    );
    connection.batch(&begin).await?;
    let keeper = match part.row(cx) {
        Some(_) => Some(Journal::look(connection, Access::Write).await.map_err(Failure::Refused)?),
        None => None,
    };
    let counted = conditions::counted_again(connection, cx.allowed, part).await?;
    let batch = Batch::of(cx, part, (wanted, nowait), (keeper.as_ref(), counted));
    let patience = if batch.bounded { Some(cx.settings.max_stall + ON_ITS_WAY) } else { None };
    let limit = cx.settings.deadline;
    let rows = statement::watched(connection, cx, &batch.text(), (limit, patience)).await;
    for notice in connection.take_notices() {
        cx.observer.notice(&notice);
    }
    match rows {
        Ok(rows) => {
            if let Some(seen) = Batch::seen(&rows) {
                cx.guard.took(&seen, part.point());
            }
            Ok(())
        }
        Err(Failure::Server { error, .. }) => Err(batch.failure(cx.plan, error, connection.completed())),
        Err(failure) => Err(failure),
    }
}

/// Goes on only if a query gives what the plan asserts.
pub(super) async fn hold(connection: &mut Connection, assert: &Assert) -> Result<(), Failure> {
    let in_query = |error| Failure::Server { error, statement: Some(assert.sql.clone()) };
    let found = sql::one(connection, &assert.sql).await.map_err(in_query)?;
    if found.as_deref() == Some(&assert.expect) {
        return Ok(());
    }
    let found = found.map_or_else(|| "null".to_owned(), |found| format!("`{found}`"));
    Err(Failure::Refused(
        Diagnostic::error(Code::Assumption, assert.says.clone())
            .help(format!("the plan expects `{}` here and found {found}, asking: {}", assert.expect, assert.sql)),
    ))
}
