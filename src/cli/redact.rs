//! Redaction of passwords in all that is printed: arguments, lines of the settings, addresses in messages of others.

/// Replaces every byte of a password by `*`, so that positions in the text stay valid.
pub(super) fn redact(text: &str) -> String {
    blot(text, &[in_addresses(text), behind_keywords(text, '=')].concat())
}

/// Redacts the text of a settings file, where a password may also have a key of its own.
pub(super) fn redact_settings(text: &str) -> String {
    blot(text, &[in_addresses(text), behind_keywords(text, '='), behind_keywords(text, ':')].concat())
}

type Spans = Vec<(usize, usize)>;

fn blot(text: &str, spans: &[(usize, usize)]) -> String {
    let hidden = |at: usize| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
    let blotted = text.char_indices().map(|(at, c)| if hidden(at) { "*".repeat(c.len_utf8()) } else { c.to_string() });
    if spans.is_empty() { text.to_owned() } else { blotted.collect() }
}

/// Spans of passwords in `scheme://user:PASSWORD@host`. The last `@` of the word ends one; where the word has none,
/// that of the line.
fn in_addresses(text: &str) -> Spans {
    let mut spans = Vec::new();
    for (at, sign) in text.match_indices("://") {
        let start = at + sign.len();
        let line = &text[start..start + text[start..].find(['\n', '\r']).unwrap_or(text.len() - start)];
        let word = &line[..line.find(char::is_whitespace).unwrap_or(line.len())];
        let Some(colon) = word.find(':') else { continue };
        if let Some(end) = word.rfind('@').or_else(|| line.rfind('@')).filter(|end| *end > colon) {
            spans.push((start + colon + 1, start + end));
        }
    }
    spans
}

/// Spans of values in `password=VALUE` and the like, quoted or up to a space; after `:` up to the line's end.
fn behind_keywords(text: &str, sign: char) -> Spans {
    // Lower-casing ASCII alone keeps the positions.
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    for word in ["password", "passwd", "pgpassword", "sslpassword"] {
        for (at, _) in lower.match_indices(word) {
            let behind = text[at + word.len()..].trim_start_matches([' ', '"', '\'']);
            let Some(value) = behind.strip_prefix(sign) else { continue };
            let value = value.trim_start_matches(' ');
            let start = text.len() - value.len();
            let ends = |value: &str, quote: char| value[1..].find(quote).map(|end| end + 2);
            let length = match (value.chars().next(), sign) {
                (Some(quote @ ('\'' | '"')), _) => ends(value, quote).unwrap_or(value.len()),
                (_, ':') => value.find(['\n', '\r']).unwrap_or(value.len()),
                (_, _) => value.find(|c: char| c.is_whitespace() || c == '&').unwrap_or(value.len()),
            };
            spans.push((start, start + length));
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_stays_and_nothing_moves() {
        for text in [
            "unexpected argument 'postgres://u:hunter2@h/db' found",
            "postgres://u:hun/hunter2@h/db",
            "postgres://u:a hunter2@h/db",
            "url: \"postgresql+psycopg://u:h@hunter2@h:5432/db\"",
            "host=h password=hunter2 user=u",
            "host=h PASSWORD = 'hunter2 hunter2' user=u",
            "PGPASSWORD=hunter2",
            "postgres://h/db?user=u&password=hunter2&sslmode=require",
            "two\npostgres://ü:hunter2@h\nthree",
        ] {
            let redacted = redact(text);
            assert!(!redacted.contains("hunter2") && redacted.len() == text.len(), "{redacted}");
        }
        for text in ["postgres://u@h:5432/db --accept x@y", "password: text not null", "see https://x.org/a: b"] {
            assert_eq!(redact(text), text);
        }
        let settings = "production:\n  password: hunter2\n  role: x";
        assert_eq!(redact_settings(settings), "production:\n  password: *******\n  role: x");
    }
}
