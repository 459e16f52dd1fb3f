//! The report of `status`: position of a database in the chain, plans pending, held, lost or stopped midway.
use super::{
    Database, PlanName, Run, RunOutcome,
    words::{listed, of},
};
use crate::diagnostic::{Command, Way, shown};
use serde::Serialize;

/// Report of `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The database.
    pub database: Database,
    /// True where pgform ever ran here.
    pub known: bool,
    /// The plan that it is at; `null` where no plan was applied.
    pub at: Option<PlanName>,
    /// Way in which it was recorded, where not by `apply`: `adopted`, `built`.
    pub recorded_by: Option<String>,
    /// The plan that stopped midway.
    pub halfway: Option<Halfway>,
    /// The last run, if it changed nothing, or was cut off before it changed anything.
    pub failed: Option<Run>,
    /// The plans that it lacks, in order.
    pub pending: Vec<Pending>,
    /// The plans that were rolled back here; those of the chain are pending too.
    pub held: Vec<PlanName>,
    /// Plans in its journal whose files are gone.
    pub without_file: Vec<PlanName>,
    /// Plans in its journal without a file and without a plan that replaces them, the last one first: they go back
    /// before anything else runs.
    pub lost: Vec<PlanName>,
    /// Errors of the chain of the plans' files, each with its way out: then `pending` has only the plans before them.
    pub chain: Vec<String>,
}

/// Plan that stopped midway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Halfway {
    /// The plan.
    pub plan: PlanName,
    /// True where it was going back.
    pub back: bool,
    /// Count of the segments done.
    pub done: usize,
    /// Count of all segments.
    pub of: usize,
    /// Reason why it stopped.
    pub because: Option<String>,
    /// Statements of applications that fail meanwhile: new rows obey a rule that old ones are not validated for.
    pub in_force: Option<String>,
}

/// Plan that a database lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// The plan.
    pub plan: PlanName,
    /// Requirements that are missing before it may run here: `not approved`, `no dry run on staging`. None: it may run.
    pub lacks: Vec<String>,
}

impl Status {
    /// Line: `production is at 0003 add-embeddings · 1 plan pending: 0004 tags (not approved)`.
    #[must_use]
    pub fn line(&self) -> String {
        let at = match (&self.at, &self.recorded_by) {
            (Some(plan), Some(by)) => format!("at {} ({})", plan.line(), shown(by)),
            (Some(plan), None) => format!("at {}", plan.line()),
            (None, _) if self.known => "at no plan".to_owned(),
            (None, _) => "not known to pgform yet".to_owned(),
        };
        let pending: Vec<String> = self
            .pending
            .iter()
            .map(|Pending { plan, lacks }| {
                let lacks: Vec<_> = lacks.iter().map(|l| shown(l)).collect();
                if lacks.is_empty() { plan.line() } else { format!("{} ({})", plan.line(), lacks.join(", ")) }
            })
            .collect();
        let far = if self.chain.is_empty() { "" } else { " before the chain breaks" };
        let rest = match pending.len() {
            0 => format!("no plan pending{far}\n"),
            n => format!("{} pending{far}:{}", of(n, "plan", "plans"), listed(&pending)),
        };
        format!("{} is {at} · {rest}", self.database.called())
    }

    /// Text of the report, with the next command where there is one.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n{}", self.database.line(), self.line());
        out.push_str(&self.troubles());
        for plan in &self.without_file {
            out.push_str(&format!("without a file: {} (its bytes are in the journal)\n", plan.line(),));
        }
        out.push_str(&self.next());
        out
    }

    /// Next command, where one may run; without any plans, the commands that make the first.
    pub(super) fn next(&self) -> String {
        if !self.known && self.pending.is_empty() && self.chain.is_empty() {
            let import =
                self.way("no plans yet: take over what this database holds", Command::new("import").on_database());
            let plan = self.way("or begin with what schema/ declares", Command::new("plan").option("-m", "first"));
            return format!("{import}{plan}");
        }
        let may_run = self.halfway.is_none() && self.lost.is_empty() && self.chain.is_empty();
        let may_run = may_run && self.pending.first().is_some_and(|p| p.lacks.is_empty());
        if may_run { self.way("next", Command::new("apply").on_database()) } else { String::new() }
    }

    fn way(&self, does: &str, command: Command) -> String {
        format!("{}\n", Way::new(does, command).line(&self.database.again))
    }

    /// Text about plans that are lost, stopped midway or held, each with its commands.
    pub(super) fn troubles(&self) -> String {
        let mut out = String::new();
        for trouble in &self.chain {
            let lines: Vec<_> = trouble.lines().map(shown).collect();
            out.push_str(&format!("the chain is broken: {}\n", lines.join("\n  ")));
        }
        if let Some(last) = self.lost.first().filter(|_| self.halfway.is_none()) {
            out.push_str(&format!("no plan of the chain: {} (it is in this database)\n", last.line()));
            let back = Command::new("rollback").arg(&last.name).on_database();
            out.push_str(&format!("  {}", self.way("go back over it, or bring its file back", back)));
        }
        if let Some(Halfway { plan, back, done, of, because, in_force }) = &self.halfway {
            let way = if *back { "on the way back from" } else { "in" };
            let because = because.as_deref().map(|b| format!(": {}", shown(b))).unwrap_or_default();
            out.push_str(&format!("stopped {way} {}, {done} of {of} segments done{because}\n", plan.line()));
            out.extend(in_force.iter().map(|rule| format!("  in force now: {}\n", shown(rule))));
            let (on, other) = if *back { ("rollback", "apply") } else { ("apply", "rollback") };
            let what = if *back { "forward" } else { "back" };
            let command = |verb| plan.file.iter().fold(Command::new(verb), |c, file| c.arg(file)).on_database();
            out.push_str(&format!("  {}", self.way("go on", command(on))));
            out.push_str(&format!("  {}", self.way(&format!("go {what}"), command(other))));
        }
        if let Some(run) = &self.failed {
            out.push_str(&failed(run));
        }
        for plan in &self.held {
            let slug = plan.slug();
            if !self.pending.iter().any(|p| p.plan.digest == plan.digest) {
                let line = plan.line();
                out.push_str(&format!("held: {line} (was rolled back here, and is no plan of the chain)\n"));
                continue;
            }
            out.push_str(&format!("held: {} (was rolled back here)\n", plan.line()));
            let again = Command::new("apply").arg(&slug).flag("--again").on_database();
            let replace = Command::new("plan").option("-m", &slug).option("--replace", &slug);
            out.push_str(&format!("  {}", self.way("again", again)));
            out.push_str(&format!("  {}", self.way("or make a plan that replaces it", replace)));
        }
        out
    }
}

/// Line: `failed: apply of 0003 third by postgres, 2026-11-29T22:40:00Z: nothing changed: …`.
fn failed(Run { when, verb, plan, who, login: _, outcome, done: _, of: _, took_ms: _, because }: &Run) -> String {
    let (word, changed) = match outcome {
        RunOutcome::Open => ("open", "it still runs, or was cut off before it changed anything"),
        RunOutcome::Done | RunOutcome::Stopped | RunOutcome::Failed => ("failed", "nothing changed"),
    };
    let because = because.as_deref().map(|b| format!(": {}", shown(b))).unwrap_or_default();
    format!("{word}: {} of {} by {}, {}: {changed}{because}\n", verb.as_str(), plan.line(), shown(who), shown(when))
}
