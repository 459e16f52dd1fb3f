//! pgform keeps PostgreSQL databases in the state that a folder of YAML files declares.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod canonical;
pub mod catalog;
pub mod cli;
pub mod declaration;
pub mod diagnostic;
pub mod diff;
pub mod execute;
pub mod model;
pub mod plan;
pub mod prove;
pub mod report;
pub mod server;
pub mod settings;
pub mod shadow;
pub mod store;
pub mod workflow;
pub mod yaml;

#[cfg(test)]
#[path = "../tests/support/snapshots.rs"]
mod snapshots;
