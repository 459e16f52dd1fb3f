//! Guard of a running plan: stops it where others change objects that it touches, between its segments or inside them.
use crate::catalog::{self, MarkedName, Marks, Scope, marked_name};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{Guard, GuardPoint, Guarded, Inside};
use crate::model::{Definition, Object, ObjectId, ObjectKind, Qualified, State};
use crate::plan::format::{Lock, Segment};
use crate::server::Connection;
use crate::store::{Plans, StoredPlan};
use crate::workflow::invocation::project::Project;
use crate::workflow::running::plan_to_run::touched;
use std::collections::BTreeSet;

/// Watch over the objects that a plan touches while it runs: a change by others between its segments, or between the
/// last look and its locks, stops it. Raw catalog text is compared with raw text of the same server, so nothing waits
/// for a shadow; inside locks the server compares marks of catalog rows, and the rows are read only where the marks
/// differ.
pub(crate) struct Watch {
    scope: Scope,
    of: BTreeSet<ObjectId>,
    segments: Vec<Segment>,
    marks: Marks,
    seen: State,
    /// Last part that ran since `seen` was read: it has changed some of it.
    ran: Option<GuardPoint>,
}

impl Watch {
    /// Begins with the objects that a plan touches, as they are now, in their schemas before the plan and after it.
    pub(crate) async fn over(
        project: &Project,
        plans: &Plans,
        connection: &mut Connection,
        plan: &StoredPlan,
    ) -> Result<Self, Diagnostics> {
        // A file may be gone, and its parents' too: then only the schemas of the plan's objects are read.
        let state = plans.fold_to(plan.file()).unwrap_or_default();
        let of = touched(plan);
        let scope = project.catalog_scope_over(&state, &of);
        // Marks first: the first look finds a change between the two.
        let marks = catalog::marks(connection.diesel(), &of).await?;
        let seen = catalog::read_slice(connection.diesel(), &scope, &of).await?.state;
        let segments = plan.file().body.segments.clone();
        Ok(Self { scope, of, segments, marks, seen, ran: None })
    }

    /// Compares the live catalog with the last look.
    async fn compare(&mut self, connection: &mut Connection, point: GuardPoint) -> Result<(), Diagnostic> {
        let marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        if marks == self.marks {
            return Ok(());
        }
        if marks.differing(&self.marks).is_empty() {
            // A grant, an owner, statistics: no change that matters to the plan.
            self.marks = marks;
            return Ok(());
        }
        let now = catalog::read_slice(connection.diesel(), &self.scope, &self.of).await.map_err(first)?.state;
        let changed = changed(self.of.iter(), &self.seen, &now);
        if changed.is_empty() {
            (self.marks, self.seen) = (marks, now);
            return Ok(());
        }
        Err(somebody(&changed.into_iter().map(named).collect::<Vec<_>>(), point))
    }

    /// Takes the live catalog as the plan's own doing: inside a transaction all of it, as its locks keep others out. A
    /// statement outside of one may have run for hours: objects that it does not touch are compared with the last look
    /// before it, by the next look.
    async fn take(&mut self, connection: &mut Connection, point: GuardPoint) -> Result<(), Diagnostic> {
        let marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        match self.own_names(point) {
            Some(own) => self.marks.take(&marks, |name| own.contains(name)),
            None => self.marks = marks,
        }
        self.ran = Some(point);
        Ok(())
    }

    /// Names of objects that a statement outside of a transaction may change; `None` where it may change all of them.
    fn own_names(&self, point: GuardPoint) -> Option<BTreeSet<MarkedName>> {
        let segment = self.segment(point)?;
        let outside = if point.back {
            segment.back.parts.iter().any(|p| !p.is_transactional())
        } else {
            !segment.is_transactional()
        };
        if !outside || segment.leaves.keys().any(|id| id.is(ObjectKind::Schema)) {
            return None;
        }
        let locks = segment.locks.iter().chain(segment.back.parts.iter().flat_map(|p| &p.locks));
        let locked = locks.map(|Lock { relation, mode: _, held: _ }| relation);
        Some(locked.chain(segment.leaves.keys()).filter_map(marked_name).collect())
    }

