//! Describes what stands at addresses of the catalog that are no objects of the state.
use super::{depend::Address, query, row::row};
use crate::{
    diagnostic::Diagnostics,
    model::{ColumnName, ConstraintName, ExtensionName, ObjectId, ObjectKind, Qualified, SchemaName},
};
use diesel::{
    sql_query,
    sql_types::{Array, Bool, Integer, Nullable, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

row! {
    /// Description of what stands at an address that is no object of the state.
    OutsideRow {
        class: u32 as Oid,
        object: u32 as Oid,
        part: i32 as Integer,
        kind: String as Text,
        names: Vec<String> as Array<Text>,
        arguments: Vec<String> as Array<Text>,
        extension: Option<String> as Nullable<Text>,
        relation_kind: Option<String> as Nullable<Text>,
        is_partition: Option<bool> as Nullable<Bool>,
        inherits: bool as Bool,
        type_kind: Option<String> as Nullable<Text>,
        function_kind: Option<String> as Nullable<Text>,
        signature: Option<String> as Nullable<Text>,
        result: Option<String> as Nullable<Text>,
    }
}

const OUTSIDE: &str = "
select a.class, a.object, a.part, i.type as kind, 
    case when t.oid is not null then array[tn.nspname::text, t.typname::text] 
        else array_remove(coalesce(i.object_names, '{}'), null) end as names,
    array(select coalesce(argument, '-') from unnest(i.object_args) as argument) as arguments, e.extname::text as extension, c.relkind::text as relation_kind,
    c.relispartition as is_partition,
    coalesce(c.reloftype <> 0, false)
        or exists (select from pg_inherits h where h.inhrelid = c.oid or h.inhparent = c.oid) as inherits,
    t.typtype::text as type_kind, p.prokind::text as function_kind,
    case when p.prokind = 'a' then pg_get_function_identity_arguments(p.oid)
        when p.oid is not null then oidvectortypes(p.proargtypes) end as signature,
    case when p.oid is not null then pg_get_function_result(p.oid)
        when at.attnum is not null then format_type(at.atttypid, at.atttypmod)
        when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod)
        when t.typtype = 'e' then (select format('enum (%s)', string_agg(quote_literal(l.enumlabel), ', ' order by l.enumsortorder))
            from pg_enum l where l.enumtypid = t.oid) end as result
from unnest($1::oid[], $2::oid[], $3::int[]) as a (class, object, part)
cross join lateral pg_identify_object_as_address(a.class, a.object, a.part) as i
left join pg_depend m on m.classid = a.class and m.objid = a.object and m.deptype = 'e'
left join pg_extension e on e.oid = m.refobjid
left join pg_constraint k on a.class = 'pg_constraint'::regclass and k.oid = a.object
left join pg_class c on c.oid = case when a.class = 'pg_class'::regclass then a.object else k.conrelid end
left join pg_attribute at on a.class = 'pg_class'::regclass and at.attrelid = a.object and at.attnum = a.part
    and a.part > 0
left join pg_type t on a.class = 'pg_type'::regclass and t.oid = a.object
left join pg_namespace tn on tn.oid = t.typnamespace
left join pg_proc p on a.class = 'pg_proc'::regclass and p.oid = a.object
where i.type is not null";

pub(super) async fn outside(
    mut conn: &AsyncPgConnection,
    addresses: &[Address],
) -> Result<Vec<OutsideRow>, Diagnostics> {
    sql_query(OUTSIDE)
        .bind::<Array<Oid>, _>(addresses.iter().map(|a| a.0).collect::<Vec<_>>())
        .bind::<Array<Oid>, _>(addresses.iter().map(|a| a.1).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(addresses.iter().map(|a| a.2).collect::<Vec<_>>())
        .load(&mut conn)
        .await
        .map_err(|error| query::failed("used objects", &error))
}

impl OutsideRow {
    pub(super) fn address(&self) -> Address {
        (self.class, self.object, self.part)
    }

    /// Gives the identity that the object would have in a state; `None` for what has none there, such as a role.
    pub(super) fn id(&self) -> Option<ObjectId> {
        if let Some(extension) = &self.extension {
            return Some(ObjectId::extension(ExtensionName::new(extension.clone())));
        }
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        match (self.relation_kind.as_deref(), names.as_slice()) {
            (Some(kind), [schema, table, constraint]) if self.kind == "table constraint" => {
                let whole = self.relation(kind, &[*schema, *table])?;
                let plain = whole.as_table().filter(|_| self.is_plain_table(kind));
                Some(plain.map_or(whole, |table| ObjectId::constraint(table, ConstraintName::new(*constraint))))
            }
            (Some(kind), names) => self.relation(kind, names),
            (None, names) => self.no_relation(names),
        }
    }

    fn no_relation(&self, names: &[&str]) -> Option<ObjectId> {
        let of = |kind| Some(ObjectId::of_parts(kind, &self.names));
        match (self.kind.as_str(), names) {
            ("schema", [name]) => Some(ObjectId::schema(SchemaName::new(*name))),
            ("extension", [name]) => Some(ObjectId::extension(ExtensionName::new(*name))),
            ("function" | "procedure" | "aggregate", [schema, name]) => {
                let kind = match self.function_kind.as_deref() {
                    Some("a") => ObjectKind::Aggregate,
                    Some("p") => ObjectKind::Procedure,
                    _ => ObjectKind::Function,
                };
                let arguments = self.signature.clone().unwrap_or_default();
                Some(ObjectId::of_parts(kind, &[*schema, *name, arguments.as_str()]))
            }
            ("type", [_, _]) => match self.type_kind.as_deref() {
                Some("e") => of(ObjectKind::Enum),
                Some("d") => of(ObjectKind::Domain),
                Some("c") => of(ObjectKind::CompositeType),
                Some("r") => of(ObjectKind::RangeType),
                _ => of(ObjectKind::BaseType),
            },
            ("operator class" | "operator family", [method, schema, name]) => {
                let class = self.kind == "operator class";
                let kind = if class { ObjectKind::OperatorClass } else { ObjectKind::OperatorFamily };
                Some(ObjectId::of_parts(kind, &[schema, name, method]))
            }
            ("operator", _) => {
                let parts: Vec<&String> = self.names.iter().chain(&self.arguments).collect();
                Some(ObjectId::of_parts(ObjectKind::Operator, &parts))
            }
            ("collation", _) => of(ObjectKind::Collation),
            ("trigger", _) => of(ObjectKind::Trigger),
            ("policy", _) => of(ObjectKind::Policy),
            ("rule", _) => of(ObjectKind::Rule),
            ("foreign-data wrapper", _) => of(ObjectKind::ForeignDataWrapper),
            ("server", _) => of(ObjectKind::ForeignServer),
            ("language", _) => of(ObjectKind::Language),
            ("publication", _) => of(ObjectKind::Publication),
            ("conversion", _) => of(ObjectKind::Conversion),
            ("statistics object", _) => of(ObjectKind::Statistics),
            ("access method", _) => of(ObjectKind::AccessMethod),
            ("event trigger", _) => of(ObjectKind::EventTrigger),
            ("text search parser", _) => of(ObjectKind::TextSearchParser),
            ("text search template", _) => of(ObjectKind::TextSearchTemplate),
            ("text search configuration", _) => of(ObjectKind::TextSearchConfiguration),
            ("text search dictionary", _) => of(ObjectKind::TextSearchDictionary),
            _ => None,
        }
    }

    /// Tells whether the parts of the table are objects of their own: a table that is carried along is one object.
    fn is_plain_table(&self, kind: &str) -> bool {
        kind == "r" && self.is_partition != Some(true) && !self.inherits
    }

    fn relation(&self, kind: &str, names: &[&str]) -> Option<ObjectId> {
        let (schema, name) = (*names.first()?, *names.get(1)?);
        let qualified = Qualified::new(schema, name);
        let of = |kind| Some(ObjectId::in_schema(kind, qualified));
        match kind {
            "c" => of(ObjectKind::CompositeType),
            "r" | "p" | "f" => Some(match names.get(2).filter(|_| self.is_plain_table(kind)) {
                Some(column) => ObjectId::column(qualified, ColumnName::new(*column)),
                None => ObjectId::table(qualified),
            }),
            "v" | "m" => of(ObjectKind::View),
            "S" => of(ObjectKind::Sequence),
            "i" | "I" => of(ObjectKind::Index),
            _ => None,
        }
    }
}
