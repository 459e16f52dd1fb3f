//! pgform keeps PostgreSQL databases in the state that a folder of YAML files declares.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod canonical;
pub mod catalog;
pub mod declaration;
pub mod diagnostic;
pub mod diff;
pub mod model;
pub mod plan;
pub mod report;
pub mod server;
pub mod shadow;
pub mod store;
pub mod yaml;
