//! Operations that create and drop tables, with the constraints that `create table` makes.
use super::super::format::{Hazard, HazardKind, Held, Look, Reversibility};
use super::super::sql::{constraint_definition, create_index, create_table, finish_parts, index_extras, index_marks};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::partition::{default_is_read, drop_statements, locks_above, referring_rows};
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
    let mut parts = inline_parts(context.after, name);
    let of_parent: Vec<ObjectId> = context.beneath_after.own_parts(name).to_vec();
    // What is made later on the parent is made on its partitions too.
    parts.retain(|part| !of_parent.contains(part));
    parts.extend(of_parent.iter().filter(|part| comes_with_the_partition(context, part)).copied());
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
    let mut sql = create_table(name, table, context.after);
    sql.extend(finish_parts(context.after, &parts));
    let locks = locks_above(context, name, table.own, Held::Scan);
    let hazards = default_is_read(&id, &locks);
    Operation {
        does: format!("create table {}", id.short()),
        subject: id,
        steps: steps(sql),
        inverse: Inverse {
            conditions: vec![loses(
                &id,
                format!("select count(*) from {name}"),
                format!("rows of {} written since", id.short()),
            )],
            ..back(
                Reversibility::LosesNewRows,
                Vec::new(),
                exclusive(&id).into_iter().chain(locks_above(context, name, table.own, Held::Moment)).collect(),
                steps(drop_statements((context.after, &context.beneath_after), name, table.own)),
            )
        },
        locks,
        grouping: if hazards.is_empty() { Grouping::Shared } else { Grouping::Alone },
        hazards,
        needs,
        makes: parts.iter().chain([&id]).map(|id| Resource::After(*id)).collect(),
        destroys: Vec::new(),
        ahead: Ahead::none(),
    }
}

/// Tells whether a partition's part of a key or index is made with the partition: that of the parent is there by then.
fn comes_with_the_partition(context: &Context<'_>, part: &ObjectId) -> bool {
    let Some(above) = context.after.part_above(part) else { return false };
    let is_inline_above = || {
        let of_new = above.table_of().is_some_and(|table| context.is_new(&table));
        of_new && context.after.get(&above).is_some_and(is_inline)
    };
    context.before.has(&above) && !context.goes(&above) || is_inline_above()
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
    undo.extend(finish_parts(state, context.beneath_before.own_parts(name)));
    let above = locks_above(context, name, table.own, Held::Moment);
    let again = locks_above(context, name, table.own, Held::Scan);
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
        if index.part_of.is_some() {
            continue;
        }
        undo.push(create_index(&index_name.name, &index, false));
        undo.extend(index_extras(&index_name, index));
        undo.extend(index_marks(name, table.marks(), &index_name.name));
    }
    let own: BTreeSet<ObjectId> =
        destroys.iter().filter_map(|d| if let Resource::Before(id) = d { Some(*id) } else { None }).collect();
    needs.retain(|need| !matches!(need, Resource::Before(id) if own.contains(id)));
    let looks = referring_rows(context, name);
    let refers =
        |look: &Look| hazard(HazardKind::MayFailOnRows, &look.object, "fails if a row refers to one that goes");
    let referred: Vec<Hazard> = looks.iter().map(refers).collect();
    Operation {
        does: format!("drop table {}", id.short()),
        subject: id,
        steps: steps(drop_statements((state, &context.beneath_before), name, table.own)),
        inverse: back(Reversibility::StructureOnly, Vec::new(), again, steps(undo)),
        locks: exclusive(&id).into_iter().chain(above).collect(),
        hazards: lost_with(context, &id, table.own).into_iter().chain(referred).collect(),
        needs,
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
        ahead: Ahead::looking(looks),
    }
}

/// The loss of a dropped table's rows; those of a partition are a part of its parent's, where that goes too.
fn lost_with(context: &Context<'_>, id: &ObjectId, table: &Table) -> Vec<Hazard> {
    if table.parent().is_some_and(|parent| context.dropped_tables.contains(&parent)) {
        return Vec::new();
    }
    let because = match table.partition_by {
        Some(_) => "all its rows, those of its partitions, go and don't come back",
        None => "all its rows go and don't come back",
    };
    vec![hazard(HazardKind::DataLoss, id, because)]
}

/// Statement that makes a constraint again which `create table` does not.
fn restore_constraint(table: &Qualified, name: &ConstraintName, object: &Object) -> Option<String> {
    if is_inline(object) {
        return None;
    }
    Some(format!("alter table {table} add constraint {name} {}", constraint_definition(object)?))
}
