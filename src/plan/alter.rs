//! Makes the operations of an object that stays, one alteration at a time.
use super::make::Maker;
use super::operation::{
    Context, Grouping, Milestone, Operation, Resource, access, column, comment, constraint, definition, enumeration,
    extension, generated, identity, index, key, marks, materialized_view, row_security, sequence, view,
};
use super::problem::Problem;
use super::sql::{commented, commented_as};
use super::type_change::{
    in_the_way, keeps_every_file, keeps_the_table, loses_dimensions, moves_away, searches_without_dimensions,
};
use crate::diagnostic::with_article;
use crate::diff::{Alteration, ColumnChange, ExtensionChange};
use crate::model::{
    Body, Column, ColumnValue, GenerationKind, NamePath, Object, ObjectId, ObjectKind, Qualified, Schema, View,
};

/// An attribute that pgform carries along and that is declared otherwise.
fn carried(id: &ObjectId, name: &'static str) -> Problem {
    let message =
        format!("pgform cannot change `{name}` of {} {} yet: it is carried along as it is", id.word(), id.short());
    let help = format!("leave `{name}` out: the database keeps what it has, whatever else changes");
    Problem { help: Some(help), ..Problem::not_yet(id, message).at(name) }
}

/// A value that is made in a way which no statement turns into the other; with the way that goes round.
fn cannot_become(id: &ObjectId, a: &Column, b: &Column) -> Problem {
    let words = |column: &Column| match &column.value {
        ColumnValue::None => "an ordinary column".to_owned(),
        ColumnValue::Default(expression) => format!("an ordinary column with the default {}", expression.as_written()),
        ColumnValue::Identity(identity) => {
            format!("generated {} as identity", if identity.always { "always" } else { "by default" })
        }
        ColumnValue::Generated(expression, kind) => {
            let stored = if *kind == GenerationKind::Stored { "stored" } else { "virtual" };
            format!("generated always as ({}) {stored}", expression.as_written())
        }
    };
    let message = format!(
        "column {} is {}, and is declared as {}: pgform cannot turn one into the other",
        id.short(),
        words(a),
        words(b)
    );
    let help = match (&a.value, &b.value) {
        (ColumnValue::Generated(..), ColumnValue::Generated(..)) => {
            "declare a column of another name with the new expression, and plan; in the next plan let it take this one's name \
             with `renamed_from`: its values are computed, so nothing is lost"
        }
        (_, ColumnValue::Generated(..)) => {
            "declare a column of another name with the expression, and plan; in the next plan let it take this one's name with \
             `renamed_from`: what was written into this one goes then (DataLoss)"
        }
        (ColumnValue::Generated(..), _) => {
            "leave out how its value is made in this plan: it becomes an ordinary column, and keeps its values; bring the rest \
             in the next plan"
        }
        (_, _) => "leave out how its value is made in this plan, and bring it in the next",
    };
    Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) }
}

fn other_collation(id: &ObjectId, a: &Column, b: &Column) -> Problem {
    let name = |column: &Column| column.collation.as_ref().map_or("its type's own", |c| c.as_written()).to_owned();
    let message = format!(
        "changing the collation of column {} from {} to {} builds its indexes anew, which pgform cannot do online yet",
        id.short(),
        name(a),
        name(b)
    );
    let help = "declare a column of another name with the new collation, fill it, and in a later plan let it take this one's \
                name with `renamed_from`; or keep the collation, and write `collate` where texts are compared";
    Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message).at("collate") }
}

