//! The report before a rollback: what comes back, goes, stays, is lost and may fail.
use super::{
    PlanName,
    columns::columns,
    words::{counted, longest_words, of, time},
};
use crate::{
    diagnostic::{Again, Command, Way, argument, shown},
    plan::format::Held,
};

/// Summary of a rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackSummary {
    /// The plan that is undone.
    pub from: PlanName,
    /// The plan that the database is at after it; `null` for the state before all plans.
    pub to: Option<PlanName>,
    /// Count of the segments that are undone.
    pub segments: usize,
    /// Longest time that readers or writers wait.
    pub longest_lock: Option<Held>,
    /// Count of index builds.
    pub index_builds: usize,
    /// Objects that come back as they were: `index embedding_hnsw`.
    pub comes_back: Vec<String>,
    /// Objects that the plan made, and that go: `check path_trimmed`.
    pub goes: Vec<String>,
    /// Objects that the plan took over, or found gone, and does not touch: `index by_hand, which was here before the
    /// plan`.
    pub stays: Vec<String>,
    /// Rows written since, which are lost.
    pub is_lost: Vec<RollbackLoss>,
    /// Reasons why it would fail: `2 rows break the check path_trimmed`.
    pub may_fail: Vec<String>,
    /// Duration of the first count of losses, in milliseconds, where it is longer than a moment and they are counted
    /// again inside their locks.
    pub recount_ms: Option<u64>,
    /// Data that was given up when the plan was approved.
    pub stays_lost: Vec<String>,
    /// True where the plan is held after it: not after a dry run.
    pub held: bool,
}

/// Rows or values that a rollback loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackLoss {
    /// Count.
    pub count: u64,
    /// Description: `values of documents.embedding written since`.
    pub what: String,
    /// Argument for `--allow`.
    pub allow: String,
    /// True where the loss is allowed.
    pub allowed: bool,
}

impl RollbackSummary {
    /// Tells whether something must be allowed or mended first.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.may_fail.is_empty() || self.is_lost.iter().any(|loss| loss.count > 0 && !loss.allowed)
    }

    /// Text of the summary, in lines.
    #[must_use]
    pub fn text(&self, again: &Again) -> String {
        let to = self.to.as_ref().map_or_else(|| "the state before all plans".to_owned(), PlanName::line);
        let mut head = match self.segments {
            0 => vec!["nothing to undo".to_owned()],
            many => vec![of(many, "segment", "segments"), longest_words(self.longest_lock).to_owned()],
        };
        if self.index_builds > 0 {
            head.push(of(self.index_builds, "index build", "index builds"));
        }
        let listed = |items: &[String]| items.iter().map(|i| shown(i)).collect::<Vec<_>>();
        let lost: Vec<Vec<String>> = self.is_lost.iter().filter(|l| l.count > 0).map(loss).collect();
        let lost: Vec<String> = columns(&lost, 0).lines().map(str::to_owned).collect();
        let mut out = format!("back from {} to {to} · {}\n", self.from.line(), head.join(", "));
        out.push_str(&lines("comes back", &listed(&self.comes_back), "nothing"));
        out.push_str(&lines("goes", &listed(&self.goes), "nothing"));
        if !self.stays.is_empty() {
            out.push_str(&lines("stays", &listed(&self.stays), ""));
        }
        out.push_str(&lines("is lost", &lost, "nothing"));
        out.push_str(&lines("may fail", &listed(&self.may_fail), "nothing"));
        out.push_str(&lines("stays lost", &listed(&self.stays_lost), "nothing"));
        if let Some(ms) = self.recount_ms {
            let says = format!(
                "again inside the lock, in about {}; what is allowed by its name is not counted again",
                time(ms)
            );
            out.push_str(&lines("is counted", &[says], ""));
        }
        if self.held {
            let line = self.from.line();
            let apply = Command::new("apply").arg(self.from.slug()).flag("--again").on_database();
            // No plan replaces one that is outside of the chain.
            let until = if self.from.file.is_some() { "its file is applied again:" } else { "a plan replaces it, or" };
            out.push_str(&format!("Afterwards {line} is held here, until {until}\n"));
            out.push_str(&format!("  {}\n", Way::new("it runs again", apply).line(again)));
        }
        out
    }
}

fn loss(RollbackLoss { count, what, allow, allowed }: &RollbackLoss) -> Vec<String> {
    let flag = if *allowed { "allowed".to_owned() } else { format!("needs --allow {}", argument(allow)) };
    vec![shown(&counted(*count, what)), flag]
}

fn lines(title: &str, items: &[String], nothing: &str) -> String {
    match items {
        [] => format!("  {title:<11}  {nothing}\n"),
        [first, rest @ ..] => {
            let rest: String = rest.iter().map(|item| format!("  {:<11}  {item}\n", "")).collect();
            format!("  {title:<11}  {first}\n{rest}")
        }
    }
}
