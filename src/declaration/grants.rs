//! Reads and writes the rights on an object: `grants: {app: [select, "update (title)"], exact: true}`.
use super::{keys::Keys, reader::Reader};
use crate::canonical::parse_table_columns;
use crate::diagnostic::{Code, with_article};
use crate::model::{
    ColumnName, Grantee, Object, ObjectId, ObjectKind, Privilege, Privileges, Right, Rights, add_right,
};
use crate::yaml::{self, Entry, Node, Value as Yaml, nearest};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Key that says that the named grantees are all: what a role called so has is a list.
pub(super) const EXACT: &str = "exact";

type OfColumns = BTreeMap<ColumnName, Privileges>;

/// Reads the rights on an object and on its columns; a map manages the grantees that it names.
pub(super) fn read(keys: &mut Keys<'_, '_>, key: &'static str, owner: Option<&str>) -> (Option<Privileges>, OfColumns) {
    let Some(node) = keys.node(key) else { return (None, OfColumns::new()) };
    let (own, mut of_columns) = one(keys, key, node);
    if own.exact && keys.reader.is_declared() {
        if owner.is_none() {
            let (place, message) = (keys.key_place(key), format!("{} says `exact`, and not whose it is", keys.of(key)));
            keys.error(Code::MissingKey, message, &place, "write `owner: ROLE` beside it: the owner keeps its rights");
            return (None, OfColumns::new());
        }
        of_columns.values_mut().for_each(|of| of.exact = true);
    }
    (Some(own), of_columns)
}

/// Completes what is said of privileges where the declaration says that it is all: whoever is not named has what
/// PostgreSQL gives on a new object, and nothing else. Where a map says `exact` itself, that holds.
pub(super) fn complete(reader: &mut Reader) {
    let Some(place) = reader.complete_grants.clone() else { return };
    let all = |(id, object): &(&ObjectId, &Option<Object>)| {
        let declared = object.as_ref().is_some_and(|object| !object.is_carried());
        declared && id.kind().word_in_grant().is_some() && !reader.named_alone.contains(id)
    };
    let whole: BTreeSet<ObjectId> = reader.objects.iter().filter(all).map(|(id, _)| *id).collect();
    for (id, object) in &mut reader.objects {
        let Some(object) = object else { continue };
        if let Some((table, _)) = id.as_column() {
            if whole.contains(&ObjectId::table(table)) {
                object.head.privileges.get_or_insert_default().exact = true;
            }
        } else if whole.contains(id) {
            let said = object.head.privileges.take().unwrap_or_default();
            object.head.privileges = Some(if said.exact { said } else { said.over(Privileges::as_made(id, None)) });
            object.head.column_privileges.values_mut().for_each(|of| of.exact = true);
            if reader.places.written(id, "grants").is_none() {
                reader.places.set_attribute(id, "grants", &place);
            }
        }
    }
}

/// Reads what plans write of the columns of what has no columns of their own.
pub(super) fn of_columns(keys: &mut Keys<'_, '_>) -> OfColumns {
    let Some(node) = keys.node("column_grants") else { return OfColumns::new() };
    let what = keys.of("column_grants");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    entries.iter().map(|entry| (ColumnName::new(&entry.key), one(keys, "column_grants", &entry.value).0)).collect()
}

