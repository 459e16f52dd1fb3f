//! Findings of `doctor` about the journal, and about drift of the catalog from the state that it records.
use crate::diagnostic::{Command, Diagnostic, shown};
use crate::report::{Finding, Halfway, Health, Pending, PlanName, Status};
use crate::store::Plans;
use crate::workflow::commands::check::{Compared, compared};
use crate::workflow::commands::status::status_of;
use crate::workflow::database::label::right_label;
use crate::workflow::database::position::{self, Position};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::preflight::emptied::still_there;

/// Number of differences told as findings; `check` tells all.
const TOLD: usize = 10;

/// Reads the journal, and compares it with the plans' files; with the position of the database where it can be read.
pub(super) async fn journal(
    project: &Project,
    plans: Option<&Plans>,
    connected: &mut Connected,
) -> (Option<Position>, Vec<Finding>) {
    const ABOUT: &str = "journal";
    let none = Plans::none(&project.plans_dir);
    let all = plans.unwrap_or(&none);
    let (mut findings, again) = (Vec::new(), connected.again.clone());
    let of = |about, health, d: &Diagnostic| Finding::of(about, health, d, &again);
    let stand = match position::read(connected, all).await {
        Ok(stand) => stand,
        Err(why) => {
            findings.extend(why.0.iter().map(|d| of(ABOUT, Health::Wrong, d)));
            // The error ended the transaction.
            let _ = connected.connection.see_present().await;
            return (None, findings);
        }
    };
    match right_label(project, connected, stand.journal.as_ref()) {
        Ok(said) => findings.extend(said.0.iter().map(|d| of("environment", Health::Warning, d))),
        Err(why) => findings.extend(why.0.iter().map(|d| of("environment", Health::Wrong, d))),
    }
    let status = match project.receipts().and_then(|receipts| status_of(&receipts, connected, all, &stand)) {
        Ok(status) => status,
        Err(why) => {
            findings.extend(why.0.iter().map(|d| of(ABOUT, Health::Wrong, d)));
            return (Some(stand), findings);
        }
    };
    findings.extend(told(&status));
    (Some(stand), findings)
}

/// Findings from a status, one for each fact worth telling.
fn told(status: &Status) -> Vec<Finding> {
    const ABOUT: &str = "journal";
    let again = &status.database.again;
    let on = |verb| Command::new(verb).on_database();
    let mut findings = Vec::new();
    findings.push(if status.known {
        let at = status.at.as_ref().map_or_else(|| "no plan".to_owned(), PlanName::line);
        Finding::well(ABOUT, format!("whole; the database is at {at}"))
    } else {
        let never = Finding::warning(ABOUT, "pgform never ran here");
        let never = never.way("if it is empty, and is to get the whole schema", on("apply"), again);
        never.way("if it has the plans' objects already", on("adopt"), again)
    });
    if let Some(Halfway { plan, back: _, done, of, because, in_force }) = &status.halfway {
        let because = because.as_deref().map(|b| format!(": {}", shown(b))).unwrap_or_default();
        let rule = in_force.as_deref().map(|rule| format!("; in force now: {}", shown(rule))).unwrap_or_default();
        let says = format!("stopped in {}, {done} of {of} segments done{because}{rule}", plan.line());
        let command = |verb| plan.file.iter().fold(on(verb), |command, file| command.arg(file));
        let found = Finding::wrong(ABOUT, says).way("forward", command("apply"), again);
        findings.push(found.way("back", command("rollback"), again));
    }
    for plan in &status.held {
        let says = format!("{} was rolled back here, and is held", plan.line());
        let command = on("apply").flag("--again").arg(plan.slug());
        findings.push(Finding::warning(ABOUT, says).way("run it again", command, again));
    }
    for plan in &status.without_file {
        let says = format!("{} ran here, and its file is gone from the plans' folder", plan.line());
        findings.push(Finding::wrong("plans", says).mend("bring the file back from version control"));
    }
    let is_held = |pending: &&Pending| status.held.iter().any(|plan| plan.digest == pending.plan.digest);
    for pending in status.pending.iter().filter(|pending| !is_held(pending)) {
        let lacks = if pending.lacks.is_empty() { String::new() } else { format!(" ({})", pending.lacks.join(", ")) };
        let found = Finding::warning("plans", format!("{} is pending{lacks}", pending.plan.line()));
        findings.push(match (pending.lacks.is_empty(), status.known) {
            (true, true) => found.way("apply it", on("apply"), again),
            (true, false) => found,
            (false, _) => found.way("see what it needs", Command::new("show").arg(pending.plan.slug()), again),
        });
    }
    findings
}

/// Findings about drift of the catalog from the state that the journal records.
pub(super) async fn catalog(
    project: &Project,
    plans: &Plans,
    stand: &Position,
    mut connected: Connected,
) -> Vec<Finding> {
    const ABOUT: &str = "catalog";
    if stand.journal.is_none() {
        return Vec::new();
    }
    let again = connected.again.clone();
    let finding = |health, d: &Diagnostic| Finding::of(ABOUT, health, d, &again);
    // A missing object stops every run; a comparison tells the other differences.
    let mut findings: Vec<Finding> = match still_there(project, plans, &mut connected, stand).await {
        Ok(said) => said.0.iter().map(|d| finding(Health::Warning, d)).collect(),
        Err(why) => {
            let _ = connected.connection.close().await;
            return why.0.iter().map(|d| finding(Health::Wrong, d)).collect();
        }
    };
    let Compared { drift, unseen, all: _ } = match compared(project, plans, stand, connected).await {
        Ok(compared) => compared,
        Err(why) => return why.0.iter().map(|d| finding(Health::Wrong, d)).collect(),
    };
    if drift.is_empty() && findings.is_empty() {
        findings.push(Finding::well(ABOUT, "it is what the journal and the plans say"));
    }
    let more = drift.len().saturating_sub(TOLD);
    let differs = |line: &crate::workflow::DriftLine| {
        let found = Finding::warning(ABOUT, line.text.clone());
        line.report.ways.iter().fold(found, |found, way| found.mend(way.clone()))
    };
    findings.extend(drift.iter().take(TOLD).map(differs));
    if more > 0 {
        let found = Finding::warning(ABOUT, format!("and {more} more differences"));
        findings.push(found.way("all of them", Command::new("check").on_database(), &again));
    }
    findings.extend(unseen.into_iter().map(|what| Finding::warning(ABOUT, format!("not seen: {what}"))));
    findings
}
