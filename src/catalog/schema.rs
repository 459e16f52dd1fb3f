//! Queries for schemas and extensions, and the reasons why some are not looked into.
use super::{
    container::ContainerRow,
    extension, fingerprint, opaque,
    row::privileges_sql,
    scope::{OWN_SCHEMA, Reason, Scope},
};
use crate::model::{Head, Schema, SchemaName};

/// Gives the query for schemas and extensions.
pub(super) fn sql() -> String {
    containers("null::text as seen")
}

/// Condition that is true where all queries of the transaction see one snapshot.
const FROZEN: &str = "(current_setting('transaction_isolation') in ('repeatable read', 'serializable'))";

/// Gives the query of [`sql`] with the catalog's fingerprint of the same moment.
pub(super) fn sql_with_fingerprint() -> String {
    let seen = fingerprint::sql();
    containers(&format!("case when n.nspname = 'pg_catalog' then ({seen}) end as seen"))
}

/// Gives the query with one more column. There is always `pg_catalog`, so the server's version is never missing.
fn containers(seen: &str) -> String {
    format!(
        "
select n.tableoid as class, n.oid, 'schema' as kind, n.nspname::text as name, n.nspname::text as schema,
    null::text as version, d.description as comment, pg_get_userbyid(n.nspowner)::text as owner, {acl} as acl,
    e.extname::text as member_of, current_setting('server_version_num')::int as server, {seen},
    pg_current_snapshot()::text as snapshot,
    {FROZEN} as frozen, case when n.nspname = 'pg_catalog' then {kinds} end as kinds,
    n.nspname = 'pg_catalog' and exists (select from pg_type where oid >= 16384 and typtype = 'e') as enumerations,
    case when n.nspname = 'pg_catalog' then array(select distinct t.typname::text from pg_type t where t.oid >= 16384
        and t.typname in (select o.typname from pg_type o where o.typnamespace = n.oid and o.oid < 16384)) end as taken
from pg_namespace n
left join pg_description d on d.classoid = n.tableoid and d.objoid = n.oid
left join pg_depend m on m.classid = n.tableoid and m.objid = n.oid and m.deptype = 'e'
left join pg_extension e on e.oid = m.refobjid
union all
select x.tableoid, x.oid, 'extension', x.extname::text, n.nspname::text, x.extversion, {extension_comment}, null, null, null,
    current_setting('server_version_num')::int, null, null, false,
    null, false, null
from pg_extension x join pg_namespace n on n.oid = x.extnamespace",
        kinds = opaque::there(),
        extension_comment = extension::COMMENT,
        acl = privileges_sql("n.nspacl", "'n'", "n.nspowner"),
    )
}

/// Gives the reason why a schema is not looked into.
pub(super) fn reason(row: &ContainerRow, scope: &Scope) -> Option<Reason> {
    let name = row.name.as_str();
    if name.starts_with("pg_temp_") || name.starts_with("pg_toast_temp_") {
        Some(Reason::Temporary)
    } else if name == "pg_toast" {
        Some(Reason::Toast)
    } else if name.starts_with("pg_") || name == "information_schema" {
        Some(Reason::System)
    } else if name == OWN_SCHEMA {
        Some(Reason::Own)
    } else if let Some(extension) = &row.member_of {
        Some(Reason::ExtensionMember(extension.clone()))
    } else {
        (!scope.has(name)).then_some(Reason::OutOfScope)
    }
}

/// Makes the head of a schema's row.
pub(super) fn head(row: &ContainerRow) -> Head {
    let comment = match row.comment.as_deref() {
        Some(Schema::USUAL_COMMENT) => None,
        None if Schema::is_public(&SchemaName::new(row.name.clone())) => Some(String::new()),
        comment => comment.map(str::to_owned),
    };
    super::head::head(comment.as_ref(), row.owner.as_ref(), row.acl.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> ContainerRow {
        ContainerRow { kind: "schema".to_owned(), name: name.to_owned(), ..ContainerRow::default() }
    }

    #[test]
    fn every_schema_that_is_not_looked_into_has_a_reason() {
        let scope = Scope::of(["public", "pgform"]);
        for (name, expected) in [
            ("public", None),
            ("other", Some(Reason::OutOfScope)),
            ("pgform", Some(Reason::Own)),
            ("pg_catalog", Some(Reason::System)),
            ("pg_toast", Some(Reason::Toast)),
            ("pg_temp_3", Some(Reason::Temporary)),
        ] {
            assert_eq!(reason(&named(name), &scope), expected, "{name}");
        }
    }

    #[test]
    fn the_comment_of_initdb_is_none() {
        let mut row = named("public");
        row.comment = Some("standard public schema".to_owned());
        assert_eq!(head(&row).comment, None);
        row.name = "renamed".to_owned();
        assert_eq!(head(&row).comment, None);
        row.comment = None;
        assert_eq!(head(&row).comment, None);
        // Made again by somebody, it has not even that one.
        assert_eq!(head(&named("public")).comment.as_deref(), Some(""));
        assert!(Schema::same_comment(&head(&named("public")), &Head::default()));
        row.comment = Some("somebody's".to_owned());
        assert!(head(&row).comment.is_some());
    }
}
