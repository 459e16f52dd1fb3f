//! Operations on views, materialized or not: created, dropped, other options, comments on columns.
use super::super::format::{Hazard, HazardKind, Held, LockMode};
use super::super::sql::{comment_on, create_view, view_extras};
use super::answer::{Ahead, Grouping, Operation, Resource};
use super::context::Context;
use super::materialized_view;
use super::support::{InPlace, exact, exclusive, hazard, lock, steps};
use crate::diff::Alteration;
use crate::model::{CheckOption, Object, ObjectId, Qualified, Typed, View};

pub(super) fn make_sql(name: &Qualified, view: Typed<'_, View>) -> Vec<String> {
    let mut sql = vec![create_view(name, view.own)];
    sql.extend(view_extras(name, view));
    sql
}

/// `create view`. `group` is set where it belongs to a group that must be seen as one.
pub(in super::super) fn create(
    context: &Context<'_>,
    name: &Qualified,
    view: Typed<'_, View>,
    group: Option<&ObjectId>,
) -> Operation {
    let id = ObjectId::view(*name);
    let mut needs = context.needs_after(&id);
    needs.push(Resource::RelationName(*name));
    let word = view.word();
    Operation {
        does: format!("create {word} {}", id.short()),
        subject: id,
        steps: steps(make_sql(name, view)),
        inverse: exact(exclusive(&id), vec![format!("drop {word} {name}")]),
        locks: Vec::new(),
        hazards: materialized_view::read_whole(&id, &view).into_iter().collect(),
        needs,
        makes: vec![Resource::After(id)],
        destroys: Vec::new(),
        grouping: grouping(&id, &view, group),
        ahead: Ahead::none(),
    }
}

/// A materialized view is seen with its indexes, and nothing else waits while its query runs.
pub(super) fn grouping(id: &ObjectId, view: &View, group: Option<&ObjectId>) -> Grouping {
    match group.or(view.materialized.then_some(id)) {
        Some(group) => Grouping::Group(*group),
        None => Grouping::Shared,
    }
}

/// Hazard of columns that a view made anew has no more: who reads them by name fails.
pub(in super::super) fn lost_columns(name: &Qualified, before: &View, after: &View) -> Option<Hazard> {
    let lost: Vec<String> =
        before.columns.iter().filter(|c| !after.columns.contains(c)).map(ToString::to_string).collect();
    let because = format!("clients that read its {} {} fail", columns_word(lost.len()), lost.join(", "));
    (!lost.is_empty()).then(|| hazard(HazardKind::BreaksClients, &ObjectId::view(*name), because))
}

fn columns_word(count: usize) -> &'static str {
    if count == 1 { "column" } else { "columns" }
}

/// `drop view`.
pub(in super::super) fn drop(
    context: &Context<'_>,
    name: &Qualified,
    view: Typed<'_, View>,
    group: Option<&ObjectId>,
) -> Operation {
    let id = ObjectId::view(*name);
    let hazards = match group {
        Some(_) => Vec::new(),
        None => vec![hazard(HazardKind::BreaksClients, &id, "clients that read it fail")],
    };
    let word = view.word();
    Operation {
        does: format!("drop {word} {}", id.short()),
        subject: id,
        steps: steps([format!("drop {word} {name}")]),
        inverse: exact(Vec::new(), make_sql(name, view)),
        locks: exclusive(&id),
        hazards,
        needs: context.needs_before(&id),
        makes: Vec::new(),
        destroys: vec![Resource::Before(id), Resource::RelationName(*name)],
        grouping: grouping(&id, &view, group),
        ahead: Ahead::none(),
    }
}

/// A change of a view where it stands.
pub(in super::super) fn change(
    context: &Context<'_>,
    id: &ObjectId,
    (before, after): (&Object, &Object),
    alteration: &Alteration,
) -> Option<Operation> {
    let (name, before, after) = (id.qualified()?, before.view()?, after.view()?);
    if let Alteration::Kept(attribute) = alteration {
        return materialized_view::kept(context, &name, (before, after), attribute);
    }
    Some(match *alteration == Alteration::ColumnComments {
        true => column_comments(&name, before, after),
        false => options(&name, before, after),
    })
}

/// The options of a view, changed in place.
fn options(name: &Qualified, before: &View, after: &View) -> Operation {
    let id = ObjectId::view(*name);
    let sql = |from: &View, view: &View| {
        // Not said is not the same as said to be off: `pg_dump` shows the difference.
        let flag = |option: &str, was: bool, on: bool| match (was, on) {
            (false, true) => Some(format!("alter view {name} set ({option} = true)")),
            (true, false) => Some(format!("alter view {name} reset ({option})")),
            (true, true) | (false, false) => None,
        };
        let mut sql: Vec<String> = [
            flag("security_barrier", from.security_barrier, view.security_barrier),
            // Unknown before PostgreSQL 15: named only where one of the two states has it.
            flag("security_invoker", from.security_invoker, view.security_invoker),
        ]
        .into_iter()
        .flatten()
        .collect();
        if from.check_option == view.check_option {
            return sql;
        }
        sql.push(match view.check_option {
            Some(CheckOption::Local) => format!("alter view {name} set (check_option = local)"),
            Some(CheckOption::Cascaded) => format!("alter view {name} set (check_option = cascaded)"),
            None => format!("alter view {name} reset (check_option)"),
        });
        sql
    };
    InPlace {
        does: format!("set options of view {}", id.short()),
        subject: id,
        forward: sql(before, after),
        backward: sql(after, before),
        locks: vec![lock(&id, LockMode::AccessExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: vec![Resource::After(id)],
    }
    .operation()
    .without_making()
}

/// Comments of a view's columns.
fn column_comments(name: &Qualified, before: &View, after: &View) -> Operation {
    let id = ObjectId::view(*name);
    let sql = |from: &View, to: &View| {
        let names =
            from.column_comments.keys().chain(to.column_comments.keys()).collect::<std::collections::BTreeSet<_>>();
        names
            .into_iter()
            .filter(|c| from.column_comments.get(*c) != to.column_comments.get(*c))
            .map(|c| comment_on(&format!("column {name}.{c}"), to.column_comments.get(c).map(String::as_str)))
            .collect()
    };
    InPlace {
        does: format!("comment on columns of {}", id.short()),
        subject: id,
        forward: sql(before, after),
        backward: sql(after, before),
        locks: vec![lock(&id, LockMode::ShareUpdateExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: vec![Resource::After(id)],
    }
    .operation()
    .without_making()
}
