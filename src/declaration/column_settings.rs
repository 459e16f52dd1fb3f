//! Reads and writes settings of columns that are no objects of their own: those of a materialized view.
use super::{keys::Keys, value::pairs_of};
use crate::diagnostic::Code;
use crate::model::{ColumnName, ColumnSettings, Compression, Parameters, Storage, Word};
use crate::yaml::{self, Fields, Node};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// Reads `column_settings: {column: {storage: …, compression: …, statistics: …, options: {…}}}`.
pub(super) fn read(keys: &mut Keys<'_, '_>) -> BTreeMap<ColumnName, ColumnSettings> {
    let Some(node) = keys.node("column_settings") else { return BTreeMap::new() };
    let what = keys.of("column_settings");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    let mut out = BTreeMap::new();
    for entry in entries {
        keys.reader.places.set_attribute(&keys.id, format!("column_settings[{}]", entry.key), &entry.value.place);
        let settings = one(keys, &format!("`{}` in {what}", entry.key), &entry.value);
        if !settings.is_empty() {
            out.insert(ColumnName::new(&entry.key), settings);
        }
    }
    out
}

fn one(keys: &mut Keys<'_, '_>, what: &str, node: &Node) -> ColumnSettings {
    let mut settings = ColumnSettings::default();
    let all = ["storage", "compression", "statistics", "options"];
    let Some(fields) = Fields::new(node, what, &all, &mut keys.reader.out) else { return settings };
    settings.storage = fields.value("storage").and_then(|node| word::<Storage>(keys, what, "storage", node));
    settings.compression =
        fields.value("compression").and_then(|node| word::<Compression>(keys, what, "compression", node));
    if let Some(node) = fields.value("statistics") {
        let of = format!("`statistics` of {what}");
        let number = yaml::integer(node, &of, &mut keys.reader.out);
        settings.statistics = number.and_then(|number| {
            let target = i32::try_from(number).ok();
            if target.is_none() {
                keys.error(Code::WrongType, format!("{of} is {number}, which is out of range"), &node.place, "here");
            }
            target
        });
    }
    if let Some(node) = fields.value("options") {
        let of = format!("`options` of {what}");
        let entries = yaml::entries(node, &of, &mut keys.reader.out).unwrap_or_default();
        let pairs = entries.iter().filter_map(|entry| {
            let value = yaml::text(&entry.value, &of, &mut keys.reader.out)?;
            Some((entry.key.clone(), value.to_owned()))
        });
        settings.options = pairs.collect::<Parameters>();
    }
    settings
}

fn word<T: Word>(keys: &mut Keys<'_, '_>, what: &str, key: &str, node: &Node) -> Option<T> {
    let of = format!("`{key}` of {what}");
    let text = yaml::text(node, &of, &mut keys.reader.out)?;
    let found = T::of_word(text);
    if found.is_none() {
        let all = T::WORDS.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let message = format!("{of} is `{text}`, which is none of its words: {all}");
        keys.error(Code::WrongType, message, &node.place, "here");
    }
    found
}

/// Writes the settings of each column that has some.
pub(super) fn write(settings: &BTreeMap<ColumnName, ColumnSettings>) -> Value {
    let one = |(column, of): (&ColumnName, &ColumnSettings)| {
        let mut map = Mapping::new();
        if let Some(storage) = of.storage {
            map.insert("storage".into(), storage.word().into());
        }
        if let Some(method) = of.compression {
            map.insert("compression".into(), method.word().into());
        }
        if let Some(target) = of.statistics {
            map.insert("statistics".into(), target.into());
        }
        if !of.options.is_empty() {
            map.insert("options".into(), pairs_of(&of.options));
        }
        (Value::from(column.as_str()), Value::Mapping(map))
    };
    Value::Mapping(settings.iter().map(one).collect())
}
