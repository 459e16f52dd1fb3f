//! Operations of declared renames, and of those that make way for them.
use super::super::format::{HazardKind, Held, LockMode};
use super::answer::{Ahead, Grouping, Milestone, Operation, Resource};
use super::context::Context;
use super::succession::Succession;
use super::support::{InPlace, exclusive, hazard, lock};
use super::taken_over::look;
use crate::diff::{aside, goes_aside};
use crate::model::{
    Body, ColumnName, ConstraintName, NamePath, Object, ObjectId, ObjectKind, Qualified, Rename, SchemaName, View,
    quote,
};
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeMap, BTreeSet};

/// The renames, declared ones and those that make way for them. What takes a name that another leaves is one with it:
/// nobody finds the name missing. In a circle one goes through a name that is nobody's.
///
/// # Errors
/// The objects of kinds that have no rename.
pub(in super::super) fn renames(context: &Context<'_>, all: &[Rename]) -> Result<Vec<Operation>, Vec<ObjectId>> {
    let (mut out, mut without) = (Vec::new(), Vec::new());
    let succession = Succession::of(context, all);
    let targets: BTreeSet<ObjectId> = all.iter().map(|rename| rename.to).collect();
    for rename in all {
        // A partition's column has its parent's name.
        let above = rename.to.as_column().and_then(|_| context.before.part_above(&rename.to));
        if above.is_some_and(|above| targets.contains(&above)) {
            continue;
        }
        match steps_of(context, rename, &succession) {
            Some(mut operations) => {
                follow_beneath(context, rename, &mut operations);
                out.extend(operations);
            }
            None => without.push(rename.to),
        }
    }
    group(&mut out);
    if without.is_empty() { Ok(out) } else { Err(without) }
}

/// Columns of partitions get the name with that of their parent.
fn follow_beneath(context: &Context<'_>, rename: &Rename, operations: &mut [Operation]) {
    let (Some((_, from)), Some((table, to))) = (rename.from.as_column(), rename.to.as_column()) else { return };
    let partitions = context.beneath_before.tables(&table);
    super::super::partitions::spread(context, &rename.to, operations);
    for operation in operations {
        for partition in &partitions {
            let beneath = ObjectId::column(*partition, to);
            if operation.makes.contains(&Resource::renamed(rename.to)) {
                operation.makes.push(Resource::renamed(beneath));
            }
            operation.needs.push(Resource::ColumnName(*partition, to));
            operation.destroys.push(Resource::ColumnName(*partition, from));
        }
    }
}

fn steps_of(context: &Context<'_>, rename: &Rename, succession: &Succession<'_>) -> Option<Vec<Operation>> {
    let Rename { from, to } = rename;
    let mut whole = one(context, to, from, to)?;
    told(&mut whole, rename, succession.taker(from));
    let holder = succession.holder(to).filter(|holder| *holder != rename);
    whole.ahead = Ahead::looking(holder.and_then(|holder| look(context, rename, holder)));
    if goes_aside(rename) {
        // The name is its own: it is free, whatever is dropped under it later.
        whole.needs.retain(|need| !is_name(need));
    }
    let through = succession.opens_a_circle(rename).then(|| aside(to, &context.seed)).flatten();
    let Some(between) = through else { return Some(vec![whole]) };
    let (Some(mut first), Some(mut second)) = (one(context, to, from, &between), one(context, to, &between, to)) else {
        return Some(vec![whole]);
    };
    let halfway = Resource::Halfway(*to, Milestone::BetweenNames);
    first.makes = vec![halfway.clone()];
    first.hazards.clear();
    first.does = format!("move {} {} out of the way", from.word(), from.short());
    // The name in between is nobody else's: that it becomes free lets nobody go first.
    second.destroys.clear();
    second.needs.push(halfway);
    (second.does, second.hazards, second.locks) = (whole.does, whole.hazards, whole.locks);
    second.ahead = whole.ahead;
    // One transaction: before it everything has its old name, after it its new one.
    for half in [&mut first, &mut second] {
        half.inverse.parts.iter_mut().zip(&whole.inverse.parts).for_each(|(a, b)| a.locks.clone_from(&b.locks));
    }
    Some(vec![first, second])
}

/// Words an operation as a reviewer reads it; `taker` gets the name that the rename leaves.
fn told(op: &mut Operation, rename: &Rename, taker: Option<&Rename>) {
    let last = |id: &ObjectId| quote(id.own_name());
    let name = last(&rename.from);
    if goes_aside(rename) {
        op.does = format!("set {} {} aside", rename.from.word(), rename.from.short());
    }
    for hazard in &mut op.hazards {
        if let Some(taker) = taker {
            hazard.because = format!("clients that use the name {name} get what was {}", last(&taker.from));
        }
        if goes_aside(rename) {
            hazard.object = rename.from;
        }
    }
}

fn is_name(resource: &Resource) -> bool {
    matches!(
        resource,
        Resource::SchemaName(_)
            | Resource::RelationName(_)
            | Resource::TypeName(_)
            | Resource::ConstraintName(..)
            | Resource::ColumnName(..)
            | Resource::OwnName(_)
    )
}

fn is_halfway(resource: &Resource) -> bool {
    matches!(resource, Resource::Halfway(_, Milestone::BetweenNames))
}

