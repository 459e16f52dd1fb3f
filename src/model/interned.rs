//! Values that are kept once in the process, so that a copy is a pointer: names, and lists of names.
use std::{
    collections::HashSet,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{LazyLock, Mutex, PoisonError},
};

/// A value that is kept once in the process and never freed: a copy is a pointer, and two are equal where they are one
/// pointer. For what there are few of and many copies: the names of a database, and the lists of names that lead to what has
/// arguments. (Crates that do this turn on features of others, for which all that is built on those is built twice.)
pub struct Interned<T: ?Sized + 'static>(&'static T);

/// The values that are kept of one type.
type Keeper<T> = LazyLock<Mutex<HashSet<&'static T>>>;

static TEXTS: Keeper<str> = LazyLock::new(Mutex::default);
static LISTS: Keeper<[Interned<str>]> = LazyLock::new(Mutex::default);

impl Interned<str> {
    pub(super) fn text(text: &str) -> Self {
        Self(keep(&TEXTS, text, || text.into()))
    }
}

impl Interned<[Interned<str>]> {
    pub(super) fn list(list: &[Interned<str>]) -> Self {
        Self(keep(&LISTS, list, || list.into()))
    }
}

fn keep<T: ?Sized + Eq + Hash>(keeper: &Keeper<T>, value: &T, copy: impl FnOnce() -> Box<T>) -> &'static T {
    // A set is whole between two calls: whoever panicked did so elsewhere.
    let mut kept = keeper.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(value) {
        return known;
    }
    let new: &'static T = Box::leak(copy());
    kept.insert(new);
    new
}

impl<T: ?Sized> Interned<T> {
    pub(super) const fn as_static(self) -> &'static T {
        self.0
    }
}

impl<T: ?Sized> Clone for Interned<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Interned<T> {}

impl<T: ?Sized> Deref for Interned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T: ?Sized> PartialEq for Interned<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl<T: ?Sized> Eq for Interned<T> {}

impl<T: ?Sized + Ord> Ord for Interned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self == other { std::cmp::Ordering::Equal } else { self.0.cmp(other.0) }
    }
}

impl<T: ?Sized + Ord> PartialOrd for Interned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: ?Sized> Hash for Interned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Interned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_and_their_order_is_that_of_the_values() {
        let [a, again, b, empty] = ["a", "a", "b", ""].map(Interned::text);
        assert_eq!((a, a.as_static()), (again, again.as_static()));
        assert!(empty < a && a < b && b > empty);
        let [one, two] = [[a, b], [b, a]].map(|list| Interned::list(&list));
        assert!(one < two && one == Interned::list(&[again, b]));
        assert_eq!(Interned::list(&[]), Interned::list(&[]));
    }
}
