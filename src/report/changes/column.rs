//! Columns in words: in brief, and attribute by attribute where two differ.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::{ColumnChange, Pair},
    model::{Column, ColumnValue, GenerationKind, Word},
    plan::sql::identity_clause,
};

impl Brief for Column {
    /// Column in a line, as a declaration writes it: `halfvec(3072) not null default '…'`.
    fn brief(&self, words: &Words) -> String {
        let mut out = words.fragment(&self.data_type);
        if let Some(collation) = &self.collation {
            out.push_str(&format!(" collate {}", words.fragment(collation)));
        }
        // An identity is not null by itself.
        if self.not_null && !matches!(self.value, ColumnValue::Identity(_)) {
            out.push_str(" not null");
        }
        if let Some(value) = value(self, words) {
            out.push_str(&format!(" {value}"));
        }
        if let Some(storage) = self.storage {
            out.push_str(&format!(" storage {}", storage.word()));
        }
        if let Some(compression) = self.compression {
            out.push_str(&format!(" compression {}", compression.word()));
        }
        out
    }
}

pub(super) fn difference(pair: Pair<'_, Column>, change: ColumnChange, words: &Words) -> Difference {
    let Pair { before, after } = pair;
    match change {
        ColumnChange::Type => {
            let (before, after) = words.both(&before.data_type, &after.data_type);
            Difference::bare("type", before, after)
        }
        ColumnChange::Collation => {
            let text = |c: &Column| c.collation.as_ref().map(|c| words.fragment(c));
            Difference::of("collate", text(before), text(after))
        }
        ColumnChange::Nullability => Difference::flag("not null", after.not_null),
        ColumnChange::Value => {
            if let (ColumnValue::Default(a), ColumnValue::Default(b)) = (&before.value, &after.value) {
                let (before, after) = words.both(a, b);
                return Difference::of("default", Some(before), Some(after));
            }
            let text = |c: &Column| value(c, words).unwrap_or_default();
            Difference::bare("value", text(before), text(after))
        }
    }
}

fn value(column: &Column, words: &Words) -> Option<String> {
    Some(match &column.value {
        ColumnValue::None => return None,
        ColumnValue::Default(expression) => format!("default {}", words.fragment(expression)),
        ColumnValue::Identity(identity) => identity_clause(identity, column.sequence_type()),
        ColumnValue::Generated(expression, kind) => {
            let kind = match kind {
                GenerationKind::Stored => "stored",
                GenerationKind::Virtual => "virtual",
            };
            format!("generated always as ({}) {kind}", words.fragment(expression))
        }
    })
}
