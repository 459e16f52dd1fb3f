//! Turns nodes into serde_yaml's values and pgform's own types.
use super::{Node, Style, Value, scalar};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use serde::de::DeserializeOwned;
use serde_yaml::with::singleton_map_recursive;

/// Gives the node as serde_yaml's value: plain scalars get the type that YAML 1.2's core schema gives them, all others
/// and all keys are text. A whole number too large for 64 bits stays text.
#[must_use]
pub fn to_value(node: &Node) -> serde_yaml::Value {
    match &node.value {
        _ if node.is_null() => serde_yaml::Value::Null,
        Value::Null => serde_yaml::Value::Null,
        Value::Scalar { text, style: Style::Plain } => plain(text),
        Value::Scalar { text, .. } => serde_yaml::Value::String(text.clone()),
        Value::Sequence(nodes) => serde_yaml::Value::Sequence(nodes.iter().map(to_value).collect()),
        Value::Mapping(entries) => serde_yaml::Value::Mapping(
            entries.iter().map(|e| (serde_yaml::Value::String(e.key.clone()), to_value(&e.value))).collect(),
        ),
    }
}

fn plain(text: &str) -> serde_yaml::Value {
    if let Some(value) = scalar::boolean(text) {
        return value.into();
    }
    if let Some(number) = scalar::integer(text) {
        let unsigned = || u64::try_from(number).map(serde_yaml::Value::from);
        return i64::try_from(number)
            .map(serde_yaml::Value::from)
            .or_else(|_| unsigned())
            .unwrap_or_else(|_| text.into());
    }
    scalar::float(text).map_or_else(|| text.into(), serde_yaml::Value::from)
}

/// Reads the node as a type of pgform's own (a plan, a receipt). Enums with content are mappings of one key, as
/// [`super::write`] writes them: a reader that refuses tags cannot take serde_yaml's.
///
/// # Errors
/// `wrong-type` at the key that serde names, or at the node.
pub fn typed<T: DeserializeOwned>(node: &Node, what: &str) -> Result<T, Diagnostics> {
    singleton_map_recursive::deserialize(to_value(node)).map_err(|error| {
        let message = error.to_string();
        let place = named_key(node, &message).unwrap_or_else(|| node.place.clone());
        let code = match () {
            () if message.starts_with("unknown field") => Code::UnknownKey,
            () if message.starts_with("missing field") => Code::MissingKey,
            () => Code::WrongType,
        };
        Diagnostic::error(code, format!("{what} cannot be read: {message}")).at(&place, "here").into()
    })
}

/// Finds the only key of the name that serde's message has in backticks: "unknown field `x`, expected …".
fn named_key(node: &Node, message: &str) -> Option<Place> {
    let name = message.strip_prefix("unknown field `")?.split('`').next()?;
    let mut found = Vec::new();
    collect_keys(node, name, &mut found);
    match found.as_slice() {
        [only] => Some((*only).clone()),
        _ => None,
    }
}

fn collect_keys<'a>(node: &'a Node, name: &str, found: &mut Vec<&'a Place>) {
    match &node.value {
        Value::Null | Value::Scalar { .. } => {}
        Value::Sequence(nodes) => nodes.iter().for_each(|n| collect_keys(n, name, found)),
        Value::Mapping(entries) => {
            for entry in entries {
                if entry.key == name {
                    found.push(&entry.key_place);
                }
                collect_keys(&entry.value, name, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostic::Source,
        yaml::{read_one, write},
    };
    use serde::{Deserialize, Serialize};
    use std::sync::Arc;

    fn node(text: &str) -> Node {
        read_one(&Arc::new(Source { name: "t.yaml".into(), text: text.into() }))
            .unwrap_or_else(|d| panic!("{text:?}: {d}"))
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    enum Kind {
        Plain,
        Many(Vec<Kind>),
        Named { number: i64, ratio: f64, big: u64, text: Option<String> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Header {
        title: String,
        kinds: Vec<Kind>,
        nothing: Option<u8>,
    }

    #[test]
    fn types_of_all_shapes_survive_without_tags() {
        let named = Kind::Named { number: i64::MIN, ratio: 0.5, big: u64::MAX, text: Some("null".into()) };
        let header = Header {
            title: "0123".into(),
            kinds: vec![Kind::Plain, Kind::Many(vec![named, Kind::Plain])],
            nothing: None,
        };
        let text = write(&header).unwrap();
        assert!(!text.contains('!'), "{text}");
        assert_eq!(typed::<Header>(&node(&text), "the header").unwrap(), header);
        assert_eq!(write(&typed::<Header>(&node(&text), "it").unwrap()).unwrap(), text);
    }

    #[test]
    fn mistakes_are_shown_at_the_key_that_serde_names() {
        let error = typed::<Header>(&node("title: a\nkinds: []\nnothing: 1\ntitel: b\n"), "the header").unwrap_err();
        assert_eq!(error.0[0].code, Code::UnknownKey);
        assert_eq!(error.0[0].labels[0].place.line(), 4);
        let error = typed::<Header>(&node("kinds: []\n"), "the header").unwrap_err();
        assert_eq!(
            (error.0[0].code, error.0[0].message.as_str()),
            (Code::MissingKey, "the header cannot be read: missing field `title`")
        );
    }

    #[test]
    fn plain_scalars_are_typed_as_yaml_1_2_says() {
        let value =
            to_value(&node("[~, null, true, yes, 010, 0x1f, 0o17, 1e3, '1', 99999999999999999999999, 1_0, '-', .]"));
        let shown = serde_json::to_string(&value).unwrap();
        assert_eq!(shown, r#"[null,null,true,"yes",10,31,15,1000.0,"1","99999999999999999999999","1_0","-","."]"#);
    }
}
