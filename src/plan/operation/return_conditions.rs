//! Counts rows that would keep a dropped constraint from coming back, where the plan has left things: a column or table
//! that the plan drops is not there then, and comes back without its values.
use super::super::format::Condition;
use super::super::reached::reached;
use super::super::sql::{list, literal};
use super::super::type_change::keeps_every_file;
use super::ahead::{columns_named, compared};
use super::composite_change::changes_inside;
use super::context::Context;
use super::schema::blocks;
use crate::canonical::{KeyTarget, Sameness, is_stable_default, parse_index_key, parse_type, same_type};
use crate::model::{
    Body, Check, ColumnName, ColumnValue, Enforcement, ForeignKey, Index, IndexKey, Key, KeyKind, MatchType, Object,
    ObjectId, Qualified, TableConstraint,
};
use std::collections::BTreeSet;

/// The condition of a constraint's way back; `None` where nothing can be in its way.
pub(super) fn rows(context: &Context<'_>, table: &Qualified, id: &ObjectId, object: &Object) -> Option<Condition> {
    if object.body.enforcement()? != Enforcement::Valid {
        return None;
    }
    let count = match object.body.constraint()? {
        TableConstraint::Check(check) => of_check(context, table, id, check)?,
        TableConstraint::ForeignKey(key) => of_foreign_key(context, table, key)?,
        TableConstraint::Key(key) => of_key(context, table, key)?,
        TableConstraint::Exclusion(exclusion) => super::exclusion::written_since(context, table, id, exclusion)?,
    };
    Some(breaks(id, count))
}

fn stays(context: &Context<'_>, table: &Qualified, column: &ColumnName) -> bool {
    context.after.has(&ObjectId::column(*table, *column))
}

/// A check over a column that goes sees what it comes back with: null, its default, or what is computed.
fn of_check(context: &Context<'_>, table: &Qualified, id: &ObjectId, check: &Check) -> Option<String> {
    let broken = format!("not ({})", check.expression.sql());
    Some(match come_back(context, table, &needed_columns(context, table, id)?)? {
        Gone::Nothing => format!("select count(*) from {table} where {broken}"),
        Gone::Constants(gone) => format!(
            "select count(*) from (select {gone}) as gone, lateral (select 1 from {table} where {broken}) as broken"
        ),
        Gone::Computed(rows) => {
            format!("select count(*) from {rows}, lateral (select 1 from {OWN} where {broken}) as broken")
        }
    })
}

/// Values of columns that are gone by then, as they come back, in a form in which PostgreSQL finds a name there that
/// the table does not have, and the table's own column while that is still there.
enum Gone {
    /// All of them are there.
    Nothing,
    /// Values that are the same in each row: a row of them stands around a query of the table.
    Constants(String),
    /// Rows of the table with what is computed of them: what is asked stands in a query of [`OWN`] beside them.
    Computed(String),
}

/// A row of the table, inside of [`Gone::Computed`].
const OWN: &str = "(select l.*) as own";
/// A name that no column has: it is of the form that pgform gives to what it sets aside.
const NUMBER: &str = "\"~number\"";

/// The columns of the table that something leans on; `None` where it leans on those of another too, or may lean on
/// attributes of their values that go.
pub(super) fn needed_columns(context: &Context<'_>, table: &Qualified, id: &ObjectId) -> Option<Vec<ColumnName>> {
    let needs = context.before_names.needs(id).into_iter();
    let columns = needs.filter_map(|need| need.as_column());
    // An attribute that goes is not there to be asked for, and is null when it comes back.
    let is_there = |of: &Qualified, name: &ColumnName| {
        !changes_inside(context, (of, name), |change| !change.dropped.is_empty())
            && (of == table || stays(context, of, name))
    };
    columns
        .map(|(of, name)| is_there(&of, &name).then_some((of, name)))
        .collect::<Option<Vec<_>>>()
        .map(|all| all.into_iter().filter(|(of, _)| of == table).map(|(_, name)| name).collect())
}

