//! Tells whether a name in SQL is pgvector's, or somebody's own of the same name.
use super::{facts::VectorType, version};
use crate::canonical::TypeName;
use crate::declaration::{
    Known,
    reader::Reader,
    resolve::{VECTOR_TYPES, search_path},
};
use crate::model::{ObjectId, ObjectKind, Qualified, SchemaName};

/// Names of PostgreSQL's own extensions (<https://www.postgresql.org/docs/18/contrib.html>): none of them has a
/// function, operator or operator class of a name that pgvector has. Of others nobody knows (RDKit has an operator
/// `<%>`).
const CONTRIB: &[&str] = &[
    "amcheck",
    "autoinc",
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dblink",
    "dict_int",
    "dict_xsyn",
    "earthdistance",
    "file_fdw",
    "fuzzystrmatch",
    "hstore",
    "insert_username",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "moddatetime",
    "pageinspect",
    "pg_buffercache",
    "pg_prewarm",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "pgrowlocks",
    "pgstattuple",
    "plpgsql",
    "postgres_fdw",
    "seg",
    "tablefunc",
    "tcn",
    "unaccent",
    "uuid-ossp",
    "vector",
    "xml2",
];

/// Names that SQL in a file of one schema sees.
pub(super) struct Names<'a> {
    pub(super) reader: &'a Reader,
    known: &'a Known,
    /// The extension's schema.
    home: &'a SchemaName,
    path: Vec<SchemaName>,
}

impl<'a> Names<'a> {
    /// Gives the names; none where pgvector is not declared.
    pub(super) fn new(reader: &'a Reader, known: &'a Known, schema: SchemaName) -> Option<Self> {
        let home = &version::extension(reader)?.schema;
        Some(Self { reader, known, home, path: search_path(reader, &schema) })
    }

    /// Tells whether the schema is the extension's.
    pub(super) fn is_home(&self, schema: &str) -> bool {
        schema == self.home.as_str()
    }

    /// Tells whether a name without a schema, or with this one, can be in the extension's.
    fn reaches(&self, schema: Option<&str>) -> bool {
        schema.is_none_or(|schema| self.is_home(schema))
    }

    fn candidates(&self, schema: Option<&str>, name: &str) -> Vec<Qualified> {
        match schema {
            Some(schema) => vec![Qualified::new(schema, name)],
            None => self.path.iter().map(|s| Qualified::new(s.as_str(), name)).collect(),
        }
    }

    /// Gives the type of pgvector's that a name means.
    pub(super) fn vector_type(&self, schema: Option<&str>, name: &str) -> Option<VectorType> {
        if !VECTOR_TYPES.contains(&name) || !self.reaches(schema) {
            return None;
        }
        let own = |q: &Qualified| {
            let of = |kind| ObjectId::in_schema(kind, *q);
            let types =
                [ObjectKind::Enum, ObjectKind::Domain, ObjectKind::CompositeType, ObjectKind::RangeType].map(of);
            let relations = [ObjectId::table(*q), ObjectId::view(*q)];
            types.iter().chain(&relations).any(|id| self.reader.places.object(id).is_some())
                || self.known.types.contains(q)
                || self.known.relations.contains(q)
        };
        if self.candidates(schema, name).iter().any(own) { None } else { VectorType::of(name) }
    }

    /// Gives the type of pgvector's that a type's name, already read, means.
    pub(super) fn of_type(&self, of: &TypeName) -> Option<VectorType> {
        if of.builtin { None } else { self.vector_type(of.schema.as_deref(), &of.name) }
    }

    /// Tells whether a function or operator of that name can be pgvector's, and then whether it is: before anything is
    /// known of a database, it may have one of its own.
    pub(super) fn routine(&self, schema: Option<&str>, name: &str) -> Option<bool> {
        if !self.reaches(schema) || has_other_extensions(self.reader) {
            return None;
        }
        let known = self.known.routines.as_ref();
        let own = |q: &Qualified| known.is_some_and(|all| all.contains(q)) || self.listed(q);
        if self.candidates(schema, name).iter().any(own) {
            return None;
        }
        Some(known.is_some() || self.reader.lists_opaque)
    }

    /// Tells whether `opaque:` lists a routine of that name.
    fn listed(&self, name: &Qualified) -> bool {
        let is_it = |parts: Vec<&str>| matches!(parts.as_slice(), [s, n, ..] if *s == name.schema.as_str() && *n == name.name.as_str());
        ROUTINES.iter().any(|kind| listed(self.reader, *kind).any(is_it))
    }
}

const ROUTINES: [ObjectKind; 3] = [ObjectKind::Function, ObjectKind::Aggregate, ObjectKind::Operator];

/// Gives the identities of one kind that `opaque:` lists; they stand together among the objects.
pub(super) fn listed(reader: &Reader, kind: ObjectKind) -> impl Iterator<Item = Vec<&'static str>> {
    let all = reader.objects.range(ObjectId::first_of(kind)..).map(|(id, _)| id);
    all.take_while(move |id| id.is(kind)).map(ObjectId::parts)
}

/// Tells whether another extension is declared that may have anything.
pub(super) fn has_other_extensions(reader: &Reader) -> bool {
    // Extensions stand together among the objects. One that could not be read counts as well.
    let all = reader.objects.range(ObjectId::first_of(ObjectKind::Extension)..).map(|(id, _)| id);
    let mut names = all.map_while(ObjectId::as_extension);
    names.any(|name| !CONTRIB.contains(&name.as_str()))
}
