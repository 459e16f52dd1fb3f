//! Queries for what a database has outside of schemas: casts, languages, servers, publications and the like.
use super::{opaque_branch::Branch, query::since};

/// Words by which an option for another server is known as a secret: the value of such an option is written nowhere.
pub(super) const SECRETS: &[&str] = &["passw", "secret", "token", "credential", "access_key", "private_key", "api_key"];

/// Fills in the words for secrets, and what older servers lack, where [`BRANCHES`] have their marks.
pub(super) fn fill(sql: &str, server: i32) -> String {
    let columns = since(
        server,
        150_000,
        "|| coalesce((select ' (' || string_agg(quote_ident(a.attname), ', ' order by a.attnum) || ')' from pg_attribute a
            where a.attrelid = c.oid and a.attnum = any(r.prattrs)), '')
        || coalesce(' where (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')",
        "",
    );
    let schemas = since(
        server,
        150_000,
        "(select ' tables in schema ' || string_agg(quote_ident(n.nspname), ', ' order by n.nspname)
            from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = o.oid)",
        "null",
    );
    let secret = SECRETS.join("|");
    sql.replace("{secret}", &secret).replace("{columns}", columns).replace("{schemas}", schemas)
}

/// Branches for what a database has outside of schemas. Not printed, because secrets are in them or the rights to read
/// them are rare: user mappings, subscriptions, and whatever has an option that is called as a secret is. Of default
/// privileges the lists are read that say what is given, and what PostgreSQL gives by itself ([`super::default_privileges`]).
pub(super) const BRANCHES: &[Branch] = &[
    Branch {
        there: "select from pg_cast where oid >= 16384",
        sql: "
select o.tableoid as class, o.oid, 'cast' as kind,
    array[format_type(o.castsource, null), format_type(o.casttarget, null)] as parts, null::oid as bound,
    format('create cast (%s as %s) %s%s', format_type(o.castsource, null), format_type(o.casttarget, null),
        case o.castmethod when 'f' then 'with function ' || o.castfunc::regprocedure::text
            when 'i' then 'with inout' else 'without function' end,
        case o.castcontext when 'a' then ' as assignment' when 'i' then ' as implicit' else '' end) as text
from pg_cast o
where o.oid not in (select objid from pg_depend where classid = 'pg_cast'::regclass and deptype = 'i')",
    },
    Branch {
        there: "select from pg_am where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'access method', array[o.amname::text], null,
    format('create access method %I type %s handler %s', o.amname,
        case o.amtype when 't' then 'table' else 'index' end, o.amhandler)
from pg_am o",
    },
    Branch {
        there: "select from pg_language where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'language', array[o.lanname::text], null, case when o.lanplcallfoid <> 0 then
    format('create %slanguage %I handler %s', case when o.lanpltrusted then 'trusted ' else '' end, o.lanname,
        concat_ws(' ', o.lanplcallfoid::regproc::text, 'inline ' || nullif(o.laninline, 0)::regproc::text,
            'validator ' || nullif(o.lanvalidator, 0)::regproc::text)) end
from pg_language o",
    },
    Branch {
        there: "select from pg_foreign_data_wrapper where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'foreign-data wrapper', array[o.fdwname::text], null,
    case when not exists (select from pg_options_to_table(o.fdwoptions) where option_name ~* '{secret}') then concat_ws(' ', format('create foreign data wrapper %I', o.fdwname),
        'handler ' || nullif(o.fdwhandler, 0)::regproc::text, 'validator ' || nullif(o.fdwvalidator, 0)::regproc::text,
        (select 'options (' || string_agg(format('%I %L', option_name, option_value), ', ') || ')'
            from pg_options_to_table(o.fdwoptions))) end
from pg_foreign_data_wrapper o",
    },
    Branch {
        there: "select from pg_foreign_server where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'server', array[o.srvname::text], null,
    case when not exists (select from pg_options_to_table(o.srvoptions) where option_name ~* '{secret}') then concat_ws(' ', format('create server %I', o.srvname), 'type ' || quote_literal(o.srvtype),
        'version ' || quote_literal(o.srvversion), format('foreign data wrapper %I', w.fdwname),
        (select 'options (' || string_agg(format('%I %L', option_name, option_value), ', ') || ')'
            from pg_options_to_table(o.srvoptions))) end
from pg_foreign_server o join pg_foreign_data_wrapper w on w.oid = o.srvfdw",
    },
    Branch {
        there: "select from pg_foreign_server where oid >= 16384",
        sql: "
select 'pg_user_mapping'::regclass, o.umid, 'user mapping', array[o.usename::text, o.srvname::text], null, null
from pg_user_mappings o",
    },
    Branch {
        there: "select from pg_event_trigger where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'event trigger', array[o.evtname::text], null,
    format('create event trigger %I on %s%s execute function %s()', o.evtname, o.evtevent,
        ' when tag in (' || (select string_agg(quote_literal(tag), ', ') from unnest(o.evttags) as tag) || ')',
        o.evtfoid::regproc)
    || case o.evtenabled when 'O' then '' else format(E';\\nalter event trigger %I %s', o.evtname,
        case o.evtenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end) end
from pg_event_trigger o",
    },
    Branch {
        there: "select from pg_publication where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'publication', array[o.pubname::text], null,
    concat_ws(' ', format('create publication %I', o.pubname), case when o.puballtables then 'for all tables' else
        nullif('for' || concat_ws(',',
            (select ' table ' || string_agg(format('%I.%I', n.nspname, c.relname) {columns}, ', '
                    order by n.nspname, c.relname)
                from pg_publication_rel r join pg_class c on c.oid = r.prrelid
                join pg_namespace n on n.oid = c.relnamespace where r.prpubid = o.oid), {schemas}), 'for') end,
        format('with (publish = %L%s)', concat_ws(', ', case when o.pubinsert then 'insert' end,
            case when o.pubupdate then 'update' end, case when o.pubdelete then 'delete' end,
            case when o.pubtruncate then 'truncate' end),
            case when o.pubviaroot then ', publish_via_partition_root = true' else '' end))
from pg_publication o",
    },
    Branch {
        there: "select from pg_subscription where oid >= 16384",
        sql: "
select 'pg_subscription'::regclass, o.oid, 'subscription', array[o.subname::text], null, null
from pg_subscription o where o.subdbid = (select oid from pg_database where datname = current_database())",
    },
    Branch {
        there: "select from pg_default_acl where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'default privileges', array[pg_get_userbyid(o.defaclrole)::text,
    coalesce(n.nspname::text, ''), o.defaclobjtype::text], null,
    json_build_array(o.defaclacl::text[], case when n.nspname is null then
        acldefault(case o.defaclobjtype when 'S' then 's' else o.defaclobjtype end, o.defaclrole)::text[] end)::text
from pg_default_acl o left join pg_namespace n on n.oid = o.defaclnamespace
where n.nspname is null or n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_transform where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'transform', array[format_type(o.trftype, null), l.lanname::text], null,
    format('create transform for %s language %I (%s)', format_type(o.trftype, null), l.lanname, concat_ws(', ',
        'from sql with function ' || nullif(o.trffromsql::oid, 0)::regprocedure::text,
        'to sql with function ' || nullif(o.trftosql::oid, 0)::regprocedure::text))
from pg_transform o join pg_language l on l.oid = o.trflang",
    },
    Branch {
        there: "select from pg_seclabel union all select from pg_shseclabel",
        sql: "
select s.classoid, s.objoid, 'security label', array[s.provider, s.objtype, s.objname], null,
    format('security label for %I on %s %s is %L', s.provider, s.objtype, s.objname, s.label)
from pg_seclabels s",
    },
];
