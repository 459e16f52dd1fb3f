//! Statements, locks and hazards of row security policies: `alter policy` changes roles and conditions where one stands.
use super::super::format::{HazardKind, LockMode};
use super::own::{Own, dropped};
use crate::canonical::{PolicyText, parse_policy, settled_expression};
use crate::model::quote;

pub(super) const OWN: Own = Own {
    create: |text| vec![text.to_owned()],
    drop: dropped,
    redefine,
    reads: |_, _, _| Ok(None),
    changes: LockMode::AccessExclusive,
    drops: LockMode::AccessExclusive,
    hazards,
};

fn redefine(before: &str, after: &str) -> Vec<String> {
    let (Ok(a), Ok(b)) = (parse_policy(before), parse_policy(after)) else { return Vec::new() };
    let differs = |a: &Option<String>, b: &Option<String>| {
        a.as_deref().map(settled_expression) != b.as_deref().map(settled_expression)
    };
    let to = if a.roles == b.roles { String::new() } else { format!(" to {}", b.to()) };
    let changed = PolicyText {
        using: b.using.clone().filter(|_| differs(&a.using, &b.using)),
        check: b.check.clone().filter(|_| differs(&a.check, &b.check)),
        ..PolicyText::default()
    };
    vec![format!("alter policy {} on {}{to}{}", quote(&b.name), b.relation, changed.conditions())]
}

/// Hazards of a policy that is for other roles or statements than it was, or is gone. Which rows its conditions let
/// through nobody can tell: the review shows them.
fn hazards(before: &str, after: Option<&str>) -> Vec<(HazardKind, &'static str)> {
    let read = |text: &str| parse_policy(text).ok();
    let (before, after) = (read(before), after.and_then(read));
    let of = |policy: &Option<PolicyText>, restrictive: bool| {
        policy.clone().filter(|policy| policy.is_restrictive == restrictive)
    };
    let less = |restrictive: bool| !covers(&of(&after, restrictive), &of(&before, restrictive));
    let more = |restrictive: bool| after.is_some() && !covers(&of(&before, restrictive), &of(&after, restrictive));
    let because = match (&after, less(true) || more(false), less(false) || more(true)) {
        (_, false, false) => return Vec::new(),
        (None, true, _) => "rows that it kept back are open, to whom another policy lets them through",
        (None, false, _) => "rows that it let through are kept back, but for whom another policy lets them through",
        (Some(_), true, false) => "it is for other roles or statements than before: rows are open that were kept back",
        (Some(_), false, true) => "it is for other roles or statements than before: rows are kept back that were open",
        (Some(_), true, true) => {
            "it is for other roles or statements than before: rows are open that were kept back, and kept back that were open"
        }
    };
    vec![(HazardKind::BreaksClients, because)]
}

/// Says that one policy is for all roles and all statements that the other is for.
fn covers(wide: &Option<PolicyText>, narrow: &Option<PolicyText>) -> bool {
    let Some(narrow) = narrow else { return true };
    let Some(wide) = wide else { return false };
    let everybody = |of: &PolicyText| of.roles.is_empty();
    (everybody(wide) || !everybody(narrow) && narrow.roles.is_subset(&wide.roles))
        && (wide.command.is_none() || wide.command == narrow.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_more_and_who_sees_less_is_told() {
        let told = |a: &str, b: Option<&str>| {
            let text = |rest: &str| format!("create policy p on t {rest}");
            let found = hazards(&text(a), b.map(text).as_deref());
            found.first().map_or("", |(_, because)| because.split(": ").last().unwrap_or_default())
        };
        const OPEN: &str = "rows are open that were kept back";
        const KEPT: &str = "rows are kept back that were open";
        for (before, after, expected) in [
            ("to app using (a)", Some("to app using (b)"), ""),
            ("to app", Some(""), OPEN),
            ("to app", Some("to app, web"), OPEN),
            ("to app", Some("to web"), "rows are open that were kept back, and kept back that were open"),
            ("", Some("for select"), KEPT),
            ("as restrictive to app", Some("as restrictive"), KEPT),
            ("as restrictive", Some("as restrictive for delete"), OPEN),
            ("as restrictive", Some(""), OPEN),
            ("", Some("as restrictive"), KEPT),
        ] {
            assert_eq!(told(before, after), expected, "{before} → {after:?}");
        }
        assert!(told("to app", None).starts_with("rows that it let through"));
        assert!(told("as restrictive", None).starts_with("rows that it kept back"));
    }
}
