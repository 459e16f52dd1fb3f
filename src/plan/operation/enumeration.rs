//! Operations on enum types: created, dropped, labels added, renamed, set aside, or the type made anew.
use super::super::format::{Condition, Hazard, HazardKind, Look, LookKind, Reversibility, Revive, counting};
use super::super::problem::Problem;
use super::super::sql::{enum_sql, literal};
use super::super::type_columns::UsedIn;
use super::ahead::old;
use super::anew::{hanging, held, others_held};
use super::answer::{Ahead, Grouping, Milestone, Operation, Resource};
use super::context::Context;
use super::schema::{blocks, dropped, loses, made};
use super::support::{InPlace, back, exact, hazard, step};
use crate::diff::{Alteration, EnumerationChange, taken_label};
use crate::model::{Body, Enumeration, ObjectId, ObjectKind, Qualified, Typed, aside_name, is_aside};
use std::collections::BTreeSet;

/// `create type … as enum`.
pub(in super::super) fn create_enum(
    context: &Context<'_>,
    name: &Qualified,
    enumeration: Typed<'_, Enumeration>,
) -> Operation {
    let id = ObjectId::enumeration(*name);
    let undo = exact(Vec::new(), vec![format!("drop type {name}")]);
    let names = vec![Resource::TypeName(*name)];
    made(format!("create enum {}", id.short()), &id, enum_sql(name, enumeration), undo, context.needs_after(&id), names)
}

/// `drop type` of an enum.
pub(in super::super) fn drop_enum(
    context: &Context<'_>,
    name: &Qualified,
    enumeration: Typed<'_, Enumeration>,
) -> Operation {
    let id = ObjectId::enumeration(*name);
    let undo = exact(Vec::new(), enum_sql(name, enumeration));
    let names = vec![Resource::TypeName(*name)];
    let mut op = dropped(
        format!("drop enum {}", id.short()),
        &id,
        vec![format!("drop type {name}")],
        undo,
        context.needs_before(&id),
        names,
    );
    op.hazards.push(hazard(HazardKind::DataLoss, &id, "the type and its labels go; no column uses it any more"));
    op
}

/// One of an enum's changes; those that only a new type can make share one operation, told at the first of them.
///
/// # Errors
/// A reorder of an enum that cannot be made anew, with why.
pub(in super::super) fn alter_enum(
    context: &Context<'_>,
    name: &Qualified,
    list: &[Alteration],
    at: usize,
) -> Result<Vec<Operation>, Box<Problem>> {
    let Some(Alteration::Enumeration(change)) = list.get(at) else { return Ok(Vec::new()) };
    let first = list.iter().position(needs_another_type) == Some(at);
    let anew = needs_another_type(&list[at]).then(|| made_anew(context, name, list, at));
    let mut out = match change {
        EnumerationChange::Added { label, before } => {
            vec![added(context, (name, list, at), label, before.as_deref())]
        }
        EnumerationChange::Renamed { from, to } => vec![renamed(name, at, from, to)],
        EnumerationChange::Removed(label) if is_taken(context, name, label) => {
            vec![set_aside(context, (name, at), label, None)]
        }
        EnumerationChange::Removed(label) => match &anew {
            Some(Err(why)) => vec![set_aside(context, (name, at), label, Some(why))],
            Some(Ok(_)) | None => Vec::new(),
        },
        EnumerationChange::Reordered => match &anew {
            Some(Err(why)) => return Err(Box::new(not_reordered(name, why))),
            Some(Ok(_)) | None => Vec::new(),
        },
    };
    out.extend(anew.filter(|_| first).and_then(Result::ok));
    Ok(out)
}

fn needs_another_type(alteration: &Alteration) -> bool {
    matches!(alteration, Alteration::Enumeration(EnumerationChange::Removed(_) | EnumerationChange::Reordered))
}

fn renames_labels(list: &[Alteration]) -> bool {
    list.iter().any(|a| matches!(a, Alteration::Enumeration(EnumerationChange::Renamed { .. })))
}

fn not_reordered(name: &Qualified, why: &str) -> Problem {
    let id = ObjectId::enumeration(*name);
    let message = format!("pgform cannot reorder the labels of enum {} here: {why}", id.short());
    let help = "keep their order, and put new labels where they belong".to_owned();
    Problem { help: Some(help), ..Problem::not_yet(&id, message) }
}