/// Renames that wait for each other's names share a transaction.
fn group(operations: &mut [Operation]) {
    let mut givers: BTreeMap<&Resource, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let given = operation.destroys.iter().chain(&operation.makes);
        given.filter(|r| is_name(r) || is_halfway(r)).for_each(|r| givers.entry(r).or_default().push(at));
    }
    let mut together: UnionFind<usize> = UnionFind::new(operations.len());
    for (at, operation) in operations.iter().enumerate() {
        for giver in operation.needs.iter().filter_map(|need| givers.get(need)).flatten() {
            together.union(at, *giver);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in together.into_labeling().into_iter().enumerate() {
        groups.entry(group).or_default().push(at);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let key = operations[group[0]].subject;
        group.into_iter().for_each(|at| operations[at].grouping = Grouping::Group(key));
    }
}

fn relation(kind: &str, from: &Qualified, to: &Qualified, id: &ObjectId, from_id: ObjectId) -> InPlace {
    InPlace {
        does: format!("rename {kind} {} to {}", from.name, to.name),
        subject: *id,
        forward: vec![format!("alter {kind} {from} rename to {}", to.name)],
        backward: vec![format!("alter {kind} {to} rename to {}", from.name)],
        locks: exclusive(&from_id),
        hazards: vec![hazard(HazardKind::BreaksClients, id, format!("clients that use the name {} fail", from.name))],
        needs: vec![Resource::RelationName(*to)],
    }
}

fn column((table, from, name): (&Qualified, &ColumnName, &ColumnName), to: &ObjectId) -> InPlace {
    let alter = format!("alter table {table} rename column");
    let table_id = ObjectId::table(*table);
    InPlace {
        does: format!("rename column {}.{from} to {name}", table.name),
        subject: *to,
        forward: vec![format!("{alter} {from} to {name}")],
        backward: vec![format!("{alter} {name} to {from}")],
        locks: exclusive(&table_id),
        hazards: vec![hazard(HazardKind::BreaksClients, to, format!("clients that use the name {from} fail"))],
        needs: vec![Resource::Before(table_id), Resource::ColumnName(*table, *name)],
    }
}

fn schema((from, name): (&SchemaName, &SchemaName), to: &ObjectId) -> InPlace {
    InPlace {
        does: format!("rename schema {from} to {name}"),
        subject: *to,
        forward: vec![format!("alter schema {from} rename to {name}")],
        backward: vec![format!("alter schema {name} rename to {from}")],
        locks: Vec::new(),
        hazards: vec![hazard(
            HazardKind::BreaksClients,
            to,
            format!("clients that use the name {from} fail, in a search_path too"),
        )],
        needs: vec![Resource::SchemaName(*name)],
    }
}

/// One rename of what is `of` afterwards, to its name or to one in between.
fn one(context: &Context<'_>, of: &ObjectId, from: &ObjectId, to: &ObjectId) -> Option<Operation> {
    if from.kind() != to.kind() {
        return None;
    }
    let (change, frees) = match (to.kind(), from.path(), to.path()) {
        (ObjectKind::Table | ObjectKind::View, NamePath::InSchema(a), NamePath::InSchema(b)) => {
            let word = context.before.get(of).and_then(Object::view).map_or(to.word(), View::word);
            (with_type(relation(word, &a, &b, to, *from), &b), Resource::RelationName(a))
        }
        (ObjectKind::Sequence, NamePath::InSchema(a), NamePath::InSchema(b)) => {
            (relation(to.word(), &a, &b, to, *from), Resource::RelationName(a))
        }
        (ObjectKind::Index, NamePath::InSchema(a), NamePath::InSchema(b)) => {
            let mut change = relation("index", &a, &b, to, *from);
            change.locks = vec![lock(from, LockMode::ShareUpdateExclusive, Held::Moment)];
            change.hazards.clear();
            (change, Resource::RelationName(a))
        }
        (ObjectKind::Enum, NamePath::InSchema(a), NamePath::InSchema(b)) => {
            let mut change = relation("type", &a, &b, to, *from);
            change.locks.clear();
            change.needs = vec![Resource::TypeName(b)];
            (change, Resource::TypeName(a))
        }
        (ObjectKind::Column, NamePath::OfRelation(_, a), NamePath::OfRelation(table, b)) => {
            (column((&table, &a.into(), &b.into()), to), Resource::ColumnName(table, a.into()))
        }
        (ObjectKind::Constraint, NamePath::OfRelation(_, a), NamePath::OfRelation(table, b)) => {
            let (a, b) = (ConstraintName::from(a), ConstraintName::from(b));
            let mut op = super::constraint::rename(&table, &a, &b).renaming(to);
            op.needs.push(Resource::ConstraintName(table, b));
            op.destroys = vec![Resource::ConstraintName(table, a)];
            if context.before.body(of).is_some_and(Body::owns_index) {
                op.needs.push(Resource::RelationName(table.sibling(b.as_str())));
                op.destroys.push(Resource::RelationName(table.sibling(a.as_str())));
            }
            return Some(op);
        }
        (ObjectKind::Schema, NamePath::Alone(a), NamePath::Alone(b)) => {
            let (a, b) = (SchemaName::from(a), SchemaName::from(b));
            let mut op = schema((&a, &b), to).operation().renaming(to);
            op.destroys = vec![Resource::SchemaName(a)];
            // What shares its transaction would have its locks taken before the names in them are there.
            op.grouping = Grouping::Alone;
            return Some(op);
        }
        _ => return super::definition::rename(context, of, from, to),
    };
    let mut op = change.operation().renaming(to);
    op.destroys = vec![frees];
    if from.kind().has_columns() {
        op.destroys.extend(from.qualified().map(Resource::TypeName));
    }
    // Going back it has its new name.
    for lock in op.inverse.parts.iter_mut().flat_map(|part| &mut part.locks) {
        if lock.relation == *from {
            lock.relation = *to;
        }
    }
    Some(op)
}

/// A table or view is a type of its name as well.
fn with_type(mut change: InPlace, name: &Qualified) -> InPlace {
    change.needs.push(Resource::TypeName(*name));
    change
}
