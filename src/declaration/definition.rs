//! Reads and writes definitions in both dialects: a kind's own form ends here as the statement that makes the object.
//! Plan files have one form for all kinds; a declaration lists under `opaque:` what is carried along.
use super::{
    attributes, carried_view, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::SqlError;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Body, CarriedForm, Definition, Fragment, Head, Object, ObjectId, Qualified, Typed};
use crate::yaml::{Entry, Node, Value as Yaml};
use serde_yaml::Value;
use std::cell::RefCell;

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &[],
    state: &["create", "carried", "form", "comment", "owner", "grants", "column_grants", "depends_on"],
    later: &[],
};

/// Reads a definition as a plan file has it; its key is its identity.
pub(super) fn read_state(reader: &mut Reader, entry: &Entry) {
    let Some(id) = ObjectId::parse(&entry.key) else { return not_an_identity(reader, entry) };
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &entry.key, &entry.value, &KEYS) else { return };
    let create = keys.sql("create", |text| Ok(text.to_owned()));
    let definition = Definition { create, carried: keys.flag("carried"), form: form(&mut keys) };
    let head = head::read(&mut keys);
    if definition.form == Some(CarriedForm::MaterializedView) {
        return carried_view::take(reader, &id, (head, definition.create), &entry.key_place);
    }
    reader.insert(id, Some(Object { head, body: Body::Definition(definition) }));
}

/// Reads what is carried along, as a declaration lists it: the statements that make it.
pub(super) fn read_carried(reader: &mut Reader, entry: &Entry) {
    let Some((id, form)) = CarriedForm::parse_listed(&entry.key) else { return not_an_identity(reader, entry) };
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let create = match &entry.value.value {
        Yaml::Null => None,
        Yaml::Mapping(entries) if entries.is_empty() => None,
        Yaml::Scalar { text, style: _ } => Some(Fragment::written(text.as_str())),
        Yaml::Sequence(_) | Yaml::Mapping(_) => {
            let expected = "the statements that make it, as `import` writes them";
            return reader.wrong_shape(&entry.value, &entry.key, expected);
        }
    };
    if form == Some(CarriedForm::MaterializedView) {
        let name = id.short();
        carried_view::take(reader, &id, (Head::default(), create), &entry.key_place);
        let message = format!("materialized view {name} is listed under `opaque:`, as earlier imports wrote it");
        let help = "it is read as it says; to change it, declare it under `materialized_views:` and take it out here \
                    (an import into an empty folder writes it so)";
        return reader.out.push(Diagnostic::warning(Code::Inert, message).at(&entry.key_place, "here").help(help));
    }
    reader.insert(id, Some(Body::Definition(Definition { create, carried: true, form }).into()));
}

fn not_an_identity(reader: &mut Reader, entry: &Entry) {
    let message = format!("`{}` is not the identity of an opaque object", entry.key);
    reader.out.push(Diagnostic::error(Code::Name, message).at(&entry.key_place, "here"));
}

/// Reads the form, which identities of kinds that are modelled have where they are carried along.
fn form(keys: &mut Keys<'_, '_>) -> Option<CarriedForm> {
    let text = keys.text("form");
    let form = text.as_deref().and_then(CarriedForm::parse).filter(|form| keys.id.is(form.kind()));
    if form.is_none() && (text.is_some() || !keys.id.kind().is_definition()) {
        let message = format!("{} has no form in which it could be carried along", keys.what);
        let place = keys.place.clone();
        keys.error(Code::Name, message, &place, "here");
    }
    form
}

impl InState for Definition {
    fn in_state(of: Typed<'_, Self>) -> Value {
        let Definition { create, carried, form } = of.own;
        let mut out = Out::new(Dialect::State);
        if let Some(create) = create {
            out.sql("create", create);
        }
        out.flag("carried", *carried);
        out.text("form", form.map(CarriedForm::word));
        head::write(&mut out, of.head);
        out.done()
    }
}

/// Reads the whole statement, written under `create:`.
pub(super) fn whole<T>(keys: &mut Keys<'_, '_>, parse: impl Fn(&str) -> Result<T, SqlError>) -> Option<T> {
    let node = keys.node("create")?;
    let what = keys.of("create");
    for (key, place) in keys.beside(&["create", "comment", "owner", "grants", "renamed_from"]) {
        let message = format!("`{key}` of {} stands beside its whole statement", keys.what);
        keys.error(Code::Contradiction, message, &place, "write it in the statement");
    }
    parsed(keys.reader, node, &what, |text| parse(text.trim_end().trim_end_matches(';')))
}

/// Refuses a whole statement that is about another object than its key and its table say: `said` is the name and the
/// relation, as SQL.
pub(super) fn is_about(keys: &mut Keys<'_, '_>, table: &Qualified, (name, relation): (&str, &str)) -> bool {
    let on = [table.to_string(), Qualified::new("", table.name.as_str()).name.to_string()];
    if name == keys.id.own_name() && on.iter().any(|table| table == relation) {
        return true;
    }
    let (place, word) = (keys.key_place("create"), keys.id.word());
    let message = format!("{} makes the {word} {name} on {relation}", keys.of("create"));
    let help = format!("a {word} stands under its table, and its key is its name");
    keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&place, "another one").help(help));
    false
}

/// Parses a piece of SQL by `parse`, and reports what is wrong with it.
pub(super) fn parsed<T>(
    reader: &mut Reader,
    node: &Node,
    what: &str,
    parse: impl Fn(&str) -> Result<T, SqlError>,
) -> Option<T> {
    let read = RefCell::new(None);
    reader.declared_sql(node, what, |text| {
        *read.borrow_mut() = Some(parse(text)?);
        Ok(text.to_owned())
    });
    read.into_inner()
}

/// Takes a declared definition into the state, if all of it could be read.
pub(super) fn insert(mut keys: Keys<'_, '_>, text: Option<String>, check: impl Fn(&str) -> Result<(), SqlError>) {
    let head = head::read(&mut keys);
    let Some(text) = text else { return };
    if let Err(error) = check(&text) {
        let message = format!("{} is not SQL that PostgreSQL reads: {}", keys.what, error.message);
        let place = keys.place.clone();
        return keys.error(Code::Sql, message, &place, "here");
    }
    let body = Body::Definition(Definition::declared(Fragment::written(text)));
    let id = keys.id;
    keys.reader.insert(id, Some(Object { head, body }));
}
