//! Finds the schema of each unqualified name, which can only be told when all files are read.
use super::{Known, reader::Reader};
use crate::canonical::{parse_range_type, parse_type};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Body, ColumnName, ConstraintName, Extension, ExtensionName, Fragment, Key, KeyKind, ObjectId, ObjectKind,
    Qualified, Schema, SchemaName,
};
use std::collections::BTreeSet;

/// The types that pgvector makes.
pub(super) const VECTOR_TYPES: [&str; 3] = ["vector", "halfvec", "sparsevec"];

/// Gives types and references their schemas.
pub(super) fn resolve(reader: &mut Reader) {
    for id in reader.objects.keys().cloned().collect::<Vec<_>>() {
        match reader.body(&id) {
            Some(Body::Column(_)) => column_type(reader, &id),
            Some(Body::ForeignKey(_)) => foreign_key(reader, &id),
            Some(_) | None => {}
        }
    }
    primary_keys(reader);
}

/// Gives the schemas where an unqualified name in a file of `schema` is looked for, in their order.
pub(super) fn search_path(reader: &Reader, schema: &SchemaName) -> Vec<SchemaName> {
    let mut out = vec![*schema];
    for (_, extension) in extensions(reader) {
        if !out.contains(&extension.schema) {
            out.push(extension.schema);
        }
    }
    out
}

/// Gives the declared extensions; they stand together among the objects.
pub(super) fn extensions(reader: &Reader) -> impl Iterator<Item = (ExtensionName, &Extension)> {
    let first = ObjectId::first_of(ObjectKind::Extension);
    let all = reader.objects.range(first..).map_while(|(id, object)| Some((id.as_extension()?, object)));
    all.filter_map(|(name, object)| {
        let Body::Extension(extension) = &object.as_ref()?.body else { return None };
        Some((name, extension))
    })
}

fn column_type(reader: &mut Reader, id: &ObjectId) {
    let (Some(Body::Column(column)), Some(schema)) = (reader.body(id), id.home()) else { return };
    let Ok(mut name) = parse_type(column.data_type.as_written()) else { return };
    if name.schema.is_some() || name.said_so {
        return;
    }
    let mut found: Vec<SchemaName> = Vec::new();
    for schema in search_path(reader, &schema) {
        let own = |kind| ObjectId::in_schema(kind, Qualified::new(schema.as_str(), &name.name));
        let declared =
            [ObjectKind::Enum, ObjectKind::Domain, ObjectKind::CompositeType, ObjectKind::RangeType].map(own);
        let is_multirange = || multiranges(reader).any(|of| of == Qualified::new(schema.as_str(), &name.name));
        if declared.iter().any(|id| reader.objects.contains_key(id))
            || of_pgvector(reader, &schema, &name.name)
            || is_multirange()
        {
            found.push(schema);
        }
    }
    if found.len() + usize::from(name.builtin) > 1 {
        let mut where_found: Vec<String> = found.iter().map(ToString::to_string).collect();
        where_found.extend(name.builtin.then(|| "pg_catalog".to_owned()));
        let message = format!("the type {} of {} is in {}", name.name, id.short(), where_found.join(" and in "));
        let place = reader.places.attribute(id, "type").cloned();
        reader.out.push(
            Diagnostic::error(Code::Ambiguous, message).maybe_at(place.as_ref(), "which one?").help(format!(
                "write it with its schema: {}.{2}, or {}.{2}",
                where_found[0], where_found[1], name.name
            )),
        );
        return;
    }
    if let (false, Some(schema)) = (name.builtin, found.first()) {
        name.schema = Some(schema.as_str().to_owned());
        if let Some(Body::Column(column)) = reader.body_mut(id) {
            column.data_type = Fragment::written(name.canonical());
        }
    }
}

/// Gives the names of the multirange types that declared ranges bring.
pub(super) fn multiranges(reader: &Reader) -> impl Iterator<Item = Qualified> {
    let ranges = reader.objects.range(ObjectId::first_of(ObjectKind::RangeType)..);
    let ranges = ranges.take_while(|(id, _)| id.is(ObjectKind::RangeType));
    ranges.filter_map(|(_, object)| parse_range_type(object.as_ref()?.definition()?.text()?).ok()?.multirange())
}

/// Finds the schema that an unqualified type in a file of `home` is in: one that is declared, or known beside the
/// declaration.
pub(super) fn type_schema(reader: &Reader, known: &Known, home: &SchemaName, name: &str) -> Option<SchemaName> {
    let is_type = |kind: &&ObjectKind| kind.is_type() || kind.has_columns();
    let found = |schema: &&SchemaName| {
        let q = Qualified::new(schema.as_str(), name);
        ObjectKind::ALL.iter().filter(is_type).any(|kind| reader.objects.contains_key(&ObjectId::in_schema(*kind, q)))
            || known.types.contains(&q)
            || known.relations.contains(&q)
            || of_pgvector(reader, schema, name)
    };
    search_path(reader, home).iter().find(found).copied()
}

