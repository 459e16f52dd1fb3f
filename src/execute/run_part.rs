//! Runs one part of a plan: in a transaction, or alone with its probe.
use super::{
    context::{Context, Left},
    failure::{Failure, is_lock_failure},
    journal::{Journal, RowStatus},
    part::Part,
    sql, statement, transaction,
    waiting::{self, Tries},
};
use crate::{
    diagnostic::{Code, Command, Diagnostic},
    plan::format::{ProbeAnswer, Statement, Step},
    server::Connection,
};
use std::time::{Duration, Instant};

/// Longest wait of the removal of our own unfinished index before it is left to the next run.
const CLEARING: Duration = Duration::from_secs(5);

impl Part<'_> {
    /// Runs the part, in a transaction if it can; gives the tries that it took.
    pub(super) async fn run(&self, connection: &mut Connection, cx: &mut Context<'_>) -> Result<Tries, Failure> {
        cx.left = Left::Nothing;
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        match self.alone().map_err(Failure::Refused)? {
            None => transaction::run(connection, cx, self).await,
            Some((statement, probe)) => self.run_alone(connection, cx, statement, probe).await,
        }
    }

    /// Gives the one statement that runs outside of a transaction, if there is one, with its probe.
    fn alone(&self) -> Result<Option<(&Statement, &str)>, Diagnostic> {
        let probed = |step: &Step| matches!(step, Step::Statement(statement) if statement.probe.is_some());
        match self.steps {
            [Step::Statement(statement)] => Ok(statement.probe.as_deref().map(|probe| (statement, probe))),
            steps if steps.iter().any(probed) => {
                let message =
                    format!("segment {} runs more than the one statement that no transaction can hold", self.number);
                Err(Diagnostic::error(Code::PlanInvariant, message))
            }
            _ => Ok(None),
        }
    }

    /// Runs the statement as its probe decides: done, to do, or a leftover of ours to clear first.
    async fn run_alone(
        &self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
        statement: &Statement,
        probe: &str,
    ) -> Result<Tries, Failure> {
        let began = Instant::now();
        let mut started = self.started;
        let mut tries = Tries { number: 0, waited: waiting::for_older(connection, cx).await? };
        cx.guard.look(connection, self.point()).await.map_err(Failure::Refused)?;
        cx.guard.check(connection, self.point()).await.map_err(Failure::Refused)?;
        loop {
            tries.number += 1;
            match ask(connection, probe).await? {
                ProbeAnswer::Done => {
                    cx.guard.ran(connection, self.point()).await.map_err(Failure::Refused)?;
                    self.journal(connection, cx, self.finished(), None).await?;
                    return Ok(tries);
                }
                ProbeAnswer::NotOurs => return Err(taken(&statement.sql)),
                ProbeAnswer::Leftover if !started => return Err(not_ours(&statement.sql)),
                ProbeAnswer::Leftover => clear(connection, cx, statement, cx.settings.lock_budget).await?,
                ProbeAnswer::NotStarted => {}
            }
            self.journal(connection, cx, RowStatus::Started, None).await?;
            started = true;
            let failure = match statement::run(connection, cx, statement, cx.settings.deadline).await {
                Ok(()) => match ask(connection, probe).await? {
                    ProbeAnswer::Done => continue,
                    ProbeAnswer::NotStarted | ProbeAnswer::Leftover | ProbeAnswer::NotOurs => unproven(&statement.sql),
                },
                Err(failure) => failure,
            };
            self.tidy(connection, cx, (statement, probe), &failure).await;
            let again = matches!(&failure, Failure::Server { error, .. } if is_lock_failure(error));
            if !again || failure.lost() || began.elapsed() >= cx.settings.lock_budget {
                return Err(failure);
            }
            cx.observer.waiting_for_lock(self.locks.first().map(|lock| &lock.relation), &[], tries.number);
            tokio::time::sleep(waiting::pause(tries.number)).await;
            tries.waited = began.elapsed();
        }
    }

    /// Removes what a failure left, if that can be had soon, and journals what is there now. What goes wrong here
    /// is not told beside the failure itself: the next run finds the same, by the probe.
    async fn tidy(
        &self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
        (statement, probe): (&Statement, &str),
        failure: &Failure,
    ) {
        cx.left = Left::Unknown;
        if failure.lost() || connection.is_closed() {
            return;
        }
        let mut found = ask(connection, probe).await.ok();
        if found == Some(ProbeAnswer::Leftover) && clear(connection, cx, statement, CLEARING).await.is_ok() {
            found = ask(connection, probe).await.ok();
        }
        cx.left = match found {
            Some(ProbeAnswer::NotStarted | ProbeAnswer::Done | ProbeAnswer::NotOurs) => Left::Nothing,
            Some(ProbeAnswer::Leftover) => Left::Unfinished,
            None => Left::Unknown,
        };
        let status = match (found, self.part) {
            (Some(ProbeAnswer::NotStarted), 0) => RowStatus::Undone,
            _ => RowStatus::Started,
        };
        let _ = self.journal(connection, cx, status, Some(&failure.says())).await;
    }

    async fn journal(
        &self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
        status: RowStatus,
        message: Option<&str>,
    ) -> Result<(), Failure> {
        if let Some(row) = self.row(cx) {
            Journal::row(connection, row, status, message).await.map_err(Failure::Refused)?;
        }
        Ok(())
    }
}

