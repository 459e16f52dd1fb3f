//! Operations on primary keys and unique constraints, each with its index.
use super::super::format::{BackPart, HazardKind, Held, LockMode, Reversibility, RunAs, Statement, Step};
use super::super::needs::referable;
use super::super::sql::list;
use super::ahead;
use super::answer::{Ahead, Grouping, Inverse, Milestone, Operation, Resource};
use super::constraint_subject::Subject;
use super::context::Context;
use super::marks;
use super::support::{back, exclusive, hazard, lock, steps};
use crate::model::{
    Body, ColumnName, ConstraintName, Key, KeyKind, Object, ObjectId, Qualified, RelationName, aside_name,
};
use std::collections::BTreeSet;

/// The unique index of a key, built while readers and writers go on.
pub(super) fn index(s: &Subject<'_>, key: &Key, index: &RelationName) -> Step {
    let include = if key.include.is_empty() { String::new() } else { format!(" include ({})", list(&key.include)) };
    let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
    let with =
        if key.with.is_empty() { String::new() } else { format!(" with ({})", super::super::sql::options(&key.with)) };
    let space = key.tablespace.as_ref().map(|t| format!(" tablespace {}", crate::model::quote(t))).unwrap_or_default();
    let qualified = s.table.sibling(index.as_str());
    let columns = list(&key.columns);
    Step::Statement(Statement {
        sql: format!(
            "create unique index concurrently {index} on {} ({columns}){include}{nulls}{with}{space}",
            s.table
        ),
        run_as: RunAs::Role,
        probe: Some(super::index::created_probe(&qualified, s.table)),
        clear: Some(format!("drop index concurrently {qualified}")),
    })
}

/// The constraint takes the index over, and its name with it.
pub(super) fn take(s: &Subject<'_>, key: &Key, object: &Object, index: &RelationName) -> Vec<String> {
    let words = match key.kind {
        KeyKind::Primary => "primary key",
        KeyKind::Unique => "unique",
    };
    let deferrable = match key.deferrable.as_sql() {
        "" => String::new(),
        text => format!(" {text}"),
    };
    let mut sql = vec![s.add(&format!("{words} using index {index}{deferrable}"))];
    sql.extend(s.comment(object));
    sql
}

/// A key online: a unique index built concurrently, then taken over by the constraint in a moment.
pub(super) fn online(context: &Context<'_>, s: &Subject<'_>, key: &Key, object: &Object) -> Vec<Operation> {
    let own = s.index();
    let qualified = s.table.sibling(own.as_str());
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    needs.extend(foreign_keys_that_go(context, s.table, &key.columns.iter().collect()));
    let build = Operation {
        does: format!("build the index of {}", s.name),
        subject: s.id,
        steps: vec![index(s, key, &own)],
        inverse: back(
            Reversibility::Exact,
            Vec::new(),
            vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Moment)],
            vec![Step::Statement(Statement {
                sql: format!("drop index concurrently {qualified}"),
                run_as: RunAs::Role,
                probe: Some(super::index::dropped_probe(&qualified)),
                clear: None,
            })],
        ),
        locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
        hazards: vec![
            hazard(HazardKind::MayFailOnRows, &s.id, "fails if two rows have the same values"),
            hazard(HazardKind::IndexBuild, &s.id, "a unique index is built; readers and writers go on"),
        ],
        needs,
        makes: vec![Resource::Halfway(s.id, Milestone::IndexBuilt)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: ahead::key(context, s.table, &s.id, key),
    };
    // Dropping the constraint drops its index: the way back builds another beside it first, for the segment before.
    let beside = RelationName::new(aside_name(&format!("{} back", context.seed), &s.id));
    let swap = [s.drop(), format!("alter index {} rename to {own}", s.table.sibling(beside.as_str()))];
    let take_over = Operation {
        does: format!("add key {}", s.name),
        subject: s.id,
        steps: steps(take(s, key, object, &own)),
        inverse: Inverse {
            kind: Reversibility::Exact,
            conditions: Vec::new(),
            parts: vec![
                BackPart {
                    locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
                    steps: vec![index(s, key, &beside)],
                    relief: Vec::new(),
                },
                BackPart { locks: exclusive(&s.table_id), steps: steps(swap), relief: Vec::new() },
            ],
            revive: None,
        },
        locks: exclusive(&s.table_id),
        hazards: Vec::new(),
        needs: vec![Resource::Halfway(s.id, Milestone::IndexBuilt)],
        makes: vec![Resource::After(s.id)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    };
    vec![build, take_over]
}

