//! Real servers for integration tests: one of each version for all of them, one database for each test.
//!
//! ```ignore
//! use crate::support::{Version, fresh_database};
//! let Some(database) = fresh_database(Version::V18) else { return };
//! connect(&database.url);
//! ```
//! A server that is not on this machine is said aloud, counted, and its tests pass without having run; in CI they fail.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "what some test will need")]
#![allow(clippy::print_stderr, reason = "a skipped test must be seen")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up fails")]

mod binary;
pub mod cases;
mod cutting;
mod dump;
pub mod operations;
mod places;
mod planned;
mod server;
mod skipped;
mod snapshots;

pub use binary::{Run, by_name, change, expect, pgform, pgform_with, project};
pub use cutting::Cutting;
pub use dump::{differences, dumped_differences, entries};
pub use places::{Version, install, install_script, openssl, programs, server_user};
pub use planned::once;
pub use server::{Server, TestDatabase, fresh_database, own_database, roles, server};
pub use skipped::{missing, skipped};
pub(crate) use snapshots::kept;
