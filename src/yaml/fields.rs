//! Reads nodes of YAML as mappings, texts, numbers and lists, and tells what is wrong with them.
use super::{Entry, Node, Style, Value, nearest, quoted, scalar};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The entries of a mapping whose keys are known beforehand. Reading them collects every mistake and stops at none.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    node: &'a Node,
    entries: &'a [Entry],
    what: String,
}

impl<'a> Fields<'a> {
    /// Takes the entries of `node`, which messages call `what` ("the table documents"). A key outside of `allowed` is
    /// an error, and the others can be read all the same. None if it is no mapping; nothing written is an empty one.
    pub fn new(node: &'a Node, what: &str, allowed: &[&str], diagnostics: &mut Diagnostics) -> Option<Self> {
        let entries = if node.is_null() { &[] } else { entries(node, what, diagnostics)? };
        for entry in entries.iter().filter(|e| !allowed.contains(&e.key.as_str())) {
            let all = allowed.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let help = match nearest(&entry.key, allowed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? {what} takes {all}"),
                None => format!("{what} takes {all}"),
            };
            diagnostics.push(
                Diagnostic::error(Code::UnknownKey, format!("`{}` is no key of {what}", entry.key))
                    .at(&entry.key_place, "unknown key")
                    .help(help),
            );
        }
        Some(Self { node, entries, what: what.to_owned() })
    }

    /// Gives the entry of this key, if it is written.
    #[must_use]
    pub fn take(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// Gives the value of this key, if it is written.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&'a Node> {
        self.take(key).map(|entry| &entry.value)
    }

    /// Gives the entry of this key; a `missing-key` error if it is not written.
    pub fn require(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<&'a Entry> {
        let entry = self.take(key);
        if entry.is_none() {
            diagnostics.push(
                Diagnostic::error(Code::MissingKey, format!("{} has no `{key}`", self.what))
                    .at(&self.node.place, format!("`{key}` is missing here")),
            );
        }
        entry
    }

    /// Gives all entries in the file's order, unknown keys included.
    #[must_use]
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }
}

fn wrong(node: &Node, what: &str, expected: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("{what} is {}, and must be {expected}", found(node)))
        .at(&node.place, format!("{expected} is expected here"))
}

/// Names what stands in a node, for a message: a short scalar is quoted.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() && text.len() <= 40 => format!("`{}`", text.escape_debug()),
        Value::Null | Value::Scalar { .. } | Value::Sequence(_) | Value::Mapping(_) => node.words().to_owned(),
    }
}

/// Reads the text of a scalar, as written: `on`, `1` and `1.10` are text here. A plain `null` is an error, for it could
/// be meant as either.
pub fn text<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a str> {
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => Some(text),
        Value::Scalar { text, .. } => {
            diagnostics.push(wrong(node, what, "text").help(format!("if the text is meant, write {}", quoted(text))));
            None
        }
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => {
            diagnostics.push(wrong(node, what, "text"));
            None
        }
    }
}

fn plain(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, style: Style::Plain } => Some(text),
        Value::Null | Value::Scalar { .. } | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// Reads a plain `true` or `false`; `yes` and `on` are text in YAML 1.2, and an error.
pub fn boolean(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    let value = plain(node).and_then(scalar::boolean);
    if value.is_none() {
        diagnostics.push(wrong(node, what, "`true` or `false`"));
    }
    value
}

/// Reads a plain integer.
pub fn integer(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<i64> {
    let number = plain(node).and_then(scalar::integer);
    let value = number.and_then(|n| i64::try_from(n).ok());
    if value.is_none() {
        let expected = if number.is_some() { "a whole number of 64 bits" } else { "a whole number" };
        diagnostics.push(wrong(node, what, expected));
    }
    value
}

/// Reads the items of a list.
pub fn items<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a [Node]> {
    match &node.value {
        Value::Sequence(nodes) => Some(nodes),
        Value::Null | Value::Scalar { .. } | Value::Mapping(_) => {
            let mut diagnostic = wrong(node, what, "a list");
            if let Some(text) = plain(node).filter(|_| !node.is_null()) {
                diagnostic = diagnostic.help(format!("write [{text}]"));
            }
            diagnostics.push(diagnostic);
            None
        }
    }
}

/// Reads a list of texts, each with its node; items that are none are reported and left out.
pub fn texts<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Vec<(&'a str, &'a Node)>> {
    let nodes = items(node, what, diagnostics)?;
    let of = format!("an item of {what}");
    Some(nodes.iter().filter_map(|n| text(n, &of, diagnostics).map(|t| (t, n))).collect())
}

/// Reads the entries of a mapping with free keys.
pub fn entries<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a [Entry]> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        Value::Null | Value::Scalar { .. } | Value::Sequence(_) => {
            diagnostics.push(wrong(node, what, "a mapping"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Source, yaml::read_one};
    use std::sync::Arc;

    #[test]
    fn every_mistake_is_collected() {
        let text = "colums: [a]\nflag: yes\nnumber: 1.5\nname: null\nlist: a\nnames: [on, {a: b}, c]\nmap: [1]\n";
        let node = read_one(&Arc::new(Source { name: "t".into(), text: text.into() })).unwrap();
        let mut d = Diagnostics::default();
        let allowed = ["columns", "flag", "number", "name", "list", "names", "map", "gone"];
        let fields = Fields::new(&node, "the table t", &allowed, &mut d).unwrap();
        assert_eq!(boolean(fields.value("flag").unwrap(), "`flag`", &mut d), None);
        assert_eq!(integer(fields.value("number").unwrap(), "`number`", &mut d), None);
        assert_eq!(super::text(fields.value("name").unwrap(), "`name`", &mut d), None);
        assert!(texts(fields.value("list").unwrap(), "`list`", &mut d).is_none());
        let names = texts(fields.value("names").unwrap(), "`names`", &mut d).unwrap();
        assert_eq!(names.iter().map(|(t, _)| *t).collect::<Vec<_>>(), ["on", "c"]);
        assert!(entries(fields.value("map").unwrap(), "`map`", &mut d).is_none());
        assert!(fields.require("gone", &mut d).is_none());
        assert!(fields.take("columns").is_none());
        let shown: Vec<_> =
            d.0.iter()
                .map(|d| format!("{} @{}: {}", d.message, d.labels[0].place.line(), d.help.as_deref().unwrap_or("-")))
                .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        `colums` is no key of the table t @1: did you mean `columns`? the table t takes `columns`, `flag`, `number`, `name`, `list`, `names`, `map`, `gone`
        `flag` is `yes`, and must be `true` or `false` @2: -
        `number` is `1.5`, and must be a whole number @3: -
        `name` is nothing, and must be text @4: if the text is meant, write "null"
        `list` is `a`, and must be a list @5: write [a]
        an item of `names` is a mapping, and must be text @6: -
        `map` is a list, and must be a mapping @7: -
        the table t has no `gone` @1: -
        "#);
    }
}
