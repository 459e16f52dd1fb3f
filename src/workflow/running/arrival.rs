//! Comparison after the last statement: the live catalog against the state that a plan, or its way back, leads to.
use crate::catalog;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::PlanRecord;
use crate::model::{Object, ObjectId, State};
use crate::store::{PlanFile, Plans, StoredPlan};
use crate::workflow::drift::compare::{DriftLine, drift};
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::preflight::back::changed_by;
use std::collections::BTreeSet;

/// Compares all objects that a plan touches with the state that it leads to. Gives differences in comments, grants and
/// the like.
///
/// # Errors
/// [`Code::NotThere`] with the differences, or that the catalog could not be read: the plan is at its end all the same.
pub(crate) async fn arrived(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    plan: &StoredPlan,
) -> Result<Diagnostics, Diagnostics> {
    let found = differences(project, plans, connected, plan).await;
    let name = plan.title_line();
    let lines = found.map_err(|mut seen| {
        let message = format!("{name} ran to its end; whether all is as it plans could not be seen");
        seen.push(Diagnostic::error(Code::NotThere, message).way("see", check()));
        seen
    })?;
    let (hard, soft): (Vec<DriftLine>, Vec<DriftLine>) = lines.into_iter().partition(|line| line.hard);
    if !hard.is_empty() {
        let message = format!("{name} ran to its end and is applied, and this is not as it plans: {}", texts(hard));
        return Err(Diagnostic::error(Code::NotThere, message)
            .help("somebody changed it while the plan ran: put it right, and compare until there is no drift")
            .way("compare", check())
            .way("then, to go back", Command::new("rollback").arg(plan.called()).on_database())
            .into());
    }
    if soft.is_empty() {
        return Ok(Diagnostics::default());
    }
    let message = format!("{name} is applied, and this is not quite as it plans: {}", texts(soft));
    Ok(Diagnostic::warning(Code::Unknown, message).way("see", check()).into())
}

/// Compares all objects that the plan touched with the state before it. Gives differences in comments, grants and the
/// like.
///
/// # Errors
/// [`Code::NotBack`] with the objects that are not back.
pub(crate) async fn came_back(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    (plan, record): (&StoredPlan, &PlanRecord),
) -> Result<Diagnostics, Diagnostics> {
    let file = plan.file();
    let Ok(before) = plans.fold_before(file) else {
        let message =
            format!("whether all is back could not be seen: the plans before {} have no files", plan.title_line());
        return Ok(Diagnostic::warning(Code::Unknown, message).into());
    };
    let of: BTreeSet<ObjectId> =
        changed_by(file, record).into_iter().filter(|(id, made)| *made || before.has(id)).map(|(id, _)| id).collect();
    let scope = project.catalog_scope_over(&before, &of);
    let seen = Seen::new(catalog::read(connected.connection.diesel(), &scope).await?, connected, plans);
    let (hard, soft): (Vec<DriftLine>, Vec<DriftLine>) =
        drift(&before, seen.there(plans, project), &of).await?.into_iter().partition(|line| line.hard);
    let name = plan.title_line();
    if !hard.is_empty() {
        let message = format!("{name} went back to its beginning, and this is not as it was: {}", texts(hard));
        return Err(Diagnostic::error(Code::NotBack, message)
            .help("the plan is held here; bring this back by hand")
            .way("then compare", check())
            .into());
    }
    if soft.is_empty() {
        return Ok(Diagnostics::default());
    }
    let message = format!("{name} went back, and this is not quite as it was: {}", texts(soft));
    Ok(Diagnostic::warning(Code::Unknown, message).way("see", check()).into())
}

fn texts(lines: Vec<DriftLine>) -> String {
    lines.into_iter().map(|line| line.text).collect::<Vec<String>>().join("; ")
}

fn check() -> Command {
    Command::new("check").on_database()
}

async fn differences(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    plan: &StoredPlan,
) -> Result<Vec<DriftLine>, Diagnostics> {
    let expected = plans.fold_to(plan.file())?;
    let of = concerned(plan.file(), &expected);
    let scope = project.catalog_scope_over(&expected, &of);
    let slice = catalog::read_slice(connected.connection.diesel(), &scope, &of).await?.state;
    if of.iter().all(|id| is_plainly_there(expected.get(id), slice.get(id))) {
        return Ok(Vec::new());
    }
    let seen = Seen::new(catalog::read(connected.connection.diesel(), &scope).await?, connected, plans);
    drift(&expected, seen.there(plans, project), &of).await
}

/// Tells whether two objects are equal without a closer look. The text of a definition is in no digest, so that it
/// needs one.
fn is_plainly_there(expected: Option<&Object>, live: Option<&Object>) -> bool {
    let is_opaque = |object: &Object| object.definition().is_some();
    match (expected, live) {
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
        (Some(expected), Some(live)) => !is_opaque(expected) && !is_opaque(live) && expected.digest() == live.digest(),
    }
}

/// Objects that a plan changes, drops or depends on; all of them, for one that builds a state in one go.
fn concerned(file: &PlanFile, expected: &State) -> BTreeSet<ObjectId> {
    if file.is_baseline() {
        return expected.objects.keys().cloned().collect();
    }
    let header = &file.header;
    let leaves = file.body.segments.iter().flat_map(|segment| segment.leaves.keys());
    let renamed = header.renames.iter().flat_map(|rename| [&rename.from, &rename.to]);
    header.guards.keys().chain(header.after.keys()).chain(leaves).chain(renamed).cloned().collect()
}
