//! What going back brings.
use serde::{Deserialize, Serialize};

/// What going back brings, at worst; ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reversibility {
    /// Everything is as it was.
    Exact,
    /// As it was, and what was written since is kept aside.
    KeepsNewRows,
    /// As it was; values written since into what the plan made go. Counted first.
    LosesNewRows,
    /// As it was; all values in what the plan made go, as those written since are not told from those that it gave. Counted
    /// first.
    LosesAllValues,
    /// As it was, if newer rows allow it. Checked first.
    Conditional,
    /// The structure comes back, empty.
    StructureOnly,
    /// Nothing comes back.
    None,
}
