//! All tests but one: a module for each file, in one binary. Each binary would link pgform whole, and cargo runs them one after
//! another; in one, whatever waits (for a lock, for a server, for a time to pass) lets another test run meanwhile, and all use
//! the same servers. `cargo test --test suite drift::` runs the tests of one file.
//!
//! So a test must hold beside any other, on a server that it shares: what it makes of a whole server (roles, rules of
//! `pg_hba.conf`) has a name of its own, and what it looks for in `pg_stat_activity` or `pg_locks` is of its database. A test
//! that needs another setting of the server starts its own (`support::own_database`).
mod access;
mod bad_input;
mod carried;
mod cases;
mod catalog;
mod changes;
mod commands;
mod databases;
mod default_privileges;
mod defaults;
mod definitions;
mod doctor;
mod drift;
mod execute;
mod guide;
mod hints;
mod history;
mod init;
mod interrupt;
mod locks;
mod outside;
mod policies;
mod proof;
mod real_schemas;
mod reference;
mod server;
mod shadow;
mod skipped;
mod standing;
mod starts;
mod support;
mod trust;
mod verify;
mod way_back;
