//! Reads texts of YAML into nodes with places, and refuses what other readers lose in silence.
use super::{Entry, Node, Style, Value, merge::merge, offsets::Offsets, sql::cut_at_comma, words::readable};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Source};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::{collections::BTreeMap, sync::Arc};

/// Size of the largest file that is read, in bytes: 256 MiB. No honest database comes near: the baseline of 10,000 tables has
/// 17 MiB.
pub const MAX_BYTES: usize = 256 << 20;
/// Levels of lists and mappings in each other that are read at most.
pub const MAX_DEPTH: usize = 64;
/// Number of mistakes of one kind that are shown at most.
const MAX_SHOWN: usize = 5;

/// Refuses a file with more than [`MAX_BYTES`].
#[must_use]
pub fn too_long(name: &str, bytes: u64) -> Diagnostic {
    let message = format!("{name} has {bytes} bytes, and pgform reads up to {MAX_BYTES}");
    Diagnostic::error(Code::Yaml, message).help("a declaration of that size is several files")
}

/// Reads all documents of a text. None for an empty text.
///
/// # Errors
/// All that is wrong, as far as the parser can go on: text that is not YAML, a key written twice, a key that is not text,
/// anchors, aliases, tags and merge keys, SQL that a comma has cut, too much depth or size, NUL bytes.
pub fn read(source: &Arc<Source>) -> Result<Vec<Node>, Diagnostics> {
    let (documents, diagnostics) = read_all(source)?;
    diagnostics.or_value(documents).map(|(documents, _)| documents)
}

/// Reads one document like [`read_one`], for a reader who tells all mistakes at once: keys that stand there twice are
/// reported, and all that stands under them is there.
///
/// # Errors
/// Errors of [`read_one`], but for such keys.
pub fn read_one_with_twins(source: &Arc<Source>) -> Result<(Node, Diagnostics), Diagnostics> {
    let (documents, diagnostics) = read_all(source)?;
    if diagnostics.0.iter().any(|d| d.code != Code::DuplicateKey) {
        return Err(diagnostics);
    }
    Ok((only_one(source, documents)?, diagnostics))
}

/// Reads the documents, and what is wrong with them.
fn read_all(source: &Arc<Source>) -> Result<(Vec<Node>, Diagnostics), Diagnostics> {
    if source.text.len() > MAX_BYTES {
        return Err(too_long(&source.name, source.text.len() as u64).into());
    }
    if let Some(at) = source.text.find('\0') {
        let message = format!("{} has a NUL byte, which no text in PostgreSQL can hold", source.name);
        return Err(Diagnostic::error(Code::Yaml, message).at(&Place::new(source, at..at + 1), "here").into());
    }
    let mut reader = Reader {
        source,
        offsets: Offsets::new(&source.text),
        open: Vec::new(),
        documents: Vec::new(),
        diagnostics: Diagnostics::default(),
        refused: BTreeMap::new(),
    };
    for event in Parser::new_from_str(&source.text) {
        match event {
            Ok((event, span)) => {
                if !reader.event(event, span) {
                    break;
                }
            }
            Err(error) => {
                let at = reader.offsets.byte(error.marker().index());
                let width = source.text[at..].chars().next().map_or(0, char::len_utf8);
                reader.diagnostics.push(readable(error.info(), &Place::new(source, at..at + width)));
                break;
            }
        }
    }
    Ok((reader.documents, reader.diagnostics))
}

/// Reads a text that is one document; an empty text is [`Value::Null`].
///
/// # Errors
/// Errors of [`read`], and for a second document.
pub fn read_one(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    only_one(source, read(source)?)
}

fn only_one(source: &Arc<Source>, documents: Vec<Node>) -> Result<Node, Diagnostics> {
    let mut documents = documents.into_iter();
    let first = documents.next();
    if let Some(second) = documents.next() {
        let message = format!("{} holds several documents, and must hold one", source.name);
        return Err(Diagnostic::error(Code::Yaml, message)
            .at(&second.place, "the second document")
            .help("remove the `---` line, or write a second file")
            .into());
    }
    Ok(first.unwrap_or_else(|| Node { value: Value::Null, place: Place::new(source, 0..0), in_flow: false }))
}

