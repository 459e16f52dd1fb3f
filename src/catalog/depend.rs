//! Reads from `pg_depend` which objects use which.
use super::{query, row::row};
use crate::diagnostic::Diagnostics;
use diesel::{
    sql_query,
    sql_types::{Array, Integer, Nullable, Oid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Address of an object in the catalog: the catalog's oid, the row's oid, a column's number or 0.
pub(super) type Address = (u32, u32, i32);

row! {
    /// Row that says that something uses something.
    DependRow {
        class: u32 as Oid,
        object: u32 as Oid,
        part: i32 as Integer,
        used_class: u32 as Oid,
        used: u32 as Oid,
        used_part: i32 as Integer,
    }
}

impl DependRow {
    pub(super) fn user(&self) -> Address {
        (self.class, self.object, self.part)
    }

    pub(super) fn used(&self) -> Address {
        (self.used_class, self.used, self.used_part)
    }
}

/// Query for which objects use which, with both ends moved to the object that people know: defaults to their column, a
/// view's rewrite rule to the view, a domain's constraint to the domain, a constraint's index to the constraint, a
/// publication's table to the publication, array types to their elements, row types to their relation, multiranges to
/// their range.
///
/// Rows that say that defaults, constraints and indexes are about their own table's columns are left out: two thirds of
/// all rows, and known. Those of an exclusion constraint, or one over periods, are kept: that is an object of its own
/// to the model.
pub(super) fn sql(server: i32, only: bool) -> String {
    let (only, shared) = if only {
        ("and coalesce(m.object, d.objid) = any($1::oid[])", "and s.objid = any($1)")
    } else {
        ("and $1::oid[] is null", "")
    };
    let spaces = query::since(
        server,
        150_000,
        "union all select s.tableoid, s.oid, 'pg_publication'::regclass, s.pnpubid, 0 from pg_publication_namespace s",
        "",
    );
    let period = query::since(server, 180_000, "k.conperiod", "false");
    format!(
        "
with moved as materialized (
    select a.tableoid as classid, a.oid as objid, 'pg_class'::regclass as class, a.adrelid as object, a.adnum::int as part
    from pg_attrdef a
    union all select r.tableoid, r.oid, 'pg_class'::regclass, r.ev_class, 0 from pg_rewrite r
        where r.rulename = '_RETURN' and r.oid >= 16384
    union all select k.tableoid, k.oid, 'pg_type'::regclass, k.contypid, 0 from pg_constraint k where k.contypid <> 0
    union all select 'pg_class'::regclass, k.conindid, k.tableoid, k.oid, 0 from pg_constraint k
        where k.contype in ('p', 'u', 'x')
    union all select c.tableoid, c.oid, 'pg_type'::regclass, c.reltype, 0 from pg_class c where c.relkind = 'c'
    union all select p.tableoid, p.oid, 'pg_publication'::regclass, p.prpubid, 0 from pg_publication_rel p
    {spaces}
), types as materialized (
    select t.oid as objid, case when c.oid is null then e.tableoid else c.tableoid end as class,
        coalesce(c.oid, e.oid) as object
    from pg_type t join pg_type e on e.oid = t.typelem
        left join pg_class c on c.oid = e.typrelid and c.relkind <> 'c'
        where t.typcategory = 'A' and t.oid >= 16384
    union all select t.oid, 'pg_class'::regclass, t.typrelid from pg_type t join pg_class c on c.oid = t.typrelid
        where c.relkind <> 'c' and t.oid >= 16384
    union all select r.rngmultitypid, 'pg_type'::regclass, r.rngtypid from pg_range r
)
select distinct coalesce(m.class, d.classid)::oid as class, coalesce(m.object, d.objid) as object,
    coalesce(m.part, d.objsubid) as part, coalesce(r.class, y.class, d.refclassid)::oid as used_class,
    coalesce(r.object, y.object, d.refobjid) as used, coalesce(r.part, d.refobjsubid) as used_part
from pg_depend d
left join moved m on m.classid = d.classid and m.objid = d.objid
left join moved r on r.classid = d.refclassid and r.objid = d.refobjid
left join types y on y.objid = d.refobjid and d.refclassid = 'pg_type'::regclass
where d.deptype in ('n', 'a', 'x') and d.objid >= 16384 {only}
    and not (d.deptype = 'a' and d.refclassid = 'pg_class'::regclass and (d.classid = 'pg_attrdef'::regclass
        or d.classid = 'pg_constraint'::regclass
            and d.objid not in (select k.oid from pg_constraint k where k.contype = 'x' or {period})
        or d.classid = 'pg_class'::regclass
            and d.objid in (select i.indexrelid from pg_index i where not i.indisexclusion)))
union all
select s.classid, s.objid, s.objsubid, s.refclassid, s.refobjid, 0
from pg_shdepend s
where s.dbid = (select oid from pg_database where datname = current_database()) and s.deptype in ('o', 'a', 'r')
    {shared}"
    )
}

pub(super) async fn depends(
    mut conn: &AsyncPgConnection,
    server: i32,
    only: Option<Vec<u32>>,
) -> Result<Vec<DependRow>, Diagnostics> {
    sql_query(sql(server, only.is_some()))
        .bind::<Nullable<Array<Oid>>, _>(only)
        .load(&mut conn)
        .await
        .map_err(|error| query::failed("dependencies", &error))
}
