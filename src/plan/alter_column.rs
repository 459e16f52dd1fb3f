//! Makes the operations of a column that stays: another type or collation, another value, nulls refused or allowed.
use super::cast::{Cast, cast};
use super::make::Maker;
use super::operation::{Context, Milestone, Operation, Resource, column, generated, identity, retype, retyped};
use super::problem::Problem;
use super::type_change::{in_the_way, moves_away};
use crate::canonical::{Sameness, same_type};
use crate::diagnostic::Code;
use crate::diff::ColumnChange;
use crate::model::{Body, Column, ColumnName, ColumnValue, GenerationKind, Object, ObjectId, Qualified};

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

/// Problem of values that PostgreSQL does not convert by itself, with the line that would say how.
fn says_no_way(context: &Context<'_>, id: &ObjectId, (a, b): (&Column, &Column)) -> Option<Problem> {
    let (from, to) = (a.data_type.sql(), b.data_type.sql());
    let same = same_type(&a.data_type, &b.data_type) == Sameness::Same;
    if same || context.using.contains_key(id) || matches!(a.value, ColumnValue::Generated(..)) {
        return None;
    }
    let name = id.as_column().map(|(_, name)| name.to_string()).unwrap_or_default();
    let way = match cast((context.before, from), (context.after, to)) {
        Cast::Assignment => return None,
        Cast::Explicit => format!("{name}::{to}"),
        Cast::None => format!("EXPRESSION OF TYPE {to}"),
    };
    let message = format!("PostgreSQL does not convert {from} to {to} by itself, as column {} would be", id.short());
    let help = format!("say how, with what the rows have: `{}: {{type: {to}, using: \"{way}\"}}`", id.own_name());
    let problem = Problem::not_yet(id, message).at("type");
    Some(Problem { code: Code::MissingKey, help: Some(help), ..problem })
}

/// Problem of a vector index that would be built again without its dimensions.
fn in_its_way(context: &Context<'_>, id: &ObjectId, (a, b): (&Column, &Column)) -> Option<Problem> {
    let other = in_the_way(context, id, false)?;
    let (from, to) = (a.data_type.sql(), b.data_type.sql());
    let message = format!(
        "changing column {} from {from} to {to} builds {} {} anew while nobody can read or write the table, which pgform does not do",
        id.short(),
        other.word(),
        other.short(),
    );
    let help = format!("leave {} {} out in this plan, and bring it back in the next", other.word(), other.short());
    Some(Problem { help: Some(help), ..Problem::not_yet(id, message).at("type") })
}

impl Maker<'_, '_> {
    /// A default set again because the function in it is another one: of the same name beside the old one, or in its
    /// place.
    pub(super) fn default_again(
        &self,
        id: &ObjectId,
        (table, name): (&Qualified, &ColumnName),
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

    pub(super) fn column(
        &mut self,
        id: &ObjectId,
        (before, after): (&Object, &Object),
        change: ColumnChange,
    ) -> Vec<Operation> {
        let (Some((table, name)), Body::Column(a), Body::Column(b)) = (id.as_column(), &before.body, &after.body)
        else {
            return self.mismatch(id);
        };
        let c = self.context;
        let is_retyped = c.retyped.contains_key(id);
        match change {
            _ if retyped::is_computed_anew(c, id) => self.computed_anew(id, (a, b)),
            ColumnChange::Type => {
                let problem = moves_away(c, id, (a, b)).or_else(|| says_no_way(c, id, (a, b)));
                match problem.or_else(|| if is_retyped { None } else { in_its_way(c, id, (a, b)) }) {
                    Some(problem) => self.problem(problem),
                    None if is_retyped => self.retyped(id, &table),
                    None => vec![column::change_type(c, &table, &name, a, b)],
                }
            }
            // Told with the type.
            ColumnChange::Collation if same_type(&a.data_type, &b.data_type) != Sameness::Same => Vec::new(),
            ColumnChange::Collation => self.retyped(id, &table),
            ColumnChange::Nullability if b.not_null => column::set_not_null(c, &table, &name).into(),
            ColumnChange::Nullability => vec![column::drop_not_null(c, &table, &name)],
            ColumnChange::Value if is_retyped => self.value_with_the_type(id, (a, b)),
            ColumnChange::Value => self.value(id, &table, &name, (a, b)),
        }
    }

    /// All columns of a table that get another type, told at the first of them: the table is written anew once.
    fn retyped(&mut self, id: &ObjectId, table: &Qualified) -> Vec<Operation> {
        let first = retyped::first(self.context, table);
        if first != Some(*id) {
            return Vec::new();
        }
        retype::change(self.context, table).map_or_else(|| self.mismatch(id), |operation| vec![operation])
    }

    /// A column that is computed anew has its new form from the start; that form is a computed one, too.
    fn computed_anew(&mut self, id: &ObjectId, (a, b): (&Column, &Column)) -> Vec<Operation> {
        let same = match (&a.value, &b.value) {
            (ColumnValue::Generated(a, kind), ColumnValue::Generated(b, other)) => {
                kind == other && crate::canonical::same_expression(a, b) != Sameness::Different
            }
            _ => false,
        };
        if same { Vec::new() } else { self.problem(cannot_become(id, a, b)) }
    }

    /// A default, or an identity that stays one, changes with the type.
    fn value_with_the_type(&mut self, id: &ObjectId, (a, b): (&Column, &Column)) -> Vec<Operation> {
        let plain = |value: &ColumnValue| matches!(value, ColumnValue::None | ColumnValue::Default(_));
        let numbered = |value: &ColumnValue| matches!(value, ColumnValue::Identity(_));
        let together = plain(&a.value) && plain(&b.value) || numbered(&a.value) && numbered(&b.value);
        if together { Vec::new() } else { self.problem(cannot_become(id, a, b)) }
    }

    fn value(
        &mut self,
        id: &ObjectId,
        table: &Qualified,
        name: &ColumnName,
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
}
