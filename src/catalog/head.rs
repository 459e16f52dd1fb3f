//! Makes an object's head (comment, owner, privileges) from its catalog row.
use super::{
    relation::{ColumnRow, RelationRow},
    row::privileges,
};
use crate::model::{Body, ColumnName, Head, Object};

/// Makes the head of a row; what the object depends on is filled in later.
pub(super) fn head(comment: Option<&String>, owner: Option<&String>, acl: Option<&Vec<String>>) -> Head {
    Head {
        comment: comment.cloned(),
        owner: owner.cloned(),
        privileges: privileges(acl, owner.map(String::as_str)),
        ..Head::default()
    }
}

/// Makes the object of a relation's row.
pub(super) fn of_relation(row: &RelationRow, body: Body) -> Object {
    Object { head: head(row.comment.as_ref(), row.owner.as_ref(), row.acl.as_ref()), body }
}

/// Makes the object of a relation whose columns are no objects of their own.
pub(super) fn with_columns(row: &RelationRow, columns: &[ColumnRow], body: Body) -> Object {
    let mut object = of_relation(row, body);
    let of_column =
        |c: &ColumnRow| Some((ColumnName::new(c.name.clone()), privileges(c.acl.as_ref(), row.owner.as_deref())?));
    object.head.column_privileges = columns.iter().filter_map(of_column).collect();
    object
}
