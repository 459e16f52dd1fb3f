//! Reports types that are named and not there.
use crate::canonical::{TypeName, builtin_types, parse_type};
use crate::declaration::{
    Known,
    reader::Reader,
    resolve::{VECTOR_TYPES, search_path},
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, ObjectId, ObjectKind, Qualified, SchemaName};
use crate::yaml::nearest;
use std::collections::BTreeSet;

/// Names of types in other databases, each with PostgreSQL's.
const ELSEWHERE: &[(&str, &str)] = &[
    ("blob", "bytea"),
    ("clob", "text"),
    ("datetime", "timestamptz"),
    ("double", "double precision"),
    ("embedding", "vector(…)"),
    ("float32", "real"),
    ("float64", "double precision"),
    ("guid", "uuid"),
    ("int16", "smallint"),
    ("int32", "integer"),
    ("int64", "bigint"),
    ("long", "bigint"),
    ("longtext", "text"),
    ("mediumint", "integer"),
    ("number", "numeric"),
    ("nvarchar", "varchar"),
    ("str", "text"),
    ("string", "text"),
    ("tinyint", "smallint"),
    ("uniqueidentifier", "uuid"),
];

/// Types of extensions that come with PostgreSQL or are often beside it.
const OF_EXTENSIONS: &[(&str, &str)] = &[
    ("citext", "citext"),
    ("cube", "cube"),
    ("geography", "postgis"),
    ("geometry", "postgis"),
    ("hstore", "hstore"),
    ("isbn", "isn"),
    ("lquery", "ltree"),
    ("ltree", "ltree"),
    ("ltxtquery", "ltree"),
    ("seg", "seg"),
];

/// Words of the grammar for types, which the catalog calls otherwise.
const SPELLED: [&str; 8] = ["bigint", "boolean", "character", "decimal", "integer", "real", "smallint", "timestamptz"];

pub(super) fn verify(reader: &Reader, known: &Known, out: &mut Diagnostics) {
    let schemas: BTreeSet<SchemaName> = reader.objects.keys().filter_map(ObjectId::home).collect();
    for (id, object) in reader.bodies() {
        let (Some(Body::Column(column)), Some(schema)) = (object, id.home()) else { continue };
        let Ok(name) = parse_type(column.data_type.as_written()) else { continue };
        if name.builtin || catalogs_own(&name.name) {
            continue;
        }
        let path = match &name.schema {
            Some(written) => vec![SchemaName::new(written)],
            None => search_path(reader, &schema),
        };
        let of_another = |s: &SchemaName| !schemas.contains(s) && s != &schema;
        let outside = path.iter().any(|s| of_another(s) || of_an_extension(reader, s));
        if outside || path.iter().any(|s| is_there(reader, known, &Qualified::new(s.as_str(), &name.name))) {
            continue;
        }
        let schema = name.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
        let message = format!("the type {schema}{} of {} is not declared", name.name, id.short());
        out.push(
            Diagnostic::error(Code::NotDeclared, message)
                .maybe_at(reader.places.attribute(id, "type"), "no such type")
                .help(help(reader, &name)),
        );
    }
}

/// Tells whether a type is the catalog's own and nobody's for a column, or told about elsewhere.
fn catalogs_own(name: &str) -> bool {
    let array_of = name.strip_prefix('_').is_some_and(|of| parse_type(of).is_ok_and(|t| t.builtin));
    // pgvector's are told about with the extension.
    array_of || name.starts_with("pg_") || VECTOR_TYPES.contains(&name)
}

/// Tells whether another extension than pgvector, whose types are known, may have made a type there.
fn of_an_extension(reader: &Reader, schema: &SchemaName) -> bool {
    reader.bodies().any(|(id, object)| match (id.as_extension(), object) {
        (Some(name), Some(Body::Extension(e))) => name.as_str() != "vector" && e.schema == *schema,
        // An extension that could not be read has been told so; where it is nobody knows.
        (Some(name), None) => name.as_str() != "vector",
        _ => false,
    })
}

/// Tells whether there is an enum, or a relation, which is a type as well; also one that could not be read.
fn is_there(reader: &Reader, known: &Known, name: &Qualified) -> bool {
    let domain = ObjectId::in_schema(ObjectKind::Domain, *name);
    let ids = [ObjectId::enumeration(*name), domain, ObjectId::table(*name), ObjectId::view(*name)];
    let declared = ids.iter().any(|id| reader.places.object(id).is_some()) || is_carried(reader, name);
    // A range type brings its multirange along, under a name that only the catalog knows.
    let multirange = name.name.as_str().ends_with("multirange") && !known.types.is_empty();
    declared || multirange || known.types.contains(name) || known.relations.contains(name)
}

/// Tells whether `opaque:` lists a domain, a composite type or a relation of that name, so that it is not one of the
/// declaration's kinds.
fn is_carried(reader: &Reader, name: &Qualified) -> bool {
    let kinds = [
        ObjectKind::Domain,
        ObjectKind::CompositeType,
        ObjectKind::RangeType,
        ObjectKind::BaseType,
        ObjectKind::Table,
        ObjectKind::View,
    ];
    kinds.iter().any(|kind| reader.is_listed(&ObjectId::in_schema(*kind, *name)))
}

fn help(reader: &Reader, name: &TypeName) -> String {
    let lower = name.name.to_lowercase();
    if let Some((_, ours)) = ELSEWHERE.iter().find(|(theirs, _)| *theirs == lower) {
        return format!("PostgreSQL calls it {ours}");
    }
    if let Some((_, extension)) = OF_EXTENSIONS.iter().find(|(of, _)| *of == lower) {
        return format!("it is of the extension {extension}: write\nextensions:\n  {extension}:");
    }
    let mut all: Vec<&str> = Vec::new();
    for id in reader.objects.keys() {
        if let Some(q) = id.named_as(ObjectKind::Enum).or_else(|| id.named_as(ObjectKind::Domain)) {
            all.push(q.name.as_str());
        }
    }
    all.extend(SPELLED.iter().chain(builtin_types()).map(|name| -> &str { name }));
    let near = nearest(&name.name, all).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    format!(
        "{near}an enum is declared under `enums:`, a domain under `domains:`, and an extension that has the type under `extensions:`"
    )
}
