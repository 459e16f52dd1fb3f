//! Chooses values that lead a row of a proof into a partition.
use super::values::value;
use crate::canonical::{bound_constants, partition_keys};
use crate::model::{ColumnName, ObjectId, Qualified, State, quote};
use std::collections::{BTreeMap, BTreeSet};

/// Number of values that are tried where a hash decides.
const HASHED: usize = 12;

/// Values of the columns by which a partition and those above it are chosen, as SQL: the lower end of a range, a value of a
/// list. None where the key is an expression, the end is open, or a hash or other partitions decide.
pub(super) fn chosen(state: &State, table: &Qualified, row: usize) -> BTreeMap<ColumnName, String> {
    let mut out = BTreeMap::new();
    for (column, constants, is_list) in keys(state, table) {
        let at = if is_list { row % constants.len().max(1) } else { 0 };
        if let Some(constant) = constants.get(at) {
            out.entry(column).or_insert_with(|| constant.clone());
        }
    }
    out
}

/// Other values of those columns to try: next to the ends of their ranges, and any for a hash.
pub(super) fn others(state: &State, table: &Qualified) -> Vec<(ColumnName, String)> {
    let mut out = Vec::new();
    for (name, constants, _) in keys(state, table) {
        let Some(column) = state.column(table, &name) else { continue };
        let of_type = column.data_type.sql();
        if constants.is_empty() {
            out.extend((3..HASHED).filter_map(|row| Some((name, value(state, of_type, row)?))));
        }
        for constant in &constants {
            out.push((name, format!("({constant}::{of_type} - interval '1 day')::{of_type}")));
            out.push((name, format!("({constant}::{of_type} - 1)::{of_type}")));
            out.push((name, constant.clone()));
        }
    }
    out
}

/// Partitions that go while foreign keys stay which point to their parents: PostgreSQL takes one away only where no row refers to
/// one of its.
pub(super) fn going_and_referred_to(before: &State, after: &State) -> BTreeSet<Qualified> {
    let tables = before.objects.keys().filter_map(ObjectId::as_table);
    let going: Vec<(Qualified, Vec<Qualified>)> =
        tables.filter(|table| after.table(table).is_none()).map(|table| (table, before.above(&table))).collect();
    let above = going.iter().flat_map(|(_, above)| above.clone()).collect();
    let staying = before.foreign_keys_to(&above).filter(|(id, _)| after.has(id));
    let referred: BTreeSet<Qualified> = staying.map(|(_, key)| key.references).collect();
    going.into_iter().filter(|(_, above)| above.iter().any(|of| referred.contains(of))).map(|(of, _)| of).collect()
}

/// The columns of the keys above a table, with the constants of the bounds beneath; and whether those are a list.
fn keys(state: &State, table: &Qualified) -> Vec<(ColumnName, Vec<String>, bool)> {
    let mut out = Vec::new();
    let mut at = *table;
    for parent in state.above(table) {
        let key = state.table(&parent).and_then(|table| table.partition_by.clone());
        let of = state.table(&at).and_then(|table| table.partition_of.clone());
        let (Some(key), Some(of)) = (key, of) else { break };
        let constants = bound_constants(of.bound.sql());
        let is_list = key.sql().starts_with("list");
        for (place, sql) in partition_keys(key.sql()).into_iter().enumerate() {
            let column =
                state.columns(table).into_iter().map(|(name, _)| name).find(|name| quote(name.as_str()) == sql);
            let constants = constants.get(place).cloned().unwrap_or_default();
            out.extend(column.map(|column| (column, constants, is_list)));
        }
        at = parent;
    }
    out
}
