use super::{
    PlanName, Review, ReviewedHazard, ReviewedSegment,
    columns::columns,
    tree::tree,
    words::{about, argument, count, longest_words, of},
};
use crate::{
    diagnostic::shown,
    plan::format::{Held, Proof, Reversibility},
};

/// Operations of a segment that are written out, unless all are asked for.
const MAX_DOES: usize = 4;

impl Review {
    /// The review as people read it: the answer first, one next command last.
    #[must_use]
    pub fn text(&self) -> String {
        let mut parts = vec![self.head()];
        if !self.changes.is_empty() {
            parts.push(tree(&self.changes, self.full, |id| {
                let alone = self.changes.iter().all(|c| c.object.schema() == id.schema());
                if alone { id.short() } else { id.sql() }
            }));
        }
        if !self.segments.is_empty() {
            parts.push(self.table());
        }
        if !self.hazards.is_empty() {
            parts.push(self.hazard_lines());
        }
        parts.push(self.foot());
        if let Some(path) = &self.path {
            let next = self.next.clone().unwrap_or_else(|| format!("pgform approve {}", self.slug()));
            parts.push(format!("{}      next: {}\n", shown(path), shown(&next)));
        }
        parts.join("\n")
    }

    fn slug(&self) -> String {
        let named = |name: &String| PlanName { name: name.clone(), digest: self.digest.clone() }.slug();
        argument(&self.name.as_ref().map_or_else(|| "NAME".to_owned(), named))
    }

    fn head(&self) -> String {
        let name = match &self.name {
            Some(name) => PlanName { name: name.clone(), digest: self.digest.clone() }.line(),
            None => format!("`{}`", shown(&self.title)),
        };
        let parent = match (&self.parent_name, &self.parent) {
            (Some(parent), _) => format!(", on {}", shown(parent)),
            (None, Some(digest)) => format!(", on {}", digest.short()),
            (None, None) => ", the first of the chain".to_owned(),
        };
        let replaces: Vec<_> = self.replaces.iter().map(|d| d.short()).collect();
        let replaces = if replaces.is_empty() { String::new() } else { format!(", replaces {}", replaces.join(", ")) };
        format!("Plan {name}{parent}{replaces}\n{}\n", self.headline())
    }

    fn headline(&self) -> String {
        if self.baseline {
            return format!("baseline: records {}, runs nothing", of(self.objects, "object", "objects"));
        }
        if self.segments.is_empty() {
            return "runs nothing".to_owned();
        }
        let mut parts =
            vec![of(self.segments.len(), "segment", "segments"), longest_words(self.longest_lock).to_owned()];
        if self.index_builds > 0 {
            parts.push(of(self.index_builds, "index build", "index builds"));
        }
        let builds = self.segments.iter().filter(|s| s.held == Some(Held::Build)).map(|s| s.estimate_ms);
        let total: Option<u64> = builds.sum();
        if let (Some(ms @ 1..), Some(database)) = (total, &self.estimated_for) {
            let last = parts.pop().unwrap_or_default();
            parts.push(format!("{last}, about {} at {}'s sizes", about(ms), shown(database)));
        }
        parts.join(" · ")
    }

    fn table(&self) -> String {
        let titles = ["#", "step", "locks", "held", "way back"].map(str::to_owned).to_vec();
        let numbers = self.segments.len().to_string().len();
        let rows = self.segments.iter().flat_map(|segment| self.rows(segment, numbers));
        columns(&std::iter::once(titles).chain(rows).collect::<Vec<_>>(), 2)
    }

