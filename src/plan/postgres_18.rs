//! Refuses changes of what only PostgreSQL 18 has, which no plan makes yet.
use super::make::Input;
use super::problem::Problem;
use crate::diff::{Alteration, Change, What};
use crate::model::{Body, ColumnValue, Enforcement, GenerationKind, Object};

/// Problems with changes of what only PostgreSQL 18 has: it is carried along where it is; making, changing and dropping
/// it is not planned yet.
pub(super) fn later_syntax(input: Input<'_>) -> Vec<Problem> {
    input.diff.changes.iter().filter_map(|change| one(input, change)).collect()
}

fn one(input: Input<'_>, change: &Change) -> Option<Problem> {
    let sides = [input.before.get(&change.id), input.after.get(&change.id)];
    let (attribute, said) = sides.into_iter().flatten().find_map(needs_18)?;
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

fn needs_18(object: &Object) -> Option<(&'static str, &'static str)> {
    match &object.body {
        Body::Column(column) => matches!(column.value, ColumnValue::Generated(_, GenerationKind::Virtual))
            .then_some(("generated", "a virtual generated column")),
        Body::Check(_) | Body::ForeignKey(_) => {
            (object.body.enforcement() == Some(Enforcement::NotEnforced)).then_some(("not_enforced", "not enforced"))
        }
        Body::Schema(_)
        | Body::Extension(_)
        | Body::Enumeration(_)
        | Body::Sequence(_)
        | Body::Table(_)
        | Body::Key(_)
        | Body::Exclusion(_)
        | Body::Index(_)
        | Body::View(_)
        | Body::Definition(_) => None,
    }
}
