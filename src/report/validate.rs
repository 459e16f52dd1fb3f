//! The report of `validate`: counts of files, objects, plans and changes.
use super::words::{count, kinds, of};
use crate::diagnostic::{Again, Command, Way};
use serde::Serialize;
use std::collections::BTreeMap;

/// Report of `validate` on a declaration without mistakes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Validation {
    /// Count of files read.
    pub files: usize,
    /// Count of objects, by the kind's word.
    pub objects: BTreeMap<String, usize>,
    /// Count of plans.
    pub plans: usize,
    /// Count of objects that differ from the last plan, by their texts.
    pub differ: usize,
    /// Count of warnings.
    pub warnings: usize,
    /// Flags that name the folders in suggested commands.
    #[serde(skip)]
    pub again: Again,
}

impl Validation {
    /// Counts objects by the words of their kinds.
    #[must_use]
    pub fn new(
        files: usize,
        kinds: impl Iterator<Item = &'static str>,
        plans: usize,
        (differ, warnings): (usize, usize),
    ) -> Self {
        let mut objects = BTreeMap::new();
        for kind in kinds {
            *objects.entry(kind.to_owned()).or_default() += 1;
        }
        Self { files, objects, plans, differ, warnings, again: Again::default() }
    }

    /// Command that plans, with a placeholder for the title, which is for its writer to find.
    fn plan(&self) -> String {
        Way::new("next", Command::new("plan").option("-m", "what changes, in a few words")).line(&self.again)
    }

    /// Text: `42 objects in 3 files (4 tables, 30 columns, …), 2 plans: no mistakes`.
    #[must_use]
    pub fn text(&self) -> String {
        let total: usize = self.objects.values().sum();
        let kinds: Vec<_> = self.objects.iter().map(|(kind, n)| kinds(*n, kind)).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        let end = match self.warnings {
            0 => "no mistakes".to_owned(),
            1 => "no mistakes, 1 warning".to_owned(),
            n => format!("no mistakes, {} warnings", count(n as u64)),
        };
        let (objects, files) = (of(total, "object", "objects"), of(self.files, "file", "files"));
        let next = match (self.plans, self.differ) {
            (_, 0) => "the last plan has all of it\n".to_owned(),
            (0, _) => format!("there is no plan yet      {}\n", self.plan()),
            (_, 1) => format!("1 object differs from the last plan      {}\n", self.plan()),
            (_, n) => format!("{} objects differ from the last plan      {}\n", count(n as u64), self.plan()),
        };
        format!("{objects} in {files}{kinds}, {}: {end}\n{next}", of(self.plans, "plan", "plans"))
    }
}
