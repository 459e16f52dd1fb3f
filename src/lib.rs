//! pgform keeps PostgreSQL databases in the state that a folder of YAML files declares.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod diagnostic;
pub mod model;
pub mod settings;
pub mod yaml;
