//! `show` and `plan`: the review of a plan, completed with facts of the project: parent, approvals, the next command.
use crate::diagnostic::{Command, Diagnostics};
use crate::report::{Facts, Review, ReviewContext, review};
use crate::settings::Asked;
use crate::store::StoredPlan;
use crate::workflow::invocation::project::Project;
use crate::workflow::preflight::approvals::apply_of;

/// Reviews a plan; names its parent and the command to run next.
///
/// # Errors
/// If the plans or receipts beside it cannot be read.
pub fn reviewed(
    project: &Project,
    plan: &StoredPlan,
    facts: Option<&Facts>,
    (asked, full): (&Asked, bool),
) -> Result<Review, Diagnostics> {
    let plans = project.plans()?;
    let repairs = plan.file().header.repairs.as_ref();
    let parent = repairs.or(plan.file().header.parent.as_ref()).and_then(|digest| plans.by_digest(digest));
    let parent = parent.map(|parent| parent.title_line());
    let approved = !project.receipts_of(plan)?.approvals(plan).is_empty();
    let next = match (plan.file().is_baseline(), approved) {
        (true, _) => Some(Command::new("adopt").on_database()),
        (false, true) => Some(apply_of(plan).on_database()),
        (false, false) => None,
    };
    let path = plan.path.display().to_string();
    let again = project.again(asked);
    let context = ReviewContext {
        name: Some(&plan.name),
        parent: parent.as_deref(),
        path: Some(path.as_str()).filter(|path| !path.is_empty()),
        outside: plan.outside,
        next,
        again,
        facts,
        full,
    };
    Ok(review(&plan.sealed, &context))
}
