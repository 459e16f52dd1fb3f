//! What `plan` and `repair` are asked.
use crate::settings::Asked;
use std::path::PathBuf;
use std::time::Duration;

/// What `plan` was asked.
#[derive(Clone, Default)]
pub struct PlanArgs {
    /// What the plan is for.
    pub title: String,
    /// Whether nothing is to be written: only whether there are changes, and which, is asked.
    pub check: bool,
    /// A file to write to instead of the plans' folder.
    pub output: Option<PathBuf>,
    /// A scratch server instead of the embedded one.
    pub shadow: Option<String>,
    /// How long settling and proving may take; five minutes, and a second for each change, where not said.
    pub deadline: Option<Duration>,
    /// A database: for a first plan on what is there, for its facts and its drift afterwards.
    pub database: Asked,
    /// The plan whose place the new one takes.
    pub replace: Option<String>,
    /// Names of what the database has, lacks or has otherwise against the plans: taken over where it is declared so, taken note of
    /// where it is carried along.
    pub absorb: Vec<String>,
    /// Names of objects that the database has, in no plan and not declared, to be dropped.
    pub drop: Vec<String>,
}
