//! Schemas, extensions, enums, sequences: what tables lean on and no table holds.
use super::super::format::{
    Assert, Condition, ConditionKind, HazardKind, Held, LockMode, Reversibility, RunAs, Statement, Step,
};
use super::super::sql::{comment_on, create_sequence, grants, list, literal, owner_to};
use super::answer::{Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, back, exact, exclusive, hazard, lock, step, steps};
use crate::diff::EnumerationChange;
use crate::model::{
    Enumeration, Extension, ExtensionName, ObjectId, Qualified, Schema, SchemaName, Sequence, aside_name,
};

fn made(
    does: String,
    id: &ObjectId,
    sql: Vec<String>,
    undo: Inverse,
    mut needs: Vec<Resource>,
    names: Vec<Resource>,
) -> Operation {
    needs.extend(names.iter().cloned());
    Operation {
        does,
        subject: id.clone(),
        steps: steps(sql),
        inverse: undo,
        locks: Vec::new(),
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(id.clone())],
        destroys: Vec::new(),
        grouping: Grouping::Shared,
    }
}

/// `create schema`.
pub(in super::super) fn create_schema(name: &SchemaName, schema: &Schema) -> Operation {
    let id = ObjectId::Schema(name.clone());
    let sql = schema_sql(name, schema);
    made(
        format!("create schema {name}"),
        &id,
        sql,
        exact(Vec::new(), vec![format!("drop schema {name}")]),
        Vec::new(),
        Vec::new(),
    )
}

fn schema_sql(name: &SchemaName, schema: &Schema) -> Vec<String> {
    let mut sql = vec![format!("create schema {name}")];
    sql.extend(schema.comment.iter().map(|c| comment_on(&format!("schema {name}"), Some(c))));
    sql.extend(owner_to("schema", &name.to_string(), schema.owner.as_deref()));
    sql.extend(grants("schema", &name.to_string(), schema.privileges.as_deref()));
    sql
}

fn dropped(
    does: String,
    id: &ObjectId,
    sql: Vec<String>,
    undo: Inverse,
    needs: Vec<Resource>,
    names: Vec<Resource>,
) -> Operation {
    let mut destroys = vec![Resource::Before(id.clone())];
    destroys.extend(names);
    Operation {
        does,
        subject: id.clone(),
        steps: steps(sql),
        inverse: undo,
        locks: Vec::new(),
        hazards: Vec::new(),
        needs,
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
    }
}

/// `drop schema`, of an empty one: what it holds is dropped first, by operations of its own.
pub(in super::super) fn drop_schema(name: &SchemaName, schema: &Schema) -> Operation {
    let id = ObjectId::Schema(name.clone());
    let sql = vec![format!("drop schema {name}")];
    dropped(
        format!("drop schema {name}"),
        &id,
        sql,
        exact(Vec::new(), schema_sql(name, schema)),
        Vec::new(),
        Vec::new(),
    )
}

/// `create extension`, by the role that logged in: most extensions want a superuser.
pub(in super::super) fn create_extension(name: &ExtensionName, extension: &Extension) -> Operation {
    let id = ObjectId::Extension(name.clone());
    let schema = &extension.schema;
    let mut op = made(
        format!("create extension {name}"),
        &id,
        Vec::new(),
        back(Reversibility::Exact, Vec::new(), Vec::new(), vec![as_login(format!("drop extension {name}"))]),
        vec![Resource::After(ObjectId::Schema(schema.clone()))],
        Vec::new(),
    );
    op.steps = vec![as_login(format!("create extension {name} schema {schema}"))];
    op.steps.extend(minimum_version(name, extension));
    op
}

fn as_login(sql: String) -> Step {
    Step::Statement(Statement { sql, run_as: RunAs::Login, probe: None, clear: None })
}

