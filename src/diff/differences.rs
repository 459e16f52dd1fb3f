use super::Alteration;

/// Collects alterations; every kind names all fields of its pair and passes each through one of these.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) found: Vec<Alteration>,
    replaced: Vec<&'static str>,
}

impl Differences {
    pub(super) fn when(&mut self, differs: bool, alteration: Alteration) {
        if differs {
            self.found.push(alteration);
        }
    }

    /// An attribute that only a new object can have otherwise.
    pub(super) fn replaces(&mut self, name: &'static str, differs: bool) {
        if differs {
            self.replaced.push(name);
        }
    }

    /// An attribute that is carried along.
    pub(super) fn carried<T: PartialEq>(&mut self, name: &'static str, before: &T, after: &T) {
        self.when(before != after, Alteration::Carried(name));
    }

    pub(super) fn finish(mut self) -> Vec<Alteration> {
        if !self.replaced.is_empty() {
            self.found.insert(0, Alteration::Replaced(self.replaced));
        }
        self.found
    }
}
