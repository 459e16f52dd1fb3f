//! Queries for what hangs on a relation: triggers, rules, policies and extended statistics.
use super::opaque_branch::Branch;

/// Branches for what hangs on a relation: triggers, rules, policies and extended statistics. Triggers of constraints,
/// triggers that partitions have from their parent, and the rules that make views come with those.
pub(super) const BRANCHES: &[Branch] = &[
    Branch {
        there: "select from pg_trigger where oid >= 16384 and not tgisinternal",
        sql: "
select t.tableoid as class, t.oid, 'trigger' as kind, array[n.nspname::text, c.relname::text, t.tgname::text] as parts,
    c.oid as bound, pg_get_triggerdef(t.oid) || case t.tgenabled when 'O' then '' else
        format(E';\\nalter table %I.%I %s trigger %I', n.nspname, c.relname, case t.tgenabled when 'D' then 'disable'
            when 'R' then 'enable replica' else 'enable always' end, t.tgname) end as text
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_rewrite where oid >= 16384 and rulename <> '_RETURN'",
        sql: "
select r.tableoid, r.oid, 'rule', array[n.nspname::text, c.relname::text, r.rulename::text], c.oid,
    rtrim(pg_get_ruledef(r.oid), ';') || case r.ev_enabled when 'O' then '' else
        format(E';\\nalter table %I.%I %s rule %I', n.nspname, c.relname, case r.ev_enabled when 'D' then 'disable'
            when 'R' then 'enable replica' else 'enable always' end, r.rulename) end
from pg_rewrite r
join pg_class c on c.oid = r.ev_class
join pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_policy where oid >= 16384",
        sql: "
select p.tableoid, p.oid, 'policy', array[n.nspname::text, c.relname::text, p.polname::text], c.oid,
    format('create policy %I on %I.%I', p.polname, n.nspname, c.relname)
    || case when p.polpermissive then '' else ' as restrictive' end
    || case p.polcmd when 'r' then ' for select' when 'a' then ' for insert' when 'w' then ' for update'
        when 'd' then ' for delete' else '' end
    || case when p.polroles = '{0}' then '' else ' to ' || (select string_agg(
        case when role = 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', '
        order by pg_get_userbyid(role)) from unnest(p.polroles) as roles (role)) end
    || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
    || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1)",
    },
    Branch {
        there: "select from pg_statistic_ext where oid >= 16384",
        sql: "
select s.tableoid, s.oid, 'statistics', array[n.nspname::text, s.stxname::text], s.stxrelid,
    pg_get_statisticsobjdef(s.oid) || coalesce(
        format(E';\\nalter statistics %I.%I set statistics ', n.nspname, s.stxname) || nullif(s.stxstattarget, -1), '')
from pg_statistic_ext s
join pg_namespace n on n.oid = s.stxnamespace
where n.nspname = any($1)",
    },
];
