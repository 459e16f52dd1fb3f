//! Runs every check that needs all files.
use super::{columns, methods, names, relations, types};
use crate::declaration::{Known, reader::Reader};

/// Collects every mistake that shows only when all files are read.
pub(in crate::declaration) fn verify(reader: &mut Reader, known: &Known) {
    let mut out = crate::diagnostic::Diagnostics::default();
    names::verify(reader, &mut out);
    columns::verify(reader, &mut out);
    methods::verify(reader, &mut out);
    types::verify(reader, known, &mut out);
    relations::verify(reader, known, &mut out);
    reader.out.extend(out);
}
