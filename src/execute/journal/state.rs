//! Types of all that the journal tells: plans, runs, and where a database stands with them.
use crate::{execute::DatabaseLabel, model::Digest};
use std::{collections::BTreeMap, time::SystemTime};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// Gives the journal's word.
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
    /// Directions of a run.
    Direction {
        /// Way from the parent's state to the plan's.
        Forward "forward",
        /// Way from the plan's state to the parent's.
        Back "back",
    }
}

words! {
    /// Purposes of a run.
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
    /// Ends of a run.
    RunStatus {
        /// Not ended; if nobody holds the journal's lock, the run was killed.
        Running "running",
        /// All was done.
        Done "done",
        /// Refused, or failed, before anything was changed.
        Failed "failed",
        /// Stopped midway.
        Stopped "stopped",
    }
}

/// Progress of a segment of which something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentState {
    /// Started: its one statement outside of a transaction; the probe knows the rest.
    Started,
    /// Done: in place.
    Done,
    /// Found there already: not run, and not undone.
    Found,
    /// Half undone: so many parts of the way back are done.
    Undoing {
        /// Parts that are undone.
        undone: u32,
        /// True where the next part's one statement outside of a transaction was started.
        begun: bool,
    },
}

/// Place of a database with regard to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of the plan is there.
    NotApplied,
    /// All of the plan is there, by its segments.
    Applied,
    /// Recorded, as its state was there: there is no way back here.
    Adopted,
    /// Recorded by `build`, with no way back either.
    Built,
    /// Rolled back: nothing of the plan is there any more.
    Held,
    /// Stopped: some of the plan is there.
    Midway {
        /// Number of segments, from the first, that are in place.
        boundary: u32,
        /// Direction of the last run.
        direction: Direction,
    },
}

/// A plan that the journal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// Digest of the plan.
    pub digest: Digest,
    /// Digest of the plan's body.
    pub body: Digest,
    /// Digest of the plan before this one.
    pub parent: Option<Digest>,
    /// Name that people call the plan by.
    pub name: String,
    /// Number of the plan's segments.
    pub total: u32,
    /// Text of the plan file.
    pub bytes: String,
    /// Place where the database stands with the plan.
    pub standing: Standing,
    /// Segments, from 1, of which something is there.
    pub segments: BTreeMap<u32, SegmentState>,
    /// Number of the run by which the plan came to where it stands; orders applied plans.
    pub since: i64,
    /// Plan to whose state this one brought the database back: it is no place of its own to stand at.
    pub repairs: Option<Digest>,
}

impl PlanRecord {
    /// Tells whether all of the plan is there, however it came.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self.standing {
            Standing::Applied | Standing::Adopted | Standing::Built => true,
            Standing::NotApplied | Standing::Held | Standing::Midway { .. } => false,
        }
    }
}

/// Run of a plan, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Number that counts up.
    pub id: i64,
    /// Digest of the plan that was run.
    pub plan: Digest,
    /// Direction of the run.
    pub direction: Direction,
    /// Purpose of the run.
    pub kind: Kind,
    /// End of the run.
    pub status: RunStatus,
    /// Role that logged in.
    pub login: String,
    /// Role as which the statements ran.
    pub role: String,
    /// Person or program that set the run off, as far as that was known.
    pub who: Option<String>,
    /// Version of pgform that ran.
    pub pgform: String,
    /// Reason why the run stopped.
    pub message: Option<String>,
    /// Time of the beginning.
    pub started_at: SystemTime,
    /// Time of the end, if the run was there to say so.
    pub finished_at: Option<SystemTime>,
    /// Number of segments that were done, or undone, to their end.
    pub segments: u32,
}

/// Contents of the journal, but for the rows of segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalState {
    /// Label of the database.
    pub label: Option<DatabaseLabel>,
    /// The plans, in the order in which they were first recorded.
    pub plans: Vec<PlanRecord>,
    /// The runs, oldest first.
    pub runs: Vec<RunRecord>,
    /// Role to which the journal belongs: all that it holds is that role's word.
    pub owner: Option<String>,
}

impl JournalState {
    /// Gives the plans that are there, in the order in which they came; without repairs, which lead to where the
    /// database stands.
    #[must_use]
    pub fn applied(&self) -> Vec<&PlanRecord> {
        let mut applied: Vec<_> = self.plans.iter().filter(|plan| plan.is_there() && plan.repairs.is_none()).collect();
        applied.sort_by_key(|plan| plan.since);
        applied
    }

    /// Gives the last of the plans that are there: where the database stands, if it is not midway.
    #[must_use]
    pub fn position(&self) -> Option<&PlanRecord> {
        self.applied().pop()
    }

    /// Gives the last repair of the state in which the database stands, since it came there.
    #[must_use]
    pub fn repaired(&self) -> Option<&PlanRecord> {
        let at = self.position()?;
        let of_it = |plan: &&PlanRecord| plan.repairs.as_ref() == Some(&at.digest) && plan.since > at.since;
        self.plans.iter().filter(|plan| plan.is_there()).filter(of_it).max_by_key(|plan| plan.since)
    }

    /// Gives the plan that is half there: nothing else may run before it went one way or the other.
    #[must_use]
    pub fn midway(&self) -> Option<&PlanRecord> {
        self.plans.iter().find(|plan| matches!(plan.standing, Standing::Midway { .. }))
    }

    /// Gives the plans that were rolled back here.
    #[must_use]
    pub fn held(&self) -> Vec<&PlanRecord> {
        self.plans.iter().filter(|plan| plan.standing == Standing::Held).collect()
    }

    /// Gives this state without the runs that changed nothing.
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

    /// Gives the record of a plan.
    #[must_use]
    pub fn plan(&self, digest: &Digest) -> Option<&PlanRecord> {
        self.plans.iter().find(|plan| plan.digest == *digest)
    }
}
