//! Operation that makes a generated column an ordinary one, and the way back.
use super::super::format::{HazardKind, Held, LockMode, Reversibility};
use super::super::sql::{column_definition, column_extras, constraint_definition, create_index, head_of, index_extras};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::schema::loses;
use super::support::{back, exclusive, hazard, lock, steps};
use super::written::differs;
use crate::model::{
    Body, Column, ColumnName, ColumnValue, ConstraintName, GenerationKind, NamePath, Object, ObjectId, ObjectKind,
    Qualified,
};

/// `drop expression`: the values stay, and are no longer computed. What the expression read may go afterwards.
pub(in super::super) fn plain(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    pair: (&Column, &Column),
) -> Operation {
    let (id, table_id) = (ObjectId::column(*table, *name), ObjectId::table(*table));
    let mut needs = context.needs_before(&id);
    needs.push(Resource::After(table_id));
    let none = Inverse { kind: Reversibility::None, conditions: Vec::new(), parts: Vec::new(), revive: None };
    let inverse = made_again(context, table, name, pair);
    let because = "PostgreSQL cannot make an existing column generated, and this one cannot be made again: \
                   something that stays leans on it, or the plan takes what it is computed from";
    let hazards = match &inverse {
        Some(_) => Vec::new(),
        None => vec![hazard(HazardKind::Irreversible, &id, because)],
    };
    Operation {
        does: format!("let {} be an ordinary column", id.short()),
        subject: id,
        steps: steps([format!("alter table {table} alter column {name} drop expression")]),
        inverse: inverse.unwrap_or(none),
        locks: exclusive(&table_id),
        hazards,
        needs,
        makes: vec![Resource::After(id)],
        destroys: vec![Resource::Before(id)],
        // Whether it goes back is its own matter: nothing shares it.
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    }
}

/// The column dropped and added again, generated, with the indexes and checks that go with it. `None` where that would
/// not bring back what was there: a view, a key or something not modelled leans on the column, the plan changes more of
/// it, or what it is computed from goes.
fn made_again(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    (before, after): (&Column, &Column),
) -> Option<Inverse> {
    let (id, table_id) = (ObjectId::column(*table, *name), ObjectId::table(*table));
    let ColumnValue::Generated(expression, GenerationKind::Stored) = &before.value else { return None };
    let (old, new) = (context.before.get(&id)?, context.after.get(&id)?);
    let alike = old.head == new.head
        && Column { value: after.value.clone(), position: after.position, ..before.clone() } == *after;
    let goes = |need: &ObjectId| !context.after.has(need) || context.leaving.contains(need);
    let stays = |need: &ObjectId| !need.is(ObjectKind::Column) || !goes(need);
    if !alike || !context.before_names.needs(&id).iter().all(stays) {
        return None;
    }
    let mut sql = vec![
        format!("alter table {table} drop column {name}"),
        format!("alter table {table} add column {}", column_definition(table, name, before)),
    ];
    sql.extend(column_extras(table, name, old.typed(before)));
    for dependent in &context.dependents_before(&id) {
        // What the plan makes anew is there in another form, and under other names, on the way.
        match (context.leaving.contains(dependent), context.after.has(dependent)) {
            (true, true) => return None,
            (true, false) => continue,
            (false, _) => {}
        }
        let object = context.before.get(dependent)?;
        if context.after.get(dependent) != Some(object) {
            return None;
        }
        sql.extend(goes_along(context, dependent, object)?);
    }
    let count = format!("select count(*) from {table} where {}", differs(context, name, before, expression.sql()));
    let loss = loses(&id, count, format!("values of {} that its expression does not give", id.short()));
    let locks = vec![lock(&table_id, LockMode::AccessExclusive, Held::Rewrite)];
    Some(back(Reversibility::LosesNewRows, vec![loss], locks, steps(sql)))
}

/// Statements that make an index or a check again that goes with its column; `None` for everything else.
fn goes_along(context: &Context<'_>, id: &ObjectId, object: &Object) -> Option<Vec<String>> {
    match (id.path(), &object.body) {
        // A unique one may be what a foreign key or the replica identity leans on.
        (NamePath::InSchema(name), Body::Index(index)) if !index.unique => {
            let mut sql = vec![create_index(&name.name, index, false)];
            sql.extend(index_extras(&name, object.typed(index)));
            sql.extend(super::marks::of(context.before, &index.table, &name.name).0);
            Some(sql)
        }
        (NamePath::OfRelation(table, name), Body::Check(_)) => {
            let name = ConstraintName::from(name);
            let add = format!("alter table {table} add constraint {name} {}", constraint_definition(object)?);
            Some(std::iter::once(add).chain(head_of(id, &object.head)).collect())
        }
        _ => None,
    }
}
