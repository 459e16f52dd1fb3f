use super::arguments::{Consent, Format};
use super::exit::Exit;
use super::observer::Lines;
use super::output::Output;
use super::run::{confirm, show};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::settings::Asked;
use crate::shadow::Shadow;
use crate::workflow::{self, Project};
use std::collections::BTreeMap;
use std::path::Path;

/// An older database, as somebody made it by hand.
const OLDER: &str = "
create extension vector;
create type document_status as enum ('draft', 'indexed');
create table documents (
  id bigint generated always as identity primary key,
  path text not null unique,
  status document_status not null default 'draft',
  embedding vector(3)
);
create index documents_embedding_hnsw on documents using hnsw (embedding vector_l2_ops);
insert into documents (path, status, embedding) values
  ('/a.md', 'indexed', '[1,2,3]'), ('/b.md', 'draft', null), ('/c.md', 'indexed', '[3,2,1]');
";

/// What the team wants next, as changes of the imported text.
const WANTED: &[(&str, &str)] = &[("vector_l2_ops", "vector_cosine_ops")];

fn failed(error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the demo stopped: {error}")).into()
}

/// The whole way on the embedded PostgreSQL, in a temporary folder.
pub(super) async fn run(output: Output) -> Result<Exit, Diagnostics> {
    let folder = tempfile::tempdir().map_err(failed)?;
    let shadow = Shadow::embedded(&["vector"]).await?;
    let url = shadow.url();
    let (client, driver) = shadow.connect().await?;
    client.batch_execute(OLDER).await.map_err(failed)?;
    drop(client);
    let _ = driver.await;
    let result = story(output, folder.path(), &url).await;
    shadow.stop().await?;
    result
}

fn project(folder: &Path) -> Result<Project, Diagnostics> {
    Project::open(folder, folder.join("schema"), folder.join("plans"), BTreeMap::new())
}

fn say(output: Output, command: &str) {
    output.line(&format!("\n$ pgform {command}"));
}

async fn story(output: Output, folder: &Path, url: &str) -> Result<Exit, Diagnostics> {
    let project = project(folder)?;
    let yes = Consent { yes: true, confirm: None };
    let database = Asked { database_url: Some(url.to_owned()), env: None };
    output.line("An older database with three documents, made by hand, on the embedded PostgreSQL.");
    say(output, "import -d URL");
    let imported = workflow::import(&project, &workflow::ImportArgs { database: database.clone() }).await?;
    output.line(&format!("{} objects in {} files", imported.objects.0, imported.files.len()));
    say(output, "adopt -d URL --yes");
    let adopt = workflow::AdoptArgs { database: database.clone(), ..workflow::AdoptArgs::default() };
    workflow::adopt(&project, &adopt, &mut |q| confirm(&yes, "Adopt", q)).await?;
    output.line("\nCosine distance is wanted instead: one word changes in the declaration.");
    for file in &imported.files {
        let mut text = std::fs::read_to_string(file).map_err(failed)?;
        for (old, new) in WANTED {
            text = text.replace(old, new);
        }
        std::fs::write(file, text).map_err(failed)?;
    }
    say(output, "plan -m \"search by cosine\"");
    let args = workflow::PlanArgs { title: "search by cosine".to_owned(), ..workflow::PlanArgs::default() };
    let workflow::Planned::Made(plan, ..) = workflow::plan(&project, &args).await? else {
        return Err(failed("nothing differs"));
    };
    show(&plan, None, Format::Text)?;
    say(output, "approve search-by-cosine");
    let approve = workflow::ApproveArgs {
        plan: "search-by-cosine".to_owned(),
        who: Some("demo".to_owned()),
        ..workflow::ApproveArgs::default()
    };
    workflow::approve(&project, &approve)?;
    output.line("approved");
    say(output, "apply -d URL --yes");
    let apply = workflow::ApplyArgs { database: database.clone(), ..workflow::ApplyArgs::default() };
    workflow::apply(&project, &apply, &mut Lines::new(output), &mut |q| confirm(&yes, "Apply", q)).await?;
    in_step(output, &project, &database).await?;
    say(output, "rollback -d URL --yes");
    let back = workflow::RollbackArgs { database: database.clone(), ..workflow::RollbackArgs::default() };
    workflow::rollback(&project, &back, &mut Lines::new(output), &mut |q| confirm(&yes, "Roll back", q)).await?;
    rows(output, &project, &database).await
}

async fn in_step(output: Output, project: &Project, database: &Asked) -> Result<(), Diagnostics> {
    say(output, "check -d URL");
    let checked = workflow::check(project, database).await?;
    output.line(&format!("drift: {}, pending: {}", checked.drift.len(), checked.stand.pending.len()));
    Ok(())
}

async fn rows(output: Output, project: &Project, database: &Asked) -> Result<Exit, Diagnostics> {
    let mut connected = project.connect_reading(database).await?;
    let rows =
        connected.connection.query_text("select path, status, embedding from public.documents order by id").await;
    output.line("\nThe rows are still there:");
    for row in rows.map_err(|e| failed(e.message))? {
        let cells: Vec<String> = row.into_iter().map(|cell| cell.unwrap_or_else(|| "null".to_owned())).collect();
        output.line(&format!("  {}", cells.join("  ")));
    }
    Ok(Exit::Done)
}
