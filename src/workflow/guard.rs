use super::apply::touched;
use super::project::Project;
use crate::catalog::{self, Marks, Scope};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{Guard, GuardPoint, Guarded};
use crate::model::{Object, ObjectId, State};
use crate::server::Connection;
use crate::store::{Plans, StoredPlan};
use std::collections::BTreeSet;

/// Watches what a plan touches while it runs: whatever is changed there by others between its segments, or between the
/// last look and its locks, stops it. Raw catalog text is compared with raw text of the same server, so nothing waits
/// for a shadow inside locks; there, marks of catalog rows are compared, and read out only where they differ.
pub(super) struct Watch {
    scope: Scope,
    of: BTreeSet<ObjectId>,
    marks: Marks,
    seen: State,
}

impl Watch {
    /// Begins with what is there now.
    async fn begin(connection: &mut Connection, scope: Scope, of: BTreeSet<ObjectId>) -> Result<Self, Diagnostics> {
        // Marks first: what changes between the two is found by the first look.
        let marks = catalog::marks(connection.diesel(), &of).await?;
        let seen = catalog::read_slice(connection.diesel(), &scope, &of).await?.state;
        Ok(Self { scope, of, marks, seen })
    }

    /// Begins with what a plan touches, in the schemas where that is before the plan and after it.
    pub(super) async fn over(
        project: &Project,
        plans: &Plans,
        connection: &mut Connection,
        plan: &StoredPlan,
    ) -> Result<Self, Diagnostics> {
        // A file may be gone, and its parents' too: then the schemas of what the plan touches are looked at.
        let state = plans.fold_to(plan.file()).unwrap_or_default();
        let of = touched(plan);
        let mut scope = project.catalog_scope(&state);
        scope.include(of.iter().filter_map(ObjectId::schema));
        Self::begin(connection, scope, of).await
    }

    /// Compares what is there with what was seen last.
    async fn compare(&mut self, connection: &mut Connection, point: GuardPoint) -> Result<(), Diagnostic> {
        let marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        if marks == self.marks {
            return Ok(());
        }
        let now = catalog::read_slice(connection.diesel(), &self.scope, &self.of).await.map_err(first)?.state;
        let changed = changed(&self.of, &self.seen, &now);
        if changed.is_empty() {
            // A grant, a comment, statistics: nothing that the plan leans on.
            (self.marks, self.seen) = (marks, now);
            return Ok(());
        }
        let back = if point.back { "on the way back over" } else { "before" };
        let message = format!("somebody changed {} {back} segment {}", changed.join(", "), point.segment);
        Err(Diagnostic::error(Code::Stale, message)
            .help("put it back as it was, then go on, or go back")
            .way("compare", Command::new("check").on_database()))
    }

    /// Takes what is there for what the plan made of it.
    async fn take(&mut self, connection: &mut Connection) -> Result<(), Diagnostic> {
        self.marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        Ok(())
    }

    /// Reads anew what the last part made, if nobody else has touched it since.
    async fn refresh(&mut self, connection: &mut Connection, point: GuardPoint) -> Result<(), Diagnostic> {
        let now = catalog::read_slice(connection.diesel(), &self.scope, &self.of).await.map_err(first)?.state;
        let marks = catalog::marks(connection.diesel(), &self.of).await.map_err(first)?;
        if marks == self.marks {
            self.seen = now;
            return Ok(());
        }
        self.compare(connection, point).await
    }
}

/// A guard gives one diagnostic.
fn first(diagnostics: Diagnostics) -> Diagnostic {
    let unknown = || Diagnostic::error(Code::Catalog, "the catalog could not be read");
    diagnostics.0.into_iter().next().unwrap_or_else(unknown)
}

/// Those of the objects that differ in what a plan leans on, by name.
fn changed(of: &BTreeSet<ObjectId>, before: &State, now: &State) -> Vec<String> {
    // Both were read from one server: what an opaque object's text says there is what it says.
    let text = |object: &Object| if let Object::Opaque(opaque) = object { opaque.create.clone() } else { None };
    let seen = |state: &State, id: &ObjectId| state.get(id).map(|object| (object.digest(), text(object)));
    let differs = |id: &&ObjectId| seen(before, id) != seen(now, id);
    of.iter().filter(differs).map(|id| format!("{} {}", id.word(), id.short())).collect()
}

impl Guard for Watch {
    fn look<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(self.refresh(connection, point))
    }

    fn check<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(self.compare(connection, point))
    }

    fn ran<'a>(&'a mut self, connection: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(self.take(connection))
    }
}
