//! How a database differs from where it should stand, in words and with the commands that end it.
pub(super) mod compare;
pub(super) mod described;
pub(super) mod halfway;
pub(super) mod not_null_names;
pub(super) mod remedies;
pub(super) mod seen;
