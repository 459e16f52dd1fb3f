//! Tells people where a run stopped, what is in place, and by which commands to go on or back.
use super::{
    Direction, Journal, PlanToRun, RunStatus, SegmentState,
    context::{Context, Left},
    failure::Failure,
    plan::Called,
    relief::Pending,
};
use crate::diagnostic::{Class, Code, Command, Diagnostic, Way};
use crate::server::Connection;
use std::collections::BTreeMap;

/// Place where a run stopped before its end.
pub(super) struct Stop<'a> {
    pub(super) direction: Direction,
    /// Segment that did not finish.
    pub(super) number: u32,
    /// Number of segments in the plan.
    pub(super) total: u32,
    /// Segments that are in place.
    pub(super) in_place: &'a [u32],
    /// True where this run, or one before it, has left the plan in its middle.
    pub(super) midway: bool,
    pub(super) left: Left,
    /// Name of the plan in messages and commands.
    pub(super) plan: Called<'a>,
    /// Rule that was on its way.
    pub(super) pending: Option<&'a Pending>,
    /// Note for people about a constraint that a stopped way back took back or left in force.
    pub(super) note: Option<String>,
}

impl Stop<'_> {
    /// Tells people what is done, what is left, and how to go on. A refusal before anything was changed stays what it is.
    pub(super) fn diagnostic(&self, failure: Failure) -> Diagnostic {
        if !self.midway
            && let Failure::Refused(diagnostic) = &failure
            && diagnostic.code.class() <= Class::Refused
        {
            return diagnostic.clone();
        }
        if failure.lost() {
            return self.unknown(&failure);
        }
        let way = self.way();
        let message = format!("stopped in segment {} of {}{way}: {}", self.number, self.total, failure.says());
        let mut help = Vec::new();
        if let Some(hint) = failure.hint() {
            help.push(hint.to_owned());
        }
        let done = match self.direction {
            Direction::Forward => "done",
            Direction::Back => "still in place",
        };
        let left = self.left_behind();
        help.extend(self.rule_lines());
        help.push(format!("{done}: {} · left behind: {left} · nothing is locked", ranges(self.in_place)));
        let other = match self.direction {
            Direction::Forward => "go back",
            Direction::Back => "forward",
        };
        let way = |does: &str, (verb, note): (&'static str, String)| Way {
            does: does.to_owned(),
            command: self
                .plan
                .file
                .map_or_else(|| Command::new(verb), |file| Command::new(verb).arg(file))
                .on_database(),
            note,
        };
        let mut ways = failure.ways();
        let (verb, again) = self.go_on();
        let note =
            failure.until().map_or(again.clone(), |until| format!("{until}, and fails again before that; {again}"));
        ways.push(way("go on", (verb, note)));
        match (self.midway, self.direction) {
            // `rollback` would take the plan before this one.
            (false, Direction::Forward) => help.push("nothing of this plan is in place".to_owned()),
            _ => ways.push(way(other, self.go_back())),
        }
        Diagnostic::error(Code::Stopped, message).help(help.join("\n")).ways(ways)
    }

    /// Tells that the session is gone, and with it the answer: the segment may be there, or not.
    fn unknown(&self, failure: &Failure) -> Diagnostic {
        let (number, total, way) = (self.number, self.total, self.way());
        let message = format!(
            "stopped in segment {number} of {total}{way}: {}; whether that segment came to its end is not known",
            failure.says()
        );
        let before: Vec<u32> = self.in_place.iter().copied().filter(|n| *n != number).collect();
        let done = match self.direction {
            Direction::Forward => "done",
            Direction::Back => "still in place",
        };
        let way = |does: &str, verb: &'static str, note: &str| Way {
            does: does.to_owned(),
            command: match verb {
                "status" => Command::new(verb).on_database(),
                verb => Command::new(verb).arg(self.plan.arg()).on_database(),
            },
            note: note.to_owned(),
        };
        let (on, other, back) = match self.direction {
            Direction::Forward => ("apply", "go back", "rollback"),
            Direction::Back => ("rollback", "forward", "apply"),
        };
        let mut help = self.rule_lines();
        help.push(format!(
            "{done}: {} · segment {number}: not known · the server lets all locks go when it sees that nobody is there",
            ranges(&before)
        ));
        Diagnostic::error(Code::Stopped, message).help(help.join("\n")).ways([
            way("see", "status", "which segments are in place"),
            way("go on", on, "looks at what is in place, goes on behind it"),
            way(other, back, "from whatever is in place"),
        ])
    }

    fn way(&self) -> &'static str {
        match self.direction {
            Direction::Forward => "",
            Direction::Back => " on the way back",
        }
    }

    /// Says what new rows must obey, or need not any longer; and the note.
    fn rule_lines(&self) -> Vec<String> {
        self.pending.into_iter().flat_map(rule_lines).chain(self.note.clone()).collect()
    }

    fn left_behind(&self) -> &'static str {
        match self.left {
            Left::Nothing if self.pending.is_some_and(|p| p.in_force) => "a rule that new rows obey (see above)",
            Left::Nothing => "nothing",
            Left::Unfinished => "something unfinished of ours",
            Left::Unknown => "perhaps something unfinished of ours",
        }
    }

    fn again(&self) -> &'static str {
        match self.left {
            Left::Nothing if self.pending.is_some_and(|p| !p.in_force) => {
                "once those rows are mended: it counts them first"
            }
            Left::Nothing => "begins that segment again",
            Left::Unfinished => "clears the leftover, begins that segment again",
            Left::Unknown => "clears a leftover if there is one, begins that segment again",
        }
    }

    /// Gives the command that goes on in the run's direction.
    fn go_on(&self) -> (&'static str, String) {
        match self.direction {
            Direction::Forward => ("apply", self.again().to_owned()),
            Direction::Back => ("rollback", self.again().to_owned()),
        }
    }

    /// Gives the command that goes the other way.
    fn go_back(&self) -> (&'static str, String) {
        let plural = |count: usize| if count == 1 { "1 segment".to_owned() } else { format!("{count} segments") };
        match self.direction {
            Direction::Forward => ("rollback", format!("from here: {}", plural(self.in_place.len()))),
            Direction::Back => {
                let to_do = (self.total as usize).saturating_sub(self.in_place.len());
                ("apply", format!("forward again from here: {}", plural(to_do)))
            }
        }
    }
}

