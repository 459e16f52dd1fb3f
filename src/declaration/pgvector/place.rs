//! Finds the place of a word inside of a text of SQL.
use crate::diagnostic::Place;

/// Finds the first place of a word inside of a place, or the whole where there is none: neither a part of a longer
/// name, nor of a longer operator.
pub(super) fn word_at(place: &Place, word: &str) -> Place {
    if word.is_empty() {
        return place.clone();
    }
    let text = &place.source.text[place.span.clone()];
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let named = word.starts_with(letter);
    let goes_on = |c: char| if named { letter(c) } else { "+-*/<>=~!@#%^&|`?".contains(c) };
    let whole = |at: &usize| !text[..*at].ends_with(goes_on) && !text[*at + word.len()..].starts_with(goes_on);
    match text.match_indices(word).map(|(at, _)| at).find(whole) {
        Some(at) => Place::new(&place.source, place.span.start + at..place.span.start + at + word.len()),
        None => place.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn words_are_found_whole() {
        let source =
            std::sync::Arc::new(Source { name: "a.yaml".into(), text: "my_halfvec a<+>b e::halfvec x <+ y".into() });
        let all = Place::new(&source, 0..source.text.len());
        assert_eq!(word_at(&all, "halfvec").span, 20..27);
        assert_eq!(word_at(&all, "<+>").span, 12..15);
        assert_eq!(word_at(&all, "<+").span, 30..32);
        assert_eq!(word_at(&all, "gone").span, all.span);
    }
}
