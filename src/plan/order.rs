//! Orders operations by what they need, make and destroy, or names those that need each other in a circle.
use super::operation::{Grouping, Milestone, Operation, Resource};
use crate::model::{ObjectId, ObjectKind, SchemaName};
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

/// Operations that run next to each other: a group, or one alone.
pub(super) type Bundle = Vec<Operation>;
/// Bundles; an edge says by which operation of the one and which of the other it is there.
type Graph = DiGraph<Bundle, (usize, usize)>;
/// An operation: its bundle, and its place in that.
type At = (usize, usize);

/// Operations that need each other in a circle: each one runs before the next, and the last one before the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cycle {
    /// The deeds, in words.
    pub(super) does: Vec<String>,
    /// The object of the first of them.
    pub(super) about: ObjectId,
}

/// One deterministic order: Kahn's algorithm with a tie key, so that an unrelated object cannot reshuffle a plan. The
/// operations of a group come out together.
///
/// # Errors
/// The operations of a circle.
pub(super) fn order(operations: Vec<Operation>) -> Result<Vec<Bundle>, Cycle> {
    let bundles = bundle(operations);
    let mut graph = Graph::new();
    let nodes: Vec<NodeIndex> = bundles.into_iter().map(|b| graph.add_node(b)).collect();
    for ((from, to), because) in edges(&graph, &nodes) {
        graph.add_edge(nodes[from], nodes[to], because);
    }
    let mut waiting: Vec<usize> = nodes.iter().map(|n| graph.edges_directed(*n, Direction::Incoming).count()).collect();
    let key = |at: usize| Reverse((tie(&graph[nodes[at]]), at));
    let mut ready: BinaryHeap<_> = (0..nodes.len()).filter(|at| waiting[*at] == 0).map(key).collect();
    let mut sequence = Vec::new();
    while let Some(Reverse((_, at))) = ready.pop() {
        sequence.push(at);
        for edge in graph.edges_directed(nodes[at], Direction::Outgoing) {
            let to = edge.target().index();
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(key(to));
            }
        }
    }
    if sequence.len() < nodes.len()
        && let Some(cycle) = circle(&graph)
    {
        return Err(cycle);
    }
    sequence.into_iter().map(|at| std::mem::take(&mut graph[nodes[at]])).map(sort_inside).collect()
}

/// Number of operations of a knot from which a circle is looked for: from all of them would be quadratic.
const STARTS: usize = 100;

/// The shortest circle that is found in the graph's first knot. What merely waits for a circle is not named.
fn circle(graph: &Graph) -> Option<Cycle> {
    let knots = tarjan_scc(graph).into_iter().filter(|knot| knot.len() > 1);
    let knot: BTreeSet<NodeIndex> = knots.map(BTreeSet::from_iter).min_by(|a, b| a.first().cmp(&b.first()))?;
    let round = knot.iter().take(STARTS).filter_map(|from| shortest_round(graph, &knot, *from)).min_by_key(Vec::len)?;
    let because = |from: NodeIndex, to: NodeIndex| graph.find_edge(from, to).map(|edge| graph[edge]);
    // Of a group, those by which it stands in the circle.
    let (mut does, mut before) = (Vec::new(), *round.last()?);
    for (place, at) in round.iter().enumerate() {
        let next = round[(place + 1) % round.len()];
        let ((_, entered), (left, _)) = (because(before, *at)?, because(*at, next)?);
        let both = [entered, left].map(|operation| graph[*at][operation].does.as_str());
        does.push(if entered == left { both[0].to_owned() } else { both.join(" with ") });
        before = *at;
    }
    let (first, _) = because(round[0], round[1 % round.len()])?;
    Some(Cycle { does, about: graph[round[0]][first].subject })
}

/// The shortest way from a node of a knot back to itself, in the order in which the operations would run.
fn shortest_round(graph: &Graph, knot: &BTreeSet<NodeIndex>, from: NodeIndex) -> Option<Vec<NodeIndex>> {
    let mut reached: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        let mut next: Vec<NodeIndex> = graph.neighbors(at).filter(|to| knot.contains(to)).collect();
        next.sort();
        for to in next {
            if to == from {
                let mut way = vec![at];
                while let Some(before) = way.last().and_then(|last| reached.get(last)) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(new) = reached.entry(to) {
                new.insert(at);
                queue.push_back(to);
            }
        }
    }
    None
}

