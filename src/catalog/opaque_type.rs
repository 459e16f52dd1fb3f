//! Queries for domains, composite types, ranges and base types.
use super::opaque_branch::Branch;

/// Branches for domains, composite types, ranges and base types; arrays, row types and multiranges come with what they
/// are of. Base types and ranges with functions of their own need a shell type first: they are not printed.
pub(super) const BRANCHES: &[Branch] = &[
    Branch {
        there: "select from pg_type where oid >= 16384 and typtype in ('d', 'r', 'b', 'p') and typinput <> 'array_in'::regproc \
            union all select from pg_class where oid >= 16384 and relkind = 'c'",
        sql: "
select t.tableoid as class, t.oid,
    case t.typtype when 'd' then 'domain' when 'c' then 'composite type' when 'r' then 'range type' else 'base type' end
        as kind,
    array[n.nspname::text, t.typname::text] as parts, null::oid as bound,
    case t.typtype
        when 'd' then format('create domain %I.%I as %s', n.nspname, t.typname,
            concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                (select format('collate %I.%I', cn.nspname, co.collname) from pg_collation co
                    join pg_namespace cn on cn.oid = co.collnamespace join pg_type b on b.oid = t.typbasetype
                    where co.oid = t.typcollation and t.typcollation <> b.typcollation),
                'default ' || pg_get_expr(t.typdefaultbin, 0), case when t.typnotnull then 'not null' end,
                (select string_agg(format('constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), ' '
                    order by k.convalidated desc, k.conname)
                    from pg_constraint k where k.contypid = t.oid and k.contype = 'c' and k.convalidated)))
            || coalesce((select string_agg(format(E';\\nalter domain %I.%I add constraint %I %s', n.nspname, t.typname,
                    k.conname, pg_get_constraintdef(k.oid)), '' order by k.conname)
                    from pg_constraint k where k.contypid = t.oid and k.contype = 'c' and not k.convalidated), '')
            || coalesce((select string_agg(format(E';\\ncomment on constraint %I on domain %I.%I is %L', k.conname,
                    n.nspname, t.typname, kd.description), '' order by k.conname)
                    from pg_constraint k join pg_description kd on kd.classoid = k.tableoid and kd.objoid = k.oid
                    where k.contypid = t.oid and k.contype = 'c'), '')
        when 'c' then format('create type %I.%I as (%s)', n.nspname, t.typname,
            (select string_agg(concat_ws(' ', format('%I', a.attname), format_type(a.atttypid, a.atttypmod),
                    (select format('collate %I.%I', cn.nspname, co.collname) from pg_collation co
                        join pg_namespace cn on cn.oid = co.collnamespace join pg_type b on b.oid = a.atttypid
                        where co.oid = a.attcollation and a.attcollation <> b.typcollation)), ', ' order by a.attnum)
                from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
            || coalesce((select string_agg(format(E';\\ncomment on column %I.%I.%I is %L', n.nspname, t.typname, a.attname,
                    ad.description), '' order by a.attnum)
                from pg_attribute a join pg_description ad on ad.classoid = 'pg_class'::regclass
                    and ad.objoid = a.attrelid and ad.objsubid = a.attnum
                where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '')
        when 'r' then (select format('create type %I.%I as range (%s)', n.nspname, t.typname,
                concat_ws(', ', 'subtype = ' || format_type(r.rngsubtype, null),
                    (select format('subtype_opclass = %I.%I', cn.nspname, oc.opcname) from pg_opclass oc
                        join pg_namespace cn on cn.oid = oc.opcnamespace where oc.oid = r.rngsubopc),
                    (select format('collation = %I.%I', cn.nspname, co.collname) from pg_collation co
                        join pg_namespace cn on cn.oid = co.collnamespace where co.oid = r.rngcollation),
                    'subtype_diff = ' || nullif(r.rngsubdiff::oid, 0)::regproc::text,
                    (select format('multirange_type_name = %I.%I', mn.nspname, mt.typname) from pg_type mt
                        join pg_namespace mn on mn.oid = mt.typnamespace where mt.oid = r.rngmultitypid)))
            from pg_range r where r.rngtypid = t.oid and r.rngcanonical = 0)
    end as text
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
where n.nspname = any($1) and t.typtype in ('d', 'c', 'r', 'b', 'p') and (t.typrelid = 0 or c.relkind = 'c')
    and t.oid not in (select typarray from pg_type)",
    },
];
