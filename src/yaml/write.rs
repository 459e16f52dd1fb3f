//! Writes values as YAML: the same value is the same bytes.
use super::{scalar, sql::quoted};
use crate::diagnostic::{Code, Diagnostic};
use serde::Serialize;
use serde_yaml::{Value, with::singleton_map_recursive};

/// Writes the value as YAML that [`super::read`] and [`super::typed`] give back: the same value is the same bytes, as
/// long as its type iterates in one order (no hash maps).
///
/// Takes serde_yaml's tree, and makes the text here, because serde_yaml's own loses U+2028 and U+2029 (it adds spaces
/// behind them, which changes the digest of SQL that holds one) and writes a key `<<` without quotes. Text of several
/// lines is a literal block where a block can hold it, and quoted otherwise; nothing is folded.
///
/// # Errors
/// If the value has no form in YAML: a map whose keys are not text, or a `Serialize` that fails.
pub fn write<T: Serialize>(value: &T) -> Result<String, Diagnostic> {
    let tree = singleton_map_recursive::serialize(value, serde_yaml::value::Serializer);
    let mut out = String::new();
    tree.map_err(|e| no_form(&e.to_string())).and_then(|tree| node(&tree, 0, Position::Document, &mut out))?;
    Ok(out)
}

fn no_form(why: &str) -> Diagnostic {
    Diagnostic::error(Code::Yaml, format!("this has no form in YAML: {why}"))
}

/// Text that stands before a node on its line.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// Nothing.
    Document,
    /// `key:`
    Key,
    /// `-`
    Item,
}

/// Writes a node up to its line's end; `indent` is where the lines of its own children start.
fn node(value: &Value, indent: usize, position: Position, out: &mut String) -> Result<(), Diagnostic> {
    let space = if position == Position::Document { "" } else { " " };
    let inline = |out: &mut String, text: &str| {
        out.push_str(space);
        out.push_str(text);
        out.push('\n');
    };
    match value {
        Value::Null => inline(out, "null"),
        Value::Bool(value) => inline(out, if *value { "true" } else { "false" }),
        Value::Number(number) => inline(out, &number.to_string()),
        Value::String(text) => match block(text, indent) {
            Some(block) => inline(out, &block),
            None => inline(out, &one_line(text)),
        },
        Value::Sequence(items) if items.is_empty() => inline(out, "[]"),
        Value::Mapping(entries) if entries.is_empty() => inline(out, "{}"),
        Value::Sequence(items) => {
            for (number, item) in items.iter().enumerate() {
                lead(number, indent, position, out);
                out.push('-');
                node(item, indent + 2, Position::Item, out)?;
            }
        }
        Value::Mapping(entries) => {
            for (number, (key, value)) in entries.iter().enumerate() {
                let Value::String(key) = key else { return Err(no_form("a key that is not text")) };
                lead(number, indent, position, out);
                self::key(key, indent, out);
                let deeper = if matches!(value, Value::Sequence(_)) { indent } else { indent + 2 };
                node(value, deeper, Position::Key, out)?;
            }
        }
        Value::Tagged(_) => return Err(no_form("a tag")),
    }
    Ok(())
}

/// Starts the line of an item or a key; the first one behind a `-` stands on its line.
fn lead(number: usize, indent: usize, position: Position, out: &mut String) {
    match (number, position) {
        (0, Position::Item) => out.push(' '),
        (0, Position::Key) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
        }
        (_, Position::Document | Position::Key | Position::Item) => out.push_str(&" ".repeat(indent)),
    }
}

/// Writes a key: YAML ends a simple one after 1024 characters; longer ones are written with `?`.
fn key(key: &str, indent: usize, out: &mut String) {
    let text = one_line(key);
    if text.chars().count() > 1000 {
        out.push_str(&format!("? {text}\n{}:", " ".repeat(indent)));
    } else {
        out.push_str(&format!("{text}:"));
    }
}

/// Writes a literal block, if the text has several lines and a block holds it exactly: nothing that YAML escapes, no
/// blank line at the end. Where its first lines begin with spaces, the block says how far it is indented.
fn block(text: &str, indent: usize) -> Option<String> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let lines: Vec<&str> = body.split('\n').collect();
    let fits = lines.iter().all(|line| line.chars().all(|c| c == '\t' || printable(c)));
    let blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(0);
    let indented = lines[..=first].iter().any(|line| line.starts_with(' '));
    let tabs = lines[..=first].iter().any(|line| line.starts_with('\t'));
    let ends_blank = lines.last().is_some_and(|line| blank(line));
    if !text.contains('\n') || !fits || ends_blank || tabs || (indented && indent < 2) {
        return None;
    }
    let indentation = " ".repeat(indent.max(2));
    let mut out = String::from("|");
    out.push_str(if indented { "2" } else { "" });
    out.push_str(if body.len() < text.len() { "" } else { "-" });
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&indentation);
            out.push_str(line);
        }
    }
    Some(out)
}

/// Tells whether YAML and an editor show the character as it is.
fn printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{200b}'..='\u{200f}')
        && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes the text on one line: plain where nobody can read it as something else, quoted otherwise.
