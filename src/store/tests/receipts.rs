//! Tests of receipts: kept, sealed, merged, and accepted hazards.
use super::super::{samples, *};
use crate::{diagnostic::Code, model::Digest, plan::format::HazardKind};
use std::{collections::BTreeSet, fs};

fn receipt(kind: ReceiptKind, plan: &StoredPlan, when: &str) -> Receipt {
    Receipt {
        kind,
        body: plan.body_digest().clone(),
        environment: None,
        who: "Anna \"日本\" <a@b.c>\n".to_owned(),
        when: when.parse().unwrap(),
        hazards: Vec::new(),
        server: None,
        segments: Vec::new(),
    }
}

#[test]
fn receipts_are_kept_beside_the_plan_and_follow_the_body() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let plan = plans.write(&samples::embeddings(&Digest::of("p1", b"x"))).unwrap();
    let mut receipts = Receipts::load(dir.path()).unwrap();
    let hazard = accept("DataLoss:documents.legacy_path", &plan.file().hazards()).unwrap();
    let mut approved = receipt(ReceiptKind::Approved, &plan, "2026-01-31T09:30:00.5Z");
    approved.hazards = vec![hazard.clone()];
    let mut dry = receipt(ReceiptKind::DryRun, &plan, "2026-01-30T09:30:00Z");
    dry.environment = Some("staging".to_owned());
    dry.segments = vec![Measurement { segment: 1, took_ms: 12, waited_ms: 200, back_ms: Some(3) }];
    let path = receipts.write(&plan, approved.clone()).unwrap();
    let one = fs::read_to_string(&path).unwrap();
    assert_eq!(receipts.write(&plan, approved.clone()).unwrap(), path);
    assert_eq!(fs::read_to_string(&path).unwrap(), one, "the same receipt is one line");
    let tried = receipts.write(&plan, dry.clone()).unwrap();
    assert!(tried.ends_with("0001-add-embeddings.receipts/on-staging.yaml"), "{}", tried.display());
    receipts.write(&plan, receipt(ReceiptKind::Approved, &plan, "2026-01-31T09:30:01Z")).unwrap();
    assert!(path.ends_with("0001-add-embeddings.receipts/review.yaml"), "{}", path.display());
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&one) && text.lines().count() == 3, "a file only grows: {text}");
    let read = Receipts::load(dir.path()).unwrap();
    assert_eq!(read, receipts);
    assert_eq!(read.approvals(&plan).len(), 2);
    assert_eq!(read.accepted_hazards(&plan), BTreeSet::from([hazard.clone()]));
    assert_eq!(read.tried_in(&plan, "staging"), Some(&dry));
    assert_eq!(read.tried_in(&plan, "production"), None);

    let mut moved = plan.file().clone();
    moved.header.parent = Some(Digest::of("p1", b"y"));
    let moved = plans.write(&moved).unwrap();
    assert_eq!(read.accepted_hazards(&moved), BTreeSet::from([hazard]));
    let mut other = plan.file().clone();
    other.body.segments.pop();
    let other = plans.write(&other).unwrap();
    assert!(read.approvals(&other).is_empty());
    assert_eq!(receipts.write(&other, dry).unwrap_err().0[0].code, Code::PlanInvariant);
}

#[test]
fn a_changed_or_cut_receipt_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let plan = plans.write(&samples::plan("x", None)).unwrap();
    let mut receipts = Receipts::load(dir.path()).unwrap();
    let path = receipts.write(&plan, receipt(ReceiptKind::Made, &plan, "2026-01-31T09:30:00Z")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let sealed =
        text.replacen("r1:0", "r1:1", 1).replacen("r1:f", "r1:e", 1).replacen("\"seal\":\"r1", "\"seal\":\"r2", 1);
    let by_hand = format!("{text}- {{kind: approved}}\n");
    let cut = text[..text.len() / 2].to_owned();
    for changed in [text.replace("Anna", "Anne"), cut, String::new(), sealed, by_hand, text.replace("# pgform", "# x")]
    {
        assert_ne!(changed, text);
        fs::write(&path, changed).unwrap();
        assert_eq!(Receipts::load(dir.path()).unwrap_err().0[0].code, Code::PlanFile);
    }
}

