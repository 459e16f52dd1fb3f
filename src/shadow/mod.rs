//! The shadow: a scratch PostgreSQL where declarations are settled and plans are proven. It never holds anything of worth.
mod bench;
mod culprit;
mod embedded;
mod leftovers;
mod offered;
mod server;
mod settled;
mod standin;
mod wipe;

pub use bench::{Bench, BuildError, Rejected, scope_of};
pub use server::{Driver, Shadow};
pub use standin::{STANDIN_SCHEMA, Volatility, collation, function, role, tablespace, type_};