/// Key that decides, smallest first, among operations that may run: what shares a segment or goes on at once, then by
/// kind of object, by table, by identity.
fn tie(bundle: &Bundle) -> (u8, u8, String, ObjectId) {
    let first = &bundle[0];
    let rank = first.subject.kind().rank();
    let quick = u8::from(!matches!(first.grouping, Grouping::Shared) && !goes_on_at_once(first));
    let table =
        first.locks.first().map(|l| l.relation.to_string()).or_else(|| first.subject.table_of().map(|t| t.to_string()));
    (quick, rank, table.unwrap_or_default(), first.subject)
}

/// Tells whether an operation follows a rule that new rows obey already: nothing stands between, so that the rule goes
/// again without anything else where old rows break it, and is not in force for longer than it must be.
fn goes_on_at_once(operation: &Operation) -> bool {
    let halfway = |need: &Resource| {
        matches!(
            need,
            Resource::Halfway(_, Milestone::NotValid | Milestone::NullsRefusedAnew | Milestone::NullsLookedFor)
        )
    };
    operation.needs.iter().any(halfway)
}

fn bundle(operations: Vec<Operation>) -> Vec<Bundle> {
    let mut groups: BTreeMap<ObjectId, usize> = BTreeMap::new();
    let mut bundles: Vec<Bundle> = Vec::new();
    for operation in operations {
        if let Grouping::Group(key) = &operation.grouping {
            if let Some(at) = groups.get(key) {
                bundles[*at].push(operation);
                continue;
            }
            groups.insert(*key, bundles.len());
        }
        bundles.push(vec![operation]);
    }
    bundles
}

/// Inside a group the same edges hold; a group that has none between two keeps their order.
///
/// # Errors
/// A circle inside of it.
fn sort_inside(bundle: Bundle) -> Result<Bundle, Cycle> {
    if bundle.len() < 2 {
        return Ok(bundle);
    }
    let alone = bundle.iter().cloned().map(|mut o| {
        o.grouping = Grouping::Alone;
        o
    });
    let grouped = |mut o: Operation| {
        o.grouping = bundle[0].grouping.clone();
        o
    };
    Ok(order(alone.collect())?.into_iter().flatten().map(grouped).collect())
}

fn edges(graph: &Graph, nodes: &[NodeIndex]) -> BTreeMap<(usize, usize), (usize, usize)> {
    let mut makers: BTreeMap<&Resource, Vec<At>> = BTreeMap::new();
    let mut destroyers: BTreeMap<&Resource, Vec<At>> = BTreeMap::new();
    let all = || {
        let of = |(bundle, node): (usize, &NodeIndex)| {
            (0..).zip(&graph[*node]).map(move |(place, operation)| ((bundle, place), operation))
        };
        nodes.iter().enumerate().flat_map(of)
    };
    for (at, operation) in all() {
        operation.makes.iter().for_each(|r| makers.entry(r).or_default().push(at));
        operation.destroys.iter().for_each(|r| destroyers.entry(r).or_default().push(at));
    }
    let mut edges = BTreeMap::new();
    let mut edge = |from: At, to: At| {
        if from.0 != to.0 {
            edges.entry((from.0, to.0)).or_insert((from.1, to.1));
        }
    };
    let renamed_schemas = renamed_schemas(&makers);
    for (at, operation) in all() {
        if !renamed_schemas.is_empty() {
            let inside = schemas_of(operation).into_iter().filter_map(|schema| renamed_schemas.get(&schema));
            inside.flatten().for_each(|rename| edge(*rename, at));
        }
        let table = operation.subject.table_of().map(|t| Resource::After(ObjectId::table(t)));
        for need in operation.needs.iter().chain(table.iter()) {
            one_need(need, at, &makers, &destroyers, &mut edge);
        }
        // What is renamed, then dropped or altered under its new name.
        for gone in &operation.destroys {
            makers.get(gone).into_iter().flatten().for_each(|maker| edge(*maker, at));
        }
    }
    edges
}

/// Operations that rename schemas, by the new names.
fn renamed_schemas(makers: &BTreeMap<&Resource, Vec<At>>) -> BTreeMap<SchemaName, Vec<At>> {
    let renamed = makers.iter().filter_map(|(resource, who)| {
        if let Resource::Before(id) = resource { Some((id.as_schema()?, who.clone())) } else { None }
    });
    renamed.collect()
}

/// The schemas of what an operation's statements may name: everything in one is told under its new name.
fn schemas_of(operation: &Operation) -> BTreeSet<SchemaName> {
    let resources = operation.needs.iter().chain(&operation.makes).chain(&operation.destroys);
    let objects = resources.filter_map(Resource::object).chain([&operation.subject]);
    objects.filter(|id| !id.is(ObjectKind::Schema)).filter_map(ObjectId::home).collect()
}

