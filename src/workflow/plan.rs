use super::clock::{now, who};
use super::desired::{acting_renames, both, hints};
use super::facts::facts;
use super::project::{Project, known_relations};
use super::sides::{Sides, explain, settle_sides};
use super::start::{Looked, Start, start};
use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::diff::{Alteration, Change as Difference, ColumnChange, Hints, Rename, What, diff};
use crate::model::{Digest, Object, ObjectId, State};
use crate::plan::format::{Body, Proof, Segment};
use crate::plan::{Input, plan_absorbing};
use crate::prove::{Proven, Subject, prove};
use crate::report::Facts;
use crate::settings::Asked;
use crate::shadow::{Bench, BuildError};
use crate::store::{
    Change, Format, Header, Mark, PlanFile, Plans, Receipt, ReceiptKind, Rename as StoredRename, SealedPlan,
    StoredPlan, Target, after_between,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What `plan` was asked.
#[derive(Clone, Default)]
pub struct PlanArgs {
    /// What the plan is for.
    pub title: String,
    /// A file to write to instead of the plans' folder.
    pub output: Option<PathBuf>,
    /// A scratch server instead of the embedded one.
    pub shadow: Option<String>,
    /// A database: for a first plan on what is there, for its facts and its drift afterwards.
    pub database: Asked,
    /// The plan whose place the new one takes.
    pub replace: Option<String>,
    /// Names of declared objects that the database has already, and that are in no plan.
    pub absorb: Vec<String>,
    /// Names of objects that the database has, in no plan and not declared, to be dropped.
    pub drop: Vec<String>,
}

/// What `plan` found.
#[derive(Debug)]
pub enum Planned {
    /// Nothing differs; nothing was written.
    NoChanges(Diagnostics),
    /// A plan was made and written; with what the database that was named says about it.
    Made(Box<StoredPlan>, Diagnostics, Option<Facts>),
}

/// Makes a plan from the chain's head to the declaration, proves it and writes it.
///
/// # Errors
/// All mistakes of the declaration at once; changes that cannot be made; a proof that fails.
pub async fn plan(project: &Project, args: &PlanArgs) -> Result<Planned, Diagnostics> {
    let mut plans = project.plans()?;
    let mut start = start(project, &plans, args).await?;
    let known = declaration::Known { relations: known_relations(&start.head) };
    let declared = declaration::load_knowing(&project.schema_dir, &known)?;
    start.take_in(args, &declared)?;
    not_yet(&declared, &start.head)?;
    let scope = project.scope();
    let renames = acting_renames(&start.head, &declared);
    let hints = hints(&start.head, &declared);
    let (before, after) = both(&start.head, &declared, &renames, &scope.schemas);
    let mut warnings = declared.warnings.clone();
    warnings.extend(start.drifted(&plans).await?);
    if renames.is_empty() && diff(&before, &after, &hints).changes.is_empty() {
        return unchanged(args, warnings);
    }
    let place = |id: &ObjectId, attribute: Option<&str>| place_of(&declared, id, attribute);
    let mut bench = Bench::open(args.shadow.as_deref(), &[&before, &after]).await?;
    let made = make(&mut bench, &start, (&before, &after), (&renames, &hints), &args.title).await;
    let closed = bench.close().await;
    let made = made.map_err(|error| explain(error, &place))?;
    closed?;
    let Some(made) = made else { return unchanged(args, warnings) };
    let (told, stored) = keep(project, &mut plans, args, &mut start, (&renames, made)).await?;
    Ok(Planned::Made(Box::new(stored), warnings, told))
}

/// Nothing differs; a plan that takes another's place must do something.
fn unchanged(args: &PlanArgs, warnings: Diagnostics) -> Result<Planned, Diagnostics> {
    match &args.replace {
        None => Ok(Planned::NoChanges(warnings)),
        Some(name) => Err(Diagnostic::error(
            Code::NothingDeclared,
            format!("the declaration is what was there before {name}: nothing would take its place"),
        )
        .help("roll it back where it is applied, then remove its file")
        .into()),
    }
}

/// Writes the plan, with a receipt of who made it, and asks the database that was named what it means there.
async fn keep(
    project: &Project,
    plans: &mut Plans,
    args: &PlanArgs,
    start: &mut Start,
    (renames, made): (&[Rename], Made),
) -> Result<(Option<Facts>, StoredPlan), Diagnostics> {
    let told = match &mut start.looked {
        Some(Looked { connected, live: _ }) => {
            Some(facts(connected, &made.segments, &made.changes, &start.head, &made.after).await?)
        }
        None => None,
    };
    let file = file(project, &args.title, start, renames, made);
    let stored = match &args.output {
        None => {
            let stored = plans.write(&file)?;
            let receipt = Receipt {
                kind: ReceiptKind::Made,
                body: stored.body_digest().clone(),
                environment: None,
                who: who(&project.variables),
                when: now(),
                hazards: Vec::new(),
                server: None,
                segments: Vec::new(),
            };
            project.receipts()?.write(&stored, receipt)?;
            (*stored).clone()
        }
        Some(path) => {
            let sealed = SealedPlan::new(file)?;
            not_over_another(path)?;
            std::fs::write(path, sealed.text())
                .map_err(|e| Diagnostic::error(Code::File, format!("{} cannot be written: {e}", path.display())))?;
            StoredPlan::open(path)?
        }
    };
    Ok((told, stored))
}

/// A file named by `--output` may be empty, or an earlier plan; anything else is somebody's.
fn not_over_another(path: &std::path::Path) -> Result<(), Diagnostics> {
    match std::fs::read(path) {
        Ok(bytes) if !bytes.is_empty() && !bytes.starts_with(b"# pgform plan") => {
            let message = format!("{} is there already, and is no plan of pgform", path.display());
            Err(Diagnostic::error(Code::File, message).help("name another file: nothing was written").into())
        }
        _ => Ok(()),
    }
}

/// Directives that would act and that pgform does not obey yet: said, never passed over.
pub(super) fn not_yet(declared: &Declared, head: &State) -> Result<(), Diagnostics> {
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

pub(super) fn place_of(declared: &Declared, id: &ObjectId, attribute: Option<&str>) -> Option<Place> {
    let exact = match attribute {
        Some(attribute) => declared.places.attribute(id, attribute),
        None => declared.places.object(id),
    };
    exact.or_else(|| id.table().and_then(|table| declared.places.object(&ObjectId::Table(table)))).cloned()
}

pub(super) struct Made {
    segments: Vec<Segment>,
    proof: Proof,
    after: BTreeMap<ObjectId, Option<Object>>,
    guards: BTreeMap<ObjectId, Digest>,
    changes: Vec<Change>,
}

pub(super) async fn make(
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
    let in_the_way = start.in_the_way(&pulled(&sides, renames), &sides.after);
    if in_the_way.has_errors() {
        return Err(in_the_way.into());
    }
    let mut segments = outline(&sides, renames, start, title)?;
    let after_slice = crate::plan::restrict(&sides.after, &sides.around);
    let subject = Subject { before: &sides.old, after: &after_slice, renames, segments: &segments };
    let proven = prove(bench, subject).await?;
    record_leaves(&mut segments, &sides, &proven);
    let stored: Vec<StoredRename> = renames.iter().map(|r| StoredRename { from: r.from.clone(), to: r.to.clone() }).collect();
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

/// What a plan runs, not proven.
pub(super) fn outline(
    sides: &Sides,
    renames: &[Rename],
    start: &Start,
    title: &str,
) -> Result<Vec<Segment>, BuildError> {
    let seed = format!("{title} {}", start.parent.as_ref().map(Digest::as_str).unwrap_or_default());
    let input = Input { before: &sides.before, after: &sides.after, diff: &sides.diff, renames, seed: &seed };
    plan_absorbing(input, &start.absorb).map_err(BuildError::Problems)
}

/// What the plan drops, makes anew, retypes or renames, under its names before.
fn pulled(sides: &Sides, renames: &[Rename]) -> BTreeSet<ObjectId> {
    let away = |change: &&Difference| match &change.what {
        What::Dropped => true,
        What::Altered(list) => list.iter().any(|a| {
            matches!(a, Alteration::Replaced(_) | Alteration::Column(ColumnChange::Type | ColumnChange::Collation))
        }),
        What::Created | What::Renamed { .. } => false,
    };
    let changed = sides.diff.changes.iter().filter(away).map(|change| change.id.clone());
    changed.chain(renames.iter().map(|r| r.from.clone())).collect()
}

/// What each segment leaves: the objects that it changed, as the shadow showed them.
fn record_leaves(segments: &mut [Segment], sides: &Sides, proven: &Proven) {
    let mut last = &sides.old;
    for (segment, state) in segments.iter_mut().zip(&proven.states) {
        let ids: BTreeSet<&ObjectId> = last.objects.keys().chain(state.objects.keys()).collect();
        for id in ids {
            let (a, b) = (last.get(id).map(Object::digest), state.get(id).map(Object::digest));
            if a != b {
                segment.leaves.insert(id.clone(), b);
            }
        }
        last = state;
    }
}

pub(super) fn file(project: &Project, title: &str, start: &Start, renames: &[Rename], made: Made) -> PlanFile {
    let header = Header {
        format: Format::CURRENT,
        title: title.to_owned(),
        parent: start.parent.clone(),
        replaces: start.replaces.clone(),
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
    let created: BTreeSet<&ObjectId> =
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
    let names: BTreeSet<&str> =
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
