//! Reads the rows of relations and of their columns, and finds each relation's place in the model.
use super::{
    query::{BOUND, SCHEMAS, is_member, member_of, since},
    row::{letter, privileges_sql, row},
};
use crate::model::{CarriedForm, ColumnName, ObjectId, Qualified};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Oid, Text};

row! {
    /// Row of `pg_class` with what hangs on it alone: table, view, sequence and the opaque kinds of relations.
    RelationRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        schema: String as Text,
        name: String as Text,
        kind: String as Text,
        persistence: String as Text,
        comment: Option<String> as Nullable<Text>,
        owner: Option<String> as Nullable<Text>,
        acl: Option<Vec<String>> as Nullable<Array<Text>>,
        options: Option<Vec<String>> as Nullable<Array<Text>>,
        toast_options: Option<Vec<String>> as Nullable<Array<Text>>,
        tablespace: Option<String> as Nullable<Text>,
        access_method: Option<String> as Nullable<Text>,
        replica_identity: String as Text,
        row_security: bool as Bool,
        force_row_security: bool as Bool,
        query: Option<String> as Nullable<Text>,
        populated: bool as Bool,
        of_type: Option<String> as Nullable<Text>,
        parents: Vec<String> as Array<Text>,
        is_partition: bool as Bool,
        parent_schema: Option<String> as Nullable<Text>,
        parent_name: Option<String> as Nullable<Text>,
        has_children: bool as Bool,
        partition_key: Option<String> as Nullable<Text>,
        bound: Option<String> as Nullable<Text>,
        server: Option<String> as Nullable<Text>,
        server_options: Option<Vec<String>> as Nullable<Array<Text>>,
        member_of: Option<String> as Nullable<Text>,
        sequence_type: Option<String> as Nullable<Text>,
        increment: Option<i64> as Nullable<BigInt>,
        min: Option<i64> as Nullable<BigInt>,
        max: Option<i64> as Nullable<BigInt>,
        start: Option<i64> as Nullable<BigInt>,
        cache: Option<i64> as Nullable<BigInt>,
        cycle: Option<bool> as Nullable<Bool>,
        owner_table: Option<u32> as Nullable<Oid>,
        owner_column: Option<i32> as Nullable<Integer>,
        owner_name: Option<String> as Nullable<Text>,
        owner_column_name: Option<String> as Nullable<Text>,
        owned_how: Option<String> as Nullable<Text>,
    }
}

/// Condition that is true where the relation `c` is of an opaque kind; a hashed look at `pg_inherits`, not one per row.
pub(super) const IS_OPAQUE: &str = "(c.relkind = 'f' or c.reloftype <> 0 \
    or not c.relispartition and c.oid in (select inhrelid from pg_inherits) \
    or c.relkind <> 'p' and c.oid in (select inhparent from pg_inherits))";

