//! Operations that create and drop tables, with the constraints that `create table` makes.
use super::super::format::{HazardKind, Reversibility};
use super::super::sql::{constraint_definition, create_index, create_table, index_extras, index_marks};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::schema::loses;
use super::support::{back, exclusive, hazard, steps};
use crate::model::{Body, ConstraintName, Enforcement, Object, ObjectId, Qualified, State, Table, Typed};
use std::collections::BTreeSet;

/// The parts of a table that `create table` makes with it.
fn inline_parts(state: &State, name: &Qualified) -> Vec<ObjectId> {
    let columns = state.columns(name).into_iter().map(|(c, _)| ObjectId::column(*name, c));
    let constraints = state.constraints(name).filter(|(_, object)| is_inline(object));
    columns.chain(constraints.map(|(c, _)| ObjectId::constraint(*name, c))).collect()
}

/// Tells whether `create table` makes the constraint.
pub(in super::super) fn is_inline(object: &Object) -> bool {
    let is_kind = matches!(object.body, Body::Key(_) | Body::Check(_));
    is_kind && object.body.enforcement() == Some(Enforcement::Valid)
}

/// `create table` with columns, keys and checks.
pub(in super::super) fn create(context: &Context<'_>, name: &Qualified, table: Typed<'_, Table>) -> Operation {
    let id = ObjectId::table(*name);
    let parts = inline_parts(context.after, name);
    let own: BTreeSet<&ObjectId> = parts.iter().chain([&id]).collect();
    let mut needs = context.after_names.needs(&id);
    for part in &parts {
        needs.extend(context.after_names.needs(part));
    }
    needs.retain(|need| !own.contains(need));
    let mut needs: Vec<Resource> = needs.into_iter().map(Resource::After).collect();
    let mut names = vec![Resource::RelationName(*name), Resource::TypeName(*name)];
    names.extend(
        context
            .after
            .constraints(name)
            .filter(|(_, o)| matches!(o.body, Body::Key(_)))
            .map(|(c, _)| Resource::RelationName(name.sibling(c.as_str()))),
    );
    needs.extend(names);
    Operation {
        does: format!("create table {}", id.short()),
        subject: id,
        steps: steps(create_table(name, table, context.after)),
        inverse: Inverse {
            conditions: vec![loses(
                &id,
                format!("select count(*) from {name}"),
                format!("rows of {} written since", id.short()),
            )],
            ..back(Reversibility::LosesNewRows, Vec::new(), exclusive(&id), steps([format!("drop table {name}")]))
        },
        locks: Vec::new(),
        hazards: Vec::new(),
        needs,
        makes: parts.iter().chain([&id]).map(|id| Resource::After(*id)).collect(),
        destroys: Vec::new(),
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// Tells whether a constraint is a foreign key to another table: it goes before either of the two tables does, by an
/// operation of its own, and comes back after both.
pub(in super::super) fn refers_elsewhere(table: &Qualified, object: &Object) -> bool {
    matches!(&object.body, Body::ForeignKey(key) if key.references != *table)
}

/// `drop table`. What leans on it from outside, and its foreign keys, are dropped first; what else belongs to it goes
/// with it, and is made again by the way back: structure only.
pub(in super::super) fn drop(context: &Context<'_>, name: &Qualified, table: Typed<'_, Table>) -> Operation {
    let id = ObjectId::table(*name);
    let state = context.before;
    let mut undo = create_table(name, table, state);
    let mut destroys = vec![Resource::Before(id), Resource::RelationName(*name), Resource::TypeName(*name)];
    let mut needs = context.needs_before(&id);
    for (column, _) in state.columns(name) {
        let column = ObjectId::column(*name, column);
        needs.extend(context.needs_before(&column));
        destroys.push(Resource::Before(column));
    }
    for (constraint, object) in state.constraints(name) {
        if refers_elsewhere(name, object) {
            continue;
        }
        let part = ObjectId::constraint(*name, constraint);
        destroys.push(Resource::Before(part));
        destroys.push(Resource::RelationName(name.sibling(constraint.as_str())));
        undo.extend(restore_constraint(name, &constraint, object));
    }
    for (index_name, index) in state.indexes().filter(|(_, index)| index.table == *name) {
        destroys.push(Resource::Before(ObjectId::index(index_name)));
        destroys.push(Resource::RelationName(index_name));
        undo.push(create_index(&index_name.name, &index, false));
        undo.extend(index_extras(&index_name, index));
        undo.extend(index_marks(name, table.marks(), &index_name.name));
    }
    let own: BTreeSet<ObjectId> =
        destroys.iter().filter_map(|d| if let Resource::Before(id) = d { Some(*id) } else { None }).collect();
    needs.retain(|need| !matches!(need, Resource::Before(id) if own.contains(id)));
    Operation {
        does: format!("drop table {}", id.short()),
        subject: id,
        steps: steps([format!("drop table {name}")]),
        inverse: back(Reversibility::StructureOnly, Vec::new(), Vec::new(), steps(undo)),
        locks: exclusive(&id),
        hazards: vec![hazard(HazardKind::DataLoss, &id, "all its rows go and don't come back")],
        needs,
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// Statement that makes a constraint again which `create table` does not.
fn restore_constraint(table: &Qualified, name: &ConstraintName, object: &Object) -> Option<String> {
    if is_inline(object) {
        return None;
    }
    Some(format!("alter table {table} add constraint {name} {}", constraint_definition(object)?))
}
