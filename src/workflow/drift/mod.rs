//! Drift: how a database differs from the state that its journal records, in words and with the commands that end it.
pub(super) mod compare;
pub(super) mod described;
pub(super) mod halfway;
pub(super) mod not_null_names;
pub(super) mod remedies;
pub(super) mod seen;
