use super::arguments::{Arguments, Command, Consent, Database, Folders, Format};
use super::exit::Exit;
use super::observer::Lines;
use super::output::Output;
use super::{demo, render};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::report;
use crate::settings::Asked;
use crate::store::StoredPlan;
use crate::workflow::{self, Project};
use clap::Parser;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                let _ = error.print();
                return ExitCode::from(if error.use_stderr() { Exit::Mistake } else { Exit::Done } as u8);
            }
            render::usage(&error.render().to_string());
            return ExitCode::from(Exit::Mistake as u8);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            render::print(&Diagnostic::error(Code::Usage, format!("no runtime: {error}")).into());
            return ExitCode::from(Exit::Mistake as u8);
        }
    };
    let exit = runtime.block_on(async {
        tokio::select! {
            done = run(arguments.command) => match done {
                Ok(exit) => exit as u8,
                Err(diagnostics) => {
                    render::print(&diagnostics);
                    Exit::of(&diagnostics) as u8
                }
            },
            // What runs in a transaction is rolled back by the server; the next run resumes from the journal.
            _ = tokio::signal::ctrl_c() => 130,
        }
    });
    runtime.shutdown_background();
    ExitCode::from(exit)
}

fn project(folders: &Folders) -> Result<Project, Diagnostics> {
    let here = std::path::Path::new(".");
    let project =
        Project::open(here, folders.schema_dir.clone(), folders.plans_dir.clone(), std::env::vars().collect())?;
    render::print(&project.settings.warnings);
    render::print(&project.variables.warnings);
    Ok(project)
}

fn asked(database: &Database) -> Asked {
    Asked { database_url: database.database_url.clone(), env: database.env.clone() }
}

async fn run(command: Command) -> Result<Exit, Diagnostics> {
    match command {
        Command::Validate { .. } | Command::Plan { .. } | Command::Show { .. } | Command::Approve { .. } => {
            files(command).await
        }
        Command::Status { .. } | Command::History { .. } | Command::Check { .. } | Command::Import { .. } => {
            reading(command).await
        }
        Command::Adopt { .. } | Command::DryRun { .. } | Command::Apply { .. } | Command::Rollback { .. } => {
            writing(command).await
        }
        Command::Demo => demo::run(Output).await,
    }
}

async fn files(command: Command) -> Result<Exit, Diagnostics> {
    match command {
        Command::Validate { folders, format } => validate(&folders, format),
        Command::Plan {
            title,
            database,
            folders,
            output,
            replace,
            absorb,
            drop,
            shadow,
            detailed_exitcode,
            format,
        } => {
            let args = workflow::PlanArgs { title, output, shadow, database: asked(&database), replace, absorb, drop };
            plan(&project(&folders)?, &args, detailed_exitcode, format).await
        }
        Command::Show { plan, folders, snapshot, check, format } => {
            let stored = workflow::show(&project(&folders)?, &plan)?;
            if snapshot {
                let review = report::snapshot(&stored.sealed);
                let done = workflow::snapshot(std::path::Path::new("snapshots"), &stored.name, &review, check)?;
                Output.line(match done {
                    workflow::Snapshot::Written => "written",
                    workflow::Snapshot::Same => "the same",
                });
                return Ok(Exit::Done);
            }
            show(&stored, None, format)
        }
        Command::Approve { plan, accept, who, folders } => {
            let (stored, path) = workflow::approve(&project(&folders)?, &workflow::ApproveArgs { plan, accept, who })?;
            Output.line(&format!("{} is approved\n{}      next: pgform apply", stored.title_line(), path.display()));
            Ok(Exit::Done)
        }
        _ => Ok(Exit::Done),
    }
}

fn validate(folders: &Folders, format: Format) -> Result<Exit, Diagnostics> {
    let validated = workflow::validate(&project(folders)?)?;
    render::print(&validated.warnings);
    match format {
        Format::Text => Output.line(&format!(
            "{} objects declared, no mistakes; {} differ from the last plan",
            validated.objects, validated.differ
        )),
        Format::Json => json(
            &serde_json::json!({"version": 1, "objects": validated.objects, "differ": validated.differ, "warnings": validated.warnings.0.len()}),
        ),
    }
    Ok(Exit::Done)
}

fn json(value: &serde_json::Value) {
    Output.line(&format!("{value:#}"));
}

