//! Reads and writes default privileges: `default_privileges: {app_owner: {tables: {reader: [select]}}}`.
use super::reader::Reader;
use crate::canonical::{DefaultsText, parse_default_privileges};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Body, DefaultsOf, Definition, Fragment, Grantee, NewObjects, ObjectId, ObjectKind, Privilege, Right, Rights,
    SchemaName, State, add_right,
};
use crate::yaml::{self, Entry, Fields, Node, nearest};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// Key of the schemas that have default privileges of their own.
const IN_SCHEMA: &str = "in_schema";

/// Reads the default privileges of one role.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let role = reader.name(&entry.key, "a role", &entry.key_place).to_owned();
    if role == Grantee::Public.name() {
        let message = "`public` makes no objects: default privileges are those of a role";
        let help = "name the role whose new objects are meant, and under each kind of objects who gets what";
        return reader.out.push(Diagnostic::error(Code::Name, message).at(&entry.key_place, "no role").help(help));
    }
    let what = format!("the default privileges of {role}");
    let keys: Vec<&str> = NewObjects::ALL.iter().map(|on| on.key()).chain([IN_SCHEMA]).collect();
    let Some(fields) = Fields::new(&entry.value, &what, &keys, &mut reader.out) else { return };
    each(reader, &fields, (&role, None));
    let Some(node) = fields.value(IN_SCHEMA) else { return };
    for of_schema in yaml::entries(node, &format!("`{IN_SCHEMA}` of {what}"), &mut reader.out).unwrap_or_default() {
        let schema = SchemaName::new(reader.name(&of_schema.key, "a schema", &of_schema.key_place));
        let what = format!("{what} in schema {schema}");
        let keys = NewObjects::ALL.iter().filter(|on| on.live_in_schemas() || of_schema.value.get(on.key()).is_some());
        let keys: Vec<&str> = keys.map(|on| on.key()).collect();
        if let Some(fields) = Fields::new(&of_schema.value, &what, &keys, &mut reader.out) {
            each(reader, &fields, (&role, Some(schema)));
        }
    }
}

/// Reads each kind of objects.
fn each(reader: &mut Reader, fields: &Fields<'_>, (role, schema): (&str, Option<SchemaName>)) {
    for on in NewObjects::ALL {
        let Some(entry) = fields.take(on.key()) else { continue };
        if schema.is_some() && !on.live_in_schemas() {
            let message = format!("{} are in no schema, and have no default privileges in one", on.words());
            let help = format!("write `{}` beside `{IN_SCHEMA}`", on.key());
            let wrong = Diagnostic::error(Code::Contradiction, message).at(&entry.key_place, "in no schema");
            reader.out.push(wrong.help(help));
            continue;
        }
        one(reader, DefaultsOf { role: role.to_owned(), schema, on }, entry);
    }
}

/// Reads who gets what on new objects of one kind.
fn one(reader: &mut Reader, of: DefaultsOf, entry: &Entry) {
    let id = of.id();
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the default privileges {}", id.short());
    let Some(entries) = yaml::entries(&entry.value, &what, &mut reader.out) else { return };
    let (mut said, mut whole) = (DefaultsText { privileges: of.usual(), of }, true);
    for grantee in entries {
        reader.name(&grantee.key, "a role", &grantee.key_place);
        match rights(reader, &said.of, (grantee, &what)) {
            Some(rights) => drop(said.privileges.grants.insert(Grantee::named(&grantee.key), rights)),
            None => whole = false,
        }
    }
    said.privileges.grants.retain(|_, rights| !rights.is_empty());
    let text = said.print();
    if whole && text.is_empty() {
        let message = format!("{what} are what PostgreSQL gives without them");
        let wrong = Diagnostic::error(Code::Inert, message).at(&entry.key_place, "nothing is given or taken here");
        reader.out.push(wrong.help("say who gets what else, or take it out"));
    } else if whole {
        let body = Body::Definition(Definition::declared(Fragment::written(text)));
        reader.insert(id, Some(body.into()));
    }
}