/// Tells whether another label takes the name of one that goes.
fn is_taken(context: &Context<'_>, name: &Qualified, label: &str) -> bool {
    let after = context.after.body(&ObjectId::enumeration(*name));
    matches!(after, Some(Body::Enumeration(after)) if after.labels.iter().any(|l| l == label))
}

fn rename_value(name: &Qualified, from: &str, to: &str) -> String {
    format!("alter type {name} rename value {} to {}", literal(from), literal(to))
}

/// One step among several of an enum's.
fn one(name: &Qualified, at: usize) -> Operation {
    let id = ObjectId::enumeration(*name);
    let mut op = InPlace {
        does: String::new(),
        subject: id,
        forward: Vec::new(),
        backward: Vec::new(),
        locks: Vec::new(),
        hazards: Vec::new(),
        needs: Vec::new(),
    }
    .operation();
    // Each label is a resource of its own, so that the order of several is kept.
    op.destroys.clear();
    if at > 0 {
        op.needs.push(Resource::Step(id, at - 1));
    }
    op.makes.push(Resource::Step(id, at));
    op
}

fn renamed(name: &Qualified, at: usize, from: &str, to: &str) -> Operation {
    let id = ObjectId::enumeration(*name);
    let mut op = one(name, at);
    op.does = format!("rename label {} of {} to {}", literal(from), id.short(), literal(to));
    op.steps = vec![step(rename_value(name, from, to))];
    op.inverse = exact(Vec::new(), vec![rename_value(name, to, from)]);
    op.hazards = vec![hazard(HazardKind::BreaksClients, &id, format!("clients that write {} fail", literal(from)))];
    // Everything that is to change is told, and comes back, with the new label in its text.
    op.makes.push(Resource::Before(id));
    op
}

/// A new label. The way back takes it away with a type made anew where every table is small; elsewhere PostgreSQL
/// cannot: it is renamed aside, and comes back by that name.
fn added(
    context: &Context<'_>,
    (name, list, at): (&Qualified, &[Alteration], usize),
    label: &str,
    before: Option<&str>,
) -> Operation {
    let id = ObjectId::enumeration(*name);
    let place = before.map(|b| format!(" before {}", literal(b))).unwrap_or_default();
    let mut op = one(name, at);
    op.does = format!("add label {} to {}", literal(label), id.short());
    op.steps = vec![step(format!("alter type {name} add value {}{place}", literal(label)))];
    op.grouping = Grouping::Alone;
    let stays = |(table, column, _): &UsedIn| context.after.column(table, column).is_some();
    let columns: Vec<_> = context.before_names.by_type().columns(name).iter().copied().filter(stays).collect();
    let count = held(&columns, &[label.to_owned()]).map(|rows| counting(&rows));
    let whole = context.before.get(&id);
    if let (false, Ok(hanging), Some((head, Body::Enumeration(_)))) = (
        renames_labels(list),
        hanging(context, (context.before, &context.before_names), name),
        whole.map(|object| (&object.head, &object.body)),
    ) {
        let former = Enumeration { labels: labels_at(context, name, list, at) };
        let says = format!("rows holding {}: the type is made anew without it", literal(label));
        let conditions: Vec<Condition> = count.into_iter().map(|count| blocks(&id, count, says.clone())).collect();
        let kind = if conditions.is_empty() { Reversibility::Exact } else { Reversibility::Conditional };
        op.inverse =
            back(kind, conditions, hanging.locks(), hanging.statements(context, name, Typed { head, own: &former }));
        op.needs.extend(hanging.needs(Resource::Before));
        return op;
    }
    let aside = aside_label(context, name, label);
    let says = format!("rows holding {}, which show {} afterwards", literal(label), literal(&aside));
    let conditions = count.into_iter().map(|count| loses(&id, count, says.clone())).collect();
    op.inverse =
        back(Reversibility::KeepsNewRows, conditions, Vec::new(), vec![step(rename_value(name, label, &aside))]);
    op.inverse.revive = Some(Revive {
        probe: format!(
            "select exists (select from pg_catalog.pg_enum where enumtypid = {}::pg_catalog.regtype and enumlabel = {})",
            literal(&name.to_string()),
            literal(&aside)
        ),
        steps: vec![step(rename_value(name, &aside, label))],
    });
    op
}

