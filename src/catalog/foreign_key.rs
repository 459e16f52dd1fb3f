//! Makes a foreign key from its catalog row.
use super::{
    constraint::{ConstraintRow, column_names},
    row::letter,
    rows_by_relation::{Part, Parts},
};
use crate::model::{Action, ForeignKey, MatchType, Qualified};

/// Makes the foreign key of a row. Names that the server has not given are those of the rows that were read.
pub(super) fn foreign_key(row: &ConstraintRow, part: &Part, parts: &Parts) -> ForeignKey {
    let (references, referenced) = match (&row.references_schema, &row.references_table, &row.referenced_names) {
        (Some(schema), Some(table), Some(names)) => (Qualified::new(schema, table), column_names(names)),
        _ => {
            let table = parts.relation(row.referenced_table).map(|(name, _)| *name);
            (table.unwrap_or_else(|| Qualified::new("", "")), parts.referenced(row))
        }
    };
    ForeignKey {
        columns: part.names(row.columns.as_ref()),
        references,
        referenced,
        match_type: if letter(&row.match_type) == 'f' { MatchType::Full } else { MatchType::Simple },
        on_update: action(&row.on_update),
        on_delete: action(&row.on_delete),
        on_delete_columns: part.names(row.on_delete_columns.as_ref()),
        deferrable: row.when(),
        enforcement: row.enforcement(),
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
