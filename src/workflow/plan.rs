use super::desired::{acting_renames, both, hints};
use super::project::{Project, empty_database, known};
use super::sides::{Sides, explain, settle_sides};
use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::diff::{Alteration, Change as Difference, Hints, Rename, What, diff};
use crate::model::{Digest, Object, ObjectId, State};
use crate::plan::format::{Body, Proof, Segment};
use crate::plan::{Input, plan as segments_of};
use crate::prove::{Proven, Subject, prove};
use crate::settings::Asked;
use crate::shadow::{Bench, BuildError};
use crate::store::{
    Change, Format, Header, Mark, PlanFile, Plans, Rename as StoredRename, StoredPlan, Target, after_between, free,
    titled,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What `plan` was asked.
#[derive(Clone, Default)]
pub struct PlanArgs {
    /// What the plan is for.
    pub title: String,
    /// A file to write to instead of the plans' folder.
    pub output: Option<PathBuf>,
    /// A scratch server instead of the embedded one.
    pub shadow: Option<String>,
    /// A database, for a first plan on what is there.
    pub database: Asked,
}

/// What `plan` found.
#[derive(Debug)]
pub enum Planned {
    /// Nothing differs; nothing was written.
    NoChanges(Diagnostics),
    /// A plan was made and written.
    Made(Box<StoredPlan>, Diagnostics),
}

/// Where a plan starts.
struct Start {
    head: State,
    parent: Option<Digest>,
}

/// Makes a plan from the chain's head to the declaration, proves it and writes it.
///
/// # Errors
/// All mistakes of the declaration at once; changes that cannot be made; a proof that fails.
pub async fn plan(project: &Project, args: &PlanArgs) -> Result<Planned, Diagnostics> {
    titled(&args.title)?;
    let mut plans = project.plans()?;
    args.output.as_deref().map_or(Ok(()), free)?;
    let start = start(project, &plans, args).await?;
    let known = known(&start.head);
    let declared = declaration::load_knowing(&project.schema_dir, &known)?;
    not_yet(&declared, &start.head)?;
    let scope = project.scope();
    let renames = acting_renames(&start.head, &declared);
    let hints = hints(&start.head, &declared);
    let (before, after) = both(&start.head, &declared, &renames, &scope.schemas);
    let mut warnings = declared.warnings.clone();
    if start.parent.is_some() && !args.database.is_empty() {
        let message = "the database named was not looked at: with plans there, `plan` starts from their head";
        warnings.push(Diagnostic::warning(Code::NotYet, message).help("see how it stands: pgform check"));
    }
    if renames.is_empty() && diff(&before, &after, &hints).changes.is_empty() {
        return Ok(Planned::NoChanges(warnings));
    }
    let place = |id: &ObjectId, attribute: Option<&str>| place_of(&declared, id, attribute);
    let mut bench = Bench::open(args.shadow.as_deref(), &[&before, &after]).await?;
    let made = make(&mut bench, &start, (&before, &after), (&renames, &hints), &args.title).await;
    let closed = bench.close().await;
    let made = made.map_err(|error| explain(error, &place))?;
    closed?;
    let Some(made) = made else { return Ok(Planned::NoChanges(warnings)) };
    let file = file(project, args, &start, &renames, made);
    let stored = match &args.output {
        None => plans.write(&file)?,
        Some(path) => Arc::new(StoredPlan::write_to(path, file)?),
    };
    Ok(Planned::Made(Box::new((*stored).clone()), warnings))
}

/// Directives that would act and that pgform does not obey yet: said, never passed over.
fn not_yet(declared: &Declared, head: &State) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    for (id, directives) in &declared.directives {
        let moved = directives.renamed_from.as_ref().filter(|from| head.has(from));
        let word = match (&directives.using, &directives.backfill, moved) {
            (_, Some(_), _) if !head.has(id) => "backfill",
            (Some(_), _, _) if changes_type(head.get(id), declared.state.get(id)) => "using",
            (_, _, Some(ObjectId::Schema(_))) => "renamed_from",
            _ => continue,
        };
        let message = format!("`{word}` of {} {} is not obeyed yet: nothing was planned", id.word(), id.short());
        problems.push(Diagnostic::error(Code::NotYet, message).maybe_at(directives.place.as_ref(), "here"));
    }
    problems.or_value(()).map(drop)
}

