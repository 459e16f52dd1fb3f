use crate::diagnostic::{Command, Diagnostic, shown};
use crate::report::{Finding, Halfway, Health, Pending, PlanName, Status};
use crate::store::Plans;
use crate::workflow::check::{Compared, compared};
use crate::workflow::label::right_label;
use crate::workflow::project::{Connected, Project};
use crate::workflow::stand::{self, Stand};
use crate::workflow::standing::status_of;

/// Of many differences, that many are told; `check` tells all.
const TOLD: usize = 10;

/// What the journal says, and how it goes with the plans' files.
pub(super) async fn journal(
    project: &Project,
    plans: Option<&Plans>,
    connected: &mut Connected,
) -> (Option<Stand>, Vec<Finding>) {
    const ABOUT: &str = "journal";
    let none = Plans::none(&project.plans_dir);
    let all = plans.unwrap_or(&none);
    let (mut findings, again) = (Vec::new(), connected.again.clone());
    let of = |about, health, d: &Diagnostic| Finding::of(about, health, d, &again);
    let stand = match stand::read(connected, all).await {
        Ok(stand) => stand,
        Err(why) => {
            findings.extend(why.0.iter().map(|d| of(ABOUT, Health::Wrong, d)));
            // What failed took the transaction with it.
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

/// What a status has to say, one finding for each thing.
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
    if let Some(Halfway { plan, back: _, done, of, because }) = &status.halfway {
        let because = because.as_deref().map(|b| format!(": {}", shown(b))).unwrap_or_default();
        let says = format!("stopped in {}, {done} of {of} segments done{because}", plan.line());
        let found = Finding::wrong(ABOUT, says).way("forward", on("apply"), again);
        findings.push(found.way("back", on("rollback"), again));
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

/// How the catalog differs from where the journal says that the database stands.
pub(super) async fn catalog(project: &Project, plans: &Plans, stand: &Stand, connected: Connected) -> Vec<Finding> {
    const ABOUT: &str = "catalog";
    if stand.journal.is_none() {
        return Vec::new();
    }
    let again = connected.again.clone();
    let Compared { drift, unseen } = match compared(project, plans, stand, connected).await {
        Ok(compared) => compared,
        Err(why) => return why.0.iter().map(|d| Finding::of(ABOUT, Health::Wrong, d, &again)).collect(),
    };
    let unseen = unseen.into_iter().map(|what| Finding::warning(ABOUT, format!("not seen: {what}")));
    if drift.is_empty() {
        let well = Finding::well(ABOUT, "it is what the journal and the plans say");
        return std::iter::once(well).chain(unseen).collect();
    }
    let more = drift.len().saturating_sub(TOLD);
    let finding = |line: &crate::workflow::DriftLine| {
        let says = line.text.clone();
        let found = if line.mark == '-' { Finding::wrong(ABOUT, says) } else { Finding::warning(ABOUT, says) };
        line.report.ways.iter().fold(found, |found, way| found.mend(way.clone()))
    };
    let mut findings: Vec<Finding> = drift.iter().take(TOLD).map(finding).chain(unseen).collect();
    if more > 0 {
        let found = Finding::warning(ABOUT, format!("and {more} more differences"));
        findings.push(found.way("all of them", Command::new("check").on_database(), &again));
    }
    findings
}
