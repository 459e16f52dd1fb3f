//! What pgvector would refuse, some of it only in the middle of an index build, where it leaves an invalid index behind.
mod column;
mod facts;
mod index;
mod run;
mod version;

pub(super) use run::verify;