/// A key that changes: its new index is built beside the old key, and the two are exchanged in a moment, so that rows
/// are never without one.
pub(in super::super) fn replace(
    context: &Context<'_>,
    (table, name): (&Qualified, &ConstraintName),
    (before, after): (&Key, &Key),
    (old, new): (&Object, &Object),
) -> Vec<Operation> {
    let s = Subject::new(table, name);
    let named = |what: &str| RelationName::new(aside_name(&format!("{} {what}", context.seed), &s.id));
    let (beside, former, again) = (named("beside"), named("old"), named("back"));
    let mut build = online(context, &s, after, new).remove(0);
    build.does = format!("build the new index of {name} beside");
    build.steps = vec![index(&s, after, &beside)];
    build.needs = context.needs_after(&s.id);
    build.inverse.parts = vec![BackPart {
        locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Moment)],
        steps: vec![Step::Statement(Statement {
            sql: format!("drop index concurrently {}", table.sibling(beside.as_str())),
            run_as: RunAs::Role,
            probe: Some(super::index::dropped_probe(&table.sibling(beside.as_str()))),
            clear: None,
        })],
        relief: Vec::new(),
    }];
    let mut needs = vec![Resource::Halfway(s.id, Milestone::IndexBuilt)];
    needs.extend(context.needs_after(&s.id));
    needs.extend(context.needs_until_gone(&s.id));
    let exchange = |key: &Key, object: &Object, index: &RelationName| -> Vec<String> {
        let marks = marks::of(context.before, table, &s.index()).0;
        std::iter::once(s.drop()).chain(take(&s, key, object, index)).chain(marks).collect()
    };
    // The boundary before it has the old key and the new index beside: both are built before anyone waits.
    let built = |key: &Key, name: &RelationName| BackPart {
        locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
        steps: vec![index(&s, key, name)],
        relief: Vec::new(),
    };
    let mut back = exchange(before, old, &former);
    back.push(format!("alter index {} rename to {beside}", table.sibling(again.as_str())));
    let swap = Operation {
        does: format!("exchange key {name} for the new one"),
        subject: s.id,
        steps: steps(exchange(after, new, &beside)),
        inverse: Inverse {
            kind: Reversibility::Conditional,
            conditions: super::return_conditions::rows(context, table, &s.id, old).into_iter().collect(),
            parts: vec![
                built(before, &former),
                built(after, &again),
                BackPart { locks: exclusive(&s.table_id), steps: steps(back), relief: Vec::new() },
            ],
            revive: None,
        },
        locks: exclusive(&s.table_id),
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(s.id)],
        destroys: vec![Resource::Before(s.id)],
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    };
    vec![build, swap]
}

/// `comment on index` of the index that a constraint has.
pub(in super::super) fn index_comment(
    table: &Qualified,
    name: &ConstraintName,
    (before, after): (Option<&str>, Option<&str>),
) -> Operation {
    let s = Subject::new(table, name);
    let index = table.sibling(name.as_str());
    let of_index = ObjectId::index(index);
    let mut op = super::comment::comment(&of_index, &format!("index {index}"), before, after, &of_index);
    op.does = format!("comment on the index of {name}");
    op.needs = vec![Resource::After(s.id)];
    op.makes = vec![Resource::Halfway(s.id, Milestone::IndexComment)];
    op.subject = s.id;
    op
}

/// The keys and unique indexes of the referenced table that a foreign key must not find any more: PostgreSQL would lean
/// it on one that goes.
pub(super) fn those_that_go(context: &Context<'_>, object: &Object) -> Vec<Resource> {
    let Body::ForeignKey(foreign) = &object.body else { return Vec::new() };
    let table = &foreign.references;
    let columns = |key: &Key| key.columns.iter().cloned().collect::<BTreeSet<ColumnName>>();
    let wanted: BTreeSet<ColumnName> = foreign.referenced.iter().cloned().collect();
    let mut out = Vec::new();
    for (name, object) in context.before.constraints(table) {
        let id = ObjectId::constraint(*table, name);
        if matches!(&object.body, Body::Key(key) if columns(key) == wanted) && context.leaving.contains(&id) {
            out.push(Resource::ConstraintName(*table, name));
            out.push(Resource::After(id));
        }
    }
    let indexes = context.before.indexes().filter(|(_, index)| index.table == *table);
    for (name, index) in indexes {
        let id = ObjectId::index(name);
        if context.leaving.contains(&id) && referable(&index).is_some_and(|columns| columns == wanted) {
            out.extend([Resource::RelationName(name), Resource::Halfway(id, Milestone::ReplacedIndexGone)]);
        }
    }
    out
}

/// New keys over the same columns as one that goes: they are there first, so that rows are never without one. There is
/// one primary key at a time.
pub(super) fn successors(context: &Context<'_>, s: &Subject<'_>, object: &Object) -> Vec<Resource> {
    let Body::Key(old) = &object.body else { return Vec::new() };
    let columns: BTreeSet<&ColumnName> = old.columns.iter().collect();
    let new = context.after.constraints(s.table).filter_map(|(name, object)| {
        let id = ObjectId::constraint(*s.table, name);
        let Body::Key(new) = &object.body else { return None };
        let both_primary = old.kind == KeyKind::Primary && new.kind == KeyKind::Primary;
        let takes_over =
            !context.before.has(&id) && !both_primary && new.columns.iter().collect::<BTreeSet<_>>() == columns;
        takes_over.then_some(Resource::After(id))
    });
    new.collect()
}

/// Foreign keys to the same columns that go: each goes first, as on the way back PostgreSQL would lean it on this key.
pub(super) fn foreign_keys_that_go(
    context: &Context<'_>,
    table: &Qualified,
    columns: &BTreeSet<&ColumnName>,
) -> Vec<Resource> {
    let leaning = context.leaving.iter().chain(&context.follows).filter_map(|id| {
        match (id.as_constraint(), context.before.body(id)) {
            (Some((of, name)), Some(Body::ForeignKey(foreign)))
                if foreign.references == *table && foreign.referenced.iter().collect::<BTreeSet<_>>() == *columns =>
            {
                Some(Resource::ConstraintName(of, name))
            }
            _ => None,
        }
    });
    leaning.collect()
}
