//! Computes the memory that an hnsw or ivfflat build takes, by pgvector's own arithmetic (0.8, `hnswbuild.c`,
//! `ivfkmeans.c`; measured to agree within half a percent on PostgreSQL 16 to 18).
use crate::canonical::{
    KeyTarget, Operand, TypeName, ValueOperation, operations_of_expression, parse_index_key, parse_type,
};
use crate::model::{ColumnName, Index, Qualified, State};

/// Dimensions of a vector type and the bytes of one value, as they lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorShape {
    /// Number of dimensions.
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

/// Reasons why an hnsw or ivfflat build may fail on the rows that are there, which would leave an invalid index behind;
/// none where every value of the type fits.
#[must_use]
pub(super) fn rows_that_fail(index: &Index, state: &State) -> Vec<String> {
    let found = || {
        let parts = parse_index_key(&index.method, index.keys.first()?.sql.sql()).ok()?;
        let of_column = |name: &str| parse_type(&column_type(state, &index.table, name)?).ok();
        let (from, to) = match (parts.column(), parts.target) {
            (Some(name), _) => (None, of_column(&name)?),
            (None, KeyTarget::Column(_)) => return None,
            (None, KeyTarget::Expression(text)) => match operations_of_expression(&text).into_iter().next()? {
                ValueOperation::Cast { of: Operand::Column(name), to } => (of_column(&name), to),
                ValueOperation::Cast { of: Operand::Of(from), to } => (Some(from), to),
                ValueOperation::Cast { of: Operand::Array | Operand::Other, to } => (None, to),
                ValueOperation::Operator { .. } => return None,
            },
        };
        Some((from, to))
    };
    let Some((from, to)) = found().filter(|_| matches!(index.method.as_str(), "hnsw" | "ivfflat")) else {
        return Vec::new();
    };
    let dimensions = |of: &TypeName| of.modifiers.first().and_then(|m| m.parse::<u64>().ok());
    let mut out = Vec::new();
    // A vector without dimensions in its type, or an array, may have any.
    if let (Some(from), Some(wanted)) = (&from, dimensions(&to))
        && (from.dimensions > 0 || (!from.builtin && dimensions(from) != Some(wanted)))
    {
        out.push(format!("fails if a row has other than {wanted} dimensions there"));
    }
    if to.name == "halfvec" && from.is_some_and(|from| from.name != "halfvec") {
        out.push("fails if a row has a number there beyond 65,504, the largest of a halfvec".to_owned());
    }
    if to.name == "sparsevec" && index.method == "hnsw" && dimensions(&to).is_none_or(|n| n > 1000) {
        out.push("fails if a row has more than 1,000 numbers there that are not zero".to_owned());
    }
    out
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
    fn what_rows_may_be_is_told_from_the_types() {
        use crate::model::{Body, Column, Fragment, IndexKey, ObjectId};
        let table = Qualified::new("public", "t");
        let mut state = State::default();
        for (name, data_type) in [
            ("v", "public.vector(3)"),
            ("u", "public.vector"),
            ("a", "real[]"),
            ("s", "public.sparsevec(30000)"),
            ("few", "public.sparsevec(1000)"),
            ("h", "public.halfvec(3)"),
        ] {
            let column = Column::of_type(Fragment::settled(data_type, data_type), 1);
            state.objects.insert(ObjectId::column(table, ColumnName::new(name)), Body::Column(column).into());
        }
        let told = |key: &str| {
            let index = Index {
                table,
                method: "hnsw".to_owned(),
                unique: false,
                nulls_not_distinct: false,
                keys: vec![IndexKey { sql: Fragment::settled(key, key) }],
                include: Vec::new(),
                with: crate::model::Parameters::default(),
                predicate: None,
                tablespace: None,
                valid: true,
                statistics: std::collections::BTreeMap::new(),
                part_of: None,
            };
            rows_that_fail(&index, &state).join("; ")
        };
        for (key, said) in [
            ("(u::public.vector(3)) vector_l2_ops", "other than 3 dimensions"),
            ("(a::public.vector(3)) vector_l2_ops", "other than 3 dimensions"),
            ("(v::public.halfvec(3)) halfvec_l2_ops", "beyond 65,504"),
            ("s sparsevec_l2_ops", "more than 1,000"),
            ("(s::public.sparsevec(30000)) sparsevec_l2_ops", "more than 1,000"),
        ] {
            assert!(told(key).contains(said), "{key}: {}", told(key));
        }
        for key in [
            "v vector_l2_ops",
            "few sparsevec_l2_ops",
            "(h::public.vector(3)) vector_l2_ops",
            "(public.binary_quantize(v)::bit(3)) bit_hamming_ops",
        ] {
            assert_eq!(told(key), "", "{key}");
        }
    }

    #[test]
    fn memory_is_what_was_measured() {
        // 64 MB hold 38,572 rows of vector(256) with m = 16; ivfflat asked for 247.1 MB with 1,000 lists over 50,000
        // rows.
        let megabyte = 1024 * 1024;
        let rows = 64 * megabyte * 1000 / hnsw_memory(vector(256), 16, 1000);
        assert!((38_400..38_800).contains(&rows), "{rows}");
        let need = ivfflat_memory(vector(256), 1000, 50_000) / megabyte;
        assert!((246..249).contains(&need), "{need}");
    }
}
