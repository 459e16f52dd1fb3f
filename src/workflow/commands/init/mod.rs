//! A new project's files: settings, targets for make, containers, a pipeline. Their texts lie beside this in `template`.
mod begin;
mod files;

pub use begin::{Begun, Kept, init};