/// Reads the rights of one grantee; `None` where there is a mistake.
fn rights(reader: &mut Reader, of: &DefaultsOf, (grantee, what): (&Entry, &str)) -> Option<Rights> {
    let who = format!("`{}` of {what}", grantee.key);
    let texts = yaml::texts(&grantee.value, &who, &mut reader.out)?;
    if texts.is_empty() && of.schema.is_some() {
        let message = format!("{who} is to get nothing, and default privileges in a schema take nothing away");
        let help = "they are added to those that the role's objects get anywhere: take away beside `in_schema`";
        let wrong = Diagnostic::error(Code::Contradiction, message).at(&grantee.value.place, "nothing is taken here");
        reader.out.push(wrong.help(help));
        return None;
    }
    let (known, mut rights, mut whole) = (of.privileges(), Rights::new(), true);
    for (text, node) in texts {
        let right = Right::parse(text.trim());
        match right.filter(|right| right.granted_by.is_none() && known.contains(&right.privilege)) {
            Some(right) if right.with_option && grantee.key == Grantee::Public.name() => {
                let message = format!("`{text}` of {who}: nobody can let everybody give a privilege on");
                reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&node.place, "no grant option"));
                whole = false;
            }
            Some(right) => add_right(&mut rights, right),
            None => {
                refuse(reader, (text, node), &who, (of.on, &known));
                whole = false;
            }
        }
    }
    whole.then_some(rights)
}

fn refuse(reader: &mut Reader, (text, node): (&str, &Node), who: &str, (on, known): (NewObjects, &[Privilege])) {
    let mut words: Vec<String> = known.iter().map(ToString::to_string).collect();
    words.sort();
    let near = nearest(text.split(' ').next().unwrap_or_default(), words.iter().map(String::as_str));
    let label = match near {
        Some(word) => format!("`{word}` is one"),
        None => format!("one of {}, as `{1}` or `{1} with grant option`", words.join(", "), words[0]),
    };
    let message = format!("`{text}` of {who} is no privilege that {} have", on.words());
    reader.out.push(Diagnostic::error(Code::WrongType, message).at(&node.place, label));
}

/// Writes the default privileges of a state, those that are carried along aside: by role; none where there are none.
pub(super) fn write(state: &State) -> Option<Value> {
    let (mut roles, mut of_schemas) = (Groups::new(), BTreeMap::<String, Groups>::new());
    for on in NewObjects::ALL {
        for said in said(state).filter(|said| said.of.on == on) {
            let own = roles.entry(said.of.role.clone()).or_default();
            let place = match &said.of.schema {
                Some(schema) => {
                    of_schemas.entry(said.of.role.clone()).or_default().entry(schema.to_string()).or_default()
                }
                None => own,
            };
            place.insert(on.key().into(), grants(&said));
        }
    }
    for (role, schemas) in of_schemas {
        roles.entry(role).or_default().insert(IN_SCHEMA.into(), mapping(schemas));
    }
    (!roles.is_empty()).then(|| mapping(roles))
}

/// Mappings by name.
type Groups = BTreeMap<String, Mapping>;

fn mapping(groups: Groups) -> Value {
    Value::Mapping(groups.into_iter().map(|(name, map)| (name.into(), Value::Mapping(map))).collect())
}

/// Gives the default privileges of a state that plans change.
fn said(state: &State) -> impl Iterator<Item = DefaultsText> {
    let of_kind = state.objects.range(ObjectId::first_of(ObjectKind::DefaultPrivileges)..);
    let of_kind = of_kind.take_while(|(id, _)| id.is(ObjectKind::DefaultPrivileges));
    let definitions = of_kind.filter_map(|(_, object)| object.definition().filter(|definition| !definition.carried));
    definitions.filter_map(|definition| parse_default_privileges(definition.text()?).ok())
}

/// Writes who gets what: whoever has something else than PostgreSQL gives.
fn grants(said: &DefaultsText) -> Value {
    let rights = |who: &Grantee| said.privileges.grants.get(who).into_iter().flatten();
    let list = |who: &Grantee| Value::Sequence(rights(who).map(|right| right.to_string().into()).collect());
    let changes = said.changes();
    Value::Mapping(changes.iter().map(|change| (change.grantee.name().into(), list(&change.grantee))).collect())
}
