//! Checks before a rollback: the live catalog against the state that the plan left, before the first statement.
use super::unrelated_drift::unrelated;
use crate::catalog;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{PlanRecord, SegmentState, Standing};
use crate::model::{Body, ColumnValue, ObjectId, State, renamed_id};
use crate::plan::{Lookup, dependents};
use crate::store::{PlanFile, Plans, StoredPlan};
use crate::workflow::drift::compare::{DriftLine, drift};
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::running::plan_to_run::touched;
use std::collections::BTreeSet;

/// Refuses a rollback where the database is not as the plan left it, in the objects that its way back touches or
/// depends on. Objects in `except` are left out: other ways back change them before. Gives drift that is in nobody's
/// way.
///
/// # Errors
/// If the catalog differs, or an object that no plan knows depends on one that the way back drops.
pub(crate) async fn as_it_was_left(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    (plan, record): (&StoredPlan, &PlanRecord),
    except: &BTreeSet<ObjectId>,
) -> Result<Diagnostics, Diagnostics> {
    let file = plan.file();
    // A file may be gone, and its parents' too: then the plan alone tells how its objects were left.
    let sides = plans.fold_before(file).and_then(|before| Ok((before, plans.fold_to(file)?))).ok();
    let Left { state, of } = left(file, record, sides.as_ref());
    let of: BTreeSet<ObjectId> = of.into_iter().filter(|id| !except.contains(id)).collect();
    let scope = project.catalog_scope_over(&state, &of);
    let seen = Seen::new(catalog::read(connected.connection.diesel(), &scope).await?, connected, plans);
    let there = seen.there(plans, project);
    let (hard, soft): (Vec<DriftLine>, Vec<DriftLine>) =
        drift(&state, there, &of).await?.into_iter().partition(|line| line.hard);
    let mut differs = texts(hard);
    if let Some((before, after)) = &sides {
        differs.extend(in_the_way(file, record, (before, after), &seen.live.state));
    }
    if !differs.is_empty() {
        let message = format!("this database is not what {} left: {}", plan.title_line(), differs.join("; "));
        return Err(Diagnostic::error(Code::Stale, message)
            .help("put it back as the plan left it, then say it again")
            .way("see", Command::new("check").on_database())
            .into());
    }
    if sides.is_none() {
        return Ok(Diagnostics::default());
    }
    let known: BTreeSet<ObjectId> = of.into_iter().chain(touched(plan)).chain(except.iter().cloned()).collect();
    unrelated(project, connected, (&state, there), (&known, texts(soft))).await
}

fn texts(lines: Vec<DriftLine>) -> Vec<String> {
    lines.into_iter().map(|line| line.text).collect()
}

/// Objects that a plan's segments changed, each with true where it exists after them. Those of segments found done were
/// not touched.
pub(crate) fn changed_by(file: &PlanFile, record: &PlanRecord) -> Vec<(ObjectId, bool)> {
    let touched = |number: &u32| record.segments.get(number) != Some(&SegmentState::Found);
    let segments = (1..).zip(&file.body.segments).filter(|(number, _)| touched(number));
    let left = segments.flat_map(|(_, s)| &s.leaves).map(|(id, left)| (*id, left.is_some()));
    let renamed = file.header.renames.iter().flat_map(|r| [(r.from, false), (r.to, true)]);
    left.chain(renamed).collect()
}

/// State that a plan has left, as far as the journal records that it ran, and the objects of which that is known.
struct Left {
    state: State,
    of: BTreeSet<ObjectId>,
}

fn left(file: &PlanFile, record: &PlanRecord, sides: Option<&(State, State)>) -> Left {
    let own = || file.header.after.iter().filter_map(|(id, object)| Some((*id, object.clone()?)));
    let mut state = sides.map_or_else(|| State { objects: own().collect() }, |(_, after)| after.clone());
    let whole = matches!(record.standing, Standing::Applied);
    let mut of = BTreeSet::new();
    let candidates = match sides {
        Some(_) => {
            file.header.guards.keys().chain(file.body.segments.iter().flat_map(|s| s.leaves.keys())).cloned().collect()
        }
        None => file.header.after.keys().cloned().collect::<BTreeSet<ObjectId>>(),
    };
    // An object found here before the plan is not undone, whatever became of it.
    let found = (1..).zip(&file.body.segments).filter(|(n, _)| record.segments.get(n) == Some(&SegmentState::Found));
    let found: BTreeSet<&ObjectId> = found.flat_map(|(_, segment)| segment.leaves.keys()).collect();
    for id in candidates.into_iter().filter(|id| !found.contains(id)) {
        if whole {
            of.insert(id);
            continue;
        }
        let touching = (1..).zip(&file.body.segments).filter(|(_, s)| s.leaves.contains_key(&id));
        let states: Vec<Option<&SegmentState>> = touching.map(|(number, _)| record.segments.get(&number)).collect();
        let in_place = |state: &Option<&SegmentState>| matches!(state, Some(SegmentState::Done | SegmentState::Found));
        let before = sides.and_then(|(before, _)| before.get(&id));
        let same = sides.is_some() && before == state.get(&id);
        if (same && states.is_empty()) || (!states.is_empty() && states.iter().all(in_place)) {
            of.insert(id);
        } else if !states.is_empty() && states.iter().all(Option::is_none) && sides.is_some() {
            match before.cloned() {
                Some(object) => drop(state.objects.insert(id, object)),
                None => drop(state.objects.remove(&id)),
            }
            of.insert(id);
        }
        // An object half done or half undone is known only to its probe.
    }
    Left { state, of }
}

/// Lines for unknown objects that depend on one that the way back drops: they would be dropped too, or stop it midway.
fn in_the_way(file: &PlanFile, record: &PlanRecord, (before, after): (&State, &State), live: &State) -> Vec<String> {
    let made_again = |id: &ObjectId| {
        let generated = |state: &State| matches!(state.body(id), Some(Body::Column(c)) if matches!(c.value, ColumnValue::Generated(..)));
        generated(before) && !generated(after)
    };
    // An object whose name changed, or that of a schema or table around it, existed before.
    let was_there: BTreeSet<ObjectId> = before.objects.keys().map(|id| renamed_id(id, &file.header.renames)).collect();
    let made: BTreeSet<ObjectId> = changed_by(file, record)
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| after.has(id) && live.has(id))
        .filter(|id| !before.has(id) && !was_there.contains(id) || made_again(id))
        .collect();
    let own = |id: &ObjectId| file.body.segments.iter().any(|segment| segment.leaves.contains_key(id));
    let unknown = |id: &&ObjectId| !after.has(id) && !before.has(id) && !own(id);
    let mut out = Vec::new();
    for (of, leaning) in dependents(live, &Lookup::new(live), &made) {
        for id in leaning.iter().filter(unknown) {
            out.push(format!(
                "+ {} {}  leans on {} {}, which the way back drops",
                id.word(),
                id.short(),
                of.word(),
                of.short()
            ));
        }
    }
    out
}
