//! Words for numbers, times, lists and locks in reports.
use crate::plan::format::{Held, Lock, LockMode};

/// Number with its thousands apart: `1,204`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Count with its noun, given in the plural: `17 values of documents.title written since`, or `1 value …`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    let one = match (number, what.split_once(' ')) {
        (1, Some((word, rest))) => word.strip_suffix('s').map(|word| format!("{word} {rest}")),
        _ => None,
    };
    format!("{} {}", count(number), one.as_deref().unwrap_or(what))
}

/// Names behind a colon: on the same line where they are few, else on lines of their own.
#[must_use]
pub fn listed(names: &[String]) -> String {
    const ON_ONE_LINE: usize = 3;
    match names.len() {
        0..=ON_ONE_LINE => format!(" {}\n", names.join(", ")),
        _ => format!("\n  {}\n", names.join("\n  ")),
    }
}

/// First of several texts, and the count of the others: `a; b; and 3 more`.
#[must_use]
pub fn some_of(names: &[String], most: usize) -> String {
    let shown = names[..names.len().min(most)].join("; ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

/// Count with its noun: `1 segment`, `7 segments`.
pub(super) fn of(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number as u64), if number == 1 { one } else { many })
}

/// Count with a kind's word: `1 index`, `2 indexes`, `1 unique key`, `3 foreign keys`.
pub(super) fn kinds(number: usize, kind: &str) -> String {
    let one = if kind == "unique" { "unique key" } else { kind };
    let many = match one {
        "policy" => "policies".to_owned(),
        one if one.ends_with('x') || one.ends_with("ss") => format!("{one}es"),
        // `default privileges`, `statistics`.
        one if one.ends_with('s') => one.to_owned(),
        one => format!("{one}s"),
    };
    of(number, one, &many)
}

/// Duration from milliseconds: `0.01 s`, `12 s`, `4 min 02 s`, `2 h 05 min`.
#[must_use]
pub fn time(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..=9 => format!("{}.{:02} s", seconds, ms % 1000 / 10),
        10..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Estimated duration from milliseconds, with no more digits than an estimate knows: `moment`, `20 s`, `3 min`.
pub(super) fn about(ms: u64) -> String {
    match ms.div_ceil(1000) {
        0..=1 => "moment".to_owned(),
        seconds @ 2..=89 => format!("{seconds} s"),
        seconds @ 90..=5399 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h", (seconds + 1800) / 3600),
    }
}

/// Tells whether a lock makes readers or writers of rows wait
/// (<https://www.postgresql.org/docs/18/explicit-locking.html#LOCKING-TABLES>).
pub(super) fn stops_people(mode: LockMode) -> bool {
    mode >= LockMode::Share
}

/// Longest time that readers or writers of a table wait.
#[must_use]
pub fn longest<'a>(locks: impl Iterator<Item = &'a Lock>) -> Option<Held> {
    locks.filter(|lock| stops_people(lock.mode)).map(|lock| lock.held).max()
}

/// Words for the longest lock: `longest lock a moment`.
pub(super) fn longest_words(held: Option<Held>) -> &'static str {
    match held {
        None => "no lock that stops anyone",
        Some(Held::Moment) => "longest lock a moment",
        Some(Held::Scan) => "LONGEST LOCK: while a table is read",
        Some(Held::Build) => "LONGEST LOCK: while an index is built",
        Some(Held::Rewrite) => "LONGEST LOCK: while a table is written anew",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        let shown: Vec<_> = [0, 999, 1000, 1_234_567].map(count).to_vec();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "values of a.b written since"), "1 value of a.b written since");
        assert_eq!(counted(1204, "rows of a written since"), "1,204 rows of a written since");
        let times: Vec<_> = [0, 14, 9_999, 10_000, 59_999, 242_000, 7_500_000].map(time).to_vec();
        assert_eq!(times, ["0.00 s", "0.01 s", "9.99 s", "10 s", "59 s", "4 min 02 s", "2 h 05 min"]);
        let estimates: Vec<_> = [0, 900, 20_000, 180_000, 7_200_000].map(about).to_vec();
        assert_eq!(estimates, ["moment", "moment", "20 s", "3 min", "2 h"]);
    }
}
