//! pgform, run by a superuser in a database that belongs to somebody else, who would like to be one too.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![allow(unreachable_pub, reason = "a module of one test binary")]
mod support;

#[path = "trust/journal.rs"]
mod journal;
#[path = "trust/paths.rs"]
mod paths;
#[path = "trust/proxy.rs"]
mod proxy;
#[path = "trust/settings.rs"]
mod settings;
#[path = "trust/silence.rs"]
mod silence;