/// Values that these columns come back with; `None` where they cannot be told.
fn come_back(context: &Context<'_>, table: &Qualified, columns: &[ColumnName]) -> Option<Gone> {
    let (mut constants, mut numbers, mut computed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let gone = |name: &ColumnName| !stays(context, table, name);
    let of = |name: ColumnName| match context.before.column(table, &name).map(|column| &column.own.value) {
        Some(ColumnValue::Generated(expression, _)) => {
            columns_named(expression.sql()).into_iter().filter(gone).collect()
        }
        _ => Vec::new(),
    };
    for name in reached(columns.iter().copied().filter(gone), of) {
        let column = context.before.column(table, &name)?;
        let data_type = column.data_type.sql();
        // A type of the plan's own, or of an extension that goes, cannot be named by then.
        parse_type(data_type).ok().filter(|found| found.builtin)?;
        let value = |of: &str| format!("({of})::{data_type} as {name}");
        match &column.value {
            ColumnValue::None => drop(constants.insert(value("null"))),
            ColumnValue::Default(expression) if is_stable_default(expression.sql()) => {
                constants.insert(value(expression.sql()));
            }
            ColumnValue::Default(_) => return None,
            // PostgreSQL numbers the rows as it finds them.
            ColumnValue::Identity(identity) => {
                let (start, increment) = (identity.options.start, identity.options.increment);
                numbers.insert(value(&format!("{start} + ({NUMBER} - 1) * {increment}")));
            }
            ColumnValue::Generated(expression, _) => {
                computed.insert(value(expression.sql()));
            }
        }
    }
    if numbers.is_empty() && computed.is_empty() {
        return Some(if constants.is_empty() { Gone::Nothing } else { Gone::Constants(list(&constants)) });
    }
    let mut rows = format!("(select *, row_number() over () as {NUMBER} from {table}) as l");
    let first: Vec<&String> = constants.iter().chain(&numbers).collect();
    if !first.is_empty() {
        rows.push_str(&format!(", lateral (select {}) as gone", list(first)));
    }
    if !computed.is_empty() {
        rows.push_str(&format!(", lateral (select {} from {OWN}) as computed", list(&computed)));
    }
    Some(Gone::Computed(rows))
}

/// A column's value as it is once its type went back: what is told apart by then is not what was told apart before.
fn as_before(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> String {
    match retyped(context, table, name) {
        Some(narrow) => format!("({name}::{narrow})"),
        None => name.to_string(),
    }
}

/// The type that a column gets back, where that may change its values.
fn retyped<'c>(context: &'c Context<'_>, table: &Qualified, name: &ColumnName) -> Option<&'c str> {
    let (before, after) = (context.before.column(table, name)?.own, context.after.column(table, name)?.own);
    let (narrow, wide) = (before.data_type.sql(), after.data_type.sql());
    if same_type(&before.data_type, &after.data_type) == Sameness::Same {
        return None;
    }
    let builtin = || parse_type(narrow).is_ok_and(|found| found.builtin);
    (!keeps_every_file(wide, narrow) && builtin()).then_some(narrow)
}

/// Query for the number of values of the keys that stand in several rows.
fn twice(
    context: &Context<'_>,
    table: &Qualified,
    columns: &[ColumnName],
    keys: &[String],
    filter: &str,
) -> Option<String> {
    let rows = |keys: &str, from: &str| format!("select 1 from {from} group by {keys} having count(*) > 1");
    Some(match come_back(context, table, columns)? {
        Gone::Nothing => format!("select count(*) from ({}) as twice", rows(&list(keys), &format!("{table}{filter}"))),
        Gone::Constants(gone) => format!(
            "select count(*) from (select {gone}) as gone, lateral ({}) as twice",
            rows(&list(keys), &format!("{table}{filter}"))
        ),
        Gone::Computed(of) => {
            let names: Vec<String> = (1..=keys.len()).map(|n| format!("key{n}")).collect();
            let each = list(keys.iter().zip(&names).map(|(key, name)| format!("{key} as {name}")));
            let from = format!("{of}, lateral (select {each} from {OWN}{filter}) as keys");
            format!("select count(*) from ({}) as twice", rows(&list(&names), &from))
        }
    })
}

/// Rows with the same values in the keys of a unique index that the way back builds again.
pub(super) fn duplicates(context: &Context<'_>, id: &ObjectId, index: &Index) -> Option<Condition> {
    let table = &index.table;
    needed_columns(context, table, id)?;
    let key = |key: &IndexKey| compared(&index.method, key, |name| as_before(context, table, name));
    let keys: Vec<String> = index.keys.iter().map(key).collect::<Option<_>>()?;
    let mut filters: Vec<String> = index.predicate.iter().map(|p| format!("({})", p.sql())).collect();
    if !index.nulls_not_distinct {
        filters.extend(keys.iter().map(|key| format!("{key} is not null")));
    }
    let filter = if filters.is_empty() { String::new() } else { format!(" where {}", filters.join(" and ")) };
    let columns = needed_columns(context, table, id)?;
    Some(breaks(id, twice(context, table, &columns, &keys, &filter)?))
}

/// Conditions of what stays unique over a column whose type goes back: rounded values may be the same. Of several such
/// columns of a key, the first tells.
pub(super) fn rounded(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> Vec<Condition> {
    let tells = |columns: &[ColumnName]| columns.iter().find(|c| retyped(context, table, c).is_some()) == Some(name);
    let keys = context.before.constraints(table).filter_map(|(constraint, object)| {
        let id = ObjectId::constraint(*table, constraint);
        let Body::Key(key) = &object.body else { return None };
        let there = context.after.has(&id) && !context.leaving.contains(&id) && tells(&key.columns);
        there.then(|| of_key(context, table, key).map(|count| breaks(&id, count)))?
    });
    let indexes = context.before.indexes().filter_map(|(index_name, index)| {
        let id = ObjectId::index(index_name);
        let there = index.unique && index.table == *table && context.after.has(&id) && !context.leaving.contains(&id);
        let columns =
            index.keys.iter().filter_map(|key| match parse_index_key(&index.method, key.sql.sql()).ok()?.target {
                KeyTarget::Column(name) => Some(ColumnName::new(name)),
                KeyTarget::Expression(_) => None,
            });
        (there && tells(&columns.collect::<Vec<_>>())).then(|| duplicates(context, &id, &index))?
    });
    keys.chain(indexes).collect()
}

pub(super) fn breaks(id: &ObjectId, count: String) -> Condition {
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
    let joined: Vec<String> = key.columns.iter().zip(&key.referenced).map(|(a, b)| format!("r.{b} = l.{a}")).collect();
    let partner = format!("select from {} as r where {}", key.references, joined.join(" and "));
    // A table or column that comes back empty is referred to by nothing.
    if !key.referenced.iter().all(|c| stays(context, &key.references, c)) {
        // Midway they may be there still, with their rows.
        let names: Vec<String> = key.referenced.iter().map(|c| literal(c.as_str())).collect();
        let still = format!(
            "(select count(*) from pg_attribute where attrelid = to_regclass({}) and attname in ({}) and not attisdropped)",
            literal(&key.references.to_string()),
            list(&names)
        );
        // A query that names what may be gone is read only once that is known to be there: `ts_stat` runs one that is a
        // text, on every server (`query_to_xml` asks for libxml), and counts the rows that have a word.
        let orphans = format!("select 'x'::tsvector from {table} as l where {present} and not exists ({partner})");
        let counted = format!("coalesce((select ndoc from ts_stat({})), 0)", literal(&orphans));
        return Some(format!(
            "select case when {still} < {} then (select count(*) from {table} as l where {present}) else {counted} end",
            names.len()
        ));
    }
    Some(format!("select count(*) from {table} as l where {present} and not exists ({partner})"))
}

fn of_key(context: &Context<'_>, table: &Qualified, key: &Key) -> Option<String> {
    let (there, gone): (Vec<&ColumnName>, Vec<&ColumnName>) =
        key.columns.iter().partition(|c| stays(context, table, c));
    let distinct = key.kind == KeyKind::Unique && !key.nulls_not_distinct;
    let empty = |c: &&ColumnName| matches!(context.before.column(table, c), Some(column) if matches!(column.value, ColumnValue::None));
    if distinct && gone.iter().any(empty) {
        return None;
    }
    let gone = come_back(context, table, &key.columns)?;
    if there.is_empty() && matches!(gone, Gone::Constants(_)) {
        return Some(format!("select count(*) from (select 1 from {table} offset 1 limit 1) as second"));
    }
    // What comes back the same in each row tells none apart.
    let told: Vec<ColumnName> = match gone {
        Gone::Constants(_) => there.into_iter().cloned().collect(),
        Gone::Nothing | Gone::Computed(_) => key.columns.clone(),
    };
    let keys: Vec<String> = told.iter().map(|c| as_before(context, table, c)).collect();
    let nulls: Vec<String> = keys.iter().map(|key| format!("{key} is not null")).collect();
    let filter = if key.nulls_not_distinct { String::new() } else { format!(" where {}", nulls.join(" and ")) };
    twice(context, table, &told, &keys, &filter)
}
