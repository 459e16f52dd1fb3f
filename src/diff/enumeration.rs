use super::{Alteration, EnumerationChange, Pair, engine::Differences};
use crate::model::{Enumeration, is_aside};
use std::collections::{BTreeMap, BTreeSet};

/// `renamed` maps old labels to new ones, as declared.
pub(super) fn diff(pair: Pair<'_, Enumeration>, renamed: &BTreeMap<String, String>) -> Vec<Alteration> {
    let Enumeration { labels, comment, owner, privileges } = pair.before;
    let mut out = Differences::default();
    for change in label_changes(labels, &pair.after.labels, renamed) {
        out.when(true, Alteration::Enumeration(change));
    }
    out.comment(comment, &pair.after.comment);
    out.carried("owner", owner, &pair.after.owner);
    out.carried("privileges", privileges, &pair.after.privileges);
    out.finish()
}

fn label_changes(before: &[String], after: &[String], renamed: &BTreeMap<String, String>) -> Vec<EnumerationChange> {
    // What was set aside is nobody's label, on either side: a database that went back over a new label has it.
    let after: &[String] = &after.iter().filter(|label| !is_aside(label)).cloned().collect::<Vec<_>>();
    let mut changes = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    for label in before.iter().filter(|label| !is_aside(label)) {
        match renamed.get(label) {
            Some(to) if !before.contains(to) => {
                changes.push(EnumerationChange::Renamed { from: label.clone(), to: to.clone() });
                labels.push(to.clone());
            }
            _ => labels.push(label.clone()),
        }
    }
    let wanted: BTreeSet<&String> = after.iter().collect();
    let known: BTreeSet<&String> = labels.iter().collect();
    changes.extend(labels.iter().filter(|l| !wanted.contains(l)).map(|l| EnumerationChange::Removed(l.clone())));
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
    changes
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
        let aside =
            crate::model::aside_name("seed", &crate::model::ObjectId::Type(crate::model::Qualified::new("a", "b")));
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
            [EnumerationChange::Removed("b".into()), EnumerationChange::Added { label: "x".into(), before: None }]
        );
    }
}
