//! Extensions in words: least version and schema, and a change of either.
use super::Difference;
use crate::{
    diff::{ExtensionChange, Pair},
    model::Extension,
};

/// Least version, and schema where it is not the usual one.
pub(super) fn brief(extension: &Extension) -> String {
    let schema = match extension.schema.as_str() {
        "public" | "pg_catalog" => String::new(),
        _ => format!("in schema {}", extension.schema),
    };
    let minimum = extension.minimum.as_ref().map(|m| format!(">= {m}")).unwrap_or_default();
    [minimum, schema].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
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
