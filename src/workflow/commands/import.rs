//! `import`: writes the declaration and the baseline plan of a database that exists already.
use crate::declaration::named_schemas;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::count_rows;
use crate::model::{Body, ExtensionName, Object, ObjectId, ObjectKind, SchemaName, State, is_aside};
use crate::plan::TypeColumns;
use crate::plan::format::PlanBody;
use crate::plan::sql::literal;
use crate::settings::Asked;
use crate::store::{Format, Header, MODELS, PlanFile, PlanTarget, StoredPlan};
use crate::workflow::invocation::project::{Connected, Project, known};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `import`.
#[derive(Clone, Default)]
pub struct ImportArgs {
    /// The database.
    pub database: Asked,
}

/// Result of `import`.
#[derive(Debug)]
pub struct Imported {
    /// The declaration's files.
    pub files: Vec<PathBuf>,
    /// The baseline.
    pub baseline: Arc<StoredPlan>,
    /// Count of its objects, and of those among them that pgform does not model.
    pub objects: (usize, usize),
    /// The schemas that were imported.
    pub schemas: Vec<String>,
    /// Objects left out, each with its reason, as lines.
    pub left_out: Vec<String>,
    /// Objects and texts that could not be read: no change of them is drift, and nothing of them is built elsewhere.
    pub unseen: Vec<String>,
}

/// Turns an existing database into a declaration and a baseline plan. No existing file is written over.
///
/// # Errors
/// If there are files already, or the database cannot be read.
pub async fn import(project: &Project, args: &ImportArgs) -> Result<Imported, Diagnostics> {
    let mut plans = project.plans()?;
    if !plans.all().is_empty() {
        return Err(Diagnostic::error(Code::File, format!("{} has plans already", plans.dir().display()))
            .help("import begins a project; what was made elsewhere is taken over by a plan")
            .into());
    }
    // A hidden file keeps an empty folder in git; what hides declares nothing.
    let shows = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.map_or(true, |entry| !entry.file_name().to_string_lossy().starts_with('.'))
    };
    let occupied = std::fs::read_dir(&project.schema_dir).is_ok_and(|mut entries| entries.any(shows));
    if occupied {
        return Err(Diagnostic::error(Code::File, format!("{} is not empty", project.schema_dir.display()))
            .help("import into an empty folder: --schema-dir DIR")
            .into());
    }
    let mut connected = project.connect_reading(&args.database).await?;
    let mut live = connected.read(&project.catalog_scope(&State::default())).await?;
    let others = other_schemas(&live);
    if !project.settings.scope.is_named() && !others.is_empty() {
        live = connected.read(&project.catalog_scope_with(&State::default(), &others)).await?;
    }
    let vector = ObjectId::extension(ExtensionName::new("vector"));
    if let Some(object) = live.state.objects.get_mut(&vector) {
        remember_minimum(object);
    }
    let mut unseen = unseen(&live.state);
    unseen.extend(crate::catalog::unseen(connected.connection.diesel()).await?);
    let owner = crate::catalog::database_owner(connected.connection.diesel()).await?;
    let aside = labels_aside(&mut connected, &live.state).await?;
    let _ = connected.connection.close().await;
    let written = crate::declaration::write_files(&live.state, Some(&owner))?;
    let mut files = Vec::new();
    for (name, text) in written.files {
        let path = project.schema_dir.join(name);
        let failed =
            |e: std::io::Error| Diagnostics::from(Diagnostic::error(Code::File, format!("{}: {e}", path.display())));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, text).map_err(failed)?;
        files.push(path);
    }
    let known = known(&live.state);
    let opaque = live.state.carried().count();
    let objects = (live.state.objects.len(), opaque);
    let uses = crate::workflow::planning::outside_uses::recorded(&live.uses);
    let baseline = plans.write(&baseline(project, live.state, uses))?;
    crate::declaration::load_knowing(&project.schema_dir, &known).map_err(not_sound)?;
    let left_out = live.left_out.iter().map(|l| format!("{}: {}", l.identity, l.reason));
    let left_out = left_out.chain(aside).chain(written.left_out).collect();
    let schemas = baseline.file().header.scope.schemas.clone();
    Ok(Imported { files, baseline, objects, schemas, left_out, unseen })
}

