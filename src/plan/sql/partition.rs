//! Writes what a partition says that its parent does not, as SQL.
use super::{column::not_null_clause, default_clause, head_of, index_extras, index_marks, literal, own_index_comment};
use crate::canonical::usual_part_name;
use crate::model::{Body, Column, ColumnName, ColumnValue, ObjectId, Qualified, RelationName, State, Typed};

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

/// Statement that gives a partition's part of an index its name: PostgreSQL chose one, with a number behind where that was taken,
/// so that it is found by the index that it is a part of. Nothing happens where the partition or the part is not there.
fn called(table: &Qualified, above: &Qualified, name: &str) -> String {
    let found = format!(
        "select pg_catalog.format('alter index %s rename to %I', x.indexrelid::pg_catalog.regclass, {name}) \
         from pg_catalog.pg_inherits h join pg_catalog.pg_index x on x.indexrelid = h.inhrelid \
         join pg_catalog.pg_class c on c.oid = x.indexrelid where h.inhparent = pg_catalog.to_regclass({above}) \
         and x.indrelid = pg_catalog.to_regclass({table}) and c.relname <> {name}",
        name = literal(name),
        above = literal(&above.to_string()),
        table = literal(&table.to_string()),
    );
    let block = format!("declare name text; begin for name in {found} loop execute name; end loop; end");
    let tags = (0..).map(|n: usize| if n == 0 { "$$".to_owned() } else { format!("${}$", "_".repeat(n)) });
    let tag = tags.take(usize::from(u8::MAX)).find(|tag| !block.contains(tag.as_str())).unwrap_or_default();
    format!("do {tag}{block}{tag}")
}

/// Statements behind what makes partitions' parts of keys and indexes: their names, where PostgreSQL may choose others, and
/// what is said of each alone.
#[must_use]
pub fn finish_parts(state: &State, parts: &[ObjectId]) -> Vec<String> {
    parts.iter().filter_map(|id| finish(state, id)).flatten().collect()
}

fn finish(state: &State, id: &ObjectId) -> Option<Vec<String>> {
    let (name, object) = (state.table_of(id)?, state.get(id)?);
    let table = state.table(&name)?;
    let above = table.parent()?.sibling(object.body.part_of()?.as_str());
    let is_usual = usual_part_name(&name, &object.body).as_deref() == Some(id.own_name());
    let mut out = Vec::new();
    if !is_usual {
        out.push(called(&name, &above, id.own_name()));
    }
    if let Body::Index(index) = &object.body {
        out.extend(index_extras(&name.sibling(id.own_name()), object.typed(index)));
    } else if let Some((_, constraint)) = id.as_constraint() {
        out.extend(head_of(id, &object.head));
        out.extend(own_index_comment(&name, &constraint, object));
    }
    out.extend(index_marks(&name, table.marks(), &RelationName::new(id.own_name())));
    Some(out)
}
