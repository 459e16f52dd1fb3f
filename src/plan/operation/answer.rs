//! Types of an operation and of its answers: resources, inverse, grouping, looks for rows.
use super::super::format::{BackPart, Condition, Hazard, Lock, Look, Reversibility, Revive, Rule, Step};
use crate::model::{ColumnName, ConstraintName, ObjectId, Qualified, SchemaName};

/// Something that operations need, make and destroy; the edges of the order come from these alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// An object as it was before the plan. Who needs it runs before who destroys it.
    Before(ObjectId),
    /// An object as it is after the plan. Who makes it runs before who needs it.
    After(ObjectId),
    /// An object halfway: a constraint not yet validated, an index beside the one that it replaces.
    Halfway(ObjectId, Milestone),
    /// One of several steps of an object that keep their order: the labels of an enum.
    Step(ObjectId, usize),
    /// A schema's name. Who frees it runs before who takes it.
    SchemaName(SchemaName),
    /// A relation's name: tables, indexes, views and sequences of a schema share them. Who frees it runs before who
    /// takes it.
    RelationName(Qualified),
    /// A type's name in a schema.
    TypeName(Qualified),
    /// A constraint's name on a table.
    ConstraintName(Qualified, ConstraintName),
    /// A column's name in a table.
    ColumnName(Qualified, ColumnName),
    /// A name that only objects of its like share: a routine's with its arguments, a trigger's on its table.
    OwnName(ObjectId),
}

/// Stage of an object that is not yet as it will be, or one side of it that operations wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// A renamed object has the name that is nobody's, so that a circle of names opens.
    BetweenNames,
    /// The object has its new name.
    Renamed,
    /// Some attributes of the object are changed.
    Attributes,
    /// The object's comment is set.
    Comment,
    /// The object's owner is set.
    Owner,
    /// The object's privileges are set.
    Privileges,
    /// The object is gone; it comes back under the default privileges that there were.
    GoneFirst,
    /// A table's row security is switched on or off.
    RowSecurity,
    /// A sequence belongs to its column.
    OwnedSequence,
    /// A column has lost its default, so that its type can change.
    WithoutDefault,
    /// A constraint holds for new rows, the old ones are not yet read.
    NotValid,
    /// New rows without a value in a column are refused, the old ones are not yet read.
    NullsRefusedAnew,
    /// No row is without a value in a column: a check says so.
    NullsLookedFor,
    /// A column itself refuses nulls.
    NullsRefused,
    /// The index of a key is built, the key is not yet there.
    IndexBuilt,
    /// The comment of a key's index is set.
    IndexComment,
    /// An index has what follows its build.
    IndexFinished,
    /// The index that replaces another is built beside it.
    IndexBeside,
    /// A replaced index has made way for the new one, under another name.
    IndexReplaced,
    /// A replaced index is gone.
    ReplacedIndexGone,
}

impl Resource {
    /// Resource that an object has its new name; nobody makes it for one that keeps its own.
    pub(super) fn renamed(id: ObjectId) -> Self {
        Self::Halfway(id, Milestone::Renamed)
    }

    /// The object that the resource is, or is a stage of; none for a name.
    #[must_use]
    pub fn object(&self) -> Option<&ObjectId> {
        match self {
            Self::Before(id) | Self::After(id) | Self::Halfway(id, _) | Self::Step(id, _) => Some(id),
            Self::SchemaName(_)
            | Self::RelationName(_)
            | Self::TypeName(_)
            | Self::ConstraintName(..)
            | Self::ColumnName(..)
            | Self::OwnName(_) => None,
        }
    }
}

/// Rule for what an operation may share its segment with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grouping {
    /// Shares with other operations that make new things, and with one relation's strong lock.
    Shared,
    /// Shares with nothing: scans, validations, builds, enum labels.
    Alone,
    /// Shares with everything of that group, whatever locks it takes: what must be seen as one (drop view, alter,
    /// create view).
    Group(ObjectId),
}

/// Way back of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inverse {
    /// Grade of what comes back.
    pub kind: Reversibility,
    /// Conditions that are counted or checked before anything is undone.
    pub conditions: Vec<Condition>,
    /// Parts that run, in order.
    pub parts: Vec<BackPart>,
    /// Steps that bring back instead of making twice, after a rollback that set something aside.
    pub revive: Option<Revive>,
}

/// One operation. No field has a default: whoever writes an operation answers for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Deed of the operation, in a few words: `add column documents.embedding`.
    pub does: String,
    /// The object that the operation is about.
    pub subject: ObjectId,
    /// Steps that run, in order.
    pub steps: Vec<Step>,
    /// Way back of the operation.
    pub inverse: Inverse,
    /// The locks that the steps take on relations, those made in the same plan included: the segmenter leaves those
    /// out.
    pub locks: Vec<Lock>,
    /// Hazards that a reviewer must accept.
    pub hazards: Vec<Hazard>,
    /// Resources that must be there when the operation runs.
    pub needs: Vec<Resource>,
    /// Resources that are there once the operation ran.
    pub makes: Vec<Resource>,
    /// Resources that are gone once the operation ran.
    pub destroys: Vec<Resource>,
    /// Rule for what the operation may share a segment with.
    pub grouping: Grouping,
    /// Looks for rows, and a rule for new ones, on the way forward.
    pub ahead: Ahead,
}

/// Looks for rows that the way forward would break on or lose, and a rule that new rows obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Rows that are looked for before the plan's first statement.
    pub looks: Vec<Look>,
    /// Rule that new rows obey from here on, before the old ones were read.
    pub rule: Option<Rule>,
}

impl Ahead {
    /// Answer of an operation that runs whatever rows there are.
    pub(super) fn none() -> Self {
        Self { looks: Vec::new(), rule: None }
    }

    /// Answer of an operation that may meet rows which it breaks on.
    pub(super) fn looking(looks: impl IntoIterator<Item = Look>) -> Self {
        Self { looks: looks.into_iter().collect(), rule: None }
    }
}

impl Operation {
    /// Marks an operation that neither unmakes nor finishes its object: everything else about the object goes its own
    /// way.
    pub(in super::super) fn without_making(mut self) -> Self {
        self.makes = vec![Resource::Halfway(self.subject, Milestone::Attributes)];
        self.destroys = Vec::new();
        self
    }

    /// Marks a rename: the object is then there under the new name, as it was before all other changes.
    pub(super) fn renaming(mut self, to: &ObjectId) -> Self {
        self.makes = vec![Resource::Before(*to), Resource::renamed(*to)];
        self.destroys = Vec::new();
        self
    }
}
