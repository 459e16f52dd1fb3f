//! Brings a journal of an earlier format to the one that this pgform writes.
use super::{
    Access, Journal,
    create::refuse_carriers,
    format::{FORMAT, check_format},
    record::BEGIN,
};
use crate::{diagnostic::Diagnostic, execute::sql::literal, server::Connection};

/// Statements that bring format 1 to format 2.
const WHO: &str = "alter table pgform.run add column who text;";

impl Journal {
    /// Brings a journal of an earlier format to this one, before anything is written to it. `carriers_ready` says that whoever
    /// subscribes to everything in this database has been prepared for it.
    ///
    /// # Errors
    /// Errors of [`Self::create`].
    pub async fn upgrade(connection: &mut Connection, carriers_ready: bool) -> Result<(), Diagnostic> {
        if Self::format(connection).await? >= FORMAT {
            return Ok(());
        }
        if !carriers_ready {
            let says = "it gets a column, and its next row would stop a subscriber that lacks it";
            refuse_carriers(connection, says, WHO).await?;
        }
        connection.batch(BEGIN).await?;
        let done = inside(connection).await;
        if done.is_err() && !connection.is_closed() {
            connection.batch("rollback").await?;
        }
        done
    }

    /// Reads the format of the journal that is there, behind a look at what it is.
    pub(super) async fn format(connection: &mut Connection) -> Result<i32, Diagnostic> {
        connection.batch("begin isolation level read committed read only").await?;
        let format = match Self::look(connection, Access::Read).await {
            Ok(keeper) => check_format(connection, &keeper).await,
            Err(refused) => Err(refused),
        };
        if !connection.is_closed() {
            connection.batch("rollback").await?;
        }
        format
    }
}

/// Reads the format again behind the lock, as another pgform may have been here meanwhile, and upgrades.
async fn inside(connection: &mut Connection) -> Result<(), Diagnostic> {
    let keeper = Journal::look(connection, Access::Change).await?;
    let column = if keeper.says_who { "" } else { WHO };
    let made_by = literal(env!("CARGO_PKG_VERSION"));
    let mark = format!("update pgform.journal_format set format = {FORMAT}, made_by = {made_by} where id = 1");
    let sql = match check_format(connection, &keeper).await? {
        older if older < FORMAT => keeper.does(&format!("{column}{mark}")),
        _ => String::new(),
    };
    Ok(connection.batch(&format!("{sql}\ncommit")).await?)
}
