//! Looks, before the plan, for rows that are lost to readers where a newcomer takes the name of a column or table that
//! has some: whoever reads by that name finds the newcomer's values from then on, and nothing where it holds nothing.
use super::super::format::{Look, LookKind};
use super::ahead::{old, old_column, old_table};
use super::context::Context;
use super::written::differs;
use crate::canonical::{Given, Sameness, given_by, same_type};
use crate::model::{Body, Column, ColumnName, ColumnValue, KeyKind, ObjectId, ObjectKind, Qualified, Rename};

/// Look for rows that a rename onto the name that `holder` leaves may lose; `None` where nothing is held there.
pub(super) fn look(context: &Context<'_>, rename: &Rename, holder: &Rename) -> Option<Look> {
    let (former, now) = (holder.to, rename.to);
    match (former.kind(), now.kind()) {
        (ObjectKind::Column, ObjectKind::Column) => {
            let ((table, former), (_, now)) = (former.as_column()?, now.as_column()?);
            column(context, &table, (&former, &now))
        }
        (ObjectKind::Table, ObjectKind::Table | ObjectKind::View) => {
            relation(context, (&former.qualified()?, &now.qualified()?), &now)
        }
        (ObjectKind::Sequence, ObjectKind::Sequence) => {
            Some(sequence(context, &former.qualified()?, &now.qualified()?))
        }
        _ => None,
    }
}

/// A look whose rows are asked for under two pairs of names: those before the plan, and those behind the renames.
fn loses(object: ObjectId, says: String, rows: impl Fn(bool) -> String) -> Look {
    Look { kind: LookKind::Loses, object, says, rows: rows(false), behind: Some(rows(true)) }
}

fn column(context: &Context<'_>, table: &Qualified, (former, now): (&ColumnName, &ColumnName)) -> Option<Look> {
    let here = old_table(context, table);
    let [from, taker] = [former, now].map(|name| old(context, &ObjectId::column(*table, *name)));
    let ((_, held), (_, new)) = (from.as_column()?, taker.as_column()?);
    let column = context.before.column(table, now)?;
    let rows = |behind: bool| {
        let (table, held, new) = if behind { (table, former, now) } else { (&here, &held, &new) };
        format!("select * from {table} where {held} is not null and {}", holds_nothing(context, &column, (held, new)))
    };
    let says = format!("rows of {} with a value in {held} and none in {new}, which takes its name", short(&here));
    Some(loses(taker, says, rows))
}

/// Condition in SQL that a column holds nothing of its own in a row: null, or what its default gave it, which is not
/// what the other holds.
fn holds_nothing(context: &Context<'_>, column: &Column, (held, new): (&ColumnName, &ColumnName)) -> String {
    let other = format!("{held}::text is distinct from {new}::text");
    match &column.value {
        ColumnValue::None | ColumnValue::Generated(..) => format!("{new} is null"),
        ColumnValue::Default(e) if given_by(e.sql()) == Given::Constant => {
            format!("({new} is null or not ({}) and {other})", differs(context, new, column, e.sql()))
        }
        // Another value of these was given than would be now: what was copied is told from what was given by comparing.
        ColumnValue::Default(_) | ColumnValue::Identity(_) => format!("({new} is null or {other})"),
    }
}

/// Rows of a table that the one which takes its name lacks: by the table's key, where both have its columns; otherwise
/// by their number.
fn relation(context: &Context<'_>, (former, now): (&Qualified, &Qualified), id: &ObjectId) -> Option<Look> {
    let here = old_table(context, former);
    let taker = old(context, id);
    let new = taker.qualified().filter(|_| taker.kind().has_columns())?;
    let key = id.as_table().and_then(|now| shared(context, former, &now));
    // Columns have their own renames behind those of their tables.
    let rows = |behind: bool| {
        let (here, new) = if behind { (former, now) } else { (&here, &new) };
        let Some((key, others)) = &key else {
            return format!("select o.* from {here} as o offset (select count(*) from {new})");
        };
        let same: Vec<String> = key.iter().map(|(a, b)| format!("n.{b} = o.{a}")).collect();
        let kept: Vec<String> =
            others.iter().map(|(a, b)| format!(" and (o.{a} is null or n.{b} is not null)")).collect();
        format!(
            "select o.* from {here} as o where not exists (select from {new} as n where {}{})",
            same.join(" and "),
            kept.concat()
        )
    };
    let says = format!("rows of {} missing in {}, which takes its name", short(&here), taker.short());
    Some(loses(taker, says, rows))
}

/// Pairs of columns of the one table and the other, by the names that they have before the plan.
type Pairs = Vec<(ColumnName, ColumnName)>;

/// The primary key's columns of one table that the other has too, of the same type, and the other columns that both
/// have.
fn shared(context: &Context<'_>, former: &Qualified, now: &Qualified) -> Option<(Pairs, Pairs)> {
    let before = |table: &Qualified, name: &ColumnName| old_column(context, table, name);
    let key = context.before.constraints(former).find_map(|(_, object)| {
        let Body::Key(key) = &object.body else { return None };
        (key.kind == KeyKind::Primary).then_some(&key.columns)
    })?;
    let pair = |name: &ColumnName| {
        let (a, b) = (context.before.column(former, name)?, context.before.column(now, name)?);
        let same = same_type(&a.data_type, &b.data_type) == Sameness::Same;
        Some(((before(former, name), before(now, name)), same))
    };
    let keys: Option<Pairs> =
        key.iter().map(|name| pair(name).filter(|(_, same)| *same).map(|(pair, _)| pair)).collect();
    let rest = context.before.columns(former).into_iter().map(|(name, _)| name).filter(|name| !key.contains(name));
    Some((keys?, rest.filter_map(|name| pair(&name)).map(|(pair, _)| pair).collect()))
}

/// Numbers that a sequence gave out already, and the one that takes its name gives out again.
fn sequence(context: &Context<'_>, former: &Qualified, now: &Qualified) -> Look {
    let [from, taker] = [former, now].map(|name| old(context, &ObjectId::sequence(*name)));
    let rows = |behind: bool| {
        let (old, new) = if behind { (former.to_string(), now.to_string()) } else { (from.sql(), taker.sql()) };
        format!("select o.last_value from {old} as o, {new} as n where o.is_called and o.last_value > n.last_value")
    };
    let says = format!(
        "sequences ahead of {}, which takes the name of {}: it gives out the same numbers again",
        taker.short(),
        from.short()
    );
    loses(taker, says, rows)
}

fn short(table: &Qualified) -> String {
    ObjectId::table(*table).short()
}
