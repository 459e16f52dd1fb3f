//! Makes the operations of an object that stays, one alteration at a time.
use super::make::Maker;
use super::operation::{
    Context, Grouping, Milestone, Operation, Resource, access, comment, composite_type, constraint, definition,
    enumeration, extension, index, key, marks, materialized_view, partitioned, remade, retyped, row_security, sequence,
    view,
};
use super::problem::Problem;
use super::sql::{commented, commented_as};
use super::type_change::searches_without_dimensions;
use crate::diagnostic::with_article;
use crate::diff::{Alteration, ExtensionChange};
use crate::model::{Body, NamePath, Object, ObjectId, ObjectKind, Schema, View};

/// An attribute that pgform carries along and that is declared otherwise.
fn carried(id: &ObjectId, name: &'static str) -> Problem {
    let message =
        format!("pgform cannot change `{name}` of {} {} yet: it is carried along as it is", id.word(), id.short());
    let help = format!("leave `{name}` out: the database keeps what it has, whatever else changes");
    Problem { help: Some(help), ..Problem::not_yet(id, message).at(name) }
}

impl Maker<'_, '_> {
    pub(super) fn altered(
        &mut self,
        id: &ObjectId,
        before: &Object,
        after: &Object,
        list: &[Alteration],
        at: usize,
    ) -> Vec<Operation> {
        let alteration = &list[at];
        match alteration {
            Alteration::Comment => match self.commented(id, before, after) {
                Some(operation) => vec![operation],
                None => self.problem(carried(id, "comment")),
            },
            Alteration::Owner => match access::owner(self.context, id, before, after) {
                Ok(operation) => vec![operation],
                Err(problem) => self.problem(*problem),
            },
            Alteration::Privileges if list[..at].contains(&Alteration::ColumnPrivileges) => Vec::new(),
            Alteration::ColumnPrivileges if list[..at].contains(&Alteration::Privileges) => Vec::new(),
            // One operation for both.
            Alteration::Privileges | Alteration::ColumnPrivileges => {
                match access::privileges(self.context, id, &before.head, &after.head) {
                    Ok(operation) => vec![operation],
                    Err(problem) => self.problem(*problem),
                }
            }
            Alteration::IndexComment => {
                let Some((table, name)) = id.as_constraint() else { return self.mismatch(id) };
                let comments = (before.body.index_comment(), after.body.index_comment());
                vec![key::index_comment(&table, &name, comments)]
            }
            Alteration::Extension(change) => extension(id, before, after, *change),
            Alteration::Enumeration(_) => {
                let Some(name) = id.named_as(ObjectKind::Enum) else { return self.mismatch(id) };
                enumeration::alter_enum(self.context, &name, list, at).unwrap_or_else(|problem| self.problem(*problem))
            }
            Alteration::SequenceOptions | Alteration::SequenceOwner => {
                sequence(self.context, id, before, after, alteration)
            }
            Alteration::Column(change) => self.column(id, (before, after), *change),
            Alteration::Validated => {
                let Some((table, name)) = id.as_constraint() else { return self.mismatch(id) };
                vec![constraint::validate_existing(self.context, &table, &name, before, after)]
            }
            Alteration::AttributesRenamed(names) => {
                match composite_type::rename_attributes(self.context, id, names, list) {
                    Ok(operation) => vec![operation],
                    Err(problem) => self.problem(*problem),
                }
            }
            Alteration::Redefined => {
                match definition::redefine(self.context, id, (&composite_type::with_new_names(before, list), after)) {
                    Ok(Some(operation)) => vec![operation],
                    Ok(None) => self.problem(carried(id, "create")),
                    Err(problem) => self.problem(*problem),
                }
            }
            Alteration::Replaced(_) => self.replaced(id, before, after),
            Alteration::Kept("clustered_on") if marks::clustered_on_goes(self.context, id) => Vec::new(),
            Alteration::ViewOptions | Alteration::ColumnComments | Alteration::Kept(_) => {
                view::change(self.context, id, (before, after), alteration)
                    .map_or_else(|| self.mismatch(id), |op| vec![op])
            }
            Alteration::RowSecurity(attribute) => match id.as_table() {
                Some(table) => vec![row_security::switch(self.context, &table, attribute)],
                None => self.mismatch(id),
            },
            Alteration::Carried("clustered_on") if marks::clustered_on_goes(self.context, id) => Vec::new(),
            Alteration::Carried(name @ ("partition_by" | "partition_of")) => {
                self.problem(partitioned::of_another_form(id, (before, after), name))
            }
            Alteration::Carried(name) => self.problem(carried(id, name)),
        }
    }