/// The labels that the type has before one of its changes: those that only a new type makes come last.
fn labels_at(context: &Context<'_>, name: &Qualified, list: &[Alteration], until: usize) -> Vec<String> {
    let id = ObjectId::enumeration(*name);
    let Some(Body::Enumeration(before)) = context.before.body(&id) else { return Vec::new() };
    let mut labels = before.labels.clone();
    for alteration in list.iter().take(until) {
        let Alteration::Enumeration(change) = alteration else { continue };
        match change {
            EnumerationChange::Added { label, before } => {
                let at = before.as_ref().and_then(|b| labels.iter().position(|l| l == b)).unwrap_or(labels.len());
                labels.insert(at, label.clone());
            }
            EnumerationChange::Renamed { from, to } => {
                labels.iter_mut().filter(|l| *l == from).for_each(|l| l.clone_from(to));
            }
            EnumerationChange::Removed(label) if is_taken(context, name, label) => {
                labels.iter_mut().filter(|l| *l == label).for_each(|l| *l = taken_label(&id, label));
            }
            EnumerationChange::Removed(_) | EnumerationChange::Reordered => {}
        }
    }
    labels
}

/// The type made anew with the declared labels, in one transaction with all that follows it; or why it cannot be.
fn made_anew(context: &Context<'_>, name: &Qualified, list: &[Alteration], at: usize) -> Result<Operation, String> {
    let id = ObjectId::enumeration(*name);
    let whole = context.after.get(&id);
    let (Some(Body::Enumeration(before)), Some((head, Body::Enumeration(after)))) =
        (context.before.body(&id), whole.map(|object| (&object.head, &object.body)))
    else {
        return Err("it is not there on both sides".to_owned());
    };
    if renames_labels(list) {
        return Err("its labels are renamed in the same plan".to_owned());
    }
    hanging(context, (context.before, &context.before_names), name)?;
    let hanging = hanging(context, (context.after, &context.after_names), name)?;
    let removed: Vec<&String> = list
        .iter()
        .filter_map(|a| if let Alteration::Enumeration(EnumerationChange::Removed(l)) = a { Some(l) } else { None })
        .collect();
    let from = Enumeration { labels: labels_at(context, name, list, list.len()) };
    let to = Enumeration { labels: after.labels.iter().filter(|l| !is_aside(l)).cloned().collect() };
    let (small, asserts) = hanging.small(context);
    let mut op = one(name, at);
    let without: Vec<String> = removed.iter().map(|label| literal(label)).collect();
    op.does = match without.as_slice() {
        [] => format!("make enum {} anew with its labels in another order", id.short()),
        some => format!("make enum {} anew without {}", id.short(), list_of(some)),
    };
    op.steps = asserts.into_iter().chain(hanging.statements(context, name, Typed { head, own: &to })).collect();
    op.inverse = back(
        Reversibility::Exact,
        Vec::new(),
        hanging.locks(),
        hanging.statements(context, name, Typed { head, own: &from }),
    );
    op.locks = hanging.locks();
    op.grouping = Grouping::Alone;
    op.hazards = vec![breaks_clients(&id, &without)];
    // It comes last, and nothing waits for it.
    op.makes.clear();
    op.destroys = vec![Resource::Before(id)];
    op.needs.retain(|need| !matches!(need, Resource::Step(..)));
    let others = (0..list.len()).filter(|k| *k != at && matches!(list[*k], Alteration::Enumeration(_)));
    op.needs.extend(others.map(|k| Resource::Step(id, k)));
    op.needs.push(Resource::Halfway(id, Milestone::Comment));
    op.needs.extend(hanging.needs(Resource::After));
    op.needs.extend(those_that_go(context, name));
    // What was set aside before is nobody's label: it goes as well.
    let stays = |label: &&String| !is_aside(label) && !removed.contains(label);
    let stay: Vec<String> = before.labels.iter().filter(stays).cloned().collect();
    let found = others_held(&old_columns(context, name), &stay).map(|rows| Look {
        kind: LookKind::Fails,
        object: old(context, &id),
        says: match without.as_slice() {
            [] => format!("rows holding a label which enum {} has no more", id.short()),
            some => format!("rows holding {}, or another label which enum {} has no more", list_of(some), id.short()),
        },
        rows,
        behind: None,
    });
    op.ahead = Ahead::looking(small.into_iter().chain(found));
    Ok(op)
}

/// The hazard of a type made anew, for clients that write what it lacks and for statements that they have prepared.
fn breaks_clients(id: &ObjectId, without: &[String]) -> Hazard {
    let because = match without {
        [] => "statements that were prepared before fail once: the columns have another type".to_owned(),
        some => format!("clients that write {} fail; statements that were prepared before fail once", list_of(some)),
    };
    hazard(HazardKind::BreaksClients, id, because)
}

