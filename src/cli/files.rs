//! Commands that work on files: `init`, `validate`, `plan`, `repair`, `show`, `approve`.
use super::arguments::{ApproveArgs, Format, InitArgs, PlanArgs, RepairArgs, ShowArgs, ValidateArgs};
use super::exit::Exit;
use super::output::Output;
use super::printer::{Printer, asked};
use crate::diagnostic::{Command, Diagnostics};
use crate::report::{self, PlanReport, Review, Validation};
use crate::settings::Asked;
use crate::workflow;
use std::path::Path;

pub(super) fn init(args: &InitArgs) -> Result<Exit, Diagnostics> {
    let begun = workflow::init(&args.dir);
    for path in &begun.written {
        Output.line(&format!("wrote  {}", path.display()));
    }
    for kept in &begun.kept {
        let advice = kept.advice.as_ref().map(|advice| format!(": {}", advice.replace('\n', "\n       ")));
        Output.line(&format!("kept   {}{}", kept.path.display(), advice.unwrap_or_default()));
    }
    let ((), _) = begun.problems.or_value(())?;
    let there = if args.dir == Path::new(".") { String::new() } else { format!("cd {}, then ", args.dir.display()) };
    let import = Command::new("import").on_database();
    Output.line(&format!(
        "next: {there}declare tables in schema/*.yaml, or take over a database that is there ({import}); \
         then make migrate-revision M=\"…\" and make migrate-up"
    ));
    Ok(Exit::Done)
}

pub(super) fn validate(args: &ValidateArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let validated = workflow::validate(&printer.project(&args.folders, None)?)?;
    printer.diagnostics(&validated.warnings);
    printer.report(&validated.report, Validation::text);
    Ok(Exit::Done)
}

pub(super) async fn plan(args: PlanArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let PlanArgs {
        title,
        check,
        signature,
        database,
        folders,
        output,
        replace,
        absorb,
        drop,
        shadow,
        proof_deadline,
        detailed_exitcode,
        format: _,
    } = args;
    let project = printer.project(&folders, Some(&database))?.signed(signature.name);
    let deadline = proof_deadline.map(std::time::Duration::from_secs);
    let title = title.unwrap_or_else(|| "as declared".to_owned());
    let asked = workflow::PlanArgs {
        title,
        check,
        output,
        shadow,
        deadline,
        database: asked(&database),
        replace,
        absorb,
        drop,
    };
    let planned = planned(workflow::plan(&project, &asked).await?, (&project, &asked), printer)?;
    if check && planned.changes && printer.format == Format::Text {
        let makes = Command::new("plan").option("-m", "TEXT").line(&printer.again());
        Output.line(&format!(
            "The declaration differs from the last plan; nothing was written. To make this plan: {makes}"
        ));
    }
    Ok(if (detailed_exitcode || check) && planned.changes { Exit::Pending } else { Exit::Done })
}

/// Prints a plan with its warnings, or that there are no changes.
fn planned(
    found: workflow::Planned,
    (project, asked): (&workflow::Project, &workflow::PlanArgs),
    printer: &Printer,
) -> Result<PlanReport, Diagnostics> {
    let (plan, warnings) = match found {
        workflow::Planned::NoChanges(warnings) => (None, warnings),
        workflow::Planned::Made(stored, warnings, facts) => {
            (Some(workflow::reviewed(project, &stored, facts.as_ref(), (&asked.database, false))?), warnings)
        }
    };
    printer.diagnostics(&warnings);
    let planned = PlanReport { changes: plan.is_some(), plan };
    printer.report(&planned, |p| p.plan.as_ref().map_or_else(|| "no changes\n".to_owned(), Review::text));
    Ok(planned)
}

pub(super) async fn repair(args: RepairArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let RepairArgs { title, database, folders, output, shadow, proof_deadline, format: _ } = args;
    let project = printer.project(&folders, Some(&database))?;
    let deadline = proof_deadline.map(std::time::Duration::from_secs);
    let database = asked(&database);
    let asked = workflow::PlanArgs { title, output, shadow, deadline, database, ..workflow::PlanArgs::default() };
    planned(workflow::repair(&project, &asked).await?, (&project, &asked), printer)?;
    Ok(Exit::Done)
}

pub(super) fn show(args: &ShowArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let project = printer.project(&args.folders, None)?;
    let stored = workflow::show(&project, &args.plan)?;
    if args.snapshot {
        let review = report::snapshot(&stored.sealed);
        let folder = Path::new("snapshots/plans");
        let path = folder.join(format!("{}.snap", stored.name));
        let done = match workflow::snapshot(folder, &stored.name, &review, args.check)? {
            workflow::Snapshot::Written => "written",
            workflow::Snapshot::Same => "the same",
        };
        Output.line(&format!("{}: {done}", path.display()));
        return Ok(Exit::Done);
    }
    let mut review = workflow::reviewed(&project, &stored, None, (&Asked::default(), args.full))?;
    if args.sql {
        review = review.with_sql(&stored.sealed);
    }
    let verdict = args.verify.then(|| workflow::verify(&project, &stored)).transpose();
    // A plan in doubt is shown all the same, for its reader to judge.
    review.verified = match &verdict {
        Ok(words) => words.clone(),
        Err(_) => Some("NO: see the error".to_owned()),
    };
    printer.report(&review, Review::text);
    verdict.map(|_| Exit::Done)
}

pub(super) fn approve(args: ApproveArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let ApproveArgs { plan, accept, signature, folders } = args;
    let asked = workflow::ApproveArgs { plan, accept };
    let (stored, path) = workflow::approve(&printer.project(&folders, None)?.signed(signature.name), &asked)?;
    let next = workflow::apply_of(&stored).on_database().line(&printer.again());
    Output.line(&format!("{} is approved\n{}      next: {next}", stored.title_line(), path.display()));
    Ok(Exit::Done)
}
