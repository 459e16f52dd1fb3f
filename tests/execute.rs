//! The executor on real servers: forward, back, killed, blocked, resumed.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]

mod bodies;
mod scene;

mod back;
mod builds;
mod forward;
mod locks;
mod lost;
mod rights;
mod shadow;
