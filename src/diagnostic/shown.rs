//! Writes texts so that they can stand on a line of a terminal, hidden letters as escapes; and words with an article.
/// Writes the text as it may stand on a line of a terminal or a review: letters that move the cursor, reorder the line,
/// or take no room are written as escapes. Names in a database can hold any of them.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || is_hidden(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Writes the word with its article: `a check`, `an index`, `an hnsw`.
#[must_use]
pub fn with_article(word: &str) -> String {
    // Words with an h in front begin with a vowel only where they are spelled letter by letter.
    let an = word.starts_with(['a', 'e', 'i', 'o'])
        || (word.starts_with('u') && !word.starts_with("uni") && !word.starts_with("use"))
        || word == "hnsw";
    format!("{} {word}", if an { "an" } else { "a" })
}

/// Tells whether a letter is a format character, a separator of lines, or a space that looks like another.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(
            c,
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{115f}' | '\u{1160}'
        )
        || matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_articles() {
        let a = ["check", "hash", "unique key", "user mapping", "gin", "view"];
        let an = ["index", "hnsw", "ivfflat", "exclusion constraint", "operator", "unlogged table"];
        assert!(a.iter().all(|word| with_article(word) == format!("a {word}")));
        assert!(an.iter().all(|word| with_article(word) == format!("an {word}")));
    }

    #[test]
    fn nothing_hidden_reaches_the_terminal() {
        assert_eq!(shown("größe 日本 a.b \"q\" \\n"), "größe 日本 a.b \"q\" \\n");
        assert_eq!(shown("a\nb\t\u{1b}[2J\u{202e}x\u{200b}"), "a\\nb\\t\\u{1b}[2J\\u{202e}x\\u{200b}");
        assert_eq!(shown("\u{85}\u{7f}\u{2028}\u{a0}"), "\\u{85}\\u{7f}\\u{2028}\\u{a0}");
    }
}
