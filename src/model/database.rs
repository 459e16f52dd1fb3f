use super::{
    Column, ColumnName, ConstraintName, Index, Object, ObjectId, Opaque, Qualified, RelationName, SchemaName, Table,
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

    /// Takes in what became of some objects: what they are now, or that they are gone.
    pub fn take_in<'o>(&mut self, changed: impl IntoIterator<Item = (&'o ObjectId, Option<&'o Object>)>) {
        for (id, object) in changed {
            match object {
                Some(object) => drop(self.objects.insert(*id, object.clone())),
                None => drop(self.objects.remove(id)),
            }
        }
    }

    /// Whether there is an object of that identity.
    #[must_use]
    pub fn has(&self, id: &ObjectId) -> bool {
        self.objects.contains_key(id)
    }

    /// The table of that name.
    #[must_use]
    pub fn table(&self, name: &Qualified) -> Option<&Table> {
        match self.objects.get(&ObjectId::table(*name)) {
            Some(Object::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// The table that an object belongs to; an index's too.
    #[must_use]
    pub fn table_of(&self, id: &ObjectId) -> Option<Qualified> {
        if let Some(Object::Index(index)) = self.get(id) { Some(index.table) } else { id.table_of() }
    }

    /// Whether a table has an index of that name, by itself or as a key's.
    #[must_use]
    pub fn has_index_on(&self, table: &Qualified, name: &RelationName) -> bool {
        let key = ObjectId::constraint(*table, ConstraintName::new(name.as_str()));
        self.has(&ObjectId::index(table.sibling(name.as_str()))) || matches!(self.get(&key), Some(Object::Key(_)))
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, table: &Qualified, name: &ColumnName) -> Option<&Column> {
        match self.objects.get(&ObjectId::column(*table, *name)) {
            Some(Object::Column(column)) => Some(column),
            _ => None,
        }
    }

    /// The columns of a table in their order.
    #[must_use]
    pub fn columns(&self, table: &Qualified) -> Vec<(ColumnName, &Column)> {
        let from = ObjectId::column(*table, ColumnName::new(""));
        let mut columns: Vec<_> = self
            .objects
            .range(from..)
            .map_while(|(id, object)| match (id.as_column(), object) {
                (Some((of, name)), Object::Column(column)) if of == *table => Some((name, column)),
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

    /// All indexes.
    pub fn indexes(&self) -> impl Iterator<Item = (Qualified, &Index)> {
        self.objects.iter().filter_map(|(id, object)| match object {
            Object::Index(index) => Some((id.qualified()?, index)),
            _ => None,
        })
    }

    /// All objects of kinds that pgform does not model.
    pub fn opaque(&self) -> impl Iterator<Item = (&ObjectId, &Opaque)> {
        self.objects.iter().filter_map(
            |(id, object)| {
                if let Object::Opaque(opaque) = object { Some((id, opaque)) } else { None }
            },
        )
    }

    /// The schema that holds an extension's members, where the extension is in the state.
    #[must_use]
    pub fn extension_schema(&self, name: &str) -> Option<&SchemaName> {
        match self.objects.get(&ObjectId::extension(super::ExtensionName::new(name))) {
            Some(Object::Extension(extension)) => Some(&extension.schema),
            _ => None,
        }
    }
}
