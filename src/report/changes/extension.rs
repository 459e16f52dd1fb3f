//! Extensions in words: least version and schema, and a change of either.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::{ExtensionChange, Pair},
    model::Extension,
};

impl Brief for Extension {
    /// Least version, and schema where it is not the usual one.
    fn brief(&self, _: &Words) -> String {
        let schema = match self.schema.as_str() {
            "public" | "pg_catalog" => String::new(),
            _ => format!("in schema {}", self.schema),
        };
        let minimum = self.minimum.as_ref().map(|m| format!(">= {m}")).unwrap_or_default();
        [minimum, schema].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

pub(super) fn difference(pair: Pair<'_, Extension>, change: ExtensionChange) -> Difference {
    let Pair { before, after } = pair;
    match change {
        ExtensionChange::Schema => {
            Difference::of("schema", Some(before.schema.to_string()), Some(after.schema.to_string()))
        }
        ExtensionChange::Minimum => {
            let text = |e: &Extension| e.minimum.as_ref().map_or_else(String::new, |m| format!(">= {m}"));
            Difference::bare("version", text(before), text(after))
        }
    }
}
