//! Operations on indexes and keys of partitioned tables: PostgreSQL builds none of them concurrently.
use super::super::beneath::Beneath;
use super::super::format::{BackPart, HazardKind, Held, LockMode, Reversibility};
use super::super::needs::referable;
use super::super::problem::Problem;
use super::super::sql::{constraint_definition, create_index, finish_parts, index_extras};
use super::ahead;
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::constraint_subject::Subject;
use super::context::Context;
use super::key;
use super::marks;
use super::support::{back, exact, hazard, lock, steps};
use crate::model::{Body, Index, Key, Object, ObjectId, Qualified, State, Typed};

/// A state with its partitions: the one before, or the one after.
pub(super) fn side<'c>(context: &'c Context<'_>, is_before: bool) -> (&'c State, &'c Beneath) {
    match is_before {
        true => (context.before, &context.beneath_before),
        false => (context.after, &context.beneath_after),
    }
}

/// The statements that make the index of a partitioned table, with those of its partitions.
fn index_statements(context: &Context<'_>, name: &Qualified, index: Typed<'_, Index>, is_before: bool) -> Vec<String> {
    let (state, beneath) = side(context, is_before);
    let mut out = vec![create_index(&name.name, &index, false)];
    out.extend(index_extras(name, index));
    out.extend(marks::of(state, &index.table, &name.name).0);
    out.extend(finish_parts(state, &beneath.parts(&index.table, &ObjectId::index(*name))));
    out
}

/// `create index` on a partitioned table that is there: nobody writes the partitions while theirs are built.
pub(in super::super) fn create_an_index(context: &Context<'_>, name: &Qualified, index: Typed<'_, Index>) -> Operation {
    let (id, table) = (ObjectId::index(*name), ObjectId::table(index.table));
    let mut needs = context.needs_after(&id);
    needs.push(Resource::RelationName(*name));
    if let Some(columns) = referable(&index) {
        needs.extend(key::foreign_keys_that_go(context, &index.table, &columns.iter().collect()));
    }
    let mut hazards = vec![hazard(
        HazardKind::LongLock,
        &id,
        "the indexes of all partitions are built, and nobody writes the table meanwhile",
    )];
    if index.unique {
        hazards.push(hazard(HazardKind::MayFailOnRows, &id, "fails if two rows have the same values"));
    }
    Operation {
        does: format!("create index {}", id.short()),
        subject: id,
        steps: steps(index_statements(context, name, index, false)),
        inverse: exact(vec![lock(&table, LockMode::AccessExclusive, Held::Moment)], vec![format!("drop index {name}")]),
        locks: vec![lock(&table, LockMode::Share, Held::Build)],
        hazards,
        needs,
        makes: vec![Resource::After(id)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: ahead::unique(context, &id, &index),
    }
}

/// `drop index` on a partitioned table: with those of its partitions.
pub(in super::super) fn drop_an_index(context: &Context<'_>, name: &Qualified, index: Typed<'_, Index>) -> Operation {
    let (id, table) = (ObjectId::index(*name), ObjectId::table(index.table));
    let mut inverse = back(
        Reversibility::Exact,
        Vec::new(),
        vec![lock(&table, LockMode::Share, Held::Build)],
        steps(index_statements(context, name, index, true)),
    );
    if index.unique {
        inverse.kind = Reversibility::Conditional;
        inverse.conditions.extend(super::return_conditions::duplicates(context, &id, &index));
    }
    Operation {
        does: format!("drop index {}", id.short()),
        subject: id,
        steps: steps([format!("drop index {name}")]),
        inverse,
        locks: vec![lock(&table, LockMode::AccessExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: context.needs_before(&id),
        makes: Vec::new(),
        destroys: vec![Resource::Before(id), Resource::RelationName(*name)],
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    }
}

/// The statements that add a key to a partitioned table, with those of its partitions.
fn key_statements(context: &Context<'_>, s: &Subject<'_>, object: &Object, is_before: bool) -> Vec<String> {
    let (state, beneath) = side(context, is_before);
    let mut out = vec![s.add(&constraint_definition(object).unwrap_or_default())];
    out.extend(s.comment(object));
    out.extend(marks::of(state, s.table, &s.index()).0);
    out.extend(finish_parts(state, &beneath.parts(s.table, &s.id)));
    out
}

/// A key of a partitioned table that is there: its indexes are built while nobody reads or writes the table.
pub(super) fn add_a_key(context: &Context<'_>, s: &Subject<'_>, key: &Key, object: &Object) -> Operation {
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    needs.extend(key::foreign_keys_that_go(context, s.table, &key.columns.iter().collect()));
    Operation {
        does: format!("add key {}", s.name),
        subject: s.id,
        steps: steps(key_statements(context, s, object, false)),
        inverse: exact(vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Moment)], vec![s.drop()]),
        locks: vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Build)],
        hazards: vec![
            hazard(HazardKind::MayFailOnRows, &s.id, "fails if two rows have the same values"),
            hazard(
                HazardKind::LongLock,
                &s.id,
                "the indexes of all partitions are built, and nobody reads or writes the table meanwhile",
            ),
        ],
        needs,
        makes: vec![Resource::After(s.id)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: ahead::key(context, s.table, &s.id, key),
    }
}

