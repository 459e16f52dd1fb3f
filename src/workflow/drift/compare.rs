//! Drift: the differences between the state that a database should have and its live catalog, object by object.
use super::described::{self, Describer};
use super::not_null_names::name_not_nulls;
use crate::diagnostic::Diagnostics;
use crate::diff::{Alteration, Change, ColumnChange, Hints, What, diff, with_unrecorded};
use crate::model::{Object, ObjectId, ObjectKind, State, Weight};
use crate::plan::{needed, neighbourhood, restrict};
use crate::report::Drift;
use crate::shadow::{Bench, BuildError};
use crate::store::{Plans, Use};
use crate::workflow::invocation::project::Project;
use std::collections::BTreeSet;

/// Difference between the expected state of an object and the live one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftLine {
    /// The object.
    pub object: ObjectId,
    /// `+` made there, `-` missing there, `~` different there.
    pub mark: char,
    /// The line.
    pub text: String,
    /// True where it stops a plan that depends on the object; of comments, owners and the like it only warns.
    pub(crate) hard: bool,
    /// The difference.
    pub(crate) what: What,
    /// The difference as data, with the ways out.
    pub report: Drift,
}

/// Live state of a database, with the context to compare it.
#[derive(Clone, Copy)]
pub(crate) struct There<'a> {
    /// The objects, as read.
    pub(crate) state: &'a State,
    /// The server's major version.
    pub(crate) major: u32,
    /// Objects outside of the scope that the live and the expected state use: the shadow makes stand-ins for those that
    /// it lacks.
    pub(crate) uses: &'a [Use],
    /// The plans: names remain from before their renames.
    pub(crate) plans: &'a Plans,
    /// The project: objects that it leaves to others are not compared.
    pub(crate) project: &'a Project,
}

/// Compares some objects. Texts that differ are built and printed by one shadow before they count: another major
/// version prints the same view, and the same function's defaults, differently. Everything else needs no shadow.
pub(crate) async fn drift(
    expected: &State,
    there: There<'_>,
    of: &BTreeSet<ObjectId>,
) -> Result<Vec<DriftLine>, Diagnostics> {
    let live = there.state;
    let recorded = &there.project.managed(expected);
    let expected = recorded;
    let expected = &with_unrecorded(expected, live, there.major);
    let (a, b) = (restrict(expected, of), restrict(live, of));
    let first = diff(&a, &b, &Hints::default()).changes;
    let texts: BTreeSet<ObjectId> = first.into_iter().filter(is_text).map(|c| c.id).collect();
    let opaque: BTreeSet<ObjectId> =
        a.definitions().filter(|(id, ..)| create(&a, id) != create(&b, id) && b.has(id)).map(|(id, ..)| *id).collect();
    let (mut a, mut b, opaque) = if texts.is_empty() && opaque.is_empty() {
        (a, b, opaque)
    } else {
        let mut bench = Bench::open_with(None, &[expected, live], there.uses).await?;
        let settled = settled(&mut bench, (expected, live), (a, b), &texts).await;
        let differ = match settled {
            Ok(_) => printed(&mut bench, expected, live, opaque).await,
            Err(_) => Ok(opaque),
        };
        bench.close().await?;
        let (a, b) = settled?;
        (a, b, differ?)
    };
    name_not_nulls(&mut a, (&mut b, there.major), recorded, there.plans);
    let mut texts = opaque;
    let mut changes = diff(&a, &b, &Hints::default()).changes;
    for change in &mut changes {
        if let What::Altered(list) = &mut change.what {
            list.retain(|alteration| !is_statement(alteration));
            if texts.remove(&change.id) {
                list.insert(0, Alteration::Carried("create"));
            }
        }
    }
    changes.retain(|change| !matches!(&change.what, What::Altered(list) if list.is_empty()));
    let text = |id| Change { id, what: What::Altered(vec![Alteration::Carried("create")]) };
    changes.extend(texts.into_iter().map(text));
    changes.sort_by_key(|x| x.id);
    let whole: BTreeSet<ObjectId> = changes.iter().filter(|c| is_whole(c)).map(|c| c.id).collect();
    let told = changes.iter().filter(|c| !is_part(c, &whole, &a, &b));
    let describer = Describer::new(&changes, &a, &b);
    Ok(told.map(|change| line(change, (&a, &b), &describer)).collect())
}

/// Tells whether a difference is in a definition's statement: those are compared by the text that a shadow prints.
fn is_statement(alteration: &Alteration) -> bool {
    let is_create = |names: &[&str]| names == ["create"];
    matches!(alteration, Alteration::Redefined) || matches!(alteration, Alteration::Replaced(names) if is_create(names))
}

/// Tells whether a difference may be one of printing alone.
fn is_text(change: &Change) -> bool {
    let What::Altered(alterations) = &change.what else { return false };
    alterations.iter().any(|alteration| match alteration {
        Alteration::Column(change) => *change != ColumnChange::Nullability,
        Alteration::Replaced(names) => {
            names.iter().any(|name| matches!(*name, "query" | "columns" | "keys" | "where" | "expression"))
        }
        Alteration::Carried(name) => matches!(*name, "defaults" | "storage"),
        Alteration::Comment
        | Alteration::Owner
        | Alteration::Privileges
        | Alteration::ColumnPrivileges
        | Alteration::IndexComment
        | Alteration::Extension(_)
        | Alteration::Enumeration(_)
        | Alteration::SequenceOptions
        | Alteration::SequenceOwner
        | Alteration::Validated
        | Alteration::AttributesRenamed(_)
        | Alteration::Redefined
        | Alteration::RowSecurity(_)
        | Alteration::ViewOptions
        | Alteration::ColumnComments
        | Alteration::Kept(_) => false,
    })
}

