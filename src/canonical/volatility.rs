use super::references::{Reference, references_of_expression};

/// Functions of `pg_catalog` that people write in defaults and that give every row of one statement the same value
/// (<https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-NOTES>: a default that is not volatile is
/// computed once).
const STABLE: &[&str] = &[
    "array_append",
    "btrim",
    "coalesce",
    "concat",
    "current_database",
    "current_setting",
    "date_part",
    "date_trunc",
    "jsonb_build_array",
    "jsonb_build_object",
    "length",
    "lower",
    "ltrim",
    "make_date",
    "make_interval",
    "md5",
    "now",
    "nullif",
    "replace",
    "rtrim",
    "statement_timestamp",
    "timezone",
    "to_timestamp",
    "transaction_timestamp",
    "trim",
    "upper",
];

/// Whether a default is known to be computed once for all rows, so that `add column` with it does not write the table
/// anew. Unknown functions count as volatile: the careful answer.
#[must_use]
pub fn is_stable_default(expression: &str) -> bool {
    references_of_expression(expression).iter().all(|reference| match reference {
        Reference::Function(schema, name) => {
            matches!(schema.as_deref(), None | Some("pg_catalog")) && STABLE.binary_search(&name.as_str()).is_ok()
        }
        Reference::Relation(..) | Reference::Type(..) | Reference::Collation(..) | Reference::Column(..) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_stable_is() {
        assert!(STABLE.is_sorted());
        for text in
            ["5", "'x'::text", "now()", "CURRENT_TIMESTAMP", "'{}'::jsonb", "lower('X')", "current_date", "array[1,2]"]
        {
            assert!(is_stable_default(text), "{text}");
        }
        for text in [
            "random()",
            "gen_random_uuid()",
            "nextval('s'::regclass)",
            "clock_timestamp()",
            "app.now()",
            "md5(random()::text)",
        ] {
            assert!(!is_stable_default(text), "{text}");
        }
    }
}
