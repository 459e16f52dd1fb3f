//! The executor on real servers: forward, back, killed, blocked, resumed.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]
mod support;

#[path = "execute/bodies.rs"]
mod bodies;
#[path = "execute/scene.rs"]
mod scene;

#[path = "execute/back.rs"]
mod back;
#[path = "execute/builds.rs"]
mod builds;
#[path = "execute/forward.rs"]
mod forward;
#[path = "execute/locks.rs"]
mod locks;
#[path = "execute/lost.rs"]
mod lost;
#[path = "execute/rights.rs"]
mod rights;
#[path = "execute/shadow.rs"]
mod shadow;
