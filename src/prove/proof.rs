//! Proves a plan on a shadow: builds what is there before, runs the plan and its way back, and compares.
use super::compare::{difference, unseen_access};
use super::memory;
use super::newer::{roles_of, without_newer};
use super::refreshed::refreshed;
use super::reshaped::Reshaped;
use super::retyped::{made_anew, refused_expressions, retyped};
use super::rows::{Followed, RowDigests};
use super::seed::{Seeded, Seeds, refused_by_new, seed};
use crate::catalog::Scope;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{Alteration, Change, Hints, Relabelled, What, diff, goes_aside, with_unrecorded, with_unsaid};
use crate::execute::{Apply, Kind, PlanToRun, Rollback, RunSettings, Silent, Unguarded, apply, rollback};
use crate::model::{
    Body, ColumnName, ColumnValue, Digest, Object, ObjectId, ObjectKind, Qualified, Rename, Schema, State, renamed_id,
};
use crate::plan::format::{ConditionKind, HazardKind, LookKind, PlanBody, Proof, Reversibility, Segment};
use crate::shadow::{Bench, BuildError, extension_path, off_path, scope_of};
use std::collections::{BTreeMap, BTreeSet};

/// Neighbourhood that is to be proven, before and after.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// State of the neighbourhood as it is, under its present names.
    pub before: &'a State,
    /// State of the neighbourhood as it is to be, settled.
    pub after: &'a State,
    /// State before with the renames run on it, as the shadow printed it: rows are made for it, as what is declared of
    /// them, and what the plan demands of them, names it so.
    pub renamed: &'a State,
    /// Renames between the two.
    pub renames: &'a [Rename],
    /// Labels of enums, and attributes of composite types, that get other names.
    pub labels: &'a [Relabelled],
    /// Segments that lead from one to the other.
    pub segments: &'a [Segment],
    /// Rows that are declared, by their table; where there are any, no others are made up.
    pub seeds: &'a Seeds,
    /// Declared expressions for other types of columns.
    pub using: &'a BTreeMap<ObjectId, String>,
}

/// Proof, with what the shadow showed after each segment.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Proof as it is recorded in the plan.
    pub proof: Proof,
    /// States after each segment.
    pub states: Vec<State>,
}

fn failed(message: String) -> Diagnostics {
    Diagnostic::error(Code::Proof, message)
        .help("this is a mistake of pgform's own, not of the declaration: nothing was written; please report it with the declaration")
        .into()
}

/// Proves a plan: builds what is there before, gives it rows, runs the plan, goes back segment by segment and compares
/// at every boundary, then runs it again. The way back from a boundary is what the whole way back does from there, from
/// a state that was just shown to be the boundary's.
///
/// # Errors
/// If the plan does not do what it says: with the segment and the difference.
pub async fn prove(bench: &mut Bench, subject: Subject<'_>) -> Result<Proven, BuildError> {
    let unseen = unseen_access(subject.before, subject.after);
    let (before, after) = (bench.adapted(subject.before), bench.adapted(subject.after));
    let renamed = bench.adapted(subject.renamed);
    let subject = Subject { before: &before, after: &after, renamed: &renamed, ..subject };
    let (segments, mut newer) = without_newer(bench, subject.segments).await?;
    newer.extend(unseen);
    let subject = Subject { segments: &segments, ..subject };
    bench.reset().await?;
    if let Some(setting) = memory::setting(&[subject.before, subject.after]) {
        bench.run(&setting).await?;
    }
    bench.build(subject.before).await?;
    bench.stand_in(subject.after).await?;
    bench.stand_in_roles(&roles_of(subject.segments)).await?;
    let path = extension_path(subject.before);
    let undo = bench.rename(subject.before, subject.renames).await?;
    let mut renamed = subject.renamed.clone();
    let mut back = bench.relabel(&mut renamed, subject.labels).await?;
    without_lost_labels(&mut renamed, &subject);
    let mut seeded = seed(bench.connection(), &renamed, subject.after, (subject.seeds, subject.using, &path)).await?;
    seeded.refused.extend(refused_expressions(bench.connection(), (&renamed, subject.after), subject.using).await?);
    refreshed(bench.connection(), &renamed, subject.after, &mut seeded).await?;
    back.extend(undo);
    for sql in back {
        bench.run(&sql).await?;
    }
    if !seeded.refused.is_empty() {
        return Err(BuildError::Problems(seeded.refused));
    }
    let mut run = Run::new(bench, subject);
    run.follow().await?;
    let before = run.read().await?;
    let states = run.forward("forward", before, 0).await?;
    run.arrived(&states)?;
    let not_shown = refused_by_new(run.bench.connection(), subject.before, subject.after).await?;
    let (before, from) = run.back(&states).await?;
    if from < subject.segments.len() {
        let again = run.forward("forward again", before, from).await?;
        run.arrived(&again)?;
    }
    let server = run.bench.server().await?;
    let mut proof = proof(&seeded, server, run.bench, (&subject, from));
    proof.partial.extend(newer);
    proof.partial.extend(not_shown);
    if from > 0 {
        proof.partial.push(format!("there is no way back over segment {from}"));
    }
    Ok(Proven { proof, states: states.into_iter().skip(1).collect() })
}

