//! Settings of a command: `pgform.yaml`, its environments, variables, and the database that they name.
//!
//! ```yaml
//! scope:
//!   schemas: [public]                # the default
//!   unmanaged: ["tmp_*", "auth.*"]   # a pattern with a dot is held against schema.name, one without against the name
//! postgres: 16..18                   # or one major; 14..18 if not said
//! environments:
//!   production:
//!     url: {env: PRODUCTION_URL}     # the name of a variable, never the address
//!     role: app_owner
//!     timeouts: {max_stall: 100ms, lock_budget: 10 min, max_wait: 30s, deadline: 6h}
//!     replicas: [{env: REPLICA_URL}]
//!     requires: {approvals: 1, not_author: true, dry_run: staging, proof: full}
//!     drift: refuse                  # or warn, the default
//!     protected: true
//! online: {batch_size: 5000, batch_pause: 50ms}
//! keep: none                         # what keeps dropped data comes later
//! ```
mod database;
mod dotenv;
mod duration;
mod environment;
mod load;
mod scope;
mod variables;

pub use database::{Asked, DatabaseTarget, Purpose, READING, address, database_for};
pub use duration::{duration, timeout};
pub use environment::{Environment, OnDrift, ProofDemand, Requires, Timeouts, VariableName};
pub use load::{FILE, Online, PostgresRange, Settings};
pub use scope::{ManagedScope, OWN_SCHEMA, Unmanaged};
pub use variables::{Variable, Variables, variables};
