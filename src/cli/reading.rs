//! Commands that read a database.
use super::arguments::{Format, ImportArgs, ReadArgs};
use super::exit::Exit;
use super::output::Output;
use super::run::{asked, print, project};
use crate::diagnostic::{Diagnostics, shown};
use crate::report::{Check, History, Standing, Status};
use crate::workflow;

/// Of what `import` left out, that many are named.
const NAMED: usize = 10;

pub(super) async fn status(args: &ReadArgs) -> Result<Exit, Diagnostics> {
    let status = workflow::status(&project(&args.folders, args.format)?, &asked(&args.database)).await?;
    print(&status, args.format, Status::text);
    Ok(Exit::Done)
}

pub(super) async fn history(args: &ReadArgs) -> Result<Exit, Diagnostics> {
    let history = workflow::history(&project(&args.folders, args.format)?, &asked(&args.database)).await?;
    print(&history, args.format, History::text);
    Ok(Exit::Done)
}

pub(super) async fn check(args: &ReadArgs) -> Result<Exit, Diagnostics> {
    let checked = workflow::check(&project(&args.folders, args.format)?, &asked(&args.database)).await?;
    print(&checked.report, args.format, Check::text);
    Ok(match checked.report.standing() {
        Standing::InStep => Exit::Done,
        Standing::Pending => Exit::Pending,
        Standing::Drifted => Exit::Drift,
    })
}

pub(super) async fn import(args: &ImportArgs) -> Result<Exit, Diagnostics> {
    let asked = workflow::ImportArgs { database: asked(&args.database) };
    let imported = workflow::import(&project(&args.folders, Format::Text)?, &asked).await?;
    Output.text(&imported_text(&imported));
    Ok(Exit::Done)
}

pub(super) fn imported_text(imported: &workflow::Imported) -> String {
    let (all, opaque) = imported.objects;
    let files = imported.files.len();
    let mut out = format!("{all} objects in {files} {}\n", if files == 1 { "file" } else { "files" });
    if opaque > 0 {
        out.push_str(&format!("{opaque} of them are of kinds that pgform carries along as they are\n"));
    }
    // What belongs to the server or to an extension is nobody's surprise.
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
    format!("{out}{}      next: pgform adopt\n", imported.baseline.path.display())
}
