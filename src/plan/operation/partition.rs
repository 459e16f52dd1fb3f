//! Locks, hazards and statements of one partition, as it is made and dropped.
use super::super::beneath::Beneath;
use super::super::format::{Hazard, HazardKind, Held, Lock, LockMode, Look, LookKind};
use super::ahead::{old_column, old_table};
use super::context::Context;
use super::partitioned::side;
use super::support::{exclusive, hazard, lock};
use crate::model::{Body, ObjectId, Qualified, State, Table};
use std::collections::BTreeSet;

/// The locks that making or dropping a partition takes on others: on its parent, on the one of all other rows, which is read
/// for those that go to a new one, and at the other ends of foreign keys.
pub(super) fn locks_above(context: &Context<'_>, name: &Qualified, table: &Table, held: Held) -> Vec<Lock> {
    let Some(of) = &table.partition_of else { return Vec::new() };
    let default = context.beneath_before.default_of(&of.parent).filter(|other| other != name);
    let scanned = default.map(|other| lock(&ObjectId::table(other), LockMode::AccessExclusive, held));
    let ends = other_ends(context, name, held == Held::Scan);
    exclusive(&ObjectId::table(of.parent)).into_iter().chain(scanned).chain(ends).collect()
}

/// Locks of making or dropping a partition on tables at the other ends of foreign keys: a new one gets its own part of each.
fn other_ends(context: &Context<'_>, name: &Qualified, is_made: bool) -> Vec<Lock> {
    let (state, beneath) = side(context, context.after.table(name).is_none());
    let mode = if is_made { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive };
    let above = state.above(name);
    let mut ends: BTreeSet<Qualified> = beneath.pointing_at(&above).filter_map(ObjectId::table_of).collect();
    let own = above.iter().flat_map(|of| state.constraints(of)).filter(|_| is_made);
    for (_, object) in own {
        if let Body::ForeignKey(key) = &object.body {
            ends.insert(key.references);
            ends.extend(context.beneath_before.tables(&key.references));
        }
    }
    let is_other = |of: &Qualified| of != name && !above.contains(of) && context.before.table(of).is_some();
    ends.into_iter().filter(is_other).map(|of| lock(&ObjectId::table(of), mode, Held::Moment)).collect()
}

/// Hazards of a partition beside the one of all other rows, which is locked with the parent and read.
pub(super) fn default_is_read(id: &ObjectId, locks: &[Lock]) -> Vec<Hazard> {
    let Some(read) = locks.iter().find(|lock| lock.held == Held::Scan) else { return Vec::new() };
    let default = read.relation.short();
    vec![
        hazard(HazardKind::LongLock, id, format!("{default} is read, and nobody reads or writes the table meanwhile")),
        hazard(HazardKind::MayFailOnRows, id, format!("fails if a row of {default} belongs into it")),
    ]
}

/// `drop table`. A partition of a table that foreign keys point to is taken from it first: PostgreSQL looks then for rows that
/// refer to it.
pub(super) fn drop_statements((state, beneath): (&State, &Beneath), name: &Qualified, table: &Table) -> Vec<String> {
    let drop = format!("drop table {name}");
    match table.parent().filter(|_| beneath.pointing_at(&state.above(name)).next().is_some()) {
        Some(parent) => vec![format!("alter table {parent} detach partition {name}"), drop],
        None => vec![drop],
    }
}

/// Looks for rows that refer to those of a partition which goes, by foreign keys that stay.
pub(super) fn referring_rows(context: &Context<'_>, name: &Qualified) -> Vec<Look> {
    let above = context.before.above(name);
    let staying = context.beneath_before.pointing_at(&above).filter(|id| context.after.has(id));
    staying.filter_map(|id| referring(context, name, id)).collect()
}

fn referring(context: &Context<'_>, name: &Qualified, id: &ObjectId) -> Option<Look> {
    let (table, body) = (id.table_of()?, context.before.body(id)?);
    let Body::ForeignKey(key) = body else { return None };
    let pairs = key.columns.iter().zip(&key.referenced);
    let same = pairs.map(|(own, referenced)| format!("r.{referenced} = l.{}", old_column(context, &table, own)));
    let rows = format!(
        "select l.* from {} as l where exists (select from {name} as r where {})",
        old_table(context, &table),
        same.collect::<Vec<_>>().join(" and ")
    );
    let says = format!("rows of {} that refer to {}", ObjectId::table(table).short(), ObjectId::table(*name).short());
    Some(Look { kind: LookKind::Fails, object: *id, says, rows, behind: None })
}