fn one_line(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(printable) {
        return quoted(text);
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Words that some reader of YAML takes for something else than text.
const TAKEN: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

fn is_plain(text: &str) -> bool {
    let safe =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '.' | '/' | '(' | ')' | '$' | '+' | '=' | '~');
    let taken = TAKEN.contains(&text.to_ascii_lowercase().as_str());
    let number = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| !c.is_whitespace());
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && !text.ends_with(' ')
        && text.chars().all(safe)
        && !taken
        && !number
        && scalar::float(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostic::Source,
        yaml::{read_one, typed},
    };
    use std::{collections::BTreeMap, sync::Arc};

    const HOSTILE: &[&str] = &[
        "",
        " ",
        "a ",
        " a",
        "a\n",
        "\n",
        "\na",
        "a\n\nb",
        "a\n ",
        " a\nb",
        "\ta",
        "a\tb\n",
        "a\r\nb",
        "a\rb",
        "\r",
        "é🦀",
        "#",
        "a #b",
        "# a",
        "a: b",
        ": ",
        "a:",
        "- a",
        "-",
        "---",
        "...",
        "a\n---\nb",
        "--- a",
        "!a",
        "&a",
        "*a",
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
        "| a",
        "? a",
        "?",
        "[a]",
        "{a}",
        "a, b",
        "]",
        "null",
        "Null",
        "NULL",
        "~",
        "true",
        "False",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "n",
        "1",
        "-1",
        "+1",
        "01",
        "1_000",
        "0x1F",
        "0o17",
        "0b1",
        "1e3",
        "1.",
        ".5",
        "1.5",
        ".inf",
        "-.INF",
        ".nan",
        "12e03",
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "190:20:30",
        "=",
        "<<",
        "'",
        "\"",
        "it's",
        "say \"hi\"",
        "\\",
        "a\\nb",
        "'a' \"b\"",
        "\u{7}",
        "\u{1b}[0m",
        "\u{85}",
        "a\u{85}b",
        "\u{a0}",
        "\u{2028}a",
        "a\u{2029}",
        "\u{feff}",
        "\u{feff}a",
        "a\u{200b}",
        "\u{7f}",
        "\u{9f}",
        "\u{fffe}",
        "\u{10ffff}",
        "  - a\n  - b\n",
        "a\n  b\n c",
        "a\n\n\n",
        "a \nb",
        "a\t\nb",
        "#a\nb",
        "\n\n a\n",
        "a\n\u{85}b",
        "a\n\u{7}b",
        "select 'a,b' -- #\nfrom t\n",
        "a\n# b\n",
        "key: |\n  x",
        "a\n\tb",
        "\n\t",
        "\u{0085}\n",
        "a\n\u{2028}\n",
        "a\n\u{feff}b",
    ];

    #[test]
    fn any_text_survives_writing_and_reading_as_value_and_as_key() {
        let mut texts: Vec<String> = HOSTILE.iter().map(|t| (*t).to_owned()).collect();
        texts.push("long ".repeat(400));
        texts.push("x".repeat(2000));
        texts.push(format!("{}\n", "long line ".repeat(40)).repeat(3));
        let parts = ["a", " ", "\n", "\t", "#", ": ", "'", "\"", "\r", "-", "é"];
        for a in parts {
            for b in parts {
                for c in parts {
                    texts.extend(parts.iter().map(|d| format!("{a}{b}{c}{d}")));
                }
            }
        }
        let mut broken = Vec::new();
        for text in &texts {
            let value = BTreeMap::from([("k", vec![text.clone()])]);
            let key = BTreeMap::from([(text.clone(), BTreeMap::from([(text.clone(), 1)]))]);
            let back = |yaml: &str| {
                let source = Arc::new(Source { name: "t".into(), text: yaml.into() });
                read_one(&source).map_err(|d| d.to_string())
            };
            let written = write(&value).unwrap();
            match back(&written)
                .and_then(|n| typed::<BTreeMap<String, Vec<String>>>(&n, "it").map_err(|d| d.to_string()))
            {
                Ok(read) if read["k"][0] == *text => {}
                other => broken.push(format!("value {text:?} as {written:?}: {other:?}")),
            }
            let written = write(&key).unwrap();
            match back(&written) {
                Ok(n) if n.get(text).and_then(|n| n.get(text)).is_some() => {}
                other => broken.push(format!("key {text:?} as {written:?}: {:?}", other.err())),
            }
        }
        assert!(broken.is_empty(), "{} broken: {:#?}", broken.len(), &broken[..broken.len().min(40)]);
    }

    #[test]
    fn the_text_is_for_people_too() {
        let list = vec![BTreeMap::from([("sql", "select 1\n  from t\n\n"), ("as", "role")]), BTreeMap::new()];
        let text = "create view v as\n  select 1 -- # x\n\n\tfrom t";
        let value = BTreeMap::from([
            ("steps", serde_json::json!({"list": list, "sql": text, "none": null, "nested": [[1, [2.0, "on"]], []]})),
            ("title", serde_json::json!("add embeddings: now")),
            ("type", serde_json::json!("numeric(10,2)")),
        ]);
        let written = write(&value).unwrap();
        let expected = r#"steps:
  list:
  - as: role
    sql: "select 1\n  from t\n\n"
  - {}
  nested:
  - - 1
    - - 2.0
      - "on"
  - []
  none: null
  sql: |-
    create view v as
      select 1 -- # x

    	from t
title: "add embeddings: now"
type: "numeric(10,2)"
"#;
        assert_eq!(written, expected);
        assert_eq!(write(&value).unwrap(), written);
        let node = read_one(&Arc::new(Source { name: "t".into(), text: written }));
        assert_eq!(
            typed::<BTreeMap<String, serde_json::Value>>(&node.unwrap(), "it").unwrap()["steps"],
            value["steps"]
        );
        assert!(write(&BTreeMap::from([(1, 2)])).unwrap_err().message.contains("a key that is not text"));
    }
}
