//! The shadow: a scratch PostgreSQL where declarations are settled and plans are proven. It never holds anything of worth.
mod bench;
mod culprit;
mod dial;
mod embedded;
mod leftovers;
mod off_path;
mod outside;
mod outside_stand_ins;
mod refusals;
mod rejected;
mod relabel;
mod roles_and_tablespaces;
mod scratch_database;
mod server;
mod settled;
mod standin;
mod state_schemas;
mod substitutes;
mod wipe;

pub use bench::Bench;
pub use dial::Driver;
pub use off_path::{OffPath, off_path};
pub use rejected::{BuildError, Rejected};
pub use server::Shadow;
pub use standin::{STANDIN_SCHEMA, Volatility, collation, function, role, tablespace, type_};
pub use state_schemas::{extension_path, scope_of};
pub use substitutes::runs_as_its_owner;
