//! Refuses keys and indexes on vectors that no entry of a btree index can hold.
use super::{
    column::dimensions,
    facts::{VectorType, grouped},
    names::Names,
};
use crate::canonical::{TypeName, parse_type};
use crate::declaration::{Known, reader::Reader};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, Column, Key, ObjectId, Storage};

/// Most bytes of an entry of a btree index: a third of a page
/// (<https://www.postgresql.org/docs/18/btree.html#BTREE-STRUCTURE>), its own header of 8 bytes included.
const ENTRY: i64 = 2704;

/// Gives the most dimensions of a type that an entry has room for; measured to the dimension on PostgreSQL 16 and 18.
fn most(of: VectorType) -> Option<i64> {
    match of {
        VectorType::Vector => Some((ENTRY - 8 - 8) / 4),
        VectorType::Halfvec => Some((ENTRY - 8 - 8) / 2),
        // Bits are compressed, and of sparse vectors only what is not zero is stored.
        VectorType::Sparsevec | VectorType::Bit => None,
    }
}

/// Says why values of a type have no room. A column that is stored compressed may hold some that do.
pub(super) fn too_wide(of: VectorType, name: &TypeName, column: Option<&Column>) -> Option<String> {
    let compressed = column.and_then(|c| c.storage).is_some_and(|s| matches!(s, Storage::Extended | Storage::Main));
    let (count, most) = (dimensions(name).ok()??, most(of)?);
    (!compressed && count > most).then(|| {
        format!(
            "an entry of a btree index has room for {} dimensions of a {}, not {}",
            grouped(most),
            of.as_str(),
            grouped(count)
        )
    })
}

/// Judges keys, which are btree indexes.
pub(super) fn verify(reader: &Reader, known: &Known, id: &ObjectId, key: &Key, out: &mut Diagnostics) {
    let (Some(table), Some(schema)) = (id.table_of(), id.home()) else { return };
    let Some(names) = Names::new(reader, known, schema) else { return };
    for (at, name) in key.columns.iter().enumerate() {
        let column = ObjectId::column(table, *name);
        let Some(Body::Column(c)) = reader.body(&column) else { continue };
        let Ok(data_type) = parse_type(c.data_type.as_written()) else { continue };
        let of = names.of_type(&data_type).filter(|_| data_type.dimensions == 0);
        let Some(why) = of.and_then(|of| too_wide(of, &data_type, Some(c))) else { continue };
        let place = reader.places.attribute(id, &format!("columns[{at}]"));
        out.push(
            error(&why, id)
                .maybe_at(place, "this column")
                .maybe_at(reader.places.attribute(&column, "type"), "its type"),
        );
    }
}

pub(super) fn error(why: &str, id: &ObjectId) -> Diagnostic {
    let message = format!("{why}: every value would be refused by {}", id.short());
    Diagnostic::error(Code::VectorIndex, message)
        .help("to find equal vectors, index a digest of them: \"md5(embedding::text)\"")
}
