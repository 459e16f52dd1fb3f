use super::super::format::{HazardKind, Held, LockMode, Reversibility};
use super::super::sql::create_sequence;
use super::answer::{Operation, Resource};
use super::context::Context;
use super::namespaced::{dropped, made};
use super::support::{InPlace, back, exact, exclusive, hazard, lock, steps};
use crate::model::{ObjectId, Qualified, Sequence};

/// `create sequence`, without its owner.
pub(in super::super) fn create(context: &Context<'_>, name: &Qualified, sequence: &Sequence) -> Operation {
    let id = ObjectId::Sequence(name.clone());
    let undo = exact(exclusive(&id), vec![format!("drop sequence {name}")]);
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
    let mut op = InPlace {
        does: format!("alter sequence {}", id.short()),
        subject: id.clone(),
        forward: vec![sql(after_)],
        backward: vec![sql(before)],
        locks: vec![lock(&id, LockMode::ShareRowExclusive, Held::Moment)],
        hazards: vec![hazard(HazardKind::MayFailOnRows, &id, "its present value must lie within the new bounds")],
        needs: vec![Resource::Before(id.clone())],
    }
    .operation()
    .without_making();
    super::narrow::sequence(&mut op.inverse, name, &before.options, &after_.options);
    op
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
