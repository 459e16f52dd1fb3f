//! Settings of columns that are no objects of their own: how their values are stored, compressed and counted.
use super::{Compression, Parameters, Storage, Word};

/// Settings of one column of a materialized view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSettings {
    /// Way of storing the values, where it is not the type's.
    pub storage: Option<Storage>,
    /// Way of compressing the values, where set.
    pub compression: Option<Compression>,
    /// The statistics target, where set.
    pub statistics: Option<i32>,
    /// `n_distinct`, `n_distinct_inherited`.
    pub options: Parameters,
}

impl ColumnSettings {
    /// Tells whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The settings in a line: `statistics 9, storage plain`.
    pub(super) fn told(&self) -> String {
        let Self { storage, compression, statistics, options } = self;
        let own = [
            storage.map(|storage| format!("storage {}", storage.word())),
            compression.map(|method| format!("compression {}", method.word())),
            statistics.map(|target| format!("statistics {target}")),
        ];
        let options = options.sorted().into_iter().map(|(name, value)| format!("{name} {value}"));
        own.into_iter().flatten().chain(options).collect::<Vec<_>>().join(", ")
    }
}
