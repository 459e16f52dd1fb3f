//! Compares, completes and takes over kinds whose state is their attributes, by the list that each kind has of them.
use super::{
    Alteration, Pair,
    differences::Differences,
    kind::{Kind, SaidOf, Subject},
};
use crate::canonical::{Sameness, same_expression, same_query, same_type};
use crate::model::{AttributeOf, Field, Fragment, Grammar, ObjectId, OnChange, Parts, Silence};

/// Rules of a kind for comparing two of its objects.
pub(super) trait Compared: Parts {
    /// Says whether two differ in an attribute that is not compared by its value; `None` for all others.
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool>;

    /// Gives the alteration by which PostgreSQL changes an attribute where the object stands.
    fn alteration(attribute: &'static str, pair: Pair<'_, Self>) -> Alteration;

    /// Finds the differences that are not those of single attributes, beside the others.
    fn add_more(_: &mut Differences, _: Pair<'_, Self>, _: &Subject<'_>) {}

    /// Takes over from the earlier form what its attributes do not tell, and then these.
    fn take_over(before: &Self, after: &mut Self, said: SaidOf<'_>) {
        inherit(before, after, said);
    }
}

impl<T: Compared> Kind for T {
    fn diff(pair: Pair<'_, Self>, of: &Subject<'_>) -> Vec<Alteration> {
        let mut out = differences(pair);
        T::add_more(&mut out, pair, of);
        out.finish()
    }

    fn inherit(before: &Self, after: &mut Self, _: &ObjectId, said: SaidOf<'_>) {
        T::take_over(before, after, said);
    }
}

/// Finds the differences of two, attribute by attribute.
fn differences<T: Compared>(pair: Pair<'_, T>) -> Differences {
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
pub(super) fn inherit<T: Parts>(before: &T, after: &mut T, said: SaidOf<'_>) {
    for attribute in T::ATTRIBUTES.iter().filter(|attribute| attribute.silence == Silence::Unmanaged) {
        if !said(attribute.name) && attribute.told(after).is_empty() {
            attribute.take(after, before);
        }
    }
}

/// Takes over from the form that is there what no plan changes, and what a declaration leaves to others and does not say.
pub(super) fn take_carried<T: Parts>(known: &mut T, there: &T, said: SaidOf<'_>) {
    let unsaid = |attribute: &AttributeOf<T>| attribute.silence == Silence::Unmanaged && !said(attribute.name);
    for attribute in T::ATTRIBUTES {
        if attribute.change == OnChange::Carried || (attribute.change != OnChange::Nothing && unsaid(attribute)) {
            attribute.take(known, there);
        }
    }
}
