//! Header of a plan file, its first document: format, place in the chain, inputs of planning, and the state after it.
use super::states;
use crate::model::{Digest, Object, ObjectId, Rename, State};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Number of the set of kinds and attributes that this pgform knows. It grows with them, so that a plan tells what its maker
/// could know of.
pub const MODELS: u32 = 1;

/// First document of a plan file: the plan's place in the chain, and the state after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The file's format.
    pub format: Format,
    /// Title, in the words of its author.
    pub title: String,
    /// Plan that it follows; none at the beginning of the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Digest>,
    /// Plans that it replaces, oldest first. A baseline that replaces some stands for the state after the last one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<Digest>,
    /// Plan to whose state it brings one database back: then it is in no chain, and carries the state that it found as
    /// `base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repairs: Option<Digest>,
    /// Scope of the plan.
    pub scope: RecordedScope,
    /// Server versions that it was planned for.
    pub postgres: PostgresVersions,
    /// Target of the plan.
    pub target: PlanTarget,
    /// Number of the set of kinds and attributes that its pgform modelled ([`MODELS`]); comparison covers these.
    pub models: u32,
    /// Planner that made it: the same one makes the same segments from the same states. None in a baseline, which runs
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planner: Option<String>,
    /// Changes, for people, in the order of the review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PlannedChange>,
    /// Renames, run before `after` applies. Outer names first: a column's rename is written under its table's new name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renames: Vec<Rename>,
    /// Labels that get another name, by enum: old ones to new ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
    /// Objects that a database may have already, or lack already.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub absorb: BTreeSet<ObjectId>,
    /// Tables that were small when it was planned, where that decides what it runs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub small: BTreeSet<ObjectId>,
    /// Declared expressions by which columns get another type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub using: BTreeMap<ObjectId, String>,
    /// Assumptions for which it went the short way (`documents is small`); `apply` measures again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumes: Vec<String>,
    /// Objects outside of the scope that managed ones use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// Objects that it records as they are in a database: it runs nothing for them, and refuses a database where they
    /// differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<ObjectId>,
    /// Objects that must be as the plan knew them, by digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guards: BTreeMap<ObjectId, Digest>,
    /// State before it, whole, where no parent has it.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none", serialize_with = "base")]
    pub base: Option<State>,
    /// Objects that it makes or changes, as they are after it; `None` for those that are gone.
    #[serde(default, skip_deserializing, skip_serializing_if = "BTreeMap::is_empty", serialize_with = "after")]
    pub after: BTreeMap<ObjectId, Option<Object>>,
    /// Objects before the plan, under their new names, that were planned in another form than the chain has: printed by
    /// another server, or in no plan.
    #[serde(default, skip_deserializing, skip_serializing_if = "BTreeMap::is_empty", serialize_with = "objects")]
    pub planned_before: BTreeMap<ObjectId, Object>,
    /// Objects after the plan, likewise.
    #[serde(default, skip_deserializing, skip_serializing_if = "BTreeMap::is_empty", serialize_with = "objects")]
    pub planned_after: BTreeMap<ObjectId, Object>,
}

fn base<S: Serializer>(base: &Option<State>, serializer: S) -> Result<S::Ok, S::Error> {
    let none = BTreeMap::new();
    objects(base.as_ref().map_or(&none, |state| &state.objects), serializer)
}

fn objects<S: Serializer>(objects: &BTreeMap<ObjectId, Object>, serializer: S) -> Result<S::Ok, S::Error> {
    after(&objects.iter().map(|(id, object)| (*id, Some(object.clone()))).collect(), serializer)
}

fn after<S: Serializer>(objects: &BTreeMap<ObjectId, Option<Object>>, serializer: S) -> Result<S::Ok, S::Error> {
    states::to_value(objects).serialize(serializer)
}

/// Format of a plan file. A reader takes its own major version up to its own minor one: an unknown step or attribute
/// must not be passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    /// Grows when an older file means something else now.
    pub major: u32,
    /// Grows when something is added.
    pub minor: u32,
}

