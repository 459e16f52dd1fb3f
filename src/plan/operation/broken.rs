//! Rows that would keep a dropped constraint from coming back, counted where the plan has left things: a column or table
//! that the plan drops is not there then, and comes back without its values.
use super::super::format::{Condition, ConditionKind};
use super::super::sql::list;
use super::context::Context;
use crate::model::{
    Check, ColumnName, ColumnValue, Enforcement, ForeignKey, Key, KeyKind, MatchType, Object, ObjectId, Qualified,
};

/// The condition of a constraint's way back; `None` where nothing can be in its way.
pub(super) fn rows(context: &Context<'_>, table: &Qualified, id: &ObjectId, object: &Object) -> Option<Condition> {
    let count = match object {
        Object::Check(check) if check.enforcement == Enforcement::Valid => of_check(context, table, id, check)?,
        Object::ForeignKey(key) if key.enforcement == Enforcement::Valid => of_foreign_key(context, table, key)?,
        Object::Key(key) => of_key(context, table, key)?,
        _ => return None,
    };
    Some(Condition {
        kind: ConditionKind::Blocks,
        object: id.clone(),
        count,
        says: format!("rows written since that break {}", id.parts().last().copied().unwrap_or_default()),
    })
}

fn stays(context: &Context<'_>, table: &Qualified, column: &ColumnName) -> bool {
    context.after.has(&ObjectId::Column(table.clone(), column.clone()))
}

/// A check over a column that goes sees null in it afterwards, or its default.
fn of_check(context: &Context<'_>, table: &Qualified, id: &ObjectId, check: &Check) -> Option<String> {
    let whole = context.before_names.needs(id).iter().all(|need| match need {
        ObjectId::Column(table, column) => stays(context, table, column),
        _ => true,
    });
    whole.then(|| format!("select count(*) from {table} where not ({})", check.expression.sql()))
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
        return Some(format!("select count(*) from {table} as l where {present}"));
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
