//! Tells whether two fragments mean the same, as far as that can be told without asking a PostgreSQL.
use super::{canonical_expression, canonical_query, canonical_type, parse::SqlError, parse_index_key};
use crate::model::Fragment;

/// Answer about two fragments without asking a PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// Equal in meaning.
    Same,
    /// Perhaps equal: only a PostgreSQL that stores and prints both can tell.
    Disputed,
    /// Different: both are settled, by the same kind of server, and the settled texts differ.
    Different,
}

/// Compares every text of one with every text of the other, the cheap way first: parsing is only for what differs.
fn compare(a: &Fragment, b: &Fragment, canonical: impl Fn(&str) -> Result<String, SqlError>) -> Sameness {
    if a.same_text(b) {
        return Sameness::Same;
    }
    let texts = |f: &Fragment| -> Vec<String> {
        let mut texts: Vec<String> = canonical(f.as_written()).into_iter().collect();
        texts.extend(f.as_settled().map(str::to_owned));
        texts
    };
    let (left, right) = (texts(a), texts(b));
    if left.iter().any(|text| right.contains(text)) { Sameness::Same } else { Sameness::Disputed }
}

/// Tells whether two expressions mean the same.
#[must_use]
pub fn same_expression(a: &Fragment, b: &Fragment) -> Sameness {
    compare(a, b, canonical_expression)
}

/// Tells whether two queries mean the same.
#[must_use]
pub fn same_query(a: &Fragment, b: &Fragment) -> Sameness {
    compare(a, b, canonical_query)
}

/// Tells whether two types are the same.
#[must_use]
pub fn same_type(a: &Fragment, b: &Fragment) -> Sameness {
    compare(a, b, canonical_type)
}

/// Tells whether two index keys are the same.
#[must_use]
pub fn same_index_key(method: &str, a: &Fragment, b: &Fragment) -> Sameness {
    compare(a, b, |text| parse_index_key(method, text).map(|key| key.text))
}
