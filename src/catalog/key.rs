//! Makes a primary key or unique constraint from its catalog row.
use super::{
    constraint::{ConstraintRow, column_names},
    index::IndexRow,
    row::{letter, options},
};
use crate::model::{ColumnName, Key, KeyKind, RelationName};

/// Makes the primary key or unique constraint of a row over these columns; its index knows the rest.
pub(super) fn key(row: &ConstraintRow, columns: Vec<ColumnName>, index: Option<&IndexRow>) -> Key {
    Key {
        kind: if letter(&row.kind) == 'p' { KeyKind::Primary } else { KeyKind::Unique },
        columns,
        include: index.map(|index| column_names(&index.include)).unwrap_or_default(),
        deferrable: row.when(),
        nulls_not_distinct: index.is_some_and(|index| index.nulls_not_distinct),
        with: options(index.and_then(|index| index.options.as_ref())),
        tablespace: index.and_then(|index| index.tablespace.clone()),
        index_comment: index.and_then(|index| index.comment.clone()),
        part_of: index.and_then(|index| index.parent_name.as_ref().map(RelationName::new)),
    }
}
