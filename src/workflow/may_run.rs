use super::approve::covers;
use super::label::Demands;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::JournalState;
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
                Diagnostic::error(Code::Held, format!("{} was rolled back here and is held", plan.title_line()))
                    .way("run it once more", Command::new("apply").arg(&plan.slug).flag("--again").on_database())
                    .way("or make a plan that replaces it", replace(plan)),
            );
        }
        let versions = plan.file().header.postgres;
        if !versions.contain(asking.major) {
            let message =
                format!("{} was planned for PostgreSQL {versions}; this is {}", plan.title_line(), asking.major);
            problems.push(
                Diagnostic::error(Code::ServerVersion, message)
                    .help("widen `postgres:` in pgform.yaml")
                    .way("then make the plan again", replace(plan)),
            );
        }
        demanded(receipts, demands, plan, &mut problems);
        let accepted = receipts.accepted_hazards(plan);
        let open = |h: &Accepted| {
            h.hazard.must_be_allowed() && !accepted.contains(h) && !covers(asking.allow, h.hazard, &h.object)
        };
        let open: Vec<Accepted> = plan.file().hazards().into_iter().filter(open).collect();
        not_allowed(plan, &open, asking.allow, &mut problems);
    }
    problems.or_value(()).map(drop)
}

/// A plan made again in the place of this one.
fn replace(plan: &StoredPlan) -> Command {
    Command::new("plan").option("-m", &plan.title_line()).option("--replace", &plan.slug)
}

/// Tells each hazard of a plan that nobody allowed, and behind the last one the commands that allow all of them.
fn not_allowed(plan: &StoredPlan, open: &[Accepted], allowed: &[String], problems: &mut Diagnostics) {
    let typed = |h: &Accepted| format!("{}:{}", h.hazard.as_str(), plan.file().name_of(&h.object));
    for (at, hazard) in open.iter().enumerate() {
        let (object, word) = (plan.file().name_of(&hazard.object), hazard.hazard.as_str());
        let message = format!("{word} of {}: {} {object} is not allowed", plan.title_line(), hazard.object.word());
        let diagnostic = Diagnostic::error(Code::Hazard, message);
        problems.push(match at + 1 == open.len() {
            false => diagnostic,
            true => diagnostic
                .way(
                    "accept for good",
                    Command::new("approve").arg(&plan.slug).options("--accept", open.iter().map(typed)),
                )
                .way(
                    "or for this run",
                    Command::new("apply")
                        .options("--allow", allowed.iter().cloned().chain(open.iter().map(typed)))
                        .on_database(),
                ),
        });
    }
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
        let approve = Command::new("approve").arg(&plan.slug);
        problems.push(Diagnostic::error(Code::NotApproved, message).way("approve it", approve));
    }
    if let Some(other) = &requires.dry_run
        && receipts.tried_in(plan, other).is_none()
    {
        let message = format!("{} was not tried on {other}, which {who} demands", plan.title_line());
        problems.push(
            Diagnostic::error(Code::NotApproved, message)
                .way("try it there", Command::new("dry-run").arg(&plan.slug).option("--env", other)),
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
        problems.push(
            Diagnostic::error(Code::NotApproved, message)
                .way("prove it on a scratch server that has what is missing", replace(plan).option("--shadow", "URL")),
        );
    }
}
