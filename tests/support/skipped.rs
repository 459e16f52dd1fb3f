//! Tests that cannot run here: counted and named when all is done, and a failure where nothing may be missing.
use std::{env, fs::OpenOptions, io::Write, thread};

/// Says that something was not tested, and why. In CI (`CI=true`) everything that the tests need must be there: it fails.
/// Where `PGFORM_SKIPPED` names a file, it is noted there too, for `scripts/test.sh` to count.
#[track_caller]
pub fn skipped(why: &str) {
    // The name by which `cargo test --test suite` runs it again. What a test has spawned has none: its place is told.
    let thread = thread::current();
    let at = std::panic::Location::caller().to_string();
    let name = thread.name().filter(|name| name.contains("::")).unwrap_or(&at);
    eprintln!("SKIPPED: {name}: {why}");
    if let Some(path) = env::var_os("PGFORM_SKIPPED") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{name}: {why}").unwrap();
    }
}

/// As [`skipped`], of what must be there in CI.
#[track_caller]
pub fn missing(why: &str) {
    assert!(env::var("CI").as_deref() != Ok("true"), "in CI nothing may be missing: {why}");
    skipped(why);
}
