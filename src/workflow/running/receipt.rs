//! Receipts of runs: written beside a plan after it was applied, tried or rolled back in an environment.
use crate::diagnostic::Diagnostics;
use crate::execute;
use crate::store::{Measurement, Receipt, ReceiptKind, StoredPlan};
use crate::workflow::invocation::project::{Connected, Project};

/// Writes the receipt of a run beside the plan; `back` is the way back of a dry run.
pub(crate) fn receipt(
    project: &Project,
    plan: &StoredPlan,
    kind: ReceiptKind,
    connected: &Connected,
    outcome: &execute::Outcome,
    back: Option<&execute::Outcome>,
) -> Result<(), Diagnostics> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of a run")]
    let ms = |seconds: f64| (seconds * 1000.0) as u64;
    let back_of = |number: u32| back.and_then(|b| b.measured.iter().find(|m| m.number == number));
    let measured = |m: &execute::Measured| Measurement {
        segment: m.number,
        took_ms: ms(m.seconds - m.waited),
        waited_ms: ms(m.waited),
        back_ms: back_of(m.number).map(|m| ms(m.seconds - m.waited)),
    };
    // Runs in a database without an environment are in its journal only: no receipt.
    let Some(environment) = connected.environment.clone() else { return Ok(()) };
    let receipt = Receipt {
        kind,
        body: plan.body_digest().clone(),
        environment: Some(environment),
        who: connected.who.0.clone(),
        when: project.now(),
        hazards: Vec::new(),
        server: Some(format!("PostgreSQL {}", connected.connection.info().version)),
        segments: outcome.measured.iter().map(measured).collect(),
    };
    project.receipts_of(plan)?.write(plan, receipt).map(drop)
}
