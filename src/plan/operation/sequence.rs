//! Operations on sequences: created, altered, given to a column, dropped.
use super::super::format::{HazardKind, Held, LockMode, Reversibility};
use super::super::sql::{create_sequence, literal};
use super::answer::{Milestone, Operation, Resource};
use super::context::Context;
use super::schema::{dropped, made};
use super::support::{InPlace, back, exact, exclusive, hazard, lock, steps};
use crate::model::{ObjectId, Qualified, Sequence, SequenceOptions, Typed, Word};

/// `create sequence`, without its owner.
pub(in super::super) fn create(context: &Context<'_>, name: &Qualified, sequence: Typed<'_, Sequence>) -> Operation {
    let id = ObjectId::sequence(*name);
    let undo = exact(exclusive(&id), vec![format!("drop sequence {name}")]);
    let names = vec![Resource::RelationName(*name)];
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
pub(in super::super) fn own_sequence(
    context: &Context<'_>,
    name: &Qualified,
    before: Option<&Sequence>,
    after_: &Sequence,
) -> Operation {
    let id = ObjectId::sequence(*name);
    let owner = |s: Option<&Sequence>| match s.and_then(|s| s.owned_by.as_ref()) {
        Some((table, column)) => format!("alter sequence {name} owned by {table}.{column}"),
        None => format!("alter sequence {name} owned by none"),
    };
    let mut needs = vec![Resource::After(id)];
    needs.extend(after_.owned_by.iter().flat_map(|(table, column)| {
        // A table that is only carried has no columns of its own.
        let whole = context.after_names.relation(table).cloned();
        whole.into_iter().chain([ObjectId::column(*table, *column)]).map(Resource::After)
    }));
    let mut op = InPlace {
        does: match &after_.owned_by {
            Some((table, column)) => format!("let {}.{column} own sequence {}", table.name, id.short()),
            None => format!("let sequence {} stand alone", id.short()),
        },
        subject: id,
        forward: vec![owner(Some(after_))],
        backward: vec![owner(before)],
        locks: vec![lock(&id, LockMode::ShareRowExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs,
    }
    .operation();
    op.makes = vec![Resource::Halfway(id, Milestone::OwnedSequence)];
    op.needs.push(Resource::Before(id));
    // It runs before the column that owned it goes, or it would go with it.
    op.destroys = Vec::new();
    if let Some((table, column)) = before.and_then(|s| s.owned_by.as_ref()) {
        op.needs.push(Resource::Before(ObjectId::column(*table, *column)));
    }
    op
}

/// Lets a sequence begin within its new bounds, if its present value has not come to them yet: PostgreSQL wants it
/// there. `present` is a `from` or `where` that ends with that value. What lies beyond the bounds already is left to
/// fail.
pub(super) fn begin_within(
    sequence: &str,
    present: &str,
    (before, after): (&SequenceOptions, &SequenceOptions),
) -> Option<String> {
    let beyond = if after.increment > 0 {
        (after.min > before.min).then(|| format!("< {}", after.min))
    } else {
        (after.max < before.max).then(|| format!("> {}", after.max))
    }?;
    let start = after.start;
    // Its bounds are still the old ones.
    let possible = (before.min..=before.max).contains(&start);
    possible.then(|| format!("select pg_catalog.setval({sequence}, {start}, false) {present} {beyond}"))
}

/// `alter sequence`: type and options.
pub(in super::super) fn alter_sequence(name: &Qualified, before: &Sequence, after_: &Sequence) -> Operation {
    let id = ObjectId::sequence(*name);
    let sql = |s: &Sequence| {
        let o = &s.options;
        let cycle = if o.cycle { "cycle" } else { "no cycle" };
        format!(
            "alter sequence {name} as {} increment by {} minvalue {} maxvalue {} start with {} cache {} {cycle}",
            s.data_type.word(),
            o.increment,
            o.min,
            o.max,
            o.start,
            o.cache
        )
    };
    let mut op = InPlace {
        does: format!("alter sequence {}", id.short()),
        subject: id,
        forward: begin_within(
            &format!("{}::pg_catalog.regclass", literal(&name.to_string())),
            &format!("from {name} where last_value"),
            (&before.options, &after_.options),
        )
        .into_iter()
        .chain([sql(after_)])
        .collect(),
        backward: vec![sql(before)],
        locks: vec![lock(&id, LockMode::ShareRowExclusive, Held::Moment)],
        hazards: vec![hazard(HazardKind::MayFailOnRows, &id, "its present value must lie within the new bounds")],
        needs: vec![Resource::Before(id)],
    }
    .operation()
    .without_making();
    super::narrow::sequence(&mut op.inverse, name, &before.options, &after_.options);
    op
}

/// `drop sequence`.
pub(in super::super) fn drop(context: &Context<'_>, name: &Qualified, sequence: Typed<'_, Sequence>) -> Operation {
    let id = ObjectId::sequence(*name);
    // Its owner is taken away before, and given back after, by an operation of its own.
    let sql = create_sequence(name, sequence);
    let undo = back(Reversibility::StructureOnly, Vec::new(), Vec::new(), steps(sql));
    let names = vec![Resource::RelationName(*name)];
    let mut op = dropped(
        format!("drop sequence {}", id.short()),
        &id,
        vec![format!("drop sequence {name}")],
        undo,
        context.needs_before(&id),
        names,
    );
    op.locks = exclusive(&id);
    // One that a column of a dropped table owns is a part of that loss.
    let goes_with = |(table, _): &(Qualified, _)| context.dropped_tables.contains(table);
    if !sequence.owned_by.as_ref().is_some_and(goes_with) {
        op.hazards.push(hazard(
            HazardKind::DataLoss,
            &id,
            "its present value goes; it would begin again from its start",
        ));
    }
    op
}
