//! pgvector's limits, from its source and measured (<https://github.com/pgvector/pgvector>).

/// A type that pgvector makes or indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VectorType {
    Vector,
    Halfvec,
    Sparsevec,
    Bit,
}

/// An index method of pgvector's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Hnsw,
    Ivfflat,
}

/// A parameter of a method: name, lowest and highest value, default.
pub(super) type Parameter = (&'static str, i64, i64, i64);

impl VectorType {
    pub(super) const ALL: [Self; 4] = [Self::Vector, Self::Halfvec, Self::Sparsevec, Self::Bit];

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == name)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Halfvec => "halfvec",
            Self::Sparsevec => "sparsevec",
            Self::Bit => "bit",
        }
    }

    /// Gives the most dimensions that the type takes.
    pub(super) fn most(self) -> i64 {
        match self {
            Self::Vector | Self::Halfvec => 16_000,
            Self::Sparsevec => 1_000_000_000,
            Self::Bit => 83_886_080,
        }
    }

    /// Gives the most dimensions that an index takes.
    pub(super) fn most_indexed(self) -> i64 {
        match self {
            Self::Vector => 2_000,
            Self::Halfvec => 4_000,
            Self::Sparsevec => 1_000_000_000,
            Self::Bit => 64_000,
        }
    }

    /// Gives the type's operator class of btree, which is the default there; `bit` has PostgreSQL's own.
    pub(super) fn ordering(self) -> Option<&'static str> {
        match self {
            Self::Vector => Some("vector_ops"),
            Self::Halfvec => Some("halfvec_ops"),
            Self::Sparsevec => Some("sparsevec_ops"),
            Self::Bit => None,
        }
    }

    /// Gives the version that has the type, or indexes it.
    pub(super) fn since(self) -> &'static str {
        match self {
            Self::Vector => "0.5",
            Self::Halfvec | Self::Sparsevec | Self::Bit => "0.7",
        }
    }
}

impl Method {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "hnsw" => Some(Self::Hnsw),
            "ivfflat" => Some(Self::Ivfflat),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Hnsw => "hnsw",
            Self::Ivfflat => "ivfflat",
        }
    }

    /// Names an index of the method: `an hnsw index`.
    pub(super) fn an(self) -> &'static str {
        match self {
            Self::Hnsw => "an hnsw index",
            Self::Ivfflat => "an ivfflat index",
        }
    }

    pub(super) fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Hnsw => &[("m", 2, 100, 16), ("ef_construction", 4, 1000, 64)],
            Self::Ivfflat => &[("lists", 1, 32768, 100)],
        }
    }

    /// Gives the operator classes for a type, the default first where there is one.
    pub(super) fn classes(self, of: VectorType) -> &'static [&'static str] {
        match (self, of) {
            (Self::Hnsw, VectorType::Vector) => {
                &["vector_l2_ops", "vector_ip_ops", "vector_cosine_ops", "vector_l1_ops"]
            }
            (Self::Hnsw, VectorType::Halfvec) => {
                &["halfvec_l2_ops", "halfvec_ip_ops", "halfvec_cosine_ops", "halfvec_l1_ops"]
            }
            (Self::Hnsw, VectorType::Sparsevec) => {
                &["sparsevec_l2_ops", "sparsevec_ip_ops", "sparsevec_cosine_ops", "sparsevec_l1_ops"]
            }
            (Self::Hnsw, VectorType::Bit) => &["bit_hamming_ops", "bit_jaccard_ops"],
            (Self::Ivfflat, VectorType::Vector) => &["vector_l2_ops", "vector_ip_ops", "vector_cosine_ops"],
            (Self::Ivfflat, VectorType::Halfvec) => &["halfvec_l2_ops", "halfvec_ip_ops", "halfvec_cosine_ops"],
            (Self::Ivfflat, VectorType::Sparsevec) => &[],
            (Self::Ivfflat, VectorType::Bit) => &["bit_hamming_ops"],
        }
    }

    /// Tells whether the type has a default operator class.
    pub(super) fn has_default(self, of: VectorType) -> bool {
        matches!((self, of), (Self::Ivfflat, VectorType::Vector))
    }
}

/// Functions for people whose name came with a version from 0.5 on, as pgvector's upgrade scripts have them
/// (`sql/vector--0.4.4--0.5.0.sql`, `sql/vector--0.6.2--0.7.0.sql`; no later one makes a name).
pub(super) const FUNCTIONS: &[(&str, &str)] = &[
    ("binary_quantize", "0.7"),
    ("halfvec", "0.7"),
    ("hamming_distance", "0.7"),
    ("jaccard_distance", "0.7"),
    ("l1_distance", "0.5"),
    ("l2_norm", "0.7"),
    ("l2_normalize", "0.7"),
    ("sparsevec", "0.7"),
    ("subvector", "0.7"),
];

/// Operators that neither PostgreSQL nor its own extensions have (`sql/vector--0.6.2--0.7.0.sql`).
pub(super) const OPERATORS: &[(&str, &str)] = &[("<%>", "0.7"), ("<+>", "0.7"), ("<~>", "0.7")];

/// Operator `||` of two vectors (`sql/vector--0.6.2--0.7.0.sql`).
pub(super) const CONCATENATION: (&str, &str) = ("||", "0.7");

/// Tells whether a text has a word of pgvector's at all. Most have none, and a look costs a thousandth of what reading
/// it does.
pub(super) fn may_be_used_in(sql: &str) -> bool {
    // The types of vectors and what is called after them; `bit`, which pgvector indexes.
    let words = ["vec", "bit", CONCATENATION.0].into_iter();
    let sql = sql.to_ascii_lowercase();
    words.chain(OPERATORS.iter().chain(FUNCTIONS).map(|(name, _)| *name)).any(|word| sql.contains(word))
}

/// Version since which arrays can be cast to sparsevec (`sql/vector--0.7.4--0.8.0.sql`); to vector and halfvec they
/// always could.
pub(super) const ARRAYS_TO_SPARSEVEC: &str = "0.8";

/// Writes `16000` as people read it: `16,000`.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 16_000, 83_886_080, -1234].map(grouped),
            ["0", "999", "1,000", "16,000", "83,886,080", "-1,234"]
        );
    }
}
