//! Compares, completes and takes over kinds whose state is their attributes, by the list that each kind has of them.
use super::{Alteration, Pair, differences::Differences};
use crate::canonical::{Sameness, same_expression, same_query, same_type};
use crate::model::{AttributeOf, Field, Fragment, Grammar, OnChange, Parts, Silence};

/// Rules of a kind for comparing two of its objects.
pub(super) trait Compared: Parts {
    /// Says whether two differ in an attribute that is not compared by its value; `None` for all others.
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool>;

    /// Gives the alteration by which PostgreSQL changes an attribute where the object stands.
    fn alteration(attribute: &'static str, pair: Pair<'_, Self>) -> Alteration;
}

pub(super) fn diff<T: Compared>(pair: Pair<'_, T>) -> Vec<Alteration> {
    differences(pair).finish()
}

/// Finds the differences of two, for a kind that adds some of its own.
pub(super) fn differences<T: Compared>(pair: Pair<'_, T>) -> Differences {
    let mut out = Differences::default();
    if pair.before == pair.after {
        return out;
    }
    for attribute in T::ATTRIBUTES {
        let name = attribute.name;
        let by_value = || {
            if let Field::Sql { get, set: _, grammar } = &attribute.field {
                !same_sql(get(pair.before), get(pair.after), *grammar)
            } else {
                !attribute.is_same(pair.before, pair.after)
            }
        };
        if attribute.change == OnChange::Nothing || !T::differs(name, pair).unwrap_or_else(by_value) {
            continue;
        }
        out.add(match attribute.change {
            OnChange::Alters => T::alteration(name, pair),
            OnChange::Replaces => Alteration::Replaced(vec![name]),
            OnChange::Carried | OnChange::Nothing => Alteration::Carried(name),
        });
    }
    out
}

fn same_sql(a: Option<&Fragment>, b: Option<&Fragment>, grammar: Grammar) -> bool {
    let same = match grammar {
        Grammar::Type => same_type,
        Grammar::Query => same_query,
        Grammar::Expression | Grammar::Collation => same_expression,
    };
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b) == Sameness::Same,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Takes over from the earlier form what a declaration leaves to others and does not say.
pub(super) fn inherit<T: Parts>(before: &T, after: &mut T, said: &dyn Fn(&str) -> bool) {
    for attribute in T::ATTRIBUTES.iter().filter(|attribute| attribute.silence == Silence::Unmanaged) {
        if !said(attribute.name) && attribute.told(after).is_empty() {
            attribute.take(after, before);
        }
    }
}

/// Takes over from the form that is there what no plan changes, and what a declaration leaves to others and does not say.
pub(super) fn take_carried<T: Parts>(known: &mut T, there: &T, said: &dyn Fn(&str) -> bool) {
    let unsaid = |attribute: &AttributeOf<T>| attribute.silence == Silence::Unmanaged && !said(attribute.name);
    for attribute in T::ATTRIBUTES {
        if attribute.change == OnChange::Carried || (attribute.change != OnChange::Nothing && unsaid(attribute)) {
            attribute.take(known, there);
        }
    }
}
