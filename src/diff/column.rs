use super::{Alteration, ColumnChange, Pair, differences::Differences};
use crate::canonical::{Sameness, same_expression, same_type};
use crate::model::{Column, ColumnValue, Fragment};

pub(super) fn diff(pair: Pair<'_, Column>) -> Vec<Alteration> {
    let Column {
        position: _, // PostgreSQL cannot move a column
        data_type,
        collation,
        not_null,
        not_null_name,
        not_null_validated,
        value,
        storage,
        compression,
        statistics,
        options,
    } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    let changes = [
        (same_type(data_type, &after.data_type) != Sameness::Same, ColumnChange::Type),
        (!same_optional(collation.as_ref(), after.collation.as_ref()), ColumnChange::Collation),
        (*not_null != after.not_null, ColumnChange::Nullability),
        (!same_value(value, &after.value), ColumnChange::Value),
    ];
    for (differs, change) in changes {
        out.when(differs, Alteration::Column(change));
    }
    // Servers before PostgreSQL 18 know no such names: one that is not known is not another.
    let renamed = matches!((not_null_name, &after.not_null_name), (Some(a), Some(b)) if a != b);
    out.when(renamed, Alteration::Carried("not_null_name"));
    out.carried("not_null_not_valid", not_null_validated, &after.not_null_validated);
    out.carried("storage", storage, &after.storage);
    out.carried("compression", compression, &after.compression);
    out.carried("statistics", statistics, &after.statistics);
    out.carried("options", options, &after.options);
    out.finish()
}

pub(super) fn same_optional(a: Option<&Fragment>, b: Option<&Fragment>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same_expression(a, b) == Sameness::Same,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn same_value(a: &ColumnValue, b: &ColumnValue) -> bool {
    match (a, b) {
        (ColumnValue::None, ColumnValue::None) => true,
        (ColumnValue::Default(a), ColumnValue::Default(b)) => same_expression(a, b) == Sameness::Same,
        // The sequence's name is PostgreSQL's choice.
        (ColumnValue::Identity(a), ColumnValue::Identity(b)) => a.always == b.always && a.options == b.options,
        (ColumnValue::Generated(a, kind), ColumnValue::Generated(b, other)) => {
            kind == other && same_expression(a, b) == Sameness::Same
        }
        _ => false,
    }
}
