//! Conflicts of new names with opaque objects, which a shadow that builds only what a plan touches may never see.
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Object, ObjectId, Occupied, State, occupied};
use std::collections::BTreeMap;

/// Errors about new objects of the declaration that have the name of an opaque object.
pub(crate) fn taken(declared: &Declared, head: &State) -> Diagnostics {
    let opaque = head.objects.iter().filter(|(_, object)| object.is_carried());
    let holders: BTreeMap<Occupied, &ObjectId> =
        opaque.flat_map(|(id, object)| occupied(id, object).into_iter().map(move |name| (name, id))).collect();
    let mut out = Diagnostics::default();
    let of_ours = |object: &Object| !object.is_carried();
    let new = declared.state.objects.iter().filter(|(id, object)| !head.has(id) && of_ours(object));
    for (id, object) in new {
        let Some(holder) = occupied(id, object).into_iter().find_map(|name| holders.get(&name)) else { continue };
        let kind = format!("{} {}", object.word(id), id.short());
        let other = format!("{} {}", head.word(holder), holder.short());
        let message = format!("{kind} has the name of {other}, which pgform carries along");
        out.push(
            Diagnostic::error(Code::DuplicateName, message)
                .maybe_at(declared.places.object(id), "choose another name")
                .maybe_at(declared.places.object(holder), "this has it"),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::{Known, read_folder_texts};
    use crate::diagnostic::Source;
    use crate::model::{Body, CarriedForm, Definition, ObjectKind};
    use std::sync::Arc;

    #[test]
    fn names_of_what_is_carried_along_are_taken() {
        let opaque = |(kind, form, name): (ObjectKind, Option<CarriedForm>, &str)| {
            let id = ObjectId::of_parts(kind, &["public", name]);
            (id, Body::Definition(Definition { form, ..Definition::carried(None) }).into())
        };
        let kinds = [
            (ObjectKind::View, Some(CarriedForm::MaterializedView), "counts"),
            (ObjectKind::Domain, None, "email"),
            (ObjectKind::Function, None, "f"),
        ];
        let head = State { objects: kinds.map(opaque).into_iter().collect() };
        let text = "enums: {email: [a], f: [a]}\nsequences: {counts: {}}\ntables: {email: {columns: {a: text}}, g: {columns: {a: text}}}";
        let source =
            Arc::new(Source { name: "a.yaml".to_owned(), text: text.replace("tables: {email:", "tables: {emails:") });
        let declared = read_folder_texts(&[source], &Known::default()).unwrap();
        let said: Vec<String> = taken(&declared, &head).0.into_iter().map(|d| d.message).collect();
        assert_eq!(
            said,
            [
                "enum email has the name of domain email, which pgform carries along",
                "sequence counts has the name of materialized view counts, which pgform carries along"
            ]
        );
    }
}
