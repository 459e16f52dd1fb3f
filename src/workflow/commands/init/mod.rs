//! `init`: the files of a new project (settings, make targets, containers, a CI pipeline); their texts are in
//! `template`.
mod begin;
mod files;

pub use begin::{Begun, Kept, init};
