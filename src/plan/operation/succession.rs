//! Finds the renames that take the names which others leave, by the names: comparing every two would be quadratic.
use super::context::Context;
use crate::model::{ObjectId, Occupied, Qualified, Rename, occupied};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::NodeFiltered;
use std::collections::{BTreeMap, BTreeSet};

/// The renames by the names that they leave and take.
pub(super) struct Succession<'a> {
    takers: BTreeMap<Place, &'a Rename>,
    holders: BTreeMap<Place, &'a Rename>,
    openers: BTreeSet<ObjectId>,
}

/// Place of a name. Relations of a schema share theirs, whatever kind they are of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Relation(Qualified),
    Own(ObjectId),
}

impl Place {
    fn of(id: &ObjectId) -> Self {
        id.qualified().filter(|_| id.kind().is_relation()).map_or(Self::Own(*id), Self::Relation)
    }
}

impl<'a> Succession<'a> {
    /// Looks through the renames of a plan.
    pub(super) fn of(context: &Context<'_>, all: &'a [Rename]) -> Self {
        let (mut takers, mut holders) = (BTreeMap::new(), BTreeMap::new());
        for rename in all {
            takers.entry(Place::of(&rename.to)).or_insert(rename);
            holders.entry(Place::of(&rename.from)).or_insert(rename);
        }
        Self { takers, holders, openers: openers(context, all) }
    }

    /// The rename that takes a name.
    pub(super) fn taker(&self, name: &ObjectId) -> Option<&'a Rename> {
        self.takers.get(&Place::of(name)).copied()
    }

    /// The rename of what had a name.
    pub(super) fn holder(&self, name: &ObjectId) -> Option<&'a Rename> {
        self.holders.get(&Place::of(name)).copied()
    }

    /// Tells whether a rename goes through a name that is nobody's, so that a circle of names opens.
    pub(super) fn opens_a_circle(&self, rename: &Rename) -> bool {
        self.openers.contains(&rename.to)
    }
}

/// A name that a rename leaves or takes. Keys of two tables have their indexes' names in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Identity(ObjectId),
    Occupied(Occupied),
}

fn names(context: &Context<'_>, id: &ObjectId, now: &ObjectId) -> Vec<Name> {
    let occupied = context.before.get(now).map(|object| occupied(id, object)).unwrap_or_default();
    std::iter::once(Name::Identity(*id)).chain(occupied.into_iter().map(Name::Occupied)).collect()
}

/// The new names of the renames that open every circle: of each knot the first one, until there is none.
fn openers(context: &Context<'_>, all: &[Rename]) -> BTreeSet<ObjectId> {
    let mut graph: DiGraph<ObjectId, ()> = DiGraph::new();
    let mut leavers: BTreeMap<Name, Vec<NodeIndex>> = BTreeMap::new();
    for rename in all {
        let node = graph.add_node(rename.to);
        for name in names(context, &rename.from, &rename.to) {
            leavers.entry(name).or_default().push(node);
        }
    }
    for node in graph.node_indices() {
        let taken = names(context, &graph[node], &graph[node]);
        for leaver in taken.iter().filter_map(|name| leavers.get(name)).flatten().filter(|leaver| **leaver != node) {
            graph.add_edge(node, *leaver, ());
        }
    }
    let mut openers = BTreeSet::new();
    loop {
        let shut = NodeFiltered::from_fn(&graph, |node| !openers.contains(&graph[node]));
        let knots = tarjan_scc(&shut).into_iter().filter(|knot| knot.len() > 1);
        let found: Vec<ObjectId> = knots.filter_map(|knot| knot.into_iter().map(|node| graph[node]).min()).collect();
        if found.is_empty() {
            return openers;
        }
        openers.extend(found);
    }
}
