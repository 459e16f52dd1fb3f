//! Arguments of `plan` and `repair`.
use crate::settings::Asked;
use std::path::PathBuf;
use std::time::Duration;

/// Arguments of `plan`.
#[derive(Clone, Default)]
pub struct PlanArgs {
    /// Title of the plan.
    pub title: String,
    /// True where nothing is written: the caller only asks for the changes.
    pub check: bool,
    /// A file to write to instead of the plans' folder.
    pub output: Option<PathBuf>,
    /// A scratch server instead of the embedded one.
    pub shadow: Option<String>,
    /// Time that settling and proving may take; five minutes, and a second for each change, where not said.
    pub deadline: Option<Duration>,
    /// A database: for a first plan on what is there, for its facts and its drift afterwards.
    pub database: Asked,
    /// The plan whose place the new one takes.
    pub replace: Option<String>,
    /// Names of drifted objects to take over: declared ones as they are declared, opaque ones as they are.
    pub absorb: Vec<String>,
    /// Names of objects to drop that the database has, in no plan and not declared.
    pub drop: Vec<String>,
}