async fn plan(
    project: &Project,
    args: &workflow::PlanArgs,
    detailed: bool,
    format: Format,
) -> Result<Exit, Diagnostics> {
    match workflow::plan(project, args).await? {
        workflow::Planned::NoChanges(warnings) => {
            render::print(&warnings);
            match format {
                Format::Text => Output.line("no changes"),
                Format::Json => json(&serde_json::json!({"version": 1, "changes": false})),
            }
            Ok(Exit::Done)
        }
        workflow::Planned::Made(stored, warnings, facts) => {
            render::print(&warnings);
            show(&stored, facts.as_ref(), format)?;
            Ok(if detailed { Exit::Pending } else { Exit::Done })
        }
    }
}

pub(super) fn show(stored: &StoredPlan, facts: Option<&report::Facts>, format: Format) -> Result<Exit, Diagnostics> {
    let path = stored.path.display().to_string();
    let context = report::Context { name: Some(&stored.name), path: Some(&path), facts, ..report::Context::default() };
    let review = report::review(&stored.sealed, &context);
    match format {
        Format::Text => Output.text(&review.text()),
        Format::Json => Output.line(
            &report::to_json(&review)
                .map_err(|e| Diagnostics::from(Diagnostic::error(Code::PlanInvariant, format!("no JSON: {e}"))))?,
        ),
    }
    Ok(Exit::Done)
}

async fn reading(command: Command) -> Result<Exit, Diagnostics> {
    match command {
        Command::Import { database, folders } => {
            let imported =
                workflow::import(&project(&folders)?, &workflow::ImportArgs { database: asked(&database) }).await?;
            let (all, opaque) = imported.objects;
            Output.line(&format!(
                "{all} objects in {} files, {opaque} of them of kinds that pgform carries along without modelling them",
                imported.files.len()
            ));
            imported
                .left_out
                .iter()
                .filter(|l| !l.contains("pg_catalog") && !l.contains("information_schema"))
                .take(10)
                .for_each(|l| Output.line(&format!("left out  {l}")));
            Output.line(&format!("{}      next: pgform adopt", imported.baseline.path.display()));
            Ok(Exit::Done)
        }
        Command::Status { database, folders, format } => {
            let stand = workflow::stand(&project(&folders)?, &asked(&database)).await?;
            stands(&stand, format);
            Ok(Exit::Done)
        }
        Command::History { database, folders, format } => {
            let stand = workflow::history(&project(&folders)?, &asked(&database)).await?;
            history(&stand, format);
            Ok(Exit::Done)
        }
        Command::Check { database, folders, format } => {
            let checked = workflow::check(&project(&folders)?, &asked(&database)).await?;
            Ok(check(&checked, format))
        }
        _ => Ok(Exit::Done),
    }
}

fn names(plans: &[Arc<StoredPlan>]) -> Vec<String> {
    plans.iter().map(|p| p.title_line()).collect()
}

fn stands(stand: &workflow::Stand, format: Format) {
    let at = stand.applied.last().map(|p| p.title_line());
    let midway = stand.journal.as_ref().and_then(|j| j.midway()).map(|p| p.name.clone());
    let held: Vec<String> = stand.journal.iter().flat_map(|j| j.held()).map(|p| p.name.clone()).collect();
    if format == Format::Json {
        json(
            &serde_json::json!({"version": 1, "server": stand.server, "at": at, "pending": names(&stand.pending), "midway": midway, "held": held, "adopted": stand.journal.is_some()}),
        );
        return;
    }
    Output.line(&stand.server);
    let pending = if stand.pending.is_empty() {
        "no plan is pending".to_owned()
    } else {
        format!("pending: {}", names(&stand.pending).join(", "))
    };
    Output.line(&format!("at {} · {pending}", at.unwrap_or_else(|| "no plan".to_owned())));
    midway.iter().for_each(|p| Output.line(&format!("in the middle of {p}")));
    held.iter().for_each(|p| Output.line(&format!("held: {p}")));
}

fn history(stand: &workflow::Stand, format: Format) {
    let runs = stand.journal.iter().flat_map(|j| &j.runs);
    let name = |digest| stand.journal.as_ref().and_then(|j| j.plan(digest)).map(|p| p.name.clone()).unwrap_or_default();
    if format == Format::Json {
        let runs: Vec<serde_json::Value> = runs.map(|r| serde_json::json!({"id": r.id, "plan": name(&r.plan), "kind": r.kind.as_str(), "status": r.status.as_str(), "login": r.login})).collect();
        json(&serde_json::json!({"version": 1, "runs": runs}));
        return;
    }
    Output.line(&stand.server);
    for run in runs {
        Output.line(&format!(
            "{:>4}  {:<9} {:<40} {:<8} {}",
            run.id,
            run.kind.as_str(),
            name(&run.plan),
            run.status.as_str(),
            run.login
        ));
    }
}

