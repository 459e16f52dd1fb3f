use super::expand::{comes_with_the_new, expand};
use super::needs::Lookup;
use super::operation::{
    Context, Operation, column, comment, constraint, enumeration, extension, index, marks, namespaced, opaque, rename,
    sequence, table, view,
};
use super::problem::Problem;
use super::type_change::{keeps_every_file, moves_away};
use crate::diff::{Alteration, Change, ColumnChange, Diff, ExtensionChange, Rename, What};
use crate::model::{Column, ColumnValue, Object, ObjectId, Qualified, State};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The state before, the renames run on it.
    pub before: &'a State,
    /// The state after.
    pub after: &'a State,
    /// What differs between the two.
    pub diff: &'a Diff,
    /// The declared renames that act.
    pub renames: &'a [Rename],
    /// Makes temporary and aside names the plan's own: its title and its parent's digest.
    pub seed: &'a str,
}

/// The operations that lead from one state to the other, in no order yet.
///
/// # Errors
/// Every change that cannot be made, by object.
pub(super) fn operations(input: Input<'_>) -> Result<Vec<Operation>, Vec<Problem>> {
    let context = context(input);
    let mut problems = Vec::new();
    let changes = expand(&context, &input.diff.changes, &mut problems);
    let group = view_group(&changes);
    let mut out = Vec::new();
    for one in input.renames {
        out.extend(rename::rename(&context, one, input.renames));
    }
    for change in &changes {
        let maker = Maker { context: &context, group: group.as_ref(), problems: &mut problems };
        out.extend(maker.change(change));
    }
    join_group(&context, &changes, group.as_ref(), &mut out);
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn context(input: Input<'_>) -> Context<'_> {
    let mut context = Context {
        before: input.before,
        after: input.after,
        before_names: Lookup::new(input.before),
        after_names: Lookup::new(input.after),
        new_tables: BTreeSet::new(),
        dropped_tables: BTreeSet::new(),
        leaving: BTreeSet::new(),
        using: BTreeMap::new(),
        seed: input.seed.to_owned(),
    };
    for change in &input.diff.changes {
        match (&change.id, &change.what) {
            (ObjectId::Table(name), What::Created) => {
                context.new_tables.insert(name.clone());
            }
            (ObjectId::Table(name), What::Dropped) => {
                context.dropped_tables.insert(name.clone());
            }
            _ => {}
        }
        if matches!(change.what, What::Dropped) || is_replaced(change) {
            context.leaving.insert(change.id.clone());
        }
    }
    context
}

pub(super) fn is_replaced(change: &Change) -> bool {
    matches!(&change.what, What::Altered(list) if list.iter().any(|a| matches!(a, Alteration::Replaced(_))))
}

/// All views that are made anew, and what they wait for, are seen as one: nobody finds a view missing in between.
fn view_group(changes: &[Change]) -> Option<ObjectId> {
    changes.iter().find(|c| matches!(c.id, ObjectId::View(_)) && is_replaced(c)).map(|c| c.id.clone())
}

fn join_group(context: &Context<'_>, changes: &[Change], group: Option<&ObjectId>, operations: &mut [Operation]) {
    use super::operation::{Grouping, Resource};
    let Some(group) = group else { return };
    let replaced: BTreeSet<&ObjectId> =
        changes.iter().filter(|c| matches!(c.id, ObjectId::View(_)) && is_replaced(c)).map(|c| &c.id).collect();
    let used: BTreeSet<ObjectId> = replaced.iter().flat_map(|id| context.before_names.needs(id)).collect();
    for operation in operations {
        let pulls_away = operation
            .destroys
            .iter()
            .any(|d| matches!(d, Resource::Before(id) if used.contains(id) && !matches!(id, ObjectId::View(_))));
        if pulls_away && operation.grouping == Grouping::Shared {
            operation.grouping = Grouping::Group(group.clone());
        }
    }
}

struct Maker<'a, 'p> {
    context: &'a Context<'a>,
    group: Option<&'a ObjectId>,
    problems: &'p mut Vec<Problem>,
}

impl Maker<'_, '_> {
    fn change(mut self, change: &Change) -> Vec<Operation> {
        let (before, after) = (self.context.before.get(&change.id), self.context.after.get(&change.id));
        if let Some(problem) = marks::identity_problem(self.context, change) {
            return self.problem(problem);
        }
        match (&change.what, before, after) {
            (What::Created, _, Some(object)) => self.created(&change.id, object),
            (What::Dropped, Some(object), _) => self.dropped(&change.id, object),
            (What::Altered(list), Some(before), Some(after)) => {
                let list = list.iter().enumerate().filter(|(_, a)| !comes_with_the_new(change, a));
                list.flat_map(|(at, a)| self.altered(&change.id, before, after, a, at)).collect()
            }
            // It is made once, for all renames.
            (What::Renamed { .. }, _, _) => Vec::new(),
            (What::Created | What::Dropped | What::Altered(_), _, _) => self.mismatch(&change.id),
        }
    }

    /// What no kind answers for: never passed over.
    fn mismatch(&mut self, id: &ObjectId) -> Vec<Operation> {
        let message = format!("{} {} is of another kind than its name says, or in no state", id.word(), id.short());
        self.problem(Problem::not_yet(id, message))
    }

    fn created(&mut self, id: &ObjectId, object: &Object) -> Vec<Operation> {
        let c = self.context;
        match (id, object) {
            (ObjectId::Schema(name), Object::Schema(o)) => vec![namespaced::create_schema(name, o)],
            (ObjectId::Extension(name), Object::Extension(o)) => vec![extension::create_extension(name, o)],
            (ObjectId::Type(name), Object::Enumeration(o)) => vec![enumeration::create_enum(c, name, o)],
            (ObjectId::Sequence(name), Object::Sequence(o)) => {
                let mut out = vec![sequence::create(c, name, o)];
                if o.owned_by.is_some() {
                    out.push(sequence::own_sequence(name, None, o));
                }
                out
            }
            (ObjectId::Table(name), Object::Table(o)) => vec![table::create(c, name, o)],
            (ObjectId::Column(name, _), _) if c.is_new(name) => Vec::new(),
            (ObjectId::Column(..), Object::Column(o)) if o.not_null && matches!(o.value, ColumnValue::None) => self
                .problem(Problem {
                    help: Some(
                        "give it a default, or leave `not null` for a later plan, once every row has a value"
                            .to_owned(),
                    ),
                    ..Problem::not_yet(
                        id,
                        format!(
                            "column {} is not null and has no default: rows that are there would have no value for it",
                            id.short()
                        ),
                    )
                }),
            (ObjectId::Column(table, name), Object::Column(o)) => vec![column::add(c, table, name, o)],
            (ObjectId::Constraint(name, _), object) if c.is_new(name) && table::is_inline(object) => Vec::new(),
            (ObjectId::Constraint(table, name), object) => constraint::add(c, table, name, object),
            (ObjectId::Index(name), Object::Index(o)) => index::create(c, name, o),
            (ObjectId::View(name), Object::View(o)) => vec![view::create(c, name, o, None)],
            (id, Object::Opaque(o)) => match opaque::create(c, id, o) {
                Ok(operation) => vec![operation],
                Err(problem) => self.problem(problem),
            },
            (
                _,
                Object::Schema(_)
                | Object::Extension(_)
                | Object::Enumeration(_)
                | Object::Sequence(_)
                | Object::Table(_)
                | Object::Column(_)
                | Object::Key(_)
                | Object::ForeignKey(_)
                | Object::Check(_)
                | Object::Index(_)
                | Object::View(_),
            ) => self.mismatch(id),
        }
    }

    fn dropped(&mut self, id: &ObjectId, object: &Object) -> Vec<Operation> {
        let c = self.context;
        match (id, object) {
            (ObjectId::Schema(name), Object::Schema(o)) => vec![namespaced::drop_schema(name, o)],
            (ObjectId::Extension(name), Object::Extension(o)) => {
                vec![extension::drop_extension(name, o, c.needs_before(id))]
            }
            (ObjectId::Type(name), Object::Enumeration(o)) => vec![enumeration::drop_enum(c, name, o)],
            (ObjectId::Sequence(name), Object::Sequence(o)) => {
                let mut out = vec![sequence::drop(c, name, o)];
                if o.owned_by.is_some() {
                    let alone = crate::model::Sequence { owned_by: None, ..o.clone() };
                    out.push(sequence::own_sequence(name, Some(o), &alone));
                }
                out
            }
            (ObjectId::Table(name), Object::Table(o)) => vec![table::drop(c, name, o)],
            (ObjectId::Column(name, _), _) if c.dropped_tables.contains(name) => Vec::new(),
            // Of two dropped tables that refer to each other neither could go first.
            (ObjectId::Constraint(name, _), object)
                if c.dropped_tables.contains(name) && !table::refers_elsewhere(name, object) =>
            {
                Vec::new()
            }
            (ObjectId::Column(table, name), Object::Column(o)) => vec![column::drop(c, table, name, o)],
            (ObjectId::Constraint(table, name), object) => vec![constraint::drop(c, table, name, object)],
            (ObjectId::Index(_), Object::Index(o)) if c.dropped_tables.contains(&o.table) => Vec::new(),
            (ObjectId::Index(name), Object::Index(o)) => vec![index::drop(c, name, o)],
            (ObjectId::View(name), Object::View(o)) => vec![view::drop(c, name, o, None)],
            (id, Object::Opaque(_)) => {
                self.problem(Problem::not_yet(id, format!("pgform cannot drop a {} yet ({})", id.word(), id.short())))
            }
            (
                _,
                Object::Schema(_)
                | Object::Extension(_)
                | Object::Enumeration(_)
                | Object::Sequence(_)
                | Object::Table(_)
                | Object::Column(_)
                | Object::Key(_)
                | Object::ForeignKey(_)
                | Object::Check(_)
                | Object::Index(_)
                | Object::View(_),
            ) => self.mismatch(id),
        }
    }

    fn problem(&mut self, problem: Problem) -> Vec<Operation> {
        self.problems.push(problem);
        Vec::new()
    }

    fn altered(
        &mut self,
        id: &ObjectId,
        before: &Object,
        after: &Object,
        alteration: &Alteration,
        at: usize,
    ) -> Vec<Operation> {
        match alteration {
            Alteration::Comment => self.commented(id, before, after).into_iter().collect(),
            Alteration::Extension(change) => extension(id, before, after, *change),
            Alteration::Enumeration(change) => {
                let ObjectId::Type(name) = id else { return self.mismatch(id) };
                match enumeration::alter_enum(self.context, name, change, at) {
                    Some(operation) => vec![operation],
                    None => self.problem(Problem::not_yet(id, format!("pgform cannot reorder the labels of enum {} yet: keep their order, and put new labels where they belong", id.short()))),
                }
            }
            Alteration::SequenceOptions | Alteration::SequenceOwner => sequence(id, before, after, alteration),
            Alteration::Column(change) => self.column(id, before, after, *change),
            Alteration::Validated => {
                let ObjectId::Constraint(table, name) = id else { return self.mismatch(id) };
                vec![constraint::validate_existing(self.context, table, name, before, after)]
            }
            Alteration::Replaced(_) => self.replaced(id, before, after),
            Alteration::ViewOptions | Alteration::ColumnComments => view_change(id, before, after, alteration),
            Alteration::Carried("clustered_on") if marks::clustered_on_goes(self.context, id) => Vec::new(),
            Alteration::Carried(name) => self.problem(
                Problem::not_yet(
                    id,
                    format!(
                        "pgform cannot change `{name}` of {} {} yet: it is carried along as it is",
                        id.word(),
                        id.short()
                    ),
                )
                .at(*name),
            ),
        }
    }

    fn replaced(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Vec<Operation> {
        let c = self.context;
        match (id, before, after) {
            (ObjectId::Index(name), Object::Index(a), Object::Index(b)) => index::replace(c, name, a, b),
            (ObjectId::View(name), Object::View(a), Object::View(b)) => {
                vec![view::drop(c, name, a, self.group), view::create(c, name, b, self.group)]
            }
            (ObjectId::Constraint(table, name), a, b) => {
                let mut out = vec![constraint::drop(c, table, name, a)];
                out.extend(constraint::add(c, table, name, b));
                out
            }
            _ => self.problem(Problem::not_yet(
                id,
                format!("pgform cannot turn {} {} into another kind of object", id.word(), id.short()),
            )),
        }
    }

    fn column(&mut self, id: &ObjectId, before: &Object, after: &Object, change: ColumnChange) -> Vec<Operation> {
        let (ObjectId::Column(table, name), Object::Column(a), Object::Column(b)) = (id, before, after) else {
            return self.mismatch(id);
        };
        let moved = moves_away(self.context, id, (a, b));
        match change {
            ColumnChange::Type if keeps_every_file(a.data_type.sql(), b.data_type.sql()) && self.is_plain(id, table, name) => {
                vec![column::change_type(self.context, table, name, a, b)]
            }
            ColumnChange::Type if moved.is_some() => moved.into_iter().flat_map(|p| self.problem(p)).collect(),
            ColumnChange::Type => self.problem(Problem::not_yet(
                id,
                format!("changing column {} from {} to {} writes the table or an index anew, which pgform cannot do online yet", id.short(), a.data_type.sql(), b.data_type.sql()),
            ).at("type")),
            ColumnChange::Collation => self.problem(Problem::not_yet(id, format!("changing the collation of column {} builds its indexes anew, which pgform cannot do online yet", id.short())).at("collate")),
            ColumnChange::Nullability if b.not_null => column::set_not_null(self.context, table, name),
            ColumnChange::Nullability => vec![column::drop_not_null(self.context, table, name)],
            ColumnChange::Value => self.value(id, table, name, (a, b)),
        }
    }

    /// Whether nothing else on the table would be read or built again with a change of the column's type.
    fn is_plain(&self, id: &ObjectId, _table: &Qualified, _name: &crate::model::ColumnName) -> bool {
        self.context.dependents_before(id).iter().all(|dependent| match self.context.before.get(dependent) {
            Some(Object::Index(index)) => {
                index.predicate.is_none() && index.keys.iter().all(|k| !k.sql.sql().contains('('))
            }
            Some(Object::Key(_) | Object::View(_)) => true,
            _ => false,
        })
    }

    fn value(
        &mut self,
        id: &ObjectId,
        table: &Qualified,
        name: &crate::model::ColumnName,
        (a, b): (&Column, &Column),
    ) -> Vec<Operation> {
        match (&a.value, &b.value) {
            (ColumnValue::None | ColumnValue::Default(_), ColumnValue::None | ColumnValue::Default(_)) => {
                vec![column::set_default(self.context, table, name, a, b)]
            }
            (ColumnValue::Generated(..), ColumnValue::None) => vec![column::plain(self.context, table, name, (a, b))],
            _ => match column::identity(table, name, a, b) {
                Some(operation) => vec![operation],
                None => self.problem(Problem::not_yet(
                    id,
                    format!("pgform cannot change how the value of column {} is made in that way yet", id.short()),
                )),
            },
        }
    }

    fn commented(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Option<Operation> {
        let (a, b) = (comment::comment_of(before), comment::comment_of(after));
        Some(match id {
            ObjectId::Column(table, name) => column::comment(table, name, a, b),
            ObjectId::Constraint(table, name) => constraint::comment(table, name, a, b),
            ObjectId::Index(name) => index::comment(name, a, b),
            ObjectId::Schema(name) => comment::comment(id, &format!("schema {name}"), a, b, id),
            ObjectId::Type(name) => comment::comment(id, &format!("type {name}"), a, b, id),
            ObjectId::Sequence(name) => comment::comment(id, &format!("sequence {name}"), a, b, id),
            ObjectId::Table(name) => comment::comment(id, &format!("table {name}"), a, b, id),
            ObjectId::View(name) => comment::comment(id, &format!("view {name}"), a, b, id),
            ObjectId::Extension(_) | ObjectId::Opaque(..) => return None,
        })
    }
}

fn extension(id: &ObjectId, before: &Object, after: &Object, change: ExtensionChange) -> Vec<Operation> {
    let (ObjectId::Extension(name), Object::Extension(a), Object::Extension(b)) = (id, before, after) else {
        return Vec::new();
    };
    match change {
        ExtensionChange::Schema => vec![extension::move_extension(name, &a.schema, &b.schema)],
        ExtensionChange::Minimum => extension::require_extension(name, b).into_iter().collect(),
    }
}

fn sequence(id: &ObjectId, before: &Object, after: &Object, alteration: &Alteration) -> Vec<Operation> {
    let (ObjectId::Sequence(name), Object::Sequence(a), Object::Sequence(b)) = (id, before, after) else {
        return Vec::new();
    };
    match alteration {
        Alteration::SequenceOwner => vec![sequence::own_sequence(name, Some(a), b)],
        _ => vec![sequence::alter_sequence(name, a, b)],
    }
}

fn view_change(id: &ObjectId, before: &Object, after: &Object, alteration: &Alteration) -> Vec<Operation> {
    let (ObjectId::View(name), Object::View(a), Object::View(b)) = (id, before, after) else { return Vec::new() };
    match alteration {
        Alteration::ColumnComments => vec![view::column_comments(name, a, b)],
        _ => vec![view::options(name, a, b)],
    }
}
