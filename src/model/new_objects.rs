//! Kinds of new objects that default privileges are for.
use super::{ObjectKind, quote};

/// New objects that default privileges are for (<https://www.postgresql.org/docs/18/sql-alterdefaultprivileges.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NewObjects {
    /// Tables, views and materialized views, foreign and partitioned tables.
    Tables,
    /// Sequences.
    Sequences,
    /// Functions, procedures and aggregates.
    Functions,
    /// Types and domains.
    Types,
    /// Schemas.
    Schemas,
    /// Large objects, from version 18 on.
    LargeObjects,
}

impl NewObjects {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Tables, Self::Sequences, Self::Functions, Self::Types, Self::Schemas, Self::LargeObjects];

    /// The letter that `pg_default_acl` has.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Tables => "r",
            Self::Sequences => "S",
            Self::Functions => "f",
            Self::Types => "T",
            Self::Schemas => "n",
            Self::LargeObjects => "L",
        }
    }

    /// The words in `alter default privileges … on`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Sequences => "sequences",
            Self::Functions => "functions",
            Self::Types => "types",
            Self::Schemas => "schemas",
            Self::LargeObjects => "large objects",
        }
    }

    /// The key in a declaration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::LargeObjects => "large_objects",
            Self::Tables | Self::Sequences | Self::Functions | Self::Types | Self::Schemas => self.words(),
        }
    }

    /// Says that they live in schemas, each of which may have default privileges of its own.
    #[must_use]
    pub const fn live_in_schemas(self) -> bool {
        match self {
            Self::Tables | Self::Sequences | Self::Functions | Self::Types => true,
            Self::Schemas | Self::LargeObjects => false,
        }
    }

    /// A kind of object among them, whose privileges are those of all; none of what no state holds.
    #[must_use]
    pub const fn kind(self) -> Option<ObjectKind> {
        match self {
            Self::Tables => Some(ObjectKind::Table),
            Self::Sequences => Some(ObjectKind::Sequence),
            Self::Functions => Some(ObjectKind::Function),
            Self::Types => Some(ObjectKind::Domain),
            Self::Schemas => Some(ObjectKind::Schema),
            Self::LargeObjects => None,
        }
    }

    /// Those that an object of the kind is one of, when it is made.
    #[must_use]
    pub fn with(kind: ObjectKind) -> Option<Self> {
        match kind.word_in_grant()? {
            "table" => Some(Self::Tables),
            "sequence" => Some(Self::Sequences),
            "function" | "procedure" => Some(Self::Functions),
            "type" | "domain" => Some(Self::Types),
            "schema" => Some(Self::Schemas),
            _ => None,
        }
    }

    /// Default privileges of a role, as their statement has them: `of app_owner on tables in schema app`.
    pub(super) fn named(role: &str, schema: &str, letter: &str) -> String {
        let on = Self::of_letter(letter).map_or(letter, |on| on.words());
        let place = if schema.is_empty() { String::new() } else { format!(" in schema {}", quote(schema)) };
        format!("of {} on {on}{place}", quote(role))
    }

    /// Those of that letter.
    #[must_use]
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.letter() == letter)
    }
}
