use super::words::{count, kinds, of};
use crate::diagnostic::{Again, Command, Way};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a declaration without mistakes holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Validation {
    /// How many files were read.
    pub files: usize,
    /// How many objects of each kind, by the kind's word.
    pub objects: BTreeMap<String, usize>,
    /// How many plans there are.
    pub plans: usize,
    /// How many objects differ from the last plan, by their texts.
    pub differ: usize,
    /// How many warnings were given.
    pub warnings: usize,
    /// How suggested commands name the folders.
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

    /// A title is the writer's own: this one says that it is still to be found.
    fn plan(&self) -> String {
        Way::new("next", Command::new("plan").option("-m", "what changes, in a few words")).line(&self.again)
    }

    /// One line: `42 objects in 3 files (4 tables, 30 columns, …), 2 plans: no mistakes`.
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