fn changes_type(before: Option<&Object>, after: Option<&Object>) -> bool {
    match (before, after) {
        (Some(Object::Column(a)), Some(Object::Column(b))) => {
            crate::canonical::same_type(&a.data_type, &b.data_type) != crate::canonical::Sameness::Same
        }
        _ => false,
    }
}

fn place_of(declared: &Declared, id: &ObjectId, attribute: Option<&str>) -> Option<Place> {
    let exact = match attribute {
        Some(attribute) => declared.places.attribute(id, attribute),
        None => declared.places.object(id),
    };
    exact.or_else(|| id.table().and_then(|table| declared.places.object(&ObjectId::Table(table)))).cloned()
}

async fn start(project: &Project, plans: &Plans, args: &PlanArgs) -> Result<Start, Diagnostics> {
    if let Some(head) = plans.head()? {
        return Ok(Start { head: plans.fold_to_head()?, parent: Some(head.digest().clone()) });
    }
    if args.database.is_empty() {
        return Ok(Start { head: empty_database(), parent: None });
    }
    let mut connected = project.connect_reading(&args.database).await?;
    let live = crate::catalog::read(connected.connection.diesel(), &project.catalog_scope(&State::default())).await?;
    Ok(Start { head: live.state, parent: None })
}

struct Made {
    segments: Vec<Segment>,
    proof: Proof,
    after: BTreeMap<ObjectId, Option<Object>>,
    guards: BTreeMap<ObjectId, Digest>,
    changes: Vec<Change>,
}

async fn make(
    bench: &mut Bench,
    start: &Start,
    (before, after): (&State, &State),
    (renames, hints): (&[Rename], &Hints),
    title: &str,
) -> Result<Option<Made>, BuildError> {
    let sides = settle_sides(bench, &start.head, (before, after), renames, hints).await?;
    if sides.diff.changes.is_empty() && renames.is_empty() {
        return Ok(None);
    }
    let seed = format!("{title} {}", start.parent.as_ref().map(Digest::as_str).unwrap_or_default());
    let input = Input { before: &sides.before, after: &sides.after, diff: &sides.diff, renames, seed: &seed };
    let mut segments = segments_of(input).map_err(BuildError::Problems)?;
    let after_slice = crate::plan::restrict(&sides.after, &sides.around);
    let subject = Subject { before: &sides.old, after: &after_slice, renames, segments: &segments };
    let proven = prove(bench, subject).await?;
    record_leaves(&mut segments, &sides, &proven);
    let stored: Vec<StoredRename> =
        renames.iter().map(|r| StoredRename { from: r.from.clone(), to: r.to.clone() }).collect();
    Ok(Some(Made {
        segments,
        proof: proven.proof,
        after: after_between(&start.head, &stored, &sides.after),
        guards: sides
            .old
            .objects
            .iter()
            .filter(|(_, o)| !matches!(o, Object::Opaque(_)))
            .map(|(id, o)| (id.clone(), o.digest()))
            .collect(),
        changes: changes(&sides, renames),
    }))
}

/// What each segment leaves: the objects that it changed, as the shadow showed them.
fn record_leaves(segments: &mut [Segment], sides: &Sides, proven: &Proven) {
    let mut last = &sides.old;
    for (segment, state) in segments.iter_mut().zip(&proven.states) {
        let ids: std::collections::BTreeSet<&ObjectId> = last.objects.keys().chain(state.objects.keys()).collect();
        for id in ids {
            let (a, b) = (last.get(id).map(Object::digest), state.get(id).map(Object::digest));
            if a != b {
                segment.leaves.insert(id.clone(), b);
            }
        }
        last = state;
    }
}

fn file(project: &Project, args: &PlanArgs, start: &Start, renames: &[Rename], made: Made) -> PlanFile {
    let header = Header {
        format: Format::CURRENT,
        title: args.title.clone(),
        parent: start.parent.clone(),
        replaces: Vec::new(),
        scope: project.scope(),
        postgres: project.postgres(),
        target: Target::Database,
        models: 1,
        changes: made.changes,
        renames: renames.iter().map(|r| StoredRename { from: r.from.clone(), to: r.to.clone() }).collect(),
        assumes: Vec::new(),
        uses: Vec::new(),
        guards: made.guards,
        base: start.parent.is_none().then(|| start.head.clone()),
        after: made.after,
    };
    PlanFile { header, body: Body { segments: made.segments, proof: Some(made.proof) } }
}

