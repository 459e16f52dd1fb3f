//! Position of a database in the chain: plans applied, pending, lost, replaced; and the lock against other pgforms.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{Journal, JournalState, PlanRecord, Standing};
use crate::model::{State, quote};
use crate::settings::Asked;
use crate::store::{Plans, SealedPlan, StoredPlan};
use crate::workflow::invocation::project::{Connected, Project, empty_database};
use std::sync::Arc;

/// Position of a database in the chain of plans.
#[derive(Debug)]
pub(crate) struct Position {
    /// The journal; `None` where there is none.
    pub(crate) journal: Option<JournalState>,
    /// The plans that the database lacks, in order.
    pub(crate) pending: Vec<Arc<StoredPlan>>,
    /// Errors in the chain of the plans' files: then only plans before them are known to be pending.
    pub(crate) broken: Diagnostics,
    /// Plans of the journal that have no file any more and that none replaces: the last one first.
    pub(crate) lost: Vec<PlanRecord>,
    /// Plans of the journal, whole or in part, that others replace: they go back first. The last one first.
    pub(crate) back_first: Vec<Arc<StoredPlan>>,
}

/// Opens a session that writes, where no other pgform is at work, and reads the database's position.
///
/// # Errors
/// If it cannot be reached, another pgform is at work, or its journal cannot be read.
pub(crate) async fn open(
    project: &Project,
    asked: &Asked,
    name: &str,
    plans: &Plans,
) -> Result<(Connected, Position), Diagnostics> {
    let mut connected = project.connect_writing(asked, name).await?;
    nobody_else(&mut connected).await?;
    let stand = read(&mut connected, plans).await?;
    Ok((connected, stand))
}

/// Reads the position of a database.
///
/// # Errors
/// If its journal cannot be read.
pub(crate) async fn read(connected: &mut Connected, plans: &Plans) -> Result<Position, Diagnostics> {
    let journal = match Journal::exists(&mut connected.connection).await? {
        true => {
            let read = Journal::read(&mut connected.connection).await;
            Some(read.map_err(|error| unreadable(error, &connected.connection.info().role))?)
        }
        false => None,
    };
    let (chain, broken) = plans.chain_as_far_as_sound();
    let chain: Vec<Arc<StoredPlan>> = chain.into_iter().cloned().collect();
    let is_there =
        |plan: &Arc<StoredPlan>| journal.as_ref().and_then(|j| j.plan(plan.digest())).is_some_and(|r| r.is_there());
    let pending = chain.into_iter().filter(|plan| !is_there(plan)).collect();
    let back_first = journal.as_ref().map_or_else(|| Ok(Vec::new()), |journal| replaced(journal, plans))?;
    let lost = journal.as_ref().map(|journal| lost(journal, plans)).unwrap_or_default();
    Ok(Position { journal, pending, broken, lost, back_first })
}

/// Plans of the journal that have no file, and that no plan replaces: somebody took them out of the chain, as happens
/// when two branches are merged.
fn lost(journal: &JournalState, plans: &Plans) -> Vec<PlanRecord> {
    // Without a chain, plans run from files of their own.
    if plans.all().is_empty() {
        return Vec::new();
    }
    let gone =
        |record: &&PlanRecord| plans.by_digest(&record.digest).is_none() && plans.replaced_by(&record.digest).is_none();
    journal.midway().into_iter().chain(journal.applied().into_iter().rev()).filter(gone).cloned().collect()
}

/// Explains that a role without the right to read the journal saw nothing of the database's position.
fn unreadable(error: Diagnostic, role: &str) -> Diagnostic {
    if error.code != Code::Rights {
        return error;
    }
    let message = format!(
        "{role} may not read pgform's journal here: where this database stands, and whether it drifted, was not seen"
    );
    let role = quote(role);
    Diagnostic::error(Code::Rights, message).help(format!(
        "as its owner: grant usage on schema pgform to {role}; grant select on all tables in schema pgform to {role}"
    ))
}

/// Plans of the journal that others replace. A squash replaces plans without changing anything: those stay where they
/// are.
fn replaced(journal: &JournalState, plans: &Plans) -> Result<Vec<Arc<StoredPlan>>, Diagnostics> {
    let there = |record: &&PlanRecord| match record.standing {
        Standing::Applied | Standing::Midway { .. } => true,
        Standing::NotApplied | Standing::Held | Standing::Adopted | Standing::Built => false,
    };
    let by_another = |record: &&PlanRecord| plans.replaced_by(&record.digest).is_some_and(|p| !p.file().is_baseline());
    let mut found: Vec<&PlanRecord> = journal.plans.iter().filter(there).filter(by_another).collect();
    found.sort_by_key(|record| std::cmp::Reverse(record.since));
    found.into_iter().map(|record| stored(plans, record)).collect()
}

/// A plan of the journal: its file, or, where that is gone, the bytes that the journal keeps.
pub(crate) fn stored(plans: &Plans, record: &PlanRecord) -> Result<Arc<StoredPlan>, Diagnostics> {
    if let Some(plan) = plans.by_digest(&record.digest) {
        return Ok(Arc::clone(plan));
    }
    let sealed = SealedPlan::from_bytes(&record.name, record.bytes.as_bytes().to_vec())?;
    Ok(Arc::new(StoredPlan {
        path: std::path::PathBuf::new(),
        name: record.name.clone(),
        number: None,
        slug: record.name.clone(),
        outside: true,
        sealed,
    }))
}

