//! Tests of chains and folds.
use super::super::{samples, *};
use crate::{
    diagnostic::Code,
    model::{Body, Column, Fragment, Object, ObjectId, Qualified, Rename, Schema, State},
};
use std::collections::BTreeMap;

fn names(plans: &[&std::sync::Arc<StoredPlan>]) -> Vec<String> {
    plans.iter().map(|p| p.slug.clone()).collect()
}

fn baseline(title: &str, replaces: &[&StoredPlan]) -> PlanFile {
    let mut plan = samples::plan(title, None);
    plan.body.segments.clear();
    plan.header.replaces = replaces.iter().map(|p| p.digest().clone()).collect();
    plan
}

#[test]
fn a_chain_goes_by_digests_whatever_the_numbers_say() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let a = plans.write(&baseline("a", &[])).unwrap();
    let b = plans.write(&samples::plan("b", Some(a.digest()))).unwrap();
    let c = plans.write(&samples::plan("c", Some(b.digest()))).unwrap();
    std::fs::rename(&c.path, dir.path().join("0000-c.yaml")).unwrap();
    let plans = Plans::load(dir.path()).unwrap();
    assert_eq!(names(&plans.chain().unwrap()), ["a", "b", "c"]);
    assert_eq!(names(&plans.heads()), ["c"]);
    std::fs::copy(&b.path, dir.path().join("0009-copy.yaml")).unwrap();
    let d = Plans::load(dir.path()).unwrap().chain().unwrap_err();
    assert!(d.0.iter().any(|d| d.message.ends_with("are the same plan")), "{d}");
    std::fs::remove_file(dir.path().join("0009-copy.yaml")).unwrap();
    std::fs::remove_file(&b.path).unwrap();
    let plans = Plans::load(dir.path()).unwrap();
    let d = plans.chain().unwrap_err();
    assert_eq!((d.0.len(), d.0[0].code), (1, Code::Chain));
    assert!(d.0[0].message.contains("0000-c.yaml follows p1:"), "{d}");
    assert!(plans.fold_to(c.file()).is_err());
}

#[test]
fn two_heads_stop_with_both_names_until_one_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let a = plans.write(&baseline("a", &[])).unwrap();
    let left = plans.write(&samples::plan("left", Some(a.digest()))).unwrap();
    let left2 = plans.write(&samples::plan("left2", Some(left.digest()))).unwrap();
    let right = plans.write(&samples::plan("right", Some(a.digest()))).unwrap();
    assert_eq!(names(&plans.heads()), ["left2", "right"]);
    let d = plans.head().unwrap_err();
    assert_eq!(d.0[0].message, "0002 left and 0004 right both follow 0001 a");
    assert!(d.0[0].help.as_ref().unwrap().contains("0002-left.yaml or "));
    let mut again = samples::plan("left", Some(right.digest()));
    again.header.replaces = vec![left.digest().clone()];
    let again = plans.write(&again).unwrap();
    let d = plans.chain().unwrap_err();
    assert_eq!(d.0[0].message, "0003 left2 follows a plan that 0005 left-2 replaces");
    let mut again2 = samples::plan("left2", Some(again.digest()));
    again2.header.replaces = vec![left2.digest().clone()];
    plans.write(&again2).unwrap();
    assert_eq!(names(&plans.chain().unwrap()), ["a", "right", "left-2", "left2-2"]);
    assert_eq!(again.body_digest(), left.body_digest(), "an unchanged body keeps its approvals");
    assert_eq!(plans.replaced_by(left.digest()).unwrap(), &again);
}

#[test]
fn a_squash_stands_for_what_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let a = plans.write(&baseline("a", &[])).unwrap();
    let b = plans.write(&samples::plan("b", Some(a.digest()))).unwrap();
    plans.write(&samples::plan("c", Some(b.digest()))).unwrap();
    let squash = plans.write(&baseline("squash", &[&a, &b])).unwrap();
    assert_eq!(names(&plans.chain().unwrap()), ["squash", "c"]);
    for gone in [&a, &b] {
        std::fs::remove_file(&gone.path).unwrap();
    }
    let mut plans = Plans::load(dir.path()).unwrap();
    assert_eq!(names(&plans.chain().unwrap()), ["squash", "c"]);
    assert!(plans.fold_to_head().is_ok());
    plans.write(&baseline("again", &[&squash])).unwrap();
    assert_eq!(names(&plans.chain().unwrap()), ["again", "c"]);
    plans.write(&baseline("foreign", &[])).unwrap();
    assert!(plans.chain().unwrap_err().0[0].message.contains("both begin the chain"));
}

fn object(text: &str) -> Object {
    Body::Column(Column::of_type(Fragment::settled(text, text), 1)).into()
}

fn state(objects: &[(ObjectId, &str)]) -> State {
    State { objects: objects.iter().map(|(id, text)| (*id, object(text))).collect() }
}

#[test]
fn a_fold_leads_exactly_to_the_state_that_after_was_made_for() {
    use samples::{column, index, table};
    let swap = |a: ObjectId, b: ObjectId| vec![Rename { from: a, to: b }, Rename { from: b, to: a }];
    let before = state(&[
        (table("a"), "ta"),
        (column("a", "x"), "ax"),
        (column("a", "y"), "ay"),
        (table("b"), "tb"),
        (column("b", "z"), "bz"),
        (index("i"), "i"),
    ]);
    let cases = [
        (Vec::new(), before.clone()),
        (Vec::new(), State::default()),
        (
            swap(table("a"), table("b")),
            state(&[(table("a"), "tb"), (column("a", "z"), "bz"), (column("b", "new"), "n")]),
        ),
        (
            vec![
                Rename { from: table("a"), to: table("c") },
                Rename { from: column("c", "x"), to: column("c", "y") },
                Rename { from: column("c", "y"), to: column("c", "x") },
            ],
            state(&[(table("c"), "ta"), (column("c", "x"), "ay"), (column("c", "y"), "ax"), (index("i"), "j")]),
        ),
        (vec![Rename { from: table("a"), to: table("b") }], state(&[(table("b"), "ta"), (column("b", "x"), "ax")])),
    ];
    for (renames, after) in cases {
        let mut header = samples::header("x", None);
        header.after = after_between(&before, &renames, &after);
        header.renames = renames;
        assert_eq!(fold(before.clone(), &header), after);
    }
    let renames = swap(table("a"), table("b"));
    let swapped = state(&[
        (table("a"), "tb"),
        (column("b", "x"), "ax"),
        (column("b", "y"), "ay"),
        (table("b"), "ta"),
        (column("a", "z"), "bz"),
        (index("i"), "i"),
    ]);
    assert_eq!(after_between(&before, &renames, &swapped), BTreeMap::new(), "renames alone say it all");
}

#[test]
fn a_renamed_schema_takes_everything_along() {
    let schema = |name: &str| ObjectId::schema(crate::model::SchemaName::new(name));
    let mut before = state(&[(samples::column("a", "x"), "x"), (samples::index("i"), "i")]);
    before.objects.insert(schema("public"), Body::Schema(Schema).into());
    let mut header = samples::header("x", None);
    header.renames = vec![Rename { from: schema("public"), to: schema("app") }];
    let after = fold(before.clone(), &header);
    assert!(after.has(&schema("app")) && after.has(&ObjectId::index(Qualified::new("app", "i"))));
    assert_eq!(after.objects.len(), 3);
    assert!(after.column(&Qualified::new("app", "a"), &crate::model::ColumnName::new("x")).is_some());
}
