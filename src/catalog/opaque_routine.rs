//! Query for functions, procedures and aggregates.
use super::opaque_branch::Branch;

/// Branch for functions, procedures and aggregates. A range type's constructors come with their type. The functions of
/// an extension are not printed: there are hundreds.
pub(super) const BRANCHES: &[Branch] = &[
    Branch {
        there: "select from pg_proc where oid >= 16384",
        sql: "
select p.tableoid as class, p.oid,
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind,
    array[n.nspname::text, p.proname::text, case p.prokind when 'a' then pg_get_function_identity_arguments(p.oid)
        else oidvectortypes(p.proargtypes) end] as parts, null::oid as bound,
    case when p.oid in (select objid from pg_depend where classid = 'pg_proc'::regclass and deptype = 'e') then null
        when p.prokind <> 'a' then rtrim(pg_get_functiondef(p.oid), E'\\n')
        else (select format('create aggregate %I.%I(%s) (%s)', n.nspname, p.proname,
            case when a.aggnumdirectargs = 0 and p.pronargs = 0 then '*' else pg_get_function_arguments(p.oid) end,
            concat_ws(', ', 'sfunc = ' || f(a.aggtransfn), 'stype = ' || format_type(a.aggtranstype, null),
                'sspace = ' || nullif(a.aggtransspace, 0), 'finalfunc = ' || f(a.aggfinalfn),
                case when a.aggfinalextra then 'finalfunc_extra' end,
                case when a.aggfinalfn <> 0 then 'finalfunc_modify = '
                    || case a.aggfinalmodify when 'r' then 'read_only' when 's' then 'shareable' else 'read_write' end end,
                'combinefunc = ' || f(a.aggcombinefn), 'serialfunc = ' || f(a.aggserialfn),
                'deserialfunc = ' || f(a.aggdeserialfn), 'initcond = ' || quote_literal(a.agginitval),
                'msfunc = ' || f(a.aggmtransfn), 'minvfunc = ' || f(a.aggminvtransfn),
                case when a.aggmtranstype <> 0 then 'mstype = ' || format_type(a.aggmtranstype, null) end,
                'msspace = ' || nullif(a.aggmtransspace, 0), 'mfinalfunc = ' || f(a.aggmfinalfn),
                case when a.aggmfinalextra then 'mfinalfunc_extra' end,
                case when a.aggmfinalfn <> 0 then 'mfinalfunc_modify = '
                    || case a.aggmfinalmodify when 'r' then 'read_only' when 's' then 'shareable' else 'read_write' end end,
                'minitcond = ' || quote_literal(a.aggminitval),
                (select format('sortop = operator(%I.%s)', sn.nspname, so.oprname) from pg_operator so
                    join pg_namespace sn on sn.oid = so.oprnamespace where so.oid = a.aggsortop),
                case p.proparallel when 's' then 'parallel = safe' when 'r' then 'parallel = restricted' end,
                case when a.aggkind = 'h' then 'hypothetical' end))
            from pg_aggregate a where a.aggfnoid = p.oid) end as text
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname = any($1) and p.oid not in
    (select objid from pg_depend where classid = 'pg_proc'::regclass and deptype = 'i')",
    },
];

/// Expands ` f(COLUMN)` in [`BRANCHES`] to a function's name as SQL, null for none: a macro, as pgform may not make
/// helpers on the server.
pub(super) fn expand(sql: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(sql.len()), sql);
    while let Some(at) = rest.find(" f(") {
        let end = rest[at..].find(')').map_or(rest.len(), |end| at + end);
        out.push_str(&rest[..at]);
        out.push_str(" nullif(");
        out.push_str(&rest[at + 3..end]);
        out.push_str("::oid, 0)::regproc::text");
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_macro_is_expanded_everywhere() {
        let sql = super::expand("'a' || f(x.y), 'b' || f(z)");
        assert_eq!(sql, "'a' || nullif(x.y::oid, 0)::regproc::text, 'b' || nullif(z::oid, 0)::regproc::text");
        assert!(!super::expand(super::BRANCHES[0].sql).contains(" f("));
    }
}
