//! Command lines as people mistype them.
use super::scene::{FIRST, Scene};
use std::fs;

#[test]
fn commands_and_options_that_are_none() {
    let scene = Scene::new(FIRST);
    scene.refused(&["aply"], 1, &["error[usage]", "'apply'"]);
    scene.refused(&["apply", "--forse"], 1, &["error[usage]", "--forse"]);
    scene.refused(&["plan"], 1, &["error[usage]", "--message <TEXT>"]);
    scene.refused(&["check", "--format", "yaml"], 1, &["error[usage]", "json"]);
    scene.refused(&[], 1, &["Usage: pgform <COMMAND>"]);
    scene.run(&["--help"]).expect(0, &["Exit codes"]);
    scene.run(&["--version"]).expect(0, &["pgform"]);
}

#[test]
fn titles_that_say_nothing_or_too_much() {
    let scene = Scene::new(FIRST);
    for title in ["", "   ", "\n", "two\nlines", "bell\u{7}", &"x".repeat(201)] {
        scene.refused(&["plan", "-m", title], 1, &["error[usage]: the title of the plan", "-m \"add embeddings\""]);
    }
    scene.run(&["plan", "-m", "🎉"]).expect(0, &["plans/0001-plan.yaml"]);
}

#[test]
fn plans_that_nobody_has() {
    let scene = Scene::planned();
    let plan = scene.read("plans/0001-first.yaml");
    let digest = plan.lines().last().unwrap().strip_prefix("digest: p1:").unwrap().to_owned();
    for command in
        [&["show", "frist"][..], &["approve", "frist"], &["apply", "frist", "--yes", "-d", "postgres://127.0.0.1:1/d"]]
    {
        let said: &[&str] =
            if command[0] == "apply" { &["error["] } else { &["error[plan-name]", "did you mean `first`?"] };
        scene.refused(command, 1, said);
    }
    scene.refused(&["show", ""], 1, &["error[plan-name]"]);
    scene.refused(&["show", "2"], 1, &["error[plan-name]", "the last ones: first"]);
    scene.refused(&["show", "plans/0002-x.yaml"], 1, &["error[file]", "plans/0002-x.yaml cannot be read"]);
    scene.refused(&["show", "./schema"], 1, &["error[file]"]);
    scene.refused(&["show", "schema/a.yaml"], 1, &["error[plan-file]", "is no plan of pgform"]);
    for name in ["1", "0001", "first", "0001-first", &digest[..6], &format!("p1:{digest}"), "plans/0001-first.yaml"] {
        scene.run(&["show", name]).expect(0, &["Plan 0001 first"]);
    }
    Scene::new(FIRST).refused(&["show", "x"], 1, &["there are no plans in plans yet"]);
}

#[test]
fn a_name_that_several_plans_have() {
    let scene = Scene::planned();
    scene.write("plans/0002-first.yaml", scene.read("plans/0001-first.yaml"));
    scene.refused(&["show", "first"], 1, &["error[plan-name]", "0001-first", "0002-first", "the whole name"]);
    scene.refused(&["plan", "-m", "x"], 1, &["error[chain]", "are the same plan", "remove one"]);
}

#[test]
fn a_plan_is_never_written_over_anything() {
    let scene = Scene::planned();
    scene.change("size: integer", "size: integer\n      extra: text");
    scene.write("mine.yaml", "mine: true\n");
    let plan = |output: &str| vec!["plan".to_owned(), "-m".into(), "x".into(), "--output".into(), output.to_owned()];
    for (output, said) in [
        ("mine.yaml", "is there already, and is no plan"),
        ("schema", "is there already, and is no file"),
        ("nowhere/x.yaml", "its folder is not there"),
        ("plans/0001-first.yaml", "is a plan of the chain"),
        ("/dev/null", "is no file"),
    ] {
        let args = plan(output);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        scene.refused(&args, 1, &["error[file]", said]);
    }
    scene.write("empty.yaml", "");
    let args = plan("empty.yaml");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    scene.run(&args).expect(0, &["extra"]);
    assert!(scene.read("empty.yaml").starts_with("# pgform plan"));
    assert_eq!(fs::read_dir(scene.at("plans")).unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count(), 1);
}

