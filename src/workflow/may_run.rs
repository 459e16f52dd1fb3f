use super::approve::covers;
use super::label::Demands;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::execute::JournalState;
use crate::report::argument;
use crate::settings::ProofDemand;
use crate::store::{Accepted, Receipts, StoredPlan};
use std::sync::Arc;

/// What the caller allows, and the server.
pub(super) struct Asking<'a> {
    /// Hazards allowed, as typed.
    pub(super) allow: &'a [String],
    /// Whether held plans may run.
    pub(super) again: bool,
    /// The server's major version.
    pub(super) major: u32,
}

/// Whether all of these plans may run here: not held, approved as demanded, their hazards accepted or allowed.
///
/// # Errors
/// Everything that is in the way, at once.
pub(super) fn may_run(
    receipts: &Receipts,
    demands: &Demands,
    todo: &[Arc<StoredPlan>],
    asking: &Asking<'_>,
    journal: Option<&JournalState>,
) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    for plan in todo {
        let held = journal.is_some_and(|j| j.held().iter().any(|r| r.digest == *plan.digest()));
        if held && !asking.again {
            problems.push(
                Diagnostic::error(Code::Held, format!("{} was rolled back here and is held", plan.title_line())).help(
                    format!(
                        "pgform apply --again {0}, or a plan that replaces it: pgform plan --replace {0}",
                        plan.slug
                    ),
                ),
            );
        }
        let versions = plan.file().header.postgres;
        if !versions.contain(asking.major) {
            let message =
                format!("{} was planned for PostgreSQL {versions}; this is {}", plan.title_line(), asking.major);
            problems.push(
                Diagnostic::error(Code::ServerVersion, message)
                    .help(format!("widen `postgres:` in pgform.yaml, then: pgform plan --replace {}", plan.slug)),
            );
        }
        demanded(receipts, demands, plan, &mut problems);
        let accepted = receipts.accepted_hazards(plan);
        for hazard in plan.file().hazards().into_iter().filter(|h| h.hazard.must_be_allowed()) {
            if !accepted.contains(&hazard) && !covers(asking.allow, hazard.hazard, &hazard.object) {
                problems.push(not_allowed(plan, &hazard));
            }
        }
    }
    problems.or_value(()).map(drop)
}

fn not_allowed(plan: &StoredPlan, hazard: &Accepted) -> Diagnostic {
    let (object, word) = (plan.file().name_of(&hazard.object), hazard.hazard.as_str());
    let message = format!("{word} of {}: {} {object} is not allowed", plan.title_line(), hazard.object.word());
    let accepted = argument(&format!("{word}:{object}"));
    Diagnostic::error(Code::Hazard, message)
        .help(format!("--allow {accepted}, or pgform approve {} --accept {accepted}", plan.slug))
}

/// What the environment, or the database's own memory of it, demands of a plan.
fn demanded(receipts: &Receipts, demands: &Demands, plan: &StoredPlan, problems: &mut Diagnostics) {
    let Demands { who, requires, protected: _ } = demands;
    let authors = receipts.authors(plan);
    let approvals = receipts
        .approvals(plan)
        .into_iter()
        .filter(|r| !requires.not_author || !authors.contains(&r.who.as_str()))
        .map(|r| r.who.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    if approvals < requires.approvals as usize {
        let besides = if requires.not_author { " by others than its author" } else { "" };
        let message = format!(
            "{} has {approvals} of the {} approvals{besides} that {who} demands",
            plan.title_line(),
            requires.approvals
        );
        problems.push(Diagnostic::error(Code::NotApproved, message).help(format!("pgform approve {}", plan.slug)));
    }
    if let Some(other) = &requires.dry_run
        && receipts.tried_in(plan, other).is_none()
    {
        let message = format!("{} was not tried on {other}, which {who} demands", plan.title_line());
        problems.push(
            Diagnostic::error(Code::NotApproved, message).help(format!("pgform dry-run {} --env {other}", plan.slug)),
        );
    }
    let proof = plan.file().body.proof.as_ref();
    let enough = match requires.proof {
        None => true,
        Some(ProofDemand::Partial) => proof.is_some(),
        Some(ProofDemand::Full) => proof.is_some_and(|p| p.partial.is_empty()),
    };
    if !enough && !plan.file().is_baseline() {
        let reasons = proof.map(|p| p.partial.join("; ")).unwrap_or_default();
        let message = format!("{} is not fully proven, which {who} demands: {reasons}", plan.title_line());
        problems
            .push(Diagnostic::error(Code::NotApproved, message).help(
                "prove it on a scratch server that has what is missing: pgform plan --replace NAME --shadow URL",
            ));
    }
}