fn one_need<'a>(
    need: &Resource,
    at: At,
    makers: &BTreeMap<&'a Resource, Vec<At>>,
    destroyers: &BTreeMap<&'a Resource, Vec<At>>,
    edge: &mut impl FnMut(At, At),
) {
    match need {
        // A name must be free before it is taken.
        Resource::SchemaName(_)
        | Resource::RelationName(_)
        | Resource::OwnName(_)
        | Resource::TypeName(_)
        | Resource::ConstraintName(..)
        | Resource::ColumnName(..) => {
            destroyers.get(need).into_iter().flatten().for_each(|frees| edge(*frees, at));
        }
        Resource::Before(_) => {
            destroyers.get(need).into_iter().flatten().for_each(|destroyer| edge(at, *destroyer));
            makers.get(need).into_iter().flatten().for_each(|maker| edge(*maker, at));
        }
        Resource::After(id) => {
            let made = makers.get(need).or_else(|| makers.get(&Resource::Before(*id)));
            made.into_iter().flatten().for_each(|maker| edge(*maker, at));
        }
        Resource::Halfway(..) | Resource::Step(..) => {
            makers.get(need).into_iter().flatten().for_each(|maker| edge(*maker, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Reversibility;
    use super::super::operation::Inverse;
    use super::*;
    use crate::model::Qualified;

    fn id(name: &str) -> ObjectId {
        ObjectId::table(Qualified::new("public", name))
    }

    /// Makes what it is called by, and needs others.
    fn operation(name: &str, needs: &[&str], grouping: Grouping) -> Operation {
        let inverse = Inverse { kind: Reversibility::Exact, conditions: Vec::new(), parts: Vec::new(), revive: None };
        Operation {
            does: format!("make {name}"),
            subject: id(name),
            steps: Vec::new(),
            inverse,
            locks: Vec::new(),
            hazards: Vec::new(),
            needs: needs.iter().map(|need| Resource::After(id(need))).collect(),
            makes: vec![Resource::After(id(name))],
            destroys: Vec::new(),
            grouping,
            ahead: super::super::operation::Ahead { looks: Vec::new(), rule: None },
        }
    }

    fn ordered(operations: &[(&str, &[&str])]) -> Result<Vec<String>, Cycle> {
        let alone = operations.iter().map(|(name, needs)| operation(name, needs, Grouping::Alone));
        order(alone.collect()).map(|bundles| bundles.into_iter().flatten().map(|o| o.does).collect())
    }

    #[test]
    fn a_circle_is_named_without_what_waits_for_it() {
        let long: &[(&str, &[&str])] = &[
            ("waits", &["a"]),
            ("waits_too", &["waits", "c"]),
            ("a", &["b", "free"]),
            ("b", &["c"]),
            ("c", &["a", "d"]),
            ("d", &["b"]),
            ("free", &[]),
        ];
        let cycle = ordered(long).unwrap_err();
        assert_eq!(
            cycle.does,
            ["make a", "make c", "make b"],
            "each runs before the next: what it makes is needed there"
        );
        assert_eq!(cycle.about, id("a"));
        let two: &[(&str, &[&str])] = &[("x", &["y"]), ("y", &["x"]), ("p", &["q"]), ("q", &["p"])];
        assert_eq!(ordered(two).unwrap_err().does, ["make x", "make y"], "the first of two knots");
        assert_eq!(ordered(&[("a", &["b"]), ("b", &[])]).unwrap(), ["make b", "make a"]);
    }

    #[test]
    fn of_a_group_those_are_named_that_stand_in_the_circle() {
        let group = || Grouping::Group(id("together"));
        let operations = vec![
            operation("apart", &[], group()),
            operation("a", &["lone"], group()),
            operation("b", &[], group()),
            operation("lone", &["b"], Grouping::Alone),
        ];
        let cycle = order(operations).unwrap_err();
        assert_eq!((cycle.does, cycle.about), (vec!["make a with make b".into(), "make lone".into()], id("b")));
    }

    #[test]
    fn a_circle_inside_of_a_group_is_named_and_not_passed_over() {
        let group = || Grouping::Group(id("together"));
        let of = |needs: &[(&str, &[&str])]| needs.iter().map(|(n, needs)| operation(n, needs, group())).collect();
        let cycle = order(of(&[("a", &["b"]), ("b", &["a"]), ("c", &[])])).unwrap_err();
        assert_eq!(cycle.does, ["make a", "make b"]);
        let sorted = order(of(&[("a", &["b"]), ("b", &[]), ("c", &[])])).unwrap();
        assert_eq!(sorted[0].iter().map(|o| o.does.as_str()).collect::<Vec<_>>(), ["make b", "make a", "make c"]);
        assert!(sorted[0].iter().all(|o| o.grouping == group()));
    }
}
