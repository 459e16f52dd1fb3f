use super::{
    Direction, Journal, Kind, RunStatus,
    tables::{label, plan, run, segment},
};
use crate::{
    diagnostic::Diagnostic,
    execute::{PlanToRun, sql},
    model::Digest,
    server::{Connection, ServerError},
};
use diesel::{
    ExpressionMethods,
    sql_types::{Nullable, Timestamptz},
    upsert::excluded,
};
use diesel_async::RunQueryDsl;

/// What a database knows about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The environment's name, if it has one.
    pub environment: Option<String>,
    /// `database`; `schema: NAME` is reserved.
    pub target: String,
    /// What the environment demands, as JSON.
    pub requires: String,
}

/// Why a run changed nothing that had nothing to do.
pub const NOTHING_TO_DO: &str = "nothing to do: every plan was applied here";

/// What a segment's row says.
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

/// Which row: part 0 is the way forward, parts from 1 are the way back's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::execute) struct Row {
    pub(in crate::execute) run: i64,
    pub(in crate::execute) number: u32,
    pub(in crate::execute) part: u32,
    pub(in crate::execute) parts: u32,
}

fn number(of: u32) -> i32 {
    i32::try_from(of).unwrap_or(i32::MAX)
}

impl Journal {
    /// Writes what the database is to know about itself.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn set_label(connection: &mut Connection, new: &Label) -> Result<(), Diagnostic> {
        let values = (
            label::id.eq(1),
            label::environment.eq(new.environment.as_deref()),
            label::target.eq(&new.target),
            label::requires.eq(&new.requires),
        );
        let set = (
            label::environment.eq(excluded(label::environment)),
            label::target.eq(excluded(label::target)),
            label::requires.eq(excluded(label::requires)),
        );
        let insert = diesel::insert_into(label::table).values(values).on_conflict(label::id).do_update().set(set);
        let done = insert.execute(connection.diesel()).await;
        done.map_err(|error| connection.explain(error))?;
        Ok(())
    }

    /// Forgets which plans there are and what ran; what the database knows about itself stays.
    ///
    /// # Errors
    /// If the server refuses.
    pub(in crate::execute) async fn forget(connection: &mut Connection) -> Result<(), Diagnostic> {
        let all = "delete from pgform.segment; delete from pgform.run; delete from pgform.plan";
        Ok(connection.batch(all).await?)
    }

    /// Records that a plan's state is there without its segments having run: [`Kind::Adopt`] or [`Kind::Build`].
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn record(connection: &mut Connection, plan: &PlanToRun, kind: Kind) -> Result<(), Diagnostic> {
        let id = Self::begin(connection, plan, Direction::Forward, kind).await?;
        Ok(Self::end(connection, id, RunStatus::Done, None).await?)
    }

    /// Records that an apply found nothing to do, once for all that follow each other: what ran last is then known to have
    /// changed nothing.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn found_nothing_to_do(connection: &mut Connection, at: &Digest) -> Result<(), Diagnostic> {
        let (plan, message) = (sql::literal(at.as_str()), sql::literal(NOTHING_TO_DO));
        let version = sql::literal(env!("CARGO_PKG_VERSION"));
        let (forward, apply, failed) = (Direction::Forward.as_str(), Kind::Apply.as_str(), RunStatus::Failed.as_str());
        let statement = format!(
            "with again as (
                 update pgform.run set started_at = pg_catalog.clock_timestamp(),
                        finished_at = pg_catalog.clock_timestamp(), login = session_user, role = current_user,
                        pgform = {version}
                 where id = (select pg_catalog.max(id) from pgform.run) and plan = {plan} and status = '{failed}'
                       and message = {message}
                 returning id)
             insert into pgform.run (plan, direction, kind, status, pgform, message, finished_at)
             select {plan}, '{forward}', '{apply}', '{failed}', {version}, {message}, pg_catalog.clock_timestamp()
             where not exists (select from again)"
        );
        Ok(connection.batch(&statement).await?)
    }

    /// Stores the plan where it is not yet, and begins a run of it.
    pub(in crate::execute) async fn begin(
        connection: &mut Connection,
        to_run: &PlanToRun,
        direction: Direction,
        kind: Kind,
    ) -> Result<i64, ServerError> {
        let values = (
            plan::digest.eq(to_run.digest.as_str()),
            plan::body.eq(to_run.body_digest.as_str()),
            plan::parent.eq(to_run.parent.as_ref().map(Digest::as_str)),
            plan::name.eq(&to_run.name),
            plan::segments.eq(number(to_run.segments())),
            plan::bytes.eq(&to_run.bytes),
        );
        let insert = diesel::insert_into(plan::table).values(values).on_conflict(plan::digest).do_nothing();
        let stored = insert.execute(connection.diesel()).await;
        stored.map_err(|error| connection.explain(error))?;
        let values = (
            run::plan.eq(to_run.digest.as_str()),
            run::direction.eq(direction.as_str()),
            run::kind.eq(kind.as_str()),
            run::status.eq(RunStatus::Running.as_str()),
            run::pgform.eq(env!("CARGO_PKG_VERSION")),
        );
        let insert = diesel::insert_into(run::table).values(values).returning(run::id);
        let id = insert.get_result(connection.diesel()).await;
        id.map_err(|error| connection.explain(error))
    }

    /// Ends a run.
    pub(in crate::execute) async fn end(
        connection: &mut Connection,
        id: i64,
        status: RunStatus,
        message: Option<&str>,
    ) -> Result<(), ServerError> {
        let set = (
            run::status.eq(status.as_str()),
            run::message.eq(message),
            run::finished_at.eq(diesel::dsl::sql::<Nullable<Timestamptz>>("pg_catalog.clock_timestamp()")),
        );
        let done = diesel::update(run::table).filter(run::id.eq(id)).set(set).execute(connection.diesel()).await;
        done.map(drop).map_err(|error| connection.explain(error))
    }

    /// Writes a segment's row, or goes on in the one that says `started`.
    pub(in crate::execute) async fn row(
        connection: &mut Connection,
        row: Row,
        status: RowStatus,
        message: Option<&str>,
    ) -> Result<(), ServerError> {
        let finished = if status == RowStatus::Started { "null" } else { "pg_catalog.clock_timestamp()" };
        let finished = diesel::dsl::sql::<Nullable<Timestamptz>>(finished);
        let values = (
            segment::run.eq(row.run),
            segment::number.eq(number(row.number)),
            segment::part.eq(number(row.part)),
            segment::parts.eq(number(row.parts)),
            segment::status.eq(status.as_str()),
            segment::message.eq(message),
            segment::finished_at.eq(finished),
        );
        let set = (
            segment::status.eq(excluded(segment::status)),
            segment::message.eq(excluded(segment::message)),
            segment::finished_at.eq(excluded(segment::finished_at)),
        );
        let insert = diesel::insert_into(segment::table)
            .values(values)
            .on_conflict((segment::run, segment::number, segment::part))
            .do_update()
            .set(set);
        let done = insert.execute(connection.diesel()).await;
        done.map(drop).map_err(|error| connection.explain(error))
    }
}
