//! Names of plan files: `NNNN-slug.yaml`. The number orders them for people; the chain goes by digests.

use crate::diagnostic::{Code, Diagnostic};

/// Greatest length of a title, in letters: it stands in every list of plans.
const MAX_TITLE: usize = 200;
/// Greatest length of a slug, in letters.
const MAX_SLUG: usize = 50;

/// Number and slug of a plan file's name.
pub(super) fn parse(file_name: &str) -> Option<(u32, &str)> {
    let (number, slug) = file_name.strip_suffix(".yaml")?.split_once('-')?;
    let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let digits = number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit());
    (digits && letters && !slug.is_empty()).then(|| number.parse().ok().map(|number| (number, slug)))?
}

/// Refuses a text that cannot be a plan's title: empty, more than a line, or too long.
///
/// # Errors
/// `usage` with the reason.
pub fn titled(title: &str) -> Result<(), Diagnostic> {
    let why = match title {
        _ if title.trim().is_empty() => "is empty",
        _ if title.chars().any(char::is_control) => "has line ends or control characters",
        _ if title.chars().count() > MAX_TITLE => "is longer than 200 letters",
        _ => return Ok(()),
    };
    Err(Diagnostic::error(Code::Usage, format!("the title of the plan {why}"))
        .help("say in a few words what it is for: -m \"add embeddings\""))
}

/// Title in small ASCII letters with hyphens, cut behind a word; never one that reads as a number or a digest.
pub(super) fn slug(title: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut length = 0;
    let letters: String = title.to_lowercase().chars().map(plain).collect();
    for word in letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if length + word.len() > MAX_SLUG {
            if words.is_empty() {
                words.push(word[..MAX_SLUG].to_owned());
            }
            break;
        }
        length += word.len() + 1;
        words.push(word.to_owned());
    }
    let slug = words.join("-");
    match slug.bytes().all(|b| b.is_ascii_hexdigit()) {
        true if slug.is_empty() => "plan".to_owned(),
        true if slug.len() > 3 || slug.bytes().all(|b| b.is_ascii_digit()) => format!("plan-{slug}"),
        _ => slug,
    }
}

/// Letters of Latin scripts without their marks, as far as titles commonly have them.
fn plain(c: char) -> String {
    let found = match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ě' | 'ę' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ø' | 'ő' => "o",
        'ö' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' => "s",
        'ß' => "ss",
        'ť' | 'ţ' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\'' | '’' => "",
        other => return other.to_string(),
    };
    found.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_of_files() {
        for (title, expected) in [
            ("add embeddings", "add-embeddings"),
            ("Größe & Farbe: später!", "groesse-farbe-spaeter"),
            ("don't", "dont"),
            ("", "plan"),
            ("日本語", "plan"),
            ("2024", "plan-2024"),
            ("deadbeef", "plan-deadbeef"),
            ("add", "add"),
            ("../../etc/passwd\n\0", "etc-passwd"),
        ] {
            assert_eq!(slug(title), expected, "{title}");
        }
        assert_eq!(slug(&"word ".repeat(30)), "word-word-word-word-word-word-word-word-word-word");
        assert_eq!(slug(&"x".repeat(300)).len(), 50);
    }

    #[test]
    fn a_title_is_one_line_that_says_something() {
        for title in ["add embeddings", "🎉", "日本語", &"x".repeat(200)] {
            assert!(titled(title).is_ok(), "{title}");
        }
        for title in ["", "  ", "\n", "a\nb", "a\u{1b}[2J", &"x".repeat(201)] {
            assert!(titled(title).is_err(), "{title:?}");
        }
    }

    #[test]
    fn names_of_files_are_read() {
        assert_eq!(parse("0003-add-embeddings.yaml"), Some((3, "add-embeddings")));
        assert_eq!(parse("12345-x.yaml"), Some((12345, "x")));
        for name in
            ["3-x.yaml", "0003.yaml", "0003-.yaml", "0003-X.yaml", "0003-x.yml", "facts.yaml", "99999999999-x.yaml"]
        {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
