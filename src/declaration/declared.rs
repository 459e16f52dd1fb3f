use crate::diagnostic::{Diagnostics, Place};
use crate::model::{ObjectId, Qualified, State};
use std::collections::{BTreeMap, BTreeSet};

/// What a folder of YAML files declares.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The desired state: fragments as written, not settled.
    pub state: State,
    /// Where everything stands in the files.
    pub places: Places,
    /// What is said about the way there, by the object it is written at.
    pub directives: BTreeMap<ObjectId, Directives>,
    /// What is probably not meant.
    pub warnings: Diagnostics,
}

/// What a declaration says about the way to a state: it acts only while the chain's head still has the old name, the old
/// type, no such column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// The object's old identity.
    pub renamed_from: Option<ObjectId>,
    /// The expression that makes a column's new value from its old one.
    pub using: Option<String>,
    /// The expression that fills a new column.
    pub backfill: Option<String>,
    /// An enum's renamed labels, old to new. (In YAML it is `new: old`, as `renamed_from` reads.)
    pub renamed_labels: BTreeMap<String, String>,
    /// Where the first of them is written.
    pub place: Option<Place>,
}

/// What is known beside the declaration, so that naming it is no mistake.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Relations that exist and are not declared: opaque ones of the chain's head, unmanaged ones.
    pub relations: BTreeSet<Qualified>,
    /// Types that exist and are not declared.
    pub types: BTreeSet<Qualified>,
}

/// Where objects and their attributes stand in the files.
#[derive(Clone, Debug, Default)]
pub struct Places {
    objects: BTreeMap<ObjectId, Place>,
    attributes: BTreeMap<(ObjectId, String), Place>,
}

impl Places {
    /// The place of an object's key.
    #[must_use]
    pub fn object(&self, id: &ObjectId) -> Option<&Place> {
        self.objects.get(id)
    }

    /// The place of an attribute's value; the object's, where the attribute is not written by itself. `columns[1]` is
    /// the second item of a list.
    #[must_use]
    pub fn attribute(&self, id: &ObjectId, name: &str) -> Option<&Place> {
        let key = |name: &str| self.attributes.get(&(id.clone(), name.to_owned()));
        let list = name.find('[').and_then(|at| key(&name[..at]));
        key(name).or(list).or_else(|| self.object(id))
    }

    /// The place of an attribute that is written by itself.
    pub(super) fn written(&self, id: &ObjectId, name: &str) -> Option<&Place> {
        self.attributes.get(&(id.clone(), name.to_owned()))
    }

    pub(super) fn set_object(&mut self, id: &ObjectId, place: &Place) {
        self.objects.insert(id.clone(), place.clone());
    }

    pub(super) fn set_attribute(&mut self, id: &ObjectId, name: impl Into<String>, place: &Place) {
        self.attributes.insert((id.clone(), name.into()), place.clone());
    }
}
