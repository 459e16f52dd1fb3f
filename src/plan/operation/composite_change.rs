//! Change of a composite type, and whether a column has values of one that changes inside.
use super::context::Context;
use crate::canonical::{CompositeChange, parse_composite, parse_domain, parse_recorded_composite, parse_type};
use crate::model::{ColumnName, Definition, Object, ObjectId, ObjectKind, Qualified};

/// The change that turns one text of a type into the other; `None` where none can.
pub(super) fn change(before: &str, after: &str) -> Option<CompositeChange> {
    parse_composite(after).ok()?.altered_from(&parse_recorded_composite(before).ok()?)
}

/// The statements of a definition.
pub(super) fn text_of(object: Option<&Object>) -> Option<&str> {
    object.and_then(Object::definition).and_then(Definition::text)
}

/// Tells whether a column of a table has, in its values or inside of them, some of a composite type that changes so: what
/// names an attribute that comes or goes can be asked on one side of the change alone.
pub(super) fn changes_inside(
    context: &Context<'_>,
    (table, column): (&Qualified, &ColumnName),
    so: fn(&CompositeChange) -> bool,
) -> bool {
    let column = context.before.column(table, column);
    column.is_some_and(|column| type_changes(context, column.data_type.sql(), so))
}

fn type_changes(context: &Context<'_>, data_type: &str, so: fn(&CompositeChange) -> bool) -> bool {
    let Some(found) = parse_type(data_type).ok().filter(|found| !found.builtin) else { return false };
    let Some(name) = found.schema.map(|schema| Qualified::new(schema, found.name)) else { return false };
    let of = |kind| text_of(context.before.get(&ObjectId::in_schema(kind, name)));
    if let Some(domain) = of(ObjectKind::Domain).and_then(|text| parse_domain(text).ok()) {
        return type_changes(context, &domain.data_type, so);
    }
    let Some(text) = of(ObjectKind::CompositeType) else { return false };
    let later = text_of(context.after.get(&ObjectId::in_schema(ObjectKind::CompositeType, name)));
    let inside = || parse_recorded_composite(text).map(|composite| composite.attributes).unwrap_or_default();
    later.and_then(|later| change(text, later)).is_some_and(|change| so(&change))
        || inside().iter().any(|attribute| type_changes(context, &attribute.data_type, so))
}
