//! What an hnsw or ivfflat build takes, by pgvector's own arithmetic (0.8, `hnswbuild.c`, `ivfkmeans.c`; measured to
//! agree within half a percent on PostgreSQL 16 to 18).
use crate::canonical::{KeyTarget, parse_index_key, parse_type};
use crate::model::{ColumnName, Index, Qualified, State};

/// Dimensions of a vector type and the bytes of one value, as they lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorShape {
    /// How many dimensions.
    pub dimensions: u64,
    /// Bytes of one value, rounded up to 8.
    pub bytes: u64,
}

impl VectorShape {
    /// The shape of what an index is over: its column's type, or that of its cast. `None` for types whose size varies.
    #[must_use]
    pub fn of(index: &Index, state: &State) -> Option<Self> {
        let key = index.keys.first()?;
        let parts = parse_index_key(&index.method, key.sql.sql()).ok()?;
        let text = match parts.target {
            KeyTarget::Column(name) => column_type(state, &index.table, &name)?,
            KeyTarget::Expression(text) => text.rsplit_once("::")?.1.trim_end_matches(')').to_owned() + ")",
        };
        let name = parse_type(&text).ok()?;
        let dimensions: u64 = name.modifiers.first()?.parse().ok()?;
        let bytes = match name.name.as_str() {
            "vector" => 8 + 4 * dimensions,
            "halfvec" => 8 + 2 * dimensions,
            "bit" => 8 + dimensions.div_ceil(8),
            _ => return None,
        };
        Some(Self { dimensions, bytes: bytes.next_multiple_of(8) })
    }
}

fn column_type(state: &State, table: &Qualified, name: &str) -> Option<String> {
    Some(state.column(table, &ColumnName::new(name))?.data_type.sql().to_owned())
}

/// Bytes of `maintenance_work_mem` with which an hnsw graph of so many rows is built in memory; with less, the rest is
/// built on disk, several times slower.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
pub fn hnsw_memory(shape: VectorShape, m: u64, rows: u64) -> u64 {
    let (m, bytes) = (m as f64, shape.bytes as f64);
    let upper = 1.0 / (m - 1.0).max(1.0);
    let per_row = 176.0 + 32.0 * m + upper * (24.0 + 16.0 * m) + bytes;
    (per_row * rows as f64) as u64
}

/// The lists of an ivfflat index: 100 where nothing is said (<https://github.com/pgvector/pgvector#ivfflat>).
#[must_use]
pub fn ivfflat_lists(index: &Index) -> u64 {
    index.with.get("lists").and_then(|lists| lists.parse().ok()).unwrap_or(100)
}

/// Bytes that an ivfflat build asks of `maintenance_work_mem`; with less, it fails.
#[must_use]
pub fn ivfflat_memory(shape: VectorShape, lists: u64, rows: u64) -> u64 {
    let samples = (50 * lists).max(10_000);
    let read = samples.min(rows);
    shape.bytes * (2 * lists + samples)
        + 4 * lists * shape.dimensions
        + 4 * lists * lists
        + 4 * read * lists
        + 8 * read
        + 12 * lists
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(dimensions: u64) -> VectorShape {
        VectorShape { dimensions, bytes: (8 + 4 * dimensions).next_multiple_of(8) }
    }

    #[test]
    fn memory_is_what_was_measured() {
        // 64 MB hold 38,572 rows of vector(256) with m = 16; ivfflat asked for 247.1 MB with 1,000 lists over 50,000 rows.
        let megabyte = 1024 * 1024;
        let rows = 64 * megabyte * 1000 / hnsw_memory(vector(256), 16, 1000);
        assert!((38_400..38_800).contains(&rows), "{rows}");
        let need = ivfflat_memory(vector(256), 1000, 50_000) / megabyte;
        assert!((246..249).contains(&need), "{need}");
    }
}