/// Says what fails now, or no longer does, because of a rule that stopped on its way; and the rows that stopped it.
fn rule_lines(pending: &Pending) -> Vec<String> {
    let Pending { rule, in_force, broken } = pending;
    let mut lines = vec![if *in_force {
        format!("in force now: {} fail, by constraint {}", rule.refuses, rule.constraint)
    } else {
        format!("taken back: constraint {}; {} go on as before", rule.constraint, rule.refuses)
    }];
    lines.extend(
        broken
            .filter(|count| *count > 0)
            .map(|count| format!("rows that break it: {}, found by: {}", crate::report::count(count), rule.rows)),
    );
    lines
}

/// Writes numbers as ranges: `1-3, 5`; `none`.
fn ranges(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    if runs.is_empty() {
        return "none".to_owned();
    }
    let show = |&(first, last): &(u32, u32)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Run that is about to stop, as far as it is known.
pub(super) struct Stopped<'a> {
    pub(super) plan: &'a PlanToRun,
    pub(super) direction: Direction,
    pub(super) number: u32,
    pub(super) segments: &'a BTreeMap<u32, SegmentState>,
    /// Rule that was on its way.
    pub(super) pending: Option<Pending>,
}

impl Stopped<'_> {
    /// Journals the end of the run, if there is a session to do it in, and tells people.
    pub(super) async fn tell(&self, connection: &mut Connection, cx: &mut Context<'_>, failure: Failure) -> Diagnostic {
        let whole = |state: &SegmentState| matches!(state, SegmentState::Done | SegmentState::Found);
        let in_place: Vec<u32> =
            self.segments.iter().filter(|(_, state)| whole(state)).map(|(number, _)| *number).collect();
        let midway = cx.left != Left::Nothing
            || match self.direction {
                Direction::Forward => !self.segments.is_empty(),
                Direction::Back => in_place.len() < self.plan.body.segments.len(),
            };
        if let Some(run) = cx.run
            && !connection.is_closed()
        {
            let status = if midway { RunStatus::Stopped } else { RunStatus::Failed };
            // If this fails too, the run stays `running`, which the next one reads as stopped.
            let _ = Journal::end(connection, run, status, Some(&failure.says())).await;
        }
        let Self { plan, direction, number, segments: _, ref pending } = *self;
        let (pending, plan, total) = (pending.as_ref(), plan.called(), plan.segments());
        let (left, note) = (cx.left, cx.note.take());
        Stop { direction, number, total, in_place: &in_place, midway, left, plan, pending, note }.diagnostic(failure)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ranges_are_short() {
        assert_eq!(super::ranges(&[]), "none");
        assert_eq!(super::ranges(&[1]), "1");
        assert_eq!(super::ranges(&[1, 2, 3, 5]), "1-3, 5");
    }
}
