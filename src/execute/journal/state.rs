use crate::{execute::DatabaseLabel, model::Digest};
use std::{collections::BTreeMap, time::SystemTime};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// The journal's word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub(super) fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Which way a run goes.
    Direction {
        /// From the parent's state to the plan's.
        Forward "forward",
        /// From the plan's state to the parent's.
        Back "back",
    }
}

words! {
    /// What a run is for.
    Kind {
        /// `pgform apply`.
        Apply "apply",
        /// `pgform rollback`: afterwards the plan is held.
        Rollback "rollback",
        /// `pgform adopt`: the state was there.
        Adopt "adopt",
        /// `pgform build`: the state was made in one go.
        Build "build",
        /// `pgform dry-run`, both ways: afterwards the plan is not held.
        DryRun "dry_run",
    }
}

words! {
    /// How a run ended.
    RunStatus {
        /// It has not; if nobody holds the journal's lock, it was killed.
        Running "running",
        /// It did all of it.
        Done "done",
        /// It was refused or failed before it changed anything.
        Failed "failed",
        /// It stopped midway.
        Stopped "stopped",
    }
}

/// How far a segment is, where it is not simply absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentState {
    /// Its one statement outside of a transaction was started; the probe knows the rest.
    Started,
    /// In place.
    Done,
    /// Was there already: not run, and not undone.
    Found,
    /// On the way back: so many parts are undone.
    Undoing {
        /// Parts that are undone.
        undone: u32,
        /// Whether the next part's one statement outside of a transaction was started.
        begun: bool,
    },
}

/// Where a database stands with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it is there.
    NotApplied,
    /// All of it is there, by its segments.
    Applied,
    /// It was there, and was recorded: there is no way back here.
    Adopted,
    /// As adopted, by `build`.
    Built,
    /// Nothing of it is there any more: it was rolled back.
    Held,
    /// Some of it is there.
    Midway {
        /// How many segments, from the first, are in place.
        boundary: u32,
        /// Which way the last run went.
        direction: Direction,
    },
}

/// A plan that the journal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// Its digest.
    pub digest: Digest,
    /// Its body's digest.
    pub body: Digest,
    /// The plan before it.
    pub parent: Option<Digest>,
    /// What people call it.
    pub name: String,
    /// How many segments it has.
    pub total: u32,
    /// The plan file's text.
    pub bytes: String,
    /// Where the database stands with it.
    pub standing: Standing,
    /// The segments, from 1, of which something is there.
    pub segments: BTreeMap<u32, SegmentState>,
    /// The run by which it came to where it stands; orders applied plans.
    pub since: i64,
    /// The plan to whose state it brought the database back: it is no place of its own to stand at.
    pub repairs: Option<Digest>,
}

impl PlanRecord {
    /// Whether all of it is there, however it came.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self.standing {
            Standing::Applied | Standing::Adopted | Standing::Built => true,
            Standing::NotApplied | Standing::Held | Standing::Midway { .. } => false,
        }
    }
}

/// One run, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Counts up.
    pub id: i64,
    /// Of which plan.
    pub plan: Digest,
    /// Which way.
    pub direction: Direction,
    /// What for.
    pub kind: Kind,
    /// How it ended.
    pub status: RunStatus,
    /// Who logged in.
    pub login: String,
    /// As whom it ran.
    pub role: String,
    /// Who set it off, as far as that was known.
    pub who: Option<String>,
    /// With which pgform.
    pub pgform: String,
    /// Why it stopped.
    pub message: Option<String>,
    /// When it began.
    pub started_at: SystemTime,
    /// When it ended, if it was there to say so.
    pub finished_at: Option<SystemTime>,
    /// How many segments it did, or undid, to their end.
    pub segments: u32,
}

/// All that the journal says, but for the rows of segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalState {
    /// What the database knows about itself.
    pub label: Option<DatabaseLabel>,
    /// The plans, in the order in which they were first recorded.
    pub plans: Vec<PlanRecord>,
    /// The runs, oldest first.
    pub runs: Vec<RunRecord>,
    /// The role to which the journal belongs: all that it holds is that role's word.
    pub owner: Option<String>,
}

impl JournalState {
    /// The plans that are there, in the order in which they came; without repairs, which lead to where the database stands.
    #[must_use]
    pub fn applied(&self) -> Vec<&PlanRecord> {
        let mut applied: Vec<_> = self.plans.iter().filter(|plan| plan.is_there() && plan.repairs.is_none()).collect();
        applied.sort_by_key(|plan| plan.since);
        applied
    }

    /// The last of the plans that are there: where the database stands, if it is not midway.
    #[must_use]
    pub fn position(&self) -> Option<&PlanRecord> {
        self.applied().pop()
    }

    /// The last repair of the state in which the database stands, since it came there.
    #[must_use]
    pub fn repaired(&self) -> Option<&PlanRecord> {
        let at = self.position()?;
        let of_it = |plan: &&PlanRecord| plan.repairs.as_ref() == Some(&at.digest) && plan.since > at.since;
        self.plans.iter().filter(|plan| plan.is_there()).filter(of_it).max_by_key(|plan| plan.since)
    }

    /// The plan that is half there: nothing else may run before it went one way or the other.
    #[must_use]
    pub fn midway(&self) -> Option<&PlanRecord> {
        self.plans.iter().find(|plan| matches!(plan.standing, Standing::Midway { .. }))
    }

    /// The plans that were rolled back here.
    #[must_use]
    pub fn held(&self) -> Vec<&PlanRecord> {
        self.plans.iter().filter(|plan| plan.standing == Standing::Held).collect()
    }

    /// The same without the runs that changed nothing.
    #[must_use]
    pub fn of_changes(&self) -> Self {
        let changed = |run: &&RunRecord| run.status != RunStatus::Failed;
        Self {
            label: self.label.clone(),
            plans: self.plans.clone(),
            runs: self.runs.iter().filter(changed).cloned().collect(),
            owner: self.owner.clone(),
        }
    }

    /// What is known about a plan.
    #[must_use]
    pub fn plan(&self, digest: &Digest) -> Option<&PlanRecord> {
        self.plans.iter().find(|plan| plan.digest == *digest)
    }
}
