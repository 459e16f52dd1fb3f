//! Tests of plan files: written once, read back, found by every name.
use super::super::{samples, *};
use crate::diagnostic::Code;
use std::fs;

#[test]
fn plans_are_written_once_read_back_and_found_by_every_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("plans");
    let mut plans = Plans::load(&folder).unwrap();
    assert!(plans.all().is_empty() && plans.head().unwrap().is_none());
    let first = plans.write(&samples::plan("baseline", None)).unwrap();
    let second = plans.write(&samples::plan("add tags", Some(first.digest()))).unwrap();
    let third = plans.write(&samples::plan("Add tags!", Some(second.digest()))).unwrap();
    assert_eq!(third.name, "0003-add-tags-2");
    assert_eq!(Plans::load(&folder).unwrap(), plans);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "nothing else is left behind: {names:?}");

    let outside = dir.path().join("elsewhere.yaml");
    fs::copy(&second.path, &outside).unwrap();
    let digits = second.digest().as_str();
    for text in ["2", "0002", "add-tags", "0002-add-tags", "0002-add-tags.yaml", &digits[..9], &digits[3..11]] {
        assert_eq!(plans.select(text).unwrap(), second, "{text}");
    }
    assert_eq!(plans.select(&second.path.display().to_string()).unwrap(), second);
    assert_eq!(plans.select(&outside.display().to_string()).unwrap().digest(), second.digest());
    for (text, help) in [
        ("add-tag", "did you mean `add-tags`?"),
        ("9", "the last ones: add-tags-2, add-tags, baseline"),
        ("", "the last ones"),
    ] {
        let d = plans.select(text).unwrap_err();
        assert_eq!(d.0[0].code, Code::PlanName);
        assert!(d.0[0].help.as_ref().unwrap().starts_with(help), "{text}: {d:?}");
    }
    assert_eq!(plans.select("no/such.yaml").unwrap_err().0[0].code, Code::File);
}

#[test]
fn a_name_for_several_lists_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let first = plans.write(&samples::plan("one", None)).unwrap();
    let second = plans.write(&samples::plan("two", Some(first.digest()))).unwrap();
    fs::rename(&second.path, dir.path().join("0001-two.yaml")).unwrap();
    let d = Plans::load(dir.path()).unwrap().select("1").unwrap_err();
    assert_eq!(d.0[0].code, Code::PlanName);
    assert!(d.0[0].message.contains("0001-one") && d.0[0].message.contains("0001-two"), "{d}");
}

#[test]
fn all_bad_files_are_told_at_once_and_nothing_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    write("0001-a.yaml", b"# pgform plan\n");
    write("0002-b.yaml", b"\xff\xfe");
    write("add.yaml", b"");
    write("0003-c.yml", b"");
    write("facts.yaml", b"");
    write("README.md", b"");
    write(".0001-a.yaml", b"");
    let d = Plans::load(dir.path()).unwrap_err();
    assert_eq!(d.0.len(), 4, "{d}");
    assert!(d.0.iter().all(|d| d.code == Code::PlanFile && d.help.is_some()));
}

#[test]
fn another_plan_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut plans = Plans::load(dir.path()).unwrap();
    let mut other = plans.clone();
    let mine = plans.write(&samples::plan("same", None)).unwrap();
    let d = other.write(&samples::plan("same", None)).unwrap_err();
    assert_eq!(d.0[0].code, Code::File);
    assert_eq!(fs::read_to_string(&mine.path).unwrap(), mine.sealed.text());
}