/// A version is never pinned; that it is high enough is asserted where the plan runs.
pub(in super::super) fn minimum_version(name: &ExtensionName, extension: &Extension) -> Option<Step> {
    let minimum = extension.minimum.as_ref()?;
    let numbers: Vec<String> =
        minimum.trim_start_matches(['>', '=', ' ']).split('.').map(|n| n.trim().to_owned()).collect();
    if numbers.iter().any(|n| n.is_empty() || !n.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let wanted = format!("array[{}]", list(&numbers));
    let sql = format!(
        "select coalesce((select pg_catalog.string_to_array(pg_catalog.regexp_replace(extversion, '[^0-9.].*$', ''), '.')::integer[] >= {wanted} from pg_catalog.pg_extension where extname = {}), false)",
        literal(name.as_str())
    );
    Some(Step::Assert(Assert {
        sql,
        expect: "t".to_owned(),
        says: format!(
            "extension {name} must be at version {minimum} or later here: run `alter extension {name} update` as a superuser"
        ),
    }))
}

/// The raised minimum: nothing changes, but it must hold.
pub(in super::super) fn require_extension(name: &ExtensionName, extension: &Extension) -> Option<Operation> {
    let id = ObjectId::Extension(name.clone());
    let minimum = minimum_version(name, extension)?;
    let mut op = InPlace {
        does: format!("require extension {name} {}", extension.minimum.as_deref().unwrap_or_default()),
        subject: id,
        forward: Vec::new(),
        backward: Vec::new(),
        locks: Vec::new(),
        hazards: Vec::new(),
        needs: Vec::new(),
    }
    .operation();
    op.steps = vec![minimum];
    op.inverse.parts = Vec::new();
    Some(op)
}

/// `alter extension … set schema`: catalog only; the members move with it.
pub(in super::super) fn move_extension(name: &ExtensionName, from: &SchemaName, to: &SchemaName) -> Operation {
    let id = ObjectId::Extension(name.clone());
    let mut op = InPlace {
        does: format!("move extension {name} to schema {to}"),
        subject: id.clone(),
        forward: Vec::new(),
        backward: Vec::new(),
        locks: Vec::new(),
        hazards: vec![hazard(
            HazardKind::BreaksClients,
            &id,
            format!("clients that find its members in {from} don't any more"),
        )],
        needs: vec![Resource::After(ObjectId::Schema(to.clone()))],
    }
    .operation();
    op.steps = vec![as_login(format!("alter extension {name} set schema {to}"))];
    op.inverse.parts[0].steps = vec![as_login(format!("alter extension {name} set schema {from}"))];
    op
}

/// `drop extension`, whose members nothing uses any more.
pub(in super::super) fn drop_extension(name: &ExtensionName, extension: &Extension, needs: Vec<Resource>) -> Operation {
    let id = ObjectId::Extension(name.clone());
    let undo = back(
        Reversibility::Exact,
        Vec::new(),
        Vec::new(),
        vec![as_login(format!("create extension {name} schema {}", extension.schema))],
    );
    let mut op = dropped(format!("drop extension {name}"), &id, Vec::new(), undo, needs, Vec::new());
    op.steps = vec![as_login(format!("drop extension {name}"))];
    op
}

fn enum_sql(name: &Qualified, enumeration: &Enumeration) -> Vec<String> {
    let mut sql = vec![format!("create type {name} as enum ({})", list(enumeration.labels.iter().map(|l| literal(l))))];
    sql.extend(enumeration.comment.iter().map(|c| comment_on(&format!("type {name}"), Some(c))));
    sql.extend(owner_to("type", &name.to_string(), enumeration.owner.as_deref()));
    sql.extend(grants("type", &name.to_string(), enumeration.privileges.as_deref()));
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
        op.needs.push(Resource::Halfway(id.clone(), nth(at - 1)));
    }
    op.makes.push(Resource::Halfway(id.clone(), nth(at)));
    match change {
        EnumerationChange::Added { label, before } => {
            let place = before.as_ref().map(|b| format!(" before {}", literal(b))).unwrap_or_default();
            op.does = format!("add label {} to {}", literal(label), id.short());
            op.steps = vec![step(format!("alter type {name} add value {}{place}", literal(label)))];
            // PostgreSQL cannot take a label away: it is renamed aside, and comes back by that name.
            let aside = aside_name(
                &context.seed,
                &ObjectId::Opaque(crate::model::OpaqueKind::BaseType, vec![name.to_string(), label.clone()]),
            );
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
        }
        EnumerationChange::Removed(label) => {
            let aside = aside_name(
                &context.seed,
                &ObjectId::Opaque(crate::model::OpaqueKind::BaseType, vec![name.to_string(), label.clone()]),
            );
            op.does = format!("set label {} of {} aside", literal(label), id.short());
            op.steps = vec![step(rename(label, &aside))];
            op.inverse = exact(Vec::new(), vec![rename(&aside, label)]);
            op.hazards = vec![hazard(
                HazardKind::BreaksClients,
                &id,
                format!("clients that write {} fail; rows that hold it show {}", literal(label), literal(&aside)),
            )];
        }
        EnumerationChange::Reordered => return None,
    }
    Some(op)
}

