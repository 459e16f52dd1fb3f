//! Counts values that another type refuses or changes: before a column gets it, and before it goes back.
use super::super::cast::{Cast, cast, is_text, keeps_values, may_refuse};
use super::super::format::{Assert, Condition, Look, LookKind, Step};
use super::super::sql::literal;
use super::ahead::{self, old_column, old_table};
use super::answer::Resource;
use super::context::Context;
use super::narrow::refused_and_changed;
use super::retyped::{Retyped, may_lose};
use super::schema::{blocks, loses};
use super::written::is_comparable;
use crate::canonical::{TypeName, parse_type, references_of_expression};
use crate::model::{Body, ColumnName, Index, Key, ObjectId, Qualified};

/// Functions and types of the later state that the declared expressions name.
pub(super) fn used<'c>(context: &'c Context<'_>, columns: &'c [Retyped<'_>]) -> impl Iterator<Item = Resource> + 'c {
    columns.iter().flat_map(|column| {
        let home = column.id.home().map(|home| home.to_string()).unwrap_or_default();
        let named = context.using.get(&column.id).map(|using| references_of_expression(using)).unwrap_or_default();
        let found = named.iter().flat_map(|reference| context.after_names.resolve(reference, &home));
        found.map(Resource::After).collect::<Vec<_>>()
    })
}

/// Tells whether PostgreSQL may refuse to convert a value.
pub(super) fn may_fail(context: &Context<'_>, column: &Retyped<'_>) -> bool {
    let (from, to) = (column.before.data_type.sql(), column.after.data_type.sql());
    context.using.contains_key(&column.id) || may_refuse((context.before, from), (context.after, to))
}

/// Looks for values that cannot be converted, or are other ones afterwards; and what holds under the lock, where
/// PostgreSQL would change a value without a word.
pub(super) fn looks(context: &Context<'_>, table: &Qualified, columns: &[Retyped<'_>]) -> (Vec<Look>, Vec<Step>) {
    let (mut looks, mut asserts) = (Vec::new(), Vec::new());
    let here = old_table(context, table);
    for column in columns.iter().filter(|c| c.is_of_another_type() && !c.is_computed) {
        let name = old_column(context, table, &column.name);
        let look = |kind, says: String, filter: &str| {
            let rows = format!("select * from {here} where {filter}");
            Look { kind, object: column.id, says, rows, behind: None }
        };
        let (from, to) = (column.before.data_type.sql(), column.after.data_type.sql());
        if let Some(using) = context.using.get(&column.id) {
            let filter = changed_by(context, column, using);
            let says = format!("values of {} that are not the same in {to}", column.id.short());
            looks.extend(filter.filter(|_| name == column.name).map(|filter| look(LookKind::Loses, says, &filter)));
            continue;
        }
        let (refused, changed) = converted(context, &name, (from, to));
        let says = format!("values of {} which {to} cannot hold", column.id.short());
        looks.extend(refused.map(|filter| look(LookKind::Fails, says, &filter)));
        if may_lose(context, column) {
            let says = format!("values of {} that are not the same in {to}", column.id.short());
            looks.extend(changed.map(|filter| look(LookKind::Loses, says, &filter)));
        } else if let Some(length) = cut_to(context, (from, to)) {
            asserts.push(Step::Assert(Assert {
                sql: format!("select count(*) from {table} where length({}) > {length}", column.name),
                expect: "0".to_owned(),
                says: format!("no value of {} is longer than {length} characters", column.id.short()),
                about: None,
            }));
        }
    }
    looks.extend(no_longer_apart(context, table, columns));
    (looks, asserts)
}

/// What holds before columns are dropped that are computed anew: nothing else would go with one without a word.
pub(super) fn nothing_else(table: &Qualified, columns: &[Retyped<'_>]) -> Vec<Step> {
    let one = |column: &Retyped<'_>| {
        let sql = format!(
            "select count(*) from pg_catalog.pg_depend d join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and \
             a.attnum = d.refobjsubid where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and \
             a.attrelid = {}::pg_catalog.regclass and a.attname = {} and d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass \
             and not exists (select from pg_catalog.pg_constraint c where c.oid = d.objid and c.contype = 'n' and \
             d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass)",
            literal(&table.to_string()),
            literal(column.name.as_str())
        );
        let says = format!("nothing that the plan does not know stands on column {}", column.id.short());
        Step::Assert(Assert { sql, expect: "0".to_owned(), says, about: None })
    };
    columns.iter().filter(|column| column.is_computed).map(one).collect()
}

