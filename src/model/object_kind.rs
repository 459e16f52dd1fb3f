//! Kinds of objects, with one table of facts: word, identity, name spaces, rank, and how their state is kept.
use std::fmt;

/// Forms of identities. Arguments, operands and the like are SQL as PostgreSQL prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A name: a schema's, an extension's.
    Alone,
    /// Schema, name.
    InSchema,
    /// Schema, relation, name.
    OfRelation,
    /// Schema, name, types of arguments.
    Routine,
    /// Schema, name, types of both sides.
    Operator,
    /// Schema, name, access method.
    OfMethod,
    /// Types, and names of what has no schema.
    Types,
    /// Role, schema, kind of object.
    Defaults,
    /// Names of several objects that have no schema.
    Several,
    /// Provider, kind of object, then its address.
    Label,
}

/// Space in which a name stands for one thing alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameSpace {
    /// Tables, views, sequences and indexes of a schema.
    Relation,
    /// Types of a schema; a table and a view are types too.
    Type,
    /// Functions, procedures and aggregates of a schema, by their arguments.
    Routine,
    /// Constraints of a table.
    Constraint,
    /// Columns of a table.
    Column,
    /// Objects of one kind, where no other kind shares their names.
    Own,
}

/// Forms in which the state of a kind's objects is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// Parts, compared one by one.
    Parts,
    /// Statement that PostgreSQL prints, which plans change.
    Definition,
    /// Statements that a catalog printed: no plan changes them yet.
    Carried,
}

/// The facts of a kind.
struct Facts {
    word: &'static str,
    rank: u8,
    shape: Shape,
    spaces: &'static [NameSpace],
    by: By,
    alter: Option<&'static str>,
    grant: Option<&'static str>,
}

