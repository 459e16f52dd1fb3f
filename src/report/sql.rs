//! The SQL of a plan, whole: each segment's statements, counts and way back.
use super::{Review, ReviewedCount, ReviewedRevive, ReviewedSql, ReviewedStep, steps::back_words, words::of};
use crate::{
    diagnostic::shown,
    plan::format::{Assert, BackPart, Revive, RunAs, Segment, Statement, Step, counting},
    store::SealedPlan,
};

impl Review {
    /// Adds to the review the SQL of every segment, forward and back.
    #[must_use]
    pub fn with_sql(mut self, plan: &SealedPlan) -> Self {
        for (reviewed, segment) in self.segments.iter_mut().zip(&plan.file().body.segments) {
            reviewed.sql = Some(reviewed_sql(segment));
        }
        self
    }

    /// Text of the SQL; empty where it was not asked for.
    pub(super) fn sql(&self) -> String {
        let mut out = String::new();
        let all = self.segments.len();
        for segment in &self.segments {
            let Some(ReviewedSql { forward, revive, counts, back, relief }) = &segment.sql else { continue };
            let does: Vec<_> = segment.operations.iter().map(|o| shown(&o.does)).collect();
            let blank = if out.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{blank}-- segment {} of {all}: {}\n", segment.segment, does.join(", ")));
            steps(forward, &mut out);
            if let Some(ReviewedRevive { probe, steps: instead }) = revive {
                out.push_str("-- or, where this is true, what was set aside comes back:\n");
                asked("--   ", probe, &mut out);
                steps(instead, &mut out);
            }
            out.push_str(&format!("-- segment {} of {all}, back: {}\n", segment.segment, back_words(segment.back)));
            for ReviewedCount { says, sql } in counts {
                out.push_str(&format!("-- counts {}:\n", shown(says)));
                asked("--   ", sql, &mut out);
            }
            for (at, part) in back.iter().enumerate() {
                if back.len() > 1 {
                    out.push_str(&format!("-- part {} of {}\n", at + 1, of(back.len(), "part", "parts")));
                }
                steps(part, &mut out);
            }
            if !relief.is_empty() {
                out.push_str("-- or, where rows break what a part has set up for new ones, that is undone:\n");
                steps(relief, &mut out);
            }
        }
        out
    }
}

fn reviewed_sql(segment: &Segment) -> ReviewedSql {
    let part = |BackPart { locks: _, steps, relief: _ }: &BackPart| reviewed(steps);
    let ahead = segment.looks.iter().map(|look| ReviewedCount { says: look.says.clone(), sql: look.count() });
    let behind = segment.looks.iter().filter_map(|look| {
        let sql = counting(look.behind.as_deref()?);
        Some(ReviewedCount { says: format!("{}, once more behind the statements", look.says), sql })
    });
    let rule = segment
        .rule
        .iter()
        .map(|rule| ReviewedCount { says: format!("rows that break {}", rule.constraint), sql: counting(&rule.rows) });
    ReviewedSql {
        forward: reviewed(&segment.steps),
        revive: segment
            .revive
            .as_ref()
            .map(|Revive { probe, steps }| ReviewedRevive { probe: probe.clone(), steps: reviewed(steps) }),
        counts: segment
            .back
            .conditions
            .iter()
            .map(|c| ReviewedCount { says: c.says.clone(), sql: c.count.clone() })
            .chain(ahead)
            .chain(behind)
            .chain(rule)
            .collect(),
        back: segment.back.parts.iter().map(part).collect(),
        relief: segment.back.parts.iter().flat_map(|part| reviewed(&part.relief)).collect(),
    }
}

fn reviewed(steps: &[Step]) -> Vec<ReviewedStep> {
    let step = |step: &Step| match step {
        Step::Statement(Statement { sql, run_as, probe, clear }) => ReviewedStep::Statement {
            sql: sql.clone(),
            as_login: *run_as == RunAs::Login,
            probe: probe.clone(),
            clear: clear.clone(),
        },
        Step::Assert(Assert { sql, expect, says, about: _ }) => {
            ReviewedStep::Assert { sql: sql.clone(), expect: expect.clone(), says: says.clone() }
        }
    };
    steps.iter().map(step).collect()
}

fn steps(all: &[ReviewedStep], out: &mut String) {
    for step in all {
        match step {
            ReviewedStep::Statement { sql, as_login, probe, clear } => {
                if *as_login {
                    out.push_str("-- as the role that logged in:\n");
                }
                asked("", sql, out);
                out.insert(out.len() - 1, ';');
                for (says, text) in
                    [("-- how far it came:\n", probe), ("-- takes away what a cut-off run left:\n", clear)]
                {
                    if let Some(text) = text {
                        out.push_str(says);
                        asked("--   ", text, out);
                    }
                }
            }
            ReviewedStep::Assert { sql, expect, says } => {
                out.push_str(&format!("-- goes on only where this is {}; else: {}\n", shown(expect), shown(says)));
                asked("--   ", sql, out);
            }
        }
    }
}

/// Prints SQL line by line. Characters that a terminal would obey instead of showing are escaped.
fn asked(before: &str, sql: &str, out: &mut String) {
    for line in sql.trim_end().split('\n') {
        out.push_str(&format!("{before}{}\n", shown(line)));
    }
}
