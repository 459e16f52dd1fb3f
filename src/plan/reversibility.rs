//! Grades of what the way back brings, from everything as it was to nothing.
use serde::{Deserialize, Serialize};

/// Grade of what the way back brings, at worst; ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reversibility {
    /// Everything is as it was.
    Exact,
    /// Everything is as it was, and what was written since is kept aside.
    KeepsNewRows,
    /// Everything is as it was; values written since into what the plan made go. Counted first.
    LosesNewRows,
    /// Everything is as it was; all values in what the plan made go, as those written since are not told from those
    /// that it gave. Counted first.
    LosesAllValues,
    /// Everything is as it was, if newer rows allow it. Checked first.
    Conditional,
    /// The structure comes back, with the values that there are: what was lost by their conversion stays lost.
    ConvertsBack,
    /// The structure comes back, empty.
    StructureOnly,
    /// Nothing comes back.
    None,
}
