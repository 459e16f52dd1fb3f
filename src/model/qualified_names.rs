//! Replaces qualified names in SQL that PostgreSQL prints, of an identity or of a whole statement.
//! An identity's is `kind public.mood, VARIADIC others "Odd".point[]`.
use super::{Qualified, is_name_letter};

/// The text with other names where `new` gives one. What stands alone is no qualified name: a mode, an argument's name, a
/// type of PostgreSQL's own. What is quoted as a string, a function's body for one, stays as it is.
pub(super) fn with_names(text: &str, new: impl Fn(&Qualified) -> Qualified) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while !rest.is_empty() {
        let Some((schema, behind)) = identifier(rest) else {
            let other = string(rest).unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
            out.push_str(&rest[..other]);
            rest = &rest[other..];
            continue;
        };
        match behind.strip_prefix('.').and_then(identifier) {
            Some((name, behind)) => {
                let old = Qualified::new(schema, name);
                out.push_str(&new(&old).to_string());
                // A part of what was named follows as it is.
                let end = behind.find(|c: char| c != '.' && !is_name_letter(c) && c != '"').unwrap_or(behind.len());
                out.push_str(&behind[..end]);
                rest = &behind[end..];
            }
            None => {
                out.push_str(&rest[..rest.len() - behind.len()]);
                rest = behind;
            }
        }
    }
    out
}

/// Length of the string that a text begins with, in either way of quoting, in bytes.
fn string(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_prefix('\'') {
        // Two of them are one inside: then another string begins right behind.
        return Some(inside.find('\'').map_or(text.len(), |at| at + 2));
    }
    let tag = text.strip_prefix('$')?;
    let tag = &tag[..tag.find(|c: char| !is_name_letter(c) || c == '$').unwrap_or(tag.len())];
    let quote = format!("${tag}$");
    let inside = text.strip_prefix(quote.as_str())?;
    Some(inside.find(&quote).map_or(text.len(), |at| quote.len() + at + quote.len()))
}

/// The identifier that a text begins with, without its quotes, and what follows.
fn identifier(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut name = String::new();
        let mut chars = quoted.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '"' {
                name.push(c);
            } else if chars.next_if(|(_, next)| *next == '"').is_some() {
                name.push('"');
            } else {
                return Some((name, &quoted[at + 1..]));
            }
        }
        return None;
    }
    text.chars().next().filter(|c| is_name_letter(*c) && !c.is_ascii_digit() && *c != '$')?;
    let end = text.find(|c: char| !is_name_letter(c)).unwrap_or(text.len());
    Some((text[..end].to_owned(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_qualified_names_get_others() {
        let new = |name: &Qualified| {
            let schema = if name.schema.as_str() == "app" { "the web" } else { name.schema.as_str() };
            Qualified::new(schema, name.name.as_str())
        };
        for (before, after) in [
            ("", ""),
            (
                "app text, numeric(10,2), timestamp(3) without time zone",
                "app text, numeric(10,2), timestamp(3) without time zone",
            ),
            ("app app.app[], VARIADIC public.\"Odd.app\"", "app \"the web\".app[], VARIADIC public.\"Odd.app\""),
            ("\"app\".\"a\"\"b\"", "\"the web\".\"a\"\"b\""),
            ("app.t.c", "\"the web\".t.c"),
            ("public.\"app.t\"", "public.\"app.t\""),
            ("\"app", "\"app"),
            (
                "a app.b default 'app.c it''s app.d'::app.e",
                "a \"the web\".b default 'app.c it''s app.d'::\"the web\".e",
            ),
            ("app.f() as $fun$ app.g $1 $fun$ set app.h", "\"the web\".f() as $fun$ app.g $1 $fun$ set \"the web\".h"),
            ("$$app.a$$ app.b $1", "$$app.a$$ \"the web\".b $1"),
            ("'app.a", "'app.a"),
        ] {
            assert_eq!(with_names(before, new), after, "{before}");
        }
    }
}
