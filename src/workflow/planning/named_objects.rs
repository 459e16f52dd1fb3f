//! Meaning of the names that `--absorb` and `--drop` are given: the live objects that they select.
use crate::diagnostic::{Code, Command, Diagnostic};
use crate::model::{ObjectId, ObjectKind, State};
use std::collections::BTreeSet;

/// Tells whether a name is the full name of an object: short, with its schema, or its identity.
pub(crate) fn is_all_of(name: &str, id: &ObjectId) -> bool {
    name == id.short() || name == id.sql() || name == id.to_string()
}

/// Tells whether a name may mean an object, by its full name or by its own: a column's without its table, a function's
/// without its arguments.
pub(crate) fn may_mean(name: &str, id: &ObjectId) -> bool {
    name == id.own_name() || is_all_of(name, id)
}

/// Selects the live object that a name means and the chain does not know, with its parts.
pub(crate) fn unknown(name: &str, live: &State, head: &State) -> Result<BTreeSet<ObjectId>, Diagnostic> {
    let is_in_a_schema = |id: &ObjectId| !id.is(ObjectKind::Schema);
    let found: Vec<&ObjectId> = live.objects.keys().filter(|id| is_in_a_schema(id) && may_mean(name, id)).collect();
    let fresh: Vec<&ObjectId> = found.iter().filter(|id| !head.has(id)).copied().collect();
    // A table's name is also its key's: the outermost object is meant.
    let outer: Vec<&ObjectId> =
        fresh.iter().filter(|id| !fresh.iter().any(|other| other != *id && holds(other, id, live))).copied().collect();
    match outer.as_slice() {
        [one] => {
            let mut ids: BTreeSet<ObjectId> =
                live.objects.keys().filter(|id| holds(one, id, live) && !head.has(id)).cloned().collect();
            ids.insert(*(*one));
            Ok(ids)
        }
        [] if !found.is_empty() => {
            let message = format!("`{}` is known already: the plans made it or took it over", name.escape_debug());
            Err(Diagnostic::error(Code::Usage, message).help("what the declaration says of it is what counts"))
        }
        [] => {
            let message = format!("the database has nothing called `{}` in what is managed", name.escape_debug());
            Err(Diagnostic::error(Code::Usage, message).way("see what it has", Command::new("check").on_database()))
        }
        several => {
            let list: Vec<String> = several.iter().map(|id| id.to_string()).collect();
            let message = format!("`{}` could mean {}", name.escape_debug(), list.join(" or "));
            Err(Diagnostic::error(Code::Ambiguous, message).help("write it with its schema and table"))
        }
    }
}

/// An object with its parts: of a table, its columns, constraints and indexes that are not opaque; of a view, its indexes.
pub(crate) fn with_parts(id: &ObjectId, state: &State) -> BTreeSet<ObjectId> {
    let parts = state.objects.keys().filter(|part| holds(id, part, state) && !state.is_carried(part));
    parts.cloned().chain([*id]).collect()
}

/// Tells whether an object is part of another: a table's columns, constraints and indexes.
fn holds(outer: &ObjectId, id: &ObjectId, live: &State) -> bool {
    let Some(relation) = outer.qualified().filter(|_| outer.kind().has_columns()) else { return false };
    id != outer && live.table_of(id) == Some(relation)
}

pub(crate) fn not_declared(id: &ObjectId) -> Diagnostic {
    let message = format!("{} {} is to be taken over, and is not declared", id.word(), id.short());
    Diagnostic::error(Code::NotDeclared, message)
        .help("declare it as it is in the database, then plan again")
        .way("how it is there", as_it_is())
}

pub(crate) fn declared_all_the_same(id: &ObjectId) -> Diagnostic {
    let message = format!("{} {} is to be dropped, and is declared", id.word(), id.short());
    Diagnostic::error(Code::Contradiction, message).help("take it out of the declaration, or out of --drop")
}

/// Command that writes everything as the database has it, beside the project.
pub(crate) fn as_it_is() -> Command {
    Command::new("import")
        .option("--schema-dir", "as-it-is/schema")
        .option("--plans-dir", "as-it-is/plans")
        .on_database()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Qualified;

    #[test]
    fn a_name_may_leave_out_what_leads_to_an_object_and_what_comes_behind_it() {
        let function = ObjectId::of_parts(ObjectKind::Function, &["app", "twice", "integer"]);
        let column = ObjectId::of_parts(ObjectKind::Column, &["app", "documents", "Path"]);
        for (id, all, own) in [
            (function, ["twice(integer)", "function [app, twice, integer]"], "twice"),
            (column, ["documents.\"Path\"", "app.documents.\"Path\""], "Path"),
            (ObjectId::table(Qualified::new("app", "documents")), ["documents", "app.documents"], "documents"),
        ] {
            for name in all {
                assert!(is_all_of(name, &id) && may_mean(name, &id), "{name} of {id}");
            }
            assert!(may_mean(own, &id), "{own} of {id}");
        }
        assert!(!is_all_of("twice", &function) && !may_mean("integer", &function) && !may_mean("documents", &column));
    }
}
