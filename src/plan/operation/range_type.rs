//! Statements of range types: PostgreSQL changes none of what one is made of where it stands
//! (<https://www.postgresql.org/docs/18/sql-altertype.html>), but the name of its multirange type.
use super::super::format::{HazardKind, LockMode};
use super::super::problem::Problem;
use super::own::{Own, dropped};
use crate::canonical::parse_range_type;
use crate::model::{ObjectId, ObjectKind, Qualified, default_multirange};

pub(super) const OWN: Own = Own {
    create: |text| vec![text.to_owned()],
    drop: dropped,
    redefine: |before, after| altered(before, after).unwrap_or_default(),
    reads: |_, _, _| Ok(None),
    // There is no relation that one is on.
    changes: LockMode::AccessExclusive,
    drops: LockMode::AccessExclusive,
    hazards: |_, after| match after {
        Some(_) => vec![(
            HazardKind::BreaksClients,
            "clients that name its multirange type, or take its bounds for others, fail",
        )],
        None => vec![(HazardKind::BreaksClients, "clients that name it fail")],
    },
};

fn altered(before: &str, after: &str) -> Option<Vec<String>> {
    parse_range_type(after).ok()?.altered_from(&parse_range_type(before).ok()?)
}

/// The names of the multirange type before and after a rename of its range, where it has that one's name and follows.
pub(super) fn multiranges(text: &str, (from, to): (&ObjectId, &ObjectId)) -> Option<(Qualified, Qualified)> {
    let usual = |id: &ObjectId| {
        id.named_as(ObjectKind::RangeType).map(|name| name.sibling(&default_multirange(name.name.as_str())))
    };
    let (old, new) = (usual(from)?, usual(to)?);
    let own = parse_range_type(text).ok()?.multirange()?;
    (own == new).then_some((old, new))
}

/// Problem of a type that would have to be made anew beneath a column.
pub(in super::super) fn beneath_a_column(id: &ObjectId, column: &ObjectId) -> Problem {
    let message = format!(
        "range type {} cannot become another one while column {} is of it: PostgreSQL changes none where it stands",
        id.short(),
        column.short()
    );
    let help = format!(
        "declare a second type as it is to be; in the plan behind that the column gets it, with `using:`, and {} can go",
        id.short()
    );
    Problem { help: Some(help), ..Problem::not_yet(id, message) }
}