/// Gives the query for relations that are not indexes, toast tables or composite types. The owner of a sequence is
/// named where that may not be read itself: in a slice.
pub(super) fn sql() -> String {
    format!(
        "
select c.tableoid as class, c.oid, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
    c.relpersistence::text as persistence, d.description as comment, pg_get_userbyid(c.relowner)::text as owner,
    {acl} as acl, c.reloptions as options, toast.reloptions as toast_options,
    space.spcname::text as tablespace, am.amname::text as access_method, c.relreplident::text as replica_identity,
    c.relrowsecurity as row_security, c.relforcerowsecurity as force_row_security,
    case when c.relkind in ('v', 'm') and not ({is_member}) then pg_get_viewdef(c.oid, false) end as query,
    c.relispopulated as populated,
    case when c.reloftype <> 0 then format_type(c.reloftype, null) end as of_type,
    case when c.oid in (select inhrelid from pg_inherits) then
        array(select format('%I.%I', pn.nspname, p.relname) from pg_inherits i join pg_class p on p.oid = i.inhparent
            join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid order by i.inhseqno)
        else '{{}}' end as parents,
    c.relispartition as is_partition, above.schema as parent_schema, above.name as parent_name,
    c.oid in (select inhparent from pg_inherits) as has_children,
    case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
    case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end as bound,
    fs.srvname::text as server, ft.ftoptions as server_options, {member_of} as member_of,
    case when s.seqrelid is not null then format_type(s.seqtypid, null) end as sequence_type,
    s.seqincrement as increment, s.seqmin as min, s.seqmax as max, s.seqstart as start, s.seqcache as cache,
    s.seqcycle as cycle, own.refobjid as owner_table, own.refobjsubid as owner_column,
    case when $2::oid[] is not null then
        (select r.relname::text from pg_class r where r.oid = own.refobjid) end as owner_name,
    case when $2::oid[] is not null then (select r.attname::text from pg_attribute r
        where r.attrelid = own.refobjid and r.attnum = own.refobjsubid) end as owner_column_name,
    own.deptype::text as owned_how
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_description d on d.classoid = c.tableoid and d.objoid = c.oid and d.objsubid = 0
left join pg_class toast on toast.oid = c.reltoastrelid
left join pg_tablespace space on space.oid = c.reltablespace
left join pg_am am on am.oid = c.relam and am.amname <> 'heap'
left join (select i.inhrelid, pn.nspname::text as schema, p.relname::text as name from pg_inherits i
    join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace offset 0) above
    on c.relispartition and above.inhrelid = c.oid
left join pg_foreign_table ft on ft.ftrelid = c.oid
left join pg_foreign_server fs on fs.oid = ft.ftserver
left join pg_sequence s on s.seqrelid = c.oid
left join pg_depend own on c.relkind = 'S' and own.classid = c.tableoid and own.objid = c.oid
    and own.refclassid = c.tableoid and own.deptype in ('a', 'i') and own.refobjsubid > 0
where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relnamespace = {SCHEMAS} and {BOUND}",
        is_member = is_member("pg_class", "c.oid"),
        member_of = member_of("pg_class", "c.oid"),
        acl = privileges_sql("c.relacl", "case when c.relkind = 'S' then 's' else 'r' end::\"char\"", "c.relowner"),
    )
}

/// Query for the relations of a slice by schema (`$1`) and name (`$2`, pairwise): the tables of named indexes and the
/// sequences of named tables come with them.
pub(super) const SLICE: &str = "
with named as materialized (
    select c.oid, c.relkind, c.tableoid from unnest($1::text[], $2::text[]) as wanted (schema, name)
    join pg_namespace n on n.nspname = wanted.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
)
select oid from named where relkind not in ('i', 'I')
union select i.indrelid from named join pg_index i on i.indexrelid = named.oid
union select d.objid from named join pg_depend d on d.refclassid = named.tableoid and d.refobjid = named.oid
    and d.classid = named.tableoid and d.deptype in ('a', 'i') and d.refobjsubid > 0
    join pg_class s on s.oid = d.objid and s.relkind = 'S'";

/// Place of a relation in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Table,
    View,
    MaterializedView,
    Sequence,
    /// The sequence behind an identity column.
    IdentitySequence,
    /// What is carried along as a whole.
    Carried(CarriedForm),
}

impl Home {
    /// Gives the identity of what has its place here, by its name.
    pub(super) fn id(self, name: &Qualified) -> ObjectId {
        match self {
            Self::Table => ObjectId::table(*name),
            Self::View | Self::MaterializedView => ObjectId::view(*name),
            Self::Sequence | Self::IdentitySequence => ObjectId::sequence(*name),
            Self::Carried(form) => ObjectId::in_schema(form.kind(), *name),
        }
    }
}

impl RelationRow {
    pub(super) fn qualified(&self) -> Qualified {
        Qualified::new(self.schema.clone(), self.name.clone())
    }

    pub(super) fn home(&self) -> Home {
        match letter(&self.kind) {
            'v' => Home::View,
            'S' if self.owned_how.as_deref() == Some("i") => Home::IdentitySequence,
            'S' => Home::Sequence,
            'm' => Home::MaterializedView,
            'f' if self.is_partition => Home::Carried(CarriedForm::Partition),
            'f' => Home::Carried(CarriedForm::ForeignTable),
            _ if self.is_partition => Home::Table,
            'p' => Home::Table,
            _ if self.of_type.is_some() || self.has_children || !self.parents.is_empty() => {
                Home::Carried(CarriedForm::InheritingTable)
            }
            _ => Home::Table,
        }
    }

