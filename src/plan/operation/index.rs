//! Operations on indexes: built and dropped concurrently, replaced by one that is built beside.
use super::super::format::{BackPart, HazardKind, Held, Lock, LockMode, Reversibility, RunAs, Statement, Step};
use super::super::needs::referable;
use super::super::sql::{create_index, finish_parts, index_extras, literal};
use super::super::vector_build::rows_that_fail;
use super::ahead;
use super::answer::{Ahead, Grouping, Inverse, Milestone, Operation, Resource};
use super::context::Context;
use super::marks;
use super::partitioned;
use super::support::{InPlace, exact, hazard, lock, steps};
use super::view;
use crate::diagnostic::with_article;
use crate::model::{Index, ObjectId, Qualified, RelationName, State, Typed, aside_name};

/// Probe of how far a concurrent build got: an index of that name that is not valid, on that table, is what it leaves.
pub(super) fn created_probe(name: &Qualified, table: &Qualified) -> String {
    format!(
        "select coalesce((select case when i.indrelid is distinct from {table}::pg_catalog.regclass then 'not ours' \
         when i.indisvalid then 'done' else 'leftover' end from pg_catalog.pg_class c \
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join pg_catalog.pg_index i on i.indexrelid = c.oid \
         where n.nspname = {} and c.relname = {}), 'not started')",
        literal(name.schema.as_str()),
        literal(name.name.as_str()),
        table = literal(&table.to_string()),
    )
}

/// Probe of how far a concurrent drop got: one that was cut off leaves the index there, not valid, and runs again.
pub(super) fn dropped_probe(name: &Qualified) -> String {
    format!(
        "select case when exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where n.nspname = {} and c.relname = {}) then 'not started' else 'done' end",
        literal(name.schema.as_str()),
        literal(name.name.as_str()),
    )
}

fn concurrent_create(name: &Qualified, index: &Index) -> Step {
    Step::Statement(Statement {
        sql: create_index(&name.name, index, true),
        run_as: RunAs::Role,
        probe: Some(created_probe(name, &index.table)),
        clear: Some(format!("drop index concurrently {name}")),
    })
}

fn concurrent_drop(name: &Qualified) -> Step {
    Step::Statement(Statement {
        sql: format!("drop index concurrently {name}"),
        run_as: RunAs::Role,
        probe: Some(dropped_probe(name)),
        clear: None,
    })
}

fn one_part(kind: Reversibility, lock_: Lock, step: Step) -> Inverse {
    Inverse {
        kind,
        conditions: Vec::new(),
        parts: vec![BackPart { locks: vec![lock_], steps: vec![step], relief: Vec::new() }],
        revive: None,
    }
}

/// Locks of renaming an index, and of its comment and statistics: on the index alone, so that nobody waits.
fn on_index(name: &Qualified) -> Vec<Lock> {
    vec![lock(&ObjectId::index(*name), LockMode::ShareUpdateExclusive, Held::Moment)]
}

fn build_hazards(context: &Context<'_>, id: &ObjectId, index: &Index) -> Vec<super::super::format::Hazard> {
    let mut hazards = vec![hazard(
        HazardKind::IndexBuild,
        id,
        format!("{} index is built; readers and writers go on", with_article(&index.method)),
    )];
    if index.unique {
        hazards.push(hazard(HazardKind::MayFailOnRows, id, "fails if two rows have the same values"));
    }
    let may_fail = rows_that_fail(index, context.after).into_iter();
    hazards.extend(may_fail.map(|because| hazard(HazardKind::MayFailOnRows, id, because)));
    hazards
}

/// An ivfflat index finds its lists among the rows that are there when it is built
/// (<https://github.com/pgvector/pgvector#ivfflat>).
fn empty_lists(id: &ObjectId, index: &Index) -> Vec<super::super::format::Hazard> {
    let because = "it is built on an empty table, where its lists mean nothing: recall is low until it is built again \
                   (reindex) with rows";
    (index.method == "ivfflat").then(|| hazard(HazardKind::IndexBuild, id, because)).into_iter().collect()
}

