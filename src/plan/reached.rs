//! Computes closures: everything that is reached from something, step by step.
use petgraph::visit::{Dfs, DfsPostOrder, GraphBase, GraphRef, IntoNeighbors};
use std::collections::HashSet;
use std::hash::Hash;

/// A graph whose edges are asked for one node at a time: a state's objects by what they need.
struct Asked<'f, N, F>(&'f F, std::marker::PhantomData<N>);

impl<N, F> Clone for Asked<'_, N, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, F> Copy for Asked<'_, N, F> {}

impl<N: Copy + PartialEq, F> GraphBase for Asked<'_, N, F> {
    type EdgeId = (N, N);
    type NodeId = N;
}

impl<N: Copy + PartialEq, F> GraphRef for Asked<'_, N, F> {}

impl<N: Copy + PartialEq, F: Fn(N) -> Vec<N>> IntoNeighbors for Asked<'_, N, F> {
    type Neighbors = std::vec::IntoIter<N>;

    fn neighbors(self, node: N) -> Self::Neighbors {
        (self.0)(node).into_iter()
    }
}

/// Everything that is reached from these, themselves included. What comes next is asked once of each.
#[must_use]
pub fn reached<N: Copy + Eq + Hash>(from: impl IntoIterator<Item = N>, next: impl Fn(N) -> Vec<N>) -> Vec<N> {
    let graph = Asked(&next, std::marker::PhantomData);
    let mut walk = Dfs::from_parts(from.into_iter().collect(), HashSet::new());
    std::iter::from_fn(|| walk.next(graph)).collect()
}

/// Everything that [`reached`] gives, each one behind all that is reached from it; a member of a circle stands where
/// the walk met it.
#[must_use]
pub fn reached_first<N: Copy + Eq + Hash>(from: impl IntoIterator<Item = N>, next: impl Fn(N) -> Vec<N>) -> Vec<N> {
    let graph = Asked(&next, std::marker::PhantomData);
    let mut walk =
        DfsPostOrder { stack: from.into_iter().collect(), discovered: HashSet::new(), finished: HashSet::new() };
    std::iter::from_fn(|| walk.next(graph)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 needs 2 and 3, both need 4; 5 and 6 need each other; 7 stands apart.
    fn next(of: u8) -> Vec<u8> {
        match of {
            1 => vec![2, 3],
            2 | 3 => vec![4],
            5 => vec![6],
            6 => vec![5],
            _ => Vec::new(),
        }
    }

    #[test]
    fn all_is_reached_once_circles_included() {
        let sorted = |from: &[u8]| {
            let mut found = reached(from.iter().copied(), next);
            found.sort_unstable();
            found
        };
        assert_eq!(sorted(&[1]), [1, 2, 3, 4]);
        assert_eq!(sorted(&[6, 7, 7]), [5, 6, 7]);
        assert!(sorted(&[]).is_empty());
    }

    #[test]
    fn what_is_needed_comes_first() {
        let found = reached_first([4, 1, 5], next);
        let at = |node: u8| found.iter().position(|other| *other == node);
        assert_eq!(found.len(), 6);
        assert!(at(4) < at(2) && at(4) < at(3) && at(2) < at(1) && at(3) < at(1), "{found:?}");
    }
}
