//! Gives the shadow the memory that builds of ivfflat indexes ask for.
//! pgvector counts the samples of an ivfflat index by its lists, not by the rows that are there, and refuses to build
//! with less memory as soon as there is one row; without rows it builds all the same.
use crate::model::{Qualified, RelationName, State};
use crate::plan::{VectorShape, ivfflat_lists, ivfflat_memory};
use std::collections::BTreeMap;

/// Bytes that every server has.
const USUAL: u64 = 64 << 20;
/// Bytes that are given at most: the embedded server keeps what it once took.
const LIMIT: u64 = 512 << 20;

/// Finds the tables whose ivfflat index asks for more than the shadow gives.
pub(super) fn too_heavy(states: &[&State]) -> BTreeMap<Qualified, (RelationName, u64)> {
    let heavy = asked(states).filter(|(_, _, bytes)| *bytes > LIMIT);
    heavy.map(|(table, index, bytes)| (table, (index, bytes))).collect()
}

/// Writes the statement that gives the other ivfflat builds what they ask for; `None` where there is none.
pub(super) fn setting(states: &[&State]) -> Option<String> {
    let most = asked(states).map(|(_, _, bytes)| bytes).filter(|bytes| *bytes <= LIMIT).max()?;
    // The arithmetic agrees with pgvector's within half a percent.
    let megabytes = (most + most / 50).max(USUAL).div_ceil(1 << 20);
    Some(format!("set maintenance_work_mem = '{megabytes}MB'"))
}

fn asked<'a>(states: &'a [&'a State]) -> impl Iterator<Item = (Qualified, RelationName, u64)> + 'a {
    let indexes = states.iter().flat_map(|state| state.indexes().map(move |(name, index)| (*state, name, index)));
    indexes.filter(|(_, _, index)| index.method == "ivfflat").filter_map(|(state, name, index)| {
        let bytes = ivfflat_memory(VectorShape::of(&index, state)?, ivfflat_lists(&index), MOST as u64);
        Some((index.table, name.name, bytes))
    })
}

/// Most rows that a table gets: each enum label twice, up to here.
pub(super) const MOST: usize = 24;
