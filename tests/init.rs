//! A new project's files, and a project that has some of them already.

use crate::support::{self, expect, pgform};
use std::{fs, path::Path, process::Command};

const FILES: [&str; 11] = [
    "pgform.yaml",
    "schema/.gitkeep",
    "plans/.gitkeep",
    "pgform.mk",
    "Makefile",
    "compose.yaml",
    "pgform.Dockerfile",
    ".github/workflows/pgform.yaml",
    ".env.example",
    ".gitignore",
    ".gitattributes",
];

fn read(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

#[test]
fn a_new_project_has_all_its_files_and_making_it_again_changes_none() {
    let dir = tempfile::tempdir().unwrap();
    let run = pgform(dir.path(), &["init", "search"]);
    expect(&run, 0, "cd search");
    let project = dir.path().join("search");
    for file in FILES {
        assert!(run.out.contains(&format!("wrote  search/{file}\n")), "{file} is not told:\n{}", run.out);
        assert!(project.join(file).is_file(), "{file} is not there");
    }
    let before: Vec<String> = FILES.iter().map(|file| read(&project, file)).collect();
    let again = pgform(&project, &["init"]);
    expect(&again, 0, "kept ./Makefile");
    assert!(!again.out.contains("wrote") && !again.out.contains("add "), "{}", again.out);
    assert_eq!(before, FILES.map(|file| read(&project, file)));
    assert!(
        read(&project, "pgform.yaml").contains("      verified: true "),
        "production takes what nobody planned again"
    );
    // The settings are sound, and an empty declaration says what to do.
    let nothing = pgform(&project, &["validate"]);
    assert!(nothing.code == 1 && nothing.err.contains("nothing-declared"), "{nothing:?}");
}

#[test]
fn what_is_there_is_kept_and_what_it_lacks_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(dir.path().join(file), text).unwrap();
    fs::create_dir(dir.path().join("schema")).unwrap();
    write("schema/documents.yaml", "tables: {t: {columns: {id: integer}}}\n");
    write("GNUmakefile", "all:\n");
    write("docker-compose.yml", "services:\n  db: {image: postgres}\n");
    write(".gitignore", "/.env\n");
    write(".gitattributes", "*.sql text\n");
    write("pgform.yaml", "environments:\n  development: {url: {env: DATABASE_URL}}\n");
    std::os::unix::fs::symlink("nowhere", dir.path().join("pgform.Dockerfile")).unwrap();
    let run = pgform(dir.path(), &["init"]);
    expect(&run, 0, "kept ./GNUmakefile: add this line");
    expect(&run, 0, "include pgform.mk");
    expect(&run, 0, "kept ./docker-compose.yml: add this service to it");
    expect(&run, 0, "dockerfile: pgform.Dockerfile");
    expect(&run, 0, "kept ./.gitignore: add to it what is not to be committed: .pgform");
    expect(&run, 0, "**/*.receipts/*.yaml merge=union");
    expect(&run, 0, "staging: {url: {env: STAGING_DATABASE_URL}}");
    expect(&run, 0, "kept ./pgform.Dockerfile");
    for untouched in ["Makefile", "compose.yaml", "schema/.gitkeep", "nowhere"] {
        assert!(!dir.path().join(untouched).exists(), "{untouched} was written");
    }
    assert_eq!(read(dir.path(), "GNUmakefile"), "all:\n");
    assert_eq!(read(dir.path(), ".gitignore"), "/.env\n");
    // With what was advised nothing is lacking any more.
    write("GNUmakefile", "all:\ninclude pgform.mk\n");
    write(".gitignore", "/.env\n.pgform/\n");
    write(".gitattributes", "plans/*.receipts/*.yaml merge=union\n");
    let service = run.out.split("add this service").nth(1).unwrap().split("kept").next().unwrap();
    let service: String =
        service.lines().skip(1).filter_map(|line| line.strip_prefix("       ")).map(|l| format!("{l}\n")).collect();
    write(
        "docker-compose.yml",
        &format!("services:\n  db: {{image: postgres}}\n{}", service.split("wrote").next().unwrap()),
    );
    let again = pgform(dir.path(), &["init"]);
    assert!(!again.out.contains("add this"), "{}", again.out);
    let merged: serde_yaml::Value = serde_yaml::from_str(&read(dir.path(), "docker-compose.yml")).unwrap();
    assert!(merged["services"]["pgform"]["environment"]["PGVECTOR_DB_URL"].is_string(), "{merged:?}");
}

