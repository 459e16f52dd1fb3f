//! Type of one kind's part in the query for the kinds that no other query reads.
/// Kind that is asked for, if the database has any of it.
pub(super) struct Branch {
    /// Query that gives a row where there may be one of the kind that PostgreSQL did not come with.
    pub(super) there: &'static str,
    /// Query for the rows of the kind: `class`, `oid`, `kind`, `parts`, `bound` and `text`.
    pub(super) sql: &'static str,
}
