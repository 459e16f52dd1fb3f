//! The tour of the demo: commands with their output, on the embedded PostgreSQL, in a temporary folder.
use super::super::arguments::{Consent, Format};
use super::super::confirm::confirm;
use super::super::exit::Exit;
use super::super::interrupt::Interrupt;
use super::super::observer::Lines;
use super::super::output::Output;
use super::super::printer::Printer;
use super::super::reading::imported_text;
use super::super::writing::{adopted_text, applied_text, rolled_back_text};
use super::edit::edits;
use crate::diagnostic::{Again, Code, Diagnostic, Diagnostics};
use crate::settings::Asked;
use crate::shadow::Shadow;
use crate::workflow::{self, Project, Question};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Database of before, as somebody made it by hand.
const OLDER: &str = include_str!("story/0001-older.sql");
/// Change of a working day: another distance, a column, a check, a table with embeddings, and an old column dropped.
const NEEDED: &str = include_str!("story/0002-what-search-needs.diff");
/// Rows that the application writes after the plan is applied.
const WRITTEN: &str = include_str!("story/written.sql");
/// Query of the rows that are left at the end.
const ROWS: &str = include_str!("story/rows.sql");

/// Consent as by `--yes`.
const YES: Consent = Consent { yes: true, confirm: None, subscribers_ready: false };

fn failed(error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the demo stopped: {error}")).into()
}

/// Runs the whole story on the embedded PostgreSQL, in a temporary folder.
pub(in crate::cli) async fn run(output: Output, interrupt: &Interrupt) -> Result<Exit, Diagnostics> {
    let folder = tempfile::tempdir().map_err(failed)?;
    // Files are shown as their user would see them.
    std::env::set_current_dir(folder.path()).map_err(failed)?;
    let shadow = Shadow::embedded(&["vector"]).await?;
    let project = Project::open(&PathBuf::from("."), PathBuf::from("schema"), PathBuf::from("plans"), BTreeMap::new())?;
    let project = project.signed(Some("demo".to_owned()));
    let database = Asked { database_url: Some(shadow.url()), ..Asked::default() };
    let demo = Demo { output, interrupt, printer: Printer::new(Format::Text), project, database, shadow: &shadow };
    let result = demo.story().await;
    shadow.stop().await?;
    result
}

struct Demo<'a> {
    output: Output,
    interrupt: &'a Interrupt,
    printer: Printer,
    project: Project,
    database: Asked,
    shadow: &'a Shadow,
}

