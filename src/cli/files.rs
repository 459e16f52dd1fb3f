//! Commands that work on files alone.
use super::arguments::{ApproveArgs, Format, PlanArgs, ShowArgs, ValidateArgs};
use super::exit::Exit;
use super::output::Output;
use super::render;
use super::run::{asked, print, project};
use crate::diagnostic::Diagnostics;
use crate::report::{self, Planned, Review, Validation};
use crate::workflow;

pub(super) fn validate(args: &ValidateArgs) -> Result<Exit, Diagnostics> {
    let validated = workflow::validate(&project(&args.folders, args.format)?)?;
    render::print(&validated.warnings, args.format);
    print(&validated.report, args.format, Validation::text);
    Ok(Exit::Done)
}

pub(super) async fn plan(args: PlanArgs) -> Result<Exit, Diagnostics> {
    let PlanArgs {
        title,
        database,
        folders,
        output,
        replace,
        absorb,
        drop,
        shadow,
        proof_deadline,
        detailed_exitcode,
        format,
    } = args;
    let project = project(&folders, format)?;
    let deadline = proof_deadline.map(std::time::Duration::from_secs);
    let asked =
        workflow::PlanArgs { title, output, shadow, deadline, database: asked(&database), replace, absorb, drop };
    let (plan, warnings) = match workflow::plan(&project, &asked).await? {
        workflow::Planned::NoChanges(warnings) => (None, warnings),
        workflow::Planned::Made(stored, warnings, facts) => {
            (Some(workflow::reviewed(&project, &stored, facts.as_ref(), false)?), warnings)
        }
    };
    render::print(&warnings, format);
    let planned = Planned { changes: plan.is_some(), plan };
    print(&planned, format, |p| p.plan.as_ref().map_or_else(|| "no changes\n".to_owned(), Review::text));
    Ok(if detailed_exitcode && planned.changes { Exit::Pending } else { Exit::Done })
}

pub(super) fn show(args: &ShowArgs) -> Result<Exit, Diagnostics> {
    let project = project(&args.folders, args.format)?;
    let stored = workflow::show(&project, &args.plan)?;
    if args.snapshot {
        let review = report::snapshot(&stored.sealed);
        let folder = std::path::Path::new("snapshots");
        let path = folder.join(format!("{}.snap", stored.name));
        let done = match workflow::snapshot(folder, &stored.name, &review, args.check)? {
            workflow::Snapshot::Written => "written",
            workflow::Snapshot::Same => "the same",
        };
        Output.line(&format!("{}: {done}", path.display()));
        return Ok(Exit::Done);
    }
    print(&workflow::reviewed(&project, &stored, None, args.full)?, args.format, Review::text);
    Ok(Exit::Done)
}

pub(super) fn approve(args: ApproveArgs) -> Result<Exit, Diagnostics> {
    let ApproveArgs { plan, accept, who, folders } = args;
    let asked = workflow::ApproveArgs { plan, accept, who };
    let (stored, path) = workflow::approve(&project(&folders, Format::Text)?, &asked)?;
    Output.line(&format!("{} is approved\n{}      next: pgform apply", stored.title_line(), path.display()));
    Ok(Exit::Done)
}
