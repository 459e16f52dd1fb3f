//! Command line: arguments, output and exit codes. The only stage that prints.
mod arguments;
mod confirm;
mod demo;
mod exit;
mod files;
mod interrupt;
mod observer;
mod output;
mod printer;
mod reading;
mod redact;
mod render;
mod run;
mod writing;

pub use run::main;
