use super::{ColumnName, ObjectId, Weight, attribute::Attributes};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

macro_rules! opaque_kinds {
    ($($(#[$doc:meta])* $variant:ident $text:literal,)*) => {
        /// The kinds that the catalog holds and pgform does not model: in the state, in the graph, built in the
        /// shadow, never diffed, never lost.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OpaqueKind { $($(#[$doc])* $variant,)* }

        impl OpaqueKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The kind as PostgreSQL's `drop` calls it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The kind of that name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

opaque_kinds! {
    /// A domain.
    Domain "domain",
    /// A composite type of its own.
    CompositeType "composite type",
    /// A range type, its multirange included.
    RangeType "range type",
    /// A base type.
    BaseType "base type",
    /// A collation.
    Collation "collation",
    /// A function, window functions included.
    Function "function",
    /// A procedure.
    Procedure "procedure",
    /// An aggregate.
    Aggregate "aggregate",
    /// An operator.
    Operator "operator",
    /// An operator class.
    OperatorClass "operator class",
    /// An operator family.
    OperatorFamily "operator family",
    /// A cast.
    Cast "cast",
    /// A conversion.
    Conversion "conversion",
    /// An index or table access method.
    AccessMethod "access method",
    /// A procedural language.
    Language "language",
    /// A partitioned table with its columns, constraints and indexes.
    PartitionedTable "partitioned table",
    /// A partition with its columns, constraints and indexes.
    Partition "partition",
    /// A table that inherits, or is of a composite type, with its columns, constraints and indexes.
    InheritingTable "inheriting table",
    /// A foreign table.
    ForeignTable "foreign table",
    /// A materialized view with its indexes.
    MaterializedView "materialized view",
    /// An exclusion constraint, or a key `without overlaps`.
    ExclusionConstraint "exclusion constraint",
    /// A trigger.
    Trigger "trigger",
    /// A rule other than a view's own.
    Rule "rule",
    /// A row security policy.
    Policy "policy",
    /// Extended statistics.
    Statistics "statistics",
    /// A text search configuration.
    TextSearchConfiguration "text search configuration",
    /// A text search dictionary.
    TextSearchDictionary "text search dictionary",
    /// A text search parser.
    TextSearchParser "text search parser",
    /// A text search template.
    TextSearchTemplate "text search template",
    /// A foreign data wrapper.
    ForeignDataWrapper "foreign-data wrapper",
    /// A foreign server.
    ForeignServer "server",
    /// A user mapping.
    UserMapping "user mapping",
    /// An event trigger.
    EventTrigger "event trigger",
    /// A publication.
    Publication "publication",
    /// A subscription.
    Subscription "subscription",
    /// Default privileges.
    DefaultPrivileges "default privileges",
    /// Security labels of the objects in scope.
    SecurityLabel "security label",
    /// A transform.
    Transform "transform",
}

impl fmt::Display for OpaqueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something of a kind that pgform does not model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opaque {
    /// Statements that make it again, as the catalog prints them, separated by semicolons, its comment included; `None`
    /// where PostgreSQL offers no way to print it (then a plan that would have to build it stops, naming it).
    pub create: Option<String>,
    /// The comment on what has no such text.
    pub comment: Option<String>,
    /// The role it belongs to; `None` where that was not recorded, or where the kind has no owner.
    pub owner: Option<String>,
    /// Who may do what with it; `None` for what PostgreSQL gives by default.
    pub privileges: Option<Vec<String>>,
    /// The same of single columns.
    pub column_privileges: BTreeMap<ColumnName, Vec<String>>,
    /// What it uses, columns included.
    pub depends_on: BTreeSet<ObjectId>,
}

impl Opaque {
    /// What is known of it where only its text is: in a declaration.
    #[must_use]
    pub fn of_text(create: Option<String>) -> Self {
        Self { create, ..Self::default() }
    }

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { create, comment, owner, privileges, column_privileges, depends_on: _ } = self;
        // Text of unmodelled kinds varies by major version: reported, never in a replay's way.
        out.soft("create", create.as_deref());
        out.soft("comment", comment.as_deref());
        out.soft("owner", owner.as_deref());
        out.list(Weight::Soft, "privileges", privileges.iter().flatten());
        out.column_privileges(column_privileges);
    }
}