/// Collection that is not closed yet.
struct Open {
    start: usize,
    /// True where its own items stand between brackets.
    flow: bool,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        /// Place of each key in `entries`.
        seen: BTreeMap<String, usize>,
        /// Key whose value comes next.
        key: Option<(String, Place)>,
    },
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    offsets: Offsets<'a>,
    open: Vec<Open>,
    documents: Vec<Node>,
    diagnostics: Diagnostics,
    /// Refusals by their words: the place of the diagnostic in `diagnostics`, and the number of times.
    refused: BTreeMap<&'static str, (usize, usize)>,
}

impl Reader<'_> {
    /// Takes one event; false if reading on makes no sense.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = Place::new(self.source, self.offsets.byte(span.start.index())..self.offsets.byte(span.end.index()));
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                true
            }
            Event::Alias(_) => {
                self.refuse(&place, "an alias (`*name`)", "write the value out");
                self.place_value(Node { value: Value::Null, place, in_flow: self.in_flow() });
                true
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.properties(anchor, tag.is_some(), &place);
                self.scalar(text.into_owned(), style, &place);
                true
            }
            Event::SequenceStart(anchor, tag) => {
                self.properties(anchor, tag.is_some(), &place);
                self.start(&place, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.properties(anchor, tag.is_some(), &place);
                self.start(&place, Content::Mapping { entries: Vec::new(), seen: BTreeMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.end(&place);
                true
            }
        }
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.flow)
    }

    /// Refuses what pgform does not read; the same again is shown with the first, and from some number on only counted:
    /// there may be thousands.
    fn refuse(&mut self, place: &Place, what: &'static str, help: &str) {
        let count =
            self.refused.entry(what).and_modify(|(_, count)| *count += 1).or_insert((self.diagnostics.0.len(), 1));
        let (at, count) = *count;
        let message = match count {
            1 => format!("{} has {what}, and pgform reads none", self.source.name),
            many => format!("{} has {what}, {many} times, and pgform reads none", self.source.name),
        };
        match self.diagnostics.0.get_mut(at) {
            None => self.diagnostics.push(Diagnostic::error(Code::Yaml, message).at(place, "here").help(help)),
            Some(first) => {
                first.message = message;
                if count <= MAX_SHOWN {
                    *first = first.clone().at(place, "and here");
                }
            }
        }
    }

    fn properties(&mut self, anchor: usize, tagged: bool, place: &Place) {
        if anchor > 0 {
            self.refuse(place, "an anchor (`&name`)", "write the value out; text that starts with `&` must be quoted");
        }
        if tagged {
            self.refuse(place, "a tag (`!name`)", "remove the tag; text that starts with `!` must be quoted");
        }
    }

    fn start(&mut self, place: &Place, content: Content) -> bool {
        if self.open.len() == MAX_DEPTH {
            let message = format!("{} is nested deeper than {MAX_DEPTH} levels", self.source.name);
            self.diagnostics.push(Diagnostic::error(Code::Yaml, message).at(place, "this is one level too many"));
            return false;
        }
        let brackets = !place.span.is_empty() && self.source.text[place.span.clone()].starts_with(['[', '{']);
        let flow = self.in_flow() || brackets;
        self.open.push(Open { start: place.span.start, flow, content });
        true
    }

    fn end(&mut self, place: &Place) {
        let Some(open) = self.open.pop() else { return };
        let brackets = self.source.text[place.span.clone()].ends_with([']', '}']);
        let (value, last) = match open.content {
            Content::Sequence(nodes) => {
                let last = nodes.last().map(|n| n.place.span.end);
                (Value::Sequence(nodes), last)
            }
            Content::Mapping { entries, .. } => {
                let last = entries.last().map(|e| e.value.place.span.end.max(e.key_place.span.end));
                (Value::Mapping(entries), last)
            }
        };
        let end = if brackets { place.span.end } else { last.unwrap_or(open.start) };
        let place = Place::new(self.source, open.start..end);
        self.place_value(Node { value, place, in_flow: self.in_flow() });
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, place: &Place) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let in_flow = self.in_flow();
        let nothing = style == Style::Plain && text.is_empty();
        let start = place.span.start;
        let end = if nothing { start } else { start + self.source.text[place.span.clone()].trim_end().len() };
        let place = Place::new(self.source, start..end);
        if style == Style::Plain
            && in_flow
            && let Some(cut) = cut_at_comma(&text, &place)
        {
            self.diagnostics.push(cut);
        }
        let value = if nothing { Value::Null } else { Value::Scalar { text, style } };
        self.place_value(Node { value, place, in_flow });
    }

    /// Puts a finished node where it belongs: the next item, the next key, or the value of the last key.
    fn place_value(&mut self, mut node: Node) {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.documents.push(node),
            Some(Content::Sequence(nodes)) => nodes.push(node),
            Some(Content::Mapping { key: waiting @ None, .. }) => {
                let (key, mistake) = key_of(node.value, node.in_flow, &node.place);
                *waiting = Some((key, node.place));
                self.diagnostics.0.extend(mistake);
            }
            Some(Content::Mapping { entries, seen, key: waiting }) => {
                let Some((key, key_place)) = waiting.take() else { return };
                if node.value == Value::Null {
                    node.place = key_place.clone();
                }
                // The second half of cut SQL (`2)`) is no key that anyone wrote: the cut is reported already.
                let piece = node.in_flow && key.matches(')').count() > key.matches('(').count();
                match seen.get(&key) {
                    Some(&first) if !piece => {
                        self.diagnostics.push(
                            Diagnostic::error(Code::DuplicateKey, format!("the key `{key}` stands here twice"))
                                .at(&key_place, "again here")
                                .at(&entries[first].key_place, "first here")
                                .help("keep one of them; other readers of YAML would keep the last in silence"),
                        );
                        merge(&mut entries[first].value, node);
                    }
                    Some(_) | None => {
                        seen.insert(key.clone(), entries.len());
                        entries.push(Entry { key, key_place, value: node });
                    }
                }
            }
        }
    }
}

