//! Writes to the journal: labels, plans, runs and rows of segments.
use super::{Access, Direction, Journal, Keeper, Kind, RunStatus, format::SAYS_WHO};
use crate::{
    diagnostic::{Code, Diagnostic},
    execute::{PlanToRun, sql::literal},
    model::Digest,
    server::Connection,
};

/// Value of the setting that says for whom the session works.
const WHO: &str = "nullif(pg_catalog.current_setting('pgform.who', true), '')";

/// Label of a database: what it knows about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLabel {
    /// Name of the environment, if it has one.
    pub environment: Option<String>,
    /// Target of the journal: `database`; `schema: NAME` is reserved.
    pub target: String,
    /// Demands of the environment, as JSON.
    pub requires: String,
}

/// Message of a run that changed nothing, as it had nothing to do.
pub const NOTHING_TO_DO: &str = "nothing to do: every plan was applied here";

/// Status that a segment's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::execute) enum RowStatus {
    Started,
    Done,
    Undone,
    Found,
}

impl RowStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
            Self::Undone => "undone",
            Self::Found => "found",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Started, Self::Done, Self::Undone, Self::Found].into_iter().find(|status| status.as_str() == text)
    }
}

/// Key of a segment's row: part 0 is the way forward, parts from 1 are the way back's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::execute) struct Row {
    pub(in crate::execute) run: i64,
    pub(in crate::execute) number: u32,
    pub(in crate::execute) part: u32,
    pub(in crate::execute) parts: u32,
}

fn or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), literal)
}

impl Journal {
    /// Writes the database's label.
    ///
    /// # Errors
    /// [`Code::Journal`] if the journal is not as pgform makes it; or if the server refuses.
    pub async fn set_label(connection: &mut Connection, new: &DatabaseLabel) -> Result<(), Diagnostic> {
        alone(connection, &label_sql(new)).await.map(drop)
    }

    /// Writes the label like [`Journal::set_label`], in the caller's transaction.
    pub(in crate::execute) async fn set_label_inside(
        connection: &mut Connection,
        keeper: &Keeper,
        new: &DatabaseLabel,
    ) -> Result<(), Diagnostic> {
        Ok(connection.batch(&keeper.does(&label_sql(new))).await?)
    }

    /// Forgets, in the caller's transaction, which plans there are and what ran; what the database knows about itself stays.
    ///
    /// # Errors
    /// If the server refuses.
    pub(in crate::execute) async fn forget(connection: &mut Connection) -> Result<(), Diagnostic> {
        let keeper = Self::look(connection, Access::Write).await?;
        let all = "delete from pgform.segment; delete from pgform.run; delete from pgform.plan";
        Ok(connection.batch(&keeper.does(all)).await?)
    }

    /// Records that a plan's state is there without its segments having run: [`Kind::Adopt`] or [`Kind::Build`].
    ///
    /// # Errors
    /// Errors of [`Journal::set_label`].
    pub async fn record(connection: &mut Connection, plan: &PlanToRun, kind: Kind) -> Result<(), Diagnostic> {
        let id = Self::begin(connection, plan, Direction::Forward, kind).await?;
        Self::end(connection, id, RunStatus::Done, None).await
    }

    /// Records, in the caller's transaction, that a plan's state is there without its segments having run:
    /// [`Kind::Adopt`] or [`Kind::Build`].
    pub(in crate::execute) async fn record_inside(
        connection: &mut Connection,
        keeper: &Keeper,
        plan: &PlanToRun,
        kind: Kind,
    ) -> Result<(), Diagnostic> {
        let sql = begin_sql(plan, Direction::Forward, kind, connection.acting());
        let id = run_id(connection.query_text(&keeper.does(&sql)).await?)?;
        Ok(connection.batch(&keeper.does(&end_sql(id, RunStatus::Done, None))).await?)
    }

    /// Records that an apply found nothing to do, once for all that follow each other: what ran last is then known to have
    /// changed nothing.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn found_nothing_to_do(connection: &mut Connection, at: &Digest) -> Result<(), Diagnostic> {
        // A journal of an earlier format stays what it is until a plan runs.
        let says_who = Self::format(connection).await? >= SAYS_WHO;
        let (column, value, again) =
            if says_who { (", who", format!(", {WHO}"), format!(", who = {WHO}")) } else { Default::default() };
        let (plan, message) = (literal(at.as_str()), literal(NOTHING_TO_DO));
        let (version, role) = (literal(env!("CARGO_PKG_VERSION")), literal(connection.acting()));
        let (forward, apply, failed) = (Direction::Forward.as_str(), Kind::Apply.as_str(), RunStatus::Failed.as_str());
        let statement = format!(
            "{};
             with again as (
                 update pgform.run set started_at = pg_catalog.clock_timestamp(),
                        finished_at = pg_catalog.clock_timestamp(), login = session_user, role = {role},
                        pgform = {version}{again}
                 where id = (select pg_catalog.max(id) from pgform.run) and plan = {plan} and status = '{failed}'
                       and message = {message}
                 returning id)
             insert into pgform.run (plan, direction, kind, status, login, role, pgform, message, finished_at{column})
             select {plan}, '{forward}', '{apply}', '{failed}', session_user, {role}, {version}, {message}, pg_catalog.clock_timestamp(){value}
             where not exists (select from again)",
            caught_up("run", "id")
        );
        alone(connection, &statement).await.map(drop)
    }

    /// Stores the plan where it is not yet, and begins a run of it.
    pub(in crate::execute) async fn begin(
        connection: &mut Connection,
        to_run: &PlanToRun,
        direction: Direction,
        kind: Kind,
    ) -> Result<i64, Diagnostic> {
        let sql = begin_sql(to_run, direction, kind, connection.acting());
        run_id(alone(connection, &sql).await?)
    }

    /// Ends a run.
    pub(in crate::execute) async fn end(
        connection: &mut Connection,
        id: i64,
        status: RunStatus,
        message: Option<&str>,
    ) -> Result<(), Diagnostic> {
        alone(connection, &end_sql(id, status, message)).await.map(drop)
    }

    /// Writes a segment's row, or goes on in the one that says `started`.
    pub(in crate::execute) async fn row(
        connection: &mut Connection,
        row: Row,
        status: RowStatus,
        message: Option<&str>,
    ) -> Result<(), Diagnostic> {
        alone(connection, &row_sql(row, status, message)).await.map(drop)
    }
}

