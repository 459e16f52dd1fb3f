//! Reads the keys of one object's mapping: every mistake is collected, every attribute's place noted.
use super::{
    Directives,
    reader::{Dialect, Reader},
};
use crate::canonical::SqlError;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{ColumnName, Fragment, Keyed, ObjectId, Parameters};
use crate::yaml::{self, Entry, Fields, Node, Value, nearest};

/// Keys that a kind takes.
pub(super) struct Allowed {
    /// Keys in both dialects, beside the attributes that the list of the kind's gives.
    pub(super) both: &'static [&'static str],
    /// Attributes of the kind, by the form of their keys.
    pub(super) attributes: fn() -> Vec<(&'static str, Keyed)>,
    /// Keys in the declaration alone.
    pub(super) declared: &'static [&'static str],
    /// Keys in plan files alone: what a declaration does not manage.
    pub(super) state: &'static [&'static str],
    /// Keys that are not modelled, or not offered yet: in the declaration an error that says so.
    pub(super) later: &'static [(&'static str, &'static str)],
}

/// Mapping of an object while it is read: every mistake is collected, every attribute's place noted.
pub(super) struct Keys<'n, 'r> {
    pub(super) reader: &'r mut Reader,
    pub(super) id: ObjectId,
    pub(super) what: String,
    pub(super) place: Place,
    entries: &'n [Entry],
}

