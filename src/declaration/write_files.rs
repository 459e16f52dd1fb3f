//! Writes a state as the files of a declaration, as `import` does.
use super::{
    access::Access, aggregate, check, column, composite_type, default_privileges, domain, enumeration, exclusion,
    extension, foreign_key, function, index, key, partition_parts::without_what_parents_give, policy, range_type,
    reader::Dialect, schema, sequence, table, trigger, value::Out, view,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{
    Body, CarriedForm, Index, KeyKind, NamePath, Object, ObjectId, ObjectKind, Partitions, Qualified, SchemaName,
    State, TableConstraint, Typed, default_name,
};
use crate::yaml;
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Files of a declaration.
#[derive(Debug)]
pub struct Written {
    /// Texts by file name.
    pub files: BTreeMap<String, String>,
    /// Grants that no file can say, each in a line.
    pub left_out: Vec<String>,
}

/// Writes the declaration of a state, as `import` does: texts by file name. Each table has a file, in a folder of its
/// schema (`public` has none); extensions and schemas together, enums, domains, composite types, range types, sequences, views,
/// materialized views, functions, procedures and aggregates have one each, triggers and policies stand with their table or view,
/// and what is carried along is listed in a file of its own, so that
/// what changes there is seen. Another owner than the usual one is written, and privileges that differ from those by
/// default, which a file of its own says are all.
///
/// # Errors
/// Errors for what no file can say.
pub fn write_files(state: &State, usual_owner: Option<&str>) -> Result<Written, Diagnostics> {
    let mut access = Access::new(state, usual_owner);
    let partitions = Partitions::new(state);
    let files = match partitions.is_empty() {
        true => files_of((state, &partitions), &mut access),
        false => files_of((&without_what_parents_give(state), &partitions), &mut access),
    };
    Ok(Written { files: files?, left_out: access.left_out })
}

/// Writes the files of a state whose partitions say only what is their own.
fn files_of(
    (state, partitions): (&State, &Partitions),
    access: &mut Access<'_>,
) -> Result<BTreeMap<String, String>, Diagnostics> {
    let mut files: BTreeMap<String, Mapping> = BTreeMap::new();
    let mut mistakes = Diagnostics::default();
    let indexes = indexes(state);
    let parts = TableParts { state, indexes: &indexes, partitions };
    for (id, object) in &state.objects {
        match (id.path(), &object.body) {
            (NamePath::Alone(name), Body::Schema(_)) => {
                let value = schema::write(&object.head, Dialect::Declared);
                let value = access.said_with(value, "comment", id, object);
                put(&mut files, "extensions", None, "schemas", name.as_str(), value);
            }
            (NamePath::Alone(name), Body::Extension(o)) => {
                let value = extension::write(object.typed(o), Dialect::Declared);
                put(&mut files, "extensions", None, "extensions", name.as_str(), value);
            }
            (NamePath::InSchema(q), Body::Enumeration(o)) => {
                let value = enumeration::write(object.typed(o), Dialect::Declared);
                let value = access.said_with(value, "labels", id, object);
                put(&mut files, "enums", Some(&q.schema), "enums", q.name.as_str(), value);
            }
            (NamePath::InSchema(q), Body::Sequence(o)) => {
                let value = sequence::write(object.typed(o), Dialect::Declared);
                let value = access.said_with(value, "as", id, object);
                put(&mut files, "sequences", Some(&q.schema), "sequences", q.name.as_str(), value);
            }
            (NamePath::InSchema(q), Body::View(o)) => {
                let group = if o.materialized { "materialized_views" } else { "views" };
                let mut out = view::write(object.typed(o), Dialect::Declared);
                access.put(&mut out.map, id, object);
                let value = with_what_is_on_it(out, (state, &indexes), &q);
                put(&mut files, group, Some(&q.schema), group, q.name.as_str(), value);
            }
            // Partitions stand under their parent, where that is in the same schema.
            (NamePath::InSchema(q), Body::Table(_)) if is_under_its_parent(state, &q) => {}
            (NamePath::InSchema(q), Body::Table(_)) => {
                let file = format!("tables/{}", file_part(q.name.as_str()));
                put(&mut files, &file, Some(&q.schema), "tables", q.name.as_str(), table_value(parts, access, &q));
            }
            (_, Body::Definition(o)) if !o.carried => match o.text() {
                Some(text) => put_definition(&mut files, access, (state, id, object), text),
                None => mistakes.push(without_statement(id)),
            },
            (_, Body::Definition(o)) => {
                // A `null` would be a text of that name.
                let text = o.text().map_or_else(|| Value::Mapping(Mapping::new()), Value::from);
                put(&mut files, "opaque", None, "opaque", &CarriedForm::listed(o.form, id), text);
            }
            // Columns, constraints and indexes are with their table or materialized view.
            _ => {}
        }
    }
    // The list is there even where it is empty: a list that is not there lists nothing.
    let list = files.entry("opaque.yaml".to_owned()).or_default();
    list.entry("opaque".into()).or_insert_with(|| Value::Mapping(Mapping::new()));
    let privileges = files.entry("privileges.yaml".to_owned()).or_default();
    privileges.insert("grants".into(), "complete".into());
    privileges.extend(default_privileges::write(state).map(|all| (Value::from("default_privileges"), all)));
    let files = texts(files, &mut mistakes);
    mistakes.or_value(files).map(|(files, _)| files)
}

/// Puts a type or a routine, which have files of their own.
fn put_definition(
    files: &mut BTreeMap<String, Mapping>,
    access: &mut Access<'_>,
    (state, id, object): (&State, &ObjectId, &Object),
    text: &str,
) {
    let comment = object.head.comment.as_deref();
    if let Some(q) = id.named_as(ObjectKind::Domain) {
        let value = access.said_with(domain::write(text, comment), "type", id, object);
        put(files, "domains", Some(&q.schema), "domains", q.name.as_str(), value);
    }
    if let Some(q) = id.named_as(ObjectKind::CompositeType) {
        let value = access.said_with(composite_type::write(text, comment), "attributes", id, object);
        put(files, "composite_types", Some(&q.schema), "composite_types", q.name.as_str(), value);
    }
    if let Some(q) = id.named_as(ObjectKind::RangeType) {
        let value = access.said_with(range_type::write(text, comment), "subtype", id, object);
        put(files, "range_types", Some(&q.schema), "range_types", q.name.as_str(), value);
    }
    if let Some(group) = routine_group(id.kind()) {
        let value = access.said_with(function::write(id, text, comment), "create", id, object);
        put(files, group, id.home().as_ref(), group, &function::key(id), value);
    }
    if id.is(ObjectKind::Aggregate) {
        let is_declared = |name: &str| id.home().is_some_and(|home| has_function(state, home, name));
        let value = aggregate::write(id, text, comment, &is_declared);
        let value = access.said_with(value, "create", id, object);
        put(files, "aggregates", id.home().as_ref(), "aggregates", &aggregate::key(id), value);
    }
}

/// Gives the files' texts, by name.
fn texts(files: BTreeMap<String, Mapping>, mistakes: &mut Diagnostics) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, map) in files {
        match yaml::write(&Value::Mapping(map)) {
            Ok(text) => drop(texts.insert(name, text)),
            Err(mistake) => mistakes.push(Diagnostic { message: format!("{name}: {}", mistake.message), ..mistake }),
        }
    }
    texts
}

