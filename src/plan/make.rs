//! Makes the operations that lead from one state to the other, in no order yet.
use super::beneath::Beneath;
use super::default_privileges::meet_new_objects;
use super::expand::{comes_with_the_new, expand};
use super::needs::Lookup;
use super::operation::{
    Context, Operation, column, constraint, default_privileges, definition, enumeration, extension, index, marks,
    materialized_view, rename, schema, sequence, table, view,
};
use super::partitions;
use super::problem::Problem;
use super::{retyping, set_aside};
use crate::diagnostic::{Code, with_article};
use crate::diff::{Alteration, Change, Diff, EnumerationChange, What};
use crate::model::{Body, NamePath, Object, ObjectId, ObjectKind, Qualified, Rename, State};
use std::collections::{BTreeMap, BTreeSet};

/// Input of the planner.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The state before, the renames run on it.
    pub before: &'a State,
    /// The state after.
    pub after: &'a State,
    /// Differences between the two.
    pub diff: &'a Diff,
    /// The declared renames that act.
    pub renames: &'a [Rename],
    /// Tables that are known to be small, or empty.
    pub small: &'a BTreeSet<Qualified>,
    /// Declared expressions for type changes (`using:`), by column.
    pub using: &'a BTreeMap<ObjectId, String>,
    /// Seed that makes temporary and aside names the plan's own: its title and its parent's digest.
    pub seed: &'a str,
}

