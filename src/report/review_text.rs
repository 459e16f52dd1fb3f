//! The review as text: head, tree of changes, table of steps, hazards, counts, proof.
use super::{
    PlanName, Review, ReviewedHazard, looks,
    steps::steps,
    tree::tree,
    words::{about, count, longest_words, of},
};
use crate::{
    diagnostic::{Command, shown},
    plan::format::{Held, Proof},
};

impl Review {
    /// Text of the review: the answer first, the next command last.
    #[must_use]
    pub fn text(&self) -> String {
        let mut parts = vec![self.head()];
        if !self.changes.is_empty() {
            parts.push(tree(&self.changes, self.full, |id| {
                let alone = self.changes.iter().all(|c| c.object.home() == id.home());
                if alone { id.short() } else { id.sql() }
            }));
        }
        if !self.segments.is_empty() {
            parts.push(steps(&self.segments, self.full));
        }
        if !self.hazards.is_empty() {
            parts.push(self.hazard_lines());
        }
        if !self.looks.is_empty() {
            parts.push(looks::lines(&self.looks, self.estimated_for.as_deref(), self.full));
        }
        parts.push(self.foot());
        let sql = self.sql();
        if !sql.is_empty() {
            parts.push(sql);
        }
        if let Some(path) = &self.path {
            let next = self.next.clone().unwrap_or_else(|| self.approve().line(&self.again));
            parts.push(format!("{}      next: {}\n", shown(path), shown(&next)));
        }
        parts.join("\n")
    }

    /// Command that approves the plan, with all that must be accepted.
    fn approve(&self) -> Command {
        let accepted = self.hazards.iter().filter_map(|h| h.accept.as_ref());
        Command::new("approve").arg(self.slug()).options("--accept", accepted)
    }

    fn slug(&self) -> String {
        let file = self.path.clone().filter(|_| self.outside);
        let slug =
            |name: &String| PlanName { name: name.clone(), digest: self.digest.clone(), file: file.clone() }.slug();
        self.name.as_ref().map_or_else(|| "NAME".to_owned(), slug)
    }

    fn head(&self) -> String {
        let name = match &self.name {
            Some(name) => PlanName { name: name.clone(), digest: self.digest.clone(), file: None }.line(),
            None => format!("`{}`", shown(&self.title)),
        };
        let on = if self.repairs { "from what is there back to" } else { "on" };
        let parent = match (&self.parent_name, &self.parent) {
            (Some(parent), _) => format!(", {on} {}", shown(parent)),
            (None, Some(digest)) => format!(", {on} {}", digest.short()),
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
        match self.segments.iter().filter(|s| s.absorb.is_some()).count() {
            0 => {}
            1 => parts.insert(1, "1 absorbs what a database has already".to_owned()),
            many => parts.insert(1, format!("{many} absorb what a database has already")),
        }
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

    fn hazard_lines(&self) -> String {
        let width = self.hazards.iter().map(|h| h.hazard.as_str().len()).max().unwrap_or(0);
        let mut out = String::from("Hazards\n");
        for ReviewedHazard { hazard, kind: word, object: _, called, because, accept } in &self.hazards {
            let (kind, word) = (hazard.as_str(), shown(word));
            out.push_str(&format!("  {kind:<width$}  {word} {}: {}\n", shown(called), shown(because)));
            if let Some(accept) = accept {
                let command = Command::new("approve").arg(self.slug()).option("--accept", accept).line(&self.again);
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
        let verified = self.verified.as_ref().map(|words| format!("Verified {}\n", shown(words))).unwrap_or_default();
        if self.segments.is_empty() {
            return format!("Proof    {proof}\n{verified}");
        }
        let assumes: Vec<_> = self.assumes.iter().map(|a| shown(a)).collect();
        let assumes = match assumes.is_empty() {
            true => "nothing: every table counts as large and busy".to_owned(),
            false => assumes.join("\n         "),
        };
        format!("Proof    {proof}\n{verified}Assumes  {assumes}\n")
    }
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
