use super::output::Output;
use crate::execute::{BuildProgress, Observer};
use crate::model::ObjectId;
use crate::server::{Activity, Notice, OlderSessions};

/// Prints progress lines.
pub(super) struct Lines {
    pub(super) output: Output,
    does: String,
}

impl Lines {
    pub(super) fn new(output: Output) -> Self {
        Self { output, does: String::new() }
    }
}

impl Observer for Lines {
    fn segment_started(&mut self, _: u32, _: u32, does: &[String], back: bool) {
        let first = does.first().cloned().unwrap_or_default();
        let more = if does.len() > 1 { format!(" and {} more", does.len() - 1) } else { String::new() };
        self.does = format!("{}{first}{more}", if back { "undo: " } else { "" });
    }

    fn waiting_for_lock(&mut self, relation: Option<&ObjectId>, blockers: &[Activity], tries: u32) {
        let name = relation.map(ObjectId::short).unwrap_or_default();
        let who: Vec<String> = blockers
            .iter()
            .map(|b| b.pid.map_or_else(|| "a prepared transaction".to_owned(), |pid| format!("pid {pid}")))
            .collect();
        self.output.line(&format!("      waits for a lock on {name}, try {tries}, behind {}", who.join(", ")));
    }

    fn waiting_for_sessions(&mut self, older: &OlderSessions) {
        self.output.line(&format!("      waits for {} older transactions", older.found.len()));
    }

    fn build_progress(&mut self, progress: &BuildProgress) {
        if let Some(percent) = progress.percent() {
            self.output.line(&format!("      {} {percent:.0} %", progress.phase));
        }
    }

    fn notice(&mut self, notice: &Notice) {
        self.output.line(&format!("      {}", notice.message));
    }

    fn segment_done(&mut self, number: u32, of: u32, seconds: f64, _: bool) {
        self.output.line(&format!(" {number}/{of}  {:<50} {seconds:.2} s", self.does));
    }

    fn should_stop(&self) -> bool {
        false
    }
}
