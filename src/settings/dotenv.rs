//! `.env` files: `KEY=VALUE`, `export KEY=VALUE`, comments, quotes. Substitutes and runs nothing.

/// Meaning of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A variable.
    Set(String, String),
    /// No variable; the reason does not repeat the line, which may hold a password.
    Strange(&'static str),
}

/// Reads the lines that are neither empty nor comments, with their numbers from 1.
///
/// In `'…'` every letter counts as written; in `"…"` the escapes `\n`, `\t`, `\r`, `\"`, `\\` and `\$` are undone;
/// without quotes the value ends before a ` #` and is trimmed. Values do not go over several lines.
pub(super) fn parse(text: &str) -> Vec<(usize, Line)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(n, line)| (n, one(line))).collect()
}

fn one(line: &str) -> Line {
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        Some(_) | None => line,
    };
    let Some((key, value)) = line.split_once('=') else { return Line::Strange("it has no `=`") };
    let key = key.trim_end();
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !key.starts_with(first) || !key.chars().all(|c| first(c) || c.is_ascii_digit() || c == '.' || c == '-') {
        return Line::Strange("what stands before the `=` is no name");
    }
    match value_of(value.trim()) {
        Ok(value) => Line::Set(key.to_owned(), value),
        Err(why) => Line::Strange(why),
    }
}

fn value_of(text: &str) -> Result<String, &'static str> {
    let quote = match text.chars().next() {
        Some(c @ ('"' | '\'')) => c,
        Some('#') | None => return Ok(String::new()),
        Some(_) => {
            let end = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
            return Ok(text[..end].trim_end().to_owned());
        }
    };
    let mut value = String::new();
    let mut characters = text[1..].chars();
    loop {
        match characters.next() {
            None => return Err("its quote is never closed"),
            Some(c) if c == quote => break,
            Some('\\') if quote == '"' => match characters.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(c @ ('"' | '\\' | '$')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => return Err("its quote is never closed"),
            },
            Some(c) => value.push(c),
        }
    }
    let rest = characters.as_str().trim_start();
    if rest.is_empty() || rest.starts_with('#') { Ok(value) } else { Err("something stands behind its closing quote") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_written() {
        let text = "\u{feff}# c\nA=1\r\nexport B = two words # c\nC='a # \\n'  # c\nD=\"x\\n\\\"y\\\" $E \\q\"\nE=\nF=#c\nG=a#b=c\nexported=1\nH=x \t# c\n";
        let read: Vec<(usize, Line)> = parse(text);
        let expected = [
            (2, "A", "1"),
            (3, "B", "two words"),
            (4, "C", "a # \\n"),
            (5, "D", "x\n\"y\" $E \\q"),
            (6, "E", ""),
            (7, "F", ""),
            (8, "G", "a#b=c"),
            (9, "exported", "1"),
            (10, "H", "x"),
        ];
        assert_eq!(read, expected.map(|(n, k, v)| (n, Line::Set(k.into(), v.into()))));
    }

    #[test]
    fn strange_lines_are_told_apart() {
        let read = parse("nothing\n1A=x\nA='x\nA=\"x\\\nA='x' y\n=x\nexport\n");
        assert_eq!(read.len(), 7);
        assert!(read.iter().all(|(_, line)| matches!(line, Line::Strange(_))), "{read:?}");
    }
}
