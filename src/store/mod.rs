//! Plan files, the chain that they form, the states that it folds to, and receipts.
//! Reads and writes files; uses no server.
mod accept;
mod allow;
mod chain;
mod fold;
mod header;
mod links;
mod naming;
mod plan_file;
mod plans;
mod receipt;
mod receipts;
mod seal;
mod select;
mod states;

pub use accept::{Accepted, accept};
pub use allow::{allowed, allows, allows_by_name};
pub use fold::{after_between, fold};
pub use header::{
    Format, Header, MODELS, Mark, PlanTarget, PlannedChange, PostgresVersions, RecordedScope, Use, UseKind,
};
pub use naming::titled;
pub use plan_file::PlanFile;
pub use plans::{Plans, StoredPlan};
pub use receipt::{Measurement, Receipt, ReceiptKind};
pub use receipts::Receipts;
pub use seal::SealedPlan;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
