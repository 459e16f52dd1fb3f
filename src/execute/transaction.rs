use super::{
    conditions,
    context::Context,
    failure::{Failure, is_lock_failure},
    journal::{Journal, RowStatus},
    locks::{self, Wanted},
    part::Part,
    sql, statement, waiting,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    plan::format::{Assert, Held, Step},
    server::Connection,
};
use std::time::Instant;

/// Runs a part in one transaction, its journal row included; as often as its locks need, within the budget.
/// Gives the number of tries.
pub(super) async fn run(connection: &mut Connection, cx: &mut Context<'_>, part: &Part<'_>) -> Result<u32, Failure> {
    if part.locks.iter().any(|lock| lock.held != Held::Moment) {
        waiting::for_older(connection, cx).await?;
    }
    cx.guard.look(connection, part.point()).await.map_err(Failure::Refused)?;
    let wanted = locks::look_up(connection, part.locks).await?;
    let began = Instant::now();
    let mut tries = 0;
    loop {
        tries += 1;
        let failure = match attempt(connection, cx, part, &wanted, tries == 1).await {
            Ok(()) => return Ok(tries),
            Err(failure) => failure,
        };
        if failure.lost() || connection.is_closed() {
            return Err(failure);
        }
        let Failure::Locked { relation } = failure else {
            connection.batch("rollback").await?;
            return Err(failure);
        };
        // Everything that was got so far is let go before the pause: nobody waits behind a waiter.
        connection.batch("rollback").await?;
        let blockers = locks::holders(connection, &wanted).await?;
        let waited = began.elapsed();
        if waited >= cx.settings.lock_budget {
            return Err(Failure::NoLock { relation, blockers, waited });
        }
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        cx.observer.waiting_for_lock(relation.as_ref(), &blockers, tries);
        tokio::time::sleep(waiting::pause(tries)).await;
    }
}

async fn attempt(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    part: &Part<'_>,
    wanted: &[Wanted],
    nowait: bool,
) -> Result<(), Failure> {
    let stall = cx.settings.max_stall.as_millis().max(1);
    let begin = format!("begin isolation level read committed read write; set local lock_timeout = '{stall}ms'");
    connection.batch(&begin).await?;
    if let Some(row) = part.row(cx) {
        Journal::row(connection, row, RowStatus::Started, None).await?;
    }
    locks::take(connection, wanted, nowait).await?;
    let result = inside(connection, cx, part).await;
    match result {
        // A lock that `lock table` could not take before: an index's, a sequence's, a view's.
        Err(Failure::Server { error, .. }) if is_lock_failure(&error) => {
            Err(Failure::Locked { relation: wanted.first().map(|lock| lock.object.clone()) })
        }
        Err(failure) => Err(failure),
        Ok(()) => Ok(()),
    }
}

async fn inside(connection: &mut Connection, cx: &mut Context<'_>, part: &Part<'_>) -> Result<(), Failure> {
    cx.guard.check(connection, part.point()).await.map_err(Failure::Refused)?;
    conditions::recount(connection, cx.allowed, part).await?;
    for step in part.steps {
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        match step {
            Step::Statement(statement) => statement::run(connection, cx, statement, cx.settings.deadline).await?,
            Step::Assert(assert) => hold(connection, assert).await?,
        }
    }
    cx.guard.ran(connection, part.point()).await.map_err(Failure::Refused)?;
    if let Some(row) = part.row(cx) {
        Journal::row(connection, row, part.finished(), None).await?;
    }
    Ok(connection.batch("commit").await?)
}

/// Goes on only if the query gives what it must.
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