/// Takes out labels that a type has no more when it is made anew, so that no row holds one: `apply` looks for those
/// first, and refuses.
fn without_lost_labels(state: &mut State, subject: &Subject<'_>) {
    let looks = subject.segments.iter().flat_map(|s| &s.looks).filter(|look| look.kind == LookKind::Fails);
    let anew: BTreeSet<ObjectId> = looks.map(|look| renamed_id(&look.object, subject.renames)).collect();
    for (id, object) in state.objects.iter_mut().filter(|(id, _)| anew.contains(id)) {
        if let (Body::Enumeration(own), Some(Body::Enumeration(after))) = (&mut object.body, subject.after.body(id)) {
            own.labels.retain(|label| after.labels.contains(label));
        }
    }
}

fn proof(seeded: &Seeded, server: String, bench: &Bench, (subject, from): (&Subject<'_>, usize)) -> Proof {
    let mut partial = seeded.without.clone();
    partial.extend(bench.partial().iter().cloned());
    Proof {
        partial,
        server,
        rows: seeded.rows,
        boundaries: u32::try_from(subject.segments.len() - from).unwrap_or(u32::MAX),
        stand_ins: bench.stand_ins_of(&[subject.before, subject.after], &roles_of(subject.segments)),
    }
}

struct Run<'a> {
    bench: &'a mut Bench,
    subject: Subject<'a>,
    plan: PlanToRun,
    scope: Scope,
    /// Columns whose values survive the plan and its way back.
    followed: Followed,
    rows: RowDigests,
}

impl<'a> Run<'a> {
    fn new(bench: &'a mut Bench, subject: Subject<'a>) -> Self {
        let mut scope = scope_of(subject.before, subject.renames);
        for schema in scope_of(subject.after, &[]).schemas {
            if !scope.schemas.contains(&schema) {
                scope.schemas.push(schema);
            }
        }
        let body = PlanBody { segments: subject.segments.to_vec(), proof: None };
        let plan = PlanToRun {
            digest: Digest::of("p1", b"proof"),
            body_digest: Digest::of("b1", b"proof"),
            parent: None,
            name: "proof".to_owned(),
            file: None,
            bytes: String::new(),
            renames: Vec::new(),
            body,
        };
        Self { bench, subject, plan, scope, followed: Followed::default(), rows: RowDigests::new() }
    }

