//! Differences of two long texts: excerpts from where they begin to differ.
use super::Difference;

/// Letters shown before the place where two texts part, and from there on.
const BEFORE: usize = 24;
const FROM: usize = 48;

impl Difference {
    /// Difference of texts too long to be shown whole: the data has both whole, the words the first place where they
    /// differ.
    pub(super) fn text(attribute: &str, before: &str, after: &str) -> Self {
        let (a, b) = excerpts(before, after);
        let says = format!("{attribute} {a}  →  {b}");
        Self { attribute: attribute.to_owned(), before: Some(before.to_owned()), after: Some(after.to_owned()), says }
    }

    /// Difference that stands alone: of a query, with the place where it changed.
    #[must_use]
    pub fn in_full(self) -> Self {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if self.attribute == "query" => Self::text("query", before, after),
            _ => self,
        }
    }
}

fn excerpts(a: &str, b: &str) -> (String, String) {
    let squeezed = (squeeze(a), squeeze(b));
    // Texts that differ in spaces alone show them.
    let (a, b): (Vec<char>, Vec<char>) = if squeezed.0 == squeezed.1 {
        (a.escape_debug().collect(), b.escape_debug().collect())
    } else {
        (squeezed.0.chars().collect(), squeezed.1.chars().collect())
    };
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let left = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(x, y)| x == y).count();
    (excerpt(&a, same, a.len() - left), excerpt(&b, same, b.len() - left))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Excerpt of a text around its own part, from `start` to `end`; both ends at a space where there is one near.
fn excerpt(text: &[char], start: usize, end: usize) -> String {
    let near = |place: &usize| text[*place] == ' ';
    let low = start.saturating_sub(BEFORE);
    let from = if low == 0 { 0 } else { (low..start).find(near).map_or(low, |place| place + 1) };
    let most = (start + FROM).min(text.len());
    let to = if end >= most { most } else { (end..most).find(near).unwrap_or(most) };
    let shown: String = text[from..to].iter().collect();
    let (head, tail) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    format!("{head}{shown}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_from_where_they_part() {
        let body = |n: &str| {
            format!("create function f()\n returns int language sql as $$ select {n} from numbers as many $$")
        };
        let told = Difference::text("create", &body("one"), &body("two"));
        assert_eq!(told.says, "create …sql as $$ select one…  →  …sql as $$ select two…");
        assert_eq!(told.after.as_deref(), Some(body("two").as_str()));
        assert_eq!(Difference::text("create", "a b", "a b c").says, "create a b  →  a b c");
        assert_eq!(Difference::text("create", "a b", "a  b").says, "create a b  →  a  b");
        let long = "x".repeat(500);
        assert!(Difference::text("create", &format!("{long}a{long}"), &format!("{long}b{long}")).says.len() < 200);
    }
}
