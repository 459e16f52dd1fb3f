//! Reads the journal's rows into a state of plans and runs.
use super::{
    Access, DatabaseLabel, Direction, Journal, JournalState, Kind, PlanRecord, RunRecord, RunStatus, Standing,
    fold::{SegmentRow, fold},
    format::{SAYS_WHO, check_format},
    look::{NO_VIEWS, restrict},
    record::RowStatus,
    tables::{label, plan, run, segment},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    model::Digest,
    server::Connection,
    store::PlanFile,
};
use diesel::{OptionalExtension, QueryDsl, data_types::PgTimestamp};
use diesel_async::RunQueryDsl;
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// Seconds of Unix at 2000-01-01, from which PostgreSQL counts.
const EPOCH: u64 = 946_684_800;

type PlanRow = (String, String, Option<String>, String, i32, String);
type Row = (i64, i32, i32, i32, String);
type RunRow =
    ((i64, String, String, String, String, String, String, String), (Option<String>, PgTimestamp, Option<PgTimestamp>));

impl Journal {
    /// Reads the whole journal; nothing where there is none.
    ///
    /// # Errors
    /// [`Code::Journal`] if it was made by a newer pgform, or holds what no pgform writes; [`Code::Rights`].
    pub async fn read(connection: &mut Connection) -> Result<JournalState, Diagnostic> {
        if !Self::exists(connection).await? {
            return Ok(JournalState::default());
        }
        let begin = "begin isolation level repeatable read read only";
        if connection.is_reading() {
            // The locks come before anything is seen: what is seen is then what is read.
            connection.see_present().await?;
        } else {
            connection.batch(begin).await?;
        }
        let state = Self::read_inside(connection).await;
        let end = match (&state, connection.is_reading()) {
            _ if connection.is_closed() => None,
            (Ok(_), true) => Some(restrict(NO_VIEWS[1])),
            (Err(_), true) => None,
            (Ok(_) | Err(_), false) => Some("rollback".to_owned()),
        };
        if let Some(end) = end {
            connection.batch(&end).await?;
        }
        state
    }

    /// Reads the whole journal in an open transaction, behind a look at what it is.
    async fn read_inside(connection: &mut Connection) -> Result<JournalState, Diagnostic> {
        let keeper = Self::look(connection, Access::Read).await?;
        connection.batch(&format!("{};\n{}", restrict(NO_VIEWS[0]), keeper.enter)).await?;
        let format = check_format(connection, &keeper).await?;
        let label = read_label(connection).await?;
        let plans: Result<Vec<PlanRow>, _> = plan::table
            .order((plan::recorded_at, plan::digest))
            .select((plan::digest, plan::body, plan::parent, plan::name, plan::segments, plan::bytes))
            .load(connection.diesel())
            .await;
        let plans = plans.map_err(|error| connection.explain(error))?;
        let mut plans = plans.into_iter().map(plan_record).collect::<Result<Vec<_>, _>>()?;
        let columns = (
            (run::id, run::plan, run::direction, run::kind, run::status, run::login, run::role, run::pgform),
            (run::message, run::started_at, run::finished_at),
        );
        let runs: Result<Vec<RunRow>, _> = run::table.order(run::id).select(columns).load(connection.diesel()).await;
        let runs = runs.map_err(|error| connection.explain(error))?;
        let mut runs = runs.into_iter().map(run_record).collect::<Result<Vec<_>, _>>()?;
        if format >= SAYS_WHO {
            let said: Result<Vec<(i64, Option<String>)>, _> =
                run::table.order(run::id).select((run::id, run::who)).load(connection.diesel()).await;
            let mut said: BTreeMap<i64, Option<String>> =
                said.map_err(|error| connection.explain(error))?.into_iter().collect();
            runs.iter_mut().for_each(|run| run.who = said.remove(&run.id).flatten());
        }
        let rows = read_segments(connection).await?;
        for run in &mut runs {
            let finished = rows.iter().filter(|row| row.run == run.id && row.is_finished(run.direction)).count();
            run.segments = u32::try_from(finished).unwrap_or(u32::MAX);
        }
        fold(&mut plans, &runs, &rows);
        connection.batch(&keeper.leave).await?;
        Ok(JournalState { label, plans, runs, owner: Some(keeper.owner) })
    }
}

async fn read_label(connection: &mut Connection) -> Result<Option<DatabaseLabel>, Diagnostic> {
    let columns = (label::environment, label::target, label::requires);
    let found: Result<Option<(Option<String>, String, String)>, _> =
        label::table.select(columns).first(connection.diesel()).await.optional();
    let found = found.map_err(|error| connection.explain(error))?;
    Ok(found.map(|(environment, target, requires)| DatabaseLabel { environment, target, requires }))
}

async fn read_segments(connection: &mut Connection) -> Result<Vec<SegmentRow>, Diagnostic> {
    let columns = (segment::run, segment::number, segment::part, segment::parts, segment::status);
    let rows: Result<Vec<Row>, _> = segment::table.order(segment::seq).select(columns).load(connection.diesel()).await;
    let rows = rows.map_err(|error| connection.explain(error))?;
    rows.into_iter()
        .map(|(run, number, part, parts, status)| {
            Ok(SegmentRow {
                run,
                number: count(number)?,
                part: count(part)?,
                parts: count(parts)?,
                status: known(RowStatus::parse(&status), &status)?,
            })
        })
        .collect()
}

fn plan_record((digest, body, parent, name, total, bytes): PlanRow) -> Result<PlanRecord, Diagnostic> {
    Ok(PlanRecord {
        digest: known(Digest::parse(&digest), &digest)?,
        body: known(Digest::parse(&body), &body)?,
        parent: parent.map(|parent| known(Digest::parse(&parent), &parent)).transpose()?,
        name,
        total: count(total)?,
        repairs: PlanFile::repairs(&bytes),
        bytes,
        standing: Standing::NotApplied,
        segments: BTreeMap::new(),
        since: 0,
    })
}

fn run_record(row: RunRow) -> Result<RunRecord, Diagnostic> {
    let ((id, plan, direction, kind, status, login, role, pgform), (message, started_at, finished_at)) = row;
    Ok(RunRecord {
        id,
        plan: known(Digest::parse(&plan), &plan)?,
        direction: known(Direction::parse(&direction), &direction)?,
        kind: known(Kind::parse(&kind), &kind)?,
        status: known(RunStatus::parse(&status), &status)?,
        login,
        role,
        who: None,
        pgform,
        message,
        started_at: time(started_at),
        finished_at: finished_at.map(time),
        segments: 0,
    })
}

fn time(PgTimestamp(microseconds): PgTimestamp) -> SystemTime {
    let since = Duration::from_micros(u64::try_from(microseconds).unwrap_or_default());
    SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH) + since
}

fn count(number: i32) -> Result<u32, Diagnostic> {
    known(u32::try_from(number).ok(), &number.to_string())
}

fn known<T>(value: Option<T>, text: &str) -> Result<T, Diagnostic> {
    value.ok_or_else(|| {
        Diagnostic::error(Code::Journal, format!("the journal here holds `{text}`, which no pgform writes"))
    })
}
