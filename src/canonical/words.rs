//! Cuts a statement into words with their places, for taking a part of it as it was written.
use super::parse::SqlError;

/// A word of a text: an identifier, a keyword, a constant, a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'t str,
    /// The number of parentheses and brackets that are open around the word.
    pub(super) depth: usize,
}

impl Word<'_> {
    /// Says that the word is the keyword, in whatever case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }

    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }
}

/// Gives the words of a text, comments left out.
pub(super) fn words(text: &str) -> Result<Vec<Word<'_>>, SqlError> {
    let scanned = pg_query::scan(text).map_err(|error| SqlError::new(error.to_string()))?;
    let (mut out, mut depth) = (Vec::new(), 0_usize);
    for token in scanned.tokens {
        let (start, end) = (usize::try_from(token.start).unwrap_or(0), usize::try_from(token.end).unwrap_or(0));
        let Some(word) = text.get(start..end).filter(|w| !w.starts_with("--") && !w.starts_with("/*")) else {
            continue;
        };
        if matches!(word, ")" | "]") {
            depth = depth.saturating_sub(1);
        }
        out.push(Word { start, end, text: word, depth });
        if matches!(word, "(" | "[") {
            depth += 1;
        }
    }
    Ok(out)
}

/// Finds the place of the sign that closes what the word at `open` opens.
pub(super) fn closing(words: &[Word<'_>], open: usize) -> Option<usize> {
    let depth = words.get(open)?.depth;
    (open + 1..words.len()).find(|at| words[*at].depth == depth && matches!(words[*at].text, ")" | "]"))
}

/// Gives the text from one word to another, as it was written.
pub(super) fn between<'t>(text: &'t str, words: &[Word<'_>]) -> &'t str {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or_default(),
        (_, _) => "",
    }
}

/// Writes a string as PostgreSQL prints one: standard strings, without escapes.
pub(super) fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
