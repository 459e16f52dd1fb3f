//! Approvals, dry runs and allowed hazards that plans need before they run, and an error for each that is missing.
use super::allowances::Allowing;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::JournalState;
use crate::settings::ProofDemand;
use crate::store::{Accepted, Plans, Receipts, StoredPlan};
use crate::workflow::database::label::Demands;
use std::sync::Arc;

/// Permissions of the caller, and the server's version.
pub(crate) struct Asking<'a> {
    /// Hazards allowed, as typed.
    pub(crate) allow: &'a [String],
    /// True where held plans may run.
    pub(crate) again: bool,
    /// True where one plan runs, and it was named.
    pub(crate) named: bool,
    /// The server's major version.
    pub(crate) major: u32,
}

/// Refuses plans that may not run here: held, not approved as demanded, or with hazards that nobody accepted or
/// allowed.
///
/// # Errors
/// Every reason against any of the plans, at once.
pub(crate) fn may_run(
    plans: &Plans,
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
                    .way("run it once more", Command::new("apply").arg(plan.called()).flag("--again").on_database())
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
        let allowing = Allowing::of(plans, journal, plan, asking.allow);
        let allowing = if asking.named { allowing.of_a_named_plan(plan) } else { allowing };
        let open =
            |h: &Accepted| h.hazard.must_be_allowed() && !accepted.contains(h) && !allowing.covers(h.hazard, &h.object);
        let open: Vec<Accepted> = plan.file().hazards().into_iter().filter(open).collect();
        not_allowed(plan, &open, &allowing, &mut problems);
    }
    problems.or_value(()).map(drop)
}

/// Command that makes a plan again in the place of this one; a repair, which nothing follows, is made from the database
/// alone.
pub(crate) fn replace(plan: &StoredPlan) -> Command {
    match plan.file().header.repairs {
        Some(_) => Command::new("repair").option("-m", plan.title_line()).on_database(),
        None => Command::new("plan").option("-m", plan.title_line()).option("--replace", &plan.slug),
    }
}

/// Adds an error for each hazard of a plan that nobody allowed, and to the last one the commands that allow all of
/// them.
fn not_allowed(plan: &StoredPlan, open: &[Accepted], allowing: &Allowing<'_>, problems: &mut Diagnostics) {
    let typed = |h: &Accepted| format!("{}:{}", h.hazard.as_str(), plan.file().name_of(&h.object));
    for (at, hazard) in open.iter().enumerate() {
        let (object, word) = (plan.file().name_of(&hazard.object), hazard.hazard.as_str());
        let why = allowing.why_not(hazard.hazard, &hazard.object);
        let message = format!("{word} of {}: {} {object} is not allowed{why}", plan.title_line(), hazard.object.word());
        let diagnostic = Diagnostic::error(Code::Hazard, message);
        problems.push(match at + 1 == open.len() {
            false => diagnostic,
            true => diagnostic
                .way(
                    "accept for good",
                    Command::new("approve").arg(plan.called()).options("--accept", open.iter().map(typed)),
                )
                .way(
                    "or for this run",
                    apply_of(plan)
                        .options("--allow", allowing.typed().iter().cloned().chain(open.iter().map(typed)))
                        .on_database(),
                ),
        });
    }
}

/// Command that applies a plan. One that is in no chain must be named: a repair, or a file outside of the plans'
/// folder.
#[must_use]
pub fn apply_of(plan: &StoredPlan) -> Command {
    let is_in_no_chain = plan.outside || plan.file().header.repairs.is_some();
    if is_in_no_chain { Command::new("apply").arg(plan.called()) } else { Command::new("apply") }
}

/// Adds an error for each demand of the environment, or of the database's own label, that a plan does not meet.
fn demanded(receipts: &Receipts, demands: &Demands, plan: &StoredPlan, problems: &mut Diagnostics) {
    let who = demands.by();
    let mut refuse = |message: String, does: &str, command: Command| {
        let refused = Diagnostic::error(Code::NotApproved, message).way(does, command);
        // Relabelling lifts the demands that only the database's label still has.
        let lifted = Command::new("adopt").flag("--relabel").option("--env", &demands.who);
        problems.push(match demands.remembers_more {
            true => refused.way("or let it demand no more than pgform.yaml says", lifted),
            false => refused,
        });
    };
    let authors = receipts.authors(plan);
    let approvals = receipts
        .approvals(plan)
        .into_iter()
        .filter(|r| !demands.not_author || !authors.contains(&r.who.as_str()))
        .map(|r| r.who.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    if approvals < demands.approvals as usize {
        let besides = if demands.not_author { " by others than its author" } else { "" };
        let message = format!(
            "{} has {approvals} of the {} approvals{besides} that {who} demands",
            plan.title_line(),
            demands.approvals
        );
        refuse(message, "approve it", Command::new("approve").arg(plan.called()));
    }
    for other in demands.dry_runs.iter().filter(|other| receipts.tried_in(plan, other).is_none()) {
        let message = format!("{} was not tried on {other}, which {who} demands", plan.title_line());
        refuse(message, "try it there", Command::new("dry-run").arg(plan.called()).option("--env", other));
    }
    let proof = plan.file().body.proof.as_ref();
    let enough = match demands.proof {
        None => true,
        Some(ProofDemand::Partial) => proof.is_some(),
        Some(ProofDemand::Full) => proof.is_some_and(|p| p.partial.is_empty()),
    };
    if !enough && !plan.file().is_baseline() {
        let reasons = proof.map(|p| p.partial.join("; ")).unwrap_or_default();
        let message = format!("{} is not fully proven, which {who} demands: {reasons}", plan.title_line());
        let prove = replace(plan).option("--shadow", "URL");
        refuse(message, "prove it on a scratch server that has what is missing", prove);
    }
}