fn without_statement(id: &ObjectId) -> Diagnostic {
    let message =
        format!("{} {} cannot be declared: the server prints no statement that makes it", id.word(), id.short());
    Diagnostic::error(Code::Catalog, message).help("leave it out with `scope:` in pgform.yaml")
}

/// Puts a value under `group:` of a file of the schema.
fn put(
    files: &mut BTreeMap<String, Mapping>,
    file: &str,
    schema: Option<&SchemaName>,
    group: &str,
    name: &str,
    value: Value,
) {
    let other = schema.map(SchemaName::as_str).filter(|s| *s != "public");
    let folder = other.map(|s| format!("{}/", file_part(s))).unwrap_or_default();
    let map = files.entry(format!("{folder}{file}.yaml")).or_default();
    if let Some(schema) = other {
        map.insert("schema".into(), schema.into());
    }
    let inner = map.entry(group.into()).or_insert_with(|| Value::Mapping(Mapping::new()));
    if let Value::Mapping(inner) = inner {
        // `{}` says nothing that an empty value does not say.
        inner.insert(name.into(), value);
    }
}

/// Writes the name as a part of a file's name on every system: what is not a small letter, a digit, `_` or `-` is
/// written as `%` and its bytes, so that no two names meet, not even where case is ignored.
fn file_part(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    // Names have 63 bytes, written as three each: no file system's limit is reached. An empty one is a file all the same.
    if out.is_empty() { "%".to_owned() } else { out }
}

