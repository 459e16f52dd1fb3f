//! Reads and writes sequences, and the options that they share with identity columns.
use super::{
    attributes, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, texts},
};
use crate::canonical::{Reference, canonical_expression, references_of_expression};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Body, ColumnName, Object, ObjectId, Qualified, Sequence, SequenceOptions, SequenceType, Typed, Word, quote,
};
use crate::yaml::Entry;
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Sequence>,
    both: &["increment", "min", "max", "start", "cache", "cycle", "owned_by", "comment", "owner", "grants"],
    declared: &["renamed_from"],
    state: &[],
    later: &[],
};

pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::sequence(name);
    reader.name(&entry.key, "a sequence", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    let what = format!("the sequence {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let mut sequence = Sequence::default();
    attributes::read(&mut keys, &mut sequence);
    sequence.options = read_options(&mut keys, sequence.data_type);
    sequence.owned_by = owned_by(&mut keys, &name);
    keys.directives(|old| ObjectId::sequence(name.sibling(old)));
    let head = head::read(&mut keys);
    reader.insert(id, Some(Object { head, body: Body::Sequence(sequence) }));
}

/// Reads the options, whole: what is not written has PostgreSQL's default.
pub(super) fn read_options(keys: &mut Keys<'_, '_>, of: SequenceType) -> SequenceOptions {
    let increment = keys.integer("increment").unwrap_or(1);
    let usual = SequenceOptions::defaults(of, increment);
    let min = keys.integer("min").unwrap_or(usual.min);
    let max = keys.integer("max").unwrap_or(usual.max);
    let start = keys.integer("start").unwrap_or(if increment > 0 { min } else { max });
    let cache = keys.integer("cache").unwrap_or(1);
    let options = SequenceOptions { increment, min, max, start, cache, cycle: keys.flag("cycle") };
    let (id, what) = (keys.id, keys.what.clone());
    report_options(keys.reader, &id, &what, &options, of);
    options
}

/// Reports what PostgreSQL would refuse (<https://www.postgresql.org/docs/18/sql-createsequence.html>).
pub(super) fn report_options(
    reader: &mut Reader,
    id: &ObjectId,
    what: &str,
    options: &SequenceOptions,
    of: SequenceType,
) {
    if !reader.is_declared() {
        return;
    }
    let SequenceOptions { increment, min, max, start, cache, cycle: _ } = options;
    let wrong = [
        ("increment", *increment == 0, "the increment must not be 0".to_owned()),
        ("min", *min < of.min(), format!("the minimum {min} is below what {} holds", of.word())),
        ("max", *max > of.max(), format!("the maximum {max} is above what {} holds", of.word())),
        ("min", min >= max, format!("the minimum {min} must be less than the maximum {max}")),
        ("start", start < min || start > max, format!("the start {start} is not between {min} and {max}")),
        ("cache", *cache < 1, "the cache must be at least 1".to_owned()),
    ];
    if let Some((key, _, why)) = wrong.into_iter().find(|(_, broken, _)| *broken) {
        let place = reader.places.attribute(id, key).cloned();
        let diagnostic = Diagnostic::error(Code::Contradiction, format!("{what}: {why}"));
        reader.out.push(diagnostic.maybe_at(place.as_ref(), "here"));
    }
}

/// Reads `table.column` in the declaration, its three names in a plan.
fn owned_by(keys: &mut Keys<'_, '_>, sequence: &Qualified) -> Option<(Qualified, ColumnName)> {
    if !keys.reader.is_declared() {
        let parts = keys.texts("owned_by")?;
        if let [schema, table, column] = parts.as_slice() {
            return Some((Qualified::new(schema, table), ColumnName::new(column)));
        }
        let place = keys.key_place("owned_by");
        let message = format!("{} must be schema, table and column", keys.of("owned_by"));
        keys.error(Code::WrongType, message, &place, "here");
        return None;
    }
    let text = keys.sql("owned_by", canonical_expression)?;
    let found: Vec<Reference> = references_of_expression(text.as_written()).into_iter().collect();
    if let [Reference::Column(table, column)] = found.as_slice() {
        match table.as_slice() {
            [table] => return Some((sequence.sibling(table), ColumnName::new(column))),
            [schema, table] => return Some((Qualified::new(schema, table), ColumnName::new(column))),
            _ => {}
        }
    }
    let place = keys.node("owned_by").map_or_else(|| keys.place.clone(), |n| n.place.clone());
    keys.reader.out.push(
        Diagnostic::error(Code::WrongType, format!("{} must be `table.column`", keys.of("owned_by")))
            .at(&place, "here"),
    );
    None
}

/// Writes the options that are not PostgreSQL's default.
pub(super) fn write_options(out: &mut Out, options: &SequenceOptions, of: SequenceType) {
    for (key, value) in options.unusual(of) {
        out.put(key, value);
    }
    out.flag("cycle", options.cycle);
}

impl InState for Sequence {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(sequence: Typed<'_, Sequence>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    attributes::write(&mut out, sequence.own, |out, attribute| match (attribute, &sequence.owned_by) {
        ("options", _) => write_options(out, &sequence.options, sequence.data_type),
        (_, Some((table, column))) if out.is_state() => {
            out.put("owned_by", Value::Sequence(texts([table.schema.as_str(), table.name.as_str(), column.as_str()])));
        }
        (_, Some((table, column))) => {
            out.put("owned_by", format!("{}.{}.{}", table.schema, quote(table.name.as_str()), column));
        }
        (_, None) => {}
    });
    head::write(&mut out, sequence.head);
    out.done()
}
