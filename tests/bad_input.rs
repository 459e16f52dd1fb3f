//! Bad input, end to end, through the binary: each mistake has a code, its place, help and an exit code, and leaves files and
//! databases as they were.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]
mod support;

#[path = "bad_input/scene.rs"]
mod scene;

#[path = "bad_input/adopt.rs"]
mod adopt;
#[path = "bad_input/chain.rs"]
mod chain;
#[path = "bad_input/columns.rs"]
mod columns;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/hostile.rs"]
mod hostile;
#[path = "bad_input/injection.rs"]
mod injection;
#[path = "bad_input/labels.rs"]
mod labels;
#[path = "bad_input/meanwhile.rs"]
mod meanwhile;
#[path = "bad_input/names.rs"]
mod names;
#[path = "bad_input/refused.rs"]
mod refused;
#[path = "bad_input/rejected.rs"]
mod rejected;
#[path = "bad_input/rows.rs"]
mod rows;
#[path = "bad_input/rules.rs"]
mod rules;
#[path = "bad_input/servers.rs"]
mod servers;
#[path = "bad_input/shapes.rs"]
mod shapes;
#[path = "bad_input/taken_over.rs"]
mod taken_over;
#[path = "bad_input/together.rs"]
mod together;
#[path = "bad_input/usage.rs"]
mod usage;
#[path = "bad_input/vector_features.rs"]
mod vector_features;
#[path = "bad_input/vectors.rs"]
mod vectors;
