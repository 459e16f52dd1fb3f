//! Takes SQL out of scalars, and refuses what YAML may have cut.
use super::{Node, Style, Value};
use crate::diagnostic::{Code, Diagnostic, Place};

/// Gives the SQL of a scalar, if YAML can have lost nothing of it.
///
/// Takes, of plain scalars inside `[…]` or `{…}`, which end at a comma, only what is whole: its parentheses and quotes
/// are closed, and it is no query, whose lists have commas outside of all parentheses, unless no comma follows. A
/// comment behind a plain scalar may be the rest of the SQL (`a # b` and `data #> '{x}'` are operators), so it is an
/// error too. Quoted text and blocks are taken as they are, and a plain `null` is SQL.
///
/// # Errors
/// `yaml-eats-sql` with the quoted form as help; `wrong-type` where there is no text.
pub fn sql_scalar<'a>(node: &'a Node, what: &str) -> Result<&'a str, Diagnostic> {
    let (text, style) = match &node.value {
        Value::Scalar { text, style } if !(*style == Style::Plain && text == "~") => (text, *style),
        Value::Null | Value::Scalar { .. } | Value::Sequence(_) | Value::Mapping(_) => {
            let message = format!("{what} is {}, and must be SQL", node.words());
            return Err(Diagnostic::error(Code::WrongType, message).at(&node.place, "SQL is expected here"));
        }
    };
    if text.trim().is_empty() {
        let message = format!("{what} is empty, and must be SQL");
        return Err(Diagnostic::error(Code::WrongType, message).at(&node.place, "SQL is expected here"));
    }
    if style != Style::Plain {
        return Ok(text);
    }
    if let Some(comment) = comment_behind(&node.place) {
        let whole = Place::new(&node.place.source, node.place.span.start..comment.span.end);
        let written = &whole.source.text[whole.span];
        return Err(Diagnostic::error(Code::YamlEatsSql, format!("YAML reads a comment behind the SQL of {what}"))
            .at(&comment, "YAML drops this")
            .at(&node.place, "and keeps this")
            .help(format!("if it is SQL, write {}; if it is a comment, give it its own line above", quoted(written))));
    }
    if node.in_flow && !is_whole(text, &node.place) {
        return Err(Diagnostic::error(
            Code::YamlEatsSql,
            format!("{what} is cut off: without quotes, YAML ends SQL inside brackets at a comma"),
        )
        .at(&node.place, "YAML reads this much")
        .help(format!("write {}", quoted(&whole_sql(&node.place)))));
    }
    Ok(text)
}

/// Writes the text as a quoted YAML scalar, for help: in double quotes where nothing needs an escape there.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// Refuses a plain scalar in a flow collection that was cut at a comma inside its parentheses. That is never
/// meant, so reading itself finds it, and the pieces behind it are not reported as strange keys.
pub(super) fn cut_at_comma(text: &str, place: &Place) -> Option<Diagnostic> {
    let opened = text.matches('(').count() > text.matches(')').count();
    let rest = &place.source.text[place.span.end..];
    if !opened || !rest.trim_start().starts_with(',') {
        return None;
    }
    Some(
        Diagnostic::error(Code::YamlEatsSql, format!("YAML ends `{text}` at the comma inside its parentheses"))
            .at(place, "YAML reads this much")
            .help(format!("write {}", quoted(&whole_sql(place)))),
    )
}

/// Gives what was probably meant to be one scalar: the text at the place, on to where its parentheses and quotes are
/// closed and the flow collection goes on, within its line.
fn whole_sql(place: &Place) -> String {
    let rest = place.source.text[place.span.start..].split(['\n', '\r']).next().unwrap_or_default();
    let lists = is_query(rest);
    let ends = |c: char| matches!(c, ']' | '}') || (c == ',' && !lists);
    let end = rest.char_indices().find(|(at, c)| ends(*c) && is_closed(&rest[..*at])).map(|(at, _)| at);
    match end {
        Some(end) => rest[..end].trim_end().to_owned(),
        None if is_closed(rest) => rest.trim_end().to_owned(),
        None => place.source.text[place.span.clone()].to_owned(),
    }
}

/// Finds the comment behind a scalar on its last line.
fn comment_behind(place: &Place) -> Option<Place> {
    let rest = &place.source.text[place.span.end..];
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let comment = line.trim_start_matches([' ', '\t']);
    let blank = line.len() - comment.len();
    let found = blank > 0 && comment.starts_with('#');
    found.then(|| Place::new(&place.source, place.span.end + blank..place.span.end + blank + comment.trim_end().len()))
}

/// Tells whether what YAML read of a text inside brackets is all of it: nothing is open in it, and where a comma follows, it is no
/// query.
fn is_whole(text: &str, place: &Place) -> bool {
    let rest = place.source.text[place.span.end..].trim_start();
    is_closed(text) && !(is_query(text) && rest.starts_with(','))
}

