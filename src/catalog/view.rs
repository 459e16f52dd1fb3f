//! Makes a view from its catalog row, materialized or not.
use super::{
    column::{compression, storage},
    index::IndexRow,
    relation::{ColumnRow, RelationRow},
    row::options,
    table::table,
    text::Texts,
};
use crate::model::{CheckOption, ColumnName, ColumnSettings, ReplicaIdentity, Table, View};

/// The materialized view of a row; its indexes say which of them it is clustered on. What it depends on is filled in later.
pub(super) fn materialized_view(row: &RelationRow, columns: &[ColumnRow], indexes: &[IndexRow]) -> View {
    let name = |column: &ColumnRow| ColumnName::new(column.name.clone());
    let settings = |column: &ColumnRow| ColumnSettings {
        storage: column.storage.as_deref().and_then(storage),
        compression: column.compression.as_deref().and_then(compression),
        statistics: column.statistics,
        options: options(column.options.as_ref()),
    };
    let Table {
        persistence: _,
        tablespace,
        access_method,
        storage_parameters,
        partition_by: _,
        partition_of: _,
        row_security: _,
        force_row_security: _,
        replica_identity,
        clustered_on,
    } = table(row, indexes);
    View {
        columns: columns.iter().map(name).collect(),
        column_comments: columns.iter().filter_map(|column| Some((name(column), column.comment.clone()?))).collect(),
        materialized: true,
        unpopulated: !row.populated,
        tablespace,
        access_method,
        storage_parameters,
        // One says nothing to subscribers as it is made by some versions.
        replica_identity: if replica_identity == ReplicaIdentity::Nothing {
            ReplicaIdentity::Default
        } else {
            replica_identity
        },
        clustered_on,
        column_settings: columns
            .iter()
            .map(|column| (name(column), settings(column)))
            .filter(|(_, settings)| !settings.is_empty())
            .collect(),
        ..View::of_query(Texts::query(row.query.as_deref().unwrap_or_default()))
    }
}

/// The view of a row; what it depends on is filled in later.
pub(super) fn view(row: &RelationRow, columns: &[ColumnRow], texts: &mut Texts) -> View {
    let options = options(row.options.as_ref());
    let on = |name: &str| options.get(name).is_some_and(|value| matches!(value.as_str(), "true" | "on" | "1" | "yes"));
    let name = |column: &ColumnRow| ColumnName::new(column.name.clone());
    View {
        columns: columns.iter().map(name).collect(),
        security_barrier: on("security_barrier"),
        security_invoker: on("security_invoker"),
        check_option: match options.get("check_option").map(String::as_str) {
            Some("local") => Some(CheckOption::Local),
            Some("cascaded") => Some(CheckOption::Cascaded),
            _ => None,
        },
        defaults: columns
            .iter()
            .filter_map(|column| Some((name(column), texts.expression(column.expression.as_deref()?))))
            .collect(),
        column_comments: columns.iter().filter_map(|column| Some((name(column), column.comment.clone()?))).collect(),
        ..View::of_query(Texts::query(row.query.as_deref().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::with_columns;
    use super::*;
    use crate::model::Body;

    #[test]
    fn options_defaults_and_comments_of_columns_are_the_views() {
        let row = RelationRow {
            query: Some(" SELECT 1 AS a;".to_owned()),
            options: Some(vec!["security_invoker=on".to_owned(), "check_option=local".to_owned()]),
            ..RelationRow::default()
        };
        let column = ColumnRow {
            name: "a".to_owned(),
            expression: Some("42".to_owned()),
            comment: Some("the answer".to_owned()),
            acl: Some(vec!["reader=r/owner".to_owned()]),
            ..ColumnRow::default()
        };
        let read = view(&row, std::slice::from_ref(&column), &mut Texts::default());
        assert!(read.security_invoker && !read.security_barrier);
        assert_eq!(read.check_option, Some(CheckOption::Local));
        assert_eq!(read.query.as_written(), "SELECT 1 AS a");
        assert_eq!(read.defaults[&ColumnName::new("a")].sql(), "42");
        assert_eq!(read.column_comments.len(), 1);
        let whole = with_columns(&row, &[column], Body::View(read));
        assert_eq!(whole.head.column_privileges[&ColumnName::new("a")].told(), "reader: select");
    }
}
