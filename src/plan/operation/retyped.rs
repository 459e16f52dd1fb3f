//! Columns that get another type or collation, or are computed again because another does.
use super::super::cast::keeps_values;
use super::context::{Context, Cost};
use crate::canonical::{Sameness, same_type};
use crate::model::{Body, Column, ColumnName, ColumnValue, ObjectId, Qualified, State, Typed};

/// A column that the operation changes, on both sides.
pub(super) struct Retyped<'c> {
    pub(super) id: ObjectId,
    pub(super) name: ColumnName,
    pub(super) before: Typed<'c, Column>,
    pub(super) after: Typed<'c, Column>,
    pub(super) cost: Cost,
    /// True for a generated column that is computed of one which changes: PostgreSQL only makes it again.
    pub(super) is_computed: bool,
}

impl Retyped<'_> {
    /// Tells whether the type is another one, and not only the collation.
    pub(super) fn is_of_another_type(&self) -> bool {
        same_type(&self.before.data_type, &self.after.data_type) != Sameness::Same
    }

    /// The types before and after.
    pub(super) fn types(&self) -> (&str, &str) {
        (self.before.data_type.sql(), self.after.data_type.sql())
    }
}

/// The columns of a table that change together.
pub(super) fn together<'c>(context: &'c Context<'_>, table: &Qualified) -> Vec<Retyped<'c>> {
    let of = |(name, after): (ColumnName, Typed<'c, Column>)| {
        let id = ObjectId::column(*table, name);
        let before = context.before.column(table, &name)?;
        let is_computed = is_computed_anew(context, &id);
        let cost = if is_computed { Cost::Rewrite } else { *context.retyped.get(&id)? };
        Some(Retyped { id, name, before, after, cost, is_computed })
    };
    context.after.columns(table).into_iter().filter_map(of).collect()
}

/// The column at which those of its table are told.
pub(in super::super) fn first(context: &Context<'_>, table: &Qualified) -> Option<ObjectId> {
    let of_table = |id: &&ObjectId| id.as_column().is_some_and(|(of, _)| of == *table);
    context.retyped.keys().find(of_table).copied()
}

/// Tells whether a generated column is made anew because one that it is computed of gets another type.
pub(in super::super) fn is_computed_anew(context: &Context<'_>, id: &ObjectId) -> bool {
    let is_generated = |state: &State| matches!(state.body(id), Some(Body::Column(column)) if matches!(column.value, ColumnValue::Generated(..)));
    is_generated(context.before)
        && is_generated(context.after)
        && context.before_names.needs(id).iter().any(|need| context.retyped.contains_key(need))
}

/// Tells whether values may not come back as they were.
pub(super) fn may_lose(context: &Context<'_>, column: &Retyped<'_>) -> bool {
    let (from, to) = column.types();
    let written = context.using.contains_key(&column.id);
    column.is_of_another_type()
        && !column.is_computed
        && (written || !keeps_values((context.before, from), (context.after, to)))
}
