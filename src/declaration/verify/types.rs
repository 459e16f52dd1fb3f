//! Reports types that are named and not there.
use crate::canonical::{CompositeAttribute, TypeName, builtin_types, parse_composite, parse_type};
use crate::declaration::{
    Known,
    composite_type::type_key,
    reader::Reader,
    resolve::{VECTOR_TYPES, multiranges, search_path},
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
    for (id, body) in reader.bodies() {
        let Some(schema) = id.home() else { continue };
        for used in used(id, body) {
            one(reader, known, (id, &schema, &schemas), used, out);
        }
    }
}

/// Type that an object is made of: its text, whose it is, and the key under which its place is noted.
struct Used {
    text: String,
    whose: String,
    key: String,
}

/// Gives the types of a column, or of the attributes of a composite type.
fn used(id: &ObjectId, body: Option<&Body>) -> Vec<Used> {
    if let Some(Body::Column(column)) = body {
        let text = column.data_type.as_written().to_owned();
        return vec![Used { text, whose: id.short(), key: "type".to_owned() }];
    }
    let text = match body {
        Some(Body::Definition(definition)) if id.is(ObjectKind::CompositeType) && !definition.carried => {
            definition.text()
        }
        _ => None,
    };
    let composite = text.and_then(|text| parse_composite(text).ok()).unwrap_or_default();
    let of = |attribute: CompositeAttribute| Used {
        whose: format!("attribute {} of {}", attribute.name, id.short()),
        key: type_key(&attribute.name),
        text: attribute.data_type,
    };
    composite.attributes.into_iter().map(of).collect()
}

fn one(
    reader: &Reader,
    known: &Known,
    (id, schema, schemas): (&ObjectId, &SchemaName, &BTreeSet<SchemaName>),
    Used { text, whose, key }: Used,
    out: &mut Diagnostics,
) {
    let Ok(name) = parse_type(&text) else { return };
    if name.builtin || catalogs_own(&name.name) {
        return;
    }
    let path = match &name.schema {
        Some(written) => vec![SchemaName::new(written)],
        None => search_path(reader, schema),
    };
    let of_another = |s: &SchemaName| !schemas.contains(s) && s != schema;
    let outside = path.iter().any(|s| of_another(s) || of_an_extension(reader, s));
    if outside || path.iter().any(|s| is_there(reader, known, &Qualified::new(s.as_str(), &name.name))) {
        return;
    }
    let written = name.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
    let message = format!("the type {written}{} of {whose} is not declared", name.name);
    out.push(
        Diagnostic::error(Code::NotDeclared, message)
            .maybe_at(reader.places.attribute(id, &key), "no such type")
            .help(help(reader, &name)),
    );
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
    let of = |kind| ObjectId::in_schema(kind, *name);
    let types = DECLARED.map(of);
    let relations = [ObjectId::table(*name), ObjectId::view(*name)];
    let declared =
        types.iter().chain(&relations).any(|id| reader.places.object(id).is_some()) || is_carried(reader, name);
    // A range type brings its multirange along, under a name that only the catalog knows.
    let multirange = name.name.as_str().ends_with("multirange") && !known.types.is_empty()
        || multiranges(reader).any(|multirange| multirange == *name);
    declared || multirange || known.types.contains(name) || known.relations.contains(name)
}

/// The kinds of types that are declared.
const DECLARED: [ObjectKind; 4] =
    [ObjectKind::Enum, ObjectKind::Domain, ObjectKind::CompositeType, ObjectKind::RangeType];

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
        if let Some(q) = DECLARED.into_iter().find_map(|kind| id.named_as(kind)) {
            all.push(q.name.as_str());
        }
    }
    all.extend(SPELLED.iter().chain(builtin_types()).map(|name| -> &str { name }));
    let near = nearest(&name.name, all).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    format!(
        "{near}an enum is declared under `enums:`, a domain under `domains:`, a composite type under `composite_types:`, a range type under `range_types:`, and an extension that has the type under `extensions:`"
    )
}
