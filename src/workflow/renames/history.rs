//! History of renames and records in the chain, by which objects declared under an old name or text are recognized.
use crate::model::{Object, ObjectId, Rename, State, renamed_id};
use crate::store::Header;
use std::collections::{BTreeMap, BTreeSet};

/// The renames that plans ran, and the texts that opaque objects had on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// Renames plan by plan, as each recorded them.
    plans: Vec<Vec<Rename>>,
    /// Every text that an opaque object had, under its present name.
    texts: BTreeMap<ObjectId, BTreeSet<String>>,
    /// Objects that plans recorded as they were in a database.
    noted: BTreeSet<ObjectId>,
}

impl Past {
    /// Collects the history from the headers of a chain's plans, the first one first.
    pub(crate) fn of<'h>(headers: impl IntoIterator<Item = &'h Header>) -> Self {
        let mut past = Self::default();
        for header in headers {
            past.go_on(header.renames.clone());
            past.note(&header.records);
            let base = header.base.iter().flat_map(|base| &base.objects);
            past.remember(base);
            past.remember(header.after.iter().filter_map(|(id, object)| Some((id, object.as_ref()?))));
        }
        past
    }

    /// Adds the state at the chain's head, and the renames that act now.
    pub(crate) fn followed_by(&self, head: &State, renames: &[Rename]) -> Self {
        let mut past = self.clone();
        past.remember(&head.objects);
        past.go_on(renames.to_vec());
        past
    }

    /// Adds objects that are recorded.
    pub(crate) fn note<'o>(&mut self, ids: impl IntoIterator<Item = &'o ObjectId>) {
        self.noted.extend(ids.into_iter().cloned());
    }

    /// Tells whether a plan recorded an object, or its absence: a declaration that lists it as it was until then does
    /// not mean to change it.
    pub(crate) fn noted(&self, id: &ObjectId) -> bool {
        self.noted.contains(id)
    }

    fn go_on(&mut self, renames: Vec<Rename>) {
        self.noted = std::mem::take(&mut self.noted).iter().map(|id| renamed_id(id, &renames)).collect();
        let texts = std::mem::take(&mut self.texts);
        self.texts = texts.into_iter().map(|(id, texts)| (renamed_id(&id, &renames), texts)).collect();
        self.plans.push(renames);
    }

    fn remember<'o>(&mut self, objects: impl IntoIterator<Item = (&'o ObjectId, &'o Object)>) {
        for (id, object) in objects {
            if let Some(carried) = object.definition().filter(|definition| definition.carried) {
                self.texts.entry(*id).or_default().extend(carried.text().map(str::to_owned));
            }
        }
    }

    /// Present identity of an object, from a former one.
    pub(crate) fn now(&self, id: &ObjectId) -> ObjectId {
        self.plans.iter().fold(*id, |id, renames| renamed_id(&id, renames))
    }

    /// Tells whether an opaque object once had a text, or, for no text, never had one. Only renames and records change
    /// one, so that it is the same object still.
    pub(crate) fn had(&self, id: &ObjectId, text: Option<&str>) -> bool {
        self.texts.get(id).is_some_and(|texts| text.map_or(texts.is_empty(), |text| texts.contains(text)))
    }
}
