//! Identities of objects: a kind, and the names that lead to the object; the only code that writes and reads them.
use super::interned::Interned;
use super::name::Name;
use super::object_kind::Shape;
use super::{ColumnName, ConstraintName, ExtensionName, NewObjects, ObjectKind, Qualified, SchemaName, quote};
use std::fmt;

/// The identity of an object: its kind, and the names that lead to it from the outside in. The only codec for identities:
/// `Display` and [`ObjectId::parse`] are each other's inverse (`column [public, documents, embedding]`),
/// [`ObjectId::sql`] is for people and SQL. Whether pgform models an object or carries it along is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    kind: ObjectKind,
    path: NamePath,
}

/// The names that lead to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamePath {
    /// A name in the database: a schema's, an extension's.
    Alone(Name),
    /// A name in a schema.
    InSchema(Qualified),
    /// A name in a relation.
    OfRelation(Qualified, Name),
    /// Names that lead there otherwise: with a routine's arguments, an operator's sides.
    Several(Interned<[Interned<str>]>),
}

impl ObjectId {
    /// A schema.
    #[must_use]
    pub fn schema(name: SchemaName) -> Self {
        Self { kind: ObjectKind::Schema, path: NamePath::Alone(name.into()) }
    }

    /// An extension.
    #[must_use]
    pub fn extension(name: ExtensionName) -> Self {
        Self { kind: ObjectKind::Extension, path: NamePath::Alone(name.into()) }
    }

    /// An enum.
    #[must_use]
    pub fn enumeration(name: Qualified) -> Self {
        Self { kind: ObjectKind::Enum, path: NamePath::InSchema(name) }
    }

    /// A sequence.
    #[must_use]
    pub fn sequence(name: Qualified) -> Self {
        Self { kind: ObjectKind::Sequence, path: NamePath::InSchema(name) }
    }

    /// A table.
    #[must_use]
    pub fn table(name: Qualified) -> Self {
        Self { kind: ObjectKind::Table, path: NamePath::InSchema(name) }
    }

    /// A column of a table.
    #[must_use]
    pub fn column(table: Qualified, name: ColumnName) -> Self {
        Self { kind: ObjectKind::Column, path: NamePath::OfRelation(table, name.into()) }
    }

    /// A constraint of a table.
    #[must_use]
    pub fn constraint(table: Qualified, name: ConstraintName) -> Self {
        Self { kind: ObjectKind::Constraint, path: NamePath::OfRelation(table, name.into()) }
    }

    /// An index.
    #[must_use]
    pub fn index(name: Qualified) -> Self {
        Self { kind: ObjectKind::Index, path: NamePath::InSchema(name) }
    }

    /// A view.
    #[must_use]
    pub fn view(name: Qualified) -> Self {
        Self { kind: ObjectKind::View, path: NamePath::InSchema(name) }
    }

    /// An object of any kind that lives in a schema under a name alone.
    #[must_use]
    pub fn in_schema(kind: ObjectKind, name: Qualified) -> Self {
        Self { kind, path: NamePath::InSchema(name) }
    }

    /// An object of any kind by its parts, as `pg_identify_object_as_address` has them: a schema first where it has one,
    /// then names, then argument types.
    #[must_use]
    pub fn of_parts(kind: ObjectKind, parts: &[impl AsRef<str>]) -> Self {
        let path = match (kind.shape(), parts) {
            (Shape::Alone, [name]) => NamePath::Alone(Name::new(name.as_ref())),
            (Shape::InSchema, [schema, name]) => NamePath::InSchema(Qualified::new(schema, name)),
            (Shape::OfRelation, [schema, relation, name]) => {
                NamePath::OfRelation(Qualified::new(schema, relation), Name::new(name.as_ref()))
            }
            (_, parts) => {
                let names: Vec<Interned<str>> = parts.iter().map(|part| Interned::text(part.as_ref())).collect();
                NamePath::Several(Interned::list(&names))
            }
        };
        Self { kind, path }
    }

    /// The bound before all objects of a kind, which stand together in every state.
    #[must_use]
    pub fn first_of(kind: ObjectKind) -> Self {
        Self { kind, path: NamePath::Alone(Name::new("")) }
    }

    /// The kind of the object.
    #[must_use]
    pub const fn kind(&self) -> ObjectKind {
        self.kind
    }

    /// The names that lead to the object.
    #[must_use]
    pub const fn path(&self) -> NamePath {
        self.path
    }

    /// Says that the object is of the kind.
    #[must_use]
    pub fn is(&self, kind: ObjectKind) -> bool {
        self.kind == kind
    }

