//! Tests of plan files, chains, seals and receipts.
mod chain;
mod files;
mod receipts;
mod seal;
