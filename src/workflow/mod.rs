//! One function per command, from arguments to a result: the library's face. Prints nothing.
mod adopt;
mod apply;
mod approve;
mod check;
mod clock;
mod desired;
mod dry_run;
mod import;
mod plan;
mod project;
mod rollback;
mod show;
mod sides;
mod stand;
mod validate;

pub use adopt::{Adopted, adopt};
pub use apply::{Applied, ApplyArgs, apply};
pub use approve::{ApproveArgs, approve};
pub use check::{Checked, DriftLine, check};
pub use dry_run::{DryRun, dry_run};
pub use import::{ImportArgs, Imported, import};
pub use plan::{PlanArgs, Planned, plan};
pub use project::{Connected, Project};
pub use rollback::{RollbackArgs, RolledBack, rollback};
pub use show::{Snapshot, show, snapshot};
pub use stand::{Stand, history, stand};
pub use validate::{Validated, validate};
