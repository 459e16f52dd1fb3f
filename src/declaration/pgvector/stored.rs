//! Judges how a vector's column is kept: computed when read, or whole in the table's pages.
use super::{
    column::dimensions,
    facts::{VectorType, grouped},
    names::Names,
};
use crate::canonical::{Reference, TypeName, parse_type, references_of_expression};
use crate::declaration::{Known, reader::Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, Column, ColumnName, ColumnValue, GenerationKind, ObjectId, Storage};

/// Bytes that a page leaves for the values of one row (<https://www.postgresql.org/docs/18/storage-page-layout.html>):
/// 8,160 bytes, 24 of them the row's header.
const ROW: i64 = 8160 - 24;

pub(super) fn verify(reader: &Reader, known: &Known, id: &ObjectId, column: &Column, out: &mut Diagnostics) {
    let Some(names) = id.home().and_then(|schema| Names::new(reader, known, schema)) else { return };
    let data_type = parse_type(column.data_type.as_written()).ok();
    let of = data_type.as_ref().and_then(|name| names.of_type(name));
    if let (Some(of), Some(name), Some(Storage::Plain)) = (of, &data_type, column.storage) {
        plain(reader, id, (of, name), out);
    }
    if let ColumnValue::Generated(sql, GenerationKind::Virtual) = &column.value
        && (of.is_some() || uses_vectors(&names, id, sql.as_written()))
    {
        let message =
            format!("{} is computed when read, and PostgreSQL takes no types of extensions there", id.short());
        let place = reader.places.attribute(id, "generated");
        out.push(Diagnostic::error(Code::Contradiction, message).maybe_at(place, "here").help(
            "have it written with the row: `generated always as (…) stored`, or without `virtual: true` beside `generated`",
        ));
    }
}

/// Refuses a vector that does not fit a page where its column is without TOAST.
fn plain(reader: &Reader, id: &ObjectId, (of, name): (VectorType, &TypeName), out: &mut Diagnostics) {
    let each = match of {
        VectorType::Vector => 4,
        VectorType::Halfvec => 2,
        // A zero takes no room.
        VectorType::Sparsevec | VectorType::Bit => return,
    };
    let (most, Ok(Some(count))) = ((ROW - 8) / each, dimensions(name)) else { return };
    if count > most && name.dimensions == 0 {
        let message = format!(
            "{} is stored plain, and no page has room for {} dimensions: a {} has {} there",
            id.short(),
            grouped(count),
            of.as_str(),
            grouped(most)
        );
        let place = reader.places.attribute(id, "storage");
        let diagnostic = Diagnostic::error(Code::VectorDimensions, message).maybe_at(place, "here");
        out.push(diagnostic.help("leave `storage` out: long vectors are then kept beside the table"));
    }
}

fn uses_vectors(names: &Names<'_>, id: &ObjectId, sql: &str) -> bool {
    let Some(table) = id.table_of() else { return false };
    references_of_expression(sql).into_iter().any(|reference| match reference {
        Reference::Column(_, name) => {
            let column = ObjectId::column(table, ColumnName::new(name));
            let Some(Body::Column(c)) = names.reader.body(&column) else { return false };
            parse_type(c.data_type.as_written()).is_ok_and(|found| names.of_type(&found).is_some())
        }
        Reference::Type(schema, name) => names.vector_type(schema.as_deref(), name.trim_start_matches('_')).is_some(),
        Reference::Relation(..) | Reference::Function(..) | Reference::Collation(..) => false,
    })
}
