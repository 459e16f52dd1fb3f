//! Commands, one file or folder each: every one is a function from arguments to a result.
pub(super) mod adopt;
pub(super) mod apply;
pub(super) mod approve;
pub(super) mod check;
pub(super) mod doctor;
pub(super) mod dry_run;
pub(super) mod import;
pub(super) mod init;
pub(super) mod plan;
pub(super) mod repair;
pub(super) mod reset;
pub(super) mod review;
pub(super) mod rollback;
pub(super) mod show;
pub(super) mod status;
pub(super) mod validate;
