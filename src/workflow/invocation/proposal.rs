//! Proposals: what a command would do and where, in text for whoever confirms.
use super::project::Connected;
use crate::execute::JournalState;
use crate::report::{Beginning, Database, RollbackSummary, ToDo, listed};
use crate::store::{Measurement, Plans, Receipt, ReceiptKind, Receipts, StoredPlan};
use crate::workflow::database::position::Position;
use crate::workflow::database::reported::{database, in_place, plan_name, record_name};
use crate::workflow::preflight::allowances::Allowing;
use std::sync::Arc;

/// Change that a command would make, and the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Plans are recorded as being there.
    Adopt(Beginning),
    /// Plans are applied.
    Apply(Beginning),
    /// A plan is run there and back.
    DryRun(Beginning),
    /// A database is emptied of managed objects, and of the record of plans that ran.
    Reset(Database, Vec<String>),
    /// A database gets another environment's name.
    Relabel(Database),
    /// A plan is rolled back.
    Rollback(Database, RollbackSummary),
}

impl Proposal {
    /// Text to read before the question.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Adopt(beginning) => {
                let plans: Vec<String> = beginning.to_do.iter().map(|to_do| to_do.plan.line()).collect();
                format!("{}\nto record:{}", beginning.database.line(), listed(&plans))
            }
            Self::Apply(beginning) | Self::DryRun(beginning) => beginning.text(),
            Self::Reset(database, lines) => format!("{}\n{}", database.line(), lines.concat()),
            Self::Relabel(database) => format!("{}\n", database.line()),
            Self::Rollback(database, rollback) => format!("{}\n{}", database.line(), rollback.text(&database.again)),
        }
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> &'static str {
        match self {
            Self::Adopt(_) => "Adopt?",
            Self::Apply(_) => "Apply?",
            Self::DryRun(_) => "Run it there and back?",
            Self::Reset(..) => "Drop all of it?",
            Self::Relabel(_) => "Give it its new name?",
            Self::Rollback(..) => "Roll back?",
        }
    }

    /// Tells whether the change is refused as it stands, so that nobody needs to be asked.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self {
            Self::Adopt(_) | Self::Apply(_) | Self::DryRun(_) | Self::Relabel(_) | Self::Reset(..) => false,
            Self::Rollback(_, rollback) => rollback.is_refused(),
        }
    }
}

/// Introduction to a run of plans: applied, tried or adopted.
pub(crate) fn beginning(
    connected: &Connected,
    receipts: &Receipts,
    stand: &Position,
    (chain, plans): (&Plans, &[Arc<StoredPlan>]),
    allowed: &[String],
) -> Beginning {
    let journal = stand.journal.as_ref();
    let one = |plan| accepted(receipts, plan, &Allowing::of(chain, journal, plan, allowed));
    let accepted = plans.iter().flat_map(|plan| one(plan)).collect();
    Beginning {
        database: database(connected, journal),
        at: journal.and_then(JournalState::position).map(record_name),
        makes_base: None,
        back_first: Vec::new(),
        to_do: plans.iter().map(|plan| to_do(receipts, journal, plan)).collect(),
        accepted,
    }
}

fn accepted(receipts: &Receipts, plan: &StoredPlan, allowed: &Allowing<'_>) -> Vec<String> {
    let approved = receipts.accepted_hazards(plan);
    let mut out = Vec::new();
    for hazard in plan.file().hazards().into_iter().filter(|h| h.hazard.must_be_allowed()) {
        let name = format!("{} {}", hazard.hazard.as_str(), plan.file().name_of(&hazard.object));
        if approved.contains(&hazard) {
            out.push(name);
        } else if allowed.covers(hazard.hazard, &hazard.object) {
            out.push(format!("{name} (allowed now)"));
        }
    }
    out
}

fn to_do(receipts: &Receipts, journal: Option<&JournalState>, plan: &StoredPlan) -> ToDo {
    let tried = receipts.of_body(plan.body_digest()).into_iter().rfind(|r| r.kind == ReceiptKind::DryRun);
    let took = |receipt: &Receipt| receipt.segments.iter().map(|m: &Measurement| m.took_ms).sum();
    let midway = journal.and_then(JournalState::midway).filter(|record| record.digest == *plan.digest());
    ToDo {
        plan: plan_name(plan),
        approved: !receipts.approvals(plan).is_empty(),
        dry_run: tried.map(|receipt| (receipt.environment.clone(), took(receipt))),
        goes_on: midway.map(|record| (in_place(record), record.total as usize)),
    }
}
