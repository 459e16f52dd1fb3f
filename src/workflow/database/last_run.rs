//! The plan that a way back goes over where none is named: the one that the last run brought.
use super::position::Position;
use crate::diagnostic::{Code, Command, Diagnostic};
use crate::execute::{Direction, JournalState, Kind, PlanRecord, RunRecord, RunStatus};
use crate::store::StoredPlan;

/// Whether a way back that was not given a name may go over this plan: it goes back over what the last run did. Where
/// nobody is asked (`unattended`), a plan that waits to be applied makes a name necessary too: whatever refused it has
/// left no trace here, and what came before it is not what is to be undone.
///
/// # Errors
/// [`Code::PlanPosition`] with the plan that would go back, and the command that names it.
pub(crate) fn is_of_last_run(
    stand: &Position,
    (plan, record): (&StoredPlan, &PlanRecord),
    unattended: bool,
) -> Result<(), Diagnostic> {
    let Some(journal) = &stand.journal else { return Ok(()) };
    // In its middle, nothing but this plan may run: whatever ran last was on it.
    if journal.midway().is_some() {
        return Ok(());
    }
    let would = plan.title_line();
    let Some(run) = last_of(journal, record) else { return Ok(()) };
    let because = if !is_forward(run) || record.since != run.id {
        format!("the last run here, {}", did(journal, run))
    } else if let Some(next) = stand.pending.first().filter(|_| unattended) {
        format!("{} is pending here and has not run", next.title_line())
    } else {
        return Ok(());
    };
    let message = format!("{because}: {would} would go back, which was not asked for by its name");
    let back = Command::new("rollback").arg(plan.called()).on_database();
    Err(Diagnostic::error(Code::PlanPosition, message).way("if that is what is meant", back))
}

/// The last run; a way back over the same plan that changed nothing is only begun anew.
fn last_of<'j>(journal: &'j JournalState, record: &PlanRecord) -> Option<&'j RunRecord> {
    let begun_anew = |run: &RunRecord| {
        run.kind == Kind::Rollback && run.plan == record.digest && run.segments == 0 && run.status != RunStatus::Done
    };
    journal.runs.iter().rfind(|run| !begun_anew(run))
}

fn is_forward(run: &RunRecord) -> bool {
    match run.kind {
        Kind::Apply | Kind::Adopt | Kind::Build => run.direction == Direction::Forward,
        Kind::Rollback | Kind::DryRun => false,
    }
}

/// `rolled 0003 third back`.
fn did(journal: &JournalState, run: &RunRecord) -> String {
    let name = journal.plan(&run.plan).map_or_else(|| run.plan.short().to_owned(), |record| record.name.clone());
    let changed_nothing = run.status == RunStatus::Failed || (run.segments == 0 && run.status != RunStatus::Done);
    let because = run.message.as_deref().map(|message| format!(" ({message})")).unwrap_or_default();
    match (run.kind, changed_nothing) {
        (Kind::DryRun, _) => format!("a dry run of {name}, left nothing"),
        (Kind::Rollback, false) => format!("a rollback, undid {name}"),
        (Kind::Rollback, true) => format!("a rollback of {name}, changed nothing{because}"),
        (Kind::Apply | Kind::Adopt | Kind::Build, true) => format!("an apply of {name}, changed nothing{because}"),
        (Kind::Apply | Kind::Adopt | Kind::Build, false) => format!("an apply of {name}, is not what brought it"),
    }
}
