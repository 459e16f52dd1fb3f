use super::schema::ContainerRow;
use crate::model::{Extension, SchemaName};

/// The extension of a row.
pub(super) fn extension(row: &ContainerRow) -> Extension {
    Extension { schema: SchemaName::new(row.schema.clone()), minimum: None, installed: row.version.clone() }
}

/// Whether `initdb` made it (`plpgsql`): every database has it.
pub(super) fn is_system(row: &ContainerRow) -> bool {
    row.oid < 16384
}
