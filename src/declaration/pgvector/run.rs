use crate::declaration::reader::Reader;

/// Reports what pgvector would refuse.
pub(in crate::declaration) fn verify(_reader: &mut Reader) {}
