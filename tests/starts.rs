//! Where databases begin: with no journal, with a journal of what is gone, with schemas that nobody named.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod first;
mod missing;
mod repair;
mod scope;
