//! Compares enums: labels that are added, renamed, removed or in another order.
use super::{
    Alteration, EnumerationChange, Hints, Pair, Relabelled, composite_type,
    differences::Differences,
    kind::{Kind, SaidOf, Subject},
};
use crate::model::{Body, Enumeration, ObjectId, ObjectKind, State, aside_name, is_aside};
use std::collections::{BTreeMap, BTreeSet};

impl Kind for Enumeration {
    fn diff(pair: Pair<'_, Self>, of: &Subject<'_>) -> Vec<Alteration> {
        let Enumeration { labels } = pair.before;
        let none = BTreeMap::new();
        let mut out = Differences::default();
        for change in label_changes(labels, &pair.after.labels, of.renamed_labels.unwrap_or(&none)) {
            out.add(Alteration::Enumeration(change));
        }
        out.finish()
    }

    /// Takes over nothing: all labels are declared.
    fn inherit(_: &Self, _: &mut Self, _: &ObjectId, _: SaidOf<'_>) {}
}

/// Lists the changes of labels; `renamed` maps old ones to new ones, as declared.
fn label_changes(before: &[String], after: &[String], renamed: &BTreeMap<String, String>) -> Vec<EnumerationChange> {
    // Labels that were set aside are nobody's, on either side: a database that went back over a new label has one.
    let after: &[String] = &after.iter().filter(|label| !is_aside(label)).cloned().collect::<Vec<_>>();
    let mut changes = Vec::new();
    let mut labels: Vec<String> = before.iter().filter(|label| !is_aside(label)).cloned().collect();
    for (from, to) in renamed {
        // A label that is renamed is not declared any more; else the rename ran already.
        if !labels.contains(from) || after.contains(from) {
            continue;
        }
        if let Some(at) = labels.iter().position(|label| label == to) {
            changes.push(EnumerationChange::Removed(to.clone()));
            labels.remove(at);
        }
        changes.push(EnumerationChange::Renamed { from: from.clone(), to: to.clone() });
        labels.iter_mut().filter(|label| *label == from).for_each(|label| label.clone_from(to));
    }
    let wanted: BTreeSet<&String> = after.iter().collect();
    let known: BTreeSet<&String> = labels.iter().collect();
    let stay = |list: &[String], other: &BTreeSet<&String>| -> Vec<String> {
        list.iter().filter(|l| other.contains(l)).cloned().collect()
    };
    if stay(&labels, &wanted) != stay(after, &known) {
        changes.push(EnumerationChange::Reordered);
    }
    // From the end: each new label is put before the one that follows it, which is there by then.
    for (at, label) in after.iter().enumerate().rev().filter(|(_, l)| !known.contains(l)) {
        changes.push(EnumerationChange::Added { label: label.clone(), before: after.get(at + 1).cloned() });
    }
    // Last: what uses a label that goes (a default, a check) is changed while it is still there.
    changes.extend(labels.iter().filter(|l| !wanted.contains(l)).map(|l| EnumerationChange::Removed(l.clone())));
    changes
}

/// Lists the labels, and the attributes of composite types, that get another name before everything else changes, in
/// order: those that are renamed, and labels whose name another takes, which go aside.
#[must_use]
pub fn renamed_labels(before: &State, after: &State, hints: &Hints) -> Vec<Relabelled> {
    let mut out = Vec::new();
    for (id, renamed) in &hints.renamed_labels {
        if let (Some(Body::Definition(a)), Some(Body::Definition(b))) = (before.body(id), after.body(id)) {
            out.extend(composite_type::relabelled(id, (a, b), renamed));
        }
        let (Some(Body::Enumeration(a)), Some(Body::Enumeration(b))) = (before.body(id), after.body(id)) else {
            continue;
        };
        for change in label_changes(&a.labels, &b.labels, renamed) {
            let (from, to) = match change {
                EnumerationChange::Renamed { from, to } => (from, to),
                EnumerationChange::Removed(label) if b.labels.contains(&label) => {
                    let aside = taken_label(id, &label);
                    (label, aside)
                }
                EnumerationChange::Added { label: _, before: _ }
                | EnumerationChange::Removed(_)
                | EnumerationChange::Reordered => {
                    continue;
                }
            };
            out.push(Relabelled { of: *id, from, to });
        }
    }
    out
}

/// Forms the name of a label that makes way for another of its name.
#[must_use]
pub fn taken_label(of: &ObjectId, label: &str) -> String {
    let parts: Vec<&str> = of.parts().into_iter().chain([label]).collect();
    aside_name("taken over", &ObjectId::of_parts(ObjectKind::BaseType, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn labels_are_added_where_they_are_declared() {
        assert_eq!(
            label_changes(&list("a c"), &list("a b c d"), &BTreeMap::new()),
            [
                EnumerationChange::Added { label: "d".into(), before: None },
                EnumerationChange::Added { label: "b".into(), before: Some("c".into()) },
            ]
        );
        assert_eq!(label_changes(&list("a b"), &list("b a"), &BTreeMap::new()), [EnumerationChange::Reordered]);
    }

    #[test]
    fn labels_set_aside_are_no_labels() {
        let aside = aside_name("seed", &ObjectId::enumeration(crate::model::Qualified::new("a", "b")));
        let with = [list("a b"), vec![aside.to_string()]].concat();
        assert!(is_aside(&aside.to_string()));
        assert_eq!(label_changes(&list("a b"), &with, &BTreeMap::new()), []);
        assert_eq!(label_changes(&with, &list("a b"), &BTreeMap::new()), []);
    }

    #[test]
    fn renames_are_declared_and_removals_are_not_guessed_to_be_renames() {
        let renamed = BTreeMap::from([("b".to_owned(), "x".to_owned())]);
        assert_eq!(
            label_changes(&list("a b"), &list("a x"), &renamed),
            [EnumerationChange::Renamed { from: "b".into(), to: "x".into() }]
        );
        assert_eq!(
            label_changes(&list("a b"), &list("a x"), &BTreeMap::new()),
            [EnumerationChange::Added { label: "x".into(), before: None }, EnumerationChange::Removed("b".into())]
        );
    }

    #[test]
    fn a_label_takes_the_name_of_one_that_goes() {
        let renamed = BTreeMap::from([("b".to_owned(), "a".to_owned())]);
        assert_eq!(
            label_changes(&list("a b c"), &list("a c"), &renamed),
            [EnumerationChange::Removed("a".into()), EnumerationChange::Renamed { from: "b".into(), to: "a".into() }]
        );
        // The rename ran already.
        assert_eq!(label_changes(&list("a c"), &list("a c"), &renamed), []);
    }
}
