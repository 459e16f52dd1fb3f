//! Writes the queries for rows that a plan would break on, or lose: asked before its first statement, so in a database
//! that has its old names and none of its new columns.
use super::super::format::{Look, LookKind, Rule};
use super::super::reached::reached;
use super::super::sql::list;
use super::answer::Ahead;
use super::composite_change::changes_inside;
use super::context::Context;
use crate::canonical::{
    KeyTarget, Reference, Sameness, is_stable_default, parse_index_key, parse_type, references_of_expression, same_type,
};
use crate::model::{
    Action, Check, Column, ColumnName, ColumnValue, ConstraintName, ForeignKey, Index, IndexKey, Key, KeyKind,
    MatchType, Object, ObjectId, ObjectKind, Qualified, TableConstraint, before_renames, quote,
};
use std::collections::{BTreeMap, BTreeSet};

/// The identity that something has before the plan.
pub(super) fn old(context: &Context<'_>, id: &ObjectId) -> ObjectId {
    let own = context.renames.iter().find(|r| r.to == *id).map_or(id, |r| &r.from);
    before_renames(own, context.renames)
}

/// The name that a table has before the plan.
pub(super) fn old_table(context: &Context<'_>, table: &Qualified) -> Qualified {
    old(context, &context.after.indexed(table)).qualified().unwrap_or(*table)
}

