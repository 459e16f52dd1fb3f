use super::needs::Lookup;
use crate::model::{Object, ObjectId, State};
use std::collections::{BTreeMap, BTreeSet};

/// Who leans on what: the needs of a state, turned round. Only the objects that can lean on one of `of` are read, by
/// their structure and by a look for the name in their text, so that a plan costs what its change costs.
#[must_use]
pub fn dependents(
    state: &State,
    lookup: &Lookup<'_>,
    of: &BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut out: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    let names: BTreeSet<&str> = of.iter().filter_map(|id| id.parts().last().copied()).collect();
    let tables: BTreeSet<_> = of.iter().filter_map(ObjectId::table).collect();
    for (id, object) in &state.objects {
        if !may_lean(id, object, &names, &tables) {
            continue;
        }
        for need in lookup.needs(id) {
            if of.contains(&need) {
                out.entry(need).or_default().insert(id.clone());
            }
        }
    }
    out
}

fn may_lean(
    id: &ObjectId,
    object: &Object,
    names: &BTreeSet<&str>,
    tables: &BTreeSet<crate::model::Qualified>,
) -> bool {
    let text_has = |text: &str| names.iter().any(|name| text.contains(name));
    if id.table().is_some_and(|t| tables.contains(&t)) {
        return true;
    }
    match object {
        Object::Index(index) => tables.contains(&index.table),
        Object::ForeignKey(key) => tables.contains(&key.references),
        Object::View(view) => {
            text_has(view.query.sql()) || view.depends_on.iter().any(|d| d.table().is_some_and(|t| tables.contains(&t)))
        }
        Object::Opaque(opaque) => !opaque.depends_on.is_empty() || opaque.create.as_deref().is_some_and(text_has),
        Object::Column(column) => {
            text_has(column.data_type.sql())
                || matches!(&column.value, crate::model::ColumnValue::Default(e) | crate::model::ColumnValue::Generated(e, _) if text_has(e.sql()))
        }
        Object::Check(check) => text_has(check.expression.sql()),
        Object::Sequence(_)
        | Object::Key(_)
        | Object::Schema(_)
        | Object::Extension(_)
        | Object::Enumeration(_)
        | Object::Table(_) => false,
    }
}
