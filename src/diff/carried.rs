use crate::model::{Object, Table};

/// Gives one form of an object the attributes of another that no operation changes: those that each kind's comparison calls
/// [`Alteration::Carried`](super::Alteration::Carried).
pub fn take_carried(known: &mut Object, there: &Object) {
    match (known, there) {
        (Object::Schema(a), Object::Schema(b)) => {
            (a.owner, a.privileges) = (b.owner.clone(), b.privileges.clone());
        }
        (Object::Enumeration(a), Object::Enumeration(b)) => {
            (a.owner, a.privileges) = (b.owner.clone(), b.privileges.clone());
        }
        (Object::Sequence(a), Object::Sequence(b)) => {
            (a.owner, a.privileges) = (b.owner.clone(), b.privileges.clone());
            a.persistence = b.persistence;
        }
        (Object::Table(a), Object::Table(b)) => *a = Table { comment: a.comment.clone(), ..b.clone() },
        (Object::Column(a), Object::Column(b)) => {
            (a.storage, a.compression, a.statistics) = (b.storage, b.compression, b.statistics);
            (a.options, a.privileges) = (b.options.clone(), b.privileges.clone());
            if a.not_null == b.not_null {
                a.not_null_name.clone_from(&b.not_null_name);
                a.not_null_validated = b.not_null_validated;
            }
        }
        (Object::Key(a), Object::Key(b)) => {
            (a.with, a.tablespace) = (b.with.clone(), b.tablespace.clone());
        }
        (Object::Index(a), Object::Index(b)) => {
            (a.statistics, a.tablespace) = (b.statistics.clone(), b.tablespace.clone());
        }
        (Object::View(a), Object::View(b)) => {
            (a.owner, a.privileges) = (b.owner.clone(), b.privileges.clone());
            (a.column_privileges, a.defaults) = (b.column_privileges.clone(), b.defaults.clone());
        }
        (Object::Opaque(a), Object::Opaque(b)) => a.clone_from(b),
        // Nothing of these is carried; and one that became of another kind is another thing.
        (
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enumeration(_)
            | Object::Sequence(_)
            | Object::Table(_)
            | Object::Column(_)
            | Object::Key(_)
            | Object::ForeignKey(_)
            | Object::Check(_)
            | Object::Index(_)
            | Object::View(_)
            | Object::Opaque(_),
            _,
        ) => {}
    }
}
