//! `init`: the files of a new project (settings, make targets, containers, CI pipeline), with texts from `template`.
mod begin;
mod files;

pub use begin::{Begun, Kept, init};
