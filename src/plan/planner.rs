//! Plans: turns two states and their differences into ordered segments, or into the steps of a build from nothing.
use super::default_privileges::ordered;
use super::format::Segment;
use super::make::{Input, operations};
use super::order::Cycle;
use super::problem::Problem;
use super::segments::segments;
use crate::diagnostic::Code;
use crate::diff::What;
use crate::model::{ObjectId, ObjectKind};
use std::collections::BTreeSet;

/// The segments that lead from one state to the other, in order, with their ways back. Pure: the same input gives the
/// same segments.
///
/// # Errors
/// Every change that cannot be made, by object.
pub fn plan(input: Input<'_>) -> Result<Vec<Segment>, Vec<Problem>> {
    plan_absorbing(input, &BTreeSet::new())
}

/// Plans as [`plan`] does; what is made or dropped among `absorb` stands in segments of its own, which a database
/// passes over that has it, or lacks it, already.
///
/// # Errors
/// Every error of [`plan`].
pub fn plan_absorbing(input: Input<'_>, absorb: &BTreeSet<ObjectId>) -> Result<Vec<Segment>, Vec<Problem>> {
    let later = super::postgres_18::later_syntax(input);
    if !later.is_empty() {
        return Err(later);
    }
    let operations = operations(input)?;
    let made = made(input);
    let bundles = ordered(operations).map_err(|cycle| vec![circle(&cycle)])?;
    Ok(segments(bundles, &made, absorb))
}

/// The subjects and statements of the segments' operations in order, for building a state from nothing.
///
/// # Errors
/// Every error of [`plan`].
pub fn build(input: Input<'_>) -> Result<Vec<(ObjectId, Vec<super::format::Step>)>, Vec<Problem>> {
    let bundles = ordered(operations(input)?).map_err(|cycle| vec![circle(&cycle)])?;
    let steps = bundles.into_iter().flatten().map(|o| (o.subject, o.steps));
    let (last, mut all): (Vec<_>, Vec<_>) = steps.partition(|(id, _)| acts_on_all(id));
    all.extend(last);
    Ok(all)
}

fn circle(Cycle { does, about }: &Cycle) -> Problem {
    let first = does.first().map_or("", String::as_str);
    let last = does.last().map_or("", String::as_str);
    Problem {
        code: Code::Cycle,
        object: *about,
        attribute: None,
        message: format!(
            "these need each other in a circle, each one the one before it: {} → {first}",
            does.join(" → ")
        ),
        help: Some(format!("make the change in two plans: leave out of the first what needs `{first}` or `{last}`")),
    }
}

/// Tells whether an object acts on whatever is made after it, and nothing needs it: it comes when all else is there as
/// it was recorded.
fn acts_on_all(id: &ObjectId) -> bool {
    matches!(id.kind(), ObjectKind::DefaultPrivileges | ObjectKind::EventTrigger)
}

fn made(input: Input<'_>) -> BTreeSet<ObjectId> {
    let created = |id: &ObjectId| {
        matches!(id.kind(), ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence | ObjectKind::Index)
    };
    input.diff.changes.iter().filter(|c| matches!(c.what, What::Created) && created(&c.id)).map(|c| c.id).collect()
}
