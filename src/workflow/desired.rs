use crate::declaration::Declared;
use crate::diff::{Hints, Rename, apply_renames, complete};
use crate::model::{Object, ObjectId, Schema, SchemaName, State};
use std::collections::{BTreeMap, BTreeSet};

/// The declared renames that act: those whose old name is still in the chain's head and whose new one is not.
pub(super) fn acting_renames(head: &State, declared: &Declared) -> Vec<Rename> {
    let mut renames: Vec<Rename> = declared
        .directives
        .iter()
        .filter_map(|(to, directives)| {
            let from = directives.renamed_from.clone()?;
            let acts = head.has(&from)
                && (!head.has(to) || declared.directives.values().any(|d| d.renamed_from.as_ref() == Some(to)));
            acts.then(|| Rename { from, to: to.clone() })
        })
        .collect();
    // Outer names first: a column's rename is told under its table's new name.
    renames.sort_by_key(|r| (matches!(r.to, ObjectId::Column(..) | ObjectId::Constraint(..)), r.to.clone()));
    renames
}

/// Renamed labels that act: the enum still has the old one.
pub(super) fn hints(head: &State, declared: &Declared) -> Hints {
    let mut renamed_labels: BTreeMap<ObjectId, BTreeMap<String, String>> = BTreeMap::new();
    for (id, directives) in &declared.directives {
        if let Some(Object::Enumeration(enumeration)) = head.get(id) {
            let acting = directives.renamed_labels.iter().filter(|(old, _)| enumeration.labels.contains(old));
            let acting: BTreeMap<String, String> = acting.map(|(a, b)| (a.clone(), b.clone())).collect();
            if !acting.is_empty() {
                renamed_labels.insert(id.clone(), acting);
            }
        }
    }
    Hints { renamed_labels }
}

/// The head with the renames run on it, and the desired state: the declaration completed from it.
pub(super) fn both(head: &State, declared: &Declared, renames: &[Rename], scope: &[String]) -> (State, State) {
    let renamed = apply_renames(head, renames);
    let mut wanted = declared.state.clone();
    for schema in schemas(&wanted, scope) {
        let id = ObjectId::Schema(schema);
        // A schema is there because something lives in it; what it says of itself is the head's.
        let object = renamed.get(&id).cloned().unwrap_or_else(|| Object::Schema(Schema::default()));
        wanted.objects.entry(id).or_insert(object);
    }
    let desired = complete(&renamed, &wanted);
    (renamed, desired)
}

fn schemas(state: &State, scope: &[String]) -> BTreeSet<SchemaName> {
    let mut out: BTreeSet<SchemaName> = state.objects.keys().filter_map(ObjectId::schema).collect();
    out.extend(scope.iter().filter(|s| s.as_str() == "public").map(SchemaName::new));
    for object in state.objects.values() {
        if let Object::Extension(extension) = object {
            out.insert(extension.schema.clone());
        }
    }
    out.retain(|s| s.as_str() != "pg_catalog");
    out
}