/// Tells whether commas may stand outside of a text's parentheses.
fn is_query(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    matches!(first.as_str(), "select" | "with" | "values")
}

/// Tells whether every parenthesis and every quote of a text of SQL is closed.
fn is_closed(text: &str) -> bool {
    let (mut depth, mut rest) = (0_usize, text);
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '\'' | '"' => match rest[1..].find(c) {
                Some(end) => end + 2,
                None => return false,
            },
            '$' => match dollar_quoted(rest) {
                Some(Some(end)) => end,
                Some(None) => return false,
                None => 1,
            },
            '(' | '[' => {
                depth += 1;
                1
            }
            ')' | ']' if depth == 0 => return false,
            ')' | ']' => {
                depth -= 1;
                1
            }
            _ => c.len_utf8(),
        };
        rest = &rest[skipped..];
    }
    depth == 0
}

/// Gives the length of a text in dollar quotes that begins here; `Some(None)` where it is never closed, `None` where
/// none begins.
fn dollar_quoted(text: &str) -> Option<Option<usize>> {
    let tag = text[1..].find('$').map(|at| &text[..at + 2])?;
    if !tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    Some(text[tag.len()..].find(tag).map(|at| at + 2 * tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Source, yaml::read_one};
    use std::sync::Arc;

    fn check(text: &str) -> Vec<Result<String, (Code, String)>> {
        let node = match read_one(&Arc::new(Source { name: "t".into(), text: text.into() })) {
            Ok(node) => node,
            Err(d) => return d.0.into_iter().map(|d| Err((d.code, d.help.unwrap_or_default()))).collect(),
        };
        fn leaves<'a>(node: &'a Node, out: &mut Vec<&'a Node>) {
            match &node.value {
                Value::Null | Value::Scalar { .. } => out.push(node),
                Value::Sequence(nodes) => nodes.iter().for_each(|n| leaves(n, out)),
                Value::Mapping(entries) => entries.iter().for_each(|e| leaves(&e.value, out)),
            }
        }
        let mut found = Vec::new();
        leaves(&node, &mut found);
        let judge =
            |n: &&Node| sql_scalar(n, "it").map(str::to_owned).map_err(|d| (d.code, d.help.unwrap_or_default()));
        found.iter().map(judge).collect()
    }

    #[test]
    fn names_types_and_quoted_text_are_taken() {
        for text in [
            "a: {type: halfvec(3072), storage: plain}",
            "[repository_id, path]",
            "{id: integer not null, n: text}",
            "{id: bigint generated always as identity, n: text default 'x' not null, b: 'a, b'}",
            "a: {where: a > 1, b: status = 'x', c: a in (1)}",
            "a: [lower(path), a desc nulls last, \"b, c\"]",
            "a: {where: b is \"B\", c: $1 = $$x$$, d: select 1}",
            "a: {default: 1.5, b: -3, c: now(), d: public.documents, e: größe, f: t_$1, g: null}",
            "a: {b: 'a, b', c: \"x # y\", d: \"x\" }  # comment",
            "a: numeric(10,2) default 3 check (a > 1)",
            "a: a#b",
            "a: |\n  select 1 -- # x\n",
            "a: 'x' # comment",
        ] {
            assert!(check(text).iter().all(Result::is_ok), "{text}: {:?}", check(text));
        }
    }

    #[test]
    fn what_yaml_cuts_is_an_error_with_the_quoted_form() {
        for (text, help) in [
            ("a: {type: numeric(10,2)}", "write \"numeric(10,2)\""),
            ("a: {type: numeric(10,2) not null, b: c}", "write \"numeric(10,2) not null\""),
            ("a: [numeric(10,2), text]", "write \"numeric(10,2)\""),
            ("a: {where: x = $$a,b$$}", "write \"x = $$a,b$$\""),
            ("a: {query: select a, b from t, c: d}", "write \"select a, b from t, c: d\""),
            ("a: {where: x = 'a,b'}", "write \"x = 'a,b'\""),
            ("a: [lower(path), coalesce(a, 'x')]", "write \"coalesce(a, 'x')\""),
            ("a: {where: a is \"B,C\"}", "write 'a is \"B,C\"'"),
            (
                "a: path # >> 'x'",
                "if it is SQL, write \"path # >> 'x'\"; if it is a comment, give it its own line above",
            ),
        ] {
            let found = check(text);
            assert!(found.contains(&Err((Code::YamlEatsSql, help.to_owned()))), "{text}: {found:?}");
        }
        for text in ["a: ", "a: ~", "a: ''"] {
            assert!(matches!(check(text).as_slice(), [Err((Code::WrongType, _))]), "{text}");
        }
    }
}