fn list_of(labels: &[String]) -> String {
    labels.join(", ")
}

/// Names of relations and constraints that stand on the type before the plan and go: they are free when the type is
/// made anew.
fn those_that_go(context: &Context<'_>, name: &Qualified) -> Vec<Resource> {
    let of: BTreeSet<ObjectId> = context
        .before_names
        .by_type()
        .columns(name)
        .iter()
        .copied()
        .map(|(table, column, _)| ObjectId::column(table, column))
        .chain([ObjectId::enumeration(*name)])
        .collect();
    let standing = context.all_dependents_before(&of).into_values().flatten();
    let names = standing.filter(|id| context.leaving.contains(id) && !context.after.has(id)).filter_map(|id| match id
        .as_constraint()
    {
        Some((table, constraint)) => Some(Resource::ConstraintName(table, constraint)),
        None => id.qualified().filter(|_| id.kind().is_relation()).map(Resource::RelationName),
    });
    names.collect()
}

/// The columns of the type that are there before the plan and stay, under their names before it.
fn old_columns(context: &Context<'_>, name: &Qualified) -> Vec<UsedIn> {
    let stay = |(table, column, array): UsedIn| {
        context.after.column(&table, &column)?;
        let (table, column) = old(context, &ObjectId::column(table, column)).as_column()?;
        Some((table, column, array))
    };
    context.before_names.by_type().columns(name).iter().copied().filter_map(stay).collect()
}

/// A label that is renamed aside. At once where another label takes its name; otherwise, as the type cannot be made
/// anew, when nothing uses it any more.
fn set_aside(context: &Context<'_>, (name, at): (&Qualified, usize), label: &str, why: Option<&str>) -> Operation {
    let id = ObjectId::enumeration(*name);
    let aside = if why.is_none() { taken_label(&id, label) } else { aside_label(context, name, label) };
    let mut op = one(name, at);
    op.does = format!("set label {} of {} aside", literal(label), id.short());
    op.steps = vec![step(rename_value(name, label, &aside))];
    op.inverse = exact(Vec::new(), vec![rename_value(name, &aside, label)]);
    let rows = held(&old_columns(context, name), &[label.to_owned()]);
    let places = context
        .before_names
        .by_type()
        .columns(name)
        .iter()
        .copied()
        .filter(|(t, c, _)| context.after.column(t, c).is_some());
    let places: Vec<UsedIn> = places.collect();
    let behind = held(&places, std::slice::from_ref(&aside));
    // Behind the renames of what holds it: the names are known then.
    for (table, column, _) in &places {
        let ids = [ObjectId::table(*table), ObjectId::column(*table, *column)];
        op.needs.extend(ids.map(Resource::renamed));
    }
    let (label, shown) = (literal(label), literal(&aside));
    let because = match why {
        None => format!("clients that write {label} write another label now; rows holding it show {shown}"),
        Some(why) => format!(
            "clients that write {label} fail; rows holding it show {shown}, which stays visible as a label: the type is not \
             made anew, as {why}"
        ),
    };
    op.hazards = vec![hazard(HazardKind::BreaksClients, &id, because)];
    if why.is_none() {
        op.makes.push(Resource::Before(id));
    } else {
        op.makes.retain(|made| !matches!(made, Resource::After(_)));
        op.destroys = vec![Resource::Before(id)];
    }
    op.ahead = Ahead::looking(rows.map(|rows| Look {
        kind: LookKind::Loses,
        object: old(context, &id),
        says: format!("rows holding {label}, which show {shown} afterwards"),
        rows,
        behind,
    }));
    op
}

/// A label that goes and does not make way for another, as SQL that is right before it went and after: what is counted
/// before the way back is counted under whichever name it has by then.
pub(in super::super) fn under_both_names(context: &Context<'_>, name: &Qualified, label: &str) -> (String, String) {
    let aside = aside_label(context, name, label);
    let either = format!(
        "(select enumlabel::text::{name} from pg_catalog.pg_enum where enumtypid = {}::pg_catalog.regtype and enumlabel in ({}, {}))",
        literal(&name.to_string()),
        literal(label),
        literal(&aside)
    );
    (format!("{}::{name}", literal(label)), either)
}

fn aside_label(context: &Context<'_>, name: &Qualified, label: &str) -> String {
    let id = ObjectId::of_parts(ObjectKind::BaseType, &[name.to_string().as_str(), label]);
    aside_name(&context.seed, &id)
}
