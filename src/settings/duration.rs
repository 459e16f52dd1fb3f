//! Durations in settings: a whole number and a unit, within the bounds of dates and of PostgreSQL's timeouts.
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    yaml::{self, Node},
};
use std::time::Duration;

const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Longest timeout of PostgreSQL: milliseconds in 32 bits with a sign, almost 25 days.
const MAX_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);
/// Longest duration: a longer one is a slip of the fingers, and would overflow dates.
const MAX: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Reads a duration such as `100ms`, `30s`, `10 min`, `6h` or `30d`: a whole number and a unit.
pub fn duration(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let text = yaml::text(node, what, diagnostics)?;
    parse(text).map_err(|why| diagnostics.push(wrong(node, what, text, why))).ok()
}

/// Reads a duration that PostgreSQL takes as a timeout. Zero is an error, because it means "wait for ever" there; so is
/// a duration longer than its timeouts.
pub fn timeout(node: &Node, what: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let text = yaml::text(node, what, diagnostics)?;
    let checked = parse(text).and_then(|duration| match () {
        () if duration.is_zero() => Err("which PostgreSQL reads as for ever"),
        () if duration > MAX_TIMEOUT => Err("which is longer than PostgreSQL's timeouts hold (24 days)"),
        () => Ok(duration),
    });
    checked.map_err(|why| diagnostics.push(wrong(node, what, text, why))).ok()
}

fn wrong(node: &Node, what: &str, text: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("{what} is `{}`, {why}", text.escape_debug()))
        .at(&node.place, "a duration is expected here")
        .help("write a whole number and one of ms, s, min, h, d: 100ms, 30s, 10 min")
}

fn parse(text: &str) -> Result<Duration, &'static str> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..digits], text[digits..].trim_start());
    let Ok(number) = number.parse::<u64>() else { return Err("which is no duration") };
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "" => "which has no unit",
            "m" => "and `m` could be minutes or months",
            _ => "whose unit is unknown",
        });
    };
    let duration = number.checked_mul(*factor).map(Duration::from_millis);
    duration.filter(|d| *d <= MAX).ok_or("which is longer than 100 years")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_a_meaning() {
        for (text, ms) in
            [("100ms", 100), ("10 min", 600_000), ("30s", 30_000), ("6h", 21_600_000), ("24d", 2_073_600_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "5", "5m", "-1s", "1.5s", "s", "99999999999999999999d", "9999999999999999d", "1 S", "１s"] {
            assert!(parse(text).is_err(), "{text}");
        }
        for (text, fine) in [("0s", false), ("0 ms", false), ("1ms", true), ("24d", true), ("25d", false)] {
            let source = std::sync::Arc::new(crate::diagnostic::Source { name: "t".into(), text: text.into() });
            let (node, mut d) = (yaml::read_one(&source).unwrap(), Diagnostics::default());
            assert_eq!(timeout(&node, "it", &mut d).is_some(), fine, "{text}");
            assert_eq!(d.has_errors(), !fine);
            assert!(duration(&node, "it", &mut d).is_some());
        }
    }
}