macro_rules! object_kinds {
    ($($(#[$doc:meta])* $variant:ident $word:literal $rank:literal $shape:ident [$($space:ident),*] $by:ident $alter:tt $grant:tt,)*) => {
        /// The kinds of objects that a PostgreSQL database has, in the order in which states list them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ObjectKind { $($(#[$doc])* $variant,)* }

        impl ObjectKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const fn facts(self) -> Facts {
                match self { $(Self::$variant => Facts {
                    word: $word,
                    rank: $rank,
                    shape: Shape::$shape,
                    spaces: &[$(NameSpace::$space),*],
                    by: By::$by,
                    alter: object_kinds!(@word $alter),
                    grant: object_kinds!(@word $grant),
                },)* }
            }

            /// The kind of that word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
    (@word none) => { None };
    (@word $word:literal) => { Some($word) };
}

// Kind, its word (as PostgreSQL's `drop` calls it), its rank, the shape of its identity, the name spaces in which its name is, how its
// state is kept, and its word in `alter … owner to` and `grant … on`.
object_kinds! {
    /// A schema.
    Schema "schema" 0 Alone [Own] Parts "schema" "schema",
    /// An extension.
    Extension "extension" 1 Alone [Own] Parts none none,
    /// An enum type.
    Enum "enum" 2 InSchema [Type] Parts "type" "type",
    /// A sequence of its own.
    Sequence "sequence" 4 InSchema [Relation] Parts "sequence" "sequence",
    /// A table: plain, partitioned, a partition, an heir, of a composite type, foreign.
    Table "table" 5 InSchema [Relation, Type] Parts "table" "table",
    /// A column of a table.
    Column "column" 5 OfRelation [Column] Parts none none,
    /// A constraint of a table: key, foreign key, check or exclusion, which have one name space.
    Constraint "constraint" 5 OfRelation [Constraint] Parts none none,
    /// An index that no constraint owns.
    Index "index" 6 InSchema [Relation] Parts none none,
    /// A view, materialized or not.
    View "view" 7 InSchema [Relation, Type] Parts "view" "table",
    /// A domain.
    Domain "domain" 3 InSchema [Type] Definition "domain" "domain",
    /// A composite type of its own.
    CompositeType "composite type" 3 InSchema [Type] Definition "type" "type",
    /// A range type, its multirange included.
    RangeType "range type" 3 InSchema [Type] Definition "type" "type",
    /// A base type.
    BaseType "base type" 3 InSchema [Type] Carried "type" "type",
    /// A collation.
    Collation "collation" 3 InSchema [Own] Carried "collation" none,
    /// A function, window functions included.
    Function "function" 3 Routine [Routine] Definition "function" "function",
    /// A procedure.
    Procedure "procedure" 3 Routine [Routine] Definition "procedure" "procedure",
    /// An aggregate.
    Aggregate "aggregate" 3 Routine [Routine] Definition "aggregate" "function",
    /// An operator.
    Operator "operator" 3 Operator [Own] Carried "operator" none,
    /// An operator class.
    OperatorClass "operator class" 3 OfMethod [Own] Carried "operator class" none,
    /// An operator family.
    OperatorFamily "operator family" 3 OfMethod [Own] Carried "operator family" none,
    /// A cast.
    Cast "cast" 3 Types [Own] Carried none none,
    /// A conversion.
    Conversion "conversion" 3 InSchema [Own] Carried "conversion" none,
    /// An index or table access method.
    AccessMethod "access method" 3 Alone [Own] Carried none none,
    /// A procedural language.
    Language "language" 3 Alone [Own] Carried "language" "language",
    /// A trigger.
    Trigger "trigger" 3 OfRelation [Own] Definition none none,
    /// A rule other than a view's own.
    Rule "rule" 3 OfRelation [Own] Carried none none,
    /// A row security policy.
    Policy "policy" 3 OfRelation [Own] Definition none none,
    /// Extended statistics.
    Statistics "statistics" 3 InSchema [Own] Carried "statistics" none,
    /// A text search configuration.
    TextSearchConfiguration "text search configuration" 3 InSchema [Own] Carried "text search configuration" none,
    /// A text search dictionary.
    TextSearchDictionary "text search dictionary" 3 InSchema [Own] Carried "text search dictionary" none,
    /// A text search parser.
    TextSearchParser "text search parser" 3 InSchema [Own] Carried none none,
    /// A text search template.
    TextSearchTemplate "text search template" 3 InSchema [Own] Carried none none,
    /// A foreign data wrapper.
    ForeignDataWrapper "foreign-data wrapper" 3 Alone [Own] Carried "foreign data wrapper" "foreign data wrapper",
    /// A foreign server.
    ForeignServer "server" 3 Alone [Own] Carried "server" "foreign server",
    /// A user mapping.
    UserMapping "user mapping" 3 Several [Own] Carried none none,
    /// An event trigger.
    EventTrigger "event trigger" 3 Alone [Own] Carried "event trigger" none,
    /// A publication.
    Publication "publication" 3 Alone [Own] Carried "publication" none,
    /// A subscription.
    Subscription "subscription" 3 Alone [Own] Carried "subscription" none,
    /// Default privileges.
    DefaultPrivileges "default privileges" 3 Defaults [Own] Definition none none,
    /// Security labels of the objects in scope.
    SecurityLabel "security label" 3 Label [Own] Carried none none,
    /// A transform.
    Transform "transform" 3 Types [Own] Carried none none,
}

impl ObjectKind {
    /// The word people read, as PostgreSQL's `drop` calls the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().word
    }

    /// Rank among operations that nothing else puts in order: lower ones run first.
    #[must_use]
    pub const fn rank(self) -> u8 {
        self.facts().rank
    }

    pub(super) const fn shape(self) -> Shape {
        self.facts().shape
    }

    /// The spaces in which the name of its own is. A key's name is a relation's too: the object tells.
    #[must_use]
    pub const fn name_spaces(self) -> &'static [NameSpace] {
        self.facts().spaces
    }

    fn is_in(self, space: NameSpace) -> bool {
        self.name_spaces().contains(&space)
    }

    /// Says that objects of the kind are carried along as the catalog prints them: no stage models them yet.
    #[must_use]
    pub const fn is_carried(self) -> bool {
        matches!(self.facts().by, By::Carried)
    }

    /// Says that the state of the kind's objects is the statement that makes them, whether plans change it or it is carried.
    #[must_use]
    pub const fn is_definition(self) -> bool {
        matches!(self.facts().by, By::Definition | By::Carried)
    }

    /// The word in `alter … owner to`; `None` for what belongs to nobody, or to its table.
    #[must_use]
    pub const fn word_in_alter(self) -> Option<&'static str> {
        self.facts().alter
    }

    /// The word in `grant … on`; `None` where there is nothing to grant.
    #[must_use]
    pub const fn word_in_grant(self) -> Option<&'static str> {
        self.facts().grant
    }

    /// Says that the first part of an identity of the kind is a schema.
    #[must_use]
    pub const fn lives_in_schema(self) -> bool {
        match self.shape() {
            Shape::InSchema | Shape::OfRelation | Shape::Routine | Shape::Operator | Shape::OfMethod => true,
            Shape::Alone | Shape::Types | Shape::Defaults | Shape::Several | Shape::Label => false,
        }
    }

    /// The part of an identity that is the name of a schema.
    #[must_use]
    pub fn schema_part(self) -> Option<usize> {
        match self.shape() {
            Shape::Defaults => Some(1),
            Shape::Alone => (self == Self::Schema).then_some(0),
            Shape::InSchema | Shape::OfRelation | Shape::Routine | Shape::Operator | Shape::OfMethod => Some(0),
            Shape::Types | Shape::Several | Shape::Label => None,
        }
    }

    /// The part of an identity from which on all are SQL with the names of types: those of arguments, of what a cast
    /// converts.
    #[must_use]
    pub const fn first_type_part(self) -> usize {
        match self.shape() {
            Shape::Types => 0,
            Shape::Routine | Shape::Operator | Shape::Label => 2,
            Shape::Alone | Shape::InSchema | Shape::OfRelation | Shape::OfMethod | Shape::Defaults | Shape::Several => {
                usize::MAX
            }
        }
    }

    /// Says that an identity of the kind is a relation's with a name behind it.
    #[must_use]
    pub fn is_part_of_relation(self) -> bool {
        self.shape() == Shape::OfRelation
    }

    /// Says that the kind is a relation that has columns, and a type of its name with it.
    #[must_use]
    pub fn has_columns(self) -> bool {
        self.is_in(NameSpace::Relation) && self.is_in(NameSpace::Type)
    }

    /// Says that the kind is a relation: a table, view, sequence or index, or something like them.
    #[must_use]
    pub fn is_relation(self) -> bool {
        self.is_in(NameSpace::Relation) && self.shape() == Shape::InSchema
    }

    /// Says that the kind is a type, and no relation.
    #[must_use]
    pub fn is_type(self) -> bool {
        self.is_in(NameSpace::Type) && !self.is_in(NameSpace::Relation)
    }

    /// Says that objects of the kind are called with arguments.
    #[must_use]
    pub fn is_routine(self) -> bool {
        self.is_in(NameSpace::Routine)
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