fn check(checked: &workflow::Checked, format: Format) -> Exit {
    let exit = match (checked.drift.is_empty(), checked.stand.pending.is_empty()) {
        (false, _) => Exit::Drift,
        (true, false) => Exit::Pending,
        (true, true) => Exit::Done,
    };
    if format == Format::Json {
        let drift: Vec<serde_json::Value> = checked
            .drift
            .iter()
            .map(|d| serde_json::json!({"object": d.object.to_string(), "mark": d.mark.to_string(), "says": d.text}))
            .collect();
        json(
            &serde_json::json!({"version": 1, "server": checked.stand.server, "pending": names(&checked.stand.pending), "drift": drift}),
        );
        return exit;
    }
    stands(&checked.stand, format);
    if checked.stand.journal.is_none() {
        Output.line("drift: not looked at, pgform never ran here: pgform adopt");
    } else if checked.drift.is_empty() {
        Output.line("drift: none");
    } else {
        Output.line(&format!("drift: {}", checked.drift.len()));
        checked.drift.iter().for_each(|d| Output.line(&format!("  {}", d.text)));
    }
    exit
}

async fn writing(command: Command) -> Result<Exit, Diagnostics> {
    match command {
        Command::Adopt { plan, database, folders, consent, relabel } => {
            let args = workflow::AdoptArgs { plan, database: asked(&database), relabel };
            let verb = if relabel { "Give it its new name" } else { "Adopt" };
            let adopted = workflow::adopt(&project(&folders)?, &args, &mut |q| confirm(&consent, verb, q)).await?;
            Output.line(&if relabel {
                "relabelled".to_owned()
            } else {
                format!("adopted: {}", names(&adopted.plans).join(", "))
            });
            Ok(Exit::Done)
        }
        Command::Apply { plan, database, folders, consent, allow, again } => {
            let args = workflow::ApplyArgs { plan, database: asked(&database), allow, again };
            let applied = workflow::apply(&project(&folders)?, &args, &mut Lines::new(Output), &mut |q| {
                confirm(&consent, "Apply", q)
            })
            .await?;
            render::print(&applied.warnings);
            if !applied.back.is_empty() {
                Output.line(&format!("went back: {}", names(&applied.back).join(", ")));
            }
            Output.line(&if applied.plans.is_empty() {
                "nothing to do: every plan is applied here".to_owned()
            } else {
                format!("applied: {}", names(&applied.plans).join(", "))
            });
            Ok(Exit::Done)
        }
        Command::Rollback { plan, database, folders, consent, allow } => {
            let args = workflow::RollbackArgs { plan, database: asked(&database), allow };
            let done = workflow::rollback(&project(&folders)?, &args, &mut Lines::new(Output), &mut |q| {
                confirm(&consent, "Roll back", q)
            })
            .await?;
            Output.line(&format!(
                "rolled back: {} ({} segments); held here until apply --again or a plan that replaces it",
                done.plan, done.segments
            ));
            Ok(Exit::Done)
        }
        Command::DryRun { plan, database, folders, consent, allow } => {
            let asked = asked(&database);
            let done =
                workflow::dry_run(&project(&folders)?, &plan, (&asked, &allow), &mut Lines::new(Output), &mut |q| {
                    confirm(&consent, "Try", q)
                })
                .await?;
            Output.line(&format!(
                "{}: forward {:.2} s, back {:.2} s; the database is as before",
                done.plan.title_line(),
                done.forward.iter().sum::<f64>(),
                done.back.iter().sum::<f64>()
            ));
            Ok(Exit::Done)
        }
        _ => Ok(Exit::Done),
    }
}

/// Prints where and what, and asks unless told. A protected environment's name must be given, whatever else was said.
pub(super) fn confirm(consent: &Consent, verb: &str, question: &workflow::Question<'_>) -> bool {
    let workflow::Question { server, plans, back_first, protected } = question;
    Output.line(server);
    if !back_first.is_empty() {
        Output.line(&format!("goes back first: {}", back_first.join(", ")));
    }
    if !plans.is_empty() {
        Output.line(&format!("to do: {}", names(plans).join(", ")));
    }
    match (protected, &consent.confirm) {
        (Some(name), Some(given)) => name == given,
        (Some(name), None) => Output.ask_for(&format!("{verb}? {name} is protected: type its name"), name),
        (None, _) => consent.yes || Output.ask(&format!("{verb}?")),
    }
}