fn changes(sides: &Sides, renames: &[Rename]) -> Vec<Change> {
    let mut out: Vec<Change> = renames
        .iter()
        .map(|r| Change {
            does: Mark::Altered,
            object: r.to.clone(),
            kind: None,
            under: under(&r.to, &sides.after),
            detail: format!("renamed from {}", r.from.short()),
        })
        .collect();
    let created: std::collections::BTreeSet<&ObjectId> =
        sides.diff.changes.iter().filter(|c| matches!(c.what, What::Created)).map(|c| &c.id).collect();
    for change in &sides.diff.changes {
        // The parts of a new or dropped table are seen with it.
        let part = change.id.table().map(ObjectId::Table).filter(|t| *t != change.id);
        let dropped_with = part.as_ref().is_some_and(|t| matches!(change.what, What::Dropped) && !sides.after.has(t));
        if dropped_with || (part.is_some_and(|t| created.contains(&t)) && !matches!(change.id, ObjectId::Column(..))) {
            continue;
        }
        out.push(one_change(sides, change));
    }
    out
}

fn under(id: &ObjectId, state: &State) -> Option<ObjectId> {
    match state.get(id) {
        Some(Object::Index(index)) => Some(ObjectId::Table(index.table.clone())),
        _ => None,
    }
}

fn one_change(sides: &Sides, change: &Difference) -> Change {
    let (does, state) = match &change.what {
        What::Created => (Mark::Created, &sides.after),
        What::Dropped => (Mark::Dropped, &sides.before),
        What::Altered(_) | What::Renamed { .. } => (Mark::Altered, &sides.after),
    };
    let object = state.get(&change.id);
    let kind =
        matches!(change.id, ObjectId::Constraint(..)).then(|| object.map(|o| o.kind().as_str().to_owned())).flatten();
    let detail = match &change.what {
        What::Altered(list) => altered(sides.before.get(&change.id), sides.after.get(&change.id), list),
        What::Created | What::Dropped | What::Renamed { .. } => object.map(brief).unwrap_or_default(),
    };
    Change { does, object: change.id.clone(), kind, under: under(&change.id, state), detail }
}

fn brief(object: &Object) -> String {
    let attributes = object.attributes();
    let find = |name: &str| attributes.iter().find(|a| a.name == name).map(|a| a.value.clone());
    match object {
        Object::Column(_) => find("type").unwrap_or_default(),
        Object::Index(index) => {
            let keys: Vec<&str> = index.keys.iter().map(|k| k.sql.sql()).collect();
            format!("{} ({})", index.method, keys.join(", "))
        }
        Object::Key(_) | Object::ForeignKey(_) | Object::Check(_) => {
            crate::plan::sql::constraint_definition(object).unwrap_or_default()
        }
        Object::Enumeration(e) => e.labels.join(", "),
        _ => String::new(),
    }
}

fn altered(before: Option<&Object>, after: Option<&Object>, list: &[Alteration]) -> String {
    let (Some(before), Some(after)) = (before, after) else { return String::new() };
    let (a, b) = (before.attributes(), after.attributes());
    let value = |list: &[crate::model::Attribute], name: &str| {
        list.iter().find(|x| x.name == name).map_or_else(|| "none".to_owned(), |x| x.value.clone())
    };
    let names: std::collections::BTreeSet<&str> =
        a.iter().chain(&b).filter(|x| x.weight != crate::model::Weight::Out).map(|x| x.name).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter(|name| value(&a, name) != value(&b, name))
        .map(|name| match (before, after) {
            (Object::Index(x), Object::Index(y)) if name == "keys" || name == "with" => {
                format!("{name} {}  →  {}", index_words(x, name), index_words(y, name))
            }
            _ => format!("{name} {}  →  {}", value(&a, name), value(&b, name)),
        })
        .collect();
    if differing.is_empty() { format!("{} change", list.len()) } else { differing.join(", ") }
}

fn index_words(index: &crate::model::Index, name: &str) -> String {
    match name {
        "keys" => index.keys.iter().map(|k| k.sql.sql().to_owned()).collect::<Vec<_>>().join(", "),
        _ => index.parameters().iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "),
    }
}
