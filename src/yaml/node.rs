//! Nodes of YAML as they are written, each with its place in the file.
use crate::diagnostic::Place;
use std::ops::Range;

/// Ways of writing a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

/// Contents of a node, with nothing interpreted: `on`, `1` and `null` are plain scalars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing was written (`key:` and no more). A written `null` or `~` is a plain scalar, because it may be SQL or a
    /// name; see [`Node::is_null`].
    Null,
    /// Text, with YAML's quoting and folding undone.
    Scalar {
        /// The text.
        text: String,
        /// Way in which it was written.
        style: Style,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the file's order, no key twice.
    Mapping(Vec<Entry>),
}

/// Node of YAML: a value with its place.
///
/// Places: a quoted scalar's includes its quotes, a plain scalar's ends with its last letter, a block's is its content
/// without the `|` or `>` line and without trailing blank lines, a block collection's goes from its first key to its
/// last value, a flow collection's includes its brackets. Where nothing is written behind a key, it is the key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Contents of the node.
    pub value: Value,
    /// Place of the node.
    pub place: Place,
    /// True where the node stands inside `[…]` or `{…}`, where a comma ends a plain scalar.
    pub in_flow: bool,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key's text, never interpreted.
    pub key: String,
    /// Place of the key, quotes included.
    pub key_place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Tells whether nothing is meant: nothing written, or a plain `~` or `null` as YAML 1.2's core schema spells it.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar { text, style: Style::Plain } => matches!(text.as_str(), "~" | "null" | "Null" | "NULL"),
            Value::Scalar { .. } | Value::Sequence(_) | Value::Mapping(_) => false,
        }
    }

    /// Names the node's shape, in words for a message.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Null => "nothing",
            Value::Scalar { .. } => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Gives the value behind a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.value),
            Value::Null | Value::Scalar { .. } | Value::Sequence(_) => None,
        }
    }

    /// Gives the place of a part of a scalar's text (byte offsets in the text): how a parser's error inside SQL is
    /// shown in the file. Where escapes or folding make the way back unclear, it is the whole scalar.
    #[must_use]
    pub fn within(&self, part: Range<usize>) -> Place {
        let Value::Scalar { text, style } = &self.value else { return self.place.clone() };
        let source = &self.place.source;
        let span = self.place.span.clone();
        let inner = match style {
            Style::Plain => span.clone(),
            Style::SingleQuoted | Style::DoubleQuoted => span.start + 1..span.end.saturating_sub(1).max(span.start + 1),
            Style::Literal | Style::Folded => {
                let at = |offset| literal_offset(&source.text, span.start, text, offset);
                return match (at(part.start), at(part.end)) {
                    (Some(start), Some(end)) if *style == Style::Literal => Place::new(source, start..end),
                    (Some(_) | None, Some(_) | None) => self.place.clone(),
                };
            }
        };
        if source.text.get(inner.clone()) != Some(text) {
            return self.place.clone();
        }
        Place::new(source, inner.start + part.start.min(text.len())..inner.start + part.end.min(text.len()))
    }
}

/// Finds the byte offset in the source of an offset of a literal block's text; the source's lines are the text's behind
/// an indentation.
fn literal_offset(source: &str, start: usize, text: &str, offset: usize) -> Option<usize> {
    let before = text.get(..offset.min(text.len()))?;
    let (number, column) = (before.matches('\n').count(), before.len() - before.rfind('\n').map_or(0, |at| at + 1));
    let line = text.split('\n').nth(number)?;
    let first = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let mut at = first;
    for (index, written) in source[first..].split('\n').enumerate() {
        if index == number {
            let written = written.strip_suffix('\r').unwrap_or(written);
            return written.strip_suffix(line).map(|indentation| at + indentation.len() + column);
        }
        at += written.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{diagnostic::Source, yaml::read_one};
    use std::sync::Arc;

    #[test]
    fn a_part_of_a_scalar_is_found_in_the_file() {
        let text = "p: select é oops\nq: 'select oops'\ne: \"a\\tb oops\"\nl: |\n  select\n    é oops\n\n  from t\nf: >\n  a\n  oops\nc:\r\n  l: |\r\n    x\r\n    oops\r\n";
        let node = read_one(&Arc::new(Source { name: "t".into(), text: text.into() })).unwrap();
        let shown = |node: &super::Node| {
            let super::Value::Scalar { text: sql, .. } = &node.value else { panic!() };
            let at = sql.find("oops").unwrap();
            let place = node.within(at..at + 4);
            (text[place.span.clone()].to_owned(), place.line())
        };
        for (key, line) in [("p", 1), ("q", 2), ("l", 6)] {
            assert_eq!(shown(node.get(key).unwrap()), ("oops".to_owned(), line), "{key}");
        }
        assert_eq!(shown(node.get("c").unwrap().get("l").unwrap()), ("oops".to_owned(), 15));
        assert_eq!(shown(node.get("e").unwrap()).0, "\"a\\tb oops\"");
        assert_eq!(shown(node.get("f").unwrap()).0, "a\n  oops");
    }
}
