//! Context of operations: both states with their names, and what the plan makes, drops and renames.
use super::super::{beneath::Beneath, dependents, needs::Lookup};
use super::answer::Resource;
use crate::canonical::DefaultsText;
use crate::model::{NewObjects, ObjectId, Qualified, Rename, SchemaName, State};
use std::collections::{BTreeMap, BTreeSet};

/// Cost of another type or collation of a column, beyond what stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// The catalog alone.
    Catalog,
    /// Indexes on the column are built again.
    Indexes,
    /// The table is written anew, with all its indexes.
    Rewrite,
}

/// Everything that operations are made from.
pub struct Context<'a> {
    /// The state before, the declared renames run on it.
    pub before: &'a State,
    /// The state after.
    pub after: &'a State,
    /// Names of the state before.
    pub before_names: Lookup<'a>,
    /// Names of the state after.
    pub after_names: Lookup<'a>,
    /// Partitions of the state before.
    pub beneath_before: Beneath,
    /// Partitions of the state after.
    pub beneath_after: Beneath,
    /// Tables that the plan makes: nobody uses them yet, so nothing needs to be online on them.
    pub new_tables: BTreeSet<Qualified>,
    /// Tables that the plan drops: what belongs to them goes with them.
    pub dropped_tables: BTreeSet<Qualified>,
    /// Objects that the plan drops or makes anew.
    pub leaving: BTreeSet<ObjectId>,
    /// Objects that are made anew because something that they lean on is.
    pub follows: BTreeSet<ObjectId>,
    /// Declared expressions for type changes (`using:`), by column.
    pub using: &'a BTreeMap<ObjectId, String>,
    /// Columns whose type or collation changes with more than the catalog, and what that costs.
    pub retyped: BTreeMap<ObjectId, Cost>,
    /// The renames that run: what is looked for before the plan has its old names.
    pub renames: &'a [Rename],
    /// Tables that are known to be small, or empty: writing one anew takes a moment.
    pub small: &'a BTreeSet<Qualified>,
    /// Default privileges of either state, by the objects that they are for and the schema, if they are of one.
    pub defaults: BTreeMap<(NewObjects, Option<SchemaName>), Vec<DefaultsText>>,
    /// Seed that makes temporary and aside names this plan's own.
    pub seed: String,
}

impl Context<'_> {
    /// The other routines of that name in the later state.
    pub fn overloads(&self, id: &ObjectId) -> impl Iterator<Item = ObjectId> {
        self.after_names.namesakes(id).filter(move |other| other != id)
    }

    /// Requirements of an object of the later state, as resources.
    #[must_use]
    pub fn needs_after(&self, id: &ObjectId) -> Vec<Resource> {
        self.after_names.needs(id).into_iter().map(Resource::After).collect()
    }

    /// Requirements of an object of the earlier state, as resources: the object goes before they do.
    #[must_use]
    pub fn needs_before(&self, id: &ObjectId) -> Vec<Resource> {
        self.before_names.needs(id).into_iter().map(Resource::Before).collect()
    }

    /// Requirements of an object of the earlier state that go: where one stays, in whatever way it changes, the object
    /// and the one that takes its place both stand on it.
    #[must_use]
    pub fn needs_until_gone(&self, id: &ObjectId) -> Vec<Resource> {
        let needs = self.before_names.needs(id).into_iter();
        needs.filter(|need| self.leaving.contains(need)).map(Resource::Before).collect()
    }

    /// Objects that lean on an object of the earlier state.
    #[must_use]
    pub fn dependents_before(&self, id: &ObjectId) -> BTreeSet<ObjectId> {
        dependents(self.before, &self.before_names, &BTreeSet::from([*id])).remove(id).unwrap_or_default()
    }

    /// Objects that lean on each of these objects of the earlier state, found in one go.
    #[must_use]
    pub fn all_dependents_before(&self, ids: &BTreeSet<ObjectId>) -> BTreeMap<ObjectId, BTreeSet<ObjectId>> {
        let mut found = dependents(self.before, &self.before_names, ids);
        for id in ids {
            found.entry(*id).or_default();
        }
        found
    }

    /// Tells whether the plan itself makes a table, or a view, in the place of another one too.
    #[must_use]
    pub fn is_new(&self, table: &Qualified) -> bool {
        let view = ObjectId::view(*table);
        self.new_tables.contains(table) || (self.after.has(&view) && (!self.before.has(&view) || self.goes(&view)))
    }

    /// Tells whether an object of the earlier state goes, whether or not it is made anew.
    #[must_use]
    pub fn goes(&self, id: &ObjectId) -> bool {
        self.leaving.contains(id) || self.follows.contains(id)
    }
}
