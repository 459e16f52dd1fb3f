//! Places in texts that people can be pointed into.
use std::{ops::Range, sync::Arc};

/// A text that people can be pointed into: a file of theirs, or a generated one.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown to people, a path relative to where they stand.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// A span of bytes in a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// The text pointed into.
    pub source: Arc<Source>,
    /// Byte offsets, end exclusive; always within the text and on character boundaries.
    pub span: Range<usize>,
}

impl Place {
    /// Makes the place of these bytes of the source; clipped to the text, so a place can always be shown.
    #[must_use]
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let clip = |at: usize| {
            let mut at = at.min(source.text.len());
            while !source.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clip(span.start), clip(span.end.max(span.start)));
        Self { source: Arc::clone(source), span: start..end }
    }

    /// The line of the place's start, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.text[..self.span.start].matches('\n').count() + 1
    }

    /// The column of the place's start, in characters, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        let line = self.source.text[..self.span.start].rsplit('\n').next().unwrap_or_default();
        line.chars().count() + 1
    }

    /// The place up to the end of its first line: what shows where something begins.
    #[must_use]
    pub fn first_line(&self) -> Self {
        let text = &self.source.text[self.span.clone()];
        let end = text.find(['\n', '\r']).map_or(self.span.end, |at| self.span.start + at);
        Self { source: Arc::clone(&self.source), span: self.span.start..end }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.source.name, self.line())
    }
}
