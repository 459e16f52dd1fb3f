use super::super::format::{HazardKind, Reversibility};
use super::super::sql::{comment_on, grants, list, literal, owner_to};
use super::answer::{Grouping, Operation, Resource};
use super::context::Context;
use super::namespaced::{dropped, made};
use super::support::{InPlace, back, exact, hazard, step};
use crate::diff::{EnumerationChange, taken_label};
use crate::model::{Enumeration, Object, ObjectId, Qualified, aside_name};

fn enum_sql(name: &Qualified, enumeration: &Enumeration) -> Vec<String> {
    let mut sql = vec![format!("create type {name} as enum ({})", list(enumeration.labels.iter().map(|l| literal(l))))];
    sql.extend(enumeration.comment.iter().map(|c| comment_on(&format!("type {name}"), Some(c))));
    sql.extend(owner_to("type", &name.to_string(), enumeration.owner.as_deref()));
    sql.extend(grants("type", &name.to_string(), enumeration.owner.as_deref(), enumeration.privileges.as_deref()));
    sql
}

/// `create type … as enum`.
pub(in super::super) fn create_enum(context: &Context<'_>, name: &Qualified, enumeration: &Enumeration) -> Operation {
    let id = ObjectId::Type(name.clone());
    let undo = exact(Vec::new(), vec![format!("drop type {name}")]);
    let names = vec![Resource::TypeName(name.clone())];
    made(format!("create enum {}", id.short()), &id, enum_sql(name, enumeration), undo, context.needs_after(&id), names)
}

/// `drop type` of an enum.
pub(in super::super) fn drop_enum(context: &Context<'_>, name: &Qualified, enumeration: &Enumeration) -> Operation {
    let id = ObjectId::Type(name.clone());
    let undo = exact(Vec::new(), enum_sql(name, enumeration));
    let names = vec![Resource::TypeName(name.clone())];
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

/// One change of an enum's labels; `None` for a reorder, which the caller refuses.
pub(in super::super) fn alter_enum(
    context: &Context<'_>,
    name: &Qualified,
    change: &EnumerationChange,
    at: usize,
) -> Option<Operation> {
    let id = ObjectId::Type(name.clone());
    let rename = |from: &str, to: &str| format!("alter type {name} rename value {} to {}", literal(from), literal(to));
    let mut op = InPlace {
        does: String::new(),
        subject: id.clone(),
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
        op.needs.push(Resource::Step(id.clone(), at - 1));
    }
    op.makes.push(Resource::Step(id.clone(), at));
    match change {
        EnumerationChange::Added { label, before } => {
            let place = before.as_ref().map(|b| format!(" before {}", literal(b))).unwrap_or_default();
            op.does = format!("add label {} to {}", literal(label), id.short());
            op.steps = vec![step(format!("alter type {name} add value {}{place}", literal(label)))];
            // PostgreSQL cannot take a label away: it is renamed aside, and comes back by that name.
            let aside = aside_label(context, name, label);
            op.inverse = back(Reversibility::Exact, Vec::new(), Vec::new(), vec![step(rename(label, &aside))]);
            op.inverse.revive = Some(super::super::format::Revive {
                probe: format!(
                    "select exists (select from pg_catalog.pg_enum where enumtypid = {}::pg_catalog.regtype and enumlabel = {})",
                    literal(&name.to_string()),
                    literal(&aside)
                ),
                steps: vec![step(rename(&aside, label))],
            });
            op.grouping = Grouping::Alone;
        }
        EnumerationChange::Renamed { from, to } => {
            op.does = format!("rename label {} of {} to {}", literal(from), id.short(), literal(to));
            op.steps = vec![step(rename(from, to))];
            op.inverse = exact(Vec::new(), vec![rename(to, from)]);
            op.hazards =
                vec![hazard(HazardKind::BreaksClients, &id, format!("clients that write {} fail", literal(from)))];
            // Everything that is to change is told, and comes back, with the new label in its text.
            op.makes.push(Resource::Before(id.clone()));
        }
        EnumerationChange::Removed(label) => set_aside(context, &mut op, name, label),
        EnumerationChange::Reordered => return None,
    }
    Some(op)
}

/// PostgreSQL cannot take a label away: it is renamed aside. At once where another label takes its name; otherwise when
/// nothing uses it any more.
fn set_aside(context: &Context<'_>, op: &mut Operation, name: &Qualified, label: &str) {
    let id = ObjectId::Type(name.clone());
    let taken =
        matches!(context.after.get(&id), Some(Object::Enumeration(after)) if after.labels.iter().any(|l| l == label));
    let aside = if taken { taken_label(&id, label) } else { aside_label(context, name, label) };
    let rename = |from: &str, to: &str| format!("alter type {name} rename value {} to {}", literal(from), literal(to));
    op.does = format!("set label {} of {} aside", literal(label), id.short());
    op.steps = vec![step(rename(label, &aside))];
    op.inverse = exact(Vec::new(), vec![rename(&aside, label)]);
    let clients = if taken { "clients that write {} write another label now" } else { "clients that write {} fail" };
    let because = format!("{}; rows that hold it show {}", clients.replace("{}", &literal(label)), literal(&aside));
    op.hazards = vec![hazard(HazardKind::BreaksClients, &id, because)];
    if taken {
        op.makes.push(Resource::Before(id));
    } else {
        op.makes.retain(|made| !matches!(made, Resource::After(_)));
        op.destroys = vec![Resource::Before(id)];
    }
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
    let id = ObjectId::Opaque(crate::model::OpaqueKind::BaseType, vec![name.to_string(), label.to_owned()]);
    aside_name(&context.seed, &id)
}
