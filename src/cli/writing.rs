//! Commands that write to a database: `adopt`, `apply`, `rollback`, `dry-run`, `reset`.
use super::arguments::{AdoptArgs, ApplyArgs, Consent, Database, DryRunArgs, ResetArgs, RollbackArgs};
use super::confirm::confirm;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::observer::Lines;
use super::output::Output;
use super::printer::{Printer, asked};
use crate::diagnostic::{Command, Diagnostics};
use crate::report::time;
use crate::settings::Asked;
use crate::workflow;

pub(super) async fn adopt(args: AdoptArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let AdoptArgs { plan, database, folders, consent, signature, relabel } = args;
    let project = printer.project(&folders, Some(&database))?.signed(signature.name);
    let asked = workflow::AdoptArgs { plan, database: prepared(&database, &consent), relabel };
    let mut ask = |question: &workflow::Question<'_>| confirm(&consent, question);
    let adopted = workflow::adopt(&project, &asked, &mut ask).await?;
    printer.diagnostics(&adopted.warnings);
    Output.line(&match relabel {
        true => "relabelled".to_owned(),
        false => adopted_text(&adopted),
    });
    Ok(Exit::Done)
}

/// Flags about the database, with `--subscribers-ready`.
fn prepared(database: &Database, consent: &Consent) -> Asked {
    Asked { subscribers_ready: consent.subscribers_ready, ..asked(database) }
}

pub(super) fn adopted_text(adopted: &workflow::Adopted) -> String {
    format!("adopted: {}", names(adopted.plans.iter().map(|p| p.title_line())))
}

pub(super) async fn apply(args: ApplyArgs, printer: &Printer, interrupt: &Interrupt) -> Result<Exit, Diagnostics> {
    let ApplyArgs { plan, database, folders, consent, signature, allow, again, keep_not_valid } = args;
    let project = printer.project(&folders, Some(&database))?.signed(signature.name);
    let database = prepared(&database, &consent);
    let asked = workflow::ApplyArgs { plan, database, allow, again, keep_rules: keep_not_valid };
    let mut ask = |question: &workflow::Question<'_>| confirm(&consent, question);
    let applied = workflow::apply(&project, &asked, &mut Lines::new(Output, interrupt), &mut ask).await?;
    printer.diagnostics(&applied.warnings);
    Output.line(&applied_text(&applied));
    Ok(Exit::Done)
}

pub(super) fn applied_text(applied: &workflow::Applied) -> String {
    let back = match applied.back.is_empty() {
        true => String::new(),
        false => format!("went back: {}\n", names(applied.back.iter().map(|p| p.title_line()))),
    };
    let done = match applied.plans.is_empty() {
        true => match &applied.already {
            Some(plan) => format!("nothing to do: {} is applied here already", plan.title_line()),
            None => "nothing to do: every plan is applied here".to_owned(),
        },
        false => format!("applied: {}", names(applied.plans.iter().map(|p| p.title_line()))),
    };
    format!("{back}{done}")
}

pub(super) async fn rollback(
    args: RollbackArgs,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<Exit, Diagnostics> {
    let RollbackArgs { plan, last, database, folders, consent, signature, allow } = args;
    let project = printer.project(&folders, Some(&database))?.signed(signature.name);
    let unattended = consent.yes || consent.confirm.is_some();
    let asked = workflow::RollbackArgs { plan, last, database: prepared(&database, &consent), allow, unattended };
    let mut ask = |question: &workflow::Question<'_>| confirm(&consent, question);
    let done = workflow::rollback(&project, &asked, &mut Lines::new(Output, interrupt), &mut ask).await?;
    printer.diagnostics(&done.warnings);
    Output.line(&rolled_back_text(&done));
    Ok(Exit::Done)
}

pub(super) fn rolled_back_text(done: &workflow::RolledBack) -> String {
    let segments = match done.segments {
        0 => "nothing was to be undone".to_owned(),
        1 => "1 segment".to_owned(),
        many => format!("{many} segments"),
    };
    format!("rolled back: {} ({segments})", done.plan)
}

pub(super) async fn reset(args: ResetArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let ResetArgs { database, folders, yes, confirm: name } = args;
    let project = printer.project(&folders, Some(&database))?;
    let consent = Consent { yes, confirm: name, subscribers_ready: false };
    let mut ask = |question: &workflow::Question<'_>| confirm(&consent, question);
    let dropped = workflow::reset(&project, &workflow::ResetArgs { database: asked(&database) }, &mut ask).await?;
    printer.diagnostics(&dropped.warnings);
    let next = Command::new("apply").on_database().line(&printer.again());
    Output.line(&format!("the database is empty of what is managed\n      next: {next}"));
    Ok(Exit::Done)
}

pub(super) async fn dry_run(args: &DryRunArgs, printer: &Printer, interrupt: &Interrupt) -> Result<Exit, Diagnostics> {
    let project = printer.project(&args.folders, Some(&args.database))?.signed(args.signature.name.clone());
    let mut ask = |question: &workflow::Question<'_>| confirm(&args.consent, question);
    let mut lines = Lines::new(Output, interrupt);
    let on = prepared(&args.database, &args.consent);
    let done = workflow::dry_run(&project, &args.plan, (&on, &args.allow), &mut lines, &mut ask).await?;
    printer.diagnostics(&done.warnings);
    let (forward, back) = (sum(&done.forward), sum(&done.back));
    Output.line(&format!(
        "{}: forward {}, back {}; {}",
        done.plan.title_line(),
        time(forward),
        time(back),
        as_before(&done.lost)
    ));
    Ok(Exit::Done)
}

/// State of the database after a dry run, in words.
fn as_before(lost: &[String]) -> String {
    match lost.is_empty() {
        true => "the database is as before".to_owned(),
        false => format!("LOST, as was allowed: {}; all else is as before", lost.join(", ")),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of a run")]
fn sum(seconds: &[f64]) -> u64 {
    (seconds.iter().sum::<f64>() * 1000.0) as u64
}

/// Names of plans; of more than 3, which were told one by one already, their count, the first and the last.
fn names(plans: impl Iterator<Item = String>) -> String {
    let plans: Vec<String> = plans.collect();
    match plans.as_slice() {
        [first, .., last] if plans.len() > 3 => format!("{} plans, from {first} to {last}", plans.len()),
        few => few.join(", "),
    }
}