/// Parts of tables, as they are looked for.
#[derive(Clone, Copy)]
struct TableParts<'s> {
    state: &'s State,
    indexes: &'s Indexes<'s>,
    partitions: &'s Partitions,
}

/// Tells whether a table is declared under the one that it is a partition of: a file's schema is that of all its names.
fn is_under_its_parent(state: &State, name: &Qualified) -> bool {
    let parent = state.table(name).and_then(|table| table.parent());
    parent.is_some_and(|parent| parent.schema == name.schema && state.table(&parent).is_some())
}

fn table_value(parts: TableParts<'_>, access: &mut Access<'_>, name: &Qualified) -> Value {
    let TableParts { state, indexes, partitions } = parts;
    let id = ObjectId::table(*name);
    let (Some(own), Some(object)) = (state.table(name), state.get(&id)) else { return Value::Null };
    let mut out: Out = table::write(own, Dialect::Declared, is_under_its_parent(state, name));
    access.put(&mut out.map, &id, object);
    let columns: Mapping = state
        .columns(name)
        .into_iter()
        .map(|(name, c)| (Value::from(name.as_str()), column::write(c, Dialect::Declared)))
        .collect();
    if own.partition_of.is_none() || !columns.is_empty() {
        out.put("columns", Value::Mapping(columns));
    }
    let mut groups: BTreeMap<&str, Mapping> = BTreeMap::new();
    for (constraint, object) in state.constraints(name) {
        let Some(of) = object.body.constraint() else { continue };
        let (group, value) = match of {
            TableConstraint::Key(key) if key.kind == KeyKind::Primary => {
                let usual = default_primary(state, name);
                let written = (constraint.as_str() != usual).then(|| constraint.as_str());
                out.put("primary_key", key::write(object.typed(key), Dialect::Declared, written));
                continue;
            }
            TableConstraint::Key(key) => ("unique", key::write(object.typed(key), Dialect::Declared, None)),
            TableConstraint::ForeignKey(key) => {
                ("foreign_keys", foreign_key::write(object.typed(key), Dialect::Declared))
            }
            TableConstraint::Check(check) => ("checks", check::write(object.typed(check), Dialect::Declared)),
            TableConstraint::Exclusion(of) => ("exclusions", exclusion::write(object.typed(of), Dialect::Declared)),
        };
        groups.entry(group).or_default().insert(constraint.as_str().into(), value);
    }
    for group in ["unique", "foreign_keys", "checks", "exclusions"] {
        if let Some(map) = groups.remove(group) {
            out.put(group, Value::Mapping(map));
        }
    }
    let beneath = partitions.of(name).filter(|partition| is_under_its_parent(state, partition));
    let beneath: Mapping =
        beneath.map(|name| (Value::from(name.name.as_str()), table_value(parts, access, name))).collect();
    let mut value = with_what_is_on_it(out, (state, indexes), name);
    if let (Value::Mapping(map), false) = (&mut value, beneath.is_empty()) {
        map.insert("partitions".into(), Value::Mapping(beneath));
    }
    // The rows that go there are all that most partitions say.
    match (value.get("values"), value.as_mapping()) {
        (Some(values), Some(map)) if map.len() == 1 => values.clone(),
        (_, _) => value,
    }
}

