//! Tests of reviews: of the sample plan, of hostile names, of many changes, of a baseline.
use super::{super::*, hides_nothing, kept};
use crate::{
    diagnostic::Command,
    model::Digest,
    plan::format::HazardKind,
    store::{Accepted, Mark, PlanFile, SealedPlan, accept, samples},
};
use std::collections::BTreeMap;

fn sealed(plan: PlanFile) -> SealedPlan {
    SealedPlan::new(plan).unwrap()
}

fn embeddings() -> SealedPlan {
    sealed(samples::embeddings(&Digest::of("p1", b"first-search")))
}

fn facts() -> Facts {
    let lost = Accepted { hazard: HazardKind::DataLoss, object: samples::column("documents", "legacy_path") };
    Facts {
        database: "staging".to_owned(),
        notes: BTreeMap::from([(lost.object, "1,204 of 1,210 rows hold a value".to_owned())]),
        hazards: BTreeMap::from([(lost, "1,204 values go and don't come back.".to_owned())]),
        segments_ms: BTreeMap::from([(1, 10), (2, 180_000), (6, 20_000)]),
        looks: BTreeMap::new(),
    }
}

#[test]
fn a_review_fits_on_one_screen() {
    let facts = facts();
    let context = ReviewContext {
        name: Some("0003-add-embeddings"),
        parent: Some("0002 first-search"),
        path: Some("plans/0003-add-embeddings.yaml"),
        facts: Some(&facts),
        ..ReviewContext::default()
    };
    let text = review(&embeddings(), &context).text();
    assert!(text.lines().count() <= 30, "{text}");
    kept("review", &text);
}

#[test]
fn a_snapshot_is_the_plan_s_bytes_alone() {
    kept("review_snapshot", &snapshot(&embeddings()));
}

#[test]
fn a_review_is_typed_json_too() {
    kept("review_json", &to_json(&review(&embeddings(), &ReviewContext::default())).unwrap());
}

#[test]
fn hostile_names_stay_on_their_line_and_can_be_accepted() {
    let plan = sealed(samples::hostile());
    let review = review(
        &plan,
        &ReviewContext { name: Some("0001-a"), path: Some("plans/0001-a.yaml"), ..ReviewContext::default() },
    );
    let text = review.text();
    assert!(hides_nothing(&text), "{text:?}");
    assert!(hides_nothing(&to_json(&review).unwrap()));
    kept("review_hostile", &text);
    let typed = crate::diagnostic::shown(review.hazards[0].accept.as_ref().unwrap());
    assert!(accept(&typed, &plan.file().hazards()).is_ok());
    let value: serde_json::Value = serde_json::from_str(&to_json(&review).unwrap()).unwrap();
    assert_eq!(value["data"]["title"], plan.file().header.title);
}

#[test]
fn many_new_tables_are_told_in_a_line_each_and_every_loss_is_written_out() {
    let mut plan = samples::plan("all of it", None);
    let change = |does, object, detail: &str| crate::store::PlannedChange {
        does,
        object,
        kind: None,
        under: None,
        detail: detail.to_owned(),
    };
    for table in (0..8).map(|n| format!("table_{n}")) {
        plan.header.changes.push(change(Mark::Created, samples::table(&table), ""));
        for column in (0..5).map(|n| format!("column_{n}")) {
            plan.header.changes.push(change(Mark::Created, samples::column(&table, &column), "text"));
        }
    }
    plan.header.changes.push(change(Mark::Dropped, samples::column("old", "gone"), "text"));
    plan.body.segments[0].does = (0..48).map(|n| format!("create object {n}")).collect();
    let plan = sealed(plan);
    let context = ReviewContext { name: Some("0001-all-of-it"), ..ReviewContext::default() };
    kept("review_many", &review(&plan, &context).text());
    let full = review(&plan, &ReviewContext { full: true, ..context }).text();
    assert!(full.contains("create object 47") && full.contains("column_4"));
}

#[test]
fn a_baseline_says_that_nothing_runs() {
    let mut plan = samples::plan("baseline", None);
    plan.body.segments.clear();
    let context = ReviewContext {
        name: Some("0001-baseline"),
        next: Some(Command::new("adopt").on_database()),
        path: Some("p"),
        ..ReviewContext::default()
    };
    kept("review_baseline", &review(&sealed(plan), &context).text());
}
