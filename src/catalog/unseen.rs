//! Lists what belongs to a database and has no place in a state.
use super::{query, row::row};
use crate::diagnostic::Diagnostics;
use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;

row! { Found { said: String as Text, } }

/// Query for what belongs to a database and has no place in a state: another database has other names, other roles,
/// other large objects. Values of settings may be secrets, so that only their names are told.
const UNSEEN: &str = "
with me as materialized (select oid, datname, datdba, datacl from pg_database where datname = current_database())
select said from (
    select 1 as turn, case when count(*) > 0 then format('%s large object%s, with owners and privileges', count(*),
        case when count(*) > 1 then 's' else '' end) end as said
    from pg_largeobject_metadata
    union all
    select 2, format('settings of %s: %s', case when s.setrole = 0 then 'this database' else format('role %I in this database',
        pg_get_userbyid(s.setrole)) end,
        (select string_agg(split_part(setting, '=', 1), ', ' order by setting) from unnest(s.setconfig) as setting))
    from pg_db_role_setting s join me on me.oid = s.setdatabase
    union all
    select 3, 'privileges on the database itself' from me where datacl is not null
        and array(select item::text from unnest(datacl) as item order by 1)
            <> array(select item::text from unnest(acldefault('d', datdba)) as item order by 1)
    union all
    select 4, 'the comment on the database itself' from me where shobj_description(oid, 'pg_database') is not null
    union all
    select 5, case when count(*) > 0 then format('privileges on %s member%s of extensions, which are not as the extension gave them',
        count(*), case when count(*) > 1 then 's' else '' end) end
    from (select tableoid as class, oid, proacl as acl from pg_proc where proacl is not null
        union all select tableoid, oid, relacl from pg_class where relacl is not null
        union all select tableoid, oid, typacl from pg_type where typacl is not null) as o
    join pg_depend d on d.classid = o.class and d.objid = o.oid and d.deptype = 'e'
    left join pg_init_privs i on i.classoid = o.class and i.objoid = o.oid and i.objsubid = 0
    where array(select item::text from unnest(o.acl) as item order by 1)
        is distinct from array(select item::text from unnest(i.initprivs) as item order by 1)
    union all
    select 6, case when count(*) > 0 then format('names of %s not-null constraint%s of foreign and inheriting tables',
        count(*), case when count(*) > 1 then 's' else '' end) end
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'n' and k.oid >= 16384 and k.conname !~ '_not_null[0-9]*$' and (c.relkind = 'f' or c.reloftype <> 0
        or not c.relispartition and c.oid in (select inhrelid from pg_inherits)
        or c.relkind <> 'p' and c.oid in (select inhparent from pg_inherits))
    union all
    select 6, case when count(*) > 0 then format('names of %s not-null constraint%s that partitions had before they were attached',
        count(*), case when count(*) > 1 then 's' else '' end) end
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'n' and k.oid >= 16384 and c.relispartition and k.conislocal and k.coninhcount > 0
    union all
    select 7, format('%s the sequence of %s.%I, an identity column',
        case when c.relacl is null then 'the comment on' when d.description is null then 'privileges on'
            else 'privileges and the comment on' end, own.refobjid::regclass, a.attname)
    from pg_depend own join pg_class c on c.oid = own.objid and c.relkind = 'S'
    join pg_attribute a on a.attrelid = own.refobjid and a.attnum = own.refobjsubid
    left join pg_description d on d.classoid = own.classid and d.objoid = c.oid and d.objsubid = 0
    where own.classid = 'pg_class'::regclass and own.refclassid = own.classid and own.deptype = 'i' and c.oid >= 16384
        and (d.description is not null or c.relacl is not null
            and array(select item::text from unnest(c.relacl) as item order by 1)
                <> array(select item::text from unnest(acldefault('s', c.relowner)) as item order by 1))
) as all_of_it where said is not null order by turn, said";

/// Lists what a database has and no state holds, each in a line.
///
/// # Errors
/// If the server refuses the query.
pub async fn unseen(conn: &mut AsyncPgConnection) -> Result<Vec<String>, Diagnostics> {
    let found: Vec<Found> = query::whole(conn, "other contents", UNSEEN).await?;
    Ok(found.into_iter().map(|row| row.said).collect())
}

/// Gives the role that owns the database.
///
/// # Errors
/// If the server refuses the query.
pub async fn database_owner(conn: &mut AsyncPgConnection) -> Result<String, Diagnostics> {
    let owner = "select pg_get_userbyid(datdba)::text as said from pg_database where datname = current_database()";
    let found: Vec<Found> = query::whole(conn, "the database's owner", owner).await?;
    Ok(found.into_iter().map(|row| row.said).collect())
}
