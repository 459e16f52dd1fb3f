/// A kind that is asked for, if the database has any of it.
pub(super) struct Branch {
    /// Gives a row where there may be one of the kind that PostgreSQL did not come with.
    pub(super) there: &'static str,
    /// The rows of the kind: `class`, `oid`, `kind`, `parts`, `bound` and `text`.
    pub(super) sql: &'static str,
}
