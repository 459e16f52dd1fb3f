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
    assert_eq!(receipts.write(&plan, approved.clone()).unwrap(), path, "the same receipt is one file");
    receipts.write(&plan, dry.clone()).unwrap();
    receipts.write(&plan, receipt(ReceiptKind::Approved, &plan, "2026-01-31T09:30:01Z")).unwrap();
    assert!(path.starts_with(dir.path().join("0001-add-embeddings.receipts")));
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
    for changed in [text.replace("Anna", "Anne"), text[..text.len() / 2].to_owned(), String::new()] {
        fs::write(&path, changed).unwrap();
        assert_eq!(Receipts::load(dir.path()).unwrap_err().0[0].code, Code::PlanFile);
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
            object: crate::model::ObjectId::Table(crate::model::Qualified::new(schema, "t")),
        })
        .into();
    assert!(accept("DataLoss:t", &twins).unwrap_err().message.contains("several"));
    assert!(accept("DataLoss:a.t", &twins).is_ok());
}
