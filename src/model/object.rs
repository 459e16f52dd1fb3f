//! Objects of a state: a head that every kind has, and a body of the kind's own.
use super::{
    Attribute, Attributes, Body, CarriedForm, Definition, Digest, Hasher, Head, ObjectId, Qualified, Table, View,
    Weight,
};
use std::ops::Deref;

/// Object of a state: what every object has, and what only its kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Comment, owner, privileges, what the object depends on.
    pub head: Head,
    /// Body: what only its kind has.
    pub body: Body,
}

impl From<Body> for Object {
    /// Makes an object with nothing in its head.
    fn from(body: Body) -> Self {
        Self { head: Head::default(), body }
    }
}

/// Object whose kind is known: its head, and what only the kind has.
#[derive(Debug)]
pub struct Typed<'o, T> {
    /// Head: what every object has.
    pub head: &'o Head,
    /// Body, as the kind's type.
    pub own: &'o T,
}

impl<T> Clone for Typed<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Typed<'_, T> {}

impl<T> Deref for Typed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.own
    }
}

impl Object {
    /// Joins the object's head with the body that a match found in it.
    #[must_use]
    pub fn typed<'o, T>(&'o self, own: &'o T) -> Typed<'o, T> {
        Typed { head: &self.head, own }
    }

    /// The definition, of what is kept as one.
    #[must_use]
    pub fn definition(&self) -> Option<&Definition> {
        if let Body::Definition(definition) = &self.body { Some(definition) } else { None }
    }

    /// The view, materialized or not.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        if let Body::View(view) = &self.body { Some(view) } else { None }
    }

    /// Says that the object is a materialized view.
    #[must_use]
    pub fn is_materialized(&self) -> bool {
        self.view().is_some_and(|view| view.materialized)
    }

    /// Says that the object is carried along: no plan changes it, and silence never drops it.
    #[must_use]
    pub fn is_carried(&self) -> bool {
        self.definition().is_some_and(|definition| definition.carried)
    }

    /// The form of what is carried along while others of its kind are modelled.
    #[must_use]
    pub fn carried_form(&self) -> Option<CarriedForm> {
        self.definition().and_then(|definition| definition.form)
    }

    /// The object as a table, where it is one.
    #[must_use]
    pub fn table(&self) -> Option<&Table> {
        if let Body::Table(table) = &self.body { Some(table) } else { None }
    }

    /// The word people read of the object of that identity, which is finer than the identity's: a constraint is a key, a
    /// foreign key or a check, a table a partition, a view a materialized one.
    #[must_use]
    pub fn word(&self, id: &ObjectId) -> &'static str {
        let constraint = || self.body.constraint().map(|constraint| constraint.word());
        let view = || self.view().map(View::word);
        let table = || self.table().and_then(Table::form_word);
        let finer = self.carried_form().map(CarriedForm::word).or_else(constraint).or_else(view);
        finer.or_else(table).unwrap_or_else(|| id.word())
    }

    /// The table that the object of that identity belongs to; an index's, whose identity does not name it, too.
    #[must_use]
    pub fn table_of(&self, id: &ObjectId) -> Option<Qualified> {
        if let Body::Index(index) = &self.body { Some(index.table) } else { id.table_of() }
    }

    /// All attributes that are not at their default, in a fixed order, with their weights: those of the kind, then the head's.
    #[must_use]
    pub fn attributes(&self) -> Vec<Attribute> {
        let mut out = Attributes::default();
        self.body.tell(&mut out);
        self.head.tell(&self.body, &mut out);
        out.0
    }

    /// The digest of the attributes that block a replay when they differ.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher::default();
        hasher.field(self.body.form().as_bytes());
        for attribute in self.attributes() {
            if attribute.weight == Weight::Hard {
                hasher.field(attribute.name.as_bytes());
                hasher.field(attribute.value.encoded().as_bytes());
            }
        }
        hasher.finish("s1")
    }
}
