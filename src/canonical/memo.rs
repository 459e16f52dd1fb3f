//! Keeps answers of PostgreSQL's parser about texts, so that each text is parsed once.
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Length in bytes of texts that are kept at most: longer ones are rarely met twice.
const LONGEST: usize = 200;
/// Number of answers that are kept: a few megabytes. When there are more, all are forgotten.
const KEPT: usize = 20_000;

/// Answers about texts: a schema says `text`, `now()` and `path <> ''` over and over, in the declaration, in plans and in
/// catalogs, and each asks PostgreSQL's parser (some 20 µs) only the first time.
///
/// Changes no answer, only when it comes: what is kept depends on nothing but the text.
pub(super) struct Memo<T>(Mutex<BTreeMap<Box<str>, T>>);

impl<T: Clone> Memo<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<Box<str>, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the answer about a text, kept if there is one; errors are found again, with their place.
    pub(super) fn get<E>(&self, text: &str, ask: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if text.len() > LONGEST {
            return ask();
        }
        if let Some(known) = self.kept().get(text) {
            return Ok(known.clone());
        }
        // The lock is free meanwhile: an answer may need another one.
        let answer = ask()?;
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(text.into(), answer.clone());
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_about_once_and_an_error_again() {
        let memo = Memo::<usize>::new();
        let long = "x".repeat(LONGEST + 1);
        for (text, times) in [("a", 1), (long.as_str(), 3)] {
            let mut asked = 0;
            for _ in 0..3 {
                let answer = memo.get(text, || -> Result<usize, ()> {
                    asked += 1;
                    Ok(text.len())
                });
                assert_eq!(answer, Ok(text.len()));
            }
            assert_eq!(asked, times);
        }
        assert_eq!(memo.get("b", || Err(1)), Err(1));
        assert_eq!(memo.get("b", || Ok::<_, i32>(2)), Ok(2));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let memo = Memo::<()>::new();
        for n in 0..=KEPT {
            let _ = memo.get(&n.to_string(), || Ok::<_, ()>(()));
        }
        assert!(memo.kept().len() <= KEPT);
    }
}
