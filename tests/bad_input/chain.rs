//! Plan files that are not what was made, and chains that are none.
use super::scene::{FIRST, Scene};
use crate::support::{Version, fresh_database};
use std::fs;

#[test]
fn a_plan_that_was_cut_changed_or_is_of_another_time() {
    let scene = Scene::planned();
    let Some(database) = fresh_database(Version::V18) else { return };
    let text = scene.read("plans/0001-first.yaml");
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let newer = sealed(&text.replace("\nformat: 2\n", "\nformat: 99\n"));
    let cases: [(String, &str, &str); 10] = [
        (half, "plan-file", "is cut off, or was changed"),
        (text[..text.len() - 10].to_owned(), "plan-file", "is cut off"),
        (text.replacen("documents", "documenst", 1), "plan-file", "its text and its digest differ"),
        (
            text.replacen("moment", "Moment", 1).replacen("not null", "not  null", 1),
            "plan-file",
            "its text and its digest differ",
        ),
        (text.replace('\n', "\r\n"), "plan-file", "its lines end with CR LF"),
        (format!("{text}x: 1\n"), "plan-file", "its last line is not the digest"),
        (text.replace("segments:", "<<<<<<< HEAD\nsegments:"), "plan-file", "a conflict of git's"),
        (String::new(), "plan-file", "is no plan of pgform"),
        (FIRST.to_owned(), "plan-file", "is no plan of pgform"),
        (newer, "plan-format", "was made by a newer pgform"),
    ];
    for (text, code, said) in cases {
        scene.write("plans/0001-first.yaml", &text);
        let said = [&format!("error[{code}]: plans/0001-first.yaml"), said, "help:"];
        for command in [&["show", "first"][..], &["plan", "-m", "x"], &["approve", "first"], &["validate"]] {
            scene.refused(command, 1, &said);
        }
        scene.refused_on(&database, &["apply", "--yes"], 1, &said);
    }
}

/// A plan's text with the digest that it would have, as somebody who wants to deceive would write it; only the format is
/// judged then.
fn sealed(text: &str) -> String {
    let end = text.rfind("digest: ").unwrap();
    let digest = pgform::model::Digest::of("p1", &text.as_bytes()[..end]);
    format!("{}digest: {digest}\n", &text[..end])
}

#[test]
fn two_heads_stop_everything_with_both_names() {
    let scene = Scene::planned();
    let Some(database) = fresh_database(Version::V18) else { return };
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0001 first"]);
    scene.change("size: integer", "size: integer\n      one: text");
    scene.run(&["plan", "-m", "one"]).expect(0, &["0002-one"]);
    let kept = scene.read("plans/0002-one.yaml");
    fs::remove_file(scene.at("plans/0002-one.yaml")).unwrap();
    scene.change("one: text", "two: text");
    scene.run(&["plan", "-m", "two"]).expect(0, &["0002-two"]);
    scene.write("plans/0003-one.yaml", kept);
    let said = [
        "error[chain]",
        "0002 two and 0003 one both follow 0001 first",
        "plans/0002-two.yaml or plans/0003-one.yaml",
        "pgform plan",
    ];
    scene.refused(&["plan", "-m", "x"], 1, &said);
    scene.refused(&["validate"], 1, &said);
    for command in [&["apply", "--yes"][..], &["check"]] {
        scene.refused_on(&database, command, 1, &said);
    }
    // Where the database stands is told all the same, and what is wrong.
    scene.on(&database, &["status"]).expect(0, &["at 0001 first", "the chain is broken", said[1], said[2]]);
    // One that lost its parent.
    fs::remove_file(scene.at("plans/0003-one.yaml")).unwrap();
    let first = scene.read("plans/0001-first.yaml");
    fs::remove_file(scene.at("plans/0001-first.yaml")).unwrap();
    let orphan = ["error[chain]", "0002-two.yaml follows p1:", "bring back the missing file"];
    scene.refused(&["plan", "-m", "x"], 1, &orphan);
    scene.refused_on(&database, &["apply", "--yes"], 1, &orphan);
    scene.write("plans/0001-first.yaml", first);
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 two"]);
}
