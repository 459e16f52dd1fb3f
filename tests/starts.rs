//! Where databases begin: with no journal, with a journal of what is gone, with schemas that nobody named.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod support;

#[path = "starts/first.rs"]
mod first;
#[path = "starts/missing.rs"]
mod missing;
#[path = "starts/repair.rs"]
mod repair;
#[path = "starts/scope.rs"]
mod scope;
