//! Finds names in the bodies of functions that are found along a `search_path` alone. pgform's sessions have none but
//! `pg_catalog`, as PostgreSQL itself has none when it builds an index or restores a dump
//! (<https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY>).
use crate::diagnostic::{Code, Diagnostic};
use crate::diff::has_word;
use crate::model::{Definition, Object, ObjectId, ObjectKind, State, quote};
use crate::plan::Problem;
use std::collections::BTreeSet;

/// Object that was looked for and not found, though a state has it, and the functions that look for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffPath {
    missing: ObjectId,
    callers: BTreeSet<ObjectId>,
}

/// Reads what the server says; `None` where something is missing for another reason.
#[must_use]
pub fn off_path(said: &str, states: [&State; 2]) -> Option<OffPath> {
    let name = missing_name(said)?;
    let own_name = |id: &ObjectId| {
        let is_called = id.kind().lives_in_schema() && !id.kind().is_part_of_relation() && !id.is(ObjectKind::Index);
        is_called && id.own_name() == name
    };
    let objects = || states.into_iter().flat_map(|state| &state.objects);
    let missing = *objects().map(|(id, _)| id).find(|id| own_name(id))?;
    let looks = |(id, object): &(&ObjectId, &Object)| {
        let text = object.definition().and_then(Definition::text);
        is_routine(id) && **id != missing && text.is_some_and(|t| has_word(t, &name) && !has_word(t, "search_path"))
    };
    let callers: BTreeSet<ObjectId> = objects().filter(looks).map(|(id, _)| *id).collect();
    (!callers.is_empty()).then_some(OffPath { missing, callers })
}

fn is_routine(id: &ObjectId) -> bool {
    matches!(id.kind(), ObjectKind::Function | ObjectKind::Procedure)
}

/// The bare name in `function other(text) does not exist`, `relation "t" does not exist`; none where it has a schema.
fn missing_name(said: &str) -> Option<String> {
    let before = &said[..said.find(" does not exist")?];
    let quoted = |word: &str| {
        let at = before.rfind(&format!("{word} \""))? + word.len() + 2;
        before[at..].strip_suffix('"').map(|name| name.replace("\"\"", "\""))
    };
    if let Some(name) = quoted("relation").or_else(|| quoted("type")) {
        return (!name.contains('.')).then_some(name);
    }
    let at = before.rfind("function ")? + "function ".len();
    let name = before[at..].split('(').next()?;
    let bare = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    match bare {
        Some(bare) => Some(bare.replace("\"\"", "\"")),
        None => (!name.contains('.')).then(|| name.to_owned()),
    }
}

impl OffPath {
    /// The mistake, with the object that cannot be made for it.
    #[must_use]
    pub fn problem(&self, object: &ObjectId) -> Problem {
        let message = self.says(&format!("{} {}", object.word(), object.short()));
        Problem { code: Code::Rejected, object: *object, attribute: None, message, help: Some(self.help()) }
    }

    /// The mistake, with what cannot be done for it.
    #[must_use]
    pub fn diagnostic(&self, what: &str) -> Diagnostic {
        Diagnostic::error(Code::Rejected, self.says(what)).help(self.help())
    }

    fn says(&self, what: &str) -> String {
        let callers: Vec<String> = self.callers.iter().map(|id| format!("{} {}", id.word(), id.short())).collect();
        format!(
            "{what} leans on {}, whose body looks for {} {} along the search_path: pgform's is pg_catalog alone, so it fails \
             wherever there is a row",
            callers.join(" or "),
            self.missing.word(),
            self.missing.short(),
        )
    }

    /// Says it of tables that are new: their first rows would fail.
    #[must_use]
    pub fn not_shown(&self, table: &ObjectId) -> String {
        let callers: Vec<String> = self.callers.iter().map(ObjectId::short).collect();
        format!(
            "rows of {}: without a search_path {} does not find {} ({})",
            table.short(),
            callers.join(" or "),
            self.missing.short(),
            self.help()
        )
    }

    fn help(&self) -> String {
        let schemas = |id: &ObjectId| id.home().map(|schema| schema.to_string());
        let mut path: Vec<String> = self.callers.iter().chain([&self.missing]).filter_map(schemas).collect();
        path.sort();
        path.dedup();
        let alter = |id: &ObjectId| {
            let parts = id.parts();
            let [schema, name, arguments @ ..] = parts.as_slice() else { return None };
            let kind = id.word();
            let signature = format!("{}.{}({})", quote(schema), quote(name), arguments.join(", "));
            Some(format!("alter {kind} {signature} set search_path = {}, pg_catalog", path.join(", ")))
        };
        let all: Vec<String> = self.callers.iter().filter_map(alter).collect();
        format!(
            "give it a path of its own (`set: {{search_path: [{}]}}` where it is declared), or write the name with its schema in its body; \
             by hand: {}",
            path.join(", "),
            all.join("; ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_read_and_others_are_not() {
        for (said, name) in [
            ("function other(text) does not exist", Some("other")),
            ("stopped: function \"Oth er\"(text, integer) does not exist (SQLSTATE 42883), in: x", Some("Oth er")),
            ("relation \"lookup\" does not exist", Some("lookup")),
            ("type \"mood\" does not exist", Some("mood")),
            ("function public.other(text) does not exist", None),
            ("relation \"public.lookup\" does not exist", None),
            ("division by zero", None),
        ] {
            assert_eq!(missing_name(said).as_deref(), name, "{said}");
        }
    }
}
