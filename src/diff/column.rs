//! Compares columns: type, collation, nullability and value change where they stand; PostgreSQL cannot move one.
use super::{
    Alteration, ColumnChange, Pair,
    head::or,
    kind::SaidOf,
    parts::{self, Compared},
};
use crate::canonical::{Sameness, same_expression};
use crate::model::{Column, ColumnValue};

impl Compared for Column {
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool> {
        let (a, b) = (pair.before, pair.after);
        match attribute {
            "value" => Some(!same_value(&a.value, &b.value)),
            // Servers before PostgreSQL 18 know no such names: one that is not known is not another.
            "not_null_name" => Some(matches!((&a.not_null_name, &b.not_null_name), (Some(a), Some(b)) if a != b)),
            _ => None,
        }
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        Alteration::Column(match attribute {
            "type" => ColumnChange::Type,
            "collate" => ColumnChange::Collation,
            "not_null" => ColumnChange::Nullability,
            _ => ColumnChange::Value,
        })
    }

    fn take_over(before: &Self, after: &mut Self, said: SaidOf<'_>) {
        after.position = before.position;
        parts::inherit(before, after, said);
        if before.not_null && after.not_null {
            or(&mut after.not_null_name, &before.not_null_name);
            after.not_null_validated = before.not_null_validated;
        }
        if let (ColumnValue::Identity(before), ColumnValue::Identity(after)) = (&before.value, &mut after.value) {
            or(&mut after.sequence, &before.sequence);
        }
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