/// Tells whether a plan is the journal's copy, not a file.
pub(crate) fn is_copy(plan: &StoredPlan) -> bool {
    plan.path.as_os_str().is_empty()
}

impl Position {
    /// Folds the state that the journal records: after its last plan, or that of an empty database. In the middle of a
    /// plan, the state before it.
    ///
    /// # Errors
    /// If a plan on the way is missing.
    pub(crate) fn state(&self, plans: &Plans) -> Result<State, Diagnostics> {
        match self.journal.as_ref().and_then(|j| j.position()) {
            Some(record) => plans.fold_to(stored(plans, record)?.file()),
            None => Ok(empty_database()),
        }
    }

    /// Tells whether no plan, nor any part of one, is applied: pgform never ran here, or all went back.
    pub(crate) fn is_nowhere(&self) -> bool {
        self.journal.as_ref().is_none_or(|j| j.position().is_none() && j.midway().is_none())
    }

    /// Refuses to run anything new where the plans' files form no chain.
    ///
    /// # Errors
    /// The errors of the chain.
    pub(crate) fn sound(&self) -> Result<(), Diagnostics> {
        self.broken.clone().or_value(()).map(drop)
    }

    /// Record of the plan in whose middle the database is.
    pub(crate) fn midway(&self) -> Option<&PlanRecord> {
        self.journal.as_ref().and_then(JournalState::midway)
    }
}

/// Refuses to begin beside another pgform, whose changes would look like drift.
///
/// # Errors
/// [`Code::Busy`], with who is at work.
async fn nobody_else(connected: &mut Connected) -> Result<(), Diagnostics> {
    Journal::lock(&mut connected.connection).await?;
    Ok(Journal::unlock(&mut connected.connection).await?)
}

/// Errors of reading the database; or, where another pgform has begun to work meanwhile, that.
pub(crate) async fn or_busy(connected: &mut Connected, problems: Diagnostics) -> Diagnostics {
    if connected.connection.is_closed() {
        return problems;
    }
    match nobody_else(connected).await {
        Err(busy) if busy.0.iter().any(|diagnostic| diagnostic.code == Code::Busy) => busy,
        Err(_) | Ok(()) => problems,
    }
}

/// Keeps other pgforms out from now on, and refuses where one of them wrote something while somebody was asked. Held
/// for the whole command, between its plans too; the session sits in no transaction meanwhile.
///
/// # Errors
/// [`Code::Busy`] if one is at work, or was.
pub(crate) async fn keep_out(connected: &mut Connected, stand: &Position) -> Result<(), Diagnostics> {
    let connection = &mut connected.connection;
    Journal::lock(connection).await?;
    let now = match Journal::exists(connection).await? {
        true => Some(Journal::read(connection).await?),
        false => None,
    };
    let of_changes = |journal: &Option<JournalState>| journal.as_ref().map(JournalState::of_changes);
    if of_changes(&now) == of_changes(&stand.journal) {
        // The server ends a session that holds the lock and does nothing for 10 minutes.
        connection.batch("set idle_session_timeout = '10min'").await.map_err(Diagnostic::from)?;
        return Ok(());
    }
    Journal::unlock(connection).await?;
    Err(Diagnostic::error(
        Code::Busy,
        "another pgform wrote to this database since it was looked at: nothing was changed",
    )
    .help("say it again: it then begins with what is there")
    .into())
}

/// Lets other pgforms in again, and ends the session.
pub(crate) async fn let_in(mut connected: Connected) {
    if !connected.connection.is_closed() {
        let _ = Journal::unlock(&mut connected.connection).await;
    }
    let _ = connected.connection.close().await;
}

impl Position {
    /// Refuses plans that do not follow the last one that the database has, where that one's file was taken away: after
    /// a merge another plan makes its changes again, and they would be there twice.
    ///
    /// # Errors
    /// [`Code::PlanPosition`] with the way out.
    pub(crate) fn leads_to(&self, todo: &[Arc<StoredPlan>]) -> Result<(), Diagnostics> {
        let (Some(last), Some(first)) = (self.lost.first(), todo.first()) else { return Ok(()) };
        let at = self.journal.as_ref().and_then(|journal| journal.midway().or_else(|| journal.position()));
        let follows = first.file().header.parent.as_ref() == Some(&last.digest) || first.digest() == &last.digest;
        if follows || at.is_none_or(|at| at.digest != last.digest) {
            return Ok(());
        }
        let message = format!(
            "this database has {}, which is no plan of the chain: {} does not start from it",
            last.name,
            first.title_line()
        );
        let refused = Diagnostic::error(Code::PlanPosition, message);
        Err(match last.standing {
            Standing::Adopted | Standing::Built => {
                refused.help("it was recorded here and has no way back: bring its file back")
            }
            Standing::NotApplied | Standing::Applied | Standing::Held | Standing::Midway { .. } => refused
                .help("bring its file back; or go back over it, then apply")
                .way("go back over it", Command::new("rollback").arg(&last.name).on_database())
                .way("then", Command::new("apply").on_database()),
        }
        .into())
    }
}