    /// Gives the column that owns a sequence: always of a table in its own schema.
    pub(super) fn owned_by(&self) -> Option<(Qualified, ColumnName)> {
        let table = self.qualified().sibling(self.owner_name.clone()?);
        Some((table, ColumnName::new(self.owner_column_name.clone()?)))
    }

    /// Gives the relation's identity; an identity column's sequence is known by its name, and then belongs to the
    /// column.
    pub(super) fn id(&self) -> ObjectId {
        self.home().id(&self.qualified())
    }
}

row! {
    /// A column of a relation.
    ColumnRow {
        relation: u32 as Oid,
        position: i32 as Integer,
        name: String as Text,
        data_type: String as Text,
        collation_schema: Option<String> as Nullable<Text>,
        collation: Option<String> as Nullable<Text>,
        not_null: bool as Bool,
        not_null_name: Option<String> as Nullable<Text>,
        not_null_validated: bool as Bool,
        not_null_local: bool as Bool,
        expression: Option<String> as Nullable<Text>,
        generated: String as Text,
        identity: String as Text,
        storage: Option<String> as Nullable<Text>,
        compression: Option<String> as Nullable<Text>,
        statistics: Option<i32> as Nullable<Integer>,
        options: Option<Vec<String>> as Nullable<Array<Text>>,
        foreign_options: Option<Vec<String>> as Nullable<Array<Text>>,
        comment: Option<String> as Nullable<Text>,
        acl: Option<Vec<String>> as Nullable<Array<Text>>,
        is_local: bool as Bool,
    }
}

/// Gives the query for the columns of those relations, in no order. Defaults and names of not-null constraints are
/// joined to what is read of their catalogs as a whole (`offset 0` keeps it so): looked up column by column, they take
/// longer than all the rest. A default has no columns in it and is printed without its table, which PostgreSQL would
/// open for each of them.
pub(super) fn columns_sql(server: i32) -> String {
    let named = since(server, 180_000, "nn.conname::text", "null::text");
    let validated = since(server, 180_000, "coalesce(nn.convalidated, true)", "true");
    let local = since(server, 180_000, "coalesce(nn.conislocal, true)", "true");
    let not_nulls = since(
        server,
        180_000,
        "left join (select k.conrelid, k.conkey[1] as number, k.conname, k.convalidated, k.conislocal from pg_constraint k \
         where k.contype = 'n' and ($2::oid[] is null or k.conrelid = any($2)) offset 0) nn \
         on nn.conrelid = a.attrelid and nn.number = a.attnum",
        "",
    );
    format!(
        "
select a.attrelid as relation, a.attnum::int as position, a.attname::text as name,
    format_type(a.atttypid, a.atttypmod) as data_type, con.nspname::text as collation_schema,
    co.collname::text as collation, a.attnotnull as not_null, {named} as not_null_name,
    {validated} as not_null_validated, {local} as not_null_local,
    pg_get_expr(ad.adbin, case when a.attgenerated = '' then 0 else a.attrelid end) as expression,
    a.attgenerated::text as generated, a.attidentity::text as identity,
    case when a.attstorage <> t.typstorage then a.attstorage::text end as storage,
    nullif(a.attcompression::text, '') as compression, nullif(a.attstattarget, -1)::int as statistics,
    a.attoptions as options, a.attfdwoptions as foreign_options, d.description as comment,
    nullif(a.attacl::text[], '{{}}') as acl,
    a.attislocal as is_local
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_type t on t.oid = a.atttypid
left join pg_collation co on co.oid = a.attcollation and a.attcollation <> t.typcollation
left join pg_namespace con on con.oid = co.collnamespace
left join (select d.adrelid, d.adnum, d.adbin from pg_attrdef d where $2::oid[] is null or d.adrelid = any($2) offset 0) ad
    on ad.adrelid = a.attrelid and ad.adnum = a.attnum
left join pg_description d on d.classoid = c.tableoid and d.objoid = a.attrelid and d.objsubid = a.attnum
{not_nulls}
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relnamespace = {SCHEMAS} and {BOUND}"
    )
}
