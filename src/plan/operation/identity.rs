//! Operations that add, drop and alter the identity of a column.
use super::super::format::{Hazard, HazardKind, Reversibility};
use super::super::sql::{identity_definition, literal};
use super::answer::{Milestone, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, exclusive, hazard};
use crate::model::{Column, ColumnName, ColumnValue, Identity, ObjectId, Qualified, SequenceOptions};

/// Identity added, dropped or altered; `None` where the values are of other kinds.
pub(in super::super) fn change(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    before: &Column,
    after: &Column,
) -> Option<Operation> {
    let (id, table_id) = (ObjectId::column(*table, *name), ObjectId::table(*table));
    let alter = format!("alter table {table} alter column {name}");
    let add = |i: &Identity, c: &Column| format!("{alter} add {}", identity_definition(table, i, c.sequence_type()));
    let set = |i: &Identity| vec![set(table, name, i)];
    let dropped = format!("{alter} drop identity");
    let (does, forward, backward, kind) = match (&before.value, &after.value) {
        (ColumnValue::None, ColumnValue::Identity(i)) => {
            (format!("make {} an identity", id.short()), vec![add(i, after)], vec![dropped], Reversibility::Exact)
        }
        (ColumnValue::Identity(i), ColumnValue::None) => {
            let backward = vec![add(i, before), behind_the_values(table, name, i)];
            (format!("make {} no identity", id.short()), vec![dropped], backward, Reversibility::Exact)
        }
        (ColumnValue::Default(default), ColumnValue::Identity(i)) => {
            let forward = vec![format!("{alter} drop default"), add(i, after)];
            let backward = vec![dropped, format!("{alter} set default ({})", default.sql())];
            (format!("make {} an identity", id.short()), forward, backward, Reversibility::Exact)
        }
        (ColumnValue::Identity(i), ColumnValue::Default(default)) => {
            let backward = vec![format!("{alter} drop default"), add(i, before), behind_the_values(table, name, i)];
            let forward = vec![dropped, format!("{alter} set default ({})", default.sql())];
            (format!("make {} no identity", id.short()), forward, backward, Reversibility::Exact)
        }
        (ColumnValue::Identity(a), ColumnValue::Identity(b)) => {
            let within = into_bounds(table, name, (&a.options, &b.options));
            let forward = within.into_iter().chain(set(b)).collect();
            (format!("alter identity of {}", id.short()), forward, set(a), Reversibility::Exact)
        }
        _ => return None,
    };
    let mut op = InPlace {
        does,
        subject: id,
        forward,
        backward,
        locks: exclusive(&table_id),
        hazards: Vec::new(),
        needs: [context.needs_after(&id), context.needs_before(&id)].concat(),
    }
    .operation();
    // PostgreSQL wants the column not null before: where that is new, it is made first.
    op.needs.extend([Resource::After(table_id), Resource::Halfway(id, Milestone::NullsRefused)]);
    op.inverse.kind = kind;
    if let (ColumnValue::Identity(a), ColumnValue::Identity(b)) = (&before.value, &after.value) {
        super::narrow::identity(&mut op.inverse, (table, name), &a.options, &b.options);
    }
    op.hazards.extend(identity_hazards(&id, &before.value, &after.value));
    Some(op)
}

/// Statement that gives an identity all its options: what is at its default now may not have been.
pub(super) fn set(table: &Qualified, name: &ColumnName, identity: &Identity) -> String {
    let when = if identity.always { "always" } else { "by default" };
    let o = &identity.options;
    let cycle = if o.cycle { "cycle" } else { "no cycle" };
    format!(
        "alter table {table} alter column {name} set generated {when} set increment by {} set minvalue {} \
         set maxvalue {} set start with {} set cache {} set {cycle}",
        o.increment, o.min, o.max, o.start, o.cache
    )
}

/// Lets a sequence that has not come to its new bounds yet begin there: PostgreSQL wants its present value within.
fn into_bounds(
    table: &Qualified,
    name: &ColumnName,
    (before, after): (&SequenceOptions, &SequenceOptions),
) -> Option<String> {
    let of = format!("{}, {}", literal(&table.to_string()), literal(name.as_str()));
    let sequence = format!("pg_catalog.pg_get_serial_sequence({of})::pg_catalog.regclass");
    let last = format!("coalesce(pg_catalog.pg_sequence_last_value({sequence}), {})", before.start);
    super::sequence::begin_within(&sequence, &format!("where {last}"), (before, after))
}

/// Lets the numbers of an identity that is made again go on behind those that rows have.
fn behind_the_values(table: &Qualified, name: &ColumnName, identity: &Identity) -> String {
    let o = &identity.options;
    let last = if o.increment < 0 { "min" } else { "max" };
    let of = format!("{}, {}", literal(&table.to_string()), literal(name.as_str()));
    format!(
        "select pg_catalog.setval(pg_catalog.pg_get_serial_sequence({of})::regclass, {last}({name})) from {table} \
         having {last}({name}) between {} and {}",
        o.min, o.max
    )
}

/// Counts the values of an identity that lie outside of what its sequence has given: somebody wrote them.
pub(super) fn not_its_own(table: &Qualified, name: &ColumnName, identity: &Identity) -> String {
    let of = format!("{}, {}", literal(&table.to_string()), literal(name.as_str()));
    let start = identity.options.start;
    let last = format!("coalesce(pg_sequence_last_value(pg_get_serial_sequence({of})::regclass), {start})");
    format!(
        "select count(*) from {table} where {name} not between least({start}, {last}) and greatest({start}, {last})"
    )
}

fn identity_hazards(id: &ObjectId, before: &ColumnValue, after: &ColumnValue) -> Vec<Hazard> {
    let clients = |because: String| hazard(HazardKind::BreaksClients, id, because);
    match (before, after) {
        (ColumnValue::Identity(_), ColumnValue::None | ColumnValue::Default(_)) => {
            vec![clients(
                "clients that give it no value fail; its sequence goes, and begins behind the values that are there on the way back"
                    .to_owned(),
            )]
        }
        (ColumnValue::None | ColumnValue::Default(_), ColumnValue::Identity(i)) => vec![clients(format!(
            "its sequence begins at {}, whatever values rows have: inserts may fail until it is set behind them",
            i.options.start
        ))],
        (ColumnValue::Identity(a), ColumnValue::Identity(b)) if b.always && !a.always => {
            vec![clients("clients that give it a value of their own fail".to_owned())]
        }
        _ => Vec::new(),
    }
}
