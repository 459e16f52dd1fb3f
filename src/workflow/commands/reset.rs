//! `reset`: empties a development database of all managed objects, so that `apply` makes everything again.
use crate::declaration::named_schemas;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{self, Content, Reset};
use crate::model::{Body, ObjectId, ObjectKind, Schema, SchemaName, State, quote};
use crate::report::some_of;
use crate::settings::Asked;
use crate::store::Plans;
use crate::workflow::database::label::{DEVELOPMENT, is_development, right_label};
use crate::workflow::database::position::{self, Position};
use crate::workflow::database::reported::database;
use crate::workflow::invocation::confirm::{Confirm, Question};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::invocation::proposal::Proposal;
use crate::workflow::preflight::first_plan::NAMED;
use std::collections::{BTreeMap, BTreeSet};

/// Arguments of `reset`.
#[derive(Clone, Default)]
pub struct ResetArgs {
    /// The database.
    pub database: Asked,
}

/// Result of `reset`.
#[derive(Debug)]
pub struct Dropped {
    /// Counts of the objects dropped, by kind and schema, as lines.
    pub lines: Vec<String>,
    /// Warnings about the database.
    pub warnings: Diagnostics,
}

/// Drops the contents of the managed schemas, objects outside of schemas that plans made, and the journal's record of
/// plans.
///
/// # Errors
/// If the database is not one for development and holds rows, or is another environment's; if an object that is not
/// managed depends on one that would go. Nothing is dropped then.
pub async fn reset(project: &Project, args: &ResetArgs, confirm: Confirm<'_>) -> Result<Dropped, Diagnostics> {
    let plans = project.plans()?;
    let (mut connected, stand) = position::open(project, &args.database, "reset", &plans).await?;
    let mut warnings = right_label(project, &mut connected, stand.journal.as_ref())?;
    if stand.journal.is_none() {
        return Err(Diagnostic::error(Code::PlanPosition, "pgform never ran here: there is nothing to make again")
            .way("see what would run", Command::new("apply").on_database())
            .into());
    }
    let (managed, unknown) = managed(project, &plans, &stand)?;
    warnings.extend(unknown);
    let what = what(project, &plans, &mut connected, &stand, &managed).await?;
    may_be_reset(args, &mut connected, &stand, &what.contents).await?;
    let lines = told(&what);
    let proposal = Proposal::Reset(database(&connected, stand.journal.as_ref()), lines.clone());
    let name = connected.connection.info().database.clone();
    let protected = (!is_development(stand.journal.as_ref())).then_some(name.as_str());
    if !confirm(&Question { proposal: &proposal, protected }) {
        let reset = Command::new("reset").on_database();
        let reset = match protected {
            Some(name) => reset.option("--confirm", name),
            None => reset.flag("--yes"),
        };
        let message = "nothing was dropped: nobody said yes";
        return Err(Diagnostic::error(Code::NotConfirmed, message).way("say so", reset).into());
    }
    position::keep_out(&mut connected, &stand).await?;
    let role = connected.role.clone();
    let done = execute::reset(&mut connected.connection, &what, role.as_deref()).await;
    position::let_in(connected).await;
    done.map(|()| Dropped { lines, warnings })
}

/// Objects that are managed, by the chain, the plans applied here, and the settings; with a warning where the latter
/// are unknown.
fn managed(project: &Project, plans: &Plans, stand: &Position) -> Result<(State, Diagnostics), Diagnostics> {
    let mut said = Diagnostics::default();
    let mut all = stand.state(plans).unwrap_or_else(|why| {
        said.push(unknown(&why));
        State::default()
    });
    if let Some(record) = stand.midway() {
        let plan = position::stored(plans, record)?;
        all.objects.extend(plans.fold_to(plan.file())?.objects);
    }
    if !plans.all().is_empty() {
        all.objects.extend(plans.fold_to_head()?.objects);
    }
    let named = project.settings.scope.schemas().iter().filter(|_| project.settings.scope.is_named());
    let schemas = named.map(|name| ObjectId::schema(SchemaName::new(name)));
    let made = |id: ObjectId| (id, Body::Schema(Schema).into());
    all.objects.extend(schemas.map(made));
    Ok((all, said))
}

fn unknown(why: &Diagnostics) -> Diagnostic {
    let why = why.0.first().map(|first| format!(": {}", first.message)).unwrap_or_default();
    let message = format!(
        "what the plans that are here have made is not known, and stays where nothing else says that it is managed{why}"
    );
    Diagnostic::warning(Code::Unknown, message).help("bring their files back, then say it again")
}