fn one(keys: &mut Keys<'_, '_>, key: &str, node: &Node) -> (Privileges, OfColumns) {
    let (mut own, mut of_columns) = (Privileges::default(), OfColumns::new());
    let what = keys.of(key);
    for entry in yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default() {
        if entry.key == EXACT && matches!(entry.value.value, Yaml::Scalar { .. }) {
            own.exact =
                yaml::boolean(&entry.value, &format!("`{EXACT}` of {what}"), &mut keys.reader.out).unwrap_or(false);
            if !own.exact {
                keys.reader.named_alone.insert(keys.id);
            }
            continue;
        }
        let grantee = Grantee::named(&entry.key);
        let texts = keys.texts_of(&format!("{key}[{}]", entry.key), &entry.value).unwrap_or_default();
        let mut rights = Rights::new();
        for (at, text) in texts.iter().enumerate() {
            let read = match keys.reader.is_declared() {
                true => split(text),
                false => Right::parse(text).map(|right| (right, BTreeSet::new())),
            };
            match read {
                Some((right, columns)) if is_of(keys, &right, !columns.is_empty()) => {
                    if columns.is_empty() {
                        add_right(&mut rights, right.clone());
                    }
                    for column in columns {
                        let of: &mut Privileges = of_columns.entry(column).or_default();
                        add_right(of.grants.entry(grantee.clone()).or_default(), right.clone());
                    }
                }
                _ => refuse(keys, &what, entry, at, text),
            }
        }
        own.grants.insert(grantee, rights);
    }
    (own, of_columns)
}

/// Splits `update (title, body) with grant option` into the right and the columns that it is for.
fn split(text: &str) -> Option<(Right, BTreeSet<ColumnName>)> {
    const OPTION: &str = " with grant option";
    let Some((word, columns)) = text.split_once('(') else {
        return Some((Right::parse(text.trim())?, BTreeSet::new()));
    };
    let (columns, option) = match columns.strip_suffix(OPTION) {
        Some(columns) => (columns, OPTION),
        None => (columns, ""),
    };
    let named = parse_table_columns(&format!("t ({columns}")).ok()?;
    let columns = named.columns.into_iter().map(ColumnName::new).collect();
    Some((Right::parse(&format!("{}{option}", word.trim_end()))?, columns))
}

/// Tells whether an object of the kind, or a column of it, has the privilege; a declaration gives as the owner.
fn is_of(keys: &Keys<'_, '_>, right: &Right, of_column: bool) -> bool {
    const OF_COLUMNS: [&str; 4] = ["select", "insert", "update", "references"];
    let kind = keys.id.kind();
    let has_columns = matches!(kind, ObjectKind::Table | ObjectKind::View);
    let owners = || {
        let mut words = of_kind(kind).filter(|word| !of_column || has_columns && OF_COLUMNS.contains(word));
        right.granted_by.is_none() && words.any(|word| right.privilege == Privilege::Known(word))
    };
    !keys.reader.is_declared() || owners()
}

/// Gives the privileges that a kind has.
fn of_kind(kind: ObjectKind) -> impl Iterator<Item = &'static str> {
    let owners = Privileges::by_default(kind, Some("owner"));
    let is_table = kind.word_in_grant() == Some("table");
    Privilege::words().filter(move |word| {
        let known = owners.grants.values().flatten().any(|right| right.privilege == Privilege::Known(word));
        known || is_table && *word == "maintain"
    })
}

fn refuse(keys: &mut Keys<'_, '_>, what: &str, entry: &Entry, at: usize, text: &str) {
    let words: Vec<&str> = of_kind(keys.id.kind()).collect();
    let item = if let Yaml::Sequence(items) = &entry.value.value { items.get(at) } else { None };
    let place = item.map_or(&entry.value.place, |item| &item.place);
    let near = nearest(text.split(' ').next().unwrap_or_default(), words.iter().copied());
    let label = match near {
        Some(word) => format!("`{word}` is one"),
        None => format!("one of {}, as `select`, `\"update (title)\"` or `select with grant option`", words.join(", ")),
    };
    let message = format!("`{text}` of {what} is no privilege that {} has", with_article(keys.id.word()));
    keys.error(Code::WrongType, message, &place.clone(), &label);
}

/// Writes the privileges as plans have them: every grantee, and that these are all.
pub(super) fn write(privileges: &Privileges) -> Value {
    let mut map = Mapping::new();
    if privileges.exact {
        map.insert(EXACT.into(), true.into());
    }
    for (grantee, rights) in &privileges.grants {
        let list = rights.iter().map(|right| Value::from(right.to_string())).collect();
        map.insert(grantee.name().into(), Value::Sequence(list));
    }
    Value::Mapping(map)
}
