//! Verification that a plan runs what planning makes of its header, and nothing besides.
pub(super) mod hidden_sql;
pub(super) mod planned_again;
