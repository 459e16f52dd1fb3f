//! Folders and files as they should not be.
use super::scene::Scene;
use crate::support::install;
use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, symlink},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

const TABLE: &str = "tables:\n  t:\n    columns:\n      id: bigint not null\n";

#[test]
fn an_empty_or_missing_folder_is_not_a_declaration_of_nothing() {
    // A declaration of nothing would drop everything that the plans made.
    let scene = Scene::planned();
    fs::remove_file(scene.at("schema/a.yaml")).unwrap();
    let nothing = ["error[nothing-declared]: schema has no .yaml files", "help:"];
    scene.refused(&["validate"], 1, &nothing);
    scene.refused(&["plan", "-m", "x"], 1, &nothing);
    for text in ["", "# nothing\n", "schema: app\n", "tables:\n", "tables: {}\n"] {
        scene.write("schema/a.yaml", text);
        scene.refused(&["plan", "-m", "x"], 1, &["error[nothing-declared]", "[schema/a.yaml:1:1]"]);
    }
    fs::remove_dir_all(scene.at("schema")).unwrap();
    scene.refused(&["plan", "-m", "x"], 1, &["error[file]: schema cannot be read", "--schema-dir"]);
    scene.write("schema", "a file");
    scene.refused(&["plan", "-m", "x"], 1, &["error[file]: schema cannot be read", "--schema-dir"]);
    scene.refused(&["validate", "--schema-dir", "nowhere"], 1, &["error[file]: nowhere cannot be read"]);
}

#[test]
fn bytes_that_are_no_text() {
    let utf16: Vec<u8> = TABLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("latin", [TABLE.as_bytes(), b"    comment: caf\xe9\n"].concat(), "is not UTF-8: byte 68, in line 5"),
        ("utf16", [&[0xff, 0xfe], &utf16[..]].concat(), "is UTF-16"),
        ("binary", (0..=255).collect(), "is not UTF-8"),
        ("zeros", vec![0; 4096], "NUL byte"),
    ];
    let written = cases.map(|(what, bytes, said)| {
        let scene = Scene::empty();
        scene.write("schema/a.yaml", bytes);
        (what, scene, said)
    });
    // A file with a hole: nobody has to write it.
    let large = Scene::empty();
    large.write("schema/a.yaml", TABLE);
    fs::OpenOptions::new().write(true).open(large.at("schema/a.yaml")).unwrap().set_len(300_000_000).unwrap();
    for (what, scene, said) in written.into_iter().chain([("large", large, "300000000 bytes")]) {
        let run = scene.refused(&["validate"], 1, &["schema/a.yaml", said]);
        assert!(run.took.as_secs() < 5, "{what} took {:?}", run.took);
        assert!(run.err.len() < 1_000, "{what} printed {} bytes", run.err.len());
    }
}

#[test]
fn other_systems_line_ends_and_marks_are_text() {
    for text in [format!("\u{feff}{TABLE}"), TABLE.replace('\n', "\r\n"), format!("{}# x\n", TABLE).repeat(1)] {
        Scene::new(&text).run(&["validate"]).expect(0, &["no mistakes"]);
    }
    let large = format!("{TABLE}{}", "# x\n".repeat(3_000_000));
    Scene::new(&large).run(&["validate"]).expect(0, &["no mistakes"]);
}

#[test]
fn links_pipes_and_folders_in_the_schema() {
    type Make = fn(&Path);
    let cases: [(&str, Make, &str); 8] = [
        ("loop", |dir| symlink(".", dir.join("loop")).unwrap(), "schema/loop leads to schema, which is read already"),
        ("up", |dir| symlink("../schema", dir.join("up")).unwrap(), "schema/up leads to schema, which is read already"),
        ("twice", |dir| symlink("a.yaml", dir.join("b.yaml")).unwrap(), "schema/b.yaml leads to schema/a.yaml"),
        ("gone", |dir| symlink("gone", dir.join("b.yaml")).unwrap(), "schema/b.yaml cannot be read"),
        ("itself", |dir| symlink("b.yaml", dir.join("b.yaml")).unwrap(), "schema/b.yaml cannot be read"),
        ("device", |dir| symlink("/dev/zero", dir.join("b.yaml")).unwrap(), "schema/b.yaml is no file"),
        (
            "pipe",
            |dir| assert!(Command::new("mkfifo").arg(dir.join("b.yaml")).status().unwrap().success()),
            "is no file",
        ),
        ("bad", |dir| fs::write(dir.join("b.yml"), "tables: [").unwrap(), "schema/b.yml:1:"),
    ];
    for (what, make, said) in cases {
        let scene = Scene::new(TABLE);
        make(&scene.at("schema"));
        let run = scene.refused(&["validate"], 1, &[said]);
        assert!(run.took.as_secs() < 5, "{what} took {:?}", run.took);
    }
    let scene = Scene::empty();
    scene.write("schema/t.yaml/t.yaml", TABLE);
    scene.write("schema/.hidden.yaml", "broken: [");
    scene.write("schema/notes.txt", "not read");
    scene.run(&["validate"]).expect(0, &["no mistakes"]);
}

#[test]
fn files_that_may_not_be_read_or_written() {
    let user = crate::support::server_user();
    let scene = Scene::planned();
    // Root may do everything: then it is tried as somebody else, who may not reach the binary where it was built.
    let binary = scene.at("pgform");
    install(Path::new(env!("CARGO_BIN_EXE_pgform")), &binary);
    let run = |args: &[&str]| {
        let mut command = Command::new(&binary);
        if let Some((user, group)) = user {
            command.uid(user).gid(group);
        }
        command.args(args).current_dir(scene.path()).output().unwrap()
    };
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(scene.at(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o755);
    let expect = |args: &[&str], said: &str| {
        let done = run(args);
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{err}");
        assert!(err.contains(said), "no `{said}` in {err}");
    };
    for name in ["schema/a.yaml", "plans/0001-first.yaml", "schema", "plans"] {
        mode(name, 0o000);
        expect(&["plan", "-m", "x"], "error[file]");
        expect(&["plan", "-m", "x"], "ermission denied");
        mode(name, if name.contains('.') { 0o644 } else { 0o755 });
    }
    scene.change("size: integer", "size: integer\n      extra: text");
    // Where nobody can make a folder, root included.
    scene.refused(&["plan", "-m", "x", "--plans-dir", "/proc/plans"], 1, &["error[file]: /proc/plans cannot be made"]);
}

#[test]
fn settings_that_are_wrong() {
    let scene = Scene::new(TABLE);
    scene.write(
        "pgform.yaml",
        "scope: [public]\npostgres: 13\nenvironments:\n  production: {url: \"postgres://u:secret@h/d\", drfit: warn}\n",
    );
    let run = scene.refused(
        &["validate"],
        1,
        &[
            "[pgform.yaml:1:",
            "[pgform.yaml:2:",
            "pgform knows PostgreSQL 14 to 18",
            "[pgform.yaml:4:",
            "did you mean `drift`?",
        ],
    );
    assert!(!run.err.contains("error[settings]: `url` of the environment production is"), "{}", run.err);
    fs::remove_file(scene.at("pgform.yaml")).unwrap();
    fs::create_dir(scene.at("pgform.yaml")).unwrap();
    scene.refused(&["validate"], 1, &["error[file]", "pgform.yaml cannot be read"]);
}
