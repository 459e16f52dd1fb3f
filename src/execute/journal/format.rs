//! Versions of the journal's tables: the one that this pgform writes, and the one that is there.
use super::keeper::{WHO, missing};
use super::{Keeper, tables::journal_format};
use crate::{
    diagnostic::{Code, Diagnostic},
    server::Connection,
};

/// Version of the journal's tables that this pgform writes, and the newest that it reads.
pub const FORMAT: i32 = 2;

/// Reads the journal's format. Refuses one that a newer pgform has changed.
pub(super) async fn check_format(connection: &mut Connection, keeper: &Keeper) -> Result<i32, Diagnostic> {
    // Not for the whole file: diesel's methods hide those of iterators and options.
    use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
    use diesel_async::RunQueryDsl;
    let found: Result<Option<(i32, String)>, _> = journal_format::table
        .filter(journal_format::id.eq(1))
        .select((journal_format::format, journal_format::made_by))
        .first(connection.diesel())
        .await
        .optional();
    match found.map_err(|error| connection.explain(error))? {
        Some((format, _)) if format <= FORMAT => fits(keeper, format).map(|()| format),
        Some((format, made_by)) => Err(Diagnostic::error(
            Code::Journal,
            format!("the journal here is of format {format}, and this pgform reads formats up to {FORMAT}"),
        )
        .help(format!("use pgform {made_by} or later"))),
        None => Err(Diagnostic::error(
            Code::Journal,
            "the journal here has lost its format: pgform.journal_format is empty",
        )),
    }
}

/// First format in which runs say who set them off.
pub(super) const SAYS_WHO: i32 = 2;

/// Refuses a journal without the columns of its format.
fn fits(keeper: &Keeper, format: i32) -> Result<(), Diagnostic> {
    if format < SAYS_WHO || keeper.says_who { Ok(()) } else { Err(missing(WHO)) }
}
