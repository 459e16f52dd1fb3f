//! Holds what a plan says against what servers showed.
use super::{
    relations::{Relation, named},
    trace::{At, Planned, Seen, Trace},
};
use pgform::plan::format::{HazardKind, Held, Lock, LockMode};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Judged {
    /// How many parts were looked at.
    pub parts: usize,
    /// What the plan says otherwise than it is.
    pub wrong: Vec<String>,
    /// What is not the same on all servers.
    pub differences: Vec<String>,
}

/// What a plan says of one part.
struct Said<'a> {
    place: String,
    locks: &'a [Lock],
    /// Whether a reviewer was told that a table is written anew; asked forward only, as ways back have no hazards.
    rewrite: Option<bool>,
}

impl Judged {
    pub fn case(&mut self, plan: &Planned, traces: &BTreeMap<u32, Trace>) {
        for (number, segment) in (1..).zip(&plan.segments) {
            // A table that the plan takes for small is written anew in a moment: no hazard, and apply measures it again.
            let is_small = |lock: &Lock| plan.small.contains(&lock.relation);
            let told = segment.hazards.iter().any(|h| h.hazard == HazardKind::Rewrite);
            let small = segment.locks.iter().filter(|l| l.held == Held::Rewrite).all(is_small);
            let rewrite = Some(told || small);
            let place = format!("{}: {number} ({})", plan.name, segment.does.join(", "));
            self.part(&Said { place, locks: &segment.locks, rewrite }, At::Forward(number), traces);
            for (part, back) in (1..).zip(&segment.back.parts) {
                let place = format!("{}: back {number}.{part} ({})", plan.name, segment.does.join(", "));
                self.part(&Said { place, locks: &back.locks, rewrite: None }, At::Back(number, part), traces);
            }
        }
    }

    fn part(&mut self, said: &Said<'_>, at: At, traces: &BTreeMap<u32, Trace>) {
        self.parts += 1;
        // What a version says by the relation's name when the part began.
        let mut taken: BTreeMap<String, BTreeMap<u32, LockMode>> = BTreeMap::new();
        let mut declared: BTreeMap<String, LockMode> = BTreeMap::new();
        for (version, trace) in traces {
            let seen = &trace.parts[&at];
            for (relation, mode) in demanded(seen, trace, at) {
                taken.entry(relation.name.clone()).or_default().insert(*version, mode);
            }
            for lock in said.locks {
                let found = named(lock, &seen.start, &seen.end);
                match found.filter(|oid| !matches!(at, At::Forward(_)) || trace.before.contains_key(oid)) {
                    Some(oid) => {
                        declared.insert(seen.start[&oid].name.clone(), lock.mode);
                        let weak = seen.locks.get(&oid).copied();
                        taken.entry(seen.start[&oid].name.clone()).or_default().extend(weak.map(|m| (*version, m)));
                    }
                    None => self.wrong.push(format!("{}: {} is not there to be locked", said.place, lock.relation)),
                }
            }
            self.files(said, seen);
        }
        self.compare(said, &taken, &declared);
    }

    fn compare(
        &mut self,
        said: &Said<'_>,
        taken: &BTreeMap<String, BTreeMap<u32, LockMode>>,
        declared: &BTreeMap<String, LockMode>,
    ) {
        for (relation, modes) in taken {
            let strongest = modes.values().max().copied();
            let words = |mode: Option<LockMode>| mode.map_or("nothing", LockMode::as_str);
            let says = declared.get(relation).copied();
            if says != strongest {
                let (says, is) = (words(says), words(strongest));
                self.wrong.push(format!("{}: {relation}: says {says}, takes {is}", said.place));
            }
            if modes.values().collect::<BTreeSet<_>>().len() > 1 {
                self.differences.push(format!("{}: {relation}: {modes:?}", said.place));
            }
        }
    }

    /// A table's file is new where the plan says so, and only there. An index's file is new with its table's, but where that
    /// moves to another tablespace. A sequence is one row: that it is written anew is no more than a moment. A partitioned table
    /// has no file: its partitions' are written.
    fn files(&mut self, said: &Said<'_>, seen: &Seen) {
        let rewritten = |name: &str| {
            said.locks.iter().any(|l| {
                l.held == Held::Rewrite
                    && named(l, &seen.start, &seen.end).is_some_and(|oid| seen.start[&oid].name == name)
            })
        };
        let moves = said.place.contains("to another tablespace");
        for (oid, before) in seen.start.iter().filter(|(_, r)| r.kind != 'S' && !(moves && r.of.is_some())) {
            let Some(after) = seen.end.get(oid) else { continue };
            let table = before.of.map_or(before, |of| &seen.start[&of]);
            if before.file == 0 && after.file == 0 {
                continue;
            }
            match (before.file != after.file, rewritten(&table.name)) {
                (true, false) => self.wrong.push(format!("{}: {} is written anew, unsaid", said.place, before.name)),
                (false, true) => self.wrong.push(format!("{}: {} is not written anew", said.place, before.name)),
                (true, true) if said.rewrite == Some(false) => {
                    self.wrong.push(format!("{}: {} is written anew without a hazard", said.place, before.name));
                }
                (true, true) | (false, false) => {}
            }
        }
    }
}

/// The locks that the plan has to name: see [`Lock`].
fn demanded<'a>(seen: &'a Seen, trace: &'a Trace, at: At) -> Vec<(&'a Relation, LockMode)> {
    let mut out = Vec::new();
    for (oid, mode) in seen.locks.iter().filter(|(_, mode)| **mode >= LockMode::ShareUpdateExclusive) {
        let there = matches!(at, At::Back(..)) || trace.before.contains_key(oid);
        let Some(relation) = seen.start.get(oid).filter(|_| there) else { continue };
        let by_table = relation.of.and_then(|table| seen.locks.get(&table)).is_some_and(|table| table >= mode);
        let goes = relation.of.is_some() && !seen.end.contains_key(oid);
        if !by_table && !goes {
            out.push((relation, *mode));
        }
    }
    out
}
