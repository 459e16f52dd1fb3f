//! Reports about plans and databases, for people and programs: pure functions of plain data.
//! `Review` comes from a plan's bytes; `workflow` fills the others.
mod changes;
mod check;
mod columns;
mod doctor;
mod history;
mod json;
mod looks;
mod place;
mod progress;
mod review;
mod review_text;
mod reviewed;
mod rollback;
mod run;
mod sql;
mod status;
mod steps;
mod tree;
mod validate;
mod words;

pub use changes::{Difference, PartCounts, Words, brief, changes, differences, joined};
pub use check::{CheckReport, CheckVerdict, Drift};
pub use doctor::{Doctor, Finding, Health};
pub use history::{History, Run, RunOutcome, Verb};
pub use json::{JSON_VERSION, Report, to_json};
pub use place::{Database, PlanName};
pub use progress::{Progress, ProgressState};
pub use review::{review, snapshot};
pub use reviewed::{
    Absorb, Facts, PlanReport, Review, ReviewContext, ReviewedChange, ReviewedCount, ReviewedHazard, ReviewedLock,
    ReviewedLook, ReviewedOperation, ReviewedRevive, ReviewedSegment, ReviewedSql, ReviewedStep,
};
pub use rollback::{RollbackLoss, RollbackSummary};
pub use run::{Beginning, ToDo};
pub use status::{Halfway, Pending, Status};
pub use steps::comes_back_with;
pub use validate::Validation;
pub use words::{count, counted, listed, longest, some_of, time};

#[cfg(test)]
mod tests;