/// Rows that are there before the index is: a new materialized view has them, a new table has none.
fn rows_of_a_view(context: &Context<'_>, id: &ObjectId, index: &Index) -> Vec<super::super::format::Hazard> {
    let filled = index.unique && context.after.view(&index.table).is_some_and(|view| view.has_rows());
    filled
        .then(|| hazard(HazardKind::MayFailOnRows, id, "fails if two rows have the same values"))
        .into_iter()
        .collect()
}

/// Foreign keys on a unique index that are made anew: each goes before another index comes, or it would be found
/// leaning on that one on the way back.
fn leaning(context: &Context<'_>, index: &Index) -> Vec<Resource> {
    let Some(columns) = referable(index) else { return Vec::new() };
    super::key::foreign_keys_that_go(context, &index.table, &columns.iter().collect())
}

/// Tells whether the materialized view that an index is on goes, maybe to be made anew: the index goes in the same
/// transaction.
pub(in super::super) fn goes_with_its_view(context: &Context<'_>, index: &Index) -> bool {
    let view = ObjectId::view(index.table);
    context.before.has(&view) && context.goes(&view)
}

/// Group of an index on a view that goes or comes: that of the view.
fn with_its_view(state: &State, index: &Index, group: Option<&ObjectId>, anew: bool) -> Grouping {
    match state.view(&index.table) {
        Some(view) => view::grouping(&ObjectId::view(index.table), &view, group.filter(|_| anew)),
        None => Grouping::Shared,
    }
}

