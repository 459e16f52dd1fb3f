use super::{ColumnName, ConstraintName, ExtensionName, OpaqueKind, Qualified, SchemaName, quote};
use std::fmt;

/// The identity of an object. The only codec for identities: `Display` and [`ObjectId::parse`] are each other's
/// inverse (`column [public, documents, embedding]`), [`ObjectId::sql`] is for people and SQL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectId {
    /// A schema.
    Schema(SchemaName),
    /// An extension.
    Extension(ExtensionName),
    /// An enum type.
    Type(Qualified),
    /// A sequence of its own.
    Sequence(Qualified),
    /// A table.
    Table(Qualified),
    /// A table's column.
    Column(Qualified, ColumnName),
    /// A table's constraint: key, foreign key or check.
    Constraint(Qualified, ConstraintName),
    /// An index that no constraint owns.
    Index(Qualified),
    /// A view.
    View(Qualified),
    /// An object of a kind that pgform does not model, by its parts as `pg_identify_object_as_address` has them: a
    /// schema first where it has one, then names, then argument types.
    Opaque(OpaqueKind, Vec<String>),
}

impl ObjectId {
    /// The word before the brackets.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Schema(_) => "schema",
            Self::Extension(_) => "extension",
            Self::Type(_) => "enum",
            Self::Sequence(_) => "sequence",
            Self::Table(_) => "table",
            Self::Column(..) => "column",
            Self::Constraint(..) => "constraint",
            Self::Index(_) => "index",
            Self::View(_) => "view",
            Self::Opaque(kind, _) => kind.as_str(),
        }
    }

    /// The names it consists of, from the outside in.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        match self {
            Self::Schema(name) => vec![name.as_str()],
            Self::Extension(name) => vec![name.as_str()],
            Self::Type(q) | Self::Sequence(q) | Self::Table(q) | Self::Index(q) | Self::View(q) => {
                vec![q.schema.as_str(), q.name.as_str()]
            }
            Self::Column(q, name) => vec![q.schema.as_str(), q.name.as_str(), name.as_str()],
            Self::Constraint(q, name) => vec![q.schema.as_str(), q.name.as_str(), name.as_str()],
            Self::Opaque(_, parts) => parts.iter().map(String::as_str).collect(),
        }
    }

    /// The schema it lives in, if any.
    #[must_use]
    pub fn schema(&self) -> Option<SchemaName> {
        match self {
            Self::Schema(name) => Some(name.clone()),
            Self::Extension(_) => None,
            Self::Type(q)
            | Self::Sequence(q)
            | Self::Table(q)
            | Self::Index(q)
            | Self::View(q)
            | Self::Column(q, _)
            | Self::Constraint(q, _) => Some(q.schema.clone()),
            Self::Opaque(kind, parts) => {
                (kind.lives_in_schema() && parts.len() > 1).then(|| SchemaName::new(parts[0].clone()))
            }
        }
    }

    /// The table that it is a part of: of columns, constraints and opaque parts of tables; not of indexes, whose
    /// table is an attribute.
    #[must_use]
    pub fn table(&self) -> Option<Qualified> {
        match self {
            Self::Table(q) | Self::Column(q, _) | Self::Constraint(q, _) => Some(q.clone()),
            Self::Opaque(kind, parts) if kind.belongs_to_table() && parts.len() > 2 => {
                Some(Qualified::new(parts[0].clone(), parts[1].clone()))
            }
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Type(_)
            | Self::Sequence(_)
            | Self::Index(_)
            | Self::View(_)
            | Self::Opaque(..) => None,
        }
    }

    /// The name as SQL, without the schema: `documents.embedding`. For people; ambiguous across schemas.
    #[must_use]
    pub fn short(&self) -> String {
        let parts = self.parts();
        let from = usize::from(self.schema().is_some() && parts.len() > 1);
        if let (
            Self::Opaque(OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate, _),
            [.., name, arguments],
        ) = (self, parts.as_slice())
        {
            return format!("{}({arguments})", quote(name));
        }
        match (self, parts.as_slice()) {
            (Self::Opaque(OpaqueKind::Operator, _), [_, name, left, right]) => {
                return format!("{name} ({left}, {right})");
            }
            (Self::Opaque(OpaqueKind::Cast, _), [from, to]) => return format!("({from} as {to})"),
            _ => {}
        }
        parts[from..].iter().map(|p| quote(p)).collect::<Vec<_>>().join(".")
    }

    /// The name of its own, which patterns are held against: a function's without its arguments.
    #[must_use]
    pub fn own_name(&self) -> &str {
        if let Self::Opaque(kind, parts) = self
            && kind.lives_in_schema()
            && !kind.belongs_to_table()
        {
            parts.get(1)
        } else {
            None
        }
        .map(String::as_str)
        .or_else(|| self.parts().last().copied())
        .unwrap_or_default()
    }

    /// The whole name as SQL: `public.documents.embedding`.
    #[must_use]
    pub fn sql(&self) -> String {
        self.parts().iter().map(|p| quote(p)).collect::<Vec<_>>().join(".")
    }

    /// Reads what `Display` wrote; `None` if it is nothing of that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let open = text.find(" [")?;
        let (word, list) = (&text[..open], text[open + 2..].strip_suffix(']')?);
        let parts = parse_list(list)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some(match (word, parts.as_slice()) {
            ("schema", [name]) => Self::Schema(SchemaName::new(*name)),
            ("extension", [name]) => Self::Extension(ExtensionName::new(*name)),
            ("enum", [schema, name]) => Self::Type(Qualified::new(*schema, *name)),
            ("sequence", [schema, name]) => Self::Sequence(Qualified::new(*schema, *name)),
            ("table", [schema, name]) => Self::Table(Qualified::new(*schema, *name)),
            ("column", [schema, table, name]) => Self::Column(Qualified::new(*schema, *table), ColumnName::new(*name)),
            ("constraint", [schema, table, name]) => {
                Self::Constraint(Qualified::new(*schema, *table), ConstraintName::new(*name))
            }
            ("index", [schema, name]) => Self::Index(Qualified::new(*schema, *name)),
            ("view", [schema, name]) => Self::View(Qualified::new(*schema, *name)),
            (kind, parts) => Self::Opaque(OpaqueKind::parse(kind)?, parts.iter().map(|p| (*p).to_owned()).collect()),
        })
    }
}