/// Explains that the files just written cannot be read as `validate` reads them: such a declaration would stop every
/// later command.
fn not_sound(mistakes: Diagnostics) -> Diagnostics {
    let message = "the files are written, and pgform cannot read what it wrote";
    let help = "this is a mistake of pgform's own, please report it; the baseline is whole, and the places above can be corrected";
    let mut all = mistakes;
    all.push(Diagnostic::error(Code::File, message).help(help).way("look again", Command::new("validate")));
    all
}

/// Enum labels that plans have set aside, as lines: no declaration names them, and rows may hold them.
async fn labels_aside(connected: &mut Connected, state: &State) -> Result<Vec<String>, Diagnostics> {
    let mut out = Vec::new();
    let mut columns = None;
    for (id, object) in &state.objects {
        let (Some(name), Body::Enumeration(enumeration)) = (id.qualified(), &object.body) else { continue };
        for label in enumeration.labels.iter().filter(|label| is_aside(label)) {
            let held = match columns
                .get_or_insert_with(|| TypeColumns::of(state))
                .rows_with(&name, std::slice::from_ref(label))
            {
                None => "no column is known to hold it".to_owned(),
                Some(rows) => match count_rows(&mut connected.connection, &rows).await? {
                    Some(count) => format!("rows that hold it: {count}, found by: {rows}"),
                    None => format!("rows that hold it could not be counted; they are found by: {rows}"),
                },
            };
            out.push(format!(
                "label {} of enum {}: set aside by a plan, and declared by nobody; {held}",
                literal(label),
                id.short()
            ));
        }
    }
    Ok(out)
}

/// Declares the installed minor version of pgvector as its minimum: types and access methods came with minor versions.
/// Other extensions have other versions on another major of PostgreSQL.
fn remember_minimum(object: &mut Object) {
    let Body::Extension(extension) = &mut object.body else { return };
    let Some(installed) = extension.installed.as_ref().filter(|_| extension.minimum.is_none()) else { return };
    let minor: Vec<&str> = installed.splitn(3, '.').take(2).collect();
    extension.minimum = Some(minor.join("."));
}

/// Kinds whose objects are recorded without their text, each with the part that is missing.
const WITHOUT_TEXT: &[(ObjectKind, &str)] = &[
    (ObjectKind::UserMapping, "its options, which may hold a password"),
    (ObjectKind::Subscription, "its connection, which may hold a password, and what it subscribes to"),
    (ObjectKind::ForeignDataWrapper, OPTION),
    (ObjectKind::ForeignServer, OPTION),
    (ObjectKind::Table, OPTION),
];
const OPTION: &str = "its text, which has an option that is called as a secret is";

/// Lines for opaque objects without a text, of which only existence and owner are known.
fn unseen(state: &State) -> Vec<String> {
    let one = |(id, object, _): (&ObjectId, &Object, &crate::model::Definition)| {
        let known = WITHOUT_TEXT.iter().find(|(of, _)| id.is(*of)).map(|(_, what)| *what);
        let what = known.unwrap_or("its text, which PostgreSQL does not print");
        format!("{} {}: {what}", object.word(id), id.short())
    };
    state.carried().filter(|(_, _, carried)| carried.create.is_none()).map(one).collect()
}

/// Schemas of the database outside of the scope: without settings, an import takes them all.
fn other_schemas(live: &crate::catalog::Live) -> BTreeSet<SchemaName> {
    let outside = live.left_out.iter().filter(|l| l.reason == crate::catalog::Reason::OutOfScope);
    outside.filter_map(|l| ObjectId::parse(&l.identity)).filter_map(|id| id.as_schema()).collect()
}

fn baseline(project: &Project, state: State, uses: Vec<crate::store::Use>) -> PlanFile {
    let header = Header {
        format: Format::CURRENT,
        title: "baseline".to_owned(),
        parent: None,
        replaces: Vec::new(),
        repairs: None,
        scope: project.scope_of(&named_schemas(state.objects.keys())),
        postgres: project.postgres(),
        target: PlanTarget::Database,
        models: MODELS,
        planner: None,
        changes: Vec::new(),
        renames: Vec::new(),
        labels: BTreeMap::new(),
        absorb: BTreeSet::new(),
        small: BTreeSet::new(),
        using: BTreeMap::new(),
        assumes: Vec::new(),
        uses,
        records: Vec::new(),
        guards: BTreeMap::new(),
        base: Some(state),
        after: BTreeMap::new(),
        planned_before: BTreeMap::new(),
        planned_after: BTreeMap::new(),
    };
    PlanFile { header, body: PlanBody::default() }
}
