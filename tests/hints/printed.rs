//! Commands as messages print them, run by a shell.
use crate::support::Run;
use std::{os::unix::fs::symlink, path::Path, process::Command};

/// The commands that ask before they write.
const ASKS: &[&str] = &["apply", "rollback", "dry-run", "adopt", "reset"];

/// The command behind `DOES: `, as it stands on its line.
#[track_caller]
pub(crate) fn hint(run: &Run, does: &str) -> String {
    let all = format!("{}\n{}", run.out, run.err);
    let of = |line: &str| {
        let (before, command) = line.split_once(&format!("{does}: "))?;
        let whole = before.is_empty() || before.ends_with(' ');
        (whole && command.contains("pgform ")).then(|| command.split("    ").next().unwrap_or_default().to_owned())
    };
    all.lines().find_map(of).unwrap_or_else(|| panic!("nothing says `{does}: pgform …` in:\n{all}"))
}

/// Runs a command as printed; one that asks gets its yes.
pub(crate) fn run_as_printed(dir: &Path, command: &str) -> Run {
    let verb = command.split("pgform ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let yes = if ASKS.contains(&verb) && !command.contains(" --yes") { " --yes" } else { "" };
    as_printed(dir, &format!("{command}{yes}"), &[])
}

/// Runs a command line by a shell, in a folder, with pgform where a shell looks.
pub(crate) fn as_printed(dir: &Path, line: &str, variables: &[(&str, &str)]) -> Run {
    let bin = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_pgform"), bin.path().join("pgform")).unwrap();
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    for name in ["PGFORM_DATABASE_URL", "PGVECTOR_DB_URL", "DATABASE_URL"] {
        shell.env_remove(name);
    }
    shell.args(["-c", line]).env("PATH", path).envs(variables.iter().copied()).current_dir(dir);
    let done = shell.output().unwrap();
    Run {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}
