//! Begins sessions whose settings are pinned: reading ones in one transaction, writing ones for life.
use super::{
    ConnectOptions, Connection, ServerError, ServerInfo,
    dial::{Dialled, dial, dial_or_say},
    failure::Failure,
};
use crate::diagnostic::{Code, Diagnostic};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::{
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

/// The settings that decide how PostgreSQL prints and reads what pgform compares, and how it makes what a plan does not say
/// itself; the same wherever pgform works, whatever a database or a role sets. [`SEARCH_PATH`] goes with them.
pub const PINNED: &[(&str, &str)] = &[
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("quote_all_identifiers", "off"),
    ("extra_float_digits", "1"),
    ("check_function_bodies", "off"),
    ("row_security", "off"),
    ("standard_conforming_strings", "on"),
    ("client_encoding", "UTF8"),
    ("bytea_output", "hex"),
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
    ("default_tablespace", ""),
    ("default_table_access_method", "heap"),
    ("default_toast_compression", "pglz"),
];

/// Schemas where unqualified names are found. Whoever may make a schema could otherwise put operators, functions, types
/// and relations of their own before PostgreSQL's, with `alter database … set search_path`; without `pg_temp` at the
/// end, temporary relations and types come first even so.
pub const SEARCH_PATH: &str = "pg_catalog, pg_temp";

/// The version that added `transaction_timeout`.
const TRANSACTION_TIMEOUT: u32 = 170_000;

/// The name of the setting by which a session is recognised.
const NONCE: &str = "pgform.session";
/// Name of a reading session, where the user has not given one.
const READING: &str = "pgform";

/// The statements that pin a session: for a transaction if `local`. None of them looks anything up by name.
#[must_use]
pub fn pinned(local: bool) -> String {
    let set = if local { "set local" } else { "set" };
    let fixed = PINNED.iter().map(|(name, value)| format!("{set} {name} = '{}';\n", value.replace('\'', "''")));
    // The path first: the rest is read under it.
    std::iter::once(format!("{set} search_path = {SEARCH_PATH};\n")).chain(fixed).collect()
}

/// Settings by which catalogs are read faster: PostgreSQL knows too little about joins of its own catalogs, sorts both
/// sides to merge them where a hash takes a third of the time, and compiles what runs once.
const PLANNED: &str = "set local enable_mergejoin = off;\nset local jit = off;\n";

/// Settings that lift the application's time-outs for what only reads; whose client has been silent for an hour is
/// over.
const PATIENT: &str = "\
set local statement_timeout = 0;
set local lock_timeout = 0;
set local idle_in_transaction_session_timeout = '1h';
";

/// Settings that a session that writes needs beside the pins: none of the application's time-outs, and transactions as
/// PostgreSQL begins them by itself.
const WRITING: &str = "\
set statement_timeout = 0;
set lock_timeout = 0;
set idle_in_transaction_session_timeout = 0;
set idle_session_timeout = 0;
set default_transaction_isolation = 'read committed';
set default_transaction_read_only = off;
set default_transaction_deferrable = off";

/// The beginning of a transaction that only reads. No time-out of the application's cuts it off.
pub(super) fn reading() -> String {
    format!("begin isolation level repeatable read read only;\n{}{PLANNED}{PATIENT}", pinned(true))
}

/// Gives the beginning of a transaction like [`reading`], where the server is known already.
pub(super) fn reading_again(info: &ServerInfo) -> String {
    let timeout = if info.version_num >= TRANSACTION_TIMEOUT { "set local transaction_timeout = 0;\n" } else { "" };
    // The role as `set role` was when the session began, or as it was made then.
    let role = if info.acts_as == info.role { "set local role none;\n" } else { "" };
    format!("{}{timeout}{role}", reading())
}

/// Begins a session that only reads: one repeatable-read transaction from here to [`Connection::close`], which sets
/// nothing beyond its own end. So it may run behind any pooler.
///
/// # Errors
/// If the database cannot be reached or is too old.
pub async fn connect_reading(options: &ConnectOptions) -> Result<Connection, Diagnostic> {
    let name = options.application_name.as_deref().unwrap_or(READING);
    let dialled = dial_or_say(options, name).await?;
    // Before diesel has the connection: it sets time zone and encoding for the session, and the rollback undoes that too.
    let begin = reading();
    let info = in_time(options, &dialled.at, async {
        if let Err(error) = dialled.query(&begin).await {
            return Err(ServerInfo::why_not(&dialled, error).await);
        }
        let info = ServerInfo::ask(&dialled, true).await?;
        if info.version_num >= TRANSACTION_TIMEOUT {
            dialled.query("set local transaction_timeout = 0").await?;
        }
        Ok(info)
    });
    let info = info.await?;
    let mut connection = wrap(dialled, info, true).await?;
    // A cached prepared statement would outlive the transaction, on a server connection that is then someone else's.
    connection.diesel().set_prepared_statement_cache_size(diesel::connection::CacheSize::Disabled);
    Ok(connection)
}

/// Begins a session that writes, pinned for its whole life, shown as `application_name`.
///
/// # Errors
/// [`Code::Pooler`] if something between pgform and the server would share the session with others; nothing was set then.
/// Otherwise those of [`connect_reading`].
pub async fn connect_writing(options: &ConnectOptions, application_name: &str) -> Result<Connection, Diagnostic> {
    options.tls.client_config()?;
    let nonce = nonce();
    let own = options.options.as_deref().unwrap_or_default();
    // The client's words in the beginning count for more than what a database or a role sets.
    let startup =
        format!("{own} -c {NONCE}={nonce} -c search_path=pg_catalog -c statement_timeout=0 -c idle_session_timeout=0");
    let dialled = match dial(options, Some(startup.trim_start()), application_name).await {
        Ok(dialled) => dialled,
        Err((Failure::Refused(error), at)) if refuses_options(&error) => {
            return Err(pooler(&format!("{at} takes no options from a client ({})", error.message)));
        }
        Err((failure, at)) => return Err(failure.into_diagnostic(&at, options)),
    };
    let info = in_time(options, &dialled.at, async {
        let rows = dialled.query(&format!("select pg_catalog.current_setting('{NONCE}', true)")).await?;
        if rows.into_iter().flatten().next().flatten().as_deref() != Some(&nonce) {
            let at = &dialled.at;
            return Err(pooler(&format!("{at} hands the session to a server that never saw pgform's options")));
        }
        // Before the first question that compares anything: see `SEARCH_PATH`.
        if let Err(error) = dialled.query(&format!("{}{WRITING}", pinned(false))).await {
            return Err(ServerInfo::why_not(&dialled, error).await);
        }
        let info = ServerInfo::ask(&dialled, false).await?;
        if info.version_num >= TRANSACTION_TIMEOUT {
            dialled.query("set transaction_timeout = 0").await?;
        }
        for watched in options.line.servers_end() {
            match dialled.query(&watched).await {
                Err(lost) if lost.connection_lost => return Err(lost.into()),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(info)
    });
    let info = info.await?;
    wrap(dialled, info, false).await
}

/// Bounds the first answers by the time that connecting may take: what lets people in and is then silent (a pooler
/// whose server is gone) would be waited for in vain.
async fn in_time<T>(
    options: &ConnectOptions,
    at: &str,
    work: impl Future<Output = Result<T, Diagnostic>>,
) -> Result<T, Diagnostic> {
    let Some(limit) = options.connect_timeout else { return work.await };
    let late = |_| {
        let message = format!("{at} lets pgform in and does not answer within {} s (connect_timeout)", limit.as_secs());
        Diagnostic::error(Code::Connect, message).help("if a pooler listens there: does it reach its server?")
    };
    tokio::time::timeout(limit, work).await.map_err(late)?
}

fn pooler(why: &str) -> Diagnostic {
    Diagnostic::error(Code::Pooler, format!("there is a pooler in front of the server: {why}")).help(
        "writing needs a session of its own, as settings and locks would reach other clients of the pooler: \
         give the server's direct address (or the pooler's port for session pooling, where it passes `options` on)",
    )
}

/// Tells whether an error is a pooler's that takes no options. PgBouncer: `unsupported startup parameter: options` or
/// `… in options: pgform.session`; others word it their own way.
fn refuses_options(error: &ServerError) -> bool {
    let message = error.message.to_lowercase();
    message.contains("startup parameter")
        || (error.is("08P01") && message.contains("options"))
        || message.contains(NONCE)
}

/// Makes a text that is different each time; nobody needs to be unable to guess it.
fn nonce() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random() ^ u64::from(std::process::id()))
}

async fn wrap(dialled: Dialled, info: ServerInfo, reading: bool) -> Result<Connection, Diagnostic> {
    let Dialled { client, tap, driver, canceller, at: _ } = dialled;
    let diesel = AsyncPgConnection::try_from(client).await.map_err(ServerError::from)?;
    Ok(Connection::new(diesel, (Arc::clone(&tap), driver, canceller), info, reading))
}
