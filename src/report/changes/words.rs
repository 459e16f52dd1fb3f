//! SQL in words of people: on one line, without the schema's name where a plan is about one schema alone.
use crate::model::{Fragment, Qualified, quote};

/// Way to show SQL: on one line, and without the schema's name where the plan is about one schema alone.
#[derive(Clone, Debug, Default)]
pub struct Words {
    prefix: Option<String>,
}

impl Words {
    /// Makes it for a plan about these schemas.
    #[must_use]
    pub fn new(schemas: &[String]) -> Self {
        match schemas {
            [only] => Self { prefix: Some(format!("{}.", quote(only))) },
            _ => Self::default(),
        }
    }

    /// Name of a relation or type.
    pub(super) fn name(&self, name: &Qualified) -> String {
        self.sql(&name.to_string())
    }

    /// Fragment as somebody wrote it, which they recognize.
    pub(super) fn fragment(&self, fragment: &Fragment) -> String {
        self.sql(fragment.as_written())
    }

    /// Texts of two fragments that differ: as written, or as settled where only those differ.
    pub(super) fn both(&self, before: &Fragment, after: &Fragment) -> (String, String) {
        let written = (self.fragment(before), self.fragment(after));
        if written.0 == written.1 { (self.sql(before.sql()), self.sql(after.sql())) } else { written }
    }

    /// Text of SQL. Names and strings in it stay whole, whatever they hold.
    pub(super) fn sql(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.trim();
        while let Some(c) = rest.chars().next() {
            let joins = out.ends_with('.');
            if let Some(prefix) = &self.prefix
                && !joins
                && let Some(tail) = rest.strip_prefix(prefix.as_str())
            {
                rest = tail;
                continue;
            }
            if c.is_whitespace() {
                rest = rest.trim_start();
                out.push(' ');
                continue;
            }
            let (token, tail) = rest.split_at(token(rest, c, &out));
            out.push_str(token);
            rest = tail;
        }
        out
    }
}

/// Length of the token at the beginning: a string, a quoted name, a word, or one letter.
fn token(rest: &str, first: char, before: &str) -> usize {
    match first {
        '\'' => {
            let escapes = before.ends_with(['e', 'E']) && !word_before(&before[..before.len() - 1]);
            quoted(rest, '\'', escapes)
        }
        '"' => quoted(rest, '"', false),
        '$' => dollar(rest).unwrap_or(1),
        c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        c => c.len_utf8(),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn word_before(text: &str) -> bool {
    text.ends_with(is_word)
}

fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = letters.next() {
        if escapes && c == '\\' {
            letters.next();
        } else if c == quote {
            match letters.peek() {
                // A doubled quote is one letter of the text.
                Some((_, next)) if *next == quote => drop(letters.next()),
                _ => return at + 1,
            }
        }
    }
    rest.len()
}

/// Length of a string between `$tag$` and `$tag$`.
fn dollar(rest: &str) -> Option<usize> {
    let tag = &rest[..rest[1..].find('$')? + 2];
    let inner = &tag[1..tag.len() - 1];
    let plain = inner.chars().all(|c| c.is_alphanumeric() || c == '_') && !inner.starts_with(|c: char| c.is_numeric());
    plain.then(|| rest[tag.len()..].find(tag).map_or(rest.len(), |at| at + 2 * tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_goes_where_it_is_a_schema_and_nowhere_else() {
        let words = Words::new(&["public".to_owned()]);
        for (sql, shown) in [
            ("public.halfvec(3072)", "halfvec(3072)"),
            ("embedding  public.halfvec_l2_ops\n  desc", "embedding halfvec_l2_ops desc"),
            ("a <> 'public.b  c' and public.f(x)", "a <> 'public.b  c' and f(x)"),
            ("a <> E'\\'public.b' and public.f(x)", "a <> E'\\'public.b' and f(x)"),
            ("x.public.y = republic.y", "x.public.y = republic.y"),
            ("\"public.a\" = \"say \"\"public.b\"\"\"", "\"public.a\" = \"say \"\"public.b\"\"\""),
            ("$q$public.a$q$ || public.b", "$q$public.a$q$ || b"),
            ("(public.a)::public.b", "(a)::b"),
            ("'unclosed public.", "'unclosed public."),
        ] {
            assert_eq!(words.sql(sql), shown);
        }
        let odd = Words::new(&["My schema".to_owned()]);
        assert_eq!(odd.sql("\"My schema\".\"T\" public.t"), "\"T\" public.t");
        let several = Words::new(&["a".to_owned(), "public".to_owned()]);
        assert_eq!(several.sql("public.a"), "public.a");
    }
}