/// `drop index`, of one on a view that goes: with it, and made again behind it on the way back.
fn drop_with_its_view(
    context: &Context<'_>,
    name: &Qualified,
    index: Typed<'_, Index>,
    group: Option<&ObjectId>,
) -> Operation {
    let (id, view) = (ObjectId::index(*name), ObjectId::view(index.table));
    let mut again = vec![create_index(&name.name, &index, false)];
    again.extend(index_extras(name, index));
    again.extend(marks::of(context.before, &index.table, &name.name).0);
    Operation {
        does: format!("drop index {}", id.short()),
        subject: id,
        steps: steps([format!("drop index {name}")]),
        inverse: exact(Vec::new(), again),
        locks: vec![lock(&view, LockMode::AccessExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: context.needs_before(&id),
        makes: Vec::new(),
        destroys: vec![Resource::Before(id), Resource::RelationName(*name)],
        grouping: with_its_view(context.before, &index, group, context.after.has(&view)),
        ahead: Ahead::none(),
    }
}

/// An index that goes: with its materialized view where that goes, otherwise while others use the relation.
pub(in super::super) fn dropped(
    context: &Context<'_>,
    name: &Qualified,
    index: Typed<'_, Index>,
    group: Option<&ObjectId>,
) -> Vec<Operation> {
    match goes_with_its_view(context, &index) {
        true => vec![drop_with_its_view(context, name, index, group)],
        false if context.before.is_partitioned(&index.table) => {
            vec![partitioned::drop_an_index(context, name, index)]
        }
        false => vec![drop(context, name, index)],
    }
}

/// `create index`: concurrently, unless the table, or the materialized view, is made by the same plan.
pub(in super::super) fn create(
    context: &Context<'_>,
    name: &Qualified,
    index: Typed<'_, Index>,
    group: Option<&ObjectId>,
) -> Vec<Operation> {
    let id = ObjectId::index(*name);
    if context.after.is_partitioned(&index.table) && !context.is_new(&index.table) {
        return vec![partitioned::create_an_index(context, name, index)];
    }
    let table = context.after.indexed(&index.table);
    let mut needs = context.needs_after(&id);
    needs.push(Resource::RelationName(*name));
    needs.extend(leaning(context, &index));
    if context.is_new(&index.table) {
        let mut sql = vec![create_index(&name.name, &index, false)];
        sql.extend(index_extras(name, index));
        sql.extend(marks::of(context.after, &index.table, &name.name).0);
        sql.extend(finish_parts(context.after, &context.beneath_after.parts(&index.table, &id)));
        // One that has a partition's own key as a part goes with its table alone.
        let goes_alone = !context.beneath_after.takes_a_key(&id);
        let undo = goes_alone.then(|| format!("drop index {name}")).into_iter().collect();
        return vec![Operation {
            does: format!("create index {}", id.short()),
            subject: id,
            steps: steps(sql),
            inverse: exact(vec![lock(&table, LockMode::AccessExclusive, Held::Moment)], undo),
            locks: vec![lock(&table, LockMode::Share, Held::Build)],
            hazards: [empty_lists(&id, &index), rows_of_a_view(context, &id, &index)].concat(),
            needs,
            makes: vec![Resource::After(id)],
            destroys: Vec::new(),
            grouping: with_its_view(context.after, &index, group, context.before.has(&table)),
            ahead: Ahead::none(),
        }];
    }
    let build = Operation {
        does: format!("build {}", id.short()),
        subject: id,
        steps: vec![concurrent_create(name, &index)],
        inverse: one_part(
            Reversibility::Exact,
            lock(&table, LockMode::ShareUpdateExclusive, Held::Moment),
            concurrent_drop(name),
        ),
        locks: vec![lock(&table, LockMode::ShareUpdateExclusive, Held::Build)],
        hazards: build_hazards(context, &id, &index),
        needs,
        makes: vec![Resource::After(id)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: ahead::unique(context, &id, &index),
    };
    let mut out = vec![build];
    out.extend(extras(name, index));
    out
}

/// Comment and statistics of an index that was built concurrently: a statement of their own.
fn extras(name: &Qualified, index: Typed<'_, Index>) -> Option<Operation> {
    let sql = index_extras(name, index);
    if sql.is_empty() {
        return None;
    }
    let id = ObjectId::index(*name);
    let mut op = InPlace {
        does: format!("finish {}", id.short()),
        subject: id,
        forward: sql,
        backward: without_extras(name, index),
        locks: on_index(name),
        hazards: Vec::new(),
        needs: vec![Resource::After(id)],
    }
    .operation();
    op.makes = vec![Resource::Halfway(id, Milestone::IndexFinished)];
    op.destroys = Vec::new();
    Some(op)
}

/// The statements that take comment and statistics away again.
fn without_extras(name: &Qualified, index: Typed<'_, Index>) -> Vec<String> {
    let mut out: Vec<String> =
        index.statistics.keys().map(|key| format!("alter index {name} alter column {key} set statistics -1")).collect();
    if index.head.comment.is_some() {
        out.push(format!("comment on index {name} is null"));
    }
    out
}

/// `drop index concurrently`; the way back builds it again.
fn drop(context: &Context<'_>, name: &Qualified, index: Typed<'_, Index>) -> Operation {
    let id = ObjectId::index(*name);
    let table = context.before.indexed(&index.table);
    let mut inverse = one_part(
        Reversibility::Exact,
        lock(&table, LockMode::ShareUpdateExclusive, Held::Build),
        concurrent_create(name, &index),
    );
    let extras = index_extras(name, index);
    if !extras.is_empty() {
        inverse.parts.push(BackPart { locks: on_index(name), steps: steps(extras), relief: Vec::new() });
    }
    let (marked, locks) = marks::of(context.before, &index.table, &name.name);
    if !marked.is_empty() {
        inverse.parts.push(BackPart { locks, steps: steps(marked), relief: Vec::new() });
    }
    refuses_duplicates(context, &mut inverse, &id, &index);
    Operation {
        does: format!("drop index {}", id.short()),
        subject: id,
        steps: vec![concurrent_drop(name)],
        inverse,
        locks: vec![lock(&table, LockMode::ShareUpdateExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs: context.needs_before(&id),
        makes: Vec::new(),
        destroys: vec![Resource::Before(id), Resource::RelationName(*name)],
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    }
}

/// Adds the count of rows with the same values: a unique index comes back only while there are none.
fn refuses_duplicates(context: &Context<'_>, inverse: &mut Inverse, id: &ObjectId, index: &Index) {
    let readable = context.after.view(&index.table).is_none_or(|view| view.has_rows());
    if index.unique && readable {
        inverse.kind = Reversibility::Conditional;
        inverse.conditions.extend(super::return_conditions::duplicates(context, id, index));
    }
}

/// A changed index: built beside the old one, swapped by name in a moment, then the old one is dropped.
pub(in super::super) fn replace(
    context: &Context<'_>,
    name: &Qualified,
    before: Typed<'_, Index>,
    after: Typed<'_, Index>,
) -> Vec<Operation> {
    let id = ObjectId::index(*name);
    let table = context.after.indexed(&after.table);
    let beside = name.sibling(aside_name(&format!("{} beside", context.seed), &id));
    let old = name.sibling(aside_name(&format!("{} old", context.seed), &id));
    let halfway = |what| Resource::Halfway(id, what);
    let build = Operation {
        does: format!("build {} beside", id.short()),
        subject: id,
        steps: vec![concurrent_create(&beside, &after)],
        inverse: one_part(
            Reversibility::Exact,
            lock(&table, LockMode::ShareUpdateExclusive, Held::Moment),
            concurrent_drop(&beside),
        ),
        locks: vec![lock(&table, LockMode::ShareUpdateExclusive, Held::Build)],
        hazards: build_hazards(context, &id, &after),
        needs: [context.needs_after(&id), leaning(context, &before), leaning(context, &after)].concat(),
        makes: vec![halfway(Milestone::IndexBeside)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: ahead::unique(context, &id, &after),
    };
    let rename = |from: &Qualified, to: &RelationName| format!("alter index {from} rename to {to}");
    let mut forward = vec![rename(name, &old.name), rename(&beside, &name.name)];
    forward.extend(index_extras(name, after));
    let mut backward = without_extras(name, after);
    backward.extend([rename(name, &beside.name), rename(&old, &name.name)]);
    let (marked, locks) = marks::of(context.after, &after.table, &name.name);
    let (marked_before, locks_back) = marks::of(context.before, &after.table, &name.name);
    forward.extend(marked);
    backward.extend(marked_before);
    let swap = Operation {
        does: format!("swap the two {} by name", id.short()),
        subject: id,
        steps: steps(forward),
        inverse: exact(
            [on_index(name), vec![marks::on_marked(context.before, &after.table, (name, &old))], locks_back].concat(),
            backward,
        ),
        // The one beside is the plan's own: nobody else has found it yet.
        locks: [on_index(name), locks].concat(),
        hazards: Vec::new(),
        needs: vec![halfway(Milestone::IndexBeside)],
        makes: vec![Resource::After(id), halfway(Milestone::IndexReplaced)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    };
    vec![build, swap, drop_replaced(context, &id, &old, before)]
}

/// A changed index whose old form cannot be there together with the new one's column: it goes first.
pub(in super::super) fn replace_apart(
    context: &Context<'_>,
    name: &Qualified,
    before: Typed<'_, Index>,
    after: Typed<'_, Index>,
) -> Vec<Operation> {
    let mut out = vec![drop(context, name, before)];
    let because = "nothing can search by it from its drop until it is built again";
    out[0].hazards.push(hazard(HazardKind::IndexBuild, &ObjectId::index(*name), because));
    out.extend(create(context, name, after, None));
    out
}

/// The replaced index goes, under the name that it has by then; the way back builds it again beside the other.
fn drop_replaced(context: &Context<'_>, id: &ObjectId, old: &Qualified, before: Typed<'_, Index>) -> Operation {
    let table = context.before.indexed(&before.table);
    let mut restored = one_part(
        Reversibility::Exact,
        lock(&table, LockMode::ShareUpdateExclusive, Held::Build),
        concurrent_create(old, &before),
    );
    let old_extras = index_extras(old, before);
    if !old_extras.is_empty() {
        restored.parts.push(BackPart { locks: on_index(old), steps: steps(old_extras), relief: Vec::new() });
    }
    refuses_duplicates(context, &mut restored, id, &before);
    let mut needs = vec![Resource::Halfway(*id, Milestone::IndexReplaced)];
    needs.extend(context.needs_until_gone(id));
    Operation {
        does: format!("drop the old {}", id.short()),
        subject: *id,
        steps: vec![concurrent_drop(old)],
        inverse: restored,
        locks: vec![lock(&table, LockMode::ShareUpdateExclusive, Held::Moment)],
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::Halfway(*id, Milestone::ReplacedIndexGone)],
        destroys: vec![Resource::Before(*id)],
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
    }
}
