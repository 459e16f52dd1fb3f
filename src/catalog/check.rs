//! Makes a check constraint from its catalog row.
use super::{constraint::ConstraintRow, text::Texts};
use crate::model::Check;

/// The check constraint of a row.
pub(super) fn check(row: &ConstraintRow, texts: &mut Texts) -> Check {
    Check {
        expression: texts.expression(row.expression.as_deref().unwrap_or_default()),
        no_inherit: row.no_inherit,
        enforcement: row.enforcement(),
    }
}
