//! Fills the materialized views of the shadow anew once it has rows, so that the proof sees what their indexes refuse.
use super::seed::Seeded;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Index, Object, ObjectId, Qualified, RelationName, State, Typed, View};
use crate::plan::{
    reached, reached_first,
    sql::{create_index, list},
};
use crate::server::{Connection, ServerError};
use std::collections::BTreeSet;

/// Refreshes each materialized view that has rows, those first that others stand on. Where the made-up rows are such that a
/// query, or an index over what it gives, fails on them, before the plan or behind it, the tables beneath get none: that is
/// told in words.
///
/// # Errors
/// If the shadow fails.
pub(super) async fn refreshed(
    connection: &mut Connection,
    before: &State,
    after: &State,
    seeded: &mut Seeded,
) -> Result<(), Diagnostics> {
    // Once more at the end: what stands on a table that has no rows any more has none either.
    for (state, is_before) in [(before, true), (after, false), (before, true)] {
        for id in in_order(state) {
            let Some(view) = id.qualified().and_then(|name| state.view(&name)) else { continue };
            let sql = match is_before {
                true => format!("refresh materialized view {}", id.sql()),
                false => trial(state, &id, view),
            };
            let Err(error) = run(connection, &sql).await? else { continue };
            if is_of_rows(&error) && empty(connection, before, beneath(state, &id), &mut seeded.rows).await? {
                let why = format!("no rows beneath materialized view {}: {}", id.short(), error.message);
                seeded.without.push(why);
                run(connection, &sql).await?.map_err(|error| failed(&error))?;
            }
        }
    }
    Ok(())
}

fn failed(error: &ServerError) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the shadow ended: {}", error.message)).into()
}

/// Runs statements in a transaction of their own.
async fn run(connection: &mut Connection, sql: &str) -> Result<Result<(), ServerError>, Diagnostics> {
    match connection.batch(sql).await {
        Ok(()) => Ok(Ok(())),
        Err(error) if error.connection_lost => Err(failed(&error)),
        Err(error) => Ok(Err(error)),
    }
}

/// Tells whether an error is one of values: of data, or of a key that they break. What a plan has yet to make is not there,
/// and no error of rows.
fn is_of_rows(error: &ServerError) -> bool {
    error.sqlstate.as_ref().is_some_and(|state| state.as_str().starts_with("22") || state.as_str().starts_with("23"))
}

/// The statements that make what a materialized view is to be, with its indexes, under a name that goes again.
fn trial(state: &State, id: &ObjectId, view: Typed<'_, View>) -> String {
    let table = Qualified::new("pg_temp", "pgform_trial");
    let columns = if view.columns.is_empty() { String::new() } else { format!(" ({})", list(&view.columns)) };
    let mut sql = vec![format!("create temporary table pgform_trial{columns} as\n{}", view.query.sql())];
    let own = state.indexes().filter(|(_, index)| Some(index.table) == id.qualified());
    let on_trial = own.enumerate().map(|(number, (_, index))| {
        let index = Index { table, tablespace: None, ..index.own.clone() };
        create_index(&RelationName::new(format!("pgform_trial_{number}")), &index, false)
    });
    sql.extend(on_trial);
    sql.push("drop table pg_temp.pgform_trial".to_owned());
    sql.join(";\n")
}

/// Takes the rows away from tables, those that refer to them too; tells whether there were any tables. `rows` is how many
/// there are in all.
async fn empty(
    connection: &mut Connection,
    before: &State,
    tables: BTreeSet<Qualified>,
    rows: &mut u64,
) -> Result<bool, Diagnostics> {
    let there: Vec<Qualified> = tables.into_iter().filter(|table| before.table(table).is_some()).collect();
    if there.is_empty() {
        return Ok(false);
    }
    for table in &there {
        let counted = connection.query_text(&format!("select count(*) from {table}")).await.map_err(|e| failed(&e))?;
        let count = counted.first().and_then(|row| row.first()?.as_deref()?.parse::<u64>().ok());
        *rows = rows.saturating_sub(count.unwrap_or_default());
    }
    run(connection, &format!("truncate table {} cascade", list(&there))).await?.map_err(|error| failed(&error))?;
    Ok(true)
}

/// The objects that a view stands on.
fn stands_on(state: &State, id: ObjectId) -> Vec<ObjectId> {
    let view = state.get(&id).filter(|object| object.view().is_some());
    view.map(|object| object.head.depends_on.iter().copied().collect()).unwrap_or_default()
}

/// The tables that a view's rows come from.
fn beneath(state: &State, view: &ObjectId) -> BTreeSet<Qualified> {
    reached([*view], |id| stands_on(state, id)).iter().filter_map(ObjectId::table_of).collect()
}

/// The materialized views that have rows, each behind those that it stands on.
fn in_order(state: &State) -> Vec<ObjectId> {
    let views = state.objects.iter().filter(|(_, object)| object.view().is_some()).map(|(id, _)| *id);
    let filled = |id: &ObjectId| state.get(id).and_then(Object::view).is_some_and(View::has_rows);
    reached_first(views, |id| stands_on(state, id)).into_iter().filter(filled).collect()
}