    fn segment(&self, point: GuardPoint) -> Option<&Segment> {
        self.segments.get((point.segment as usize).checked_sub(1)?)
    }

    /// Reads the live catalog before a part. Changes by others since the last part ran are told apart from that part's
    /// own.
    async fn refresh(&mut self, connection: &mut Connection, point: GuardPoint) -> Result<(), Diagnostic> {
        let now = catalog::read_slice(connection.diesel(), &self.scope, &self.of).await.map_err(first)?.state;
        let marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        let others = self.by_others(&marks.differing(&self.marks), &now);
        if others.is_empty() {
            (self.marks, self.seen, self.ran) = (marks, now, None);
            return Ok(());
        }
        Err(somebody(&others, point))
    }

    /// Names of objects that others changed since the last part ran: objects of that part are compared with the digests
    /// that its segment leaves, all others with the last look before it. On the way back no segment has such digests;
    /// then only the name is known.
    fn by_others(&self, differing: &BTreeSet<MarkedName>, now: &State) -> Vec<String> {
        let own = self.ran.and_then(|ran| Some((ran.back, &self.segment(ran)?.leaves)));
        let mut unknown = BTreeSet::new();
        let mut out = Vec::new();
        for id in &self.of {
            let Some(name) = marked_name(id).filter(|name| differing.contains(name)) else { continue };
            let other = match own.and_then(|(back, leaves)| Some((back, leaves.get(id)?))) {
                Some((true, _)) => {
                    unknown.insert(name);
                    false
                }
                Some((false, left)) => *left != now.get(id).map(Object::digest),
                None => !changed(std::iter::once(id), &self.seen, now).is_empty(),
            };
            out.extend(other.then(|| named(id)));
        }
        if out.is_empty() {
            out.extend(unknown.into_iter().map(|(schema, name)| Qualified::new(schema, name).to_string()));
        }
        out
    }
}

fn named(id: &ObjectId) -> String {
    format!("{} {}", id.word(), id.short())
}

/// Error that somebody changed objects that a plan touches, or depends on.
fn somebody(changed: &[String], point: GuardPoint) -> Diagnostic {
    let back = if point.back { "on the way back over" } else { "before" };
    let message = format!("somebody changed {} {back} segment {}", changed.join(", "), point.segment);
    Diagnostic::error(Code::Stale, message)
        .help("put it back as it was, then go on, or go back")
        .way("compare", Command::new("check").on_database())
}

/// First of some diagnostics: a guard gives one.
fn first(diagnostics: Diagnostics) -> Diagnostic {
    let unknown = || Diagnostic::error(Code::Catalog, "the catalog could not be read");
    diagnostics.0.into_iter().next().unwrap_or_else(unknown)
}

/// Objects that differ in ways that matter to a plan.
fn changed<'i>(of: impl Iterator<Item = &'i ObjectId>, before: &State, now: &State) -> Vec<&'i ObjectId> {
    // Both were read from one server, so that texts of definitions compare as they are.
    let text = |object: &Object| object.definition().and_then(Definition::text).map(str::to_owned);
    let seen = |state: &State, id: &ObjectId| state.get(id).map(|object| (object.digest(), text(object)));
    of.filter(|id| seen(before, id) != seen(now, id)).collect()
}

impl Guard for Watch {
    fn look<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(self.refresh(connection, point))
    }

    fn inside(&self, _: GuardPoint) -> Option<Inside> {
        let (query, asks) = (catalog::marks_query(&self.of), catalog::contents_query(&self.of));
        Some(Inside { query, asks, expects: self.marks.contents_json() })
    }

    fn took(&mut self, seen: &str, point: GuardPoint) {
        // The locks of the part keep others out: all changes are the plan's doing.
        (self.marks, self.ran) = (Marks::from_json(seen), Some(point));
    }

    fn check<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(self.compare(connection, point))
    }

    fn ran<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(self.take(connection, point))
    }
}