#[test]
fn what_cannot_be_written_is_an_error_and_the_rest_is_made() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("plans"), "a file\n").unwrap();
    let run = pgform(dir.path(), &["init"]);
    expect(&run, 1, "plans/.gitkeep cannot be written");
    expect(&run, 1, "wrote ./Makefile");
    assert_eq!(read(dir.path(), "plans"), "a file\n");
}

#[test]
fn this_repository_has_the_same_settings_and_targets() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = |name: &str| read(&here.join("src/workflow/commands/init/template"), name);
    for file in ["pgform.yaml", "pgform.Dockerfile"] {
        assert_eq!(read(here, file), template(file), "{file}");
    }
    let targets = |text: &str| {
        let own = text.lines().filter_map(|line| line.split_once(": ## ").or(line.strip_suffix(':').map(|l| (l, ""))));
        own.map(|(name, _)| name.to_owned())
            .filter(|n| n.contains("migrate") || n.contains("dev") || n == "prod")
            .collect::<Vec<_>>()
    };
    let names = targets(&template("pgform.mk"));
    assert_eq!(names.len(), 15, "{names:?}");
    for name in names {
        // `-n` says what would run; a target that is not there is an error.
        let run = Command::new("make").args(["-n", &name]).current_dir(here).output().unwrap();
        assert!(run.status.success(), "make {name}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

/// Compose itself says whether the file is one, where it is on this machine; otherwise its form is looked at.
#[test]
fn the_compose_file_and_the_workflow_are_ones() {
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["init"]), 0, "wrote");
    let compose: serde_yaml::Value = serde_yaml::from_str(&read(dir.path(), "compose.yaml")).unwrap();
    let postgres = &compose["services"]["postgres"];
    assert_eq!(postgres["environment"]["POSTGRES_USER"], "repolens");
    assert_eq!(postgres["environment"]["POSTGRES_DB"], "vectordb");
    assert_eq!(postgres["ports"][0], "127.0.0.1:5433:5432");
    assert!(postgres["image"].as_str().unwrap().contains("pgvector"));
    let pgform_ = &compose["services"]["pgform"];
    assert_eq!(pgform_["depends_on"]["postgres"]["condition"], "service_healthy");
    let dockerfile = pgform_["build"]["dockerfile"].as_str().unwrap();
    assert!(dir.path().join(dockerfile).is_file());
    let volume = postgres["volumes"][0].as_str().unwrap().split(':').next().unwrap();
    assert!(compose["volumes"].get(volume).is_some());
    let workflow: serde_yaml::Value = serde_yaml::from_str(&read(dir.path(), ".github/workflows/pgform.yaml")).unwrap();
    let steps = workflow["jobs"]["migrations"]["steps"].as_sequence().unwrap();
    assert!(steps.iter().filter(|step| step["run"].is_string()).count() >= 4);
    for compose in [&["docker", "compose"][..], &["docker-compose"]] {
        let mut command = Command::new(compose[0]);
        command.args(&compose[1..]).args(["-f", "compose.yaml", "config", "-q"]).current_dir(dir.path());
        if Command::new(compose[0]).args(&compose[1..]).arg("version").output().is_ok_and(|o| o.status.success()) {
            let run = command.output().unwrap();
            assert!(run.status.success(), "{compose:?}: {}", String::from_utf8_lossy(&run.stderr));
            return;
        }
    }
    support::skipped("compose.yaml was not shown to Docker Compose, which is not on this machine");
}
