//! Judges columns of pgvector's types: dimensions, collations, the schema of the type.
use super::{
    facts::{VectorType, grouped},
    place::word_at,
    version::Need,
};
use crate::canonical::{TypeName, parse_type};
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Column, ObjectId};

/// Gives the dimensions of a type: `None` where it has none, an error's text where they are no number.
pub(super) fn dimensions(name: &TypeName) -> Result<Option<i64>, String> {
    match name.modifiers.as_slice() {
        [] => Ok(None),
        [one] => one.parse().map(Some).map_err(|_| format!("`{one}` is no number of dimensions")),
        _ => Err("a vector type has one number, its dimensions".to_owned()),
    }
}

/// Gives the vector type of a type's name. `bit` is PostgreSQL's own.
pub(super) fn vector_type(name: &TypeName) -> Option<VectorType> {
    let of = VectorType::of(&name.name)?;
    (name.builtin == (of == VectorType::Bit)).then_some(of)
}

pub(super) fn verify(reader: &Reader, id: &ObjectId, column: &Column, needs: &mut Vec<Need>, out: &mut Diagnostics) {
    let Ok(name) = parse_type(column.data_type.as_written()) else { return };
    let Some(of) = vector_type(&name) else { return };
    let place = reader.places.attribute(id, "type").cloned();
    if of != VectorType::Bit {
        let what = format!("the type {} of {}", of.as_str(), id.short());
        needs.push(Need { what, since: of.since(), place: place.clone(), certain: true });
        elsewhere(reader, id, &name, out);
        without_collation(reader, id, column, out);
    }
    limits(reader, (id, "type"), &name, out);
}

/// Reports dimensions that the type refuses, of a column or of a cast.
pub(super) fn limits(reader: &Reader, at: (&ObjectId, &str), name: &TypeName, out: &mut Diagnostics) {
    let Some(of) = vector_type(name) else { return };
    let (id, attribute) = at;
    let (word, most) = (of.as_str(), grouped(of.most()));
    let wrong = match dimensions(name) {
        Err(why) => Some(why),
        Ok(Some(n)) if n < 1 => Some(format!("a {word} has at least 1 dimension")),
        Ok(Some(n)) if n > of.most() => Some(format!("a {word} has at most {most} dimensions")),
        Ok(_) => None,
    };
    if let Some(why) = wrong {
        let message = format!("{}: {why}", id.short());
        let place = reader.places.attribute(id, attribute);
        // A column's type is the place; in other SQL it is a word.
        let place = place.map(|place| if attribute == "type" { place.clone() } else { word_at(place, word) });
        out.push(Diagnostic::error(Code::VectorDimensions, message).maybe_at(place.as_ref(), "here"));
    }
}

/// Reports a collation: pgvector's types have no order of letters.
fn without_collation(reader: &Reader, id: &ObjectId, column: &Column, out: &mut Diagnostics) {
    if column.collation.is_none() {
        return;
    }
    let place = reader.places.attribute(id, "collate");
    let message = format!("{} is {}, which has no collation", id.short(), column.data_type.as_written());
    let diagnostic = Diagnostic::error(Code::Contradiction, message).maybe_at(place, "here");
    out.push(diagnostic.help("leave `collate` out"));
}

/// Reports a type that is written with another schema than the extension's.
fn elsewhere(reader: &Reader, id: &ObjectId, name: &TypeName, out: &mut Diagnostics) {
    let (Some(extension), Some(schema)) = (super::version::extension(reader), &name.schema) else { return };
    if extension.schema.as_str() == schema {
        return;
    }
    let there = ObjectId::enumeration(crate::model::Qualified::new(schema.as_str(), name.name.as_str()));
    if reader.objects.contains_key(&there) {
        return;
    }
    let message = format!(
        "{} has a {} of the schema {schema}, and the extension vector is in {}",
        id.short(),
        name.name,
        extension.schema
    );
    let place = reader.places.attribute(id, "type");
    let declared = reader.places.object(&super::version::extension_id());
    out.push(
        Diagnostic::error(Code::NotDeclared, message)
            .maybe_at(place, "this type")
            .maybe_at(declared, "the extension")
            .help("leave the schema out, or declare it: `vector: {schema: …}`"),
    );
}
