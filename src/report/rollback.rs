use super::{
    PlanName,
    columns::columns,
    words::{counted, longest_words, of, time},
};
use crate::{
    diagnostic::{Again, Command, Way, argument, shown},
    plan::format::Held,
};

/// What going back would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackSummary {
    /// The plan that goes.
    pub from: PlanName,
    /// The plan that the database is at afterwards; `null` for the state before all plans.
    pub to: Option<PlanName>,
    /// How many segments are undone.
    pub segments: usize,
    /// The longest that readers or writers wait.
    pub longest_lock: Option<Held>,
    /// How many indexes are built.
    pub index_builds: usize,
    /// What is as it was: `index embedding_hnsw`.
    pub comes_back: Vec<String>,
    /// What the plan made, and goes: `check path_trimmed`.
    pub goes: Vec<String>,
    /// What the plan took over, or found gone, and does not touch: `index by_hand, which was here before the plan`.
    pub stays: Vec<String>,
    /// What was written since, and goes.
    pub is_lost: Vec<RollbackLoss>,
    /// What would make it fail: `2 rows break the check path_trimmed`.
    pub may_fail: Vec<String>,
    /// Where losses are counted again inside their locks and that takes longer than a moment: how long the first count took,
    /// in milliseconds.
    pub recount_ms: Option<u64>,
    /// What was given up when the plan was approved.
    pub stays_lost: Vec<String>,
    /// Whether the plan is held afterwards: not after a dry run.
    pub held: bool,
}

/// Something that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackLoss {
    /// How many.
    pub count: u64,
    /// Of what: `values of documents.embedding written since`.
    pub what: String,
    /// What `--allow` takes.
    pub allow: String,
    /// Whether it was allowed.
    pub allowed: bool,
}

impl RollbackSummary {
    /// Whether something must be allowed or mended first.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.may_fail.is_empty() || self.is_lost.iter().any(|loss| loss.count > 0 && !loss.allowed)
    }

    /// The lines.
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
            // What is no plan of the chain is replaced by none.
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