    /// Follows rows in every column that is there afterwards, under whatever name, and is not said to lose its values.
    async fn follow(&mut self) -> Result<(), Diagnostics> {
        let Subject { before, renamed: _, after, renames, labels, segments, seeds: _, using: _ } = self.subject;
        // Columns that go aside are told under the name that another has by then.
        let aside: BTreeSet<&ObjectId> = renames.iter().filter(|r| goes_aside(r)).map(|r| &r.from).collect();
        let hazards = segments.iter().flat_map(|s| &s.hazards);
        let lost: BTreeSet<&ObjectId> = hazards
            .filter(|h| h.hazard == HazardKind::DataLoss && !aside.contains(&h.object))
            .map(|h| &h.object)
            .collect();
        let mut columns: BTreeMap<Qualified, BTreeSet<ColumnName>> = BTreeMap::new();
        for (id, object) in &before.objects {
            let Some((table, name)) = id.as_column() else { continue };
            let now = renamed_id(id, renames);
            // One that becomes ordinary has another number when it is made again; rows are those of partitions.
            if is_generated(Some(object)) != is_generated(after.get(&now)) || before.is_partitioned(&table) {
                continue;
            }
            let whole = now.table_of().map(ObjectId::table);
            if after.has(&now) && !lost.contains(&now) && !whole.is_some_and(|table| lost.contains(&table)) {
                columns.entry(table).or_default().insert(name);
            }
        }
        let reshaped = Reshaped::of(self.bench.connection(), (before, after), (renames, labels)).await?;
        let others =
            (made_anew(self.subject.before, segments, renames), &retyped((before, after), renames, &columns), reshaped);
        self.followed = Followed::find(self.bench.connection(), &columns, others).await?;
        self.rows = self.followed.digests(self.bench.connection()).await?;
        Ok(())
    }

    async fn read(&mut self) -> Result<State, Diagnostics> {
        self.bench.read(&self.scope).await
    }

    /// Runs every segment from one on; gives the state before it, which was just read, and those after each.
    async fn forward(&mut self, what: &str, before: State, from: usize) -> Result<Vec<State>, Diagnostics> {
        let mut states = vec![before];
        for at in from..self.subject.segments.len() {
            self.one(at, what).await?;
            let state = self.read().await?;
            self.same_rows(at, what).await?;
            states.push(state);
        }
        Ok(states)
    }

    /// Runs the plan up to the boundary after a segment, as `apply` does it, journal included.
    async fn one(&mut self, at: usize, what: &str) -> Result<(), Diagnostics> {
        let how = Apply {
            settings: &RunSettings::alone(),
            observer: &mut Silent,
            guard: &mut Unguarded,
            kind: Kind::DryRun,
            until: u32::try_from(at + 1).ok(),
            again: true,
            carriers_ready: true,
            allowed: &|_, _| true,
            found: &BTreeSet::new(),
            label: None,
            allowed_ahead: &|_, _| true,
            keep_rules: false,
        };
        let done = apply(self.bench.connection(), &self.plan, how).await;
        done.map(drop).map_err(|error| self.broke(at, what, &error))
    }

    /// Goes back over one segment, as `rollback` does it, losses allowed: the rows that go are the proof's own.
    async fn undo(&mut self, at: usize) -> Result<(), Diagnostics> {
        let how = Rollback {
            settings: &RunSettings::alone(),
            observer: &mut Silent,
            guard: &mut Unguarded,
            kind: Kind::DryRun,
            to: u32::try_from(at).unwrap_or(u32::MAX),
            allowed: &|_, _| true,
        };
        let done = rollback(self.bench.connection(), &self.plan, how).await;
        done.map(drop).map_err(|error| self.broke(at, "back", &error))
    }

    fn broke(&self, at: usize, what: &str, error: &Diagnostics) -> Diagnostics {
        // Help for whoever applies a plan does not help here.
        let words: Vec<String> = error.0.iter().map(|d| d.message.clone()).collect();
        let does = self.subject.segments[at].does.join(", ");
        if let Some(found) = off_path(&words.join("; "), [self.subject.before, self.subject.after]) {
            return found.diagnostic(&format!("segment {} ({does})", at + 1)).into();
        }
        failed(format!("the plan does not run {what}, segment {} ({does}): {}", at + 1, words.join("; ")))
    }

