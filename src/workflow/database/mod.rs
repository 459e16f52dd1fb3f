//! What a database says of itself: where it stands, which environment it is, how large it is.
pub(super) mod label;
pub(super) mod last_run;
pub(super) mod position;
pub(super) mod reported;
pub(super) mod sizes;
