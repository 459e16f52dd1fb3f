//! Names that what pgform carries along has already: the shadow, which builds what a plan touches, may never see both.
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Object, ObjectId, OpaqueKind, State};
use std::collections::BTreeMap;

/// What is new in the declaration and has the name of an opaque object.
pub(super) fn taken(declared: &Declared, head: &State) -> Diagnostics {
    let mut holders: BTreeMap<(bool, String, String), &ObjectId> = BTreeMap::new();
    for (id, _) in head.opaque() {
        for name in opaque_names(id) {
            holders.insert(name, id);
        }
    }
    let mut out = Diagnostics::default();
    let new = declared.state.objects.iter().filter(|(id, _)| !head.has(id));
    for (id, object) in new {
        let Some(holder) = names(id, object).into_iter().find_map(|name| holders.get(&name)) else { continue };
        let (kind, other) = (format!("{} {}", id.word(), id.short()), format!("{} {}", holder.word(), holder.short()));
        let message = format!("{kind} has the name of {other}, which pgform carries along");
        out.push(
            Diagnostic::error(Code::DuplicateName, message)
                .maybe_at(declared.places.object(id), "choose another name")
                .maybe_at(declared.places.object(holder), "this has it"),
        );
    }
    out
}

/// Whether it is a relation's name or else a type's, its schema, and the name.
fn names(id: &ObjectId, object: &Object) -> Vec<(bool, String, String)> {
    let name = |relation: bool, schema: &str, name: &str| (relation, schema.to_owned(), name.to_owned());
    match id {
        ObjectId::Table(q) | ObjectId::View(q) => {
            [true, false].map(|relation| name(relation, q.schema.as_str(), q.name.as_str())).into()
        }
        ObjectId::Sequence(q) | ObjectId::Index(q) => vec![name(true, q.schema.as_str(), q.name.as_str())],
        ObjectId::Type(q) => vec![name(false, q.schema.as_str(), q.name.as_str())],
        ObjectId::Constraint(table, constraint) if matches!(object, Object::Key(_)) => {
            vec![name(true, table.schema.as_str(), constraint.as_str())]
        }
        ObjectId::Schema(_)
        | ObjectId::Extension(_)
        | ObjectId::Column(..)
        | ObjectId::Constraint(..)
        | ObjectId::Opaque(..) => Vec::new(),
    }
}

fn opaque_names(id: &ObjectId) -> Vec<(bool, String, String)> {
    let ObjectId::Opaque(kind, parts) = id else { return Vec::new() };
    let (Some(schema), Some(name)) = (parts.first(), parts.last()) else { return Vec::new() };
    let is_type =
        matches!(kind, OpaqueKind::Domain | OpaqueKind::CompositeType | OpaqueKind::RangeType | OpaqueKind::BaseType);
    let is_relation = kind.is_relation() || *kind == OpaqueKind::ExclusionConstraint;
    let found = [(true, is_relation), (false, is_type || kind.is_relation())];
    found.into_iter().filter(|(_, has)| *has).map(|(relation, _)| (relation, schema.clone(), name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::{Known, read_folder_texts};
    use crate::diagnostic::Source;
    use crate::model::Opaque;
    use std::sync::Arc;

    #[test]
    fn names_of_what_is_carried_along_are_taken() {
        let opaque = |kind, name: &str| {
            let id = ObjectId::Opaque(kind, vec!["public".to_owned(), name.to_owned()]);
            (id, Object::Opaque(Opaque::default()))
        };
        let kinds =
            [(OpaqueKind::MaterializedView, "counts"), (OpaqueKind::Domain, "email"), (OpaqueKind::Function, "f")];
        let head = State { objects: kinds.map(|(kind, name)| opaque(kind, name)).into_iter().collect() };
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