    fn replaced(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Vec<Operation> {
        let c = self.context;
        let at_once = remade(c, id, (before, after)).or_else(|| partitioned::replaced(c, id, (before, after)));
        if let Some(operations) = at_once {
            return operations;
        }
        match (id.path(), &before.body, &after.body) {
            (NamePath::InSchema(name), Body::Index(a), Body::Index(b))
                if index::goes_with_its_view(c, a) || c.is_new(&b.table) =>
            {
                let mut out = index::dropped(c, &name, before.typed(a), self.group);
                out.extend(index::create(c, &name, after.typed(b), self.group));
                out
            }
            (NamePath::InSchema(name), Body::Index(a), Body::Index(b))
                if searches_without_dimensions(c, a) || self.uses_a_routine_anew(id) =>
            {
                index::replace_apart(c, &name, before.typed(a), after.typed(b))
            }
            (NamePath::InSchema(name), Body::Index(a), Body::Index(b)) => {
                index::replace(c, &name, before.typed(a), after.typed(b))
            }
            (NamePath::InSchema(name), Body::View(a), Body::View(b)) => {
                let mut create = view::create(c, &name, after.typed(b), self.group);
                create.hazards.extend(view::lost_columns(&name, a, b));
                create.hazards.extend(materialized_view::made_again(id, a, b));
                vec![view::drop(c, &name, before.typed(a), self.group), create]
            }
            (NamePath::OfRelation(table, name), Body::Key(old), Body::Key(new)) => {
                key::replace(c, (&table, &name.into()), (old, new), (before, after))
            }
            (NamePath::OfRelation(table, name), a, b) if a.constraint().is_some() && b.constraint().is_some() => {
                let name = name.into();
                let mut drop = constraint::drop(c, &table, &name, before);
                drop.needs.extend(self.new_keys_built(id));
                let mut out = vec![drop];
                out.extend(constraint::add(c, &table, &name, after));
                let with_routines = self.uses_a_routine_anew(id);
                if matches!((a, b), (Body::Exclusion(_), Body::Exclusion(_))) {
                    // The index is built under the strongest lock as it is: rows are never without the constraint.
                    let group = *self.group.filter(|_| with_routines).unwrap_or(id);
                    out.iter_mut().for_each(|operation| operation.grouping = Grouping::Group(group));
                }
                if with_routines { self.with_routines(out) } else { out }
            }
            (NamePath::OfRelation(table, name), Body::Column(a), Body::Column(b)) => {
                self.default_again(id, (&table, &name.into()), (a, b))
            }
            (_, Body::Definition(_), Body::Definition(_)) => self.defined_anew(id, before, after),
            _ => self.problem(Problem::not_yet(
                id,
                format!(
                    "pgform cannot turn the {} {} into {}",
                    before.word(id),
                    id.short(),
                    with_article(after.word(id))
                ),
            )),
        }
    }

    /// Dropped and created: with what hangs on it where that is made anew too, in one transaction.
    fn defined_anew(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Vec<Operation> {
        let kind = id.kind();
        let of_all =
            kind.is_routine() || kind.is_type() || self.uses_a_routine_anew(id) || self.is_over_a_view_anew(id);
        let on = id.relation().and_then(|relation| self.context.before_names.relation(&relation));
        let group = self.group.filter(|_| of_all).or(on).copied().unwrap_or(*id);
        let c = self.context;
        let Some(drop) = definition::drop(c, id, before, Some(&group)) else {
            return self.problem(carried(id, "create"));
        };
        match definition::create(c, id, after, Some(&group)) {
            Ok(mut create) => {
                create.hazards.extend(definition::of_the_new_form(c, id, (before, after)));
                vec![drop, create]
            }
            Err(problem) => self.problem(*problem),
        }
    }

    /// Says that an object is on a view that is dropped and created, or names one.
    fn is_over_a_view_anew(&self, id: &ObjectId) -> bool {
        let c = self.context;
        let named = c.before_names.needs(id).into_iter().filter(|need| need.is(ObjectKind::View));
        let mut views = named.chain(id.relation().map(ObjectId::view));
        views.any(|view| c.after.has(&view) && (c.leaving.contains(&view) || c.follows.contains(&view)))
    }

    /// Says that an object uses a function that is dropped and created.
    pub(super) fn uses_a_routine_anew(&self, id: &ObjectId) -> bool {
        let c = self.context;
        let anew = |need: &ObjectId| need.kind().is_routine() && (c.leaving.contains(need) || c.follows.contains(need));
        // Beside a new one, its name means the old one still.
        let goes_on = |need: &ObjectId| c.after.has(need) || c.overloads(need).next().is_some();
        c.before_names.needs(id).iter().any(|need| anew(need) && goes_on(need))
    }

    /// Puts operations into the group of a function that is made anew: nobody sees what uses it without it.
    pub(super) fn with_routines(&self, mut operations: Vec<Operation>) -> Vec<Operation> {
        for operation in operations.iter_mut().filter(|o| o.grouping == Grouping::Shared) {
            operation.grouping = self.group.map_or(Grouping::Shared, |group| Grouping::Group(*group));
        }
        operations
    }

    /// A foreign key that goes with the key that it points to waits until the new one's index is built: rows are
    /// without it for as short as can be.
    fn new_keys_built(&self, id: &ObjectId) -> Vec<Resource> {
        let c = self.context;
        let is_key = |key: &ObjectId| {
            let both = (c.before.body(key), c.after.body(key));
            c.leaving.contains(key) && matches!(both, (Some(Body::Key(_)), Some(Body::Key(_))))
        };
        let keys = c.before_names.needs(id).into_iter().filter(is_key);
        keys.map(|key| Resource::Halfway(key, Milestone::IndexBuilt)).collect()
    }

    fn commented(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Option<Operation> {
        let (a, b) = (before.head.comment.as_deref(), after.head.comment.as_deref());
        let on = id.table_of().and_then(|table| self.context.after_names.relation(&table));
        let locked = on.copied().unwrap_or(*id);
        Some(match (id.kind(), id.path()) {
            (ObjectKind::Schema, NamePath::Alone(name)) => {
                let there = |comment| Schema::comment_there(&name.into(), comment);
                comment::comment(id, &commented(id)?, there(a), there(b), id)
            }
            (ObjectKind::Extension, NamePath::Alone(name)) => extension::comment(&name.into(), a, b),
            _ => comment::comment(id, &commented_as(id, after.view().map(View::word))?, a, b, &locked),
        })
    }
}

/// What stands on a column that gets another type, made anew with it; none for everything else. A column that is
/// computed of such a one is made with its table's others.
fn remade(c: &Context<'_>, id: &ObjectId, (before, after): (&Object, &Object)) -> Option<Vec<Operation>> {
    if c.retyped.is_empty() {
        return None;
    }
    match (id.path(), &before.body, &after.body) {
        (NamePath::InSchema(name), Body::Index(a), Body::Index(b))
            if !index::goes_with_its_view(c, a) && remade::stands_on_retyped(c, id) =>
        {
            Some(remade::index(c, &name, before.typed(a), after.typed(b)))
        }
        (NamePath::OfRelation(table, name), a, b)
            if a.constraint().is_some() && b.constraint().is_some() && remade::stands_on_retyped(c, id) =>
        {
            Some(remade::constraint(c, (&table, &name.into()), (before, after)))
        }
        (_, Body::Column(_), Body::Column(_)) if retyped::is_computed_anew(c, id) => Some(Vec::new()),
        _ => None,
    }
}

fn extension(id: &ObjectId, before: &Object, after: &Object, change: ExtensionChange) -> Vec<Operation> {
    let (Some(name), Body::Extension(a), Body::Extension(b)) = (id.as_extension(), &before.body, &after.body) else {
        return Vec::new();
    };
    match change {
        ExtensionChange::Schema => vec![extension::move_extension(&name, &a.schema, &b.schema)],
        ExtensionChange::Minimum => extension::require_extension(&name, b).into_iter().collect(),
    }
}

fn sequence(
    context: &Context<'_>,
    id: &ObjectId,
    before: &Object,
    after: &Object,
    alteration: &Alteration,
) -> Vec<Operation> {
    let (Some(name), Body::Sequence(a), Body::Sequence(b)) = (id.qualified(), &before.body, &after.body) else {
        return Vec::new();
    };
    if *alteration == Alteration::SequenceOwner {
        return vec![sequence::own_sequence(context, &name, Some(a), b)];
    }
    vec![sequence::alter_sequence(&name, a, b)]
}
