//! Reads and writes enum types.
use super::{
    attributes, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, texts},
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Body, Enumeration, Head, Object, ObjectId, Qualified, Typed, is_aside};
use crate::yaml::{Entry, Value as Yaml};
use serde_yaml::Value;
use std::collections::BTreeMap;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Enumeration>,
    both: &["labels", "comment", "owner", "grants"],
    declared: &["renamed_from", "renamed_labels"],
    state: &[],
    later: &[],
};

/// Reads a list of labels, or a mapping with `labels`.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::enumeration(name);
    reader.name(&entry.key, "an enum", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    let what = format!("the enum {}", entry.key);
    let (mut head, mut enumeration) = (Head::default(), Enumeration::default());
    if reader.is_declared() && matches!(entry.value.value, Yaml::Sequence(_)) {
        let null = crate::yaml::Node { value: Yaml::Null, place: entry.value.place.clone(), in_flow: false };
        let Some(mut keys) = Keys::new(reader, &id, &what, &null, &KEYS) else { return };
        enumeration.labels = keys.texts_of("labels", &entry.value).unwrap_or_default();
        check_labels(&mut keys, &enumeration.labels);
    } else {
        if reader.is_declared() && !matches!(entry.value.value, Yaml::Mapping(_)) {
            return reader.wrong_shape(&entry.value, &what, "a list of labels, or a mapping");
        }
        let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
        if !keys.has("labels") && keys.reader.is_declared() {
            keys.missing("labels");
        }
        enumeration.labels = keys.texts("labels").unwrap_or_default();
        head = head::read(&mut keys);
        keys.directives(|old| ObjectId::enumeration(name.sibling(old)));
        check_labels(&mut keys, &enumeration.labels);
        renamed_labels(&mut keys, &enumeration.labels);
    }
    reader.insert(id, Some(Object { head, body: Body::Enumeration(enumeration) }));
}

fn check_labels(keys: &mut Keys<'_, '_>, labels: &[String]) {
    let declared = keys.reader.is_declared();
    for (at, label) in labels.iter().enumerate().filter(|_| declared) {
        let place = |keys: &Keys<'_, '_>, at: usize| {
            keys.reader.places.attribute(&keys.id, &format!("labels[{at}]")).unwrap_or(&keys.place).clone()
        };
        if let Some(first) = labels[..at].iter().position(|l| l == label) {
            let (here, first) = (place(keys, at), place(keys, first));
            let message = format!("{} has the label {label} twice", keys.what);
            keys.reader
                .out
                .push(Diagnostic::error(Code::DuplicateName, message).at(&here, "again here").at(&first, "first here"));
        }
        if is_aside(label) {
            let here = place(keys, at);
            let message =
                format!("the label {label} of {} is of the form that pgform gives to what it sets aside", keys.what);
            let error = Diagnostic::error(Code::Name, message).at(&here, "this label");
            keys.reader.out.push(error.help("leave it out: it stays in the database as long as a row may hold it"));
        }
        if label.len() > 63 || label.contains('\0') {
            let here = place(keys, at);
            let message = format!("a label of {} must have at most 63 bytes and no NUL", keys.what);
            keys.error(Code::Name, message, &here, "this label");
        }
    }
}

/// Reads `renamed_labels: {new: old}`, read like `renamed_from`.
fn renamed_labels(keys: &mut Keys<'_, '_>, labels: &[String]) {
    if !keys.has("renamed_labels") {
        return;
    }
    let mut old_to_new = BTreeMap::new();
    for (new, old) in keys.parameters("renamed_labels") {
        let place = keys.reader.places.attribute(&keys.id, &format!("renamed_labels[{new}]")).cloned();
        let place = place.unwrap_or_else(|| keys.place.clone());
        if !labels.contains(&new) {
            let message = format!("`renamed_labels` of {} names {new}, which is none of its labels", keys.what);
            keys.reader.out.push(
                Diagnostic::error(Code::NotDeclared, message)
                    .at(&place, "renamed from this")
                    .help("it is written `{new: old}`, and the new label stands in `labels`"),
            );
        } else if labels.contains(&old) {
            let message = format!("{} still has the label {old}, which `renamed_labels` says is now {new}", keys.what);
            keys.error(Code::Contradiction, message, &place, "the old label");
        }
        old_to_new.insert(old, new);
    }
    let place = keys.key_place("renamed_labels");
    keys.direct(place, |directives| directives.renamed_labels = old_to_new);
}

impl InState for Enumeration {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(enumeration: Typed<'_, Enumeration>, dialect: Dialect) -> Value {
    let Enumeration { labels } = enumeration.own;
    // Labels that were set aside are declared by nobody; a plan file says what is there.
    let shown = |label: &&String| dialect != Dialect::Declared || !is_aside(label);
    let labels: &Vec<String> = &labels.iter().filter(shown).cloned().collect();
    if dialect == Dialect::Declared && enumeration.head.comment.is_none() {
        return Value::Sequence(texts(labels));
    }
    let mut out = Out::new(dialect);
    out.put("labels", Value::Sequence(texts(labels)));
    head::write(&mut out, enumeration.head);
    out.done()
}
