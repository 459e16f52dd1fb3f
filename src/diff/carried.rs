use super::head;
use crate::model::{Body, Object};

/// Gives one form of an object the attributes of another that no operation changes, which each kind's comparison calls
/// [`Alteration::Carried`](super::Alteration::Carried), and owner and privileges that are not `said` in the declaration. What is
/// carried along becomes the other form whole.
pub fn take_carried(known: &mut Object, there: &Object, said: &dyn Fn(&str) -> bool) {
    match (&mut known.body, &there.body) {
        (Body::Sequence(a), Body::Sequence(b)) => a.persistence = b.persistence,
        (Body::Table(a), Body::Table(b)) => a.clone_from(b),
        (Body::Column(a), Body::Column(b)) => {
            (a.storage, a.compression, a.statistics) = (b.storage, b.compression, b.statistics);
            a.options.clone_from(&b.options);
            if a.not_null == b.not_null {
                a.not_null_name.clone_from(&b.not_null_name);
                a.not_null_validated = b.not_null_validated;
            }
        }
        (Body::Key(a), Body::Key(b)) => {
            (a.with, a.tablespace) = (b.with.clone(), b.tablespace.clone());
        }
        (Body::Index(a), Body::Index(b)) => {
            (a.statistics, a.tablespace) = (b.statistics.clone(), b.tablespace.clone());
        }
        (Body::View(a), Body::View(b)) => a.defaults.clone_from(&b.defaults),
        (Body::Definition(a), Body::Definition(_)) if a.carried => return known.clone_from(there),
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
        // One that became of another kind is another thing.
        _ => return,
    }
    head::take_carried(&mut known.head, &there.head, said);
}