/// Indexes of a state, by the relation that they are on.
type Indexes<'s> = BTreeMap<Qualified, Vec<(Qualified, Typed<'s, Index>)>>;

fn indexes(state: &State) -> Indexes<'_> {
    let mut out = Indexes::new();
    for (name, index) in state.indexes() {
        out.entry(index.table).or_default().push((name, index));
    }
    out
}

/// Writes the indexes, triggers and policies of a table, or of a view.
fn with_what_is_on_it(mut out: Out, (state, indexes): (&State, &Indexes<'_>), relation: &Qualified) -> Value {
    let own = indexes.get(relation).into_iter().flatten();
    let one = |(name, index): &(Qualified, Typed<'_, Index>)| {
        (Value::from(name.name.as_str()), index::write(*index, Dialect::Declared))
    };
    let indexes: Mapping = own.map(one).collect();
    if !indexes.is_empty() {
        out.put("indexes", Value::Mapping(indexes));
    }
    if let Some(triggers) = triggers(state, relation) {
        out.put("triggers", triggers);
    }
    if let Some(policies) = definitions_on(state, (ObjectKind::Policy, relation), policy::write) {
        out.put("policies", policies);
    }
    out.done()
}

/// Gives the group in which a kind of routines is declared, and the name of its file.
fn routine_group(kind: ObjectKind) -> Option<&'static str> {
    let groups = [(ObjectKind::Function, "functions"), (ObjectKind::Procedure, "procedures")];
    groups.into_iter().find(|(of, _)| *of == kind).map(|(_, group)| group)
}

/// Tells whether a schema has a function of that name.
fn has_function(state: &State, schema: SchemaName, name: &str) -> bool {
    let first = ObjectId::of_parts(ObjectKind::Function, &[schema.as_str(), name]);
    let next = state.objects.range(first..).next();
    next.is_some_and(|(id, _)| id.is(ObjectKind::Function) && id.home() == Some(schema) && id.own_name() == name)
}

/// Gives the triggers on a relation, those that are carried along aside.
fn triggers(state: &State, relation: &Qualified) -> Option<Value> {
    let is_declared = |name: &str| has_function(state, relation.schema, name);
    let write = |id: &ObjectId, text: &str, comment: Option<&str>| trigger::write(id, text, comment, &is_declared);
    definitions_on(state, (ObjectKind::Trigger, relation), write)
}

/// Gives the definitions of a kind on a relation, those that are carried along aside.
fn definitions_on(
    state: &State,
    (kind, relation): (ObjectKind, &Qualified),
    write: impl Fn(&ObjectId, &str, Option<&str>) -> Value,
) -> Option<Value> {
    let written = state.parts(kind, relation).filter_map(|(id, object)| {
        let text = object.definition().filter(|definition| !definition.carried)?.text()?;
        Some((id.own_name().into(), write(id, text, object.head.comment.as_deref())))
    });
    let all: Mapping = written.collect();
    (!all.is_empty()).then_some(Value::Mapping(all))
}

/// Gives the name that a primary key without a name gets when it is read; empty where something else has it, which
/// would move the number behind it.
fn default_primary(state: &State, table: &Qualified) -> String {
    let name = default_name(table.name.as_str(), "", "pkey");
    let relation = table.sibling(&name);
    let others = BTreeSet::from([
        ObjectId::index(relation),
        ObjectId::table(relation),
        ObjectId::view(relation),
        ObjectId::sequence(relation),
    ]);
    if others.iter().any(|id| state.has(id)) { String::new() } else { name }
}