/// Advice for changing a type without a table being written anew under a lock.
const IN_TWO_PLANS: &str = "add a column of the new type in one plan; fill it in every database, which no plan does yet, before the \
                            next runs there; in that let it take this one's name, with `renamed_from`: what had the name is \
                            dropped then, and where rows have a value in the old one alone, `apply` counts them and refuses";

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
            Alteration::Owner => match access::owner(id, before, after) {
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
            Alteration::Column(change) => self.column(id, before, after, *change),
            Alteration::Validated => {
                let Some((table, name)) = id.as_constraint() else { return self.mismatch(id) };
                vec![constraint::validate_existing(self.context, &table, &name, before, after)]
            }
            Alteration::Redefined => match definition::redefine(self.context, id, (before, after)) {
                Ok(Some(operation)) => vec![operation],
                Ok(None) => self.problem(carried(id, "create")),
                Err(problem) => self.problem(*problem),
            },
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
            Alteration::Carried(name) => self.problem(carried(id, name)),
        }
    }

    fn replaced(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Vec<Operation> {
        let c = self.context;
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

    /// A default set again because the function in it is another one: of the same name beside the old one, or in its
    /// place.
    fn default_again(
        &self,
        id: &ObjectId,
        (table, name): (&Qualified, &crate::model::ColumnName),
        (a, b): (&Column, &Column),
    ) -> Vec<Operation> {
        let c = self.context;
        let set = |a: &Column, b: &Column| column::set_default(c, table, name, a, b).without_making();
        if !self.uses_a_routine_anew(id) {
            return vec![set(a, b)];
        }
        let bare = Column { value: ColumnValue::None, ..a.clone() };
        let (mut without, mut with) = (set(a, &bare), set(&bare, b));
        let between = Resource::Halfway(*id, Milestone::WithoutDefault);
        (without.needs, without.makes) = (c.needs_before(id), vec![between.clone()]);
        (with.needs, with.makes) = (c.needs_after(id), vec![Resource::After(*id)]);
        with.needs.push(between);
        self.with_routines(vec![without, with])
    }

    /// Dropped and created: with what hangs on it where that is made anew too, in one transaction.
    fn defined_anew(&mut self, id: &ObjectId, before: &Object, after: &Object) -> Vec<Operation> {
        let of_all = id.kind().is_routine() || self.uses_a_routine_anew(id) || self.is_over_a_view_anew(id);
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
    fn uses_a_routine_anew(&self, id: &ObjectId) -> bool {
        let c = self.context;
        let anew = |need: &ObjectId| need.kind().is_routine() && (c.leaving.contains(need) || c.follows.contains(need));
        // Beside a new one, its name means the old one still.
        let goes_on = |need: &ObjectId| c.after.has(need) || c.overloads(need).next().is_some();
        c.before_names.needs(id).iter().any(|need| anew(need) && goes_on(need))
    }

    /// Puts operations into the group of a function that is made anew: nobody sees what uses it without it.
    fn with_routines(&self, mut operations: Vec<Operation>) -> Vec<Operation> {
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

    fn column(&mut self, id: &ObjectId, before: &Object, after: &Object, change: ColumnChange) -> Vec<Operation> {
        let (Some((table, name)), Body::Column(a), Body::Column(b)) = (id.as_column(), &before.body, &after.body)
        else {
            return self.mismatch(id);
        };
        let moved = moves_away(self.context, id, (a, b));
        match change {
            ColumnChange::Type if self.keeps_the_table(a, b) => self.change_type(id, (&table, &name), (a, b)),
            ColumnChange::Type if moved.is_some() => moved.into_iter().flat_map(|p| self.problem(p)).collect(),
            ColumnChange::Type => self.problem(Problem {
                help: Some(IN_TWO_PLANS.to_owned()),
                ..Problem::not_yet(
                    id,
                    format!(
                        "changing column {} from {} to {} writes the table anew, which pgform cannot do online yet",
                        id.short(),
                        a.data_type.sql(),
                        b.data_type.sql()
                    ),
                )
                .at("type")
            }),
            ColumnChange::Collation => self.problem(other_collation(id, a, b)),
            ColumnChange::Nullability if b.not_null => column::set_not_null(self.context, &table, &name).into(),
            ColumnChange::Nullability => vec![column::drop_not_null(self.context, &table, &name)],
            ColumnChange::Value => self.value(id, &table, &name, (a, b)),
        }
    }

    fn keeps_the_table(&self, a: &Column, b: &Column) -> bool {
        let (from, to) = (a.data_type.sql(), b.data_type.sql());
        keeps_every_file(from, to) || keeps_the_table(from, to) || loses_dimensions(self.context, from, to)
    }

    /// A type change for which the table is not written anew, where nothing on it is read or built again either.
    fn change_type(
        &mut self,
        id: &ObjectId,
        (table, name): (&Qualified, &crate::model::ColumnName),
        (a, b): (&Column, &Column),
    ) -> Vec<Operation> {
        let (from, to) = (a.data_type.sql(), b.data_type.sql());
        let Some(other) = in_the_way(self.context, id, (from, to)) else {
            return vec![column::change_type(self.context, table, name, a, b)];
        };
        let does = if other.is(ObjectKind::Index) { "builds" } else { "reads the table for" };
        let again = if other.is(ObjectKind::Index) { " anew" } else { "" };
        let message = format!(
            "changing column {} from {from} to {to} {does} {} {}{again} while nobody can read or write the table, which pgform does not do",
            id.short(),
            other.word(),
            other.short(),
        );
        let help = format!("leave {} {} out in this plan, and bring it back in the next", other.word(), other.short());
        self.problem(Problem { help: Some(help), ..Problem::not_yet(id, message).at("type") })
    }

    fn value(
        &mut self,
        id: &ObjectId,
        table: &Qualified,
        name: &crate::model::ColumnName,
        pair: (&Column, &Column),
    ) -> Vec<Operation> {
        let (a, b) = pair;
        match (&a.value, &b.value) {
            (ColumnValue::None | ColumnValue::Default(_), ColumnValue::None | ColumnValue::Default(_)) => {
                vec![column::set_default(self.context, table, name, a, b)]
            }
            (ColumnValue::Generated(..), ColumnValue::None) => vec![generated::plain(self.context, table, name, pair)],
            _ => match identity::change(self.context, table, name, a, b) {
                Some(operation) => vec![operation],
                None => self.problem(cannot_become(id, a, b)),
            },
        }
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
