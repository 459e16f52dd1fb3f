//! Commands that read a database: `status`, `history`, `check`, `doctor`, `import`.
use super::arguments::{ImportArgs, ReadArgs};
use super::exit::Exit;
use super::output::Output;
use super::printer::{Printer, asked};
use crate::diagnostic::{Again, Command, Diagnostics, shown};
use crate::report::{CheckReport, CheckVerdict, Doctor, History, Status};
use crate::workflow;

/// Number of files, and of objects left out, that the output of `import` names.
const NAMED: usize = 10;

pub(super) async fn status(args: &ReadArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let status =
        workflow::status(&printer.project(&args.folders, Some(&args.database))?, &asked(&args.database)).await?;
    printer.report(&status, Status::text);
    Ok(Exit::Done)
}

pub(super) async fn history(args: &ReadArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let history =
        workflow::history(&printer.project(&args.folders, Some(&args.database))?, &asked(&args.database)).await?;
    printer.report(&history, History::text);
    Ok(Exit::Done)
}

pub(super) async fn check(args: &ReadArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let checked =
        workflow::check(&printer.project(&args.folders, Some(&args.database))?, &asked(&args.database)).await?;
    printer.report(&checked, CheckReport::text);
    Ok(match checked.standing() {
        CheckVerdict::InStep => Exit::Done,
        CheckVerdict::Pending => Exit::Pending,
        CheckVerdict::Drifted => Exit::Drift,
    })
}

pub(super) async fn doctor(args: &ReadArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let doctor =
        workflow::doctor(&printer.project(&args.folders, Some(&args.database))?, &asked(&args.database)).await?;
    printer.report(&doctor, Doctor::text);
    Ok(if doctor.is_wrong() { Exit::Mistake } else { Exit::Done })
}

pub(super) async fn import(args: &ImportArgs, printer: &Printer) -> Result<Exit, Diagnostics> {
    let asked = workflow::ImportArgs { database: asked(&args.database) };
    let imported = workflow::import(&printer.project(&args.folders, Some(&args.database))?, &asked).await?;
    Output.text(&imported_text(&imported, &printer.again()));
    Ok(Exit::Done)
}

pub(super) fn imported_text(imported: &workflow::Imported, again: &Again) -> String {
    let (all, opaque) = imported.objects;
    let files = imported.files.len();
    let mut out = format!("{all} objects in {files} {}\n", if files == 1 { "file" } else { "files" });
    let schemas: Vec<String> = imported.schemas.iter().map(|s| shown(s)).collect();
    out.push_str(&format!("of the {} {}\n", if schemas.len() == 1 { "schema" } else { "schemas" }, schemas.join(", ")));
    if opaque > 0 {
        out.push_str(&format!("{opaque} of them are of kinds that pgform carries along as they are\n"));
    }
    // Objects of the server or of an extension are not worth a line.
    let own = |l: &&String| {
        !l.contains("pg_catalog") && !l.contains("information_schema") && !l.contains(": a member of the extension ")
    };
    let left_out: Vec<&String> = imported.left_out.iter().filter(own).collect();
    for line in left_out.iter().take(NAMED) {
        out.push_str(&format!("left out  {}\n", shown(line)));
    }
    if left_out.len() > NAMED {
        out.push_str(&format!("left out  {} more\n", left_out.len() - NAMED));
    }
    for line in &imported.unseen {
        out.push_str(&format!("not looked at  {}\n", shown(line)));
    }
    for file in imported.files.iter().take(NAMED) {
        out.push_str(&format!("{}\n", file.display()));
    }
    if files > NAMED {
        out.push_str(&format!("and {} more files\n", files - NAMED));
    }
    let next = Command::new("adopt").on_database().line(again);
    format!("{out}{}      next: {next}\n", imported.baseline.path.display())
}