impl<'n, 'r> Keys<'n, 'r> {
    /// The keys of an object; `None` if it is no mapping.
    pub(super) fn new(
        reader: &'r mut Reader,
        id: &ObjectId,
        what: &str,
        node: &'n Node,
        allowed: &Allowed,
    ) -> Option<Self> {
        let in_plans = reader.dialect == Dialect::State;
        let here = |key: Keyed| key == Keyed::Everywhere || (key == Keyed::InPlans && in_plans);
        let attributes = (allowed.attributes)().into_iter().filter(|(_, key)| here(*key)).map(|(name, _)| name);
        let mut keys: Vec<&str> = allowed.both.iter().copied().chain(attributes).collect();
        match reader.dialect {
            Dialect::Declared => {
                keys.extend(allowed.declared);
                // Only those that are written, so that the help for an unknown key names what can be written.
                keys.extend(allowed.later.iter().map(|(key, _)| *key).filter(|key| node.get(key).is_some()));
            }
            Dialect::State => keys.extend(allowed.state),
        }
        Fields::new(node, what, &keys, &mut reader.out)?;
        let entries: &'n [Entry] = match &node.value {
            Value::Mapping(entries) => entries,
            Value::Null | Value::Scalar { text: _, style: _ } | Value::Sequence(_) => &[],
        };
        let mut keys = Self { reader, id: *id, what: what.to_owned(), place: node.place.clone(), entries };
        keys.refuse_later(allowed);
        Some(keys)
    }

    fn refuse_later(&mut self, allowed: &Allowed) {
        let declared = self.reader.is_declared();
        for entry in self.entries.iter().filter(|_| declared) {
            if let Some((_, why)) = allowed.later.iter().find(|(key, _)| *key == entry.key) {
                self.reader.out.push(
                    Diagnostic::error(Code::NotDeclarable, format!("`{}` of {}: {why}", entry.key, self.what))
                        .at(&entry.key_place, "not in a declaration yet"),
                );
            }
        }
    }

    /// Gives the value of a key, its place noted.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|e| e.key == key)?;
        self.reader.places.set_attribute(&self.id, key, &entry.value.place);
        Some(&entry.value)
    }

    /// Gives the keys that are written beside these, each with its place.
    pub(super) fn beside(&self, keys: &[&str]) -> Vec<(String, Place)> {
        let others = self.entries.iter().filter(|entry| !keys.contains(&entry.key.as_str()));
        others.map(|entry| (entry.key.clone(), entry.key_place.clone())).collect()
    }

    /// Tells whether the key is written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|e| e.key == key)
    }

    /// Gives the place of the key.
    pub(super) fn key_place(&self, key: &str) -> Place {
        self.entries.iter().find(|e| e.key == key).map_or_else(|| self.place.clone(), |e| e.key_place.clone())
    }

    pub(super) fn error(&mut self, code: Code, message: impl Into<String>, place: &Place, label: &str) {
        self.reader.out.push(Diagnostic::error(code, message).at(place, label));
    }

    pub(super) fn missing(&mut self, key: &str) {
        let message = format!("{} has no `{key}`", self.what);
        let place = self.place.clone();
        self.error(Code::MissingKey, message, &place, &format!("`{key}` is missing here"));
    }

    /// Names an attribute of the object: `the query of the view v`.
    pub(super) fn of(&self, key: &str) -> String {
        format!("`{key}` of {}", self.what)
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        let what = self.of(key);
        let text = yaml::text(node, &what, &mut self.reader.out)?;
        if text.contains('\0') {
            self.error(
                Code::WrongType,
                format!("{what} has a NUL byte, which no text in PostgreSQL can hold"),
                &node.place,
                "here",
            );
        }
        Some(text.to_owned())
    }

    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        self.maybe_flag(key).unwrap_or(false)
    }

    pub(super) fn maybe_flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        let what = self.of(key);
        yaml::boolean(node, &what, &mut self.reader.out)
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Option<i64> {
        let node = self.node(key)?;
        let what = self.of(key);
        yaml::integer(node, &what, &mut self.reader.out)
    }

    /// Reads a number that fits a smaller type.
    pub(super) fn small<T: TryFrom<i64>>(&mut self, key: &'static str) -> Option<T> {
        let number = self.integer(key)?;
        let value = T::try_from(number).ok();
        if value.is_none() {
            let (message, place) =
                (format!("{} is {number}, which is out of range", self.of(key)), self.key_place(key));
            self.error(Code::WrongType, message, &place, "here");
        }
        value
    }

    /// Reads a fragment of SQL: checked in a declaration, both texts in a plan.
    pub(super) fn sql(
        &mut self,
        key: &'static str,
        check: impl Fn(&str) -> Result<String, SqlError>,
    ) -> Option<Fragment> {
        let node = self.node(key)?;
        let what = self.of(key);
        self.reader.fragment(node, &what, check)
    }

    /// Reads one of several words.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let place = self.reader.places.attribute(&self.id, key).cloned().unwrap_or_else(|| self.place.clone());
            let all = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let spelled = text.to_lowercase().replace('_', " ");
            let help = match nearest(&spelled, words.iter().map(|(word, _)| *word)) {
                Some(near) => format!("did you mean `{near}`? it is one of {all}"),
                None => format!("it is one of {all}"),
            };
            let message = format!("{} is `{text}`, which is none of its words", self.of(key));
            self.reader.out.push(Diagnostic::error(Code::WrongType, message).at(&place, "here").help(help));
        }
        found
    }

    /// Reads a list of texts; each item's place is noted as `key[n]`.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.node(key)?;
        self.texts_of(key, node)
    }

    pub(super) fn texts_of(&mut self, key: &str, node: &Node) -> Option<Vec<String>> {
        let what = self.of(key);
        let texts = yaml::texts(node, &what, &mut self.reader.out)?;
        for (at, (_, item)) in texts.iter().enumerate() {
            self.reader.places.set_attribute(&self.id, format!("{key}[{at}]"), &item.place);
        }
        Some(texts.into_iter().map(|(text, _)| text.to_owned()).collect())
    }

    pub(super) fn columns(&mut self, key: &'static str) -> Vec<ColumnName> {
        self.texts(key).unwrap_or_default().into_iter().map(ColumnName::new).collect()
    }

    /// Reads parameters by name; a value is any scalar, as written.
    pub(super) fn parameters(&mut self, key: &'static str) -> Parameters {
        let Some(node) = self.node(key) else { return Parameters::default() };
        let what = self.of(key);
        let entries = yaml::entries(node, &what, &mut self.reader.out).unwrap_or_default();
        let mut out = Parameters::default();
        for entry in entries {
            self.reader.places.set_attribute(&self.id, format!("{key}[{}]", entry.key), &entry.value.place);
            let of = format!("`{}` of {what}", entry.key);
            if let Some(value) = yaml::text(&entry.value, &of, &mut self.reader.out) {
                out.insert(entry.key.clone(), value.to_owned());
            }
        }
        out
    }

    /// Reads the directives of an object; `old` makes the old identity from the old name.
    pub(super) fn directives(&mut self, old: impl Fn(&str) -> ObjectId) {
        if !self.reader.is_declared() {
            return;
        }
        let renamed_from = self.text("renamed_from").map(|name| {
            let place = self.reader.places.attribute(&self.id, "renamed_from").cloned();
            let place = place.unwrap_or_else(|| self.place.clone());
            let what = self.what.clone();
            old(self.reader.name(&name, &what, &place))
        });
        if let Some(old) = renamed_from {
            let place = self.key_place("renamed_from");
            self.direct(place, |directives| directives.renamed_from = Some(old));
        }
    }

    /// Notes a directive at a place.
    pub(super) fn direct(&mut self, place: Place, set: impl FnOnce(&mut Directives)) {
        let directives = self.reader.directives.entry(self.id).or_default();
        set(directives);
        directives.place.get_or_insert(place);
    }
}

impl Reader {
    /// Reads a fragment of either dialect.
    pub(super) fn fragment(
        &mut self,
        node: &Node,
        what: &str,
        check: impl Fn(&str) -> Result<String, SqlError>,
    ) -> Option<Fragment> {
        if self.is_declared() {
            return self.declared_sql(node, what, check);
        }
        if !matches!(node.value, Value::Mapping(_)) {
            let text = yaml::text(node, what, &mut self.out)?;
            return Some(Fragment::settled(text, text));
        }
        let fields = Fields::new(node, what, &["declared", "settled"], &mut self.out)?;
        let declared = fields.require("declared", &mut self.out)?;
        let written = yaml::text(&declared.value, what, &mut self.out)?;
        match fields.value("settled") {
            Some(settled) => Some(Fragment::settled(written, yaml::text(settled, what, &mut self.out)?)),
            None => Some(Fragment::written(written)),
        }
    }
}
