//! State of a database: every object of the scope by its identity.
use super::{
    Body, Column, ColumnName, ConstraintName, Definition, Index, IndexMarks, Object, ObjectId, ObjectKind, Qualified,
    RelationName, Table, Typed, View,
};
use std::collections::BTreeMap;

/// A state: every object of the scope by its identity. Files only group them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The objects.
    pub objects: BTreeMap<ObjectId, Object>,
}

impl State {
    /// The object of that identity.
    #[must_use]
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id)
    }

    /// Gives the body of the object of that identity.
    #[must_use]
    pub fn body(&self, id: &ObjectId) -> Option<&Body> {
        self.objects.get(id).map(|object| &object.body)
    }

    /// Gives the body of the object of that identity, to change.
    pub fn body_mut(&mut self, id: &ObjectId) -> Option<&mut Body> {
        self.objects.get_mut(id).map(|object| &mut object.body)
    }

    /// Takes in the changes of some objects: what each is now, or that it is gone.
    pub fn take_in<'o>(&mut self, changed: impl IntoIterator<Item = (&'o ObjectId, Option<&'o Object>)>) {
        for (id, object) in changed {
            match object {
                Some(object) => drop(self.objects.insert(*id, object.clone())),
                None => drop(self.objects.remove(id)),
            }
        }
    }

    /// Tells whether there is an object of that identity.
    #[must_use]
    pub fn has(&self, id: &ObjectId) -> bool {
        self.objects.contains_key(id)
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &Qualified) -> Option<Typed<'_, Table>> {
        let object = self.get(&ObjectId::table(*name))?;
        if let Body::Table(table) = &object.body { Some(object.typed(table)) } else { None }
    }

    /// The relation of that name that can have indexes: a view where the name is one's, a table otherwise.
    #[must_use]
    pub fn indexed(&self, name: &Qualified) -> ObjectId {
        let view = ObjectId::view(*name);
        if self.has(&view) { view } else { ObjectId::table(*name) }
    }

    /// The view of that name, materialized or not.
    #[must_use]
    pub fn view(&self, name: &Qualified) -> Option<Typed<'_, View>> {
        let object = self.get(&ObjectId::view(*name))?;
        object.view().map(|view| object.typed(view))
    }

    /// Marks that a table, or a materialized view, puts on its indexes.
    #[must_use]
    pub fn marks(&self, name: &Qualified) -> Option<IndexMarks<'_>> {
        match (self.body(&ObjectId::table(*name)), self.body(&ObjectId::view(*name))) {
            (Some(Body::Table(table)), _) => Some(table.marks()),
            (_, Some(Body::View(view))) => Some(view.marks()),
            _ => None,
        }
    }

    /// The word people read of the object of that identity, as finely as the state knows it.
    #[must_use]
    pub fn word(&self, id: &ObjectId) -> &'static str {
        self.get(id).map_or_else(|| id.word(), |object| object.word(id))
    }

    /// The table that an object belongs to; an index's too.
    #[must_use]
    pub fn table_of(&self, id: &ObjectId) -> Option<Qualified> {
        self.get(id).map_or_else(|| id.table_of(), |object| object.table_of(id))
    }

    /// Tells whether a table has an index of that name, by itself or as a key's.
    #[must_use]
    pub fn has_index_on(&self, table: &Qualified, name: &RelationName) -> bool {
        let key = ObjectId::constraint(*table, ConstraintName::new(name.as_str()));
        self.has(&ObjectId::index(table.sibling(name.as_str()))) || self.body(&key).is_some_and(Body::owns_index)
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, table: &Qualified, name: &ColumnName) -> Option<Typed<'_, Column>> {
        let object = self.get(&ObjectId::column(*table, *name))?;
        if let Body::Column(column) = &object.body { Some(object.typed(column)) } else { None }
    }

    /// The columns of a table in their order.
    #[must_use]
    pub fn columns(&self, table: &Qualified) -> Vec<(ColumnName, Typed<'_, Column>)> {
        let from = ObjectId::column(*table, ColumnName::new(""));
        let mut columns: Vec<_> = self
            .objects
            .range(from..)
            .map_while(|(id, object)| match (id.as_column(), &object.body) {
                (Some((of, name)), Body::Column(column)) if of == *table => Some((name, object.typed(column))),
                _ => None,
            })
            .collect();
        columns.sort_by_key(|(_, column)| column.position);
        columns
    }

    /// The constraints of a table by name.
    pub fn constraints(&self, table: &Qualified) -> impl Iterator<Item = (ConstraintName, &Object)> {
        let table = *table;
        let from = ObjectId::constraint(table, ConstraintName::new(""));
        self.objects.range(from..).map_while(move |(id, object)| {
            let (of, name) = id.as_constraint()?;
            (of == table).then_some((name, object))
        })
    }

    /// The parts of a relation that are of a kind, by name: its triggers, its policies.
    pub fn parts(&self, kind: ObjectKind, of: &Qualified) -> impl Iterator<Item = (&ObjectId, &Object)> {
        let of = *of;
        let from = ObjectId::of_parts(kind, &[of.schema.as_str(), of.name.as_str(), ""]);
        self.objects.range(from..).take_while(move |(id, _)| id.is(kind) && id.relation() == Some(of))
    }

    /// All indexes.
    pub fn indexes(&self) -> impl Iterator<Item = (Qualified, Typed<'_, Index>)> {
        self.objects.iter().filter_map(|(id, object)| {
            let Body::Index(index) = &object.body else { return None };
            Some((id.qualified()?, object.typed(index)))
        })
    }

    /// Tells whether the object of that identity is carried along: by its kind, or as it was recorded here.
    #[must_use]
    pub fn is_carried(&self, id: &ObjectId) -> bool {
        id.kind().is_carried() || self.get(id).is_some_and(Object::is_carried)
    }

    /// All objects whose state is the statement that makes them.
    pub fn definitions(&self) -> impl Iterator<Item = (&ObjectId, &Object, &Definition)> {
        self.objects.iter().filter_map(|(id, object)| Some((id, object, object.definition()?)))
    }

    /// All definitions that are carried along.
    pub fn carried(&self) -> impl Iterator<Item = (&ObjectId, &Object, &Definition)> {
        self.definitions().filter(|(_, _, definition)| definition.carried)
    }
}
