//! `show`: selects the plan to show, and writes or compares snapshots of reviews.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::store::StoredPlan;
use crate::workflow::invocation::project::Project;
use std::path::Path;
use std::sync::Arc;

/// Selects a plan by name, number, digest or file.
///
/// # Errors
/// If there is none, or several.
pub fn show(project: &Project, name: &str) -> Result<Arc<StoredPlan>, Diagnostics> {
    project.plans()?.select(name)
}

/// Outcome of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// The review was written.
    Written,
    /// The stored review is the same.
    Same,
}

/// Writes a review to `FOLDER/PLAN.snap`, or compares it with the file there.
///
/// # Errors
/// If it differs, or cannot be read or written.
pub fn snapshot(folder: &Path, name: &str, review: &str, check: bool) -> Result<Snapshot, Diagnostics> {
    let path = folder.join(format!("{name}.snap"));
    let failed =
        |e: std::io::Error| Diagnostics::from(Diagnostic::error(Code::File, format!("{}: {e}", path.display())));
    if !check {
        std::fs::create_dir_all(folder).map_err(failed)?;
        std::fs::write(&path, review).map_err(failed)?;
        return Ok(Snapshot::Written);
    }
    let stored = std::fs::read_to_string(&path).map_err(failed)?;
    if stored == review {
        return Ok(Snapshot::Same);
    }
    let line = stored.lines().zip(review.lines()).position(|(a, b)| a != b).map_or(0, |at| at + 1);
    Err(Diagnostic::error(
        Code::Snapshot,
        format!("{} is not the plan's review any more, from line {line} on", path.display()),
    )
    .help("look at the difference")
    .way("then take it over", Command::new("show").arg(name).flag("--snapshot"))
    .into())
}