/// The operations that lead from one state to the other, in no order yet.
///
/// # Errors
/// Every change that cannot be made, by object.
pub(super) fn operations(input: Input<'_>) -> Result<Vec<Operation>, Vec<Problem>> {
    let mut context = context(input);
    let mut problems = Vec::new();
    let changes = expand(&context, &input.diff.changes, &mut problems);
    let anew = changes.iter().filter(|c| c.is_replaced() && !context.leaving.contains(&c.id));
    context.follows = anew.map(|c| c.id).collect();
    let group = seen_as_one(&changes);
    let mut out = Vec::new();
    match rename::renames(&context, input.renames) {
        Ok(operations) => out.extend(operations),
        Err(without) => problems.extend(without.iter().map(cannot_rename)),
    }
    // What cannot be turned into something else is told with its parts.
    let turned: BTreeSet<Qualified> =
        changes.iter().filter(|c| c.is_of_another_kind()).filter_map(|c| c.id.as_table()).collect();
    let is_part = |id: &ObjectId| {
        let table = context.after.table_of(id).or_else(|| context.before.table_of(id));
        table.is_some_and(|table| *id != ObjectId::table(table) && turned.contains(&table))
    };
    let by_id: BTreeMap<ObjectId, &Change> = changes.iter().map(|change| (change.id, change)).collect();
    let own = changes.iter().filter(|change| !is_part(&change.id));
    for change in own.filter_map(|change| partitions::of_its_own(&context, &by_id, change)) {
        let maker = Maker { context: &context, group: group.as_ref(), problems: &mut problems };
        out.extend(maker.change(&change));
    }
    join_group(&context, &changes, group.as_ref(), &mut out);
    retyping::unite(&context, group.as_ref(), &mut out);
    materialized_view::hold_while_filled(&context, &mut out);
    wait_for_what_has_the_name(&context, &changes, &mut out);
    meet_new_objects(&context, &changes, &mut out);
    set_aside::tell(input.renames, &mut out);
    count_under_both_names(&context, &changes, &mut out);
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn cannot_rename(id: &ObjectId) -> Problem {
    Problem::not_yet(id, format!("pgform cannot rename {} {} yet", id.word(), id.short()))
}

fn context(input: Input<'_>) -> Context<'_> {
    let mut context = Context {
        before: input.before,
        after: input.after,
        before_names: Lookup::new(input.before),
        after_names: Lookup::new(input.after),
        beneath_before: Beneath::new(input.before),
        beneath_after: Beneath::new(input.after),
        new_tables: BTreeSet::new(),
        dropped_tables: BTreeSet::new(),
        leaving: BTreeSet::new(),
        follows: BTreeSet::new(),
        using: input.using,
        retyped: BTreeMap::new(),
        renames: input.renames,
        small: input.small,
        defaults: default_privileges([input.before, input.after]),
        seed: input.seed.to_owned(),
    };
    for change in &input.diff.changes {
        match (change.id.as_table(), &change.what) {
            (Some(name), What::Created) => {
                context.new_tables.insert(name);
            }
            (Some(name), What::Dropped) => {
                context.dropped_tables.insert(name);
            }
            _ => {}
        }
        if matches!(change.what, What::Dropped) || change.is_replaced() {
            context.leaving.insert(change.id);
        }
    }
    context.retyped = super::type_change::retyped(&context, &input.diff.changes);
    context
}

/// All views, routines and types that are made anew, and what they wait for, are seen as one: nobody finds one missing
/// in between.
fn seen_as_one(changes: &[Change]) -> Option<ObjectId> {
    changes.iter().find(|c| is_seen_as_one(c)).map(|c| c.id)
}

fn is_seen_as_one(change: &Change) -> bool {
    let kind = change.id.kind();
    (kind == ObjectKind::View || kind.is_routine() || kind.is_type()) && change.is_replaced()
}

fn join_group(context: &Context<'_>, changes: &[Change], group: Option<&ObjectId>, operations: &mut [Operation]) {
    if let Some(group) = group {
        let replaced: Vec<&ObjectId> = changes.iter().filter(|c| is_seen_as_one(c)).map(|c| &c.id).collect();
        join(context, &replaced, group, operations);
        take_freed_names(group, operations);
    }
    // A trigger or a policy is with its table: what it uses there changes while it is gone.
    let is_with_a_table = |id: &ObjectId| id.kind().is_definition() && id.kind().is_part_of_relation();
    for change in changes.iter().filter(|c| is_with_a_table(&c.id) && c.is_replaced()) {
        let on = change.id.relation().and_then(|relation| context.before_names.relation(&relation));
        if let Some(table) = on.filter(|table| !table.is(ObjectKind::View)) {
            join(context, &[&change.id], table, operations);
        }
    }
}

/// Takes into a group the routines whose names are free once it runs: what is made there again may use them.
fn take_freed_names(group: &ObjectId, operations: &mut [Operation]) {
    use super::operation::{Grouping, Resource};
    let group = Grouping::Group(*group);
    let is_name = |resource: &&Resource| matches!(resource, Resource::OwnName(id) if id.kind().is_routine());
    let in_group = operations.iter().filter(|operation| operation.grouping == group);
    let freed: BTreeSet<Resource> = in_group.flat_map(|o| o.destroys.iter().filter(is_name)).cloned().collect();
    for operation in operations.iter_mut().filter(|operation| operation.grouping == Grouping::Shared) {
        if operation.needs.iter().any(|need| freed.contains(need)) {
            operation.grouping = group.clone();
        }
    }
}

/// Takes into a group what pulls away from under these.
fn join(context: &Context<'_>, replaced: &[&ObjectId], group: &ObjectId, operations: &mut [Operation]) {
    use super::operation::{Grouping, Resource};
    let used: BTreeSet<ObjectId> = replaced.iter().flat_map(|id| context.before_names.needs(id)).collect();
    for operation in operations {
        let pulls_away = operation
            .destroys
            .iter()
            .any(|d| matches!(d, Resource::Before(id) if used.contains(id) && !id.is(ObjectKind::View)));
        if pulls_away && operation.grouping == Grouping::Shared {
            operation.grouping = Grouping::Group(*group);
        }
    }
}

pub(super) struct Maker<'a, 'p> {
    pub(super) context: &'a Context<'a>,
    pub(super) group: Option<&'a ObjectId>,
    problems: &'p mut Vec<Problem>,
}

impl Maker<'_, '_> {
    fn change(mut self, change: &Change) -> Vec<Operation> {
        let (before, after) = (self.context.before.get(&change.id), self.context.after.get(&change.id));
        let problem = marks::identity_problem(self.context, change);
        if let Some(problem) = problem.or_else(|| partitions::held_problem(self.context, change)) {
            return self.problem(problem);
        }
        match (&change.what, before, after) {
            (What::Created, _, Some(object)) => {
                let mut out = self.created(&change.id, object);
                partitions::spread(self.context, &change.id, &mut out);
                out
            }
            (What::Dropped, Some(object), _) => {
                let mut out = self.dropped(&change.id, object);
                partitions::spread(self.context, &change.id, &mut out);
                out
            }
            (What::Altered(list), Some(before), Some(after)) => {
                let mut out = Vec::new();
                for (at, one) in list.iter().enumerate().filter(|(_, a)| !comes_with_the_new(change, a)) {
                    let mut made = self.altered(&change.id, before, after, list, at);
                    if partitions::reaches_partitions(one) {
                        partitions::spread(self.context, &change.id, &mut made);
                    }
                    out.extend(made);
                }
                out
            }
            // It is made once, for all renames.
            (What::Renamed { .. }, _, _) => Vec::new(),
            (What::Created | What::Dropped | What::Altered(_), _, _) => self.mismatch(&change.id),
        }
    }

    /// Reports an object that no kind answers for, so that it is never passed over.
    pub(super) fn mismatch(&mut self, id: &ObjectId) -> Vec<Operation> {
        let message = format!("{} {} is of another kind than its name says, or in no state", id.word(), id.short());
        self.problem(Problem { code: Code::PlanInvariant, ..Problem::not_yet(id, message) })
    }

    fn created(&mut self, id: &ObjectId, object: &Object) -> Vec<Operation> {
        let c = self.context;
        match (id.path(), &object.body) {
            (NamePath::Alone(name), Body::Schema(_)) => vec![schema::create_schema(&name.into(), &object.head)],
            (NamePath::Alone(name), Body::Extension(o)) => {
                vec![extension::create_extension(&name.into(), object.typed(o))]
            }
            (NamePath::InSchema(name), Body::Enumeration(o)) => {
                vec![enumeration::create_enum(c, &name, object.typed(o))]
            }
            (NamePath::InSchema(name), Body::Sequence(o)) => {
                let mut out = vec![sequence::create(c, &name, object.typed(o))];
                if o.owned_by.is_some() {
                    out.push(sequence::own_sequence(c, &name, None, o));
                }
                out
            }
            (NamePath::InSchema(name), Body::Table(o)) => vec![table::create(c, &name, object.typed(o))],
            (NamePath::OfRelation(table, _), Body::Column(_)) if c.is_new(&table) => Vec::new(),
            (NamePath::OfRelation(table, name), Body::Column(o)) => {
                vec![column::add(c, &table, &name.into(), object.typed(o))]
            }
            (NamePath::OfRelation(table, _), _) if c.is_new(&table) && table::is_inline(object) => Vec::new(),
            (
                NamePath::OfRelation(table, name),
                Body::Key(_) | Body::ForeignKey(_) | Body::Check(_) | Body::Exclusion(_),
            ) => constraint::add(c, &table, &name.into(), object),
            (NamePath::InSchema(name), Body::Index(o)) => index::create(c, &name, object.typed(o), self.group),
            (NamePath::InSchema(name), Body::View(o)) => vec![view::create(c, &name, object.typed(o), None)],
            (_, Body::Definition(_)) => match definition::create(c, id, object, None) {
                Ok(operation) => vec![operation],
                Err(problem) => self.problem(*problem),
            },
            (
                _,
                Body::Schema(_)
                | Body::Extension(_)
                | Body::Enumeration(_)
                | Body::Sequence(_)
                | Body::Table(_)
                | Body::Column(_)
                | Body::Key(_)
                | Body::ForeignKey(_)
                | Body::Check(_)
                | Body::Exclusion(_)
                | Body::Index(_)
                | Body::View(_),
            ) => self.mismatch(id),
        }
    }

    fn dropped(&mut self, id: &ObjectId, object: &Object) -> Vec<Operation> {
        let c = self.context;
        match (id.path(), &object.body) {
            (NamePath::Alone(name), Body::Schema(_)) => vec![schema::drop_schema(&name.into(), &object.head)],
            (NamePath::Alone(name), Body::Extension(o)) => {
                vec![extension::drop_extension(&name.into(), object.typed(o), c.needs_before(id))]
            }
            (NamePath::InSchema(name), Body::Enumeration(o)) => vec![enumeration::drop_enum(c, &name, object.typed(o))],
            (NamePath::InSchema(name), Body::Sequence(o)) => {
                let mut out = vec![sequence::drop(c, &name, object.typed(o))];
                if o.owned_by.is_some() {
                    let alone = crate::model::Sequence { owned_by: None, ..o.clone() };
                    out.push(sequence::own_sequence(c, &name, Some(o), &alone));
                }
                out
            }
            (NamePath::InSchema(name), Body::Table(o)) => vec![table::drop(c, &name, object.typed(o))],
            (NamePath::OfRelation(table, _), Body::Column(_)) if c.dropped_tables.contains(&table) => Vec::new(),
            // Of two dropped tables that refer to each other neither could go first.
            (
                NamePath::OfRelation(table, _),
                Body::Key(_) | Body::ForeignKey(_) | Body::Check(_) | Body::Exclusion(_),
            ) if c.dropped_tables.contains(&table) && !table::refers_elsewhere(&table, object) => Vec::new(),
            (NamePath::OfRelation(table, name), Body::Column(o)) => {
                vec![column::drop(c, &table, &name.into(), object.typed(o))]
            }
            (
                NamePath::OfRelation(table, name),
                Body::Key(_) | Body::ForeignKey(_) | Body::Check(_) | Body::Exclusion(_),
            ) => {
                vec![constraint::drop(c, &table, &name.into(), object)]
            }
            (_, Body::Index(o)) if c.dropped_tables.contains(&o.table) => Vec::new(),
            (NamePath::InSchema(name), Body::Index(o)) => index::dropped(c, &name, object.typed(o), self.group),
            (NamePath::InSchema(name), Body::View(o)) => vec![view::drop(c, &name, object.typed(o), None)],
            (_, Body::Definition(_)) => match definition::drop(c, id, object, None) {
                Some(operation) => vec![operation],
                None => self.problem(Problem::not_yet(
                    id,
                    format!("pgform cannot drop {} yet ({})", with_article(id.word()), id.short()),
                )),
            },
            (
                _,
                Body::Schema(_)
                | Body::Extension(_)
                | Body::Enumeration(_)
                | Body::Sequence(_)
                | Body::Table(_)
                | Body::Column(_)
                | Body::Key(_)
                | Body::ForeignKey(_)
                | Body::Check(_)
                | Body::Exclusion(_)
                | Body::Index(_)
                | Body::View(_),
            ) => self.mismatch(id),
        }
    }

    pub(super) fn problem(&mut self, problem: Problem) -> Vec<Operation> {
        self.problems.push(problem);
        Vec::new()
    }
}

/// A name that two routines have for a while may mean the one that goes: what uses the other is made when that is gone.
fn wait_for_what_has_the_name(context: &Context<'_>, changes: &[Change], operations: &mut [Operation]) {
    use super::operation::Resource;
    let mut waits: BTreeMap<ObjectId, Vec<&ObjectId>> = BTreeMap::new();
    for gone in changes.iter().filter(|c| c.id.kind().is_routine() && matches!(c.what, What::Dropped)).map(|c| &c.id) {
        context.overloads(gone).for_each(|other| waits.entry(other).or_default().push(gone));
    }
    if waits.is_empty() {
        return;
    }
    for operation in operations {
        let made =
            operation.makes.iter().filter_map(|made| if let Resource::After(id) = made { Some(id) } else { None });
        let used = made.flat_map(|id| context.after_names.needs(id));
        let gone: BTreeSet<&ObjectId> = used.filter_map(|need| waits.get(&need)).flatten().copied().collect();
        operation.needs.extend(gone.into_iter().map(definition::name_of));
    }
}

/// Conditions of the way back that name a label which goes.
fn count_under_both_names(context: &Context<'_>, changes: &[Change], operations: &mut [Operation]) {
    for change in changes {
        let (Some(name), What::Altered(list)) = (change.id.named_as(ObjectKind::Enum), &change.what) else { continue };
        for alteration in list {
            let Alteration::Enumeration(EnumerationChange::Removed(label)) = alteration else { continue };
            let (text, either) = enumeration::under_both_names(context, &name, label);
            for condition in operations.iter_mut().flat_map(|o| &mut o.inverse.conditions) {
                condition.count = condition.count.replace(&text, &either);
            }
        }
    }
}
