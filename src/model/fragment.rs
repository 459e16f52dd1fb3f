//! Fragments: pieces of SQL in the model, as written and as PostgreSQL prints them.
/// A piece of SQL in the model: a type, an expression, a query.
///
/// Two texts of one meaning: as somebody wrote it (in the declaration, or as the catalog printed it), and as settled:
/// what a PostgreSQL printed after it had stored the text, under an empty `search_path`, in canonical form. A fragment
/// from the declaration is not settled until the shadow has built it. Only `canonical` and `shadow` make settled texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fragment {
    written: String,
    settled: Option<String>,
}

impl Fragment {
    /// Makes a fragment as written in a declaration; not settled yet.
    #[must_use]
    pub fn written(text: impl Into<String>) -> Self {
        Self { written: text.into(), settled: None }
    }

    /// Makes a fragment as a catalog printed it, or as a plan recorded it: both texts.
    #[must_use]
    pub fn settled(written: impl Into<String>, settled: impl Into<String>) -> Self {
        Self { written: written.into(), settled: Some(settled.into()) }
    }

    /// Gives the fragment with its settled form, its written text kept.
    #[must_use]
    pub fn settle(&self, settled: impl Into<String>) -> Self {
        Self { written: self.written.clone(), settled: Some(settled.into()) }
    }

    /// The text as written.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// The settled text, if there is one.
    #[must_use]
    pub fn as_settled(&self) -> Option<&str> {
        self.settled.as_deref()
    }

    /// The text to run: settled where known (fully qualified), as written otherwise.
    #[must_use]
    pub fn sql(&self) -> &str {
        self.settled.as_deref().unwrap_or(&self.written)
    }

    /// Tells whether any text of one is a text of the other: equal without asking anybody.
    #[must_use]
    pub fn same_text(&self, other: &Self) -> bool {
        match (&self.settled, &other.settled) {
            (Some(a), Some(b)) => a == b,
            (Some(a), None) => self.written == other.written || *a == other.written,
            (None, Some(b)) => self.written == other.written || *b == self.written,
            (None, None) => self.written == other.written,
        }
    }
}