/// A changed index or key of a partitioned table: the old one goes and the new one comes in one transaction. `None` for anything
/// else.
pub(in super::super) fn replaced(
    context: &Context<'_>,
    id: &ObjectId,
    (old, new): (&Object, &Object),
) -> Option<Vec<Operation>> {
    let table = new.table_of(id).filter(|table| context.after.is_partitioned(table))?;
    let both = match (&old.body, &new.body, id.qualified(), id.as_constraint()) {
        (Body::Index(a), Body::Index(b), Some(name), _) => {
            [drop_an_index(context, &name, old.typed(a)), create_an_index(context, &name, new.typed(b))]
        }
        (Body::Key(_), Body::Key(key), _, Some((_, name))) => {
            let s = Subject::new(&table, &name);
            [drop_a_key(context, &s, old), add_a_key(context, &s, key, new)]
        }
        (_, _, _, _) => return None,
    };
    Some(both.map(|operation| Operation { grouping: Grouping::Group(*id), ..operation }).into())
}

/// `drop constraint` of a key of a partitioned table; the way back builds its indexes again.
pub(super) fn drop_a_key(context: &Context<'_>, s: &Subject<'_>, object: &Object) -> Operation {
    let mut destroys = vec![Resource::Before(s.id)];
    destroys.extend(s.names(object));
    Operation {
        does: format!("drop key {}", s.name),
        subject: s.id,
        steps: steps([s.drop()]),
        inverse: Inverse {
            kind: Reversibility::Conditional,
            conditions: super::return_conditions::rows(context, s.table, &s.id, object).into_iter().collect(),
            parts: vec![BackPart {
                locks: vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Build)],
                steps: steps(key_statements(context, s, object, true)),
                relief: Vec::new(),
            }],
            revive: None,
        },
        locks: vec![lock(&s.table_id, LockMode::AccessExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: [context.needs_before(&s.id), key::successors(context, s, object)].concat(),
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// A foreign key of a partitioned table, valid at once: PostgreSQL has no other before version 18.
pub(super) fn add_a_foreign_key(
    context: &Context<'_>,
    s: &Subject<'_>,
    object: &Object,
    mut add: Operation,
) -> Operation {
    add.locks = s.locks(object, LockMode::ShareRowExclusive, LockMode::ShareRowExclusive, Held::Scan);
    add.hazards = vec![
        hazard(HazardKind::MayFailOnRows, &s.id, "fails if a row breaks it"),
        hazard(HazardKind::LongLock, &s.id, "the table is read once, and nobody writes it meanwhile"),
    ];
    add.grouping = Grouping::Alone;
    add.ahead = Ahead::looking(ahead::constraint(context, (s.table, s.name), object).0);
    add
}

/// The way back of such a foreign key that goes: it is valid at once again.
pub(super) fn foreign_key_made_again(s: &Subject<'_>, object: &Object) -> Vec<BackPart> {
    let add = s.add(&constraint_definition(object).unwrap_or_default());
    vec![BackPart {
        locks: s.locks(object, LockMode::ShareRowExclusive, LockMode::ShareRowExclusive, Held::Scan),
        steps: steps(std::iter::once(add).chain(s.comment(object))),
        relief: Vec::new(),
    }]
}

/// A table that is partitioned otherwise, is so no more, or is a partition elsewhere: PostgreSQL has no statement that keeps its
/// rows where they are.
pub(in super::super) fn of_another_form(
    id: &ObjectId,
    (before, after): (&Object, &Object),
    attribute: &'static str,
) -> Problem {
    let words = |object: &Object| {
        let table = object.table();
        let by = table.and_then(|table| table.partition_by.as_ref()).map(|key| format!("partitioned by {}", key.sql()));
        let of = table.and_then(|table| table.partition_of.as_ref());
        let of = of.map(|of| format!("a partition of {} {}", ObjectId::table(of.parent).short(), of.bound.sql()));
        match attribute {
            "partition_by" => by.unwrap_or_else(|| "not partitioned".to_owned()),
            _ => of.unwrap_or_else(|| "no partition".to_owned()),
        }
    };
    let message = format!(
        "table {} is {}, and is declared as {}: pgform cannot turn one into the other yet",
        id.short(),
        words(before),
        words(after)
    );
    let help = "declare a table of another name in the new form, and plan; when the rows are there, take this one out of the \
                declaration in the next plan, and let the new one take its name with `renamed_from`";
    Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message).at(attribute) }
}
