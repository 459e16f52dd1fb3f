//! Changes between two states: what is created, dropped, renamed or altered, and in which attribute.
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// Two forms of one object, as the engine hands them to the object's kind.
#[derive(Debug)]
pub struct Pair<'a, T> {
    /// Form that is there.
    pub before: &'a T,
    /// Form that is to be.
    pub after: &'a T,
}

impl<T> Clone for Pair<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Pair<'_, T> {}

/// Change of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The object: its identity after the change, before it for a drop.
    pub id: ObjectId,
    /// Kind of the change.
    pub what: What,
}

impl Change {
    /// Tells whether the object has another body than it had: a plain table that is to be a partition.
    #[must_use]
    pub fn is_of_another_kind(&self) -> bool {
        let of_kind = |alteration: &Alteration| matches!(alteration, Alteration::Replaced(names) if names == &["kind"]);
        matches!(&self.what, What::Altered(list) if list.iter().any(of_kind))
    }

    /// Tells whether the object is made anew in the place of the old one.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        matches!(&self.what, What::Altered(list) if list.iter().any(|a| matches!(a, Alteration::Replaced(_))))
    }
}

/// Kinds of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Created: only in the later state.
    Created,
    /// Dropped: only in the earlier state.
    Dropped,
    /// Altered: in both states, and different.
    Altered(Vec<Alteration>),
    /// Renamed: under another name now; alterations come as a change of their own.
    Renamed {
        /// Identity before.
        from: ObjectId,
    },
}

/// A difference of one attribute, or of several that change together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// The comment, of any kind.
    Comment,
    /// The owner, of any kind.
    Owner,
    /// Privileges on an object, or on a column that is an object of its own.
    Privileges,
    /// Privileges on single columns of what has no columns of their own.
    ColumnPrivileges,
    /// The comment on a key's index.
    IndexComment,
    /// Difference of an extension.
    Extension(ExtensionChange),
    /// Difference of an enum.
    Enumeration(EnumerationChange),
    /// A sequence's type or options.
    SequenceOptions,
    /// A sequence's owning column.
    SequenceOwner,
    /// Difference of a column.
    Column(ColumnChange),
    /// A constraint that was not valid becomes so; nothing else changes.
    Validated,
    /// Attributes of a composite type have other names: old to new.
    AttributesRenamed(BTreeMap<String, String>),
    /// The statement of a definition, which PostgreSQL changes where the object stands.
    Redefined,
    /// The object is dropped and created: PostgreSQL cannot alter it. The attributes that differ.
    Replaced(Vec<&'static str>),
    /// A table's row security, or that its owner obeys it; the attribute's name.
    RowSecurity(&'static str),
    /// Options of a view, which PostgreSQL changes where the view stands.
    ViewOptions,
    /// Comments of a view's columns.
    ColumnComments,
    /// A way in which a materialized view keeps its rows, by the name of its attribute: whether it has any, where, how.
    Kept(&'static str),
    /// An attribute that is carried along and cannot be changed yet.
    Carried(&'static str),
}

/// A difference between two extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionChange {
    /// Schema that the extension lives in.
    Schema,
    /// The declared minimum version.
    Minimum,
}

/// A difference between two enums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnumerationChange {
    /// A new label, before an existing or earlier added one, or at the end.
    Added {
        /// The new label.
        label: String,
        /// The label that it stands before; `None` for the end.
        before: Option<String>,
    },
    /// A label has another name.
    Renamed {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A label is declared no more.
    Removed(String),
    /// The labels that stay are in another order.
    Reordered,
}

/// A difference between two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnChange {
    /// The type.
    Type,
    /// The collation.
    Collation,
    /// `not null` was added or taken away.
    Nullability,
    /// Default, identity or generation.
    Value,
}
