//! Renames over the whole chain: which ran, which do nothing, what a name was before.
pub(super) mod already_run;
pub(super) mod history;
pub(super) mod without_effect;
