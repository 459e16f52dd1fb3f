use super::{query, row::row};
use crate::diagnostic::Diagnostics;
use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;

row! { Found { said: String as Text, } }

/// What belongs to a database and has no place in a state: another database has other names, other roles, other large
/// objects. Values of settings may be secrets, so that only their names are told.
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
) as all_of_it where said is not null order by turn, said";

/// What of a database no state holds, each in a line.
///
/// # Errors
/// If the server refuses the query.
pub async fn unseen(conn: &mut AsyncPgConnection) -> Result<Vec<String>, Diagnostics> {
    let found: Vec<Found> = query::whole(conn, "other contents", UNSEEN).await?;
    Ok(found.into_iter().map(|row| row.said).collect())
}
