//! Forms the names that PostgreSQL gives to constraints, indexes and sequences without one.

/// The longest identifier, in bytes (`NAMEDATALEN - 1`).
const LONGEST: usize = 63;

/// The name that PostgreSQL gives to a constraint or sequence that has none: `table_column_label`, the longer of the
/// two names shortened first (`makeObjectName` in `src/backend/commands/indexcmds.c`). Where that name is taken,
/// PostgreSQL appends a number; this does not.
#[must_use]
pub fn default_name(table: &str, column: &str, label: &str) -> String {
    let extra = label.len() + 1 + usize::from(!column.is_empty());
    let room = LONGEST.saturating_sub(extra);
    let (mut first, mut second) = (table.len(), column.len());
    while first + second > room {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let (table, column) = (clip(table, first), clip(column, second));
    if column.is_empty() { format!("{table}_{label}") } else { format!("{table}_{column}_{label}") }
}

/// The name of [`default_name`] with the number that PostgreSQL puts behind the label where others are taken; none for 0.
#[must_use]
pub fn numbered_name(table: &str, column: &str, label: &str, number: usize) -> String {
    let numbered = format!("{label}{number}");
    default_name(table, column, if number == 0 { label } else { &numbered })
}

/// The name that PostgreSQL gives to the multirange type of a range type which says none (`makeMultirangeTypeName` in
/// `src/backend/catalog/pg_type.c`).
#[must_use]
pub fn default_multirange(range: &str) -> String {
    const BEHIND: &str = "_multirange";
    let name = match range.find("range") {
        Some(at) => format!("{}multi{}", &range[..at], &range[at..]),
        None => format!("{}{BEHIND}", clip(range, range.len().min(LONGEST - BEHIND.len()))),
    };
    clip(&name, name.len().min(LONGEST)).to_owned()
}

/// Cuts a text to at most so many bytes, never within a character.
fn clip(text: &str, mut bytes: usize) -> &str {
    while !text.is_char_boundary(bytes) {
        bytes -= 1;
    }
    &text[..bytes]
}

/// Joins column names as `ChooseIndexNameAddition` does: until the buffer is full.
#[must_use]
pub fn joined_columns<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for column in columns {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(column);
        if out.len() > LONGEST {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortens_the_longer_name_first() {
        assert_eq!(default_name("t", "c", "not_null"), "t_c_not_null");
        assert_eq!(default_name("t", "", "pkey"), "t_pkey");
        let long = default_name(&"t".repeat(60), "column", "not_null");
        assert_eq!(long, format!("{}_column_not_null", "t".repeat(47)));
        assert_eq!(long.len(), 63);
        assert_eq!(default_name(&"ü".repeat(30), "column", "not_null").len(), 62);
        assert_eq!(default_name("t", &joined_columns(["a", "b"]), "key"), "t_a_b_key");
        assert_eq!(joined_columns(vec!["x".repeat(40).as_str(); 5]).len(), 81);
    }

    #[test]
    fn a_multirange_has_the_name_of_its_range() {
        assert_eq!(default_multirange("span"), "span_multirange");
        assert_eq!(default_multirange("floatrange"), "floatmultirange");
        assert_eq!(default_multirange("ranges_of"), "multiranges_of");
        assert_eq!(default_multirange(&"s".repeat(60)), format!("{}_multirange", "s".repeat(52)));
    }
}