/// Asks a probe how far its statement came.
pub(super) async fn ask(connection: &mut Connection, probe: &str) -> Result<ProbeAnswer, Failure> {
    let in_probe = |error| Failure::Server { error, statement: Some(probe.to_owned()) };
    let answer = sql::one(connection, probe).await.map_err(in_probe)?.unwrap_or_default();
    ProbeAnswer::parse(&answer).ok_or_else(|| {
        let message = format!(
            "a probe of the plan answered `{}`, and not `done`, `not started`, `leftover` or `not ours`",
            answer.escape_debug()
        );
        Failure::Refused(Diagnostic::error(Code::PlanInvariant, message).help(format!("the probe: {probe}")))
    })
}

/// Removes a leftover of ours. Each of its waits is bounded, unlike a build's: cut off, it leaves the same leftover.
pub(super) async fn clear(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    statement: &Statement,
    patience: Duration,
) -> Result<(), Failure> {
    let Some(clear) = &statement.clear else {
        let message = "a statement of this plan was cut off and left something unfinished, and the plan does not say how to clear it";
        let error = Diagnostic::error(Code::PlanInvariant, message);
        return Err(Failure::Refused(error.help(format!("drop by hand what this left: {}", statement.sql))));
    };
    connection.batch(&format!("set lock_timeout = '{}ms'", patience.as_millis().max(1))).await?;
    let clearing = Statement {
        sql: clear.clone(),
        run_as: statement.run_as,
        // Only says that it runs outside of a transaction.
        probe: statement.probe.clone(),
        clear: None,
    };
    let result = statement::run(connection, cx, &clearing, None).await;
    if !connection.is_closed() {
        connection.batch("set lock_timeout = 0").await?;
    }
    result
}

fn taken(statement: &str) -> Failure {
    Failure::Refused(
        Diagnostic::error(Code::Stale, "the name is taken: what has it is not what the plan makes under it")
            .help(format!("somebody made it by hand, or it changed since; the plan makes: {statement}"))
            .way("compare", Command::new("check").on_database()),
    )
}

fn not_ours(statement: &str) -> Failure {
    Failure::Refused(
        Diagnostic::error(
            Code::Stale,
            "an unfinished index that is not ours is there under the plan's name: the journal has no start of its build",
        )
        .help(format!(
            "a build by hand is going on, or was cut off: let it finish, or drop what it left; the plan makes: {statement}"
        )),
    )
}

fn unproven(statement: &str) -> Failure {
    let message = "a statement of the plan came to its end, and what it makes is not there";
    Failure::Refused(Diagnostic::error(Code::PlanInvariant, message).help(format!("the statement: {statement}")))
}