    /// The lines of a segment: as many as it has operations or locks.
    fn rows(&self, segment: &ReviewedSegment, numbers: usize) -> Vec<Vec<String>> {
        let mut does: Vec<String> = segment.does.iter().map(|does| shown(does)).collect();
        if !self.full && does.len() > MAX_DOES {
            let more = does.len() - (MAX_DOES - 1);
            does.truncate(MAX_DOES - 1);
            does.push(format!("and {more} more"));
        }
        let locks: Vec<String> = segment
            .locks
            .iter()
            .zip(&segment.locked)
            .map(|(lock, name)| format!("{}, {}", shown(name), lock.mode.as_str()))
            .collect();
        let held: Vec<String> = segment.locks.iter().map(|lock| held(lock.held, segment.estimate_ms)).collect();
        let cell = |cells: &[String], line: usize| cells.get(line).cloned().unwrap_or_default();
        let lines = does.len().max(locks.len()).max(1);
        (0..lines)
            .map(|line| match line {
                0 => vec![
                    format!("{:>numbers$}", segment.segment),
                    cell(&does, 0),
                    locks.first().cloned().unwrap_or_else(|| "none".to_owned()),
                    cell(&held, 0),
                    back(segment),
                ],
                _ => vec![String::new(), cell(&does, line), cell(&locks, line), cell(&held, line)],
            })
            .collect()
    }

    fn hazard_lines(&self) -> String {
        let width = self.hazards.iter().map(|h| h.hazard.as_str().len()).max().unwrap_or(0);
        let mut out = String::from("Hazards\n");
        for ReviewedHazard { hazard, object, called, because, accept } in &self.hazards {
            let (kind, word) = (hazard.as_str(), object.word());
            out.push_str(&format!("  {kind:<width$}  {word} {}: {}\n", shown(called), shown(because)));
            if let Some(accept) = accept {
                let command = format!("pgform approve {} --accept {}", self.slug(), argument(accept));
                out.push_str(&format!("  {:<width$}  accept with: {command}\n", ""));
            }
        }
        out
    }

    fn foot(&self) -> String {
        let proof = match &self.proof {
            Some(proof) => proof_words(proof),
            None if self.segments.is_empty() => "none needed: nothing runs".to_owned(),
            None => "NONE".to_owned(),
        };
        if self.segments.is_empty() {
            return format!("Proof    {proof}\n");
        }
        let assumes: Vec<_> = self.assumes.iter().map(|a| shown(a)).collect();
        let assumes = match assumes.is_empty() {
            true => "nothing: every table counts as large and busy".to_owned(),
            false => assumes.join("\n         "),
        };
        format!("Proof    {proof}\nAssumes  {assumes}\n")
    }
}

fn held(held: Held, estimate_ms: Option<u64>) -> String {
    match (held, estimate_ms) {
        (Held::Scan | Held::Build | Held::Rewrite, Some(ms)) => about(ms),
        (Held::Moment, Some(_)) | (_, None) => held.as_str().to_owned(),
    }
}

fn back(segment: &ReviewedSegment) -> String {
    let words = match segment.back {
        Reversibility::Exact => "exact",
        Reversibility::KeepsNewRows => "exact; newer rows are kept aside",
        Reversibility::LosesNewRows => "drops newer values, counted first",
        Reversibility::Conditional => "exact, if newer rows allow; checked first",
        Reversibility::StructureOnly => "the structure only, empty",
        Reversibility::None => "NONE",
    };
    words.to_owned()
}

fn proof_words(proof: &Proof) -> String {
    let Proof { partial, server, rows, boundaries, stand_ins } = proof;
    let boundaries = match boundaries {
        0 => "forward".to_owned(),
        1 => "forward, back, forward again".to_owned(),
        many => format!("forward, back from each of {many} boundaries, forward again"),
    };
    let rows = if *rows == 1 { "1 row followed".to_owned() } else { format!("{} rows followed", count(*rows)) };
    let kind = if partial.is_empty() { "full" } else { "partial" };
    let mut out = format!("{kind} · {boundaries} · {} · {rows}", shown(server));
    for reason in partial {
        out.push_str(&format!("\n         not shown: {}", shown(reason)));
    }
    if !stand_ins.is_empty() {
        let all: Vec<_> = stand_ins.iter().map(|s| shown(s)).collect();
        out.push_str(&format!("\n         stand-ins: {}", all.join(", ")));
    }
    out
}
