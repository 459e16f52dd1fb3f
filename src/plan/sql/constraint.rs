//! Writes keys, foreign keys, checks and exclusion constraints as SQL.
use super::{comment_on, list};
use crate::model::{
    Action, Check, ConstraintName, Deferrable, Exclusion, ExclusionKey, ForeignKey, Key, KeyKind, MatchType, Object,
    Qualified, TableConstraint, Word, quote,
};

fn with_deferrable(mut text: String, deferrable: Deferrable) -> String {
    if deferrable != Deferrable::No {
        text.push(' ');
        text.push_str(deferrable.as_sql());
    }
    text
}

/// `primary key (…)`, `unique (…)`.
#[must_use]
pub fn key_definition(key: &Key) -> String {
    let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
    let mut text = match key.kind {
        KeyKind::Primary => format!("primary key ({})", list(&key.columns)),
        KeyKind::Unique => format!("unique{nulls} ({})", list(&key.columns)),
    };
    if !key.include.is_empty() {
        text.push_str(&format!(" include ({})", list(&key.include)));
    }
    if !key.with.is_empty() {
        text.push_str(&format!(" with ({})", super::options(&key.with)));
    }
    if let Some(tablespace) = &key.tablespace {
        text.push_str(&format!(" using index tablespace {}", quote(tablespace)));
    }
    with_deferrable(text, key.deferrable)
}

/// `exclude using … (…)`.
#[must_use]
pub fn exclusion_definition(exclusion: &Exclusion) -> String {
    let keys = list(exclusion.keys.iter().map(ExclusionKey::sql));
    let mut text = format!("exclude using {} ({keys})", quote(&exclusion.method));
    if !exclusion.include.is_empty() {
        text.push_str(&format!(" include ({})", list(&exclusion.include)));
    }
    if !exclusion.with.is_empty() {
        text.push_str(&format!(" with ({})", super::options(&exclusion.with)));
    }
    if let Some(tablespace) = &exclusion.tablespace {
        text.push_str(&format!(" using index tablespace {}", quote(tablespace)));
    }
    if let Some(predicate) = &exclusion.predicate {
        text.push_str(&format!(" where ({})", predicate.sql()));
    }
    with_deferrable(text, exclusion.deferrable)
}

/// `comment on index` of the index that a constraint has, by the constraint's name.
#[must_use]
pub fn own_index_comment(table: &Qualified, name: &ConstraintName, object: &Object) -> Option<String> {
    let index = format!("index {}", table.sibling(name.as_str()));
    object.body.index_comment().map(|comment| comment_on(&index, Some(comment)))
}

/// `foreign key (…) references …`, without `not valid`.
#[must_use]
pub fn foreign_key_definition(key: &ForeignKey) -> String {
    let mut text =
        format!("foreign key ({}) references {} ({})", list(&key.columns), key.references, list(&key.referenced));
    if key.match_type == MatchType::Full {
        text.push_str(" match full");
    }
    if key.on_update != Action::NoAction {
        text.push_str(&format!(" on update {}", key.on_update.word()));
    }
    if key.on_delete != Action::NoAction {
        text.push_str(&format!(" on delete {}", key.on_delete.word()));
        if !key.on_delete_columns.is_empty() {
            text.push_str(&format!(" ({})", list(&key.on_delete_columns)));
        }
    }
    with_deferrable(text, key.deferrable)
}

/// `check (…)`, without `not valid`.
#[must_use]
pub fn check_definition(check: &Check) -> String {
    let inherit = if check.no_inherit { " no inherit" } else { "" };
    format!("check ({}){inherit}", check.expression.sql())
}

/// A constraint's definition with the words for how far it holds; `None` for what is no constraint.
#[must_use]
pub fn constraint_definition(object: &Object) -> Option<String> {
    let text = match object.body.constraint()? {
        TableConstraint::Key(key) => key_definition(key),
        TableConstraint::ForeignKey(key) => foreign_key_definition(key),
        TableConstraint::Check(check) => check_definition(check),
        TableConstraint::Exclusion(exclusion) => exclusion_definition(exclusion),
    };
    Some(match object.body.enforcement()?.as_sql() {
        "" => text,
        words => format!("{text} {words}"),
    })
}
