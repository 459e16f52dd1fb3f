//! Exclusion constraints: their index is built while nobody reads or writes the table, and rows may be in its way.
use super::super::format::{BackPart, HazardKind, Held, LockMode, Look, LookKind};
use super::super::sql::{constraint_definition, list};
use super::ahead::{compared, needed, rows_of};
use super::answer::{Ahead, Grouping, Operation};
use super::constraint_subject::Subject;
use super::context::Context;
use super::marks;
use super::return_conditions::needed_columns;
use super::support::{hazard, lock, steps};
use crate::canonical::{Sameness, same_type};
use crate::model::{ColumnName, Exclusion, ExclusionKey, Object, ObjectId, Qualified, quote};

/// A constraint added to a table that is there. PostgreSQL has no way to build its index beside the table's users.
pub(super) fn building(
    context: &Context<'_>,
    (s, exclusion): (&Subject<'_>, &Exclusion),
    mut operation: Operation,
) -> Operation {
    operation.locks = vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Build)];
    operation.hazards = vec![
        hazard(HazardKind::MayFailOnRows, &s.id, "fails if two rows are in each other's way"),
        hazard(HazardKind::LongLock, &s.id, "its index is built, and nobody reads or writes the table meanwhile"),
    ];
    operation.grouping = Grouping::Alone;
    operation.ahead = Ahead::looking(rows_in_the_way(context, s, exclusion));
    operation
}

/// The way back of one that goes: its index is built again.
pub(super) fn made_again(context: &Context<'_>, s: &Subject<'_>, object: &Object) -> BackPart {
    let add = s.add(&constraint_definition(object).unwrap_or_default());
    let marked = marks::of(context.before, s.table, &s.index()).0;
    BackPart {
        locks: vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Build)],
        steps: steps(std::iter::once(add).chain(s.comment(object)).chain(marked)),
        relief: Vec::new(),
    }
}

fn rows_in_the_way(context: &Context<'_>, s: &Subject<'_>, exclusion: &Exclusion) -> Option<Look> {
    let from = rows_of(context, s.table, &needed(context, s.table, &s.id), &s.table.name.to_string())?;
    let says = format!("rows of {} that are in each other's way for {}", s.table_id.short(), s.name);
    Some(Look { kind: LookKind::Fails, object: s.id, says, rows: apart(exclusion, &from)?, behind: None })
}

/// The condition of the way back: rows written since that are in each other's way. `None` where that cannot be asked: a
/// column is gone by then, or is of another type.
pub(super) fn written_since(
    context: &Context<'_>,
    table: &Qualified,
    id: &ObjectId,
    exclusion: &Exclusion,
) -> Option<String> {
    let same = |name: &ColumnName| match (context.before.column(table, name), context.after.column(table, name)) {
        (Some(a), Some(b)) => same_type(&a.data_type, &b.data_type) == Sameness::Same,
        (_, _) => false,
    };
    let columns = needed_columns(context, table, id)?;
    let rows = columns.iter().all(same).then(|| apart(exclusion, &table.to_string()))??;
    Some(format!("select count(*) from ({rows}) as rows"))
}

/// A query of the rows that another row is in the way of. `None` where no key compares by `=`: every row would be held
/// against every other, which a large table does not end in a lifetime; the build itself is quicker to tell.
fn apart(exclusion: &Exclusion, from: &str) -> Option<String> {
    if !exclusion.keys.iter().any(is_equal) {
        return None;
    }
    let names: Vec<String> = (1..=exclusion.keys.len()).map(|number| quote(&format!("key {number}"))).collect();
    let value = |key: &ExclusionKey| compared(&exclusion.method, &key.key, |name| name.to_string());
    let keys = exclusion.keys.iter().map(value).collect::<Option<Vec<_>>>()?;
    let each = list(keys.iter().zip(&names).map(|(key, name)| format!("{key} as {name}")));
    let filter = exclusion.predicate.as_ref().map(|of| format!(" where ({})", of.sql())).unwrap_or_default();
    let compared = exclusion.keys.iter().zip(&names).map(|(key, name)| format!("l.{name} {} r.{name}", key.operator));
    let compared = compared.collect::<Vec<_>>().join(" and ");
    Some(format!(
        "with listed as materialized (select row_number() over () as \"row\", {each} from {from}{filter}) \
         select l.* from listed as l where exists (select from listed as r where r.\"row\" <> l.\"row\" and {compared})"
    ))
}

fn is_equal(key: &ExclusionKey) -> bool {
    let sign = key.operator.trim_end_matches(')').rsplit('.').next().unwrap_or_default();
    sign == "="
}