/// Finds the schema that an unqualified function in a file of `home` is in, likewise.
pub(super) fn routine_schema(reader: &Reader, known: &Known, home: &SchemaName, name: &str) -> Option<SchemaName> {
    let declared = |schema: &SchemaName| {
        let from = ObjectId::of_parts(ObjectKind::Function, &[schema.as_str(), name]);
        let first = reader.objects.range(from..).map(|(id, _)| id).next();
        first.is_some_and(|id| id.is(ObjectKind::Function) && id.home() == Some(*schema) && id.own_name() == name)
    };
    let known = |schema: &SchemaName| {
        known.routines.as_ref().is_some_and(|all| all.contains(&Qualified::new(schema.as_str(), name)))
    };
    search_path(reader, home).iter().find(|schema| declared(schema) || known(schema)).copied()
}

/// Tells whether `vector` is declared there and the name is a type of it.
fn of_pgvector(reader: &Reader, schema: &SchemaName, name: &str) -> bool {
    let extension = reader.body(&ObjectId::extension(ExtensionName::new("vector")));
    matches!(extension, Some(Body::Extension(e)) if e.schema == *schema) && VECTOR_TYPES.contains(&name)
}

/// Finds the declared relation that a name in a file of `schema` means; the first one, and all of them if they are
/// several.
pub(super) fn relation(reader: &Reader, schema: &SchemaName, name: &str) -> Vec<Qualified> {
    let declared = |q: &Qualified| {
        [ObjectId::table(*q), ObjectId::view(*q), ObjectId::sequence(*q)]
            .iter()
            .any(|id| reader.objects.contains_key(id) || reader.places.object(id).is_some())
    };
    search_path(reader, schema).iter().map(|s| Qualified::new(s.as_str(), name)).filter(declared).collect()
}

fn foreign_key(reader: &mut Reader, id: &ObjectId) {
    let Some(Body::ForeignKey(key)) = reader.body(id) else { return };
    let (mut target, mut referenced) = (key.references, key.referenced.clone());
    if target.schema.as_str().is_empty() {
        let schema = id.home().unwrap_or_else(|| SchemaName::new("public"));
        let found = relation(reader, &schema, target.name.as_str());
        if let [first, second, ..] = found.as_slice() {
            let message = format!("{} could be {first} or {second}", target.name);
            let place = reader.places.attribute(id, "references").cloned();
            let diagnostic = Diagnostic::error(Code::Ambiguous, message).maybe_at(place.as_ref(), "which one?");
            reader.out.push(diagnostic.help(format!("write \"{first} (…)\"")));
        }
        target = found.into_iter().next().unwrap_or_else(|| Qualified::new(schema.as_str(), target.name.as_str()));
    }
    if referenced.is_empty() {
        referenced = primary_key(reader, &target).unwrap_or_default();
    }
    if let Some(Body::ForeignKey(key)) = reader.body_mut(id) {
        key.references = target;
        key.referenced = referenced;
    }
}

/// Gives the columns of a table's primary key.
pub(super) fn primary_key(reader: &Reader, table: &Qualified) -> Option<Vec<ColumnName>> {
    keys(reader, table).find(|key| key.kind == KeyKind::Primary).map(|key| key.columns.clone())
}

/// Gives the keys of a table.
pub(super) fn keys<'a>(reader: &'a Reader, table: &'a Qualified) -> impl Iterator<Item = &'a Key> {
    let first = ObjectId::constraint(*table, ConstraintName::new(""));
    let own =
        reader.objects.range(first..).take_while(move |(id, _)| id.as_constraint().is_some_and(|(of, _)| of == *table));
    own.filter_map(|(_, object)| {
        let Body::Key(key) = &object.as_ref()?.body else { return None };
        Some(key)
    })
}

/// Makes each column of a primary key not null, said or not.
fn primary_keys(reader: &mut Reader) {
    let mut columns = BTreeSet::new();
    for (id, object) in reader.bodies() {
        if let (Some(Body::Key(key)), Some(table)) = (object, id.table_of())
            && key.kind == KeyKind::Primary
        {
            columns.extend(key.columns.iter().map(|c| ObjectId::column(table, *c)));
        }
    }
    for id in columns {
        if let Some(Body::Column(column)) = reader.body_mut(&id) {
            column.not_null = true;
        }
    }
}

/// Adds every schema that something is declared in, said or not; and `public` always, because every
/// database has it.
pub(super) fn add_schemas(reader: &mut Reader) {
    let mut schemas: BTreeSet<SchemaName> = reader.objects.keys().filter_map(ObjectId::home).collect();
    for (_, object) in reader.bodies() {
        if let Some(Body::Extension(extension)) = object {
            schemas.insert(extension.schema);
        }
    }
    schemas.insert(SchemaName::new("public"));
    for name in schemas.into_iter().filter(|name| name.as_str() != "pg_catalog") {
        reader.insert(ObjectId::schema(name), Some(Body::Schema(Schema).into()));
    }
}
