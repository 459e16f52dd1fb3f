//! Reads materialized views as earlier plans and imports have them: carried along, in the statements that make them.
use super::reader::Reader;
use crate::canonical::{CarriedView, parse_carried_view, settled_expression, settled_query};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{Body, Fragment, Head, Index, Object, ObjectId};

/// Takes the view and its indexes into the state, as what they are by now.
pub(super) fn take(reader: &mut Reader, id: &ObjectId, (head, create): (Head, Option<Fragment>), place: &Place) {
    let text = create.as_ref().map(Fragment::sql).unwrap_or_default();
    let Some(name) = id.qualified() else { return };
    let CarriedView { mut view, comment, indexes } = match parse_carried_view(&name, text) {
        Ok(read) => read,
        Err(error) => {
            let message = format!("materialized view {} cannot be read: {}", id.short(), error.message);
            let help = "declare it under `materialized_views:`: an import into an empty folder writes it so";
            return reader.out.push(Diagnostic::error(Code::Sql, message).at(place, "here").help(help));
        }
    };
    if !reader.is_declared() {
        view.carried = true;
        view.query = settled(&view.query, settled_query);
    }
    let comment = comment.or(head.comment);
    reader.insert(*id, Some(Object { head: Head { comment, ..head }, body: Body::View(view) }));
    for (own, mut index, comment) in indexes {
        let id = ObjectId::index(name.sibling(own.as_str()));
        if reader.is_declared() {
            if !reader.begin(&id, place) {
                continue;
            }
        } else {
            settle(&mut index);
        }
        reader.insert(id, Some(Object { head: Head::with_comment(comment), body: Body::Index(index) }));
    }
}

fn settled(text: &Fragment, settle: impl Fn(&str) -> String) -> Fragment {
    Fragment::settled(text.as_written(), settle(text.as_written()))
}

fn settle(index: &mut Index) {
    for key in &mut index.keys {
        key.sql = settled(&key.sql, str::to_owned);
    }
    if let Some(predicate) = &mut index.predicate {
        *predicate = settled(predicate, settled_expression);
    }
}
