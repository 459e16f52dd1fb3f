//! How a database differs from where it should stand.
use super::described;
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

/// One difference between where a database should stand and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftLine {
    /// The object.
    pub object: ObjectId,
    /// `+` made there, `-` missing there, `~` different there.
    pub mark: char,
    /// The line.
    pub text: String,
    /// Whether it is in the way of a plan that leans on the object; comments, owners and the like are only told.
    pub(crate) hard: bool,
    /// What differs.
    pub(crate) what: What,
    /// The same as data, with the ways out.
    pub report: Drift,
}

/// What a database has.
#[derive(Clone, Copy)]
pub(crate) struct There<'a> {
    /// Its objects, as read.
    pub(crate) state: &'a State,
    /// The server's major version.
    pub(crate) major: u32,
    /// What it and the state that is expected use from outside: what a shadow lacks of it is stood in for.
    pub(crate) uses: &'a [Use],
    /// The plans: what they renamed has left names behind.
    pub(crate) plans: &'a Plans,
    /// The project: what it leaves to others is not compared.
    pub(crate) project: &'a Project,
}

/// The differences among some objects. Texts that differ are built and printed by one shadow before they count: another
/// major version prints the same view, and the same function's defaults, differently. Everything else needs no shadow.
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
    changes.sort_by(|x, y| x.id.cmp(&y.id));
    let whole: BTreeSet<ObjectId> = changes.iter().filter(|c| is_whole(c)).map(|c| c.id).collect();
    let told = changes.iter().filter(|c| !is_part(c, &whole, &a, &b));
    Ok(told.map(|change| line(change, &a, &b)).collect())
}

/// Whether a difference is one of a definition's statement: what a text says was compared by what a shadow prints of it.
fn is_statement(alteration: &Alteration) -> bool {
    match alteration {
        Alteration::Redefined => true,
        Alteration::Replaced(names) => names.as_slice() == ["create"],
        _ => false,
    }
}

/// Whether a difference may be one of printing alone.
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
        | Alteration::Redefined
        | Alteration::ViewOptions
        | Alteration::ColumnComments => false,
    })
}

fn create<'s>(state: &'s State, id: &ObjectId) -> Option<&'s str> {
    state.get(id)?.definition()?.text()
}

/// A table that is there or missing as a whole.
fn is_whole(change: &Change) -> bool {
    change.id.is(ObjectKind::Table) && matches!(change.what, What::Created | What::Dropped)
}

/// What comes and goes with such a table is told with it; schemas beside the planned ones are nobody's business.
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
    table.map(ObjectId::table).is_some_and(|table| table != change.id && whole.contains(&table))
}

fn line(change: &Change, expected: &State, live: &State) -> DriftLine {
    let mark = match change.what {
        What::Created => '+',
        What::Dropped => '-',
        What::Altered(_) | What::Renamed { .. } => '~',
    };
    let report = described::drift_of(change, expected, live);
    let hard = is_hard(change, expected, live);
    let what = change.what.clone();
    DriftLine { object: change.id, mark, text: described::line(&report), hard, what, report }
}

/// The model says how an attribute weighs. An opaque text is soft there, as another major version may print it
/// otherwise; one that is here has been through the shadow and differs in what it does: a trigger's function or a
/// policy that is not the one the proof ran with.
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
        Alteration::Carried(name) => weight(name) == Weight::Hard,
        Alteration::Extension(_)
        | Alteration::Enumeration(_)
        | Alteration::SequenceOptions
        | Alteration::SequenceOwner
        | Alteration::Column(_)
        | Alteration::Validated
        | Alteration::Redefined
        | Alteration::Replaced(_)
        | Alteration::ViewOptions => true,
    })
}

/// Both sides with the texts that one shadow printed. What it cannot build is compared as it is.
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

/// Those of the opaque objects that one shadow prints differently too. Where it built something in their place, or
/// nothing, their texts count as they are.
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
