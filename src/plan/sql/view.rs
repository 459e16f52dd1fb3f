//! Writes views as SQL.
use super::{comment_on, head_of, list};
use crate::model::{ObjectId, Qualified, Typed, View, Word};

/// `create view` with its options.
#[must_use]
pub fn create_view(name: &Qualified, view: &View) -> String {
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
    let columns = if view.columns.is_empty() { String::new() } else { format!(" ({})", list(&view.columns)) };
    format!("create view {name}{columns}{options} as\n{}", view.query.sql())
}

/// Statements for what `create view` cannot say of a new view: defaults and comments of columns, and its head.
#[must_use]
pub fn view_extras(name: &Qualified, view: Typed<'_, View>) -> Vec<String> {
    let mut out = Vec::new();
    for (column, default) in &view.defaults {
        out.push(format!("alter view {name} alter column {column} set default {}", default.sql()));
    }
    for (column, comment) in &view.column_comments {
        out.push(comment_on(&format!("column {name}.{column}"), Some(comment)));
    }
    out.extend(head_of(&ObjectId::view(*name), view.head));
    out
}
