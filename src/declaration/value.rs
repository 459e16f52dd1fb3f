//! Builds the YAML of one object: what is at its default is left out.
use super::reader::Dialect;
use crate::model::{Fragment, Parameters};
use serde_yaml::{Mapping, Value};

/// Mapping of an object while it is written: what is at its default is left out.
pub(super) struct Out {
    pub(super) map: Mapping,
    dialect: Dialect,
}

impl Out {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { map: Mapping::new(), dialect }
    }

    pub(super) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.map.insert(Value::String(key.to_owned()), value.into());
    }

    pub(super) fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    pub(super) fn flag(&mut self, key: &str, set: bool) {
        if set {
            self.put(key, true);
        }
    }

    pub(super) fn list<T: AsRef<str>>(&mut self, key: &str, items: impl IntoIterator<Item = T>) {
        let items = texts(items);
        if !items.is_empty() {
            self.put(key, Value::Sequence(items));
        }
    }

    pub(super) fn parameters(&mut self, key: &str, pairs: &Parameters) {
        if !pairs.is_empty() {
            self.put(key, pairs_of(pairs));
        }
    }

    pub(super) fn sql(&mut self, key: &str, fragment: &Fragment) {
        let value = self.fragment(fragment);
        self.put(key, value);
    }

    pub(super) fn fragment(&self, fragment: &Fragment) -> Value {
        match self.dialect {
            Dialect::Declared => fragment.sql().into(),
            Dialect::State => both_texts(fragment),
        }
    }

    pub(super) fn is_state(&self) -> bool {
        self.dialect == Dialect::State
    }

    /// Gives the value itself in a declaration, where nothing else is said; the mapping otherwise.
    pub(super) fn done_or_only(mut self, key: &str) -> Value {
        let only = !self.is_state() && self.map.len() == 1;
        let value = if only { self.map.remove(key) } else { None };
        value.unwrap_or_else(|| self.done())
    }

    pub(super) fn done(self) -> Value {
        Value::Mapping(self.map)
    }
}

pub(super) fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Vec<Value> {
    items.into_iter().map(|item| Value::String(item.as_ref().to_owned())).collect()
}

pub(super) fn pairs_of(pairs: &Parameters) -> Value {
    Value::Mapping(pairs.iter().map(|(k, v)| (Value::String(k.clone()), scalar(v))).collect())
}

/// Writes a number or a truth value without quotes, where reading gives back the same text.
fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => number.into(),
            Ok(_) | Err(_) => text.into(),
        },
    }
}

/// Writes a string where both texts are one, a mapping otherwise.
fn both_texts(fragment: &Fragment) -> Value {
    match fragment.as_settled() {
        Some(settled) if settled == fragment.as_written() => settled.into(),
        settled => {
            let mut map = Mapping::new();
            map.insert("declared".into(), fragment.as_written().into());
            if let Some(settled) = settled {
                map.insert("settled".into(), settled.into());
            }
            Value::Mapping(map)
        }
    }
}