/// Names for the steps of one enum; more than these share the last, and the tie key keeps their order.
fn nth(at: usize) -> &'static str {
    const NAMES: [&str; 12] = [
        "label 1", "label 2", "label 3", "label 4", "label 5", "label 6", "label 7", "label 8", "label 9", "label 10",
        "label 11", "label 12",
    ];
    NAMES[at.min(NAMES.len() - 1)]
}

/// `create sequence`, without its owner.
pub(in super::super) fn create(context: &Context<'_>, name: &Qualified, sequence: &Sequence) -> Operation {
    let id = ObjectId::Sequence(name.clone());
    let undo = exact(Vec::new(), vec![format!("drop sequence {name}")]);
    let names = vec![Resource::RelationName(name.clone())];
    made(
        format!("create sequence {}", id.short()),
        &id,
        create_sequence(name, sequence),
        undo,
        context.needs_after(&id),
        names,
    )
}

/// `alter sequence … owned by`.
pub(in super::super) fn own_sequence(name: &Qualified, before: Option<&Sequence>, after_: &Sequence) -> Operation {
    let id = ObjectId::Sequence(name.clone());
    let owner = |s: Option<&Sequence>| match s.and_then(|s| s.owned_by.as_ref()) {
        Some((table, column)) => format!("alter sequence {name} owned by {table}.{column}"),
        None => format!("alter sequence {name} owned by none"),
    };
    let mut needs = vec![Resource::After(id.clone())];
    needs.extend(after_.owned_by.iter().map(|(t, c)| Resource::After(ObjectId::Column(t.clone(), c.clone()))));
    let mut op = InPlace {
        does: match &after_.owned_by {
            Some((table, column)) => format!("let {}.{column} own sequence {}", table.name, id.short()),
            None => format!("let sequence {} stand alone", id.short()),
        },
        subject: id.clone(),
        forward: vec![owner(Some(after_))],
        backward: vec![owner(before)],
        locks: vec![lock(&id, LockMode::ShareRowExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs,
    }
    .operation();
    op.makes = vec![Resource::Halfway(id.clone(), "owned")];
    op.needs.push(Resource::Before(id.clone()));
    // It runs before the column that owned it goes, or it would go with it.
    op.destroys = Vec::new();
    if let Some((table, column)) = before.and_then(|s| s.owned_by.as_ref()) {
        op.needs.push(Resource::Before(ObjectId::Column(table.clone(), column.clone())));
    }
    op
}

/// `alter sequence`: type and options.
pub(in super::super) fn alter_sequence(name: &Qualified, before: &Sequence, after_: &Sequence) -> Operation {
    let id = ObjectId::Sequence(name.clone());
    let sql = |s: &Sequence| {
        let o = &s.options;
        let cycle = if o.cycle { "cycle" } else { "no cycle" };
        format!(
            "alter sequence {name} as {} increment by {} minvalue {} maxvalue {} start with {} cache {} {cycle}",
            s.data_type.as_str(),
            o.increment,
            o.min,
            o.max,
            o.start,
            o.cache
        )
    };
    InPlace {
        does: format!("alter sequence {}", id.short()),
        subject: id.clone(),
        forward: vec![sql(after_)],
        backward: vec![sql(before)],
        locks: vec![lock(&id, LockMode::ShareRowExclusive, Held::Moment)],
        hazards: vec![hazard(HazardKind::MayFailOnRows, &id, "its present value must lie within the new bounds")],
        needs: Vec::new(),
    }
    .operation()
}

/// `drop sequence`.
pub(in super::super) fn drop(context: &Context<'_>, name: &Qualified, sequence: &Sequence) -> Operation {
    let id = ObjectId::Sequence(name.clone());
    // Its owner is taken away before, and given back after, by an operation of its own.
    let sql = create_sequence(name, sequence);
    let undo = back(Reversibility::StructureOnly, Vec::new(), Vec::new(), steps(sql));
    let names = vec![Resource::RelationName(name.clone())];
    let mut op = dropped(
        format!("drop sequence {}", id.short()),
        &id,
        vec![format!("drop sequence {name}")],
        undo,
        context.needs_before(&id),
        names,
    );
    op.locks = exclusive(&id);
    op.hazards.push(hazard(HazardKind::DataLoss, &id, "its present value goes; it would begin again from its start"));
    op
}

/// Counts what a dropped thing would lose; used by tables and columns.
pub(super) fn loses(object: &ObjectId, count: String, says: String) -> Condition {
    Condition { kind: ConditionKind::Loses, object: object.clone(), count, says }
}