fn create<'s>(state: &'s State, id: &ObjectId) -> Option<&'s str> {
    state.get(id)?.definition()?.text()
}

/// Tells whether a table, or a view, is created or missing as a whole.
fn is_whole(change: &Change) -> bool {
    change.id.kind().has_columns() && matches!(change.what, What::Created | What::Dropped)
}

/// Tells whether a difference is part of such a relation, and told with it; created schemas are none that a plan must
/// know.
fn is_part(change: &Change, whole: &BTreeSet<ObjectId>, a: &State, b: &State) -> bool {
    let state = match change.what {
        What::Created => b,
        What::Dropped => a,
        What::Altered(_) | What::Renamed { .. } => return false,
    };
    if change.id.is(ObjectKind::Schema) && change.what == What::Created {
        return true;
    }
    let table = state.table_of(&change.id);
    let relations = table.iter().flat_map(|name| [ObjectId::table(*name), ObjectId::view(*name)]);
    relations.into_iter().any(|relation| relation != change.id && whole.contains(&relation))
}

fn line(change: &Change, (expected, live): (&State, &State), describer: &Describer<'_>) -> DriftLine {
    let mark = match change.what {
        What::Created => '+',
        What::Dropped => '-',
        What::Altered(_) | What::Renamed { .. } => '~',
    };
    let report = described::drift_of(change, describer);
    let hard = is_hard(change, expected, live);
    let what = change.what.clone();
    DriftLine { object: change.id, mark, text: described::line(&report), hard, what, report }
}

/// Tells whether a difference is hard. The model gives each attribute its weight. An opaque text is soft there, as
/// another major version may print it differently; one that is told here has been through the shadow and differs in
/// what it does: a trigger's function or a policy that is not the one the proof ran with.
fn is_hard(change: &Change, expected: &State, live: &State) -> bool {
    let What::Altered(alterations) = &change.what else { return true };
    let weight = |name: &str| {
        let objects = [expected.get(&change.id), live.get(&change.id)];
        let found = objects.into_iter().flatten().flat_map(Object::attributes).find(|a| a.name == name);
        found.map_or(Weight::Hard, |attribute| attribute.weight)
    };
    alterations.iter().any(|alteration| match alteration {
        Alteration::Comment
        | Alteration::Owner
        | Alteration::Privileges
        | Alteration::ColumnPrivileges
        | Alteration::IndexComment
        | Alteration::ColumnComments => false,
        Alteration::Carried("create") => true,
        Alteration::Carried(name) | Alteration::Kept(name) => weight(name) == Weight::Hard,
        Alteration::Extension(_)
        | Alteration::Enumeration(_)
        | Alteration::SequenceOptions
        | Alteration::SequenceOwner
        | Alteration::Column(_)
        | Alteration::Validated
        | Alteration::AttributesRenamed(_)
        | Alteration::Redefined
        | Alteration::Replaced(_)
        | Alteration::RowSecurity(_)
        | Alteration::ViewOptions => true,
    })
}

/// Both sides with the texts that one shadow printed. A side that the shadow cannot build is compared as it is.
async fn settled(
    bench: &mut Bench,
    (expected, live): (&State, &State),
    (mut a, mut b): (State, State),
    texts: &BTreeSet<ObjectId>,
) -> Result<(State, State), Diagnostics> {
    if texts.is_empty() {
        return Ok((a, b));
    }
    let left = built(bench.settle(&restrict(expected, &neighbourhood(expected, texts)), &[]).await)?;
    let right = built(bench.settle(&restrict(live, &neighbourhood(live, texts)), &[]).await)?;
    if let (Some(left), Some(right)) = (left, right) {
        for (state, part) in [(&mut a, left), (&mut b, right)] {
            state.objects.extend(part.objects.into_iter().filter(|(id, _)| texts.contains(id)));
        }
    }
    Ok((a, b))
}

/// Opaque objects that one shadow prints differently too. Where it built a stand-in for one, or nothing, the texts
/// count as they are.
async fn printed(
    bench: &mut Bench,
    expected: &State,
    live: &State,
    mut opaque: BTreeSet<ObjectId>,
) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    if opaque.is_empty() {
        return Ok(opaque);
    }
    let left = built(bench.printed(&restrict(expected, &needed(expected, &opaque)), &[]).await)?;
    let right = built(bench.printed(&restrict(live, &needed(live, &opaque)), &[]).await)?;
    if let (Some(left), Some(right)) = (left, right) {
        let same = |id: &ObjectId| create(&left, id).is_some() && create(&left, id) == create(&right, id);
        opaque.retain(|id| bench.lacks(id) || !same(id));
    }
    Ok(opaque)
}

fn built(state: Result<State, BuildError>) -> Result<Option<State>, Diagnostics> {
    match state {
        Ok(state) => Ok(Some(state)),
        Err(BuildError::Broken(diagnostics)) => Err(diagnostics),
        Err(BuildError::Problems(_) | BuildError::Rejected(_)) => Ok(None),
    }
}
