//! A rollback without a name: undoes only the plan that the last run applied, and refuses any other.
use super::position::Position;
use crate::diagnostic::{Code, Command, Diagnostic};
use crate::execute::{Direction, JournalState, Kind, PlanRecord, RunRecord, RunStatus};
use crate::store::StoredPlan;

/// Refuses a rollback without a name where the last run did not apply this plan. Where nobody is asked (`unattended`),
/// a pending plan makes a name necessary too: an apply that was refused has left no trace here, and the plan before it
/// is not the one to undo.
///
/// # Errors
/// [`Code::PlanPosition`] with the plan that would go back, and the command that names it.
pub(crate) fn is_of_last_run(
    stand: &Position,
    (plan, record): (&StoredPlan, &PlanRecord),
    unattended: bool,
) -> Result<(), Diagnostic> {
    let Some(journal) = &stand.journal else { return Ok(()) };
    // In the middle of a plan nothing else may run, so that the last run was of this plan.
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

/// Last run, not counting rollbacks of the same plan that changed nothing: they are only begun anew.
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

/// Last run in words: `a rollback, undid 0003 third`.
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
