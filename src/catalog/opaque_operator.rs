//! Queries for operators, their classes and families, collations, conversions and text search.
use super::opaque_branch::Branch;

/// The operators and functions of classes and families, by what they come and go with: put together once, for all.
pub(super) const MEMBERS: &str = "with members as materialized (
    select d.refclassid as of, d.refobjid as whole, string_agg(x.text, ', ' order by x.turn, x.number, x.text) as list
    from pg_depend d join (
        select o.tableoid as class, o.oid, 1 as turn, o.amopstrategy as number, format('operator %s %I.%s (%s, %s)%s',
            o.amopstrategy, pn.nspname, p.oprname, format_type(o.amoplefttype, null), format_type(o.amoprighttype, null),
            (select format(' for order by %I.%I', sn.nspname, s.opfname) from pg_opfamily s
                join pg_namespace sn on sn.oid = s.opfnamespace where s.oid = o.amopsortfamily)) as text
        from pg_amop o join pg_operator p on p.oid = o.amopopr join pg_namespace pn on pn.oid = p.oprnamespace
        where o.oid >= 16384
        union all
        select o.tableoid, o.oid, 2, o.amprocnum, format('function %s (%s, %s) %s', o.amprocnum,
            format_type(o.amproclefttype, null), format_type(o.amprocrighttype, null), o.amproc::oid::regprocedure)
        from pg_amproc o where o.oid >= 16384) as x on x.class = d.classid and x.oid = d.objid
    where d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass) and d.deptype in ('i', 'a')
    group by d.refclassid, d.refobjid)";

