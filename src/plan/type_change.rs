//! Tells what a change of a column's type costs: nothing but the catalog, indexes built anew, or a rewrite.
use super::cast::beneath;
use super::operation::{Context, Cost};
use super::problem::Problem;
use crate::canonical::{KeyTarget, Sameness, TypeName, parse_index_key, parse_type, same_type};
use crate::diff::{Alteration, Change, ColumnChange, What};
use crate::model::{Body, Column, ColumnName, ColumnValue, ExtensionName, Index, ObjectId, State};
use std::collections::BTreeMap;

/// Columns whose type or collation changes with more than the catalog, each with what that costs: the table is written
/// anew, or what stands on the column is built again, or read for. PostgreSQL does it while nobody uses the table.
pub(super) fn retyped(context: &Context<'_>, changes: &[Change]) -> BTreeMap<ObjectId, Cost> {
    let other = |a: &Alteration| matches!(a, Alteration::Column(ColumnChange::Type | ColumnChange::Collation));
    let altered = |change: &&Change| matches!(&change.what, What::Altered(list) if list.iter().any(other));
    let mut out = BTreeMap::new();
    for change in changes.iter().filter(altered) {
        let (Some(Body::Column(a)), Some(Body::Column(b))) =
            (context.before.body(&change.id), context.after.body(&change.id))
        else {
            continue;
        };
        let cost = cost(context, &change.id, (a, b));
        let whole = |id: &ObjectId| match context.before.body(id) {
            Some(Body::Index(index)) => !searches_without_dimensions(context, index),
            _ => true,
        };
        let built = in_the_way(context, &change.id, cost != Cost::Catalog).is_some_and(|id| whole(&id));
        // A default of another type is set with it, or PostgreSQL would have to convert it.
        let revalued = matches!((&a.value, &b.value), (ColumnValue::Default(_), _)) && cost != Cost::Catalog;
        if cost == Cost::Rewrite || built || revalued || a.collation != b.collation {
            out.insert(change.id, cost);
        }
    }
    out
}

/// Cost of the column's change for the table's own file and the indexes on the plain column.
fn cost(context: &Context<'_>, id: &ObjectId, (a, b): (&Column, &Column)) -> Cost {
    let (from, to) = (a.data_type.sql(), b.data_type.sql());
    let collated = if a.collation == b.collation { Cost::Catalog } else { Cost::Indexes };
    match same_type(&a.data_type, &b.data_type) {
        Sameness::Same => collated,
        Sameness::Disputed | Sameness::Different if context.using.contains_key(id) => Cost::Rewrite,
        Sameness::Disputed | Sameness::Different => {
            between(context, (context.before, from), (context.after, to)).max(collated)
        }
    }
}

/// Cost of a change from one type to another, by the conversion that PostgreSQL takes by itself.
pub(super) fn between(context: &Context<'_>, (before, from): (&State, &str), (after, to): (&State, &str)) -> Cost {
    let (Some((from, _)), Some((to, limited))) = (beneath((before, from)), beneath((after, to))) else {
        return Cost::Rewrite;
    };
    let (from, to) = (from.as_str(), to.as_str());
    match () {
        // Every value is looked at, and written.
        () if limited => Cost::Rewrite,
        () if from == to => Cost::Catalog,
        () if keeps_every_file(from, to) || loses_dimensions(context, from, to) => Cost::Catalog,
        () if keeps_the_table(from, to) => Cost::Indexes,
        () => Cost::Rewrite,
    }
}

/// Tells whether a type change touches the catalog only, as measured: no rewrite, no scan, indexes on the plain column
/// kept. Everything else counts as a rewrite.
#[must_use]
pub(super) fn keeps_every_file(from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (parse_type(from), parse_type(to)) else { return false };
    if !from.builtin || !to.builtin || from.dimensions > 0 || to.dimensions > 0 {
        return false;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("varchar", "text") => true,
        ("text", "varchar") => to.modifiers.is_empty(),
        ("cidr", "inet") => true,
        ("varchar", "varchar")
        | ("varbit", "varbit")
        | ("timestamp", "timestamp")
        | ("timestamptz", "timestamptz")
        | ("time", "time")
        | ("timetz", "timetz") => widens(&from, &to),
        ("numeric", "numeric") => match (number(&from, 0), number(&to, 0)) {
            (_, None) => true,
            (Some(a), Some(b)) => b >= a && number(&from, 1) == number(&to, 1),
            (None, Some(_)) => false,
        },
        _ => false,
    }
}

/// Tells whether a vector type loses its dimensions, which touches the catalog only, as measured on PostgreSQL 16 and
/// 18 with pgvector 0.6 and 0.8: no coercion runs where no modifier is asked for.
pub(super) fn loses_dimensions(context: &Context<'_>, from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (parse_type(from), parse_type(to)) else { return false };
    let extension = ObjectId::extension(ExtensionName::new("vector"));
    let Some(Body::Extension(extension)) = context.after.body(&extension) else { return false };
    ["vector", "halfvec", "sparsevec"].contains(&to.name.as_str())
        && to.schema.as_deref() == Some(extension.schema.as_str())
        && (&from.schema, &from.name) == (&to.schema, &to.name)
        && from.dimensions + to.dimensions == 0
        && to.modifiers.is_empty()
}

