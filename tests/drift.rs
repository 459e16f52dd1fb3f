//! Nothing is silently in step: each attribute of a rich schema is changed by hand, one change an object at a time, and
//! `check` names exactly those, with what was and what is; undone, the database is in step again. Through the binary, on
//! real servers.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod across;
mod changes;
mod ends;
mod said;
mod scene;
mod unseen;

use crate::support::Version;
use changes::{CHANGES, Change};
use scene::{Scene, in_step};
use std::collections::{BTreeMap, BTreeSet};

/// The changes in rounds: in each, no object twice, and none that another in it leans on.
fn rounds(version: Version) -> Vec<Vec<&'static Change>> {
    let major = scene::major(version);
    let mut rounds: Vec<(BTreeSet<&str>, Vec<&Change>)> = Vec::new();
    for change in CHANGES.iter().filter(|c| major >= c.since) {
        let free = rounds.iter_mut().find(|(taken, _)| !taken.contains(change.object));
        match free {
            Some((taken, round)) => {
                taken.insert(change.object);
                round.push(change);
            }
            None => rounds.push(([change.object].into(), vec![change])),
        }
    }
    rounds.into_iter().map(|(_, round)| round).collect()
}

fn every_change_is_seen(version: Version) {
    let Some(scene) = Scene::adopted(version) else { return };
    let mut wrong = String::new();
    for round in rounds(version) {
        let all = |sql: fn(&Change) -> &str| round.iter().map(|c| sql(c)).collect::<Vec<_>>().join(";\n");
        scene.sql(&all(|c| c.sql));
        let (code, found) = scene.drift();
        let wanted: BTreeMap<String, BTreeSet<String>> = round
            .iter()
            .map(|c| (c.object.to_owned(), c.attributes.iter().map(|a| (*a).to_owned()).collect()))
            .collect();
        let missing: Vec<_> = wanted.iter().filter(|(id, what)| found.get(*id) != Some(what)).collect();
        let loud: Vec<_> = found.iter().filter(|(id, _)| !wanted.contains_key(*id)).collect();
        for (id, what) in missing {
            wrong.push_str(&format!("{id}: {what:?} was changed, {:?} was told\n", found.get(id)));
        }
        for (id, what) in loud {
            wrong.push_str(&format!("{id}: {what:?} was told, and nothing was changed\n"));
        }
        assert_eq!(code, 3, "{wrong}");
        scene.sql(&round.iter().rev().map(|c| c.undo).collect::<Vec<_>>().join(";\n"));
        let (_, left) = scene.drift();
        for (id, what) in left {
            wrong.push_str(&format!("{id}: {what:?} was told after it was undone\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    in_step(&scene, "after all was undone");
}

#[test]
fn every_change_is_seen_on_18() {
    every_change_is_seen(Version::V18);
}

#[test]
fn every_change_is_seen_on_16() {
    every_change_is_seen(Version::V16);
}