/// Condition of the values that a declared expression makes others of, which would not come back.
fn changed_by(context: &Context<'_>, column: &Retyped<'_>, using: &str) -> Option<String> {
    let (name, old, new) = (&column.name, column.before.data_type.sql(), column.after.data_type.sql());
    Some(match cast((context.after, new), (context.before, old)) {
        Cast::None => format!("{name} is not null"),
        Cast::Explicit | Cast::Assignment => differs(&format!("(({using})::{new})::{old}"), name, old),
    })
}

/// Length to which PostgreSQL cuts characters, if what it cuts off are blanks.
fn cut_to(context: &Context<'_>, (from, to): (&str, &str)) -> Option<i64> {
    let found = parse_type(to).ok()?;
    let text = is_text((context.before, from)) && is_text((context.after, to)) && found.builtin;
    found.modifiers.first().filter(|_| text)?.parse().ok()
}

/// Conditions of the values that a type refuses, and of those that it changes, of a column of another type.
fn converted(context: &Context<'_>, name: &ColumnName, (from, to): (&str, &str)) -> (Option<String>, Option<String>) {
    let (Ok(of), Ok(found)) = (parse_type(from), parse_type(to)) else { return (None, None) };
    if let Some(length) = cut_to(context, (from, to)) {
        return (Some(format!("length({name}) > {length}")), None);
    }
    let (refused, changed) = within(name, (&of, from), (&found, to));
    (refused.filter(|_| may_refuse((context.before, from), (context.after, to))), changed)
}

/// The same for two types of one family, and for what is converted through a number or a time.
fn within(
    name: &ColumnName,
    (of, from): (&TypeName, &str),
    (found, to): (&TypeName, &str),
) -> (Option<String>, Option<String>) {
    let plain = of.builtin && found.builtin && of.dimensions + found.dimensions == 0;
    let integer = |name: &str| match name {
        "int2" => Some("-32768 and 32767"),
        "int4" => Some("-2147483648 and 2147483647"),
        "int8" => Some("-9223372036854775808 and 9223372036854775807"),
        _ => None,
    };
    let is_whole = integer(&of.name).is_some();
    let is_number = is_whole || ["numeric", "float4", "float8"].contains(&of.name.as_str());
    match (found.name.as_str(), found.modifiers.first()) {
        ("varchar" | "bpchar", Some(length)) if plain => (Some(format!("length({name}::text) > {length}")), None),
        (to, _) if plain && is_number && integer(to).is_some() => {
            let bounds = integer(to).unwrap_or_default();
            match is_whole {
                true => (Some(format!("{name} not between {bounds}")), None),
                false => {
                    let rounded = format!("round({name}) is distinct from {name}");
                    (Some(format!("round({name}) not between {bounds}")), Some(rounded))
                }
            }
        }
        ("numeric", Some(_)) if plain && is_number && of.name != "numeric" => {
            let (over, rounded) = refused_and_changed(&format!("{name}::numeric"), to, found);
            (over, rounded.filter(|_| !is_whole))
        }
        ("numeric", Some(_)) | ("bit" | "varbit", Some(_)) if plain && of.name == found.name => {
            refused_and_changed(&name.to_string(), to, found)
        }
        ("vector" | "halfvec" | "sparsevec", Some(dimensions)) if !of.builtin && of.dimensions == 0 => {
            let refused = match of.name.as_str() {
                "sparsevec" => format!("split_part({name}::text, '/', 2) <> '{dimensions}'"),
                _ => {
                    refused_and_changed(&name.to_string(), to, &TypeName { name: "vector".to_owned(), ..found.clone() })
                        .0
                        .unwrap_or_default()
                }
            };
            (Some(refused), Some(differs(&format!("({name}::{to})::{from}"), name, from)))
        }
        _ => (None, Some(differs(&format!("({name}::{to})::{from}"), name, from))),
    }
}

/// Condition that a value is not the column's: by its type's equality where that says that two are one, else by their
/// texts.
fn differs(value: &str, name: &ColumnName, data_type: &str) -> String {
    match is_comparable(data_type) {
        true => format!("{value} is distinct from {name}"),
        false => format!("({value})::text is distinct from {name}::text"),
    }
}

