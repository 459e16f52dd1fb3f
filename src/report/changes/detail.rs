use super::{
    Difference, Words,
    attribute::{carried, comment},
    check, column, enumeration, extension, foreign_key, index, key, sequence, view,
};
use crate::model::TableConstraint;
use crate::{
    diff::{Alteration, Pair},
    model::Object,
};

/// What an object is, in a few words.
#[must_use]
pub fn brief(object: &Object, words: &Words) -> String {
    match object {
        Object::Schema(_) | Object::Table(_) | Object::Opaque(_) => String::new(),
        Object::Extension(o) => extension::brief(o),
        Object::Enumeration(o) => enumeration::brief(o),
        Object::Sequence(o) => sequence::brief(o),
        Object::Column(o) => column::brief(o, words),
        Object::Key(o) => key::brief(o),
        Object::ForeignKey(o) => foreign_key::brief(o, words),
        Object::Check(o) => check::brief(o, words),
        Object::Index(o) => index::brief(o, words),
        Object::View(o) => view::brief(o, words),
    }
}

/// The word for an object's kind, where its identity's is too coarse: of constraints.
#[must_use]
pub(super) fn kind(object: &Object) -> Option<&'static str> {
    match object.constraint()? {
        TableConstraint::Key(o) => Some(key::kind(o)),
        TableConstraint::ForeignKey(_) | TableConstraint::Check(_) => Some(object.word()),
    }
}

/// In what two forms of one object differ: only what the comparison found.
#[must_use]
pub fn differences(before: &Object, after: &Object, found: &[Alteration], words: &Words) -> Vec<Difference> {
    found.iter().flat_map(|alteration| one(before, after, alteration, words)).collect()
}

fn one(a: &Object, b: &Object, alteration: &Alteration, words: &Words) -> Vec<Difference> {
    let by_kind = match (alteration, a, b) {
        (Alteration::Comment, ..) => Some(comment(a, b)),
        (Alteration::Carried(name), ..) => Some(carried(a, b, name)),
        (Alteration::Validated, ..) => Some(Difference::bare("enforcement", "not valid", "valid")),
        (Alteration::IndexComment, ..) => Some(carried(a, b, "index_comment")),
        (Alteration::ColumnComments, ..) => Some(carried(a, b, "column_comments")),
        (Alteration::Extension(change), Object::Extension(before), Object::Extension(after)) => {
            Some(extension::difference(Pair { before, after }, *change))
        }
        (Alteration::Enumeration(change), Object::Enumeration(before), Object::Enumeration(after)) => {
            Some(enumeration::difference(Pair { before, after }, change))
        }
        (Alteration::Column(change), Object::Column(before), Object::Column(after)) => {
            Some(column::difference(Pair { before, after }, *change, words))
        }
        (Alteration::SequenceOptions, Object::Sequence(before), Object::Sequence(after)) => {
            Some(sequence::options(Pair { before, after }))
        }
        (Alteration::SequenceOwner, Object::Sequence(before), Object::Sequence(after)) => {
            Some(sequence::owner(Pair { before, after }, words))
        }
        (Alteration::ViewOptions, Object::View(before), Object::View(after)) => {
            return view::options(Pair { before, after });
        }
        (Alteration::Replaced(names), ..) => return replaced(a, b, names, words),
        // The comparison hands each kind its own alterations.
        (
            Alteration::Extension(_)
            | Alteration::Enumeration(_)
            | Alteration::Column(_)
            | Alteration::SequenceOptions
            | Alteration::SequenceOwner
            | Alteration::ViewOptions,
            ..,
        ) => None,
    };
    by_kind.into_iter().collect()
}

fn replaced(a: &Object, b: &Object, names: &[&'static str], words: &Words) -> Vec<Difference> {
    let each = |one: &dyn Fn(&str) -> Vec<Difference>| names.iter().flat_map(|name| one(name)).collect();
    match (a, b) {
        (Object::Key(before), Object::Key(after)) => each(&|name| vec![key::difference(Pair { before, after }, name)]),
        (Object::ForeignKey(before), Object::ForeignKey(after)) => {
            each(&|name| vec![foreign_key::difference(Pair { before, after }, name, words)])
        }
        (Object::Check(before), Object::Check(after)) => {
            each(&|name| vec![check::difference(Pair { before, after }, name, words)])
        }
        (Object::Index(before), Object::Index(after)) => {
            each(&|name| index::difference(Pair { before, after }, name, words))
        }
        (Object::View(before), Object::View(after)) => view::replaced(Pair { before, after }, names, words),
        _ => {
            let text = |o: &Object| format!("{} {}", kind(o).unwrap_or_else(|| o.word()), brief(o, words));
            vec![Difference::bare("kind", text(a).trim_end(), text(b).trim_end())]
        }
    }
}
