//! Indexes in words: in brief, and attribute by attribute where two differ, keys by the words in which they do.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::Pair,
    model::{Index, IndexKey, Parameters},
    plan::sql::list,
};

impl Brief for Index {
    /// Index in a line: `hnsw (embedding halfvec_cosine_ops) with m=24`.
    fn brief(&self, words: &Words) -> String {
        let unique = if self.unique { "unique " } else { "" };
        let mut out = format!("{unique}{} ({})", self.method, keys(&self.keys, words));
        if !self.include.is_empty() {
            out.push_str(&format!(" include ({})", list(&self.include)));
        }
        if self.nulls_not_distinct {
            out.push_str(" nulls not distinct");
        }
        let parameters = self.parameters();
        if !parameters.is_empty() {
            out.push_str(&format!(" with {}", settings(parameters.sorted().into_iter())));
        }
        if let Some(predicate) = &self.predicate {
            out.push_str(&format!(" where {}", words.fragment(predicate)));
        }
        if !self.valid {
            out.push_str(" INVALID");
        }
        out
    }
}

fn keys(keys: &[IndexKey], words: &Words) -> String {
    list(keys.iter().map(|key| words.fragment(&key.sql)))
}

fn settings<'a>(parameters: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    parameters.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

pub(super) fn difference(pair: Pair<'_, Index>, attribute: &str, words: &Words) -> Vec<Difference> {
    let Pair { before, after } = pair;
    let one = match attribute {
        "table" => Difference::of("on", Some(words.name(&before.table)), Some(words.name(&after.table))),
        "using" => Difference::bare("using", before.method.clone(), after.method.clone()),
        "unique" => Difference::flag("unique", after.unique),
        "nulls_not_distinct" => Difference::flag("nulls not distinct", after.nulls_not_distinct),
        "include" => {
            let text = |i: &Index| (!i.include.is_empty()).then(|| format!("({})", list(&i.include)));
            Difference::of("include", text(before), text(after))
        }
        "where" => {
            let text = |i: &Index| i.predicate.as_ref().map(|p| words.fragment(p));
            Difference::of("where", text(before), text(after))
        }
        "invalid" if after.valid => {
            Difference { says: "no longer invalid".to_owned(), ..Difference::flag("invalid", false) }
        }
        "invalid" => {
            let says = "INVALID: a build of it was cut off".to_owned();
            Difference { says, ..Difference::flag("invalid", true) }
        }
        "with" => return with(&before.parameters(), &after.parameters()),
        _ => return key_differences(before, after, words),
    };
    vec![one]
}

/// Differences of parameters: changed ones, then new ones, then those that are back at their default.
fn with(before: &Parameters, after: &Parameters) -> Vec<Difference> {
    let changed = before.sorted().into_iter().filter_map(|(name, a)| {
        let b = after.get(name).filter(|b| *b != a)?;
        Some(Difference::of(name, Some(a.clone()), Some(b.clone())))
    });
    let mut out: Vec<Difference> = changed.collect();
    let new = settings(after.sorted().into_iter().filter(|(name, _)| !before.contains_key(name)));
    let gone = settings(before.sorted().into_iter().filter(|(name, _)| !after.contains_key(name)));
    if !new.is_empty() {
        out.push(Difference::bare("with", "", new));
    }
    if !gone.is_empty() {
        out.push(Difference::bare("with", gone, ""));
    }
    out
}

/// Differences of keys, each by the words in which it differs.
fn key_differences(before: &Index, after: &Index, words: &Words) -> Vec<Difference> {
    if before.keys.len() != after.keys.len() {
        let text = |i: &Index| format!("({})", keys(&i.keys, words));
        return vec![Difference::bare("keys", text(before), text(after))];
    }
    let pairs = before.keys.iter().zip(&after.keys).map(|(a, b)| words.both(&a.sql, &b.sql));
    pairs
        .filter(|(a, b)| a != b)
        .map(|(a, b)| {
            let (short_a, short_b) = apart(&a, &b);
            Difference::bare("keys", short_a, short_b)
        })
        .collect()
}

/// Cuts the equal words at the beginning and end of two texts; none where one text would be empty.
fn apart<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    // Only plain words can stand by themselves: a part of an expression would mislead.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | '"');
    if !a.chars().chain(b.chars()).all(plain) {
        return (a, b);
    }
    let (x, y): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let front = x.iter().zip(&y).take_while(|(a, b)| a == b).count();
    let room = x.len().min(y.len()) - front;
    let behind = x.iter().rev().zip(y.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let cut = |text: &'a str, words: &[&str]| {
        let length = |words: &[&str]| words.iter().map(|w| w.len() + 1).sum::<usize>();
        let (from, to) = (length(&words[..front]), text.len() - length(&words[words.len() - behind..]));
        text.get(from..to).unwrap_or(text)
    };
    if x.len() == front + behind || y.len() == front + behind { (a, b) } else { (cut(a, &x), cut(b, &y)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_show_the_words_that_differ() {
        for (a, b, expected) in [
            ("embedding vector_l2_ops", "embedding vector_cosine_ops", ("vector_l2_ops", "vector_cosine_ops")),
            ("path", "path desc", ("path", "path desc")),
            ("path desc", "title desc", ("path", "title")),
            ("a x b", "a y b", ("x", "y")),
            ("lower(path)", "upper(path)", ("lower(path)", "upper(path)")),
            ("a a", "a", ("a a", "a")),
        ] {
            assert_eq!(apart(a, b), expected);
        }
    }

    #[test]
    fn parameters_show_what_differs() {
        let map = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let says = |a: &[(&str, &str)], b: &[(&str, &str)]| super::super::joined(&with(&map(a), &map(b)));
        assert_eq!(says(&[], &[("m", "24"), ("ef_construction", "128")]), "+ ef_construction=128 m=24");
        assert_eq!(says(&[("m", "24")], &[("m", "32")]), "m 24  →  32");
        assert_eq!(says(&[("m", "24")], &[]), "- m=24");
    }
}
