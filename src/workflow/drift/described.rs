//! Drift in words: the differences of an object, attribute by attribute.
use crate::diff::{Change, What};
use crate::model::{Body, Object, ObjectId, ObjectKind, SchemaName, State};
use crate::report::{Difference, Drift, PartCounts, Words, brief, differences, joined};
use crate::store::Mark;
use std::collections::BTreeSet;

/// Words for the differences between two states: what they need of all objects is read once.
pub(crate) struct Describer<'s> {
    planned: &'s State,
    live: &'s State,
    words: Words,
    /// Parts of the tables that are made or missing, in the planned and in the live state.
    parts: (PartCounts, PartCounts),
}

impl<'s> Describer<'s> {
    pub(crate) fn new(changes: &[Change], planned: &'s State, live: &'s State) -> Self {
        let whole = changes.iter().filter(|change| matches!(change.what, What::Created | What::Dropped));
        let tables = whole.map(|change| change.id).filter(|id| id.is(ObjectKind::Table)).collect();
        let parts = (PartCounts::of(&tables, planned), PartCounts::of(&tables, live));
        Self { planned, live, words: words(planned), parts }
    }
}

/// Describes the difference between the expected state of an object and the live one.
pub(crate) fn drift_of(change: &Change, describer: &Describer<'_>) -> Drift {
    let Describer { planned, live, words, parts } = describer;
    let id = &change.id;
    let (does, object) = match &change.what {
        What::Created => (Mark::Created, live.get(id)),
        What::Dropped => (Mark::Dropped, planned.get(id)),
        What::Altered(_) | What::Renamed { .. } => (Mark::Altered, live.get(id)),
    };
    let differs: Vec<Difference> = match (&change.what, planned.get(id), live.get(id)) {
        (What::Altered(found), Some(a), Some(b)) => {
            differences(id, (a, b), found, words).into_iter().map(Difference::in_full).collect()
        }
        _ => Vec::new(),
    };
    let what = |o: &Object| match (&o.body, does) {
        (Body::Table(_), Mark::Created) => parts.1.words(id),
        (Body::Table(_), _) => parts.0.words(id),
        _ => brief(o, words),
    };
    let what = object.map(what).filter(|text| !text.is_empty()).map(|text| format!(": {text}"));
    let what = what.unwrap_or_default();
    let detail = match &change.what {
        What::Created => format!("made here, not declared{what}"),
        What::Dropped => format!("missing here{what}"),
        What::Altered(_) => joined(&differs),
        What::Renamed { from } => format!("renamed from {}", from.short()),
    };
    let table = match object.map(|object| &object.body) {
        Some(Body::Index(index)) => {
            Some(if live.has(id) { live.indexed(&index.table) } else { planned.indexed(&index.table) })
        }
        _ => None,
    };
    Drift {
        does,
        kind: object.map_or_else(|| id.word(), |o| o.word(id)).to_owned(),
        object: *id,
        called: id.short(),
        on: table.map(|t| t.short()),
        detail,
        differs,
        ways: Vec::new(),
    }
}

/// A difference on one line: `~ index documents_path_idx on documents  btree  →  hash`.
pub(crate) fn line(drift: &Drift) -> String {
    let on = drift.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
    format!("{} {} {}{on}  {}", drift.does.as_str(), drift.kind, drift.called, drift.detail)
}

/// Words that leave out the schema where all planned objects live in one.
fn words(state: &State) -> Words {
    let in_schemas = state.objects.keys().filter(|id| !id.is(ObjectKind::Schema));
    let schemas: BTreeSet<SchemaName> = in_schemas.filter_map(ObjectId::home).collect();
    Words::new(&schemas.iter().map(|s| s.as_str().to_owned()).collect::<Vec<_>>())
}
