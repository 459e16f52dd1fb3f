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

/// The settings that decide how PostgreSQL prints and reads what pgform compares; the same wherever pgform works.
/// `search_path` is not among them: it is empty when reading and `pg_catalog` when writing.
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
];

/// The name of the setting by which a session is recognised.
const NONCE: &str = "pgform.session";
/// What a reading session is called, where the user has not named it.
const READING: &str = "pgform";

/// The statements that pin a session: for a transaction if `local`, and with this `search_path`.
#[must_use]
pub fn pinned(local: bool, search_path: &str) -> String {
    let set = if local { "set local" } else { "set" };
    PINNED
        .iter()
        .copied()
        .chain([("search_path", search_path)])
        .map(|(name, value)| format!("{set} {name} = '{}';\n", value.replace('\'', "''")))
        .collect()
}

/// How catalogs are read faster: PostgreSQL knows too little about joins of its own catalogs, sorts both sides to merge
/// them where a hash takes a third of the time, and compiles what runs once.
const PLANNED: &str = "set local enable_mergejoin = off;\nset local jit = off;\n";

/// The beginning of a transaction that only reads.
pub(super) fn reading() -> String {
    format!("begin isolation level repeatable read read only;\n{}{PLANNED}", pinned(true, ""))
}

/// A session that only reads: one repeatable-read transaction from here to [`Connection::close`], which sets nothing
/// beyond its own end. So it may run behind any pooler.
///
/// # Errors
/// If the database cannot be reached or is too old.
pub async fn connect_reading(options: &ConnectOptions) -> Result<Connection, Diagnostic> {
    let name = options.application_name.as_deref().unwrap_or(READING);
    let dialled = dial_or_say(options, name).await?;
    // Before diesel has the connection: it sets time zone and encoding for the session, and the rollback undoes that too.
    let begin = reading();
    let info = in_time(options, &dialled.at, async {
        dialled.query(&begin).await?;
        ServerInfo::ask(&dialled).await
    });
    let info = info.await?;
    let mut connection = wrap(dialled, info, true).await?;
    // A cached prepared statement would outlive the transaction, on a server connection that is then someone else's.
    connection.diesel().set_prepared_statement_cache_size(diesel::connection::CacheSize::Disabled);
    Ok(connection)
}

/// A session that writes, pinned for its whole life, shown as `application_name`.
///
/// # Errors
/// [`Code::Pooler`] if something between pgform and the server would share the session with others; nothing was set then.
/// Otherwise as [`connect_reading`].
pub async fn connect_writing(options: &ConnectOptions, application_name: &str) -> Result<Connection, Diagnostic> {
    options.tls.client_config()?;
    let nonce = nonce();
    let own = options.options.as_deref().unwrap_or_default();
    let startup = format!("{own} -c {NONCE}={nonce}");
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
        let info = ServerInfo::ask(&dialled).await?;
        dialled.query(&pinned(false, "pg_catalog")).await?;
        Ok(info)
    });
    let info = info.await?;
    wrap(dialled, info, false).await
}

/// The first answers within the time that connecting may take: what lets people in and is then silent (a pooler whose
/// server is gone) would be waited for in vain.
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

/// PgBouncer: `unsupported startup parameter: options` or `… in options: pgform.session`; others word it their own way.
fn refuses_options(error: &ServerError) -> bool {
    let message = error.message.to_lowercase();
    message.contains("startup parameter")
        || (error.is("08P01") && message.contains("options"))
        || message.contains(NONCE)
}

/// Different each time; nobody needs to be unable to guess it.
fn nonce() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random() ^ u64::from(std::process::id()))
}

async fn wrap(dialled: Dialled, info: ServerInfo, reading: bool) -> Result<Connection, Diagnostic> {
    let Dialled { client, tap, driver, canceller, at: _ } = dialled;
    let diesel = AsyncPgConnection::try_from(client).await.map_err(ServerError::from)?;
    Ok(Connection::new(diesel, (Arc::clone(&tap), driver, canceller), info, reading))
}
