//! Counts what may no longer fit on the way back from a wider type or wider bounds, as PostgreSQL would otherwise
//! stop midway, or round without a word.
use super::super::format::{Condition, Reversibility};
use super::super::sql::literal;
use super::answer::Inverse;
use super::schema::{blocks, loses};
use crate::canonical::{TypeName, parse_type};
use crate::model::{ColumnName, ObjectId, Qualified, SequenceOptions, quote};

/// The values of a column that its narrower type would refuse, and those that it would change.
pub(super) fn column(table: &Qualified, name: &ColumnName, narrow: &str) -> Vec<Condition> {
    let Ok(found) = parse_type(narrow) else { return Vec::new() };
    let id = ObjectId::column(*table, *name);
    let count = |filter: &str| format!("select count(*) from {table} where {filter}");
    let values = format!("values of {} written since", id.short());
    let (refused, changed) = refused_and_changed(&name.to_string(), narrow, &found);
    let beyond = match found.name.as_str() {
        "bit" => "of another length than",
        _ if !found.builtin => "of other dimensions than",
        _ => "beyond",
    };
    let blocks = refused.map(|filter| blocks(&id, count(&filter), format!("{values} {beyond} {narrow}")));
    let loses = changed.map(|filter| loses(&id, count(&filter), format!("{values} that {narrow} rounds or cuts")));
    blocks.into_iter().chain(loses).collect()
}

/// Conditions of the values that a narrower type of the same family refuses, and of those that it changes; `name` is the
/// value.
pub(super) fn refused_and_changed(name: &str, narrow: &str, found: &TypeName) -> (Option<String>, Option<String>) {
    let modifier = |at: usize| found.modifiers.get(at).and_then(|m| m.parse::<i64>().ok());
    match (found.name.as_str(), modifier(0)) {
        // What is cut off may be blanks.
        ("varchar", Some(length)) => (
            Some(format!("length(rtrim({name}, ' ')) > {length}")),
            Some(format!("length({name}) > {length} and length(rtrim({name}, ' ')) <= {length}")),
        ),
        // pgvector refuses another number of dimensions; sparsevec has no function that tells them.
        ("vector" | "halfvec", Some(dimensions)) if !found.builtin => {
            let schema = found.schema.as_deref().map(|s| format!("{}.", quote(s))).unwrap_or_default();
            (Some(format!("{schema}vector_dims({name}) <> {dimensions}")), None)
        }
        ("sparsevec", Some(dimensions)) if !found.builtin => {
            (Some(format!("split_part({name}::text, '/', 2) <> '{dimensions}'")), None)
        }
        ("bit", Some(length)) => (Some(format!("length({name}) <> {length}")), None),
        ("varbit", Some(length)) => (Some(format!("length({name}) > {length}")), None),
        ("numeric", Some(precision)) => {
            let scale = modifier(1).unwrap_or(0);
            let over =
                format!("{name} <> 'NaN' and abs(round({name}, {scale})) >= 10::numeric ^ ({})", precision - scale);
            (Some(over), Some(format!("round({name}, {scale}) <> {name}")))
        }
        ("timestamp" | "timestamptz" | "time" | "timetz", Some(_)) => {
            (None, Some(format!("{name}::{narrow} is distinct from {name}")))
        }
        ("cidr", _) => (None, Some(format!("{name}::cidr::inet is distinct from {name}"))),
        _ => (None, None),
    }
}

/// A sequence that has left the bounds which its way back would give it again.
pub(super) fn sequence(inverse: &mut Inverse, name: &Qualified, before: &SequenceOptions, after: &SequenceOptions) {
    let from = format!("(select last_value as at from {name}) as present");
    bounds(inverse, &ObjectId::sequence(*name), &from, (before, after));
}

/// Adds the conditions of [`sequence`] for the one behind an identity.
pub(super) fn identity(
    inverse: &mut Inverse,
    (table, name): (&Qualified, &ColumnName),
    before: &SequenceOptions,
    after: &SequenceOptions,
) {
    let of = format!("{}, {}", literal(&table.to_string()), literal(name.as_str()));
    let from = format!("(select pg_sequence_last_value(pg_get_serial_sequence({of})::regclass) as at) as present");
    bounds(inverse, &ObjectId::column(*table, *name), &from, (before, after));
}

fn bounds(inverse: &mut Inverse, id: &ObjectId, from: &str, (before, after): (&SequenceOptions, &SequenceOptions)) {
    if after.min >= before.min && after.max <= before.max {
        return;
    }
    let count = format!("select count(*) from {from} where at < {} or at > {}", before.min, before.max);
    let says = format!("present value of {} outside of {} to {}", id.short(), before.min, before.max);
    inverse.kind = inverse.kind.max(Reversibility::Conditional);
    inverse.conditions.push(blocks(id, count, says));
}
