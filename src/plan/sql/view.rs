//! Writes views as SQL, materialized ones with how they keep their rows.
use super::{comment_on, head_of_called, list, options, settings_to};
use crate::model::{ColumnSettings, ObjectId, Qualified, ReplicaIdentity, Typed, View, Word, quote};

/// `create view`, or `create materialized view`, with its options.
#[must_use]
pub fn create_view(name: &Qualified, view: &View) -> String {
    let columns = if view.columns.is_empty() { String::new() } else { format!(" ({})", list(&view.columns)) };
    if view.materialized {
        return create_materialized(name, &columns, view);
    }
    let mut options = Vec::new();
    if view.security_barrier {
        options.push("security_barrier = true".to_owned());
    }
    if view.security_invoker {
        options.push("security_invoker = true".to_owned());
    }
    if let Some(check) = view.check_option {
        options.push(format!("check_option = {}", check.word()));
    }
    let options = if options.is_empty() { String::new() } else { format!(" with ({})", options.join(", ")) };
    format!("create view {name}{columns}{options} as\n{}", view.query.sql())
}

fn create_materialized(name: &Qualified, columns: &str, view: &View) -> String {
    let mut text = format!("create materialized view {name}{columns}");
    if let Some(method) = &view.access_method {
        text.push_str(&format!(" using {}", quote(method)));
    }
    if !view.storage_parameters.is_empty() {
        text.push_str(&format!(" with ({})", options(&view.storage_parameters)));
    }
    if let Some(tablespace) = &view.tablespace {
        text.push_str(&format!(" tablespace {}", quote(tablespace)));
    }
    let data = if view.unpopulated { "\nwith no data" } else { "" };
    format!("{text} as\n{}{data}", view.query.sql())
}

/// Statements for what `create view` cannot say of a new view: defaults, comments and settings of columns, and its head.
#[must_use]
pub fn view_extras(name: &Qualified, view: Typed<'_, View>) -> Vec<String> {
    let mut out = Vec::new();
    for (column, default) in &view.defaults {
        out.push(format!("alter view {name} alter column {column} set default {}", default.sql()));
    }
    for (column, comment) in &view.column_comments {
        out.push(comment_on(&format!("column {name}.{column}"), Some(comment)));
    }
    let none = ColumnSettings::default();
    for (column, settings) in &view.column_settings {
        out.extend(settings_to(name, column, &none, settings));
    }
    match &view.replica_identity {
        ReplicaIdentity::Full => out.push(format!("alter table {name} replica identity full")),
        ReplicaIdentity::Nothing => out.push(format!("alter table {name} replica identity nothing")),
        // Said once the index is there: see `index_marks`.
        ReplicaIdentity::Default | ReplicaIdentity::Index(_) => {}
    }
    out.extend(head_of_called(&ObjectId::view(*name), Some(view.word()), view.head));
    out
}
