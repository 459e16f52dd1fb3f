//! Tests of sealed plans: every changed byte is seen, and the body keeps its digest.
use super::super::{samples, *};
use crate::{
    diagnostic::{Code, Diagnostics},
    model::Digest,
};

fn parent() -> Digest {
    Digest::of("p1", b"parent")
}

fn read(text: &str) -> Result<SealedPlan, Diagnostics> {
    SealedPlan::from_bytes("plans/0003-x.yaml", text.as_bytes().to_vec())
}

/// Replaces the digest by one that fits the text: a file as another pgform would have written it.
fn resealed(text: &str) -> String {
    let body = &text[..text.rfind("digest: ").unwrap()];
    format!("{body}digest: {}\n", Digest::of("p1", body.as_bytes()))
}

#[test]
fn a_plan_is_the_same_bytes_each_time_and_reads_back_from_them() {
    for plan in [samples::embeddings(&parent()), samples::hostile(), samples::plan("first", None)] {
        let sealed = SealedPlan::new(plan.clone()).unwrap();
        let again = read(sealed.text()).unwrap();
        assert_eq!(again.file(), &plan);
        assert_eq!(again, sealed);
        assert_eq!(again.file().to_text().unwrap(), sealed.text());
    }
    crate::snapshots::kept("store", "plan_file", &samples::embeddings(&parent()).to_text().unwrap());
}

#[test]
fn every_changed_or_lost_byte_is_seen() {
    for plan in [samples::embeddings(&parent()), samples::hostile()] {
        let text = plan.to_text().unwrap();
        let bytes = text.as_bytes();
        for (at, _) in text.match_indices('\n') {
            for end in [at, at + 1] {
                if end < bytes.len() {
                    assert!(SealedPlan::from_bytes("t", bytes[..end].to_vec()).is_err(), "cut at {end}");
                }
            }
        }
        for at in (0..bytes.len()).step_by(7).chain(bytes.len() - 80..bytes.len()) {
            for bit in [0, 5, 7] {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                assert!(SealedPlan::from_bytes("t", changed).is_err(), "bit {bit} of byte {at}");
            }
            let mut shorter = bytes.to_vec();
            shorter.remove(at);
            assert!(SealedPlan::from_bytes("t", shorter).is_err(), "without byte {at}");
        }
        for more in ["\n", " ", "x: y\n", "# c\n"] {
            assert!(read(&format!("{text}{more}")).is_err(), "{more:?} behind it");
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    let text = samples::embeddings(&parent()).to_text().unwrap();
    let conflict = text.replacen("title:", "<<<<<<< ours\ntitle:", 1);
    let cases = [
        ("not a plan", "a: b\n".to_owned()),
        ("empty", String::new()),
        ("cut", text[..text.len() / 2].to_owned()),
        ("edited", text.replacen("add embeddings", "add embedding", 1)),
        ("cr lf", text.replace('\n', "\r\n")),
        ("conflict", conflict),
        ("newer minor", resealed(&text.replacen("format: 2\n", "format: \"2.1\"\n", 1))),
        ("newer major", resealed(&text.replacen("format: 2\n", "format: 3\nnew: thing\n", 1))),
        ("older major", resealed(&text.replacen("format: 2\n", "format: \"1.1\"\n", 1))),
        ("no format", resealed(&text.replacen("format: 2\n", "", 1))),
        ("unknown key", resealed(&text.replacen("format: 2\n", "format: 2\ncolour: red\n", 1))),
        ("unknown step", resealed(&text.replacen("- statement:", "- backfill:", 1))),
        ("no state", resealed(&text.replacen(&format!("parent: \"{}\"\n", parent()), "", 1))),
        ("three documents", resealed(&text.replacen("segments:\n", "a: b\n---\nsegments:\n", 1))),
    ];
    let mut shown = String::new();
    for (what, text) in cases {
        let d = read(&text).expect_err(what);
        assert_eq!(d.0.len(), 1, "{what}");
        let d = &d.0[0];
        shown.push_str(&format!(
            "{what}: [{}] {}\n    {}\n",
            d.code.as_str(),
            d.message,
            d.help.as_deref().unwrap_or("-")
        ));
    }
    crate::snapshots::kept("store", "plan_file_mistakes", &shown);
}

#[test]
fn a_newer_file_that_was_also_changed_is_a_changed_file() {
    let text = samples::embeddings(&parent()).to_text().unwrap().replacen("format: 2\n", "format: 3\n", 1);
    assert_eq!(read(&text).unwrap_err().0[0].code, Code::PlanFile);
}

#[test]
fn the_body_keeps_its_digest_on_another_parent_and_on_nothing_else() {
    let seal = |plan: PlanFile| SealedPlan::new(plan).unwrap();
    for plan in [samples::embeddings(&parent()), samples::hostile()] {
        let sealed = seal(plan.clone());
        let mut moved = plan.clone();
        moved.header.parent = Some(Digest::of("p1", b"another"));
        moved.header.replaces = vec![sealed.digest().clone()];
        let moved = seal(moved);
        assert_eq!(moved.body_digest(), sealed.body_digest());
        assert_ne!(moved.digest(), sealed.digest());
        let mut others = vec![plan.clone(); 4];
        others[0].header.title.push('x');
        others[1].body.segments[0].does[0].push('x');
        others[2].header.guards.clear();
        others[2].header.assumes.push("parent: x".to_owned());
        others[3].body.proof = None;
        for other in others {
            assert_ne!(seal(other).body_digest(), sealed.body_digest());
        }
    }
}
