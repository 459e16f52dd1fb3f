//! Makes pgform's schema with the journal in it, and refuses where its rows would be carried to subscribers without it.
use super::{Access, FORMAT, Journal, Keeper, format::check_format};
use crate::{
    diagnostic::{Code, Diagnostic},
    execute::sql,
    server::{Connection, ServerError},
};

/// Statements that make the journal. Also what a subscriber of a `for all tables` publication runs, so that its tables
/// are there.
const DDL: &str = "\
create schema pgform;
revoke all on schema pgform from public;
create table pgform.journal_format (
    id integer primary key check (id = 1),
    format integer not null,
    made_by text not null
);
create table pgform.label (
    id integer primary key check (id = 1),
    environment text,
    target text not null,
    requires text not null
);
create table pgform.plan (
    digest text primary key,
    body text not null,
    parent text,
    name text not null,
    segments integer not null,
    bytes text not null,
    recorded_at timestamptz not null default pg_catalog.clock_timestamp()
);
create table pgform.run (
    id bigint generated always as identity primary key,
    plan text not null references pgform.plan (digest),
    direction text not null check (direction in ('forward', 'back')),
    kind text not null check (kind in ('apply', 'rollback', 'adopt', 'build', 'dry_run')),
    status text not null check (status in ('running', 'done', 'failed', 'stopped')),
    login text not null default session_user,
    role text not null default current_user,
    pgform text not null,
    message text,
    started_at timestamptz not null default pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    who text
);
create table pgform.segment (
    run bigint not null references pgform.run (id),
    number integer not null,
    part integer not null,
    seq bigint generated always as identity unique,
    parts integer not null,
    status text not null check (status in ('started', 'done', 'undone', 'found')),
    message text,
    started_at timestamptz not null default pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    primary key (run, number, part)
);
revoke all on all tables in schema pgform from public;";

/// Query for what is there under pgform's name: the schema, and the journal in it.
const THERE: &str = "\
select exists (select from pg_catalog.pg_namespace where nspname = 'pgform'),
       exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'pgform' and c.relname = 'journal_format')";

/// Query for whatever would carry the journal's rows to where its tables are not.
const CARRIERS: &str = "\
select 'publication ' || pg_catalog.quote_ident(pubname) from pg_catalog.pg_publication where puballtables
union all
select 'slot ' || pg_catalog.quote_ident(slot_name) || ' (' || plugin || ')' from pg_catalog.pg_replication_slots
where slot_type = 'logical' and database = pg_catalog.current_database()
      and (plugin <> 'pgoutput' or exists (select from pg_catalog.pg_publication where puballtables))
order by 1";

impl Journal {
    /// Tells whether there is a journal. Needs no right but to connect.
    ///
    /// # Errors
    /// If the server cannot be asked.
    pub async fn exists(connection: &mut Connection) -> Result<bool, Diagnostic> {
        Ok(there(connection).await?.1)
    }

    /// Lists whatever would carry the journal's rows to where its tables are not: publications and slots, as people
    /// name them.
    ///
    /// # Errors
    /// If the server cannot be asked.
    pub async fn carriers(connection: &mut Connection) -> Result<Vec<String>, ServerError> {
        Ok(connection.query_text(CARRIERS).await?.into_iter().flatten().flatten().collect())
    }

    /// Gives the SQL that makes the journal.
    #[must_use]
    pub fn ddl() -> &'static str {
        DDL
    }

    /// Makes the journal like [`Journal::create`], in the caller's transaction; gives the role that writes it.
    ///
    /// # Errors
    /// Errors of [`Journal::create`].
    pub(in crate::execute) async fn create_inside(
        connection: &mut Connection,
        carriers_ready: bool,
    ) -> Result<Keeper, Diagnostic> {
        if there(connection).await?.1 {
            let keeper = Self::look(connection, Access::Write).await?;
            check_format(connection, &keeper).await?;
            return Ok(keeper);
        }
        Self::create(connection, carriers_ready).await?;
        Self::look(connection, Access::Write).await
    }

    /// Makes pgform's schema with the journal, as the current role, where there is none yet, and brings one of an earlier format
    /// to this one. `carriers_ready` says that whoever subscribes to everything in this database has been prepared for it.
    ///
    /// # Errors
    /// [`Code::Publication`] if its rows would be carried to subscribers that do not have it; [`Code::Journal`] if the
    /// schema's name is taken or the journal is a newer one; [`Code::Rights`].
    pub async fn create(connection: &mut Connection, carriers_ready: bool) -> Result<(), Diagnostic> {
        match there(connection).await? {
            (_, true) => return Self::upgrade(connection, carriers_ready).await,
            (true, false) => {
                let message = "there is a schema `pgform` that holds no journal of pgform's";
                return Err(Diagnostic::error(Code::Journal, message)
                    .help("pgform keeps its journal in a schema of that name: rename or drop the one that is there"));
            }
            (false, false) => {}
        }
        if !carriers_ready {
            let says = "its first row would stop a subscriber that lacks its tables";
            refuse_carriers(connection, says, DDL).await?;
        }
        let made_by = sql::literal(env!("CARGO_PKG_VERSION"));
        let row = format!("insert into pgform.journal_format (id, format, made_by) values (1, {FORMAT}, {made_by})");
        // One string of the simple protocol is one transaction.
        connection.batch(&format!("{DDL}\n{row}")).await.map_err(|error| {
            let rights = error.is("42501");
            let diagnostic = Diagnostic::from(error);
            if rights {
                diagnostic.help(
                    "pgform's schema is made once: `grant create on database … to` the role, or make it as an owner",
                )
            } else {
                diagnostic
            }
        })
    }
}

async fn there(connection: &mut Connection) -> Result<(bool, bool), ServerError> {
    let rows = connection.query_text(THERE).await?;
    let is = |column: usize| rows.first().and_then(|row| row.get(column)).and_then(Option::as_deref) == Some("t");
    Ok((is(0), is(1)))
}

/// Refuses where the journal's rows would be carried to subscribers that lack what `sql` makes.
pub(super) async fn refuse_carriers(connection: &mut Connection, says: &str, sql: &str) -> Result<(), Diagnostic> {
    let carriers = Journal::carriers(connection).await?;
    if carriers.is_empty() {
        return Ok(());
    }
    let message = format!("pgform's journal would be published: {}; {says}", carriers.join(", "));
    Err(Diagnostic::error(Code::Publication, message)
        .help(format!(
            "keep the journal out: publish what the subscribers need by name (`create publication … for tables in schema …`) \
             and let the subscriptions take that one. Or let it go with the rest: on each subscriber run what follows, then \
             say the command again with --subscribers-ready\n{sql}"
        )))
}
