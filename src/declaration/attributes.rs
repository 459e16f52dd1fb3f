//! Reads and writes the attributes of a kind in YAML, by the list that the kind has of them.
use super::{column_text::canonical_collation, keys::Keys, value::Out};
use crate::canonical::{canonical_expression, canonical_query};
use crate::model::{AttributeOf, ColumnName, Field, Grammar, Keyed, Parts, Silence};

/// Gives the names of a kind's attributes, and the form of each one's key.
pub(super) fn names<T: Parts>() -> Vec<(&'static str, Keyed)> {
    T::ATTRIBUTES.iter().map(|attribute| (attribute.name, attribute.key)).collect()
}

/// Gives no attributes: for a kind that has none as keys.
pub(super) fn none() -> Vec<(&'static str, Keyed)> {
    Vec::new()
}

/// Reads into an object what is written of it, but for what the kind's own file reads.
pub(super) fn read<T: Parts>(keys: &mut Keys<'_, '_>, of: &mut T) {
    for attribute in T::ATTRIBUTES {
        if is_here(attribute.key, !keys.reader.is_declared()) && keys.has(attribute.name) {
            one(keys, attribute, of);
        }
    }
}

fn is_here(key: Keyed, in_plans: bool) -> bool {
    match key {
        Keyed::Everywhere => true,
        Keyed::InPlans => in_plans,
        Keyed::Specially => false,
    }
}

fn one<T: Parts>(keys: &mut Keys<'_, '_>, attribute: &AttributeOf<T>, of: &mut T) {
    let name = attribute.name;
    match &attribute.field {
        Field::Flag { set, get: _ } => {
            if let Some(is_set) = keys.maybe_flag(name) {
                set(of, is_set);
            }
        }
        Field::Text { set, get: _ } => {
            let text = keys.text(name);
            set(of, text.as_deref());
        }
        Field::Word { set, words, get: _ } => {
            // A word for the usual value, where silence leaves the attribute to others; no state holds it.
            let usual = attribute.silence == Silence::Unmanaged && keys.reader.is_declared();
            let words = words().into_iter().map(|word| (word, word)).chain(usual.then_some(("default", "")));
            if let Some(word) = keys.word(name, &words.collect::<Vec<_>>()) {
                set(of, word);
            }
        }
        Field::Number { set, get: _ } => {
            let number = keys.small(name);
            set(of, number);
        }
        Field::Columns { set, get: _ } => {
            let columns = keys.columns(name);
            set(of, columns);
        }
        Field::Parameters { set, get: _ } => {
            let parameters = keys.parameters(name);
            set(of, parameters);
        }
        Field::Sql { set, grammar, get: _ } => {
            let parse = match grammar {
                Grammar::Type | Grammar::Expression => canonical_expression,
                Grammar::Collation => canonical_collation,
                Grammar::Query => canonical_query,
            };
            let sql = keys.sql(name, parse);
            set(of, sql);
        }
        // The kind's own file reads it.
        Field::Own { tell: _, take: _ } => {}
    }
}

/// Writes what is not usual, in the order of the list; `own` writes what the kind's own file reads.
pub(super) fn write<T: Parts>(out: &mut Out, of: &T, own: impl Fn(&mut Out, &'static str)) {
    for attribute in T::ATTRIBUTES {
        let name = attribute.name;
        if attribute.key == Keyed::Specially {
            own(out, name);
            continue;
        }
        if !is_here(attribute.key, out.is_state()) {
            continue;
        }
        match &attribute.field {
            Field::Flag { get, set: _ } => out.flag(name, get(of)),
            Field::Text { get, set: _ } => out.text(name, get(of)),
            Field::Word { get, set: _, words: _ } => out.text(name, get(of)),
            Field::Number { get, set: _ } => {
                if let Some(number) = get(of) {
                    out.put(name, number);
                }
            }
            Field::Columns { get, set: _ } => out.list(name, get(of).iter().map(ColumnName::as_str)),
            Field::Parameters { get, set: _ } => out.parameters(name, get(of)),
            Field::Sql { get, set: _, grammar: _ } => {
                if let Some(sql) = get(of) {
                    out.sql(name, sql);
                }
            }
            Field::Own { tell: _, take: _ } => own(out, name),
        }
    }
}