/// The name that a column has before the plan.
pub(super) fn old_column(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> ColumnName {
    old(context, &ObjectId::column(*table, *name)).as_column().map_or(*name, |(_, old)| old)
}

/// The rows of a table as they will be when they are read, told by what there is before the plan: an item of `from`.
/// `None` where a value is made that nobody can foretell, or has attributes that are not there yet.
pub(super) fn rows_of(context: &Context<'_>, table: &Qualified, needed: &[ColumnName], alias: &str) -> Option<String> {
    let here = old_table(context, table);
    let (mut plain, mut computed): (BTreeMap<ColumnName, String>, BTreeMap<ColumnName, String>) = Default::default();
    let mut changed = false;
    for name in reached(needed.iter().copied(), |name| computed_of(context, table, &name)) {
        let column = context.after.column(table, &name)?;
        let data_type = column.data_type.sql();
        if changes_inside(context, (table, &name), |change| !change.added.is_empty()) {
            return None;
        }
        if let Some(before) = context.before.column(table, &name) {
            let from = old_column(context, table, &name);
            let retyped = same_type(&before.data_type, &column.data_type) != Sameness::Same;
            changed |= retyped || from != name;
            let cast = if retyped { format!("::{data_type}") } else { String::new() };
            plain.insert(name, format!("{from}{cast} as {name}"));
            continue;
        }
        changed = true;
        match &column.value {
            ColumnValue::None => drop(plain.insert(name, format!("null::{data_type} as {name}"))),
            ColumnValue::Default(e) if is_stable_default(e.sql()) => {
                plain.insert(name, format!("({})::{data_type} as {name}", e.sql()));
            }
            ColumnValue::Default(_) | ColumnValue::Identity(_) => return None,
            ColumnValue::Generated(e, _) => {
                drop(computed.insert(name, format!("({})::{data_type} as {name}", e.sql())))
            }
        }
    }
    if !changed {
        return Some(if here.name.as_str() == alias { here.to_string() } else { format!("{here} as {alias}") });
    }
    let inner = format!("(select {} from {here}) as {alias}", list(plain.values()));
    if computed.is_empty() {
        return Some(inner);
    }
    Some(format!("(select *, {} from {inner}) as {alias}", list(computed.values())))
}

/// The columns that a column which the plan adds is computed of.
fn computed_of(context: &Context<'_>, table: &Qualified, name: &ColumnName) -> Vec<ColumnName> {
    let added = context.before.column(table, name).is_none();
    match context.after.column(table, name).filter(|_| added).map(|column| &column.own.value) {
        Some(ColumnValue::Generated(expression, _)) => columns_named(expression.sql()),
        _ => Vec::new(),
    }
}

pub(super) fn columns_named(sql: &str) -> Vec<ColumnName> {
    let named = references_of_expression(sql).into_iter();
    named.filter_map(|r| if let Reference::Column(_, n) = r { Some(ColumnName::new(n)) } else { None }).collect()
}

/// The columns of its table that an object of the later state leans on.
pub(super) fn needed(context: &Context<'_>, table: &Qualified, id: &ObjectId) -> Vec<ColumnName> {
    let own = |need: ObjectId| need.as_column().filter(|(of, _)| of == table).map(|(_, name)| name);
    context.after_names.needs(id).into_iter().filter_map(own).collect()
}

fn breaks(object: &ObjectId, says: String, rows: String) -> Look {
    Look { kind: LookKind::Breaks, object: *object, says, rows, behind: None }
}

fn short(table: &Qualified) -> String {
    ObjectId::table(*table).short()
}

/// `set not null`: rows that are null there, and what is refused while they are looked for.
pub(super) fn not_null(
    context: &Context<'_>,
    (table, name): (&Qualified, &ColumnName),
    constraint: &ConstraintName,
) -> (Option<Look>, Rule) {
    let object = ObjectId::column(*table, *name);
    let rows = |from: &str| format!("select * from {from} where {name} is null");
    let from = rows_of(context, table, std::slice::from_ref(name), &table.name.to_string());
    let says = format!("rows of {} with null in {name}", short(table));
    let rule = Rule {
        object,
        constraint: constraint.as_str().to_owned(),
        refuses: format!("inserts and updates of {} that leave {name} null", short(table)),
        rows: rows(&table.to_string()),
        segments: 2,
    };
    (from.map(|from| breaks(&object, says, rows(&from))), rule)
}

/// A check or foreign key that is added not valid: rows that break it, and what is refused while they are looked for.
/// Nothing for what no row can break.
pub(super) fn constraint(
    context: &Context<'_>,
    (table, name): (&Qualified, &ConstraintName),
    object: &Object,
) -> (Option<Look>, Option<Rule>) {
    let id = ObjectId::constraint(*table, *name);
    let (told, refuses) = match object.body.constraint() {
        Some(TableConstraint::Check(check)) => (
            of_check(context, (table, &id), check),
            format!("inserts and updates of {} that break check {name}: {}", short(table), check.expression.sql()),
        ),
        Some(TableConstraint::ForeignKey(key)) => (of_foreign_key(context, table, key), refused_by(table, key)),
        Some(TableConstraint::Key(_) | TableConstraint::Exclusion(_)) | None => return (None, None),
    };
    let says = format!("rows of {} breaking {name}", short(table));
    let rule = Rule { object: id, constraint: name.as_str().to_owned(), refuses, rows: told.1, segments: 1 };
    (told.0.map(|rows| breaks(&id, says, rows)), Some(rule))
}

/// Queries for the rows that break a constraint: before the plan (`None` where a value cannot be foretold), and under
/// the names of then.
type Told = (Option<String>, String);

fn of_check(context: &Context<'_>, (table, id): (&Qualified, &ObjectId), check: &Check) -> Told {
    let rows = |from: &str| format!("select * from {from} where not ({})", check.expression.sql());
    let from = rows_of(context, table, &needed(context, table, id), &table.name.to_string());
    (from.map(|from| rows(&from)), rows(&table.to_string()))
}

fn refused_by(table: &Qualified, key: &ForeignKey) -> String {
    let (columns, target) = (list(&key.columns), short(&key.references));
    let kept = |action: Action| matches!(action, Action::NoAction | Action::Restrict);
    let own = short(table);
    let there = if kept(key.on_delete) || kept(key.on_update) {
        format!(", and deletes and updates of {target} that take away what {own} refers to")
    } else {
        String::new()
    };
    format!("inserts and updates of {own} with {columns} not in {target} ({}){there}", list(&key.referenced))
}

fn of_foreign_key(context: &Context<'_>, table: &Qualified, key: &ForeignKey) -> Told {
    let each: Vec<String> = key.columns.iter().map(|c| format!("l.{c} is not null")).collect();
    let present = each.join(if key.match_type == MatchType::Full { " or " } else { " and " });
    let same = |(a, b): (&ColumnName, &ColumnName)| {
        let equals = equals(context, context.after.column(table, a).map(|column| column.own));
        format!("r.{b} {equals} l.{a}")
    };
    let joined: Vec<String> = key.columns.iter().zip(&key.referenced).map(same).collect();
    let rows = |left: &str, right: Option<&str>| {
        let there = right.map(|r| format!(" and not exists (select from {r} where {})", joined.join(" and ")));
        format!("select l.* from {left} where ({present}){}", there.unwrap_or_default())
    };
    let then = rows(&format!("{table} as l"), Some(&format!("{} as r", key.references)));
    let left = rows_of(context, table, &key.columns, "l");
    // A table that the plan makes has no rows that anything could refer to.
    let before = if context.is_new(&key.references) {
        left.map(|left| rows(&left, None))
    } else {
        let right = rows_of(context, &key.references, &key.referenced, "r");
        left.zip(right).map(|(left, right)| rows(&left, Some(&right)))
    };
    (before, then)
}

/// The operator of a column's type: that of an extension's type stands where the extension is.
fn equals(context: &Context<'_>, column: Option<&Column>) -> String {
    let parsed = column.and_then(|c| parse_type(c.data_type.sql()).ok());
    let Some((schema, name)) = parsed.and_then(|p| Some((p.schema.filter(|_| !p.builtin)?, p.name))) else {
        return "=".to_owned();
    };
    let own = |kind| ObjectId::in_schema(kind, Qualified::new(&schema, &name));
    let managed = [ObjectKind::Enum, ObjectKind::Domain, ObjectKind::CompositeType, ObjectKind::RangeType]
        .into_iter()
        .any(|kind| context.after.has(&own(kind)));
    if managed { "=".to_owned() } else { format!("operator({}.=)", quote(&schema)) }
}

/// A key's unique index: values standing in several rows.
pub(super) fn key(context: &Context<'_>, table: &Qualified, id: &ObjectId, key: &Key) -> Ahead {
    let columns: Vec<String> = key.columns.iter().map(ToString::to_string).collect();
    let distinct = key.kind == KeyKind::Unique && key.nulls_not_distinct;
    Ahead::looking(twice(context, (table, id), (&key.columns, &columns, None), distinct))
}

/// The value of a key as it is compared, with its collation; `column` writes a column.
pub(super) fn compared(method: &str, key: &IndexKey, column: impl Fn(&ColumnName) -> String) -> Option<String> {
    let parts = parse_index_key(method, key.sql.sql()).ok()?;
    let collation: Vec<String> = parts.collation.iter().map(|name| quote(name)).collect();
    let target = match parts.target {
        KeyTarget::Column(name) => column(&ColumnName::new(name)),
        KeyTarget::Expression(text) => format!("({text})"),
    };
    Some(if collation.is_empty() { target } else { format!("({target} collate {})", collation.join(".")) })
}

/// A unique index: values standing in several rows.
pub(super) fn unique(context: &Context<'_>, id: &ObjectId, index: &Index) -> Ahead {
    // A view that is empty cannot be read.
    if !index.unique || context.before.view(&index.table).is_some_and(|view| !view.has_rows()) {
        return Ahead::none();
    }
    let target = |key: &IndexKey| compared(&index.method, key, |name| name.to_string());
    let Some(keys) = index.keys.iter().map(target).collect::<Option<Vec<_>>>() else {
        return Ahead::none();
    };
    let needed = needed(context, &index.table, id);
    let filter = index.predicate.as_ref().map(|p| p.sql());
    Ahead::looking(twice(context, (&index.table, id), (&needed, &keys, filter), index.nulls_not_distinct))
}

fn twice(
    context: &Context<'_>,
    (table, id): (&Qualified, &ObjectId),
    (needed, keys, filter): (&[ColumnName], &[String], Option<&str>),
    with_nulls: bool,
) -> Option<Look> {
    let from = rows_of(context, table, needed, &table.name.to_string())?;
    let mut filters: Vec<String> = filter.iter().map(|f| format!("({f})")).collect();
    if !with_nulls {
        filters.extend(keys.iter().map(|key| format!("{key} is not null")));
    }
    let filter = if filters.is_empty() { String::new() } else { format!(" where {}", filters.join(" and ")) };
    let unique: BTreeSet<&String> = keys.iter().collect();
    let keys = list(unique);
    let rows = format!("select {keys}, count(*) as rows from {from}{filter} group by {keys} having count(*) > 1");
    let says = format!("values standing in several rows of {}, which {} keeps apart", short(table), id.own_name());
    Some(Look { kind: LookKind::Fails, object: *id, says, rows, behind: None })
}
