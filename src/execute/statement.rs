//! Runs one statement under watch: its progress is told, and it is cancelled at its deadline or when the user stops.
use super::{context::Context, failure::Failure, progress::Watcher, sql};
use crate::{
    plan::format::{RunAs, Statement},
    server::Connection,
};
use std::time::{Duration, Instant};

/// Pause between two looks after a running statement.
const TICK: Duration = Duration::from_millis(200);
/// Longest time that the answer may take when the work is done or cancelled.
const ON_ITS_WAY: Duration = Duration::from_secs(60);
/// Pause between two questions for its progress, from the first time on.
const PROGRESS: Duration = Duration::from_secs(1);

/// Runs one statement as the role that it asks for, and cancels it when the user wants to stop or its time is over.
pub(super) async fn run(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    statement: &Statement,
    limit: Option<Duration>,
) -> Result<(), Failure> {
    let local = statement.probe.is_none();
    let as_login = statement.run_as == RunAs::Login && cx.settings.role.is_some();
    if as_login {
        connection.batch(&sql::set_role(local, None)).await?;
    }
    // The bound on the work itself, and the time that the answer may take then.
    let patience = limit.map(|limit| limit + ON_ITS_WAY);
    let result = watched(connection, cx, &statement.sql, (limit, patience)).await.map(drop);
    for notice in connection.take_notices() {
        cx.observer.notice(&notice);
    }
    // In a transaction that failed there is nothing to set back: its end does.
    if as_login && !connection.is_closed() && (result.is_ok() || !local) {
        connection.batch(&sql::set_role(local, cx.settings.role.as_deref())).await?;
    }
    result
}

/// Runs SQL and gives its rows; cancels it when the user wants to stop, or when it has taken as long as it may. What is
/// silent for longer than `patience` is taken for gone.
pub(super) async fn watched(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    sql: &str,
    (limit, patience): (Option<Duration>, Option<Duration>),
) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let before = connection.set_patience(patience);
    let result = looked_after(connection, cx, sql, limit).await;
    connection.set_patience(before);
    result
}

async fn looked_after(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    sql: &str,
    limit: Option<Duration>,
) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let (canceller, pid) = (connection.canceller(), connection.info().pid);
    let mut watcher = Watcher::new(cx.settings, pid);
    let (began, mut asked, mut cancelled) = (Instant::now(), Instant::now(), None);
    let work = connection.query_text(sql);
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            biased;
            result = &mut work => break result,
            () = tokio::time::sleep(TICK) => {}
        }
        let late = limit.filter(|limit| began.elapsed() >= *limit);
        if cancelled.is_none() && (late.is_some() || cx.observer.should_stop()) {
            let why = match late {
                Some(after) => Failure::Deadline { after, blockers: watcher.blockers().await },
                None => Failure::Interrupted,
            };
            // A request that could not be sent is sent again at the next tick.
            cancelled = canceller.cancel().await.is_ok().then_some(why);
        } else if asked.elapsed() >= PROGRESS {
            asked = Instant::now();
            if let Some(progress) = watcher.progress().await {
                cx.observer.build_progress(&progress);
            }
        }
    };
    watcher.close().await;
    match (result, cancelled) {
        // The statement was done before the request came.
        (Ok(rows), _) => Ok(rows),
        (Err(error), Some(why)) if error.is("57014") => Err(why),
        (Err(error), _) => Err(Failure::Server { error, statement: Some(sql.to_owned()) }),
    }
}
