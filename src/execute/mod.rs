//! Runs plans, segment by segment, and journals them in the database itself; goes on, or back, from where it stopped.
mod adopt;
mod ahead;
mod apply;
mod batch;
mod build;
mod conditions;
mod context;
mod failure;
mod journal;
mod locks;
mod observer;
mod part;
mod plan;
mod progress;
mod relief;
mod relief_back;
mod reset;
mod rights;
mod roles;
mod rollback;
mod run_part;
mod session;
mod settings;
mod sql;
mod statement;
mod stopped;
mod transaction;
mod waiting;

pub use adopt::adopt;
pub use ahead::{Found, count_rows, look_ahead};
pub use apply::{Apply, apply};
pub use build::{Build, build};
pub use conditions::{Allowed, count_conditions, judge as judge_conditions};
pub use context::{Guard, GuardPoint, Guarded, Inside, Unguarded};
pub use journal::{
    DatabaseLabel, Direction, FORMAT, Journal, JournalState, Kind, NOTHING_TO_DO, PlanRecord, RunRecord, RunStatus,
    SegmentState, Standing,
};
pub use observer::{BuildProgress, Observer, Silent};
pub use plan::{Counted, Measured, Outcome, PlanToRun};
pub use relief::rule_in_force;
pub use reset::{Content, Reset, contents, reset, with_rows};
pub use rights::check_rights;
pub use roles::roles_named;
pub use rollback::{Rollback, rollback};
pub use session::act_as;
pub use settings::RunSettings;
