//! Takes what no plan changes from what is there.
use super::{head, parts};
use crate::model::{Body, Object};

/// Gives one form of an object the attributes of another that no operation changes, which each kind's comparison calls
/// [`Alteration::Carried`](super::Alteration::Carried), and what is left to others where it is not
/// `said` in the declaration: owner, privileges, ways in which a materialized view keeps its rows. What is carried along
/// becomes the other form whole.
pub fn take_carried(known: &mut Object, there: &Object, said: &dyn Fn(&str) -> bool) {
    match (&mut known.body, &there.body) {
        (Body::Sequence(a), Body::Sequence(b)) => parts::take_carried(a, b, said),
        (Body::Table(a), Body::Table(b)) => parts::take_carried(a, b, said),
        (Body::Column(a), Body::Column(b)) => {
            let own = (a.not_null_name.clone(), a.not_null_validated);
            parts::take_carried(a, b, said);
            if a.not_null != b.not_null {
                (a.not_null_name, a.not_null_validated) = own;
            }
        }
        (Body::Key(a), Body::Key(b)) => parts::take_carried(a, b, said),
        (Body::Exclusion(a), Body::Exclusion(b)) => parts::take_carried(a, b, said),
        (Body::Index(a), Body::Index(b)) => parts::take_carried(a, b, said),
        (Body::View(a), Body::View(b)) if a.materialized == b.materialized => parts::take_carried(a, b, said),
        (Body::Definition(a), Body::Definition(_)) if a.carried => return known.clone_from(there),
        // One that became of another kind is another thing.
        (Body::View(_), Body::View(_)) => return,
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
        _ => return,
    }
    head::take_carried(&mut known.head, &there.head, said);
}