/// Branches for operators, their classes and families, collations, conversions and text search. A member of a family
/// that is no part of a class is the family's, as `pg_dump` has it.
pub(super) const BRANCHES: &[Branch] = &[
    Branch {
        there: "select from pg_operator where oid >= 16384",
        sql: "
select o.tableoid as class, o.oid, 'operator' as kind,
    array[n.nspname::text, o.oprname::text, case when o.oprleft = 0 then '-' else format_type(o.oprleft, null) end,
        case when o.oprright = 0 then '-' else format_type(o.oprright, null) end] as parts, null::oid as bound,
    case when o.oprcode <> 0 then format('create operator %I.%s (%s)', n.nspname, o.oprname,
        concat_ws(', ', 'function = ' || o.oprcode::oid::regproc::text,
            'leftarg = ' || format_type(nullif(o.oprleft, 0), null),
            'rightarg = ' || format_type(nullif(o.oprright, 0), null),
            (select format('commutator = operator(%I.%s)', x.nspname, y.oprname) from pg_operator y
                join pg_namespace x on x.oid = y.oprnamespace where y.oid = o.oprcom),
            (select format('negator = operator(%I.%s)', x.nspname, y.oprname) from pg_operator y
                join pg_namespace x on x.oid = y.oprnamespace where y.oid = o.oprnegate),
            'restrict = ' || nullif(o.oprrest::oid, 0)::regproc::text,
            'join = ' || nullif(o.oprjoin::oid, 0)::regproc::text,
            case when o.oprcanhash then 'hashes' end, case when o.oprcanmerge then 'merges' end)) end as text
from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_opclass where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'operator class', array[n.nspname::text, o.opcname::text, am.amname::text], null,
    format('create operator class %I.%I %sfor type %s using %I family %I.%I as %s', n.nspname, o.opcname,
        case when o.opcdefault then 'default ' else '' end, format_type(o.opcintype, null), am.amname, fn.nspname,
        f.opfname, concat_ws(', ', m.list, 'storage ' || format_type(nullif(coalesce(nullif(o.opckeytype, 0),
            case when m.list is null then o.opcintype end), 0), null)))
from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace join pg_am am on am.oid = o.opcmethod
join pg_opfamily f on f.oid = o.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace
left join members as m on m.of = 'pg_opclass'::regclass and m.whole = o.oid
where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_opfamily where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'operator family', array[n.nspname::text, o.opfname::text, am.amname::text], null,
    format('create operator family %I.%I using %I', n.nspname, o.opfname, am.amname)
        || coalesce(format(E';\\nalter operator family %I.%I using %I add ', n.nspname, o.opfname, am.amname) || m.list, '')
from pg_opfamily o join pg_namespace n on n.oid = o.opfnamespace join pg_am am on am.oid = o.opfmethod
left join members as m on m.of = 'pg_opfamily'::regclass and m.whole = o.oid
where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_collation where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'collation', array[n.nspname::text, o.collname::text], null,
    format('create collation %I.%I (%s)', n.nspname, o.collname, concat_ws(', ',
        'provider = ' || case o.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
        case when o.collprovider = 'c' then format('lc_collate = %L, lc_ctype = %L', o.collcollate, o.collctype)
            else 'locale = ' || quote_literal(coalesce(j.of ->> 'colllocale', j.of ->> 'colliculocale', o.collcollate)) end,
        case when not o.collisdeterministic then 'deterministic = false' end,
        'rules = ' || quote_literal(j.of ->> 'collicurules')))
from pg_collation o join pg_namespace n on n.oid = o.collnamespace, lateral (select to_jsonb(o) as of) as j
where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_conversion where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'conversion', array[n.nspname::text, o.conname::text], null,
    format('create %sconversion %I.%I for %L to %L from %s', case when o.condefault then 'default ' else '' end,
        n.nspname, o.conname, pg_encoding_to_char(o.conforencoding), pg_encoding_to_char(o.contoencoding), o.conproc)
from pg_conversion o join pg_namespace n on n.oid = o.connamespace where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_ts_config where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'text search configuration', array[n.nspname::text, o.cfgname::text], null,
    format('create text search configuration %I.%I (parser = %I.%I)', n.nspname, o.cfgname, pn.nspname, p.prsname)
    || coalesce((select string_agg(format(E';\\nalter text search configuration %I.%I add mapping for %I with %s',
            n.nspname, o.cfgname, m.alias, m.dictionaries), '' order by m.alias)
        from (select tt.alias, string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' order by x.mapseqno)
                as dictionaries
            from pg_ts_config_map x join pg_ts_dict d on d.oid = x.mapdict
            join pg_namespace dn on dn.oid = d.dictnamespace
            join ts_token_type(o.cfgparser) tt on tt.tokid = x.maptokentype
            where x.mapcfg = o.oid group by tt.alias) as m), '')
from pg_ts_config o join pg_namespace n on n.oid = o.cfgnamespace join pg_ts_parser p on p.oid = o.cfgparser
join pg_namespace pn on pn.oid = p.prsnamespace where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_ts_dict where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'text search dictionary', array[n.nspname::text, o.dictname::text], null,
    format('create text search dictionary %I.%I (%s)', n.nspname, o.dictname,
        concat_ws(', ', format('template = %I.%I', tn.nspname, t.tmplname), o.dictinitoption))
from pg_ts_dict o join pg_namespace n on n.oid = o.dictnamespace join pg_ts_template t on t.oid = o.dicttemplate
join pg_namespace tn on tn.oid = t.tmplnamespace where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_ts_parser where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'text search parser', array[n.nspname::text, o.prsname::text], null,
    format('create text search parser %I.%I (%s)', n.nspname, o.prsname, concat_ws(', ', 'start = ' || o.prsstart::text,
        'gettoken = ' || o.prstoken::text, 'end = ' || o.prsend::text,
        'headline = ' || nullif(o.prsheadline::oid, 0)::regproc::text, 'lextypes = ' || o.prslextype::text))
from pg_ts_parser o join pg_namespace n on n.oid = o.prsnamespace where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_ts_template where oid >= 16384",
        sql: "
select o.tableoid, o.oid, 'text search template', array[n.nspname::text, o.tmplname::text], null,
    format('create text search template %I.%I (%s)', n.nspname, o.tmplname, concat_ws(', ',
        'init = ' || nullif(o.tmplinit::oid, 0)::regproc::text, 'lexize = ' || o.tmpllexize::text))
from pg_ts_template o join pg_namespace n on n.oid = o.tmplnamespace where n.nspname = any($1)",
    },
];
