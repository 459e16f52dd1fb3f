//! Makes an extension from its catalog row.
use super::container::ContainerRow;
use crate::model::{Extension, SchemaName};

/// The comment on an extension, as a query of its row; null where it is the one that its control file gives, or where there
/// is no such file any more.
pub(super) const COMMENT: &str = "case when x.oid >= 16384 then (select coalesce(d.description, '') \
    from pg_available_extensions() a \
    left join pg_description d on d.classoid = x.tableoid and d.objoid = x.oid and d.objsubid = 0 \
    where a.name = x.extname and d.description is distinct from a.comment) end";

/// The extension of a row.
pub(super) fn extension(row: &ContainerRow) -> Extension {
    Extension { schema: SchemaName::new(row.schema.clone()), minimum: None, installed: row.version.clone() }
}

/// Tells whether `initdb` made the extension (`plpgsql`): every database has it.
pub(super) fn is_system(row: &ContainerRow) -> bool {
    row.oid < 16384
}
