//! The shadow: a scratch PostgreSQL where declarations are settled and plans are proven. It never holds anything of worth.
mod bench;
mod culprit;
mod embedded;
mod lacking;
mod leftovers;
mod of_state;
mod off_path;
mod offered;
mod outside;
mod refusals;
mod rejected;
mod relabel;
mod server;
mod settled;
mod shared;
mod standin;
mod wipe;

pub use bench::Bench;
pub use of_state::{extension_path, scope_of};
pub use off_path::{OffPath, off_path};
pub use rejected::{BuildError, Rejected};
pub use server::{Driver, Shadow};
pub use standin::{STANDIN_SCHEMA, Volatility, collation, function, role, tablespace, type_};
