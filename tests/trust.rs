//! pgform, run by a superuser in a database that belongs to somebody else, who would like to be one too.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![allow(unreachable_pub, reason = "a module of one test binary")]

mod journal;
mod paths;
mod proxy;
mod settings;
mod silence;
