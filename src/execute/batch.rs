//! Puts a part's locks, guards, statements and counts into one message, and reads from an error which of them failed.
use super::{
    ahead, conditions,
    context::{Context, Inside},
    failure::{Failure, is_lock_failure},
    journal::{Keeper, RowStatus},
    locks::{self, Wanted},
    part::Part,
    plan::Called,
    sql,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    plan::format::{Assert, Condition, HazardKind, Held, Look, RunAs, Step, counting},
    server::ServerError,
};
use std::time::Duration;

/// Longest silence of a pgform session inside of its locks: then the server ends it and lets them go, whatever has
/// become of pgform.
pub(super) const SILENT: Duration = Duration::from_secs(5);
/// Longest time that a statement may take whose lock is for a moment.
const MOMENT: Duration = Duration::from_secs(10);
/// Mark in the server's complaint where a question had another answer: text that is cast to a number.
const MOVED: &str = "pgform-moved:";
const FOUND: &str = "pgform-found:";
const LOST: &str = "pgform-lost:";
/// Mark before the answer of a guard's question in a batch's rows.
const SEEN: &str = "pgform-seen";

/// Purposes of a statement in a batch.
enum Why<'p> {
    /// Works for the batch itself.
    Own,
    /// Takes a lock: its place in the list.
    Lock(usize),
    /// Asks the guard's question.
    Guard,
    /// Is the plan's own.
    Plan(&'p str),
    /// Checks what the plan asserts.
    Assert(&'p Assert),
    /// Counts again what would be lost.
    Count,
    /// Counts what the statements before it lost.
    Behind,
}

/// Message that holds all that a part does in its transaction, from its locks to its end. Nobody waits behind its locks
/// for more than the server's own work, however far away pgform is, and nothing is half done if pgform falls silent.
pub(super) struct Batch<'p> {
    statements: Vec<(Why<'p>, String)>,
    /// Says that all of its locks are for a moment, and that somebody may wait behind them.
    pub(super) bounded: bool,
    wanted: &'p [Wanted],
    /// Segment, from 1, and what it loses unless nothing of it is there: on the way back, and forward.
    number: u32,
    counted: Vec<&'p Condition>,
    behind: Vec<&'p Look>,
}

impl<'p> Batch<'p> {
    pub(super) fn of(
        cx: &Context<'_>,
        part: &Part<'p>,
        (wanted, nowait): (&'p [Wanted], bool),
        (keeper, counted): (Option<&Keeper>, Vec<&'p Condition>),
    ) -> Self {
        let moment = !part.locks.is_empty() && part.locks.iter().all(|lock| lock.held == Held::Moment);
        let bounded = moment && cx.settings.deadline.is_some();
        let allowed = |look: &Look| (cx.allowed_ahead)(&HazardKind::DataLoss, &look.object);
        let behind = part.looks.iter().filter(|look| look.behind.is_some() && !allowed(look)).collect();
        let mut batch = Self { statements: Vec::new(), bounded, wanted, number: part.number, counted, behind };
        let row = |status| keeper.zip(part.row(cx)).map(|(keeper, row)| keeper.row(row, status));
        batch.own(row(RowStatus::Started).unwrap_or_default());
        // Each waits in turn, and all of them together no longer than one may.
        let waits = wanted.iter().filter(|lock| lock.by_statement).count().max(1);
        let stall = cx.settings.max_stall.as_millis() / waits as u128;
        batch.own(vec![
            format!("set local lock_timeout = '{}ms'", stall.max(1)),
            format!("set local statement_timeout = '{}ms'", if bounded { MOMENT.as_millis() } else { 0 }),
        ]);
        for (at, lock) in wanted.iter().enumerate().filter(|(_, lock)| lock.by_statement) {
            batch.statements.push((Why::Lock(at), locks::statement(lock, nowait)));
        }
        let inside = cx.guard.inside(part.point());
        if let Some(inside) = &inside {
            batch.statements.push((Why::Guard, refuse_unless(inside)));
        }
        if let Some(sql) = none_or_error(batch.counted.iter().map(|c| c.count.clone())) {
            batch.statements.push((Why::Count, sql));
        }
        part.steps.iter().for_each(|step| batch.step(cx, step));
        // Losses that are allowed are not counted; that they can be is shown all the same, in the proof as well.
        let goes = part.looks.iter().filter(|look| allowed(look)).filter_map(|look| look.behind.as_ref());
        batch.own(goes.map(|rows| format!("explain {rows}")).collect());
        if let Some(sql) = none_or_error(batch.behind.iter().filter_map(|l| l.behind.as_deref()).map(counting)) {
            batch.statements.push((Why::Behind, sql));
        }
        if let Some(inside) = &inside {
            batch.own(vec![format!("select '{SEEN}', seen from ({}) as of(seen)", inside.query)]);
        }
        batch.own(row(part.finished()).unwrap_or_default());
        batch.own(vec!["commit".to_owned()]);
        batch
    }

    fn own(&mut self, statements: Vec<String>) {
        self.statements.extend(statements.into_iter().map(|sql| (Why::Own, sql)));
    }

    fn step(&mut self, cx: &Context<'_>, step: &'p Step) {
        match step {
            Step::Statement(statement) => {
                let as_login = statement.run_as == RunAs::Login && cx.settings.role.is_some();
                if as_login {
                    self.own(vec![sql::set_role(true, None)]);
                }
                self.statements.push((Why::Plan(&statement.sql), statement.sql.clone()));
                if as_login {
                    self.own(vec![sql::set_role(true, cx.settings.role.as_deref())]);
                }
            }
            Step::Assert(assert) => self.statements.push((Why::Assert(assert), assert_sql(assert))),
        }
    }

    /// Gives all statements as one message.
    pub(super) fn text(&self) -> String {
        // A line of its own: a statement may end in a comment.
        self.statements.iter().map(|(_, sql)| sql.as_str()).collect::<Vec<_>>().join("\n;\n")
    }

    /// Finds the answer that the guard's question gave behind the last statement.
    pub(super) fn seen(rows: &[Vec<Option<String>>]) -> Option<String> {
        let tagged = |row: &&Vec<Option<String>>| row.len() == 2 && row[0].as_deref() == Some(SEEN);
        rows.iter().rfind(tagged).and_then(|row| row[1].clone())
    }

    /// Reads an error that came after `done` statements: which statement failed, and why.
    pub(super) fn failure(&self, plan: Called<'_>, error: ServerError, done: usize) -> Failure {
        if error.connection_lost {
            return Failure::Server { error, statement: None };
        }
        let lock = |at: Option<&Wanted>| Failure::Locked { relation: at.map(|lock| lock.object) };
        let counts = || error.message.split_once(LOST).map_or("", |(_, counts)| counts.trim_end_matches('"'));
        match self.statements.get(done).map(|(why, _)| why) {
            Some(Why::Guard) if error.message.contains(MOVED) => Failure::Moved,
            Some(Why::Count) if error.message.contains(LOST) => {
                Failure::Refused(conditions::lost(self.number, &self.counted, counts()))
            }
            Some(Why::Behind) if error.message.contains(LOST) => {
                Failure::Refused(ahead::lost(plan, self.number, &self.behind, counts()))
            }
            // Nobody cancelled it but the server.
            Some(Why::Count) if error.is("57014") => {
                Failure::Refused(conditions::uncounted(self.number, &self.counted, MOMENT))
            }
            Some(Why::Behind) if error.is("57014") => {
                Failure::Refused(ahead::uncounted(plan, self.number, &self.behind, MOMENT))
            }
            Some(Why::Assert(assert)) if error.message.contains(FOUND) => not_so(assert, &error.message),
            Some(Why::Lock(at)) if is_lock_failure(&error) => lock(self.wanted.get(*at)),
            // A lock that `lock table` could not take before: an index's, a sequence's, a view's.
            _ if is_lock_failure(&error) => lock(self.wanted.first()),
            Some(Why::Plan(sql)) => Failure::Server { error, statement: Some((*sql).to_owned()) },
            Some(Why::Own | Why::Lock(_) | Why::Guard | Why::Assert(_) | Why::Count | Why::Behind) | None => {
                Failure::Server { error, statement: None }
            }
        }
    }
}

/// Gives a question that asks all counts, with an error that tells them where any is not 0; nothing where there is
/// none.
fn none_or_error(counts: impl Iterator<Item = String>) -> Option<String> {
    let counts: Vec<String> = counts.map(|count| format!("({count}\n)::pg_catalog.int8")).collect();
    let names: Vec<String> = (1..=counts.len()).map(|n| format!("n{n}")).collect();
    let none: Vec<String> = names.iter().map(|name| format!("{name} = 0")).collect();
    (!names.is_empty()).then(|| {
        format!(
            "select case when {} then 0 else ('{LOST}' || pg_catalog.concat_ws(',', {}))::pg_catalog.int4 end \
             from (select {}) as of({})",
            none.join(" and "),
            names.join(", "),
            counts.join(", "),
            names.join(", ")
        )
    })
}

/// Gives the guard's question, with an error for another answer than the one it expects.
fn refuse_unless(Inside { query: _, asks, expects }: &Inside) -> String {
    format!(
        "select case when seen::pg_catalog.jsonb = {}::pg_catalog.jsonb then 0 \
         else ('{MOVED}' || seen)::pg_catalog.int4 end from ({asks}) as of(seen)",
        sql::literal(expects)
    )
}

/// Gives the plan's question, with an error for another answer than the one it expects. Values are compared as the
/// protocol prints them, where a boolean is a letter.
fn assert_sql(assert: &Assert) -> String {
    format!(
        "select case when found = {} then 0 else ('{FOUND}' || coalesce(found, 'null'))::pg_catalog.int4 end \
         from (select case pg_catalog.pg_typeof(one)::pg_catalog.text when 'boolean' then pg_catalog.left(one::pg_catalog.text, 1) \
         else one::pg_catalog.text end from (select ({}\n) as one) as asked) as of(found)",
        sql::literal(&assert.expect),
        assert.sql
    )
}

fn not_so(assert: &Assert, message: &str) -> Failure {
    let found = message.split_once(FOUND).map_or("", |(_, found)| found.trim_end_matches('"'));
    Failure::Refused(
        Diagnostic::error(Code::Assumption, assert.says.clone())
            .help(format!("the plan expects `{}` here and found `{found}`, asking: {}", assert.expect, assert.sql)),
    )
}
