//! Makes an exclusion constraint from its catalog row.
use super::{
    constraint::{ConstraintRow, column_names},
    index::{IndexRow, keys},
    row::options,
    text::Texts,
};
use crate::canonical::parse_exclusion_key;
use crate::model::{Exclusion, ExclusionKey, IndexKey};

/// Makes the exclusion constraint of a row; its index knows the rest. None where pgform does not model all of it:
/// statistics targets of its index's keys.
pub(super) fn exclusion(row: &ConstraintRow, index: &IndexRow, texts: &mut Texts) -> Option<Exclusion> {
    if !index.statistics.is_empty() {
        return None;
    }
    let key = |text: &str| {
        let parts = parse_exclusion_key(&index.method, text).ok()?;
        Some(ExclusionKey { key: IndexKey { sql: Texts::verbatim(&parts.key) }, operator: parts.operator })
    };
    Some(Exclusion {
        method: index.method.clone(),
        keys: keys(row.definition.as_deref()?).into_iter().map(key).collect::<Option<_>>()?,
        include: column_names(&index.include),
        predicate: index.predicate.as_deref().map(|predicate| texts.expression(predicate)),
        deferrable: row.when(),
        with: options(index.options.as_ref()),
        tablespace: index.tablespace.clone(),
        index_comment: index.comment.clone(),
    })
}
