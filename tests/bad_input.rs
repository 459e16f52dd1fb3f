//! Bad input, end to end, through the binary: each mistake has a code, its place, help and an exit code, and leaves files and
//! databases as they were.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]

mod scene;

mod adopt;
mod chain;
mod columns;
mod files;
mod hostile;
mod injection;
mod labels;
mod meanwhile;
mod names;
mod refused;
mod rejected;
mod rows;
mod rules;
mod servers;
mod shapes;
mod taken_over;
mod together;
mod usage;
mod vector_features;
mod vectors;