/// Gives the text of a key, with what is wrong about it. A wrong key gets a name that no other has.
fn key_of(value: Value, in_flow: bool, place: &Place) -> (String, Option<Diagnostic>) {
    let unnamed = || format!("\0{}", place.span.start);
    match value {
        Value::Scalar { text, style: Style::Plain } if text == "<<" => (
            unnamed(),
            Some(
                Diagnostic::error(Code::Yaml, format!("{} has a merge key, and pgform reads none", place.source.name))
                    .at(place, "here")
                    .help("write the keys out; a key that really is `<<` must be quoted"),
            ),
        ),
        Value::Scalar { text, .. } => (text, None),
        // `[a, : b]` and `? : b` have a key without text.
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => {
            let help = if in_flow { "quote the key" } else { "write the key as text; quote it if it has brackets" };
            let message = format!("{} has a key that is not text", place.source.name);
            (unnamed(), Some(Diagnostic::error(Code::Yaml, message).at(place, "this is the key").help(help)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source { name: "t.yaml".into(), text: text.into() })
    }

    fn one(text: &str) -> Node {
        read_one(&source(text)).unwrap()
    }

    /// Lists errors, each as `code: message [label's text in the source] help`.
    fn errors(text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for d in read(&source(text)).unwrap_err().0 {
            let shown: Vec<&str> = d.labels.iter().map(|l| &l.place.source.text[l.place.span.clone()]).collect();
            let line = format!("{}: {} {shown:?} {}", d.code.as_str(), d.message, d.help.unwrap_or_default());
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    fn scalars<'a>(node: &'a Node, out: &mut Vec<(&'a str, &'a str)>) {
        match &node.value {
            Value::Null => out.push(("", &node.place.source.text[node.place.span.clone()])),
            Value::Scalar { text, .. } => out.push((text, &node.place.source.text[node.place.span.clone()])),
            Value::Sequence(nodes) => nodes.iter().for_each(|n| scalars(n, out)),
            Value::Mapping(entries) => {
                for e in entries {
                    out.push((&e.key, &e.key_place.source.text[e.key_place.span.clone()]));
                    scalars(&e.value, out);
                }
            }
        }
    }

    #[test]
    fn places_are_exact_bytes_behind_any_letters_and_line_ends() {
        let text = "\u{feff}# ü\r\nmünze: größe 🦀  # c\r\nb: 'sq''x'  \r\nc: \"d\\u00e9\"\nd: |\n  lit é\n  more\n\n\ne: >-\n  fo\n  ld\n\"ké\": [ 1, zwö , {d: e}, 'q']\nlast: ✓\n";
        let node = one(text);
        let mut found = Vec::new();
        scalars(&node, &mut found);
        let expected = [
            ("münze", "münze"),
            ("größe 🦀", "größe 🦀"),
            ("b", "b"),
            ("sq'x", "'sq''x'"),
            ("c", "c"),
            ("dé", "\"d\\u00e9\""),
            ("d", "d"),
            ("lit é\nmore\n", "lit é\n  more"),
            ("e", "e"),
            ("fo ld", "fo\n  ld"),
            ("ké", "\"ké\""),
            ("1", "1"),
            ("zwö", "zwö"),
            ("d", "d"),
            ("e", "e"),
            ("q", "'q'"),
            ("last", "last"),
            ("✓", "✓"),
        ];
        assert_eq!(found, expected);
        assert!(node.place.source.text[node.place.span.clone()].starts_with("münze"));
        assert!(node.place.source.text[node.place.span.clone()].ends_with("✓"));
        let list = node.get("ké").unwrap();
        assert_eq!(&text[list.place.span.clone()], "[ 1, zwö , {d: e}, 'q']");
        assert!(!list.in_flow);
        let Value::Sequence(items) = &list.value else { panic!() };
        assert!(items.iter().all(|n| n.in_flow));
    }

    #[test]
    fn keys_are_text_as_written() {
        let node = one("on: 1\nyes: 2\nnull: 3\n1: 4\nTrue: 5\n~: 6\nMixed: 7\n'<<': 8\n\"\": 9\nnothing:\n");
        let Value::Mapping(entries) = node.value else { panic!() };
        let keys: Vec<&str> = entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["on", "yes", "null", "1", "True", "~", "Mixed", "<<", "", "nothing"]);
        assert_eq!(entries[9].value.value, Value::Null);
        assert_eq!(entries[9].value.place, entries[9].key_place);
    }

    #[test]
    fn all_mistakes_are_shown_at_once() {
        let text = "a: 1\nb: &x 2\na: 3\nc: *x\nd: !foo bar\n<<: {a: 1}\n[e, f]: g\n? {h: i}\n: j\nk: {l: numeric(10,2), l: numeric(8,2)}\n";
        insta::assert_snapshot!(errors(text).join("\n"), @r#"
        yaml: t.yaml has an anchor (`&name`), and pgform reads none ["&x 2"] write the value out; text that starts with `&` must be quoted
        duplicate-key: the key `a` stands here twice ["a", "a"] keep one of them; other readers of YAML would keep the last in silence
        yaml: t.yaml has an alias (`*name`), and pgform reads none ["*x"] write the value out
        yaml: t.yaml has a tag (`!name`), and pgform reads none ["!foo bar"] remove the tag; text that starts with `!` must be quoted
        yaml: t.yaml has a merge key, and pgform reads none ["<<"] write the keys out; a key that really is `<<` must be quoted
        yaml: t.yaml has a key that is not text ["[e, f]"] write the key as text; quote it if it has brackets
        yaml: t.yaml has a key that is not text ["{h: i}"] write the key as text; quote it if it has brackets
        yaml-eats-sql: YAML ends `numeric(10` at the comma inside its parentheses ["numeric(10"] write "numeric(10,2)"
        yaml-eats-sql: YAML ends `numeric(8` at the comma inside its parentheses ["numeric(8"] write "numeric(8,2)"
        duplicate-key: the key `l` stands here twice ["l", "l"] keep one of them; other readers of YAML would keep the last in silence
        "#);
    }

    #[test]
    fn the_parsers_words_are_readable() {
        let texts = [
            "a: b: c\n",
            "a: 1\nb: {c: 'x\nd: 1\n",
            "a:\n\tb: c\n",
            "a: `x`\n",
            "a: *y\n",
            "a: {t: int[]}\n",
            "a: x # c\n  y\n",
            "a: 'x'::text\n",
            "a: \"x\"::text\n",
            "a:\n  b: 1\n c: 2\n",
            "a: [1, 2\n",
            "a: x\0y",
            "a\nb: c\n",
            "- a\nb: c\n",
            "a: {d: 'x'::text}\n",
        ];
        let all: Vec<String> = texts.iter().flat_map(|t| errors(t)).collect();
        insta::assert_snapshot!(all.join("\n"), @r##"
        yaml: t.yaml is not YAML: a `: ` stands where no key can [":"] text with `: ` in it must be quoted; a key must be indented like its neighbours
        yaml: t.yaml is not YAML: a quote is opened and never closed ["'"] close it; in '…' a quote is written twice
        yaml: t.yaml is not YAML: a tab stands in the indentation ["b"] indent with spaces
        yaml: t.yaml is not YAML: a value cannot start with '`' ["`"] quote the value
        yaml: t.yaml is not YAML: an alias (`*name`) stands here, and pgform reads none ["*"] write the value out; text that starts with `*` must be quoted
        yaml: t.yaml is not YAML: a `,` or the closing bracket of a `{` is expected ["["] inside [ ] and { }, text with brackets, commas or quotes in it must be quoted as a whole
        yaml: t.yaml is not YAML: a comment stands in the middle of a text of several lines ["#"] quote the text, or write it as a block behind `|`
        yaml: t.yaml is not YAML: a key or a list item is expected [":"] check the indentation, and quote text that has quotes inside or behind it
        yaml: t.yaml is not YAML: a key or a list item is expected [":"] check the indentation, and quote text that has quotes inside or behind it
        yaml: t.yaml is not YAML: a key or a list item is expected ["c"] check the indentation, and quote text that has quotes inside or behind it
        yaml: t.yaml is not YAML: a `,` or the closing bracket of a `[` is expected [""] inside [ ] and { }, text with brackets, commas or quotes in it must be quoted as a whole
        yaml: t.yaml has a NUL byte, which no text in PostgreSQL can hold ["\0"]
        yaml: t.yaml is not YAML: a `: ` stands where no key can [":"] text with `: ` in it must be quoted; a key must be indented like its neighbours
        yaml: t.yaml is not YAML: a key or a list item is expected ["b"] check the indentation, and quote text that has quotes inside or behind it
        yaml: t.yaml is not YAML: a `,` or the closing bracket of a `{` is expected [":"] inside [ ] and { }, text with brackets, commas or quotes in it must be quoted as a whole
        "##);
    }

    #[test]
    fn no_bombs() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&source(&deep(MAX_DEPTH))).is_ok());
        assert!(errors(&deep(MAX_DEPTH + 1))[0].contains("deeper than 64"));
        assert!(errors(&"- ".repeat(100_000))[0].contains("deeper than 64"));
        assert!(errors(&"x".repeat(MAX_BYTES + 1))[0].contains("268435456"));
        assert!(errors(&"[".repeat(1_000_000))[0].contains("nested too deeply"));
    }

    #[test]
    fn a_thousand_aliases_are_one_mistake() {
        let found = read(&source(&format!("a: &a x\nb: [{}]\n", ["*a"; 1000].join(", ")))).unwrap_err();
        let said: Vec<(&str, usize)> = found.0.iter().map(|d| (d.message.as_str(), d.labels.len())).collect();
        assert_eq!(
            said,
            [
                ("t.yaml has an anchor (`&name`), and pgform reads none", 1),
                ("t.yaml has an alias (`*name`), 1000 times, and pgform reads none", MAX_SHOWN),
            ]
        );
    }

    #[test]
    fn what_stands_under_a_key_written_twice_is_there() {
        let text = "t: {a: 1, c: {x: 1}}\nt: {b: 2, a: 3, c: {y: 2}}\n";
        let (node, twins) = read_one_with_twins(&source(text)).unwrap();
        assert_eq!(twins.0.len(), 1);
        let at = |keys: &[&str]| keys.iter().fold(&node, |node, key| node.get(key).unwrap()).value.clone();
        let one = |text: &str| Value::Scalar { text: text.to_owned(), style: Style::Plain };
        assert_eq!([at(&["t", "a"]), at(&["t", "b"]), at(&["t", "c", "y"])], [one("1"), one("2"), one("2")]);
        assert!(read_one(&source(text)).is_err());
    }

    #[test]
    fn documents_are_counted() {
        assert_eq!(read(&source("")).unwrap(), []);
        assert_eq!(read(&source("--- a\n--- b\n")).unwrap().len(), 2);
        assert_eq!(one("# nothing\n").value, Value::Null);
        assert!(read_one(&source("a: 1\n---\nb: 2\n")).unwrap_err().0[0].message.contains("several documents"));
    }

    #[test]
    fn a_large_file_is_read_whole() {
        let line = |n: usize| format!("  - {{name: täble_{n}, sql: \"select {n}\"}} # c\n");
        let text: String = std::iter::once("all:\n".to_owned()).chain((0..100_000).map(line)).collect();
        let Value::Sequence(items) = one(&text).get("all").unwrap().value.clone() else { panic!() };
        assert_eq!(items.len(), 100_000);
        assert_eq!(items[99_999].get("name").unwrap().within(0..5).line(), 100_001);
    }
}
