//! Reads enum types with their labels in order.
use super::row::{privileges_sql, row};
use crate::model::Enumeration;
use diesel::sql_types::{Array, Nullable, Oid, Text};

row! {
    /// An enum type with its labels in order.
    EnumerationRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        schema: String as Text,
        name: String as Text,
        labels: Vec<String> as Array<Text>,
        comment: Option<String> as Nullable<Text>,
        owner: Option<String> as Nullable<Text>,
        acl: Option<Vec<String>> as Nullable<Array<Text>>,
        member_of: Option<String> as Nullable<Text>,
    }
}

pub(super) fn sql() -> String {
    let acl = privileges_sql("t.typacl", "'T'", "t.typowner");
    format!(
        "
select t.tableoid as class, t.oid, n.nspname::text as schema, t.typname::text as name,
    array(select l.enumlabel::text from pg_enum l where l.enumtypid = t.oid order by l.enumsortorder) as labels,
    d.description as comment, pg_get_userbyid(t.typowner)::text as owner, {acl} as acl,
    e.extname::text as member_of
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
left join pg_description d on d.classoid = t.tableoid and d.objoid = t.oid and d.objsubid = 0
left join pg_depend m on m.classid = t.tableoid and m.objid = t.oid and m.deptype = 'e'
left join pg_extension e on e.oid = m.refobjid
where t.typtype = 'e' and n.nspname = any($1)
    and ($2::oid[] is null or concat_ws(chr(31), 'enum', n.nspname, t.typname) = any($3))"
    )
}

/// The enum of a row.
pub(super) fn enumeration(row: &EnumerationRow) -> Enumeration {
    Enumeration { labels: row.labels.clone() }
}
