//! The demo: the beginning of the reference project's story, told by the commands themselves.
mod edit;
mod tour;

pub(super) use tour::run;
