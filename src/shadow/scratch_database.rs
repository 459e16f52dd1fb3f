//! Takes a scratch database that the user offers, wipes it, and gives it back empty.
use super::{
    dial::{Driver, dial},
    wipe::{self, Shared},
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use tokio_postgres::{Client, SimpleQueryMessage};

/// The comment on a scratch database while pgform works in it. A database that still carries it belongs to a pgform
/// that was killed, and is wiped instead of refused.
const IN_USE: &str = "scratch database of pgform: wiped at every use";

/// The advisory lock that keeps two pgforms out of one scratch database ("pgform-s" as a number).
const LOCK: i64 = 0x7067_666f_726d_2d73;

/// A scratch database that the user offers.
///
/// Plans hold statements that run in no transaction, so nothing is kept apart by rolling back: the database is wiped
/// before and after use, and refused if it holds anything at the start. Roles and tablespaces belong to the server; only
/// those that pgform made as stand-ins are dropped.
#[derive(Debug)]
pub(super) struct Offered {
    url: String,
    /// Connection that holds the lock; nothing else runs on it.
    keeper: Client,
    _driver: Driver,
}

impl Offered {
    /// Takes the database, or says who is in it.
    pub(super) async fn take(url: &str) -> Result<Self, Diagnostics> {
        let (keeper, driver) = dial(url).await?;
        if !truth(&keeper, &format!("select pg_catalog.pg_try_advisory_lock({LOCK})")).await? {
            return Err(Diagnostic::error(Code::Shadow, "another pgform is using the scratch database of --shadow")
                .help("wait for it, or offer each its own database")
                .into());
        }
        let ours = format!(
            "select pg_catalog.shobj_description(oid, 'pg_database') = {} \
             from pg_catalog.pg_database where datname = pg_catalog.current_database()",
            super::standin::literal(IN_USE)
        );
        if !truth(&keeper, &ours).await? {
            refuse_if_occupied(&keeper).await?;
            remark(&keeper, Some(IN_USE)).await?;
        }
        clear(&keeper, Shared::Marked).await?;
        Ok(Self { url: url.to_owned(), keeper, _driver: driver })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Gives the database back empty.
    pub(super) async fn leave(self) -> Result<(), Diagnostics> {
        clear(&self.keeper, Shared::Marked).await?;
        remark(&self.keeper, None).await
    }
}

/// Wipes through any connection to the scratch database, outside of a transaction. What the session itself holds stays:
/// the keeper's lock must.
pub(super) async fn clear(client: &Client, shared: Shared) -> Result<(), Diagnostics> {
    query(client, &wipe::database(shared)).await?;
    for drop in query(client, &wipe::tablespaces(shared)).await? {
        query(client, &drop).await?;
    }
    Ok(())
}

async fn refuse_if_occupied(keeper: &Client) -> Result<(), Diagnostics> {
    let found = query(keeper, &wipe::occupants()).await?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::Shadow,
        format!("the database of --shadow is not empty: it holds {}, and pgform would wipe it", found.join(", ")),
    )
    .help("offer an empty database made for this: create database pgform_shadow template template0")
    .into())
}

async fn remark(keeper: &Client, comment: Option<&str>) -> Result<(), Diagnostics> {
    let comment = comment.map_or_else(|| "null".to_owned(), super::standin::literal);
    let name = query(keeper, "select pg_catalog.quote_ident(pg_catalog.current_database())").await?;
    query(keeper, &format!("comment on database {} is {comment}", name.concat())).await.map(|_| ())
}

async fn truth(client: &Client, sql: &str) -> Result<bool, Diagnostics> {
    Ok(query(client, sql).await?.first().is_some_and(|answer| answer == "t"))
}

/// Runs SQL and gives the first column of all rows, nulls left out.
pub(super) async fn query(client: &Client, sql: &str) -> Result<Vec<String>, Diagnostics> {
    let messages = client.simple_query(sql).await.map_err(|error| refused(&error))?;
    let first = |message| {
        if let SimpleQueryMessage::Row(row) = message { row.get(0).map(str::to_owned) } else { None }
    };
    Ok(messages.into_iter().filter_map(first).collect())
}

fn refused(error: &tokio_postgres::Error) -> Diagnostic {
    let why =
        error.as_db_error().map_or_else(|| error.to_string(), |e| format!("{} ({})", e.message(), e.code().code()));
    let refused = Diagnostic::error(Code::Shadow, format!("the shadow could not be brought to empty: {why}"));
    match error.as_db_error().map(|e| e.code()) {
        Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) => {
            refused.help("the role of --shadow must own the database, or be a superuser of that server")
        }
        _ => refused,
    }
}
