//! What index builds ask of the shadow. pgvector counts the samples of an ivfflat index by its lists, not by the rows that
//! are there, and refuses to build with less memory as soon as there is one row; without rows it builds all the same.
use super::seed::MOST;
use crate::model::{Qualified, RelationName, State};
use crate::plan::{VectorShape, ivfflat_memory};
use std::collections::BTreeMap;

/// pgvector's own number of lists (<https://github.com/pgvector/pgvector#ivfflat>).
const IVFFLAT_LISTS: u64 = 100;
/// What every server has. No more is given where nothing asks: the embedded server takes all that an hnsw build may use at
/// once, which at 512 MB makes each some seconds long.
const USUAL: u64 = 64 << 20;
/// More than this is not given: the embedded server keeps what it once took.
const LIMIT: u64 = 512 << 20;

/// The tables whose ivfflat index asks for more than the shadow gives.
pub(super) fn too_heavy(states: &[&State]) -> BTreeMap<Qualified, (RelationName, u64)> {
    let heavy = asked(states).filter(|(_, _, bytes)| *bytes > LIMIT);
    heavy.map(|(table, index, bytes)| (table, (index, bytes))).collect()
}

/// The statement that gives the other ivfflat builds what they ask for; `None` where there is none.
pub(super) fn setting(states: &[&State]) -> Option<String> {
    let most = asked(states).map(|(_, _, bytes)| bytes).filter(|bytes| *bytes <= LIMIT).max()?;
    // The arithmetic agrees with pgvector's within half a percent.
    let megabytes = (most + most / 50).max(USUAL).div_ceil(1 << 20);
    Some(format!("set maintenance_work_mem = '{megabytes}MB'"))
}

fn asked<'a>(states: &'a [&'a State]) -> impl Iterator<Item = (Qualified, RelationName, u64)> + 'a {
    let indexes = states.iter().flat_map(|state| state.indexes().map(move |(name, index)| (*state, name, index)));
    indexes.filter(|(_, _, index)| index.method == "ivfflat").filter_map(|(state, name, index)| {
        let lists = index.with.get("lists").map_or(Some(IVFFLAT_LISTS), |lists| lists.parse().ok())?;
        let bytes = ivfflat_memory(VectorShape::of(index, state)?, lists, MOST as u64);
        Some((index.table.clone(), name.name.clone(), bytes))
    })
}
