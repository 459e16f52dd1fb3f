//! Writes indexes as SQL.
use super::{head_of, list};
use crate::model::{Index, ObjectId, Qualified, RelationName, Typed, quote};

/// `create index`, under the name given (an index built beside another has a name of its own for a while).
#[must_use]
pub fn create_index(name: &RelationName, index: &Index, concurrently: bool) -> String {
    let mut text = format!(
        "create {}index {}{name} on {} using {} ({})",
        if index.unique { "unique " } else { "" },
        if concurrently { "concurrently " } else { "" },
        index.table,
        quote(&index.method),
        list(index.keys.iter().map(|key| key.sql.sql())),
    );
    if !index.include.is_empty() {
        text.push_str(&format!(" include ({})", list(&index.include)));
    }
    if index.nulls_not_distinct {
        text.push_str(" nulls not distinct");
    }
    if !index.with.is_empty() {
        text.push_str(&format!(" with ({})", super::options(&index.with)));
    }
    if let Some(tablespace) = &index.tablespace {
        text.push_str(&format!(" tablespace {}", quote(tablespace)));
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" where {}", predicate.sql()));
    }
    text
}

/// Statements for what `create index` cannot say of a new index: statistics targets of its keys, and its head.
#[must_use]
pub fn index_extras(name: &Qualified, index: Typed<'_, Index>) -> Vec<String> {
    let mut out: Vec<String> = index
        .statistics
        .iter()
        .map(|(key, target)| format!("alter index {name} alter column {key} set statistics {target}"))
        .collect();
    out.extend(head_of(&ObjectId::index(*name), index.head));
    out
}
