//! Refuses what pgvector would refuse, some of it only amid an index build, where it leaves an invalid index behind.
mod column;
mod facts;
mod index;
mod names;
mod place;
mod plain;
mod run;
mod size;
mod stored;
mod uses;
mod version;

pub(super) use run::verify;
