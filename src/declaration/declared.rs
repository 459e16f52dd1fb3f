//! Types of a declaration: the desired state, places in the files, directives, and what is known beside it.
use super::seed::SeedRow;
use crate::diagnostic::{Diagnostics, Place};
use crate::model::{ObjectId, ObjectKind, Qualified, SchemaName, State};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Contents of a folder of YAML files.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The desired state: fragments as written, not settled.
    pub state: State,
    /// Places of everything in the files.
    pub places: Places,
    /// Directives about the way there, by the object at which they are written.
    pub directives: BTreeMap<ObjectId, Directives>,
    /// True where opaque objects are listed (`opaque:`): then those that are not are meant to go.
    pub lists_opaque: bool,
    /// Warnings about what is probably not meant.
    pub warnings: Diagnostics,
}

impl Declared {
    /// Says that an attribute of an object is written; rights on a column stand with the table.
    #[must_use]
    pub fn says(&self, id: &ObjectId, attribute: &str) -> bool {
        let whole = match (id.as_column(), attribute) {
            (Some((table, _)), "grants") => ObjectId::table(table),
            _ => *id,
        };
        self.places.written(&whole, attribute).is_some()
    }

    /// Gives the schemas that the declaration names: those that something is declared in, or renamed from, and those
    /// that it says are there.
    #[must_use]
    pub fn schemas(&self) -> BTreeSet<SchemaName> {
        named_in(self.state.objects.keys(), &self.places, &self.directives)
    }
}

/// Gives the schemas that a declaration names. Every schema of an extension, and `public`, is in the state without
/// being named.
pub(super) fn named_in<'a>(
    ids: impl Iterator<Item = &'a ObjectId>,
    places: &Places,
    directives: &'a BTreeMap<ObjectId, Directives>,
) -> BTreeSet<SchemaName> {
    let said = |id: &&ObjectId| !id.is(ObjectKind::Schema) || places.object(id).is_some();
    let from = directives.values().filter_map(|d| d.renamed_from.as_ref());
    ids.filter(said).chain(from).filter_map(ObjectId::home).collect()
}

/// Gives the schemas that objects name: each that one lives in, or that is one of them. `public` is in every database:
/// alone, it names nothing.
pub fn named_schemas<'a>(ids: impl IntoIterator<Item = &'a ObjectId>) -> BTreeSet<SchemaName> {
    let alone = |id: &ObjectId| id.as_schema().is_some_and(|name| name.as_str() == "public");
    ids.into_iter().filter(|id| !alone(id)).filter_map(ObjectId::home).collect()
}

/// Directives of a declaration about the way to a state: they act only while the chain's head still has the old name,
/// the old type, no such column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// The object's old identity.
    pub renamed_from: Option<ObjectId>,
    /// The expression that makes a column's new value from its old one.
    pub using: Option<String>,
    /// The expression that fills a new column.
    pub backfill: Option<String>,
    /// New names of an enum's labels, old to new. (In YAML it is `new: old`, as `renamed_from` reads.)
    pub renamed_labels: BTreeMap<String, String>,
    /// A table's rows for the proof.
    pub seed: Vec<SeedRow>,
    /// Place of the first of them.
    pub place: Option<Place>,
}

/// Names that are known beside the declaration, so that naming them is no mistake.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Relations that exist and are not declared: opaque ones of the chain's head, unmanaged ones.
    pub relations: BTreeSet<Qualified>,
    /// Types that exist and are not declared.
    pub types: BTreeSet<Qualified>,
    /// Functions, aggregates and operators that exist and are not declared; none where nothing is known of any database.
    pub routines: Option<BTreeSet<Qualified>>,
    /// Index methods that somebody made operator classes of their own for.
    pub methods_with_own_classes: BTreeSet<String>,
}

impl Known {
    /// Gives these names, and what of them will be in schemas that are renamed.
    pub(super) fn after_renames(&self, directives: &BTreeMap<ObjectId, Directives>) -> Self {
        let mut known = self.clone();
        for (id, directives) in directives {
            let from = directives.renamed_from.and_then(|from| from.as_schema());
            if let (Some(to), Some(from)) = (id.as_schema(), from) {
                let moved = |names: &BTreeSet<Qualified>| -> Vec<Qualified> {
                    let inside = names.iter().filter(|name| name.schema == from);
                    inside.map(|name| Qualified { schema: to, name: name.name }).collect()
                };
                known.relations.extend(moved(&self.relations));
                known.types.extend(moved(&self.types));
                if let Some(routines) = &self.routines {
                    known.routines.get_or_insert_default().extend(moved(routines));
                }
            }
        }
        known
    }
}

/// Places of objects and their attributes in the files.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<ObjectId, Placed>);

/// Places of one object. Its attributes are few: they are looked through.
#[derive(Clone, Debug, Default)]
struct Placed {
    object: Option<Place>,
    attributes: Vec<(Cow<'static, str>, Place)>,
}

impl Places {
    /// The place of an object's key.
    #[must_use]
    pub fn object(&self, id: &ObjectId) -> Option<&Place> {
        self.0.get(id)?.object.as_ref()
    }

    /// The place of an attribute's value; the object's, where the attribute is not written by itself. `columns[1]` is
    /// the second item of a list.
    #[must_use]
    pub fn attribute(&self, id: &ObjectId, name: &str) -> Option<&Place> {
        let placed = self.0.get(id)?;
        let key = |name: &str| placed.attributes.iter().find(|(n, _)| n == name).map(|(_, place)| place);
        let list = || name.find('[').and_then(|at| key(&name[..at]));
        key(name).or_else(list).or(placed.object.as_ref())
    }

    /// Counts the files in which something is declared.
    #[must_use]
    pub fn files(&self) -> usize {
        let placed = self.0.values().filter_map(|placed| placed.object.as_ref());
        placed.map(|place| place.source.name.as_str()).collect::<BTreeSet<_>>().len()
    }

    /// The place of an attribute that is written by itself.
    #[must_use]
    pub fn written(&self, id: &ObjectId, name: &str) -> Option<&Place> {
        self.0.get(id)?.attributes.iter().find(|(n, _)| n == name).map(|(_, place)| place)
    }

    pub(super) fn set_object(&mut self, id: &ObjectId, place: &Place) {
        self.placed(id).object = Some(place.clone());
    }

    pub(super) fn set_attribute(&mut self, id: &ObjectId, name: impl Into<Cow<'static, str>>, place: &Place) {
        let (name, placed) = (name.into(), self.placed(id));
        match placed.attributes.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => old.clone_from(place),
            None => placed.attributes.push((name, place.clone())),
        }
    }

    fn placed(&mut self, id: &ObjectId) -> &mut Placed {
        self.0.entry(*id).or_default()
    }
}