#[test]
fn plans_in_a_folder_that_is_none() {
    let scene = Scene::new(FIRST);
    scene.write("plans", "a file");
    scene.refused(&["plan", "-m", "x"], 1, &["error[file]: plans cannot be read"]);
    scene.refused(
        &["plan", "-m", "x", "--plans-dir", "schema/a.yaml"],
        1,
        &["error[file]: schema/a.yaml cannot be read"],
    );
    fs::remove_file(scene.at("plans")).unwrap();
    scene.write("plans/notes.yaml", "x");
    scene.refused(&["plan", "-m", "x"], 1, &["error[plan-file]", "has no name of a plan"]);
    fs::remove_file(scene.at("plans/notes.yaml")).unwrap();
    scene.write("plans/0001-x.yaml/x", "x");
    scene.refused(&["plan", "-m", "x"], 1, &["error[file]: plans/0001-x.yaml cannot be read"]);
}

#[test]
fn no_message_repeats_a_password() {
    let scene = Scene::new(FIRST);
    let address = "postgres://u:s3cret@h/d";
    for command in [
        &["status", address][..],
        &["apply", address, "-d", "postgres://h/d", "--yes"],
        &["show", address],
        &["approve", address],
        &["status", "--env", address],
        &["status", "-e", address],
        &["plan", "-m", "x", "--replace", address],
        &["plan", "-m", "x", "--shadow", "postgres://u:s3cret@127.0.0.1:1/d"],
        &["status", "password=s3cret"],
        &["status", "-d", "h", "-d", address],
        &["statu", address],
    ] {
        let run = scene.run(command);
        assert_ne!(run.code, 0, "{command:?}");
        assert!(!run.err.contains("s3cret") && !run.out.contains("s3cret"), "{command:?}: {}{}", run.out, run.err);
    }
    for settings in [
        "environments:\n  production:\n    url: postgres://u:s3cret@h/d\n",
        "environments:\n  production:\n    url: {env: \"postgres://u:s3cret@h/d\"}\n",
        "environments:\n  production:\n    url: host=h password=s3cret\n",
        "environments:\n  production:\n    url: {env: X}\n    password: s3cret\n",
        "environments:\n  production:\n    rol: x # postgres://u:s3cret@h/d\n",
    ] {
        scene.write("pgform.yaml", settings);
        let run = scene.run(&["status", "--env", "production"]);
        assert_eq!(run.code, 1, "{settings}");
        assert!(!run.err.contains("s3cret"), "{settings}: {}", run.err);
    }
}

#[test]
fn databases_that_are_not_named_as_libpq_names_them() {
    let scene = Scene::new(FIRST);
    let secret = "s3cret";
    for (url, said) in [
        ("postgres://h/d?sslmod=1", "was `sslmode` meant?"),
        ("host=h password=two s3cret=1", "an option that there is not"),
        ("mysql://h/d", "does not begin with postgres://"),
        ("postgres://h:99999/d", "the port is not a number from 1 to 65535"),
        ("port=abc", "the port is not a number"),
        ("postgres://u:se/s3cret@h/d", "an `@` behind its first `/` or `?`"),
        ("postgres://u:5432/s3cret@h/d", "an `@` behind its first `/` or `?`"),
        ("postgres://u:se?s3cret@h/d", "an `@` behind its first `/` or `?`"),
        ("postgres://u:s3cret", "the port is not a number"),
        ("postgres://u:s3cret%zz@h/d", "two hexadecimal digits"),
        ("postgres://[::1/d", "lacks its `]`"),
        ("host=h password='s3cret", "a quote that is not closed"),
        ("host=h s3cret", "a word without `=`"),
        ("sslmode=maybe host=h", "sslmode has an unknown value"),
        ("postgres://u:s3cret@127.0.0.1:1/d", "cannot reach a server at 127.0.0.1:1"),
        ("postgres://u:s3cret@nowhere.invalid/d", "cannot reach a server at nowhere.invalid:5432"),
        ("host=/nowhere", "cannot reach a server at /nowhere/.s.PGSQL.5432"),
        (" ", "--database-url is empty"),
    ] {
        for command in
            [&["status", "-d", url][..], &["apply", "--yes", "-d", url], &["import", "-d", url, "--schema-dir", "new"]]
        {
            let run = scene.refused(command, 1, &[said]);
            assert!(!run.err.contains(secret) && !run.out.contains(secret), "{}", run.err);
        }
    }
    scene.refused(&["apply", "--yes"], 1, &["error[usage]: nothing says which database", "-d URL"]);
    scene.refused(&["apply", "--yes", "--env", "prod"], 1, &["error[settings]: there is no environment `prod`"]);
}