    /// The word before the brackets.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.kind.as_str()
    }

    /// The names of the identity, from the outside in.
    #[must_use]
    pub fn parts(&self) -> Vec<&'static str> {
        match self.path {
            NamePath::Alone(name) => vec![name.as_str()],
            NamePath::InSchema(q) => vec![q.schema.as_str(), q.name.as_str()],
            NamePath::OfRelation(q, name) => vec![q.schema.as_str(), q.name.as_str(), name.as_str()],
            NamePath::Several(names) => names.iter().map(|name| name.as_static()).collect(),
        }
    }

    /// The schema's name, of a schema.
    #[must_use]
    pub fn as_schema(&self) -> Option<SchemaName> {
        match (self.kind, self.path) {
            (ObjectKind::Schema, NamePath::Alone(name)) => Some(name.into()),
            _ => None,
        }
    }

    /// The extension's name, of an extension.
    #[must_use]
    pub fn as_extension(&self) -> Option<ExtensionName> {
        match (self.kind, self.path) {
            (ObjectKind::Extension, NamePath::Alone(name)) => Some(name.into()),
            _ => None,
        }
    }

    /// The name with its schema, of what is of the kind and lives in a schema.
    #[must_use]
    pub fn named_as(&self, kind: ObjectKind) -> Option<Qualified> {
        if self.kind == kind { self.qualified() } else { None }
    }

    /// The name with its schema, of a table.
    #[must_use]
    pub fn as_table(&self) -> Option<Qualified> {
        self.named_as(ObjectKind::Table)
    }

    /// The table and the column, of a column.
    #[must_use]
    pub fn as_column(&self) -> Option<(Qualified, ColumnName)> {
        match (self.kind, self.path) {
            (ObjectKind::Column, NamePath::OfRelation(table, name)) => Some((table, name.into())),
            _ => None,
        }
    }

    /// The table and the constraint, of a constraint.
    #[must_use]
    pub fn as_constraint(&self) -> Option<(Qualified, ConstraintName)> {
        match (self.kind, self.path) {
            (ObjectKind::Constraint, NamePath::OfRelation(table, name)) => Some((table, name.into())),
            _ => None,
        }
    }

    /// The name with its schema, of what lives in a schema under a name alone.
    #[must_use]
    pub const fn qualified(&self) -> Option<Qualified> {
        match self.path {
            NamePath::InSchema(name) => Some(name),
            NamePath::Alone(_) | NamePath::OfRelation(..) | NamePath::Several(_) => None,
        }
    }

    /// The relation that the object is, or that it is a part of.
    #[must_use]
    pub fn relation(&self) -> Option<Qualified> {
        match self.path {
            NamePath::InSchema(name) => self.kind.is_relation().then_some(name),
            NamePath::OfRelation(relation, _) => Some(relation),
            NamePath::Alone(_) | NamePath::Several(_) => None,
        }
    }

    /// The schema that the object lives in, if any; of a schema, itself; of default privileges, the one that they are for.
    #[must_use]
    pub fn home(&self) -> Option<SchemaName> {
        match self.path {
            NamePath::Alone(_) => self.as_schema(),
            NamePath::InSchema(q) | NamePath::OfRelation(q, _) => Some(q.schema),
            NamePath::Several(names) => match &*names {
                [schema, _, ..] if self.kind.lives_in_schema() => Some(Name(*schema).into()),
                [_, schema, _] if self.kind.shape() == Shape::Defaults => {
                    Some(Name(*schema).into()).filter(|schema: &SchemaName| !schema.as_str().is_empty())
                }
                _ => None,
            },
        }
    }

    /// The table that the object is, or is a part of: of columns, constraints, triggers and the like; not of indexes,
    /// whose table is an attribute.
    #[must_use]
    pub fn table_of(&self) -> Option<Qualified> {
        match self.path {
            NamePath::InSchema(name) => (self.kind == ObjectKind::Table).then_some(name),
            NamePath::OfRelation(table, _) => Some(table),
            NamePath::Alone(_) | NamePath::Several(_) => None,
        }
    }

    /// The number of objects that the object is named through: none for a schema, one for what lives in one, two for a
    /// part of a table.
    #[must_use]
    pub fn depth(&self) -> u8 {
        match self.path {
            NamePath::Alone(_) => 0,
            NamePath::InSchema(_) | NamePath::Several(_) => 1,
            NamePath::OfRelation(..) => 2,
        }
    }

    /// Gives the object's identity under another name of its own; `None` for what is known by more than names.
    #[must_use]
    pub fn renamed(&self, name: impl AsRef<str>) -> Option<Self> {
        let name = Name::new(name.as_ref());
        let path = match self.path {
            NamePath::Alone(_) => NamePath::Alone(name),
            NamePath::InSchema(q) => NamePath::InSchema(q.sibling(name.as_str())),
            NamePath::OfRelation(table, _) => NamePath::OfRelation(table, name),
            NamePath::Several(names) => match (self.kind.shape(), &*names) {
                (Shape::Routine, [schema, _, signature]) => {
                    NamePath::Several(Interned::list(&[*schema, name.0, *signature]))
                }
                _ => return None,
            },
        };
        Some(Self { kind: self.kind, path })
    }

    /// Gives the object's identity where schemas, relations and types have other names. Its own name stays: a table's
    /// own name is no name that it is reached through.
    #[must_use]
    pub fn through(
        &self,
        schema: impl Fn(SchemaName) -> SchemaName,
        relation: impl Fn(Qualified) -> Qualified,
        types: impl Fn(&str) -> String,
    ) -> Self {
        let path = match self.path {
            NamePath::Alone(_) => self.path,
            NamePath::InSchema(q) => NamePath::InSchema(Qualified { schema: schema(q.schema), name: q.name }),
            NamePath::OfRelation(q, name) => NamePath::OfRelation(relation(q), name),
            NamePath::Several(names) => {
                let (home, first) = (self.kind.schema_part(), self.kind.first_type_part());
                let names: Vec<Interned<str>> = (0..)
                    .zip(names.iter())
                    .map(|(at, name)| match at {
                        at if Some(at) == home => Interned::text(schema(Name(*name).into()).as_str()),
                        at if at >= first => Interned::text(&types(name.as_static())),
                        _ => *name,
                    })
                    .collect();
                NamePath::Several(Interned::list(&names))
            }
        };
        Self { kind: self.kind, path }
    }

    /// The name as SQL, without the schema: `documents.embedding`. For people; ambiguous across schemas.
    #[must_use]
    pub fn short(&self) -> String {
        let parts = self.parts();
        match (self.kind.shape(), parts.as_slice()) {
            (Shape::Routine, [.., name, arguments]) => return format!("{}({arguments})", quote(name)),
            (Shape::Operator, [_, name, left, right]) => return format!("{name} ({left}, {right})"),
            (Shape::Types, [from, to]) if self.kind == ObjectKind::Cast => return format!("({from} as {to})"),
            (Shape::Defaults, [role, schema, letter]) => return NewObjects::named(role, schema, letter),
            _ => {}
        }
        let from = usize::from(self.home().is_some() && parts.len() > 1);
        parts[from..].iter().map(|p| quote(p)).collect::<Vec<_>>().join(".")
    }

    /// The name of its own, which patterns are held against: a function's without arguments, the role's of default privileges.
    #[must_use]
    pub fn own_name(&self) -> &'static str {
        let names = match &self.path {
            NamePath::Alone(name) | NamePath::OfRelation(_, name) => return name.as_str(),
            NamePath::InSchema(q) => return q.name.as_str(),
            NamePath::Several(names) => names,
        };
        let behind_schema = names.get(1).filter(|_| self.kind.lives_in_schema());
        let role = names.first().filter(|_| self.kind.shape() == Shape::Defaults);
        behind_schema.or(role).or(names.last()).map(|name| name.as_static()).unwrap_or_default()
    }

    /// The whole name as SQL: `public.documents.embedding`, `public.found(text, integer)`.
    #[must_use]
    pub fn sql(&self) -> String {
        let parts = self.parts();
        match (self.kind.shape(), parts.as_slice()) {
            (Shape::Routine | Shape::Operator, [schema, ..]) => format!("{}.{}", quote(schema), self.short()),
            (Shape::Types | Shape::Defaults, _) => self.short(),
            _ => parts.iter().map(|p| quote(p)).collect::<Vec<_>>().join("."),
        }
    }

    /// Reads what `Display` wrote; `None` if it is nothing of that form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let open = text.find(" [")?;
        let (word, list) = (&text[..open], text[open + 2..].strip_suffix(']')?);
        let id = Self::of_parts(ObjectKind::parse(word)?, &parse_list(list)?);
        let has_its_shape = !matches!(id.path, NamePath::Several(_));
        (id.kind.is_definition() || has_its_shape).then_some(id)
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
    fn what_is_called_with_arguments_is_named_with_them() {
        let of = |kind, parts: &[&str]| ObjectId::of_parts(kind, parts).sql();
        assert_eq!(
            of(ObjectKind::Function, &["storage", "Can insert", "text, uuid"]),
            "storage.\"Can insert\"(text, uuid)"
        );
        assert_eq!(of(ObjectKind::Operator, &["s", "===", "-", "integer"]), "s.=== (-, integer)");
        assert_eq!(of(ObjectKind::Cast, &["text", "app.mood"]), "(text as app.mood)");
        assert_eq!(of(ObjectKind::Column, &["web", "pages", "Title"]), "web.pages.\"Title\"");
    }

    #[test]
    fn identities_survive_the_codec() {
        let hostile = ["a", "a.b", "a, b", "\"", "]", "x\ny", "naïve", "", "Mixed Case", "a\\b", "select"];
        for name in hostile {
            for id in [
                ObjectId::schema(SchemaName::new(name)),
                ObjectId::column(Qualified::new(name, "t"), ColumnName::new(name)),
                ObjectId::of_parts(ObjectKind::Function, &["public", name, "integer[], text"]),
            ] {
                assert_eq!(ObjectId::parse(&id.to_string()), Some(id), "{id}");
            }
        }
        assert_eq!(ObjectId::table(Qualified::new("public", "documents")).to_string(), "table [public, documents]");
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
