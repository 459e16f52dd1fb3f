use super::super::format::{HazardKind, Held, LockMode};
use super::answer::{Operation, Resource};
use super::context::Context;
use super::support::{InPlace, exclusive, hazard, lock};
use crate::diff::Rename;
use crate::model::{ColumnName, ObjectId, Qualified, aside_name};

/// A declared rename. Where its new name is the old name of another, both go through a name of their own: a swap.
pub(in super::super) fn rename(context: &Context<'_>, rename: &Rename, all: &[Rename]) -> Vec<Operation> {
    let swaps = all.iter().any(|other| other.from == rename.to);
    let from = rename.from.clone();
    if !swaps {
        return one(&from, &rename.to).into_iter().collect();
    }
    let Some(between) = aside(context, &rename.to) else { return Vec::new() };
    let mut first: Vec<Operation> = one(&from, &between).into_iter().collect();
    for op in &mut first {
        op.makes.retain(|made| !matches!(made, Resource::Before(_) | Resource::After(_)));
        op.makes.push(Resource::Halfway(rename.to.clone(), "between two names"));
    }
    let mut second: Vec<Operation> = one(&between, &rename.to).into_iter().collect();
    for op in &mut second {
        // The name in between is nobody else's: that it becomes free lets nobody go first.
        op.destroys.clear();
        op.needs.push(Resource::Halfway(rename.to.clone(), "between two names"));
    }
    first.extend(second);
    first
}

fn aside(context: &Context<'_>, id: &ObjectId) -> Option<ObjectId> {
    let name = aside_name(&context.seed, id);
    Some(match id {
        ObjectId::Table(q) => ObjectId::Table(q.sibling(name)),
        ObjectId::View(q) => ObjectId::View(q.sibling(name)),
        ObjectId::Index(q) => ObjectId::Index(q.sibling(name)),
        ObjectId::Sequence(q) => ObjectId::Sequence(q.sibling(name)),
        ObjectId::Type(q) => ObjectId::Type(q.sibling(name)),
        ObjectId::Column(table, _) => ObjectId::Column(table.clone(), ColumnName::new(name)),
        ObjectId::Constraint(table, _) => ObjectId::Constraint(table.clone(), crate::model::ConstraintName::new(name)),
        ObjectId::Schema(_) | ObjectId::Extension(_) | ObjectId::Opaque(..) => return None,
    })
}

fn relation(kind: &str, from: &Qualified, to: &Qualified, id: &ObjectId, from_id: ObjectId) -> InPlace {
    InPlace {
        does: format!("rename {kind} {} to {}", from.name, to.name),
        subject: id.clone(),
        forward: vec![format!("alter {kind} {from} rename to {}", to.name)],
        backward: vec![format!("alter {kind} {to} rename to {}", from.name)],
        locks: exclusive(&from_id),
        hazards: vec![hazard(HazardKind::BreaksClients, id, format!("clients that use the name {} fail", from.name))],
        needs: vec![Resource::RelationName(to.clone())],
    }
}

fn one(from: &ObjectId, to: &ObjectId) -> Option<Operation> {
    let (change, frees) = match (from, to) {
        (ObjectId::Table(a), ObjectId::Table(b)) => {
            (relation("table", a, b, to, from.clone()), Resource::RelationName(a.clone()))
        }
        (ObjectId::View(a), ObjectId::View(b)) => {
            (relation("view", a, b, to, from.clone()), Resource::RelationName(a.clone()))
        }
        (ObjectId::Sequence(a), ObjectId::Sequence(b)) => {
            (relation("sequence", a, b, to, from.clone()), Resource::RelationName(a.clone()))
        }
        (ObjectId::Index(a), ObjectId::Index(b)) => {
            let mut change = relation("index", a, b, to, from.clone());
            change.locks = vec![lock(from, LockMode::ShareUpdateExclusive, Held::Moment)];
            change.hazards.clear();
            (change, Resource::RelationName(a.clone()))
        }
        (ObjectId::Type(a), ObjectId::Type(b)) => {
            let mut change = relation("type", a, b, to, from.clone());
            change.locks.clear();
            change.needs = vec![Resource::TypeName(b.clone())];
            (change, Resource::TypeName(a.clone()))
        }
        (ObjectId::Column(_, a), ObjectId::Column(table, b)) => {
            let alter = format!("alter table {table} rename column");
            let table_id = ObjectId::Table(table.clone());
            let change = InPlace {
                does: format!("rename column {}.{a} to {b}", table.name),
                subject: to.clone(),
                forward: vec![format!("{alter} {a} to {b}")],
                backward: vec![format!("{alter} {b} to {a}")],
                locks: exclusive(&table_id),
                hazards: vec![hazard(HazardKind::BreaksClients, to, format!("clients that use the name {a} fail"))],
                needs: vec![Resource::Before(table_id), Resource::ColumnName(table.clone(), b.clone())],
            };
            (change, Resource::ColumnName(table.clone(), a.clone()))
        }
        (ObjectId::Constraint(_, a), ObjectId::Constraint(table, b)) => {
            let mut op = super::constraint::rename(table, a, b).renaming(to);
            op.needs.push(Resource::ConstraintName(table.clone(), b.clone()));
            op.destroys = vec![Resource::ConstraintName(table.clone(), a.clone())];
            return Some(op);
        }
        (ObjectId::Schema(a), ObjectId::Schema(b)) => {
            let change = InPlace {
                does: format!("rename schema {a} to {b}"),
                subject: to.clone(),
                forward: vec![format!("alter schema {a} rename to {b}")],
                backward: vec![format!("alter schema {b} rename to {a}")],
                locks: Vec::new(),
                hazards: vec![hazard(HazardKind::BreaksClients, to, format!("clients that use the name {a} fail"))],
                needs: Vec::new(),
            };
            (change, Resource::Halfway(from.clone(), "schema name"))
        }
        _ => return None,
    };
    let mut op = change.operation().renaming(to);
    op.destroys = vec![frees];
    Some(op)
}
