//! Walks the histories of real databases, state by state: each step is planned, run forward with rows, back, and forward
//! again. The dumps stand beside the checkout and are not a part of it: where they are missing, that is said aloud.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot be set up fails, and tells what it saw"
)]

use crate::support;
use pgform::{
    catalog::Scope,
    diff::{Hints, complete, diff},
    model::State,
    plan::{Input, neighbourhood, plan, restrict},
    prove::{Subject, prove},
    shadow::{Bench, BuildError},
};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PGFORM_SCHEMAS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"), PathBuf::from);
    let folder = root.join("history").join(name);
    folder.is_dir().then_some(folder)
}

fn dumps(name: &str) -> Option<Vec<(String, String)>> {
    let mut files: Vec<_> = fs::read_dir(folder(name)?).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "sql"));
    files.sort();
    let read =
        |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
    Some(files.into_iter().map(read).collect())
}

/// Loads a dump into the shadow and reads it.
async fn load(bench: &mut Bench, sql: &str, schemas: &[&str]) -> State {
    bench.reset().await.unwrap();
    // The shadow's own superuser is called so too.
    let lines: Vec<&str> = sql.lines().filter(|line| !line.contains("CREATE ROLE \"postgres\"")).collect();
    let loaded = bench.run(&lines.join("\n")).await;
    assert!(loaded.is_ok(), "{loaded:?}");
    bench
        .run("reset all; set TimeZone = 'UTC'; set search_path = pg_catalog; set check_function_bodies = off")
        .await
        .unwrap();
    bench.read(&Scope::of(schemas.iter().copied())).await.unwrap()
}

#[derive(Default)]
struct Count {
    walked: usize,
    unchanged: usize,
    refused: Vec<String>,
    failed: Vec<String>,
}

async fn step(bench: &mut Bench, name: &str, before: &State, declared: &State, count: &mut Count) {
    let after = complete(before, declared.clone(), &|_, _| false);
    let found = diff(before, &after, &Hints::default());
    let appears = found.changes.iter().find(|c| before.is_carried(&c.id) || after.is_carried(&c.id)).map(|c| c.id);
    let gone = before.objects.keys().find(|id| before.is_carried(id) && !declared.has(id)).cloned();
    let altered = declared.carried().find(|(id, o, _)| before.get(id).is_some_and(|b| b != *o));
    if let Some(id) = appears.or(gone).or(altered.map(|(id, ..)| *id)) {
        count.refused.push(format!("{name}: touches {id}"));
        return;
    }
    if found.changes.is_empty() {
        count.unchanged += 1;
        return;
    }
    let segments = match plan(Input {
        before,
        after: &after,
        diff: &found,
        renames: &[],
        small: &BTreeSet::new(),
        using: &std::collections::BTreeMap::new(),
        seed: name,
    }) {
        Ok(segments) => segments,
        Err(problems) => {
            count
                .refused
                .push(format!("{name}: {}", problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("; ")));
            return;
        }
    };
    let ids: BTreeSet<_> = found.ids();
    let (old, new) = (neighbourhood(before, &ids), neighbourhood(&after, &ids));
    let all: BTreeSet<_> = old.union(&new).cloned().collect();
    let all: BTreeSet<_> = neighbourhood(before, &all).union(&neighbourhood(&after, &all)).cloned().collect();
    let (old, new) = (restrict(before, &all), restrict(&after, &all));
    let subject = Subject {
        before: &old,
        renamed: &old,
        after: &new,
        renames: &[],
        labels: &[],
        segments: &segments,
        seeds: &pgform::prove::Seeds::new(),
        using: &std::collections::BTreeMap::new(),
    };
    match prove(bench, subject).await {
        Ok(_) => count.walked += 1,
        Err(BuildError::Problems(p)) => count.failed.push(format!("{name}: {p:?}")),
        Err(BuildError::Rejected(r)) => {
            count.failed.push(format!("{name}: {} {} [{}]", r.object, r.error.message, r.sql))
        }
        Err(BuildError::Broken(d)) => count.failed.push(format!("{name}: {d}")),
    }
}

fn walk(name: &str, schemas: &[&str]) {
    let Some(dumps) = dumps(name) else {
        support::skipped(&format!("the history of {name} is not on this machine (PGFORM_SCHEMAS names its folder)"));
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = runtime.block_on(async {
        let mut bench = Bench::open(None, &[]).await.unwrap();
        let mut count = Count::default();
        let mut before: Option<State> = None;
        for (state, sql) in &dumps {
            let after = load(&mut bench, sql, schemas).await;
            if let Some(before) = &before {
                step(&mut bench, state, before, &after, &mut count).await;
            }
            before = Some(after);
        }
        bench.close().await.unwrap();
        count
    });
    eprintln!(
        "{name}: {} steps walked forward, back and forward again; {} without a change; {} refused",
        count.walked,
        count.unchanged,
        count.refused.len()
    );
    count.refused.iter().for_each(|r| eprintln!("  refused {r}"));
    assert!(count.failed.is_empty(), "{:#?}", count.failed);
    assert!(count.walked > 0, "nothing was walked");
}

#[test]
fn atuin_walks_forward_and_back() {
    walk("atuin", &["public"]);
}

#[test]
fn supabase_auth_walks_forward_and_back() {
    walk("supabase_auth", &["public", "auth"]);
}
