//! Rows that would keep a dropped constraint from coming back, counted where the plan has left things: a column or table
//! that the plan drops is not there then, and comes back without its values.
use super::super::format::Condition;
use super::super::sql::{list, literal};
use super::context::Context;
use super::namespaced::blocks;
use crate::canonical::{KeyTarget, is_stable_default, parse_index_key, parse_type};
use crate::model::{
    Check, ColumnName, ColumnValue, Enforcement, ForeignKey, Index, IndexKey, Key, KeyKind, MatchType, Object,
    ObjectId, Qualified, quote,
};

/// The condition of a constraint's way back; `None` where nothing can be in its way.
pub(super) fn rows(context: &Context<'_>, table: &Qualified, id: &ObjectId, object: &Object) -> Option<Condition> {
    let count = match object {
        Object::Check(check) if check.enforcement == Enforcement::Valid => of_check(context, table, id, check)?,
        Object::ForeignKey(key) if key.enforcement == Enforcement::Valid => of_foreign_key(context, table, key)?,
        Object::Key(key) => of_key(context, table, key)?,
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enumeration(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column(_)
        | Object::ForeignKey(_)
        | Object::Check(_)
        | Object::Index(_)
        | Object::View(_)
        | Object::Opaque(_) => return None,
    };
    Some(breaks(id, count))
}

fn stays(context: &Context<'_>, table: &Qualified, column: &ColumnName) -> bool {
    context.after.has(&ObjectId::Column(table.clone(), column.clone()))
}

/// A check over a column that goes sees what it comes back with: null, or its default.
fn of_check(context: &Context<'_>, table: &Qualified, id: &ObjectId, check: &Check) -> Option<String> {
    let rows = format!("select 1 from {table} where not ({})", check.expression.sql());
    match come_back(context, table, id)?.as_str() {
        "" => Some(format!("select count(*) from {table} where not ({})", check.expression.sql())),
        gone => Some(format!("select count(*) from (select {gone}) as gone, lateral ({rows}) as broken")),
    }
}

/// The columns that something of the table leans on and that are gone by then, with what they come back with; nothing
/// where all of them are there, `None` where that cannot be told. A row of them stands around a query of the table:
/// PostgreSQL finds a name there that the table does not have, and the table's own column while that is still there.
fn come_back(context: &Context<'_>, table: &Qualified, id: &ObjectId) -> Option<String> {
    let mut gone = Vec::new();
    for need in context.before_names.needs(id) {
        let ObjectId::Column(of, name) = &need else { continue };
        if stays(context, of, name) {
            continue;
        }
        let column = context.before.column(of, name).filter(|_| of == table)?;
        // A type of the plan's own, or of an extension that goes, cannot be named by then.
        parse_type(column.data_type.sql()).ok().filter(|found| found.builtin)?;
        let value = match &column.value {
            ColumnValue::None => "null",
            ColumnValue::Default(expression) if is_stable_default(expression.sql()) => expression.sql(),
            ColumnValue::Default(_) | ColumnValue::Identity(_) | ColumnValue::Generated(..) => return None,
        };
        gone.push(format!("({value})::{} as {name}", column.data_type.sql()));
    }
    gone.sort();
    Some(gone.join(", "))
}

/// Rows with the same values in the keys of a unique index that the way back builds again.
pub(super) fn duplicates(context: &Context<'_>, id: &ObjectId, index: &Index) -> Option<Condition> {
    let key = |key: &IndexKey| {
        let parts = parse_index_key(&index.method, key.sql.sql()).ok()?;
        let collation: Vec<String> = parts.collation.iter().map(|name| quote(name)).collect();
        let target = match parts.target {
            KeyTarget::Column(name) => quote(&name),
            KeyTarget::Expression(text) => format!("({text})"),
        };
        Some(match collation.is_empty() {
            true => target,
            false => format!("({target} collate {})", collation.join(".")),
        })
    };
    let keys: Vec<String> = index.keys.iter().map(key).collect::<Option<_>>()?;
    let mut filters: Vec<String> = index.predicate.iter().map(|p| format!("({})", p.sql())).collect();
    if !index.nulls_not_distinct {
        filters.extend(keys.iter().map(|key| format!("{key} is not null")));
    }
    let filter = if filters.is_empty() { String::new() } else { format!(" where {}", filters.join(" and ")) };
    let table = &index.table;
    let rows = format!("select 1 from {table}{filter} group by {} having count(*) > 1", list(&keys));
    let count = match come_back(context, table, id)?.as_str() {
        "" => format!("select count(*) from ({rows}) as twice"),
        gone => format!("select count(*) from (select {gone}) as gone, lateral ({rows}) as twice"),
    };
    Some(breaks(id, count))
}

fn breaks(id: &ObjectId, count: String) -> Condition {
    let name = id.parts().last().copied().unwrap_or_default();
    blocks(id, count, format!("rows written since that break {name}"))
}

fn of_foreign_key(context: &Context<'_>, table: &Qualified, key: &ForeignKey) -> Option<String> {
    let full = key.match_type == MatchType::Full;
    let (there, gone): (Vec<&ColumnName>, Vec<&ColumnName>) =
        key.columns.iter().partition(|c| stays(context, table, c));
    let not_null = |names: &[&ColumnName], between: &str| {
        let each: Vec<String> = names.iter().map(|c| format!("l.{c} is not null")).collect();
        format!("({})", each.join(between))
    };
    if !gone.is_empty() {
        // A column that comes back empty refers to nothing; `match full` wants the others empty then too.
        return (full && !there.is_empty())
            .then(|| format!("select count(*) from {table} as l where {}", not_null(&there, " or ")));
    }
    let present = not_null(&there, if full { " or " } else { " and " });
    // A table or column that comes back empty is referred to by nothing.
    if !key.referenced.iter().all(|c| stays(context, &key.references, c)) {
        // Midway they may be there still, with their rows.
        let names: Vec<String> = key.referenced.iter().map(|c| literal(c.as_str())).collect();
        let still = format!(
            "(select count(*) from pg_attribute where attrelid = to_regclass({}) and attname in ({}) and not attisdropped)",
            literal(&key.references.to_string()),
            list(&names)
        );
        return Some(format!("select count(*) from {table} as l where {present} and {still} < {}", names.len()));
    }
    let joined: Vec<String> = key.columns.iter().zip(&key.referenced).map(|(a, b)| format!("r.{b} = l.{a}")).collect();
    Some(format!(
        "select count(*) from {table} as l where {present} and not exists (select from {} as r where {})",
        key.references,
        joined.join(" and ")
    ))
}

fn of_key(context: &Context<'_>, table: &Qualified, key: &Key) -> Option<String> {
    let (there, gone): (Vec<&ColumnName>, Vec<&ColumnName>) =
        key.columns.iter().partition(|c| stays(context, table, c));
    let distinct = key.kind == KeyKind::Unique && !key.nulls_not_distinct;
    let empty = |c: &&ColumnName| matches!(context.before.column(table, c), Some(column) if matches!(column.value, ColumnValue::None));
    if distinct && gone.iter().any(empty) {
        return None;
    }
    if there.is_empty() {
        return Some(format!("select count(*) from (select 1 from {table} offset 1 limit 1) as second"));
    }
    let nulls: Vec<String> = there.iter().map(|c| format!("{c} is not null")).collect();
    let filter = if key.nulls_not_distinct { String::new() } else { format!(" where {}", nulls.join(" and ")) };
    let columns = list(&there);
    Some(format!(
        "select count(*) from (select 1 from {table}{filter} group by {columns} having count(*) > 1) as twice"
    ))
}
