//! Writes the SQL that brings a scratch database back to empty, in one block: one round trip and one transaction.

/// Roles and tablespaces that a wipe takes: they belong to the whole server, not to the scratch database.
#[derive(Clone, Copy)]
pub(super) enum Shared {
    /// All that did not come with the server: the server is ours.
    All,
    /// Marked ones only, as stand-ins of pgform: the server is somebody's.
    Marked,
}

/// The comment on roles and tablespaces that stand in for others, by which a wipe knows them.
pub(super) const MARK: &str = "pgform stand-in";

/// The lowest object id of what users make (`FirstNormalObjectId` of PostgreSQL's `transam.h`).
const FIRST_USER_OID: &str = "16384";

/// Objects that users made, outside of extensions: catalog and id.
const OBJECTS: &str = "
    select 'pg_event_trigger'::regclass::oid as class, oid as object, 1 as turn from pg_event_trigger
    union all select 'pg_publication'::regclass, oid, 2 from pg_publication
    union all select 'pg_extension'::regclass, oid, 3 from pg_extension where extname <> 'plpgsql'
    union all select 'pg_namespace'::regclass, oid, 4 from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
    union all select 'pg_foreign_data_wrapper'::regclass, oid, 5 from pg_foreign_data_wrapper
    union all select 'pg_class'::regclass, oid, 5 from pg_class where relkind in ('r', 'v', 'm', 'S', 'f', 'p') and relpersistence <> 't'
    union all select 'pg_type'::regclass, oid, 6 from pg_type where typrelid = 0 and typcategory <> 'A'
    union all select 'pg_type'::regclass, t.oid, 6 from pg_type t join pg_class c on c.oid = t.typrelid where c.relkind = 'c'
    union all select 'pg_proc'::regclass, oid, 7 from pg_proc
    union all select 'pg_operator'::regclass, oid, 7 from pg_operator
    union all select 'pg_opclass'::regclass, oid, 7 from pg_opclass
    union all select 'pg_opfamily'::regclass, oid, 7 from pg_opfamily
    union all select 'pg_collation'::regclass, oid, 7 from pg_collation
    union all select 'pg_conversion'::regclass, oid, 7 from pg_conversion
    union all select 'pg_ts_config'::regclass, oid, 7 from pg_ts_config
    union all select 'pg_ts_dict'::regclass, oid, 7 from pg_ts_dict
    union all select 'pg_ts_parser'::regclass, oid, 7 from pg_ts_parser
    union all select 'pg_ts_template'::regclass, oid, 7 from pg_ts_template
    union all select 'pg_cast'::regclass, oid, 7 from pg_cast
    union all select 'pg_am'::regclass, oid, 8 from pg_am
    union all select 'pg_language'::regclass, oid, 8 from pg_language";

/// Gives the query for up to five objects in a database that was offered as scratch, as people call them; none if it is
/// empty.
pub(super) fn occupants() -> String {
    format!(
        "select i.type || ' ' || i.identity from ({OBJECTS}) o, pg_identify_object(o.class, o.object, 0) i
         where o.object >= {FIRST_USER_OID} order by o.turn, i.identity limit 5"
    )
}

/// Drops all that users made and makes `public` as in a fresh database.
///
/// Finds everything by object id, so that what was put into system schemas (stand-ins for collations) goes too.
pub(super) fn database(shared: Shared) -> String {
    let roles = match shared {
        Shared::All => format!("oid >= {FIRST_USER_OID}"),
        Shared::Marked => format!("shobj_description(oid, 'pg_authid') = '{MARK}'"),
    };
    format!(
        "do $wipe$
declare
    one record; what record;
begin
    perform set_config('client_min_messages', 'error', true), set_config('search_path', 'pg_catalog', true);
    -- Before all else: they could forbid the rest.
    for one in select evtname from pg_event_trigger where oid >= {FIRST_USER_OID} loop
        execute format('drop event trigger if exists %I cascade', one.evtname);
    end loop;
    -- Before their extensions: those drop what was added to an operator class last (gist_trgm_ops has its options so) before
    -- the index, and an index that this session has to look at once more then asks for it (a failed cache lookup).
    for one in select n.nspname, c.relname, k.conrelid::regclass as constrained, k.conname
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
        left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
        where i.indexrelid >= {FIRST_USER_OID} and not c.relispartition
            and exists (select from unnest(i.indclass) as class where class >= {FIRST_USER_OID}) loop
        if one.conname is null then
            execute format('drop index %I.%I cascade', one.nspname, one.relname);
        else
            execute format('alter table %s drop constraint %I cascade', one.constrained, one.conname);
        end if;
    end loop;
    drop schema if exists public cascade;
    for one in select * from ({OBJECTS}) o where object >= {FIRST_USER_OID} order by turn, object loop
        -- Gone already with something dropped before: has no identity any more.
        select * into what from pg_identify_object(one.class, one.object, 0);
        continue when what.type is null or what.identity is null;
        execute format('drop %s %s cascade', replace(what.type, '-', ' '), what.identity);
    end loop;
    perform lo_unlink(oid) from pg_largeobject_metadata;
    if exists (select from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())) then
        execute format('alter database %I reset all', current_database());
    end if;
    for one in select rolname from pg_roles where {roles} loop
        begin
            execute format('drop owned by %I cascade', one.rolname);
            execute format('drop role %I', one.rolname);
        exception when dependent_objects_still_exist then
            -- Another scratch database of this server uses the same stand-in.
            null;
        end;
    end loop;
    if (select rolsuper from pg_roles where rolname = current_user) then
        delete from pg_default_acl where oid >= {FIRST_USER_OID};
    end if;
    if current_setting('server_version_num')::int >= 150000 then
        create schema public authorization pg_database_owner;
        grant usage on schema public to public;
    else
        create schema public;
        grant all on schema public to public;
    end if;
    comment on schema public is 'standard public schema';
end $wipe$"
    )
}

/// Statements that free what a session holds on to, before its database is wiped.
/// Prepared statements and settings are left alone: the connection is used on.
pub(super) const SESSION: &str = "reset role; discard temp; select pg_catalog.pg_advisory_unlock_all()";

/// Gives the statements that drop tablespaces, one a row: `drop tablespace` runs in no block and no transaction.
pub(super) fn tablespaces(shared: Shared) -> String {
    let which = match shared {
        Shared::All => format!("oid >= {FIRST_USER_OID}"),
        Shared::Marked => format!("shobj_description(oid, 'pg_tablespace') = '{MARK}'"),
    };
    format!("select format('drop tablespace %I', spcname) from pg_catalog.pg_tablespace where {which}")
}