impl Demo<'_> {
    async fn story(&self) -> Result<Exit, Diagnostics> {
        self.tell("# An older database, made by hand, with three documents in it (on the embedded PostgreSQL).");
        self.sql(OLDER).await?;
        self.import().await?;
        self.remark("What the team wants next: cosine distance, a title, a check, chunks with embeddings of their own,\n# and no legacy_path any more. It edits the declaration:");
        self.edit()?;
        self.plan().await?;
        self.say("approve what-search-needs --accept DataLoss:documents.legacy_path");
        let approve = workflow::ApproveArgs {
            plan: "what-search-needs".to_owned(),
            accept: vec!["DataLoss:documents.legacy_path".to_owned()],
        };
        let (stored, _) = workflow::approve(&self.project, &approve)?;
        self.tell(&format!("{} is approved", stored.title_line()));
        self.say("apply -d URL --yes");
        let apply = workflow::ApplyArgs { database: self.database.clone(), ..workflow::ApplyArgs::default() };
        let applied = workflow::apply(&self.project, &apply, &mut self.lines(), &mut yes).await?;
        self.tell(&applied_text(&applied));
        self.check().await?;
        self.remark("The application writes a title and three chunks. Then somebody wants to go back.");
        self.sql(WRITTEN).await?;
        self.back().await?;
        self.check().await?;
        self.rows().await
    }

    fn tell(&self, text: &str) {
        self.output.line(text);
    }

    /// Prints a remark between commands, as a comment of a shell.
    fn remark(&self, text: &str) {
        self.tell(&format!("\n# {text}"));
    }

    fn say(&self, command: &str) {
        self.output.line(&format!("\n$ pgform {command}"));
    }

    fn lines(&self) -> Lines {
        Lines::new(self.output, self.interrupt)
    }

    async fn sql(&self, sql: &str) -> Result<(), Diagnostics> {
        let (client, driver) = self.shadow.connect().await?;
        let done = client.batch_execute(sql).await;
        drop(client);
        let _ = driver.await;
        done.map_err(failed)
    }

    async fn import(&self) -> Result<(), Diagnostics> {
        self.say("import -d URL");
        let import = workflow::ImportArgs { database: self.database.clone() };
        self.output.text(&imported_text(&workflow::import(&self.project, &import).await?, &Again::default()));
        self.say("adopt -d URL --yes");
        let adopt = workflow::AdoptArgs { database: self.database.clone(), ..workflow::AdoptArgs::default() };
        self.tell(&adopted_text(&workflow::adopt(&self.project, &adopt, &mut yes).await?));
        Ok(())
    }

    /// Edits the imported files, and shows the edits.
    fn edit(&self) -> Result<(), Diagnostics> {
        for edit in edits(NEEDED) {
            let path = Path::new(edit.file);
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let edited = edit.of(&text).ok_or_else(|| failed(format!("{} is not as expected", edit.file)))?;
            std::fs::write(path, edited).map_err(failed)?;
            self.output.text(&edit.shown());
        }
        Ok(())
    }

    async fn plan(&self) -> Result<(), Diagnostics> {
        self.say("plan -m \"what search needs\"");
        let args = workflow::PlanArgs { title: "what search needs".to_owned(), ..workflow::PlanArgs::default() };
        let workflow::Planned::Made(plan, warnings, _) = workflow::plan(&self.project, &args).await? else {
            return Err(failed("nothing differs"));
        };
        self.printer.diagnostics(&warnings);
        self.output.text(&workflow::reviewed(&self.project, &plan, None, (&self.database, false))?.text());
        Ok(())
    }

    async fn check(&self) -> Result<(), Diagnostics> {
        self.say("check -d URL");
        let checked = workflow::check(&self.project, &self.database).await?;
        self.output.text(&checked.text());
        self.tell(&format!("exit {}", checked.standing().exit_code()));
        Ok(())
    }

    /// Rolls back twice: first refused, then with the losses allowed by name.
    async fn back(&self) -> Result<(), Diagnostics> {
        self.say("rollback -d URL --yes");
        let refused = workflow::RollbackArgs { database: self.database.clone(), ..workflow::RollbackArgs::default() };
        match workflow::rollback(&self.project, &refused, &mut self.lines(), &mut yes).await {
            Ok(_) => return Err(failed("rows would have been lost, and nobody was asked")),
            Err(diagnostics) => {
                self.printer.diagnostics(&diagnostics);
                self.tell(&format!("exit {}", Exit::of(&diagnostics) as u8));
            }
        }
        self.say("rollback -d URL --yes --allow 'DataLoss:*'");
        let allowed = workflow::RollbackArgs { allow: vec!["DataLoss:*".to_owned()], ..refused };
        let done = workflow::rollback(&self.project, &allowed, &mut self.lines(), &mut yes).await?;
        self.tell(&rolled_back_text(&done));
        Ok(())
    }

    async fn rows(&self) -> Result<Exit, Diagnostics> {
        let mut connected = self.project.connect_reading(&self.database).await?;
        let rows = connected.connection.query_text(ROWS).await.map_err(|e| failed(e.message))?;
        self.remark("The rows are still there; of legacy_path, which was given up at approval, the values are not:");
        for row in rows {
            let cells: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
            self.tell(&format!("  {:<20} {:<8} {:<8} {}", cells[0], cells[1], cells[2], cells[3]));
        }
        Ok(Exit::Done)
    }
}

/// Answers as `--yes` does.
fn yes(question: &Question<'_>) -> bool {
    confirm(&YES, question)
}
