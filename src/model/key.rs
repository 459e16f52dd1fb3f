use super::{ColumnName, Deferrable, Parameters, Weight, attribute::Attributes, attribute::pairs};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// `primary key`.
    Primary,
    /// `unique`.
    Unique,
}

/// A primary key or unique constraint; its index has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Primary or unique.
    pub kind: KeyKind,
    /// The columns, in order.
    pub columns: Vec<ColumnName>,
    /// `include` columns.
    pub include: Vec<ColumnName>,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// `nulls not distinct` (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// Storage parameters of its index.
    pub with: Parameters,
    /// The tablespace of its index, where not the database's.
    pub tablespace: Option<String>,
    /// `comment on index` of its index, which is not the same.
    pub index_comment: Option<String>,
}

impl Key {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { kind, columns, include, deferrable, nulls_not_distinct, with, tablespace, index_comment } = self;
        out.hard(
            "kind",
            match kind {
                KeyKind::Primary => "primary key",
                KeyKind::Unique => "unique",
            },
        );
        out.list(Weight::Hard, "columns", columns.iter().map(ColumnName::as_str));
        out.list(Weight::Hard, "include", include.iter().map(ColumnName::as_str));
        if *deferrable != Deferrable::No {
            out.hard("deferrable", deferrable.as_sql());
        }
        out.flag("nulls_not_distinct", *nulls_not_distinct);
        out.soft("with", (!with.is_empty()).then(|| pairs(with.sorted())));
        out.soft("tablespace", tablespace.as_deref());
        out.soft("index_comment", index_comment.as_deref());
    }
}
