//! Versions of extensions, as PostgreSQL's packages write them.

/// Tells whether a version comes before another, or before a declared minimum (`>= 0.8`): `0.8.9` is before `0.8.10`.
pub(crate) fn is_older(version: &str, than: &str) -> bool {
    numbers(version) < numbers(than)
}

/// Numbers of a version, in order.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_older;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_older("0.8.9", "0.8.10") && is_older("0.6.2", ">= 0.8") && is_older("1.0", "1.0.1"));
        assert!(!is_older("0.8.0", "0.8") && !is_older("0.8.2", ">= 0.8") && !is_older("1.10", "1.9"));
    }
}