impl Keeper {
    /// Gives SQL that works on the journal, run as its owner.
    pub(in crate::execute) fn does(&self, sql: &str) -> String {
        format!("{}{sql};{}", self.enter, self.leave)
    }

    /// Gives the statements that write a segment's row, in a transaction that has looked at the journal.
    pub(in crate::execute) fn row(&self, row: Row, status: RowStatus) -> Vec<String> {
        let parts = [&self.enter, &row_sql(row, status, None), &self.leave];
        let one = |sql: &str| sql.trim().trim_end_matches(';').to_owned();
        parts.into_iter().map(|sql| one(sql)).filter(|sql| !sql.is_empty()).collect()
    }
}

/// Beginning of a transaction that holds locks: if pgform falls silent in it, the server ends it.
pub(in crate::execute) const BEGIN: &str = "begin isolation level read committed read write;
set local idle_in_transaction_session_timeout = '5s'";

/// Writes to the journal in a transaction of its own, behind a look at what it is.
async fn alone(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<Option<String>>>, Diagnostic> {
    connection.batch(BEGIN).await?;
    let done = match Journal::look(connection, Access::Write).await {
        Ok(keeper) => connection.query_text(&format!("{}\ncommit;", keeper.does(sql))).await.map_err(Diagnostic::from),
        Err(refused) => Err(refused),
    };
    if done.is_err() && !connection.is_closed() {
        connection.batch("rollback").await?;
    }
    done
}

fn run_id(rows: Vec<Vec<Option<String>>>) -> Result<i64, Diagnostic> {
    let id = rows.into_iter().flatten().flatten().next_back().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Diagnostic::error(Code::Journal, "the journal here gave a run no number"))
}

fn label_sql(new: &DatabaseLabel) -> String {
    let DatabaseLabel { environment, target, requires } = new;
    format!(
        "insert into pgform.label (id, environment, target, requires) values (1, {}, {}, {}) \
         on conflict (id) do update set environment = excluded.environment, target = excluded.target, \
         requires = excluded.requires",
        or_null(environment.as_deref()),
        literal(target),
        literal(requires)
    )
}

fn begin_sql(plan: &PlanToRun, direction: Direction, kind: Kind, role: &str) -> String {
    let digest = literal(plan.digest.as_str());
    format!(
        "{};\n{};\ninsert into pgform.plan (digest, body, parent, name, segments, bytes) values ({digest}, {}, {}, {}, {}, {}) \
         on conflict (digest) do nothing;
         insert into pgform.run (plan, direction, kind, status, login, role, pgform, who) \
         values ({digest}, {}, {}, {}, session_user, {}, {}, {WHO}) returning id",
        caught_up("run", "id"),
        caught_up("segment", "seq"),
        literal(plan.body_digest.as_str()),
        or_null(plan.parent.as_ref().map(Digest::as_str)),
        literal(&plan.name),
        plan.segments(),
        literal(&plan.bytes),
        literal(direction.as_str()),
        literal(kind.as_str()),
        literal(RunStatus::Running.as_str()),
        literal(role),
        literal(env!("CARGO_PKG_VERSION"))
    )
}

/// Gives the statement that sets a sequence behind the last row, where it is behind the rows, as after a copy without
/// sequences.
fn caught_up(table: &str, column: &str) -> String {
    format!(
        "select pg_catalog.setval(s.seq, m.last) from (select pg_catalog.pg_get_serial_sequence('pgform.{table}', '{column}')\
         ::pg_catalog.regclass as seq) s, (select pg_catalog.max({column}) as last from pgform.{table}) m \
         where m.last > coalesce(pg_catalog.pg_sequence_last_value(s.seq), 0)"
    )
}

fn end_sql(id: i64, status: RunStatus, message: Option<&str>) -> String {
    format!(
        "update pgform.run set status = {}, message = {}, finished_at = pg_catalog.clock_timestamp() where id = {id}",
        literal(status.as_str()),
        or_null(message)
    )
}

fn row_sql(row: Row, status: RowStatus, message: Option<&str>) -> String {
    let Row { run, number, part, parts } = row;
    let finished = if status == RowStatus::Started { "null" } else { "pg_catalog.clock_timestamp()" };
    format!(
        "insert into pgform.segment (run, number, part, parts, status, message, finished_at) \
         values ({run}, {number}, {part}, {parts}, {}, {}, {finished}) on conflict (run, number, part) do update \
         set status = excluded.status, message = excluded.message, finished_at = excluded.finished_at",
        literal(status.as_str()),
        or_null(message)
    )
}
