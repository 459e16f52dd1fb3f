//! Turns offsets in characters into offsets in bytes.
/// Number of characters between two remembered places.
const STEP: usize = 128;

/// Turns saphyr's markers (counted in characters) into byte offsets, without a table as large as the text.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// Byte offsets of each `STEP`th character; none where bytes and characters are the same.
    marks: Option<Vec<usize>>,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let marks = (!text.is_ascii()).then(|| text.char_indices().step_by(STEP).map(|(byte, _)| byte).collect());
        Self { text, marks }
    }

    /// Gives the byte offset of the character with this number; the text's end for later ones.
    pub(super) fn byte(&self, character: usize) -> usize {
        let Some(marks) = &self.marks else { return character.min(self.text.len()) };
        let Some(&from) = marks.get(character / STEP) else { return self.text.len() };
        let rest = &self.text[from..];
        rest.char_indices().nth(character % STEP).map_or(self.text.len(), |(byte, _)| from + byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_a_long_text_is_found() {
        let text: String = "aé中🦀\r\n".repeat(200);
        let offsets = Offsets::new(&text);
        for (number, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.byte(number), byte);
        }
        assert_eq!(offsets.byte(text.chars().count()), text.len());
        assert_eq!(offsets.byte(usize::MAX), text.len());
        assert_eq!(Offsets::new("abc").byte(9), 3);
    }
}