impl Format {
    /// Format that this pgform writes, and the latest that it reads. Before 2 states had `opaque:` for today's
    /// `definitions:`, `privileges:` for today's `grants:`, and other identities of routines.
    pub const CURRENT: Self = Self { major: 2, minor: 0 };

    /// Tells whether this pgform reads it.
    #[must_use]
    pub fn is_readable(self) -> bool {
        (Self { minor: 0, ..Self::CURRENT }..=Self::CURRENT).contains(&self)
    }

    /// Reads `1` or `1.2`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            let canonical = digits == "0" || !digits.starts_with('0');
            (canonical && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
        };
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        let format = Self { major: number(major)?, minor: number(minor)? };
        (format.to_string() == text).then_some(format)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor } = self;
        if *minor == 0 { write!(f, "{major}") } else { write!(f, "{major}.{minor}") }
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.minor == 0 { serializer.serialize_u32(self.major) } else { serializer.collect_str(self) }
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match serde_yaml::Value::deserialize(deserializer)? {
            serde_yaml::Value::String(text) => text,
            serde_yaml::Value::Number(number) => number.to_string(),
            serde_yaml::Value::Null
            | serde_yaml::Value::Bool(_)
            | serde_yaml::Value::Sequence(_)
            | serde_yaml::Value::Mapping(_)
            | serde_yaml::Value::Tagged(_) => String::new(),
        };
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no format")))
    }
}

/// Scope of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedScope {
    /// The managed schemas, sorted.
    pub schemas: Vec<String>,
    /// Patterns of names in them that are left alone, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmanaged: Vec<String>,
}

/// Range of server versions, both ends included; written `14..18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresVersions {
    /// The lowest major version.
    pub lowest: u32,
    /// The highest major version.
    pub highest: u32,
}

impl PostgresVersions {
    /// Tells whether a major version lies in the range.
    #[must_use]
    pub fn contain(self, major: u32) -> bool {
        (self.lowest..=self.highest).contains(&major)
    }

    /// Reads `14..18`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (lowest, highest) = text.split_once("..")?;
        let versions = Self { lowest: lowest.parse().ok()?, highest: highest.parse().ok()? };
        (versions.lowest <= versions.highest && versions.to_string() == text).then_some(versions)
    }
}

impl fmt::Display for PostgresVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.lowest, self.highest)
    }
}

impl Serialize for PostgresVersions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PostgresVersions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no range of versions (`14..18`)")))
    }
}

/// Target of a plan. `schema: NAME` is reserved for tenants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanTarget {
    /// A database.
    #[default]
    Database,
}

/// Sign before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// New.
    #[serde(rename = "+")]
    Created,
    /// Gone.
    #[serde(rename = "-")]
    Dropped,
    /// Kept, and changed or renamed.
    #[serde(rename = "~")]
    Altered,
}

impl Mark {
    /// The sign.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "+",
            Self::Dropped => "-",
            Self::Altered => "~",
        }
    }
}

/// Change as a review shows it: the rest of the plan says what runs, this says for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedChange {
    /// Sign of the change.
    pub does: Mark,
    /// Object, by its name after the plan; a dropped one, by its name before.
    pub object: ObjectId,
    /// Word for its kind where the identity's is too coarse: `primary key`, `check` of a constraint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Table that it is shown under where its identity has none: of indexes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<ObjectId>,
    /// Description of the object, or of the change: `halfvec(3072)`, `vector_l2_ops  →  vector_cosine_ops`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Object outside of the scope that managed objects use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// Kind of the object.
    pub kind: UseKind,
    /// Parts of its name, the schema first where it has one.
    pub name: Vec<String>,
    /// Shape that a stand-in needs: a function's arguments and result, a column's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
}

/// Kind of an object used from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "PostgreSQL's words")]
pub enum UseKind {
    Role,
    Tablespace,
    AccessMethod,
    Collation,
    Type,
    Function,
    OperatorClass,
    Relation,
    Column,
}
