//! Finds the objects of a state that lean on given ones.
use super::needs::Lookup;
use crate::model::{Body, Object, ObjectId, ObjectKind, State, is_name_letter};
use std::collections::{BTreeMap, BTreeSet};

/// Dependents of each object in `of`: the needs of a state, turned round. Only the objects that can lean on one of `of`
/// are read, by their structure and by a look for the name in their text, so that a plan costs what its change costs.
#[must_use]
pub fn dependents(
    state: &State,
    lookup: &Lookup<'_>,
    of: &BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
    let mut out: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    let names = Names::of(of);
    // A materialized view has indexes, as a table has.
    let name = |id: &ObjectId| id.qualified().filter(|_| id.is(ObjectKind::View)).or_else(|| state.table_of(id));
    let tables: BTreeSet<_> = of.iter().filter_map(name).collect();
    for (id, object) in &state.objects {
        if !may_lean((id, object), &names, &tables, of) {
            continue;
        }
        for need in lookup.needs(id) {
            if of.contains(&need) {
                out.entry(need).or_default().insert(*id);
            }
        }
    }
    out
}

/// Names to be looked for in texts, however many they are: a text is cut into its words once.
struct Names<'a> {
    words: BTreeSet<&'a str>,
    /// Names with characters that end a word.
    others: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(ids: &'a BTreeSet<ObjectId>) -> Self {
        let (mut words, mut others) = (BTreeSet::new(), Vec::new());
        for name in ids.iter().map(ObjectId::own_name) {
            if name.chars().all(is_name_letter) {
                words.insert(name);
            } else {
                others.push(name);
            }
        }
        Self { words, others }
    }

    fn are_in(&self, text: &str) -> bool {
        // The array type of `status` is `_status`.
        let known = |word: &str| self.words.contains(word) || self.words.contains(word.trim_start_matches('_'));
        text.split(|c| !is_name_letter(c)).any(known) || self.others.iter().any(|name| text.contains(name))
    }
}

fn may_lean(
    (id, object): (&ObjectId, &Object),
    names: &Names<'_>,
    tables: &BTreeSet<crate::model::Qualified>,
    of: &BTreeSet<ObjectId>,
) -> bool {
    let part_of = |of: &ObjectId| of.table_of().is_some_and(|table| tables.contains(&table));
    if part_of(id) || object.body.fragments().into_iter().any(|text| names.are_in(text.sql())) {
        return true;
    }
    if let Body::Index(index) = &object.body {
        tables.contains(&index.table)
    } else if let Body::ForeignKey(key) = &object.body {
        tables.contains(&key.references)
    } else if let Body::View(_) = &object.body {
        // A default of a column uses what the query need not name.
        object.head.depends_on.iter().any(|d| of.contains(d) || part_of(d))
    } else if let Body::Definition(definition) = &object.body {
        !object.head.depends_on.is_empty() || definition.text().is_some_and(|text| names.are_in(text))
    } else {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ExtensionName, Qualified};

    #[test]
    fn names_are_found_as_whole_words_whatever_they_hold() {
        let ids: BTreeSet<ObjectId> = ["status", "größe", "a$b", "two words", "q\"q"]
            .into_iter()
            .map(|name| ObjectId::enumeration(Qualified::new("public", name)))
            .chain([ObjectId::extension(ExtensionName::new("uuid-ossp"))])
            .collect();
        let names = Names::of(&ids);
        for text in [
            "status",
            "public._status",
            "'a'::public.status[]",
            "größe > 1",
            "a$b",
            "\"two words\"",
            "x \"q\"q\"",
            "uuid-ossp",
        ] {
            assert!(names.are_in(text), "{text}");
        }
        for text in ["", "statuses", "my_status", "a$bc", "two", "größen"] {
            assert!(!names.are_in(text), "{text}");
        }
    }
}
