//! Operations on how a materialized view keeps its rows: filled or emptied, elsewhere, with other parameters.
use super::super::format::{Hazard, HazardKind, Held, LockMode};
use super::super::sql::{parameters_to, settings_to, to_tablespace};
use super::answer::{Grouping, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, hazard, lock};
use crate::model::{ColumnName, ColumnSettings, ObjectId, ObjectKind, Qualified, State, View};
use std::collections::BTreeSet;

/// Hazard of a materialized view whose query runs when it is made.
pub(super) fn read_whole(id: &ObjectId, view: &View) -> Option<Hazard> {
    let because = "its query runs over all rows that are there";
    view.has_rows().then(|| hazard(HazardKind::LongScan, id, because))
}

/// Hazards of one that is made anew: nobody reads it until its query has run again.
pub(in super::super) fn made_again(id: &ObjectId, before: &View, after: &View) -> Vec<Hazard> {
    let mut out = Vec::new();
    if before.materialized && after.has_rows() {
        let because = "nobody can read it, or what else the step locks, until its query has run again";
        out.push(hazard(HazardKind::LongLock, id, because));
    }
    if before.has_rows() && after.materialized && after.unpopulated {
        out.push(empty(id));
    }
    out
}

/// Says of all locks of a group how long they are held: while the queries of the materialized views in it run.
pub(in super::super) fn hold_while_filled(context: &Context<'_>, operations: &mut [Operation]) {
    let fills = |state: &State, id: &ObjectId| {
        let view = id.qualified().filter(|_| id.is(ObjectKind::View)).and_then(|name| state.view(&name));
        view.is_some_and(|view| view.has_rows())
    };
    let groups = |filled: &dyn Fn(&Operation) -> bool| -> BTreeSet<ObjectId> {
        let of = |operation: &Operation| match &operation.grouping {
            Grouping::Group(group) if filled(operation) => Some(*group),
            Grouping::Group(_) | Grouping::Shared | Grouping::Alone => None,
        };
        operations.iter().filter_map(of).collect()
    };
    let forward = groups(&|operation| {
        operation.makes.iter().any(|made| matches!(made, Resource::After(id) if fills(context.after, id)))
    });
    let back = groups(&|operation| {
        operation.destroys.iter().any(|gone| matches!(gone, Resource::Before(id) if fills(context.before, id)))
    });
    for operation in operations {
        let Grouping::Group(group) = &operation.grouping else { continue };
        let there = operation.locks.iter_mut().filter(|_| forward.contains(group));
        let again =
            operation.inverse.parts.iter_mut().flat_map(|part| &mut part.locks).filter(|_| back.contains(group));
        there.chain(again).for_each(|lock| lock.held = lock.held.max(Held::Scan));
    }
}

fn empty(id: &ObjectId) -> Hazard {
    hazard(HazardKind::BreaksClients, id, "clients that read it fail until it is refreshed")
}

/// Changes one way in which a materialized view keeps its rows where it stands; `None` for an attribute that only a new
/// one has otherwise.
pub(in super::super) fn kept(
    context: &Context<'_>,
    name: &Qualified,
    (before, after): (&View, &View),
    attribute: &str,
) -> Option<Operation> {
    Some(match attribute {
        "populate" => populated(name, before, after),
        "tablespace" => moved(name, before, after),
        "with" => parameters(name, before, after),
        "clustered_on" => clustered(context, name, before, after),
        "column_settings" => settings(name, before, after),
        _ => return None,
    })
}

fn in_place(name: &Qualified, does: String, sql: [Vec<String>; 2], mode: LockMode, held: Held) -> InPlace {
    let id = ObjectId::view(*name);
    let [forward, backward] = sql;
    InPlace {
        does,
        subject: id,
        forward,
        backward,
        locks: vec![lock(&id, mode, held)],
        hazards: Vec::new(),
        needs: vec![Resource::After(id)],
    }
}

