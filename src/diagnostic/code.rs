//! Codes of all diagnostics, and the class of each, by which the exit code is chosen.
/// Meaning of an error for the caller; ordered by gravity. `cli` maps it to the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A mistake in the input, the usage or the environment: exit 1.
    Mistake,
    /// pgform could, and will not: unapproved, stale, held, not allowed, wrong database: exit 4.
    Refused,
    /// Stopped midway, the journal consistent: exit 5.
    Stopped,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $text:literal $class:ident,)*) => {
        /// Every diagnostic that pgform can give. The text is what people search for; it never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes, for the documentation and its test.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name shown in brackets.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Tells what the code means for the exit code.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

codes! {
    // Reading files.
    /// A file or folder that cannot be read or written.
    File "file" Mistake,
    /// Text that is not YAML, or YAML that pgform does not read (anchors, tags, several documents).
    Yaml "yaml" Mistake,
    /// A key written twice in one mapping.
    DuplicateKey "duplicate-key" Mistake,
    /// A key that means nothing here.
    UnknownKey "unknown-key" Mistake,
    /// A value of the wrong shape.
    WrongType "wrong-type" Mistake,
    /// A key that must be there and is not.
    MissingKey "missing-key" Mistake,
    /// SQL that YAML has cut, or would.
    YamlEatsSql "yaml-eats-sql" Mistake,
    /// Nothing declared at all.
    NothingDeclared "nothing-declared" Mistake,
    // The declaration.
    /// SQL that does not parse, or is more than the one thing asked for.
    Sql "sql" Mistake,
    /// A name that PostgreSQL would not take as it is.
    Name "name" Mistake,
    /// A name declared twice.
    DuplicateName "duplicate-name" Mistake,
    /// A reference to something that is not declared.
    NotDeclared "not-declared" Mistake,
    /// A name that could mean two declared things.
    Ambiguous "ambiguous" Mistake,
    /// A directive (`renamed_from`, `using`, `backfill`) that does nothing any more.
    Inert "inert" Mistake,
    /// Attributes that contradict each other.
    Contradiction "contradiction" Mistake,
    /// Too many dimensions, or none, for a type or an index method.
    VectorDimensions "vector-dimensions" Mistake,
    /// An operator class that is missing, or does not fit the type or method.
    VectorOperatorClass "vector-operator-class" Mistake,
    /// A parameter of a pgvector index out of its range, or at odds with another.
    VectorParameter "vector-parameter" Mistake,
    /// Something pgvector's index methods do not have (uniqueness, several columns, order).
    VectorIndex "vector-index" Mistake,
    /// The declared minimum version lacks what the declaration uses.
    ExtensionVersion "extension-version" Mistake,
    /// A change that pgform cannot make yet; nothing was planned.
    NotYet "not-yet" Mistake,
    /// A kind of object, or an attribute, that no declaration can say yet.
    NotDeclarable "not-declarable" Mistake,
    /// A setting or a directive that is understood, and that nothing obeys yet.
    NotObeyed "not-obeyed" Mistake,
    /// A difference that `repair` leaves as it is.
    NotRepaired "not-repaired" Mistake,
    /// SQL that PostgreSQL keeps as text, and that may name what a plan renames or drops.
    MayName "may-name" Mistake,
    /// PostgreSQL refused to build what is declared, in the shadow.
    Rejected "rejected" Mistake,
    // Settings and connections.
    /// A setting or an environment that is wrong or missing.
    Settings "settings" Mistake,
    /// A command line that does not say what is needed.
    Usage "usage" Mistake,
    /// The database cannot be reached.
    Connect "connect" Mistake,
    /// The role lacks a right.
    Rights "rights" Mistake,
    /// A pooler stands between pgform and the server.
    Pooler "pooler" Mistake,
    /// The server is too old, or outside what the project declares.
    ServerVersion "server-version" Mistake,
    /// The server answered with an error outside of any plan.
    Server "server" Mistake,
    // The catalog.
    /// Something live that pgform could not see or read.
    Catalog "catalog" Mistake,
    /// Something live that is in neither the chain nor the declaration, and in the way.
    Unknown "unknown" Refused,
    // Plans and the chain.
    /// A plan file that is cut off, edited or not one.
    PlanFile "plan-file" Mistake,
    /// A plan file made by a newer pgform.
    PlanFormat "plan-format" Mistake,
    /// A plan that cannot be found, or a name for several.
    PlanName "plan-name" Mistake,
    /// The chain of plans is broken: two heads, a missing parent.
    Chain "chain" Mistake,
    /// The finished plan breaks an invariant of pgform's own.
    PlanInvariant "plan-invariant" Mistake,
    /// Operations need each other in a circle.
    Cycle "cycle" Mistake,
    /// The proof failed.
    Proof "proof" Mistake,
    /// The shadow could not be started or used.
    Shadow "shadow" Mistake,
    // Applying.
    /// The plan is not approved as the environment requires.
    NotApproved "not-approved" Refused,
    /// The plan is not what the planner makes from its states, or that could not be told.
    NotVerified "not-verified" Refused,
    /// A hazard that was not allowed.
    Hazard "hazard" Refused,
    /// The database is not in the state that the plan starts from.
    Stale "stale" Refused,
    /// The plan is applied already, or not applied.
    PlanPosition "plan-position" Refused,
    /// The plan was rolled back here and is held.
    Held "held" Refused,
    /// The plan was replaced by another.
    Replaced "replaced" Refused,
    /// The database belongs to another environment or target.
    WrongDatabase "wrong-database" Refused,
    /// The database has objects, but no journal: `adopt` it.
    NotAdopted "not-adopted" Refused,
    /// The journal in the database is damaged, of a newer pgform, or its schema's name is taken.
    Journal "journal" Refused,
    /// Another pgform is at work on this database.
    Busy "busy" Refused,
    /// Assumption of the plan that does not hold here.
    Assumption "assumption" Refused,
    /// Rows stand in the way of a plan, or of its way back.
    Condition "condition" Refused,
    /// Publications or slots would be stopped by the journal.
    Publication "publication" Refused,
    /// Nobody said yes.
    NotConfirmed "not-confirmed" Refused,
    /// The snapshot of a review differs from what is stored.
    Snapshot "snapshot" Mistake,
    /// A plan ran to its end, and not everything is as it plans.
    NotThere "not-there" Stopped,
    /// A way back ran to its end, and not everything is as it was before.
    NotBack "not-back" Stopped,
    /// A segment did not finish.
    Stopped "stopped" Stopped,
}