/// Keys and unique indexes of the table that stay, over columns whose values may be others afterwards: those may be the
/// same.
fn no_longer_apart(context: &Context<'_>, table: &Qualified, columns: &[Retyped<'_>]) -> Vec<Look> {
    let lossy: Vec<ObjectId> = columns.iter().filter(|c| may_lose(context, c)).map(|c| c.id).collect();
    let stays = |id: &ObjectId| context.before.has(id) && !context.leaving.contains(id);
    let leans = |id: &ObjectId| context.after_names.needs(id).iter().any(|need| lossy.contains(need));
    let keys = context.after.constraints(table).filter_map(|(name, object)| {
        let (id, Body::Key(key)) = (ObjectId::constraint(*table, name), &object.body) else { return None };
        (stays(&id) && leans(&id)).then(|| looks_of_key(context, table, &id, key))
    });
    let indexes = context.after.indexes().filter(|(_, index)| index.table == *table).filter_map(|(name, index)| {
        let id = ObjectId::index(name);
        (stays(&id) && leans(&id)).then(|| looks_of_index(context, &id, &index))
    });
    keys.chain(indexes).flatten().collect()
}

fn looks_of_key(context: &Context<'_>, table: &Qualified, id: &ObjectId, key: &Key) -> Vec<Look> {
    ahead::key(context, table, id, key).looks
}

fn looks_of_index(context: &Context<'_>, id: &ObjectId, index: &Index) -> Vec<Look> {
    ahead::unique(context, id, index).looks
}

/// Conditions of the way back: values by then that the earlier type refuses, and those that it changes.
pub(super) fn back(context: &Context<'_>, table: &Qualified, column: &Retyped<'_>) -> Vec<Condition> {
    let (name, id) = (&column.name, &column.id);
    let (old, new) = (column.before.data_type.sql(), column.after.data_type.sql());
    let refuses = format!("values of {} which {old} cannot hold", id.short());
    let changes = format!("values of {} that are not the same in {old}", id.short());
    if is_text((context.after, new)) && !is_text((context.before, old)) {
        return from_text(table, column, (refuses, changes)).into();
    }
    let count = |filter: &str| format!("select count(*) from {table} where {filter}");
    let (Ok(of), Ok(found)) = (parse_type(new), parse_type(old)) else { return Vec::new() };
    let text = is_text((context.before, old)) && is_text((context.after, new));
    let (refused, changed) = match (text && found.builtin, found.modifiers.is_empty()) {
        (true, true) => (None, None),
        (true, false) => {
            let as_varchar = TypeName { name: "varchar".to_owned(), ..found.clone() };
            refused_and_changed(&name.to_string(), old, &as_varchar)
        }
        (false, _) => within(name, (&of, new), (&found, old)),
    };
    let never = keeps_values((context.after, new), (context.before, old));
    let changed = changed.filter(|_| !never);
    let refused = refused.filter(|_| may_refuse((context.after, new), (context.before, old)));
    let refused = refused.map(|filter| blocks(id, count(&filter), refuses));
    refused.into_iter().chain(changed.map(|filter| loses(id, count(&filter), changes))).collect()
}

/// Conditions of characters that are to be values of another type again. Servers before PostgreSQL 16 do not tell which
/// can be: there the count of those that change fails by the first that cannot.
fn from_text(table: &Qualified, column: &Retyped<'_>, (refuses, changes): (String, String)) -> [Condition; 2] {
    let (name, id, old) = (&column.name, &column.id, column.before.data_type.sql());
    let valid = format!("pg_catalog.pg_input_is_valid({name}::text, {})", literal(old));
    let other = format!("({name}::{old})::text is distinct from {name}::text");
    let is_told = "to_regproc('pg_catalog.pg_input_is_valid') is not null";
    // Read only where the function is there: `ts_stat` runs a query that is a text, and counts its rows.
    let counted = |filter: &str| {
        let rows = format!("select 'x'::tsvector from {table} where {filter}");
        format!("coalesce((select ndoc from ts_stat({})), 0)", literal(&rows))
    };
    let refused = counted(&format!("not {valid}"));
    let changed = counted(&format!("case when {valid} then {other} else false end"));
    let plain = format!("(select count(*) from {table} where {other})");
    [
        blocks(id, format!("select case when {is_told} then {refused} else 0 end"), refuses),
        loses(id, format!("select case when {is_told} then {changed} else {plain} end"), changes),
    ]
}
