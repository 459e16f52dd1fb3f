//! Findings of `doctor` about invalid indexes, unvalidated constraints, and publications that carry the journal.
use crate::diagnostic::Command;
use crate::report::Finding;
use crate::server::ServerError;
use crate::workflow::invocation::project::Connected;

/// Publications and slots that would carry the journal's rows to where its tables are not.
pub(super) async fn publications(connected: &mut Connected, has_journal: bool) -> Result<Vec<Finding>, ServerError> {
    const ABOUT: &str = "publications";
    let carriers = crate::execute::Journal::carriers(&mut connected.connection).await?;
    if carriers.is_empty() {
        return Ok(vec![Finding::well(ABOUT, "none carries pgform's journal elsewhere")]);
    }
    let which = carriers.join(", ");
    Ok(vec![if has_journal {
        Finding::well(
            ABOUT,
            format!("{which} carries the journal too; its subscribers have its tables, or have stopped"),
        )
    } else {
        let says = format!("{which} would carry pgform's journal to subscribers that lack its tables, and stop them");
        Finding::wrong(ABOUT, says).way(
            "says what to run on each subscriber first",
            Command::new("apply").on_database(),
            &connected.again,
        )
    }])
}

/// Indexes that a build left behind: they cost every write, and serve no query.
pub(super) async fn indexes(connected: &mut Connected, midway: bool) -> Result<Vec<Finding>, ServerError> {
    const ABOUT: &str = "indexes";
    let query = "
        select pg_catalog.format('%I.%I', n.nspname, c.relname), i.indrelid::pg_catalog.regclass::text, p.pid::text
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_stat_progress_create_index p on p.index_relid = i.indexrelid
        where not i.indisvalid and n.nspname !~ '^pg_' order by 1";
    let rows = connected.connection.query_text(query).await?;
    if rows.is_empty() {
        return Ok(vec![Finding::well(ABOUT, "none is invalid")]);
    }
    let one = |row: Vec<Option<String>>| {
        let [index, table, pid] = row.try_into().ok()?;
        let (index, table) = (index?, table?);
        if let Some(pid) = pid {
            return Some(Finding::well(ABOUT, format!("{index} on {table} is being built by pid {pid}")));
        }
        let says =
            format!("{index} on {table} is invalid: a build of it did not end, and each write still pays for it");
        let found = Finding::warning(ABOUT, says);
        Some(match midway {
            true => found.mend("a plan stopped midway here: its next run takes its own leftovers away"),
            false => found.mend(format!("drop index concurrently {index}")),
        })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// Constraints that a stopped plan left in force for new rows, not validated for old ones.
pub(super) async fn constraints(connected: &mut Connected, midway: bool) -> Result<Vec<Finding>, ServerError> {
    const ABOUT: &str = "constraints";
    let query = "
        select c.conrelid::pg_catalog.regclass::text, pg_catalog.quote_ident(c.conname),
               pg_catalog.pg_get_constraintdef(c.oid)
        from pg_catalog.pg_constraint c
        where not c.convalidated and c.conrelid <> 0 and c.conname like '~%' order by 1, 2";
    let one = |row: Vec<Option<String>>| {
        let [table, name, says] = row.try_into().ok()?;
        let (table, name, says) = (table?, name?, says?);
        let text = format!("{name} on {table} is in force for new rows, and was never looked at for old ones: {says}");
        let found = Finding::warning(ABOUT, text);
        Some(match midway {
            true => found.mend("a plan stopped midway here: its next run, or its way back, takes it away"),
            false => found.mend(format!("alter table {table} drop constraint {name}")),
        })
    };
    Ok(connected.connection.query_text(query).await?.into_iter().filter_map(one).collect())
}
