//! Collects the differences between two objects while they are found.
use super::Alteration;

/// Collects alterations: each once, those that make the object anew as one, before all others.
#[derive(Default)]
pub(super) struct Differences {
    found: Vec<Alteration>,
    replaced: Vec<&'static str>,
}

impl Differences {
    pub(super) fn when(&mut self, differs: bool, alteration: Alteration) {
        if differs {
            self.add(alteration);
        }
    }

    pub(super) fn add(&mut self, alteration: Alteration) {
        if let Alteration::Replaced(names) = alteration {
            let new: Vec<&str> = names.into_iter().filter(|name| !self.replaced.contains(name)).collect();
            self.replaced.extend(new);
        } else if !self.found.contains(&alteration) {
            self.found.push(alteration);
        }
    }

    pub(super) fn finish(mut self) -> Vec<Alteration> {
        if !self.replaced.is_empty() {
            self.found.insert(0, Alteration::Replaced(self.replaced));
        }
        self.found
    }
}