/// Tells whether a type change keeps the table's file and builds every index on the column anew, as measured. Times are
/// the same with and without a zone in a session whose zone is UTC, as pgform's are.
#[must_use]
pub(super) fn keeps_the_table(from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (parse_type(from), parse_type(to)) else { return false };
    let plain = from.builtin && to.builtin && from.dimensions + to.dimensions == 0;
    let pair = (from.name.as_str(), to.name.as_str());
    plain
        && match pair {
            ("bit", "varbit") => to.modifiers.is_empty(),
            ("timestamp", "timestamptz") | ("timestamptz", "timestamp") => {
                to.modifiers.is_empty() || to.modifiers == from.modifiers
            }
            ("int4", "oid") | ("oid", "int4") => true,
            _ => false,
        }
}

/// Object that is read or built again, under the strong lock, with a change of a column's type that keeps the table as
/// it is. What the plan drops goes before it.
pub(super) fn in_the_way(context: &Context<'_>, id: &ObjectId, every_index: bool) -> Option<ObjectId> {
    let blocks = |dependent: &ObjectId| match context.before.body(dependent) {
        _ if !context.after.has(dependent) => false,
        Some(Body::Index(index)) if searches_without_dimensions(context, index) => !context.leaving.contains(dependent),
        Some(Body::Index(index)) => every_index || reads_values(index),
        Some(Body::Key(_)) => every_index,
        Some(Body::View(_)) => false,
        Some(Body::Definition(_)) => false,
        _ => true,
    };
    context.dependents_before(id).into_iter().find(blocks)
}

/// Tells whether an index has an expression or a condition: it is built again with whatever stands in it.
pub(super) fn reads_values(index: &Index) -> bool {
    index.predicate.is_some() || index.keys.iter().any(|key| key.sql.sql().contains('('))
}

/// Tells whether an index of pgvector's is on a column that loses its dimensions: it would serve on, and could never be
/// built again, not by a restore, and not on the way back. So it goes before that, also where another takes its name.
pub(super) fn searches_without_dimensions(context: &Context<'_>, index: &Index) -> bool {
    let [key] = index.keys.as_slice() else { return false };
    if !matches!(index.method.as_str(), "hnsw" | "ivfflat") {
        return false;
    }
    let Ok(KeyTarget::Column(name)) = parse_index_key(&index.method, key.sql.sql()).map(|key| key.target) else {
        return false;
    };
    let column = |state: &State| Some(state.column(&index.table, &ColumnName::new(&name))?.data_type.sql().to_owned());
    matches!((column(context.before), column(context.after)), (Some(from), Some(to)) if from != to && loses_dimensions(context, &from, &to))
}

/// Problem of a column's type that cannot follow its extension to another schema; none where that is not what happens.
pub(super) fn moves_away(context: &Context<'_>, id: &ObjectId, pair: (&Column, &Column)) -> Option<Problem> {
    let extension = moved_with(context, pair)?;
    let message = format!(
        "column {} has a type of extension {extension}, which pgform cannot move to another schema yet while a column uses it",
        id.short()
    );
    let help = Some(format!("leave {extension} in the schema where it is"));
    Some(Problem { help, ..Problem::not_yet(id, message).at("type") })
}

/// The extension that moves to another schema and takes the type with it, where that is all that differs.
fn moved_with(context: &Context<'_>, (a, b): (&Column, &Column)) -> Option<ExtensionName> {
    let (from, to) = (parse_type(a.data_type.sql()).ok()?, parse_type(b.data_type.sql()).ok()?);
    if from.name != to.name || from.modifiers != to.modifiers || from.dimensions.min(1) != to.dimensions.min(1) {
        return None;
    }
    context.before_names.extensions().find_map(|id| {
        match (id.as_extension(), context.before.body(id), context.after.body(id)) {
            (Some(name), Some(Body::Extension(a)), Some(Body::Extension(b)))
                if from.schema.as_deref() == Some(a.schema.as_str())
                    && to.schema.as_deref() == Some(b.schema.as_str()) =>
            {
                (a.schema != b.schema).then_some(name)
            }
            _ => None,
        }
    })
}

fn number(name: &TypeName, at: usize) -> Option<i64> {
    name.modifiers.get(at).and_then(|m| m.parse().ok())
}

fn widens(from: &TypeName, to: &TypeName) -> bool {
    match (number(from, 0), number(to, 0)) {
        (_, None) => true,
        (Some(a), Some(b)) => b >= a,
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_measured_pairs_are_cheap() {
        for (from, to) in [
            ("character varying(5)", "character varying(9)"),
            ("character varying(5)", "text"),
            ("text", "character varying"),
            ("numeric(5,2)", "numeric(9,2)"),
            ("numeric(5,2)", "numeric"),
            ("timestamp(3) without time zone", "timestamp without time zone"),
        ] {
            assert!(keeps_every_file(from, to), "{from} -> {to}");
        }
        for (from, to) in [
            ("character varying(9)", "character varying(5)"),
            ("text", "character varying(5)"),
            ("integer", "bigint"),
            ("numeric(5,2)", "numeric(9,3)"),
            ("character(3)", "text"),
            ("public.vector(3)", "public.vector"),
            ("character varying(5)[]", "text[]"),
            ("timestamp without time zone", "timestamp with time zone"),
            ("bit(3)", "bit varying"),
        ] {
            assert!(!keeps_every_file(from, to), "{from} -> {to}");
        }
        assert!(keeps_the_table("bit(3)", "bit varying"));
        assert!(keeps_the_table("timestamp without time zone", "timestamp with time zone"));
        for (from, to) in [("bit(3)", "bit varying(3)"), ("bit varying", "bit(3)"), ("bit(3)[]", "bit varying[]")] {
            assert!(!keeps_the_table(from, to), "{from} -> {to}");
        }
    }
}