    /// Deletes the proof's own rows where a way back is open only to tables without rows (a column that was `not null`
    /// and had no default): they go first, and are followed no longer.
    async fn clear_the_way(&mut self) -> Result<(), Diagnostics> {
        let mut cleared = false;
        for condition in self.subject.segments.iter().flat_map(|s| &s.back.conditions) {
            let on = self.subject.before.table_of(&condition.object);
            let Some(table) = on.filter(|_| condition.kind == ConditionKind::Blocks) else { continue };
            let rows = self.bench.connection().query_text(&condition.count).await;
            let count = rows.ok().and_then(|r| r.into_iter().flatten().flatten().next()).unwrap_or_default();
            if count != "0" {
                self.bench.run(&format!("truncate table {table} cascade")).await?;
                cleared = true;
            }
        }
        if cleared {
            self.rows = self.followed.digests(self.bench.connection()).await?;
        }
        Ok(())
    }

    /// Goes the way back, boundary by boundary, as far as there is one; gives the state at its end, and the first
    /// segment undone.
    async fn back(&mut self, states: &[State]) -> Result<(State, usize), Diagnostics> {
        let stays = self.subject.segments.iter().rposition(|s| s.back.kind == Reversibility::None);
        let from = stays.map_or(0, |at| at + 1);
        self.clear_the_way().await?;
        let mut last = states.last().cloned().unwrap_or_default();
        for at in (from..self.subject.segments.len()).rev() {
            self.undo(at).await?;
            let now = self.read().await?;
            let differs = difference(&states[at], &now);
            if !differs.is_empty() {
                let does = self.subject.segments[at].does.join(", ");
                return Err(failed(format!(
                    "going back over segment {} ({does}) leaves a difference: {}",
                    at + 1,
                    differs.join("; ")
                )));
            }
            self.same_rows(at, "back").await?;
            last = now;
        }
        Ok((last, from))
    }

    async fn same_rows(&mut self, at: usize, what: &str) -> Result<(), Diagnostics> {
        let now = self.followed.digests(self.bench.connection()).await?;
        for ((table, all), before) in &self.rows {
            let changed = match now.get(&(*table, *all)) {
                Some(digest) if digest == before => continue,
                // A column has another type by now.
                None if *all => continue,
                Some(_) => "changed",
                None => "are gone",
            };
            let name = self.followed.name(*table);
            return Err(failed(format!("rows of {name} {changed} {what}, in segment {}", at + 1)));
        }
        Ok(())
    }

    fn arrived(&self, states: &[State]) -> Result<(), Diagnostics> {
        let (Some(first), Some(last)) = (states.first(), states.last()) else { return Ok(()) };
        let known = State {
            objects: last
                .objects
                .iter()
                .filter(|(id, _)| self.subject.after.has(id) || self.subject.before.has(id))
                .map(|(i, o)| (*i, o.clone()))
                .collect(),
        };
        // Another major version spells the same privileges otherwise: 17 added `maintain`.
        let wanted = with_unrecorded(&with_unsaid(self.subject.after, &known), &known, self.bench.major());
        let left = diff(&known, &wanted, &Hints::default());
        let carried = |change: &Change| match (change.id.kind(), &change.what) {
            // `public` is there before any state is.
            (ObjectKind::Schema, What::Altered(list))
                if change.id.as_schema().is_some_and(|n| Schema::is_public(&n)) =>
            {
                list.iter().all(|a| matches!(a, Alteration::Owner | Alteration::Privileges))
            }
            // A definition that the shadow could not build was told already.
            _ if known.get(&change.id).or(wanted.get(&change.id)).is_some_and(|o| o.definition().is_some()) => {
                !first.has(&change.id) && !last.has(&change.id) || self.bench.lacks(&change.id)
            }
            _ => false,
        };
        let real = left.changes.iter().filter(|c| !carried(c));
        let real: Vec<String> = real.map(|c| format!("{:?} {}", c.what, c.id)).collect();
        if real.is_empty() {
            Ok(())
        } else {
            Err(failed(format!("after the plan the database is not what is declared: {}", real.join("; "))))
        }
    }
}

fn is_generated(object: Option<&Object>) -> bool {
    matches!(object.map(|object| &object.body), Some(Body::Column(column)) if matches!(column.value, ColumnValue::Generated(..)))
}
