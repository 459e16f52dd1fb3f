//! `approve`: writes a receipt beside a plan that says who accepts it, and which of its hazards.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::store::{Accepted, Receipt, ReceiptKind, StoredPlan, accept};
use crate::workflow::invocation::project::Project;
use crate::workflow::invocation::signature::signature;
use crate::workflow::verification::planned_again::refuse_changed;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `approve`.
#[derive(Clone, Debug, Default)]
pub struct ApproveArgs {
    /// The plan.
    pub plan: String,
    /// Hazards accepted, as typed.
    pub accept: Vec<String>,
}

/// Writes an approval beside the plan.
///
/// # Errors
/// If a hazard that must be accepted is not, or one is named that the plan does not have; if the plan was changed by
/// hand; if nothing names the user.
pub fn approve(project: &Project, args: &ApproveArgs) -> Result<(Arc<StoredPlan>, PathBuf), Diagnostics> {
    let plans = project.plans()?;
    let plan = plans.select(&args.plan)?;
    refuse_changed(&plans, &plan)?;
    let offered = plan.file().hazards();
    let mut diagnostics = Diagnostics::default();
    let mut accepted: BTreeSet<Accepted> = BTreeSet::new();
    for text in &args.accept {
        accepted.extend(diagnostics.collect(accept(text, &offered).map_err(Diagnostics::from)));
    }
    let open = offered.iter().filter(|h| h.hazard.must_be_allowed() && !accepted.contains(h));
    let open: Vec<Diagnostic> = open.map(|hazard| missing(&plan, hazard)).collect();
    diagnostics.extend(all_accepted(open, &plan, &offered));
    let who = diagnostics.collect(signature(project).map_err(Diagnostics::from)).unwrap_or_default();
    let (accepted, _) = diagnostics.or_value(accepted)?;
    let receipt = Receipt {
        kind: ReceiptKind::Approved,
        body: plan.body_digest().clone(),
        environment: None,
        who,
        when: project.now(),
        hazards: accepted.into_iter().collect(),
        server: None,
        segments: Vec::new(),
    };
    let path = project.receipts_of(&plan)?.write(&plan, receipt)?;
    Ok((plan, path))
}

/// Adds the command that accepts all hazards that must be accepted to the last of the errors.
fn all_accepted(mut open: Vec<Diagnostic>, plan: &StoredPlan, offered: &BTreeSet<Accepted>) -> Diagnostics {
    let typed = |h: &Accepted| format!("{}:{}", h.hazard.as_str(), plan.file().name_of(&h.object));
    let all = offered.iter().filter(|h| h.hazard.must_be_allowed()).map(typed);
    let approve = Command::new("approve").arg(plan.called()).options("--accept", all);
    if let Some(last) = open.pop() {
        open.push(last.way("accept all of it", approve));
    }
    Diagnostics(open)
}

fn missing(plan: &StoredPlan, hazard: &Accepted) -> Diagnostic {
    let because = plan
        .file()
        .body
        .segments
        .iter()
        .flat_map(|s| &s.hazards)
        .find(|h| h.hazard == hazard.hazard && h.object == hazard.object);
    let because = because.map(|h| h.because.clone()).unwrap_or_default();
    let object = plan.file().name_of(&hazard.object);
    Diagnostic::error(
        Code::Hazard,
        format!("{} on {} {object} is not accepted: {because}", hazard.hazard.as_str(), hazard.object.word()),
    )
}