async fn what(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    stand: &Position,
    managed: &State,
) -> Result<Reset, Diagnostics> {
    let mut schemas = named_schemas(managed.objects.keys());
    schemas.extend(
        project.settings.scope.schemas().iter().filter(|_| project.settings.scope.is_named()).map(SchemaName::new),
    );
    let names: Vec<String> = schemas.iter().map(|schema| schema.as_str().to_owned()).collect();
    let ours = |content: &Content| project.settings.scope.left_out(&content.schema, &content.name, false).is_none();
    let contents = execute::contents(&mut connected.connection, &names).await?.into_iter().filter(ours).collect();
    let made = made(plans, stand)?;
    let missing = crate::catalog::missing(connected.connection.diesel(), &made).await?;
    let there = || made.iter().filter(|id| !missing.contains(id));
    let of = |kind| there().filter(move |id| id.is(kind)).map(|id| id.own_name().to_owned()).collect();
    Ok(Reset {
        contents,
        beside: managed.objects.keys().filter_map(beside).collect(),
        extensions: of(ObjectKind::Extension),
        schemas: of(ObjectKind::Schema),
    })
}

/// Schemas and extensions that plans made here: they are made again, so they are dropped. Those that a baseline found
/// stay, and are found again.
fn made(plans: &Plans, stand: &Position) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    let mut made = BTreeSet::new();
    for record in stand.journal.iter().flat_map(|journal| &journal.plans) {
        let plan = position::stored(plans, record)?;
        let left = plan.file().body.segments.iter().flat_map(|segment| &segment.leaves);
        let new = left.filter(|(id, left)| left.is_some() && !plan.file().header.guards.contains_key(id));
        made.extend(new.map(|(id, _)| *id));
    }
    made.retain(|id| matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension));
    Ok(made)
}

/// Kinds that live in no schema, that no plan drops, and that would be in the way of a baseline.
const BESIDE: [ObjectKind; 7] = [
    ObjectKind::EventTrigger,
    ObjectKind::Publication,
    ObjectKind::Language,
    ObjectKind::AccessMethod,
    ObjectKind::ForeignServer,
    ObjectKind::ForeignDataWrapper,
    ObjectKind::Cast,
];

/// Kind, as its statements call it, and name of an object whose kind is in [`BESIDE`].
fn beside(id: &ObjectId) -> Option<(String, String)> {
    let kind = id.kind();
    let word = kind.word_in_alter().unwrap_or(kind.as_str());
    BESIDE.contains(&kind).then(|| (word.to_owned(), id.short()))
}

/// Refuses a database that is not one for development and holds rows.
async fn may_be_reset(
    args: &ResetArgs,
    connected: &mut Connected,
    stand: &Position,
    contents: &[Content],
) -> Result<(), Diagnostics> {
    let journal = stand.journal.as_ref();
    if is_development(journal) {
        return Ok(());
    }
    if let Some(other) = journal.and_then(|j| j.label.as_ref()).and_then(|label| label.environment.as_ref()) {
        let message = format!("this database says that it is {other}: only one for {DEVELOPMENT} is emptied");
        let relabel = Command::new("adopt").flag("--relabel").option("--env", DEVELOPMENT);
        return Err(Diagnostic::error(Code::WrongDatabase, message)
            .way("plan what is missing", Command::new("repair").on_database())
            .way("if this is a copy for development, give it its name first", relabel)
            .into());
    }
    if args.database.env.as_deref() == Some(DEVELOPMENT) {
        return Ok(());
    }
    let full = execute::with_rows(&mut connected.connection, contents).await?;
    if full.is_empty() {
        return Ok(());
    }
    let message = format!(
        "this database does not say that it is one for {DEVELOPMENT}, and there are rows in {}: nothing was dropped",
        some_of(&full, NAMED)
    );
    let help = format!(
        "if it is, name it in pgform.yaml:\n  environments:\n    {DEVELOPMENT}:\n      url: {{env: DEVELOPMENT_DATABASE_URL}}"
    );
    let name = &connected.connection.info().database;
    let reset = Command::new("reset").option("--env", DEVELOPMENT).option("--confirm", name);
    Err(Diagnostic::error(Code::WrongDatabase, message).help(help).way("then", reset).into())
}

/// Lines that count the objects to be dropped, by kind and schema, and name those outside of schemas.
fn told(what: &Reset) -> Vec<String> {
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for content in &what.contents {
        *counted.entry((&content.schema, &content.kind)).or_default() += 1;
    }
    let mut lines: Vec<String> = counted
        .iter()
        .map(|((schema, kind), count)| format!("drops  {count} of kind {kind} in schema {}\n", quote(schema)))
        .collect();
    lines.extend(what.beside.iter().map(|(kind, name)| format!("drops  {kind} {name}\n")));
    lines.extend(what.schemas.iter().map(|name| format!("drops  schema {}\n", quote(name))));
    lines.extend(what.extensions.iter().map(|name| format!("drops  extension {}\n", quote(name))));
    lines.push("forgets which plans ran here\n".to_owned());
    lines
}
