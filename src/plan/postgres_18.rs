//! Refuses changes of what only PostgreSQL 18 has, which no plan makes yet.
use super::make::Input;
use super::problem::Problem;
use crate::diff::{Alteration, Change, What};

/// Problems with changes of what only PostgreSQL 18 has: it is carried along where it is; making, changing and dropping
/// it is not planned yet.
pub(super) fn later_syntax(input: Input<'_>) -> Vec<Problem> {
    input.diff.changes.iter().filter_map(|change| one(input, change)).collect()
}

fn one(input: Input<'_>, change: &Change) -> Option<Problem> {
    let sides = [input.before.get(&change.id), input.after.get(&change.id)];
    let (attribute, said) = sides.into_iter().flatten().find_map(|object| object.body.needs_18())?;
    let in_place = |a: &Alteration| matches!(a, Alteration::Comment | Alteration::Privileges);
    let stays = match &change.what {
        What::Altered(list) => !change.is_replaced() && list.iter().all(in_place),
        What::Renamed { .. } => true,
        What::Created | What::Dropped => false,
    };
    if stays {
        return None;
    }
    let id = &change.id;
    let message = format!(
        "{} {} is {said}, which PostgreSQL 18 brought: it is carried along as it is, and pgform cannot make, change or drop it yet",
        id.word(),
        id.short()
    );
    let mut problem = Problem::not_yet(id, message).at(attribute);
    if attribute == "generated" {
        problem.help = Some("a stored one can be planned: write `stored` behind its expression".to_owned());
    }
    Some(problem)
}