impl OpaqueKind {
    /// Whether the first part of its identity is a schema.
    #[must_use]
    pub fn lives_in_schema(self) -> bool {
        match self {
            Self::Domain
            | Self::CompositeType
            | Self::RangeType
            | Self::BaseType
            | Self::Collation
            | Self::Function
            | Self::Procedure
            | Self::Aggregate
            | Self::Operator
            | Self::OperatorClass
            | Self::OperatorFamily
            | Self::Conversion
            | Self::PartitionedTable
            | Self::Partition
            | Self::InheritingTable
            | Self::ForeignTable
            | Self::MaterializedView
            | Self::ExclusionConstraint
            | Self::Trigger
            | Self::Rule
            | Self::Policy
            | Self::Statistics
            | Self::TextSearchConfiguration
            | Self::TextSearchDictionary
            | Self::TextSearchParser
            | Self::TextSearchTemplate => true,
            Self::Cast
            | Self::AccessMethod
            | Self::Language
            | Self::ForeignDataWrapper
            | Self::ForeignServer
            | Self::UserMapping
            | Self::EventTrigger
            | Self::Publication
            | Self::Subscription
            | Self::DefaultPrivileges
            | Self::SecurityLabel
            | Self::Transform => false,
        }
    }

    /// Which part of its identity is the name of a schema.
    #[must_use]
    pub fn schema_part(self) -> Option<usize> {
        if self == Self::DefaultPrivileges {
            return Some(1);
        }
        self.lives_in_schema().then_some(0)
    }

    /// From which part on its identity is SQL with the names of types: those of arguments, of what a cast converts.
    #[must_use]
    pub fn first_type_part(self) -> usize {
        let with_arguments = [Self::Function, Self::Procedure, Self::Aggregate, Self::Operator, Self::SecurityLabel];
        if matches!(self, Self::Cast | Self::Transform) {
            0
        } else if with_arguments.contains(&self) {
            2
        } else {
            usize::MAX
        }
    }

    /// Whether its identity is a table's with a name behind it.
    #[must_use]
    pub fn belongs_to_table(self) -> bool {
        matches!(self, Self::ExclusionConstraint | Self::Trigger | Self::Rule | Self::Policy)
    }

    /// Whether it is a relation that has columns.
    #[must_use]
    pub fn is_relation(self) -> bool {
        matches!(
            self,
            Self::PartitionedTable
                | Self::Partition
                | Self::InheritingTable
                | Self::ForeignTable
                | Self::MaterializedView
        )
    }

    /// Whether it is a type, and no relation.
    #[must_use]
    pub fn is_type(self) -> bool {
        matches!(self, Self::Domain | Self::CompositeType | Self::RangeType | Self::BaseType)
    }
}

/// A part without quotes where it reads back as itself, as a JSON string otherwise.
fn write_part(part: &str) -> String {
    let plain = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { part.to_owned() } else { serde_json::Value::from(part).to_string() }
}

fn parse_list(mut rest: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    loop {
        let (part, tail) = if rest.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let part = stream.next()?.ok()?;
            (part, &rest[stream.byte_offset()..])
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        (!part.is_empty() || rest.starts_with('"')).then_some(())?;
        parts.push(part);
        if tail.is_empty() {
            return Some(parts);
        }
        rest = tail.strip_prefix(", ")?;
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.parts().into_iter().map(write_part).collect();
        write!(f, "{} [{}]", self.word(), parts.join(", "))
    }
}

impl serde::Serialize for ObjectId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ObjectId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an object's identity")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_survive_the_codec() {
        let hostile = ["a", "a.b", "a, b", "\"", "]", "x\ny", "naïve", "", "Mixed Case", "a\\b", "select"];
        for name in hostile {
            for id in [
                ObjectId::Schema(SchemaName::new(name)),
                ObjectId::Column(Qualified::new(name, "t"), ColumnName::new(name)),
                ObjectId::Opaque(OpaqueKind::Function, vec!["public".into(), name.into(), "integer[], text".into()]),
            ] {
                assert_eq!(ObjectId::parse(&id.to_string()), Some(id.clone()), "{id}");
            }
        }
        assert_eq!(ObjectId::Table(Qualified::new("public", "documents")).to_string(), "table [public, documents]");
    }

    #[test]
    fn what_is_no_identity_is_refused() {
        for text in
            ["", "table", "table []", "table [a]", "table [a, b", "table [a,b]", "nothing [a, b]", "table [a, b, c]"]
        {
            assert_eq!(ObjectId::parse(text), None, "{text}");
        }
    }
}