/// Files of one receipt each, as the first pgform wrote them, still count.
#[test]
fn files_of_one_receipt_are_read_as_they_were_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let plan = plans.write(&samples::plan("x", None)).unwrap();
    let approved = receipt(ReceiptKind::Approved, &plan, "2026-01-31T09:30:00Z");
    let text = crate::yaml::write(&approved).unwrap();
    let digits: String = Digest::of("p1", text.as_bytes()).short().chars().skip(3).collect();
    let folder = plan.path.with_extension("receipts");
    fs::create_dir(&folder).unwrap();
    let path = folder.join(format!("approved-20260131T093000Z-{digits}.yaml"));
    fs::write(&path, &text).unwrap();
    let mut read = Receipts::load(dir.path()).unwrap();
    assert_eq!(read.approvals(&plan), [&approved]);
    read.write(&plan, receipt(ReceiptKind::Approved, &plan, "2026-01-31T09:31:00Z")).unwrap();
    assert_eq!(Receipts::load(dir.path()).unwrap().approvals(&plan).len(), 2);
    fs::write(&path, text.replace("Anna", "Anne")).unwrap();
    let refused = Receipts::load(dir.path()).unwrap_err();
    assert_eq!((refused.0.len(), refused.0[0].code), (1, Code::PlanFile));
}

#[test]
fn a_file_of_receipts_grows_on_two_branches_and_is_merged_by_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let plan = plans.write(&samples::plan("x", None)).unwrap();
    let written = |who: &str, kind| {
        let mut receipt = receipt(kind, &plan, "2026-01-31T09:30:00Z");
        receipt.who = who.to_owned();
        receipt
    };
    let add = |receipt: Receipt| Receipts::load(dir.path()).unwrap().write(&plan, receipt).unwrap();
    let path = add(written("ann", ReceiptKind::Made));
    let base = fs::read_to_string(&path).unwrap();
    add(written("bob", ReceiptKind::Approved));
    let ours = fs::read_to_string(&path).unwrap();
    fs::write(&path, base.trim_end()).unwrap();
    add(written("cid", ReceiptKind::Approved));
    let theirs = fs::read_to_string(&path).unwrap();
    assert!(theirs.starts_with(&base), "{theirs}");
    // Both results of a merge: by `merge=union`, and by somebody who keeps both sides whole.
    for both in [format!("{ours}{}", &theirs[base.len()..]), format!("{ours}{theirs}")] {
        fs::write(&path, both).unwrap();
        let read = Receipts::load(dir.path()).unwrap();
        let who: Vec<&str> = read.approvals(&plan).into_iter().map(|r| r.who.as_str()).collect();
        assert_eq!((read.authors(&plan), who), (vec!["ann"], vec!["bob", "cid"]));
    }
}

#[test]
fn each_environment_has_a_file_whatever_it_is_called() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let plan = plans.write(&samples::plan("x", None)).unwrap();
    let mut receipts = Receipts::load(dir.path()).unwrap();
    let mut files = BTreeSet::new();
    for environment in ["production", "eu/west", "../../x", "日本", "a b", "a%20b", "review"] {
        let mut applied = receipt(ReceiptKind::Applied, &plan, "2026-01-31T09:30:00Z");
        applied.environment = Some(environment.to_owned());
        let path = receipts.write(&plan, applied.clone()).unwrap();
        assert_eq!(path.parent(), Some(dir.path().join("0001-x.receipts").as_path()));
        assert!(files.insert(path));
        assert_eq!(Receipts::load(dir.path()).unwrap().tried_in(&plan, environment), Some(&applied));
    }
}

#[test]
fn hazards_are_accepted_by_name_as_far_as_it_is_clear_which() {
    let plan = samples::embeddings(&Digest::of("p1", b"x"));
    let offered = plan.hazards();
    for text in [
        "DataLoss:documents.legacy_path",
        "DataLoss:public.documents.legacy_path",
        "DataLoss:column documents.legacy_path",
        "DataLoss:column [public, documents, legacy_path]",
    ] {
        assert_eq!(accept(text, &offered).unwrap().object, samples::column("documents", "legacy_path"), "{text}");
    }
    for text in
        ["", "DataLoss", "dataloss:documents.legacy_path", "Rewrite:documents.legacy_path", "DataLoss:documents"]
    {
        let d = accept(text, &offered).unwrap_err();
        assert_eq!(d.code, Code::Usage);
        assert!(d.help.unwrap().contains("DataLoss:public.documents.legacy_path"), "{text}");
    }
    let hostile = samples::hostile();
    let offered = hostile.hazards();
    let name = format!("DataLoss:{}", crate::diagnostic::shown(&offered.first().unwrap().object.short()));
    assert_eq!(accept(&name, &offered).unwrap(), *offered.first().unwrap());
    let twins: BTreeSet<Accepted> = ["a", "b"]
        .map(|schema| Accepted {
            hazard: HazardKind::DataLoss,
            object: crate::model::ObjectId::table(crate::model::Qualified::new(schema, "t")),
        })
        .into();
    assert!(accept("DataLoss:t", &twins).unwrap_err().message.contains("several"));
    assert!(accept("DataLoss:a.t", &twins).is_ok());
}