/// `refresh materialized view`: its query runs while nobody reads it; or it is emptied.
fn populated(name: &Qualified, before: &View, after: &View) -> Operation {
    let id = ObjectId::view(*name);
    let refresh = |view: &View| {
        vec![format!("refresh materialized view {name}{}", if view.unpopulated { " with no data" } else { "" })]
    };
    let does = match after.unpopulated {
        true => format!("empty materialized view {}", id.short()),
        false => format!("fill materialized view {}", id.short()),
    };
    let mut change = in_place(name, does, [refresh(after), refresh(before)], LockMode::AccessExclusive, Held::Rewrite);
    change.hazards = match after.unpopulated {
        true => vec![
            empty(&id),
            hazard(HazardKind::Rewrite, &id, "its rows go; its query brings them back on the way back"),
        ],
        false => vec![hazard(
            HazardKind::Rewrite,
            &id,
            "its query runs over all rows that are there, and its rows are written",
        )],
    };
    alone(change)
}

/// `set tablespace`: its file is copied while nobody reads it; those of its indexes stay where they are.
fn moved(name: &Qualified, before: &View, after: &View) -> Operation {
    let id = ObjectId::view(*name);
    let to = |view: &View| vec![to_tablespace(name, view.tablespace.as_deref())];
    let does = format!("move materialized view {} to another tablespace", id.short());
    let mut change = in_place(name, does, [to(after), to(before)], LockMode::AccessExclusive, Held::Rewrite);
    if before.has_rows() {
        let because = "its file is copied, and nobody can read it meanwhile";
        change.hazards = vec![
            hazard(HazardKind::Rewrite, &id, "its file is written anew in the other tablespace"),
            hazard(HazardKind::LongLock, &id, because),
        ];
    }
    alone(change)
}

fn alone(change: InPlace) -> Operation {
    let mut operation = change.operation().without_making();
    operation.grouping = Grouping::Alone;
    operation
}

fn parameters(name: &Qualified, before: &View, after: &View) -> Operation {
    let (a, b) = (&before.storage_parameters, &after.storage_parameters);
    // What PostgreSQL locks more strongly for than all others.
    let strong = ["user_catalog_table"].iter().any(|key| a.get(key) != b.get(key));
    let mode = if strong { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive };
    let does = format!("set storage parameters of materialized view {}", ObjectId::view(*name).short());
    let sql = [parameters_to(name, a, b), parameters_to(name, b, a)];
    in_place(name, does, sql, mode, Held::Moment).operation().without_making()
}

/// `cluster on`: a mark that no row moves for. An index that goes is there until it is said of another one.
fn clustered(context: &Context<'_>, name: &Qualified, before: &View, after: &View) -> Operation {
    let alter = format!("alter materialized view {name}");
    let mark = |view: &View| {
        vec![match &view.clustered_on {
            Some(index) => format!("{alter} cluster on {index}"),
            None => format!("{alter} set without cluster"),
        }]
    };
    let does = format!("mark what materialized view {} is clustered on", ObjectId::view(*name).short());
    let sql = [mark(after), mark(before)];
    let mut change = in_place(name, does, sql, LockMode::ShareUpdateExclusive, Held::Moment);
    let index = |view: &View| view.clustered_on.map(|index| ObjectId::index(name.sibling(index.as_str())));
    change.needs.extend(index(after).map(Resource::After));
    let goes = index(before).filter(|index| context.leaving.contains(index) || context.follows.contains(index));
    change.needs.extend(goes.map(Resource::Before));
    change.operation().without_making()
}

fn settings(name: &Qualified, before: &View, after: &View) -> Operation {
    let none = ColumnSettings::default();
    let of = |view: &'_ View, column: &ColumnName| view.column_settings.get(column).cloned().unwrap_or_default();
    let columns: BTreeSet<&ColumnName> = before.column_settings.keys().chain(after.column_settings.keys()).collect();
    let there = |view: &View, column: &ColumnName| view.columns.is_empty() || view.columns.contains(column);
    let lead = |from: &View, to: &View| -> Vec<String> {
        let stay = columns.iter().filter(|column| there(from, column) && there(to, column));
        stay.flat_map(|column| settings_to(name, column, &of(from, column), &of(to, column))).collect()
    };
    let strong = columns.iter().any(|column| {
        let (a, b) =
            (before.column_settings.get(*column).unwrap_or(&none), after.column_settings.get(*column).unwrap_or(&none));
        a.storage != b.storage || a.compression != b.compression
    });
    let mode = if strong { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive };
    let does = format!("set how columns of materialized view {} are kept", ObjectId::view(*name).short());
    in_place(name, does, [lead(before, after), lead(after, before)], mode, Held::Moment).operation().without_making()
}
