//! What pgvector would refuse, some of it only in the middle of an index build.
mod run;

pub(super) use run::verify;
