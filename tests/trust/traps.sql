-- Everything that SQL may look up by name, as a trap of the database's owner, in a schema of theirs.
create schema evil;
create sequence evil.caught;
grant usage on schema evil to public; grant all on sequence evil.caught to public;
create function evil.trap(what pg_catalog.text) returns pg_catalog.bool language plpgsql as $$
begin perform pg_catalog.nextval('evil.caught'); raise exception 'TRAPPED by % in %', what, pg_catalog.current_query(); end $$;
do $make$
declare r record; n pg_catalog.int4 := 0;
begin
  set local search_path = pg_catalog;
  -- functions
  for r in select p.oid, p.proname, pg_get_function_identity_arguments(p.oid) args, format_type(p.prorettype, null) ret, p.proretset
           from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.proargmodes is null
             and not exists (select from unnest(p.proargtypes::oid[] || p.prorettype) t(oid) join pg_type y on y.oid = t.oid
                             where y.typtype = 'p' and y.typname not in ('anyarray', 'anyelement', 'anynonarray', 'void'))
  loop
    begin
      execute format('create function evil.%I(%s) returns %s %s language plpgsql as %L', r.proname,
        (select coalesce(string_agg(format_type(t.oid, null), ', ' order by t.n), '') from unnest((select proargtypes::oid[] from pg_proc where oid = r.oid)) with ordinality t(oid, n)),
        case when r.proretset then 'setof' else '' end, r.ret,
        format('begin perform evil.trap(%L); end', 'function ' || r.proname));
      n := n + 1;
    exception when others then null; end;
  end loop;
  raise notice '% functions', n; n := 0;
  -- operators
  for r in select o.oid, o.oprname, format_type(nullif(o.oprleft, 0), null) l, format_type(o.oprright, null) rt, format_type(o.oprresult, null) res
           from pg_operator o where o.oprnamespace = 'pg_catalog'::regnamespace
             and not exists (select from pg_type y where y.oid in (o.oprleft, o.oprright, o.oprresult) and y.typtype = 'p' and y.typname not in ('anyarray', 'anyelement', 'anynonarray'))
  loop
    begin
      execute format('create function evil.op_%s(%s) returns %s language plpgsql as %L', r.oid,
        concat_ws(', ', r.l, r.rt), r.res, format('begin perform evil.trap(%L); end', format('operator %s (%s, %s)', r.oprname, r.l, r.rt)));
      execute format('create operator evil.%s (%s rightarg = %s, function = evil.op_%s)', r.oprname,
        case when r.l is null then '' else format('leftarg = %s,', r.l) end, r.rt, r.oid);
      n := n + 1;
    exception when others then null; end;
  end loop;
  raise notice '% operators', n; n := 0;
  -- aggregates
  for r in select p.proname, (select coalesce(string_agg(format_type(t, null), ', '), '*') from unnest(p.proargtypes::oid[]) t) args, format_type(p.prorettype, null) ret
           from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'a' and p.pronargs < 2
             and not exists (select from unnest(p.proargtypes::oid[] || p.prorettype) t(oid) join pg_type y on y.oid = t.oid
                             where y.typtype = 'p')
  loop
    begin
      execute format('create function evil.agg_%s(pg_catalog.int8%s) returns pg_catalog.int8 language plpgsql as %L', n,
        case when r.args = '*' then '' else ', ' || r.args end, format('begin perform evil.trap(%L); end', 'aggregate ' || r.proname));
      execute format('create aggregate evil.%I(%s) (sfunc = evil.agg_%s, stype = pg_catalog.int8, initcond = %L)', r.proname, r.args, n, '0');
      n := n + 1;
    exception when others then null; end;
  end loop;
  raise notice '% aggregates', n; n := 0;
  -- relations
  for r in select c.relname from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v') loop
    begin
      execute format('create view evil.%I as select t.*, evil.trap(%L) from pg_catalog.%I t', r.relname, 'relation ' || r.relname, r.relname);
      n := n + 1;
    exception when others then null; end;
  end loop;
  raise notice '% relations', n; n := 0;
end $make$;
-- types, and casts from one of them
create function evil.type_trap(pg_catalog.text) returns pg_catalog.bool language plpgsql as $$ begin perform evil.trap('type ' || $1); return true; end $$;
create domain evil.text as pg_catalog.text check (evil.type_trap('text'));
create domain evil.name as pg_catalog.name check (evil.type_trap('name'));
create domain evil.oid as pg_catalog.oid check (evil.type_trap('oid'));
create domain evil.int4 as pg_catalog.int4 check (evil.type_trap('int4'));
create domain evil.int8 as pg_catalog.int8 check (evil.type_trap('int8'));
create domain evil.bool as pg_catalog.bool check (evil.type_trap('bool'));
create domain evil.regclass as pg_catalog.regclass check (evil.type_trap('regclass'));
create domain evil.regnamespace as pg_catalog.regnamespace check (evil.type_trap('regnamespace'));
create domain evil.regtype as pg_catalog.regtype check (evil.type_trap('regtype'));
create domain evil."char" as pg_catalog."char" check (evil.type_trap('char'));
create type evil.regproc as (x pg_catalog.text);
create function evil.cast_trap(evil.regproc) returns pg_catalog.text language plpgsql as $$ begin perform evil.trap('cast'); end $$;
create cast (evil.regproc as pg_catalog.text) with function evil.cast_trap(evil.regproc) as implicit;
create function evil.cast_trap(pg_catalog.text) returns evil.regproc language plpgsql as $$ begin perform evil.trap('cast'); end $$;
create cast (pg_catalog.text as evil.regproc) with function evil.cast_trap(pg_catalog.text) as implicit;
