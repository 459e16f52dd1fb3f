//! Renames over the whole chain: those that ran, those without effect, and former names.
pub(super) mod already_run;
pub(super) mod history;
pub(super) mod without_effect;
