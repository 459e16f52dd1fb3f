use super::{
    constraint::{ConstraintRow, column_names},
    row::letter,
};
use crate::model::{Action, ForeignKey, MatchType, Qualified};

/// The foreign key of a row.
pub(super) fn foreign_key(row: &ConstraintRow) -> ForeignKey {
    ForeignKey {
        columns: column_names(&row.columns),
        references: Qualified::new(
            row.references_schema.clone().unwrap_or_default(),
            row.references_table.clone().unwrap_or_default(),
        ),
        referenced: column_names(&row.referenced),
        match_type: if letter(&row.match_type) == 'f' { MatchType::Full } else { MatchType::Simple },
        on_update: action(&row.on_update),
        on_delete: action(&row.on_delete),
        on_delete_columns: column_names(&row.on_delete_columns),
        deferrable: row.when(),
        enforcement: row.enforcement(),
        comment: row.comment.clone(),
    }
}

fn action(of: &str) -> Action {
    match letter(of) {
        'r' => Action::Restrict,
        'c' => Action::Cascade,
        'n' => Action::SetNull,
        'd' => Action::SetDefault,
        _ => Action::NoAction,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_actions() {
        for (of, expected) in [
            ("a", Action::NoAction),
            ("r", Action::Restrict),
            ("c", Action::Cascade),
            ("n", Action::SetNull),
            ("d", Action::SetDefault),
        ] {
            assert_eq!(action(of), expected);
        }
    }
}
