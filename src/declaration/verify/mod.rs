//! Judges a declaration when everything is read: names that meet, and names that lead nowhere.
mod columns;
mod methods;
mod names;
mod relations;
mod run;
mod types;

pub(super) use run::verify;
