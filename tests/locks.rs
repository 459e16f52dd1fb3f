//! The lock tracer: what a plan says that it locks, and writes anew, is what happens. On PostgreSQL 18 and 16 every case is
//! built with rows, its plan is run forward and back, and a second session reads `pg_locks` before each commit and file nodes
//! before and after. The statements run bare: the executor's own `lock table` before them would prove whatever the plan says.
//!
//! What `locks:` must hold is told at [`pgform::plan::format::Lock`].
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]
mod judge;
mod relations;
mod trace;

use crate::support::{
    self, Version,
    cases::{self, Case, Settled},
};
use judge::Judged;
use pgform::{
    shadow::Bench,
    workflow::{Between, Project, settled_state},
};
use std::{collections::BTreeMap, time::Instant};
use trace::{Planned, Trace, trace};

const VERSIONS: [Version; 2] = [Version::V18, Version::V16];
/// Where 18 locks more than 16 or the other way round: there the plan says the stronger of the two.
const DIFFERENCES: &[(&str, &[&str])] = &[(
    "partition",
    &[
        "partition/a_partition_added_with_a_column_and_an_index: 3 (add key events_id): public.events_2026: {16: Share, 18: AccessExclusive}",
        "partition/indexes_over_the_same_columns: 1 (add key events_a_first): public.events_a: {16: Share, 18: AccessExclusive}",
        "partition/keys_and_indexes: 3 (add key events_pkey): public.events_a: {16: Share, 18: AccessExclusive}",
        "partition/keys_and_indexes: 3 (add key events_pkey): public.events_b: {16: Share, 18: AccessExclusive}",
        "partition/keys_and_indexes: back 1.1 (drop key events_note): public.events_a: {16: Share, 18: AccessExclusive}",
        "partition/keys_and_indexes: back 1.1 (drop key events_note): public.events_b: {16: Share, 18: AccessExclusive}",
    ],
)];

/// Traces the cases in one folder.
async fn trace_all(kind: &str) {
    let began = Instant::now();
    let (plans, mut broken) = plans(kind).await;
    let planned = began.elapsed().as_secs_f32();
    let servers: Vec<Version> = VERSIONS.into_iter().filter(|v| support::server(*v).is_some()).collect();
    if servers.is_empty() {
        return;
    }
    let mut judged = Judged::default();
    for plan in &plans {
        let mut traces: BTreeMap<u32, Trace> = BTreeMap::new();
        for version in &servers {
            match trace(*version, plan).await {
                Ok(trace) => drop(traces.insert(version.major(), trace)),
                Err(refused) => broken.push(refused),
            }
        }
        if traces.len() == servers.len() {
            judged.case(plan, &traces);
        }
    }
    let Judged { parts, wrong, mut differences } = judged;
    eprintln!(
        "{kind}: {} cases, {parts} parts forward and back on {} servers, {planned:.1} s planning, {:.1} s in all",
        plans.len(),
        servers.len(),
        began.elapsed().as_secs_f32()
    );
    assert!(broken.is_empty(), "{} times a case breaks:\n{}\n{}", broken.len(), broken.join("\n"), wrong.join("\n"));
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    differences.sort();
    differences.iter().for_each(|d| eprintln!("versions differ: {d}"));
    if servers.len() == VERSIONS.len() {
        let known = DIFFERENCES.iter().find(|(of, _)| *of == kind).map_or(&[] as &[&str], |(_, known)| known);
        assert_eq!(differences, known, "the versions differ elsewhere than is known");
    }
}

cases::each_folder!(what_the_plan_says_is_what_happens, trace_all);

/// The plans of a folder's cases, made as `plan` makes them, or as `tests/cases.rs` has made and proven them in this process.
async fn plans(kind: &str) -> (Vec<Planned>, Vec<String>) {
    let (project, mut bench) = (cases::project(), None);
    let (mut plans, mut broken) = (Vec::new(), Vec::new());
    for case in cases::of(kind).into_iter().filter(|case| !case.is_refused()) {
        let settled = match cases::known(&case.name) {
            Some(settled) => Ok(settled),
            None => settle(&mut bench, &project, &case).await,
        };
        match settled.and_then(|settled| Planned::new(settled, case)) {
            Ok(plan) => plans.push(plan),
            Err(why) => broken.push(why),
        }
    }
    if let Some(bench) = bench {
        bench.close().await.unwrap();
    }
    (plans, broken)
}

async fn settle(bench: &mut Option<Bench>, project: &Project, case: &Case) -> Result<Settled, String> {
    let told = |d| format!("{}: {d}", case.name);
    let bench = match bench {
        Some(bench) => bench,
        None => bench.insert(cases::bench().await),
    };
    let (before, declared) = (case.before.clone().map_err(told)?, case.after.as_ref().map_err(|d| told(d.clone()))?);
    let head = settled_state(bench, project, &before).await.map_err(told)?;
    let between =
        Between { project, head: &head, parent: None, ran: &[], declared, title: &case.name, small: &case.small };
    let segments = between.segments(bench).await.map_err(told)?;
    Ok(Settled { head, segments })
}
