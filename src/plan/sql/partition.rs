//! Writes what a partition says that its parent does not, as SQL.
use super::{
    column::not_null_clause, column_extras, default_clause, dollar_quoted, head_of, index_extras, index_marks, literal,
    own_index_comment,
};
use crate::canonical::usual_part_name;
use crate::model::{
    Body, Column, ColumnName, ColumnValue, ObjectId, Qualified, RelationName, State, Typed, aside_name,
};
use std::collections::BTreeMap;

/// The columns that a partition has otherwise than its parent, as `create table … partition of` takes them.
pub(super) fn overridden(table: &Qualified, state: &State) -> Vec<String> {
    let own = state.columns(table).into_iter().filter_map(|(name, column)| {
        let above = above(state, table, &name)?;
        let text = [own_default(table, &column, &above), own_not_null(&column, &above)].concat();
        (!text.is_empty()).then(|| format!("{name}{text}"))
    });
    own.collect()
}

/// The parent's column of the same name.
fn above<'s>(state: &'s State, table: &Qualified, name: &ColumnName) -> Option<Typed<'s, Column>> {
    let parent = state.table(table)?.parent()?;
    state.column(&parent, name)
}

fn own_default(table: &Qualified, column: &Column, above: &Column) -> String {
    match &column.value {
        ColumnValue::Default(_) if column.value != above.value => {
            format!(" {}", default_clause(table, &column.value, column.sequence_type()))
        }
        ColumnValue::Default(_) | ColumnValue::None | ColumnValue::Identity(_) | ColumnValue::Generated(..) => {
            String::new()
        }
    }
}

fn own_not_null(column: &Column, above: &Column) -> String {
    // A name of its own is not what the parent's constraint gave it.
    if column.not_null && (!above.not_null || column.not_null_name.is_some()) {
        not_null_clause(column)
    } else {
        String::new()
    }
}

/// Statements behind `create table … partition of`: defaults that the parent has and the partition has not.
pub(super) fn behind(table: &Qualified, state: &State) -> Vec<String> {
    let mut out = Vec::new();
    for (name, column) in state.columns(table) {
        if let (ColumnValue::None, Some(ColumnValue::Default(_))) =
            (&column.value, above(state, table, &name).map(|above| &above.own.value))
        {
            out.push(format!("alter table {table} alter column {name} drop default"));
        }
    }
    out
}

/// Statements behind one that makes a column of a partitioned table: what a partition that is there has otherwise.
#[must_use]
pub fn own_of_column(partition: &Qualified, name: &ColumnName, state: &State) -> Vec<String> {
    let (Some(column), Some(above)) = (state.column(partition, name), above(state, partition, name)) else {
        return Vec::new();
    };
    let alter = format!("alter table {partition} alter column {name}");
    let mut out = Vec::new();
    match (&column.value, &above.value) {
        (ColumnValue::Default(own), of) if column.value != *of => {
            out.push(format!("{alter} set default ({})", own.sql()))
        }
        (ColumnValue::None, ColumnValue::Default(_)) => out.push(format!("{alter} drop default")),
        (_, _) => {}
    }
    if column.not_null && !above.not_null {
        out.push(format!("{alter} set not null"));
    }
    out.extend(column_extras(partition, name, column));
    out
}

/// Statement that gives a partition's part of an index its name, or another one on the way there: PostgreSQL chose one, with a
/// number behind where that was taken, so that it is found by the index that it is a part of. Nothing happens where it has its name,
/// or the partition or the part is not there.
fn called(table: &Qualified, above: &Qualified, name: &str, now: &str) -> String {
    let found = format!(
        "select pg_catalog.format('alter index %s rename to %I', x.indexrelid::pg_catalog.regclass, {now}) \
         from pg_catalog.pg_inherits h join pg_catalog.pg_index x on x.indexrelid = h.inhrelid \
         join pg_catalog.pg_class c on c.oid = x.indexrelid where h.inhparent = pg_catalog.to_regclass({above}) \
         and x.indrelid = pg_catalog.to_regclass({table}) and c.relname <> {name}",
        name = literal(name),
        now = literal(now),
        above = literal(&above.to_string()),
        table = literal(&table.to_string()),
    );
    let block = format!("declare name text; begin for name in {found} loop execute name; end loop; end");
    format!("do {}", dollar_quoted(&block))
}

/// Statements behind what makes partitions' parts of keys and indexes: their names, where PostgreSQL may choose others, and
/// what is said of each alone.
#[must_use]
pub fn finish_parts(state: &State, parts: &[ObjectId]) -> Vec<String> {
    let named: Vec<Part> = parts.iter().filter_map(|id| Part::of(state, id)).collect();
    let mut on_table: BTreeMap<Qualified, Vec<&Part>> = BTreeMap::new();
    named.iter().for_each(|part| on_table.entry(part.table).or_default().push(part));
    let mut out = Vec::new();
    for parts in on_table.values().filter(|parts| parts.iter().any(|part| !part.is_usual)) {
        // Of several, one may have the name that another is to have.
        if parts.len() > 1 {
            out.extend(parts.iter().map(|part| part.called(&aside_name("", &part.id))));
        }
        out.extend(parts.iter().map(|part| part.called(part.id.own_name())));
    }
    out.extend(named.iter().filter_map(|part| finish(state, &part.id)).flatten());
    out
}

/// A partition's part of a key or an index.
struct Part {
    id: ObjectId,
    table: Qualified,
    above: Qualified,
    /// True where PostgreSQL gives it its name, if that is free.
    is_usual: bool,
}

impl Part {
    fn of(state: &State, id: &ObjectId) -> Option<Self> {
        let (table, body) = (state.table_of(id)?, state.body(id)?);
        let above = state.table(&table)?.parent()?.sibling(body.part_of()?.as_str());
        let is_usual = usual_part_name(&table, body).as_deref() == Some(id.own_name());
        Some(Self { id: *id, table, above, is_usual })
    }

    fn called(&self, now: &str) -> String {
        called(&self.table, &self.above, self.id.own_name(), now)
    }
}

fn finish(state: &State, id: &ObjectId) -> Option<Vec<String>> {
    let (name, object) = (state.table_of(id)?, state.get(id)?);
    let table = state.table(&name)?;
    let mut out = Vec::new();
    if let Body::Index(index) = &object.body {
        out.extend(index_extras(&name.sibling(id.own_name()), object.typed(index)));
    } else if let Some((_, constraint)) = id.as_constraint() {
        out.extend(head_of(id, &object.head));
        out.extend(own_index_comment(&name, &constraint, object));
    }
    out.extend(index_marks(&name, table.marks(), &RelationName::new(id.own_name())));
    Some(out)
}
