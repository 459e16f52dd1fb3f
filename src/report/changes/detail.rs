//! Objects of every kind in words: a brief description, and the differences of two forms.
use super::{
    Difference, Words,
    attribute::{carried, column_privileges, comment, privileges},
    brief::Brief,
    check, column, enumeration, exclusion, extension, foreign_key, index, key, sequence, view,
};
use crate::{
    diff::{Alteration, Pair, grants},
    model::{Body, CarriedForm, Object, ObjectId, Table, TableConstraint, View, each_kind, quote},
};

/// Description of an object in a few words.
#[must_use]
pub fn brief(object: &Object, words: &Words) -> String {
    each_kind!(&object.body, of => of.brief(words))
}

/// Word for an object's kind, where its identity is too coarse: of constraints, of forms that are carried along.
#[must_use]
pub(super) fn kind(object: &Object) -> Option<&'static str> {
    match object.body.constraint() {
        Some(TableConstraint::Key(o)) => Some(key::kind(o)),
        Some(of @ (TableConstraint::ForeignKey(_) | TableConstraint::Check(_) | TableConstraint::Exclusion(_))) => {
            Some(of.word())
        }
        None if object.is_materialized() => object.view().map(View::word),
        None if matches!(&object.body, Body::Table(_)) => object.table().and_then(Table::form_word),
        None => object.carried_form().map(CarriedForm::word),
    }
}

/// Differences of two forms of an object: only those that the comparison found.
#[must_use]
pub fn differences(
    id: &ObjectId,
    (before, after): (&Object, &Object),
    found: &[Alteration],
    words: &Words,
) -> Vec<Difference> {
    found.iter().flat_map(|alteration| one(id, (before, after), alteration, words)).collect()
}

fn one(id: &ObjectId, (a, b): (&Object, &Object), alteration: &Alteration, words: &Words) -> Vec<Difference> {
    let by_kind = match (alteration, &a.body, &b.body) {
        (Alteration::Comment, ..) => Some(comment(a, b)),
        (Alteration::Owner, ..) => Some(carried(a, b, "owner")),
        (Alteration::Privileges, ..) => Some(privileges(carried(a, b, "grants"), &grants(id, &a.head, &b.head))),
        (Alteration::ColumnPrivileges, ..) => Some(column_privileges(a, b)),
        (Alteration::Carried(name) | Alteration::Kept(name) | Alteration::RowSecurity(name), ..) => {
            Some(carried(a, b, name))
        }
        (Alteration::Redefined, ..) => Some(carried(a, b, "create")),
        (Alteration::AttributesRenamed(names), ..) => {
            let each = names.iter().map(|(old, new)| format!("attribute {} renamed to {}", quote(old), quote(new)));
            Some(Difference::said("attributes", each.collect::<Vec<_>>().join(", ")))
        }
        (Alteration::Validated, ..) => Some(Difference::bare("enforcement", "not valid", "valid")),
        (Alteration::IndexComment, ..) => Some(carried(a, b, "index_comment")),
        (Alteration::ColumnComments, ..) => Some(carried(a, b, "column_comments")),
        (Alteration::Extension(change), Body::Extension(before), Body::Extension(after)) => {
            Some(extension::difference(Pair { before, after }, *change))
        }
        (Alteration::Enumeration(change), Body::Enumeration(before), Body::Enumeration(after)) => {
            Some(enumeration::difference(Pair { before, after }, change))
        }
        (Alteration::Column(change), Body::Column(before), Body::Column(after)) => {
            Some(column::difference(Pair { before, after }, *change, words))
        }
        (Alteration::SequenceOptions, Body::Sequence(before), Body::Sequence(after)) => {
            Some(sequence::options(Pair { before, after }))
        }
        (Alteration::SequenceOwner, Body::Sequence(before), Body::Sequence(after)) => {
            Some(sequence::owner(Pair { before, after }, words))
        }
        (Alteration::ViewOptions, Body::View(before), Body::View(after)) => {
            return view::options(Pair { before, after });
        }
        (Alteration::Replaced(names), ..) => return replaced(id, (a, b), names, words),
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

fn replaced(id: &ObjectId, (a, b): (&Object, &Object), names: &[&'static str], words: &Words) -> Vec<Difference> {
    let each = |one: &dyn Fn(&str) -> Vec<Difference>| names.iter().flat_map(|name| one(name)).collect();
    match (&a.body, &b.body) {
        (Body::Key(before), Body::Key(after)) => each(&|name| vec![key::difference(Pair { before, after }, name)]),
        (Body::ForeignKey(before), Body::ForeignKey(after)) => {
            each(&|name| vec![foreign_key::difference(Pair { before, after }, name, words)])
        }
        (Body::Check(before), Body::Check(after)) => {
            each(&|name| vec![check::difference(Pair { before, after }, name, words)])
        }
        (Body::Exclusion(before), Body::Exclusion(after)) => {
            each(&|name| vec![exclusion::difference(Pair { before, after }, name, words)])
        }
        (Body::Index(before), Body::Index(after)) => {
            each(&|name| index::difference(Pair { before, after }, name, words))
        }
        (Body::Definition(_), Body::Definition(_)) => each(&|name| vec![carried(a, b, name)]),
        (Body::View(before), Body::View(after)) => view::replaced(Pair { before, after }, names, words),
        _ => {
            let text = |o: &Object| format!("{} {}", kind(o).unwrap_or_else(|| id.word()), brief(o, words));
            vec![Difference::bare("kind", text(a).trim_end(), text(b).trim_end())]
        }
    }
}
