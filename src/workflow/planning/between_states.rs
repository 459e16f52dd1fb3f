//! Planning from a state to a declaration on an open bench, without files: for tests and for the library.
use super::desired_state::{acting_renames, both, hints, seeds, using};
use super::made_plan::{file, make, outline, place_of, refuse_disobeyed};
use super::settled_sides::{explain, settle_sides};
use super::starting_point::StartingPoint;
use crate::declaration::Declared;
use crate::diagnostic::Diagnostics;
use crate::diff::{Hints, diff};
use crate::model::{Digest, ObjectId, Qualified, Rename, State};
use crate::plan::format::Segment;
use crate::shadow::{Bench, BuildError};
use crate::store::{PlanFile, RecordedScope};
use crate::workflow::invocation::project::{Project, empty_database, scope_of};
use std::collections::BTreeSet;

/// Settles the state that a declaration means, as a chain's head would record it.
///
/// # Errors
/// Statements that the shadow refuses, at their places in the declaration.
pub async fn settled_state(bench: &mut Bench, project: &Project, declared: &Declared) -> Result<State, Diagnostics> {
    bench.forget();
    let (_, state) = both(&empty_database(), declared, &[], &scope_of(project, &empty_database(), declared).schemas);
    bench.settle(&state, &[]).await.map_err(|error| told(error, declared))
}

/// Planning from a state to a declaration, on a bench that is open already; nothing is read or written.
#[derive(Clone, Copy)]
pub struct Between<'a> {
    /// The project: scope and server versions.
    pub project: &'a Project,
    /// The state before.
    pub head: &'a State,
    /// The digest of the plan that left it.
    pub parent: Option<&'a Digest>,
    /// Renames that led to the state: none of them runs again.
    pub ran: &'a [Rename],
    /// The declaration.
    pub declared: &'a Declared,
    /// Title of the plan.
    pub title: &'a str,
    /// Tables that are known to be small.
    pub small: &'a BTreeSet<Qualified>,
}

/// Both states under the new names, with the renames and hints of the declaration.
struct Wanted {
    start: StartingPoint,
    before: State,
    after: State,
    renames: Vec<Rename>,
    hints: Hints,
}

impl Between<'_> {
    fn scope(&self) -> RecordedScope {
        scope_of(self.project, self.head, self.declared)
    }

    fn wanted(&self) -> Result<Wanted, Diagnostics> {
        refuse_disobeyed(self.declared, self.head)?;
        let renames = acting_renames(self.head, self.declared, self.ran)?;
        let (before, after) = both(self.head, self.declared, &renames, &self.scope().schemas);
        let hints = hints(&before, self.declared);
        let (head, parent) = (self.head.clone(), self.parent.cloned());
        let mut start = StartingPoint::behind(head, parent);
        start.seeds = seeds(self.declared);
        start.using = using(self.declared);
        start.small = self.small.iter().cloned().map(ObjectId::table).collect();
        Ok(Wanted { start, before, after, renames, hints })
    }

    /// Makes the plan, proven; `None` where nothing differs.
    ///
    /// # Errors
    /// Changes that cannot be made, at their places; a proof that fails.
    pub async fn plan(&self, bench: &mut Bench) -> Result<Option<PlanFile>, Diagnostics> {
        let Wanted { start, before, after, renames, hints } = self.wanted()?;
        if renames.is_empty() && diff(&before, &after, &hints).changes.is_empty() {
            return Ok(None);
        }
        bench.forget();
        let scope = self.scope();
        let titled = (self.title, scope.schemas.as_slice());
        let made = make(bench, &start, (&before, &after), (&renames, &hints), titled).await;
        let made = made.map_err(|error| told(error, self.declared))?;
        Ok(made.map(|made| file(self.project, (self.title, scope), &start, &renames, made)))
    }

    /// Makes the segments of the plan, not proven.
    ///
    /// # Errors
    /// Changes that cannot be made, at their places.
    pub async fn segments(&self, bench: &mut Bench) -> Result<Vec<Segment>, Diagnostics> {
        let Wanted { start, before, after, renames, hints } = self.wanted()?;
        bench.forget();
        let sides = settle_sides(bench, &start.head, (&before, &after), &renames, &hints).await;
        let segments = sides.and_then(|sides| outline(&sides, (&renames, &hints), &start, self.title));
        segments.map_err(|error| told(error, self.declared))
    }
}

fn told(error: BuildError, declared: &Declared) -> Diagnostics {
    explain(error, &|id: &ObjectId, attribute: Option<&str>| place_of(declared, id, attribute))
}
