//! Arguments, output, exit codes: the only stage that prints.
mod arguments;
mod demo;
mod exit;
mod observer;
mod output;
mod render;
mod run;

pub use run::main;
