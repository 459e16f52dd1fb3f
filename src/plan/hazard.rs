//! Hazards of a plan: their kinds, and a hazard of one object, which `--allow` names.
use crate::model::ObjectId;
use serde::{Deserialize, Serialize};

/// Kinds of what can go wrong although everything works as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HazardKind {
    /// Rows or values go and don't come back.
    DataLoss,
    /// A table is written anew.
    Rewrite,
    /// A lock that stops readers or writers is held for longer than a moment.
    LongLock,
    /// A table is read as a whole.
    LongScan,
    /// Depends on the rows that are there.
    MayFailOnRows,
    /// Applications that use the old name or shape break.
    BreaksClients,
    /// There is no way back.
    Irreversible,
    /// An index is built: time, memory, disk.
    IndexBuild,
}

impl HazardKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::DataLoss,
        Self::Rewrite,
        Self::LongLock,
        Self::LongScan,
        Self::MayFailOnRows,
        Self::BreaksClients,
        Self::Irreversible,
        Self::IndexBuild,
    ];

    /// The word that people write after `--allow`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataLoss => "DataLoss",
            Self::Rewrite => "Rewrite",
            Self::LongLock => "LongLock",
            Self::LongScan => "LongScan",
            Self::MayFailOnRows => "MayFailOnRows",
            Self::BreaksClients => "BreaksClients",
            Self::Irreversible => "Irreversible",
            Self::IndexBuild => "IndexBuild",
        }
    }

    /// Tells whether `apply` refuses a hazard of this kind unless it is allowed by name: the others are told, and run.
    #[must_use]
    pub fn must_be_allowed(self) -> bool {
        match self {
            Self::DataLoss | Self::Rewrite | Self::LongLock | Self::BreaksClients | Self::Irreversible => true,
            Self::LongScan | Self::MayFailOnRows | Self::IndexBuild => false,
        }
    }
}

/// A hazard of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    /// Kind of the hazard.
    pub hazard: HazardKind,
    /// Object that the hazard is about.
    pub object: ObjectId,
    /// Reason, in a sentence.
    pub because: String,
}
