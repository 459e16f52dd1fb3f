use super::{
    query::{BOUND, since},
    relation::IS_OPAQUE,
    row::{letter, row},
};
use crate::model::{ColumnName, Deferrable, Enforcement};
use diesel::sql_types::{Array, Bool, Nullable, Oid, Text};

row! {
    /// A constraint of a relation, not-null constraints excepted: those come with their columns.
    ConstraintRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        relation: u32 as Oid,
        name: String as Text,
        kind: String as Text,
        deferrable: bool as Bool,
        deferred: bool as Bool,
        validated: bool as Bool,
        enforced: bool as Bool,
        no_inherit: bool as Bool,
        is_local: bool as Bool,
        period: bool as Bool,
        parent: u32 as Oid,
        index: u32 as Oid,
        columns: Vec<String> as Array<Text>,
        references_schema: Option<String> as Nullable<Text>,
        references_table: Option<String> as Nullable<Text>,
        referenced: Vec<String> as Array<Text>,
        match_type: String as Text,
        on_update: String as Text,
        on_delete: String as Text,
        on_delete_columns: Vec<String> as Array<Text>,
        expression: Option<String> as Nullable<Text>,
        definition: Option<String> as Nullable<Text>,
        comment: Option<String> as Nullable<Text>,
    }
}

/// The names behind an array of column numbers; one alone, as most are, is looked up without a sort.
fn names(numbers: &str, relation: &str) -> String {
    let name = |number: &str| {
        format!("(select a.attname::text from pg_attribute a where a.attrelid = {relation} and a.attnum = {number})")
    };
    format!(
        "case when cardinality({numbers}) = 1 then array[{one}] else array(select {each} \
         from unnest({numbers}) with ordinality as listed (number, place) order by listed.place) end",
        one = name(&format!("({numbers})[1]")),
        each = name("listed.number"),
    )
}

pub(super) fn sql(server: i32) -> String {
    let enforced = since(server, 180_000, "k.conenforced", "true");
    let period = since(server, 180_000, "k.conperiod", "false");
    let on_delete = since(server, 150_000, "k.confdelsetcols", "'{}'::int2[]");
    format!(
        "
select k.tableoid as class, k.oid, k.conrelid as relation, k.conname::text as name, k.contype::text as kind,
    k.condeferrable as deferrable, k.condeferred as deferred, k.convalidated as validated, {enforced} as enforced,
    k.connoinherit as no_inherit, k.conislocal as is_local, {period} as period, k.conparentid as parent,
    k.conindid as index, case when k.contype <> 'c' then {columns} else '{{}}' end as columns, fn.nspname::text as references_schema,
    fc.relname::text as references_table,
    case when k.contype = 'f' then {referenced} else '{{}}' end as referenced, k.confmatchtype::text as match_type,
    k.confupdtype::text as on_update, k.confdeltype::text as on_delete,
    case when k.contype = 'f' then {on_delete} else '{{}}' end as on_delete_columns,
    case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
    case when k.contype = 'x' or {period} or {IS_OPAQUE} then pg_get_constraintdef(k.oid) end as definition,
    d.description as comment
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_class fc on fc.oid = k.confrelid
left join pg_namespace fn on fn.oid = fc.relnamespace
left join pg_description d on d.classoid = k.tableoid and d.objoid = k.oid and d.objsubid = 0
where k.contype <> 'n' and n.nspname = any($1) and {BOUND}
order by k.conrelid, k.conname",
        columns = names("k.conkey", "k.conrelid"),
        referenced = names("k.confkey", "k.confrelid"),
        on_delete = names(on_delete, "k.conrelid"),
    )
}

pub(super) fn column_names(names: &[String]) -> Vec<ColumnName> {
    names.iter().map(ColumnName::new).collect()
}

impl ConstraintRow {
    pub(super) fn when(&self) -> Deferrable {
        match (self.deferrable, self.deferred) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        }
    }

    pub(super) fn enforcement(&self) -> Enforcement {
        match (self.enforced, self.validated) {
            (false, _) => Enforcement::NotEnforced,
            (true, false) => Enforcement::NotValid,
            (true, true) => Enforcement::Valid,
        }
    }

    /// Whether it is one of a kind that is not modelled: an exclusion constraint, or one over periods.
    pub(super) fn is_opaque(&self) -> bool {
        letter(&self.kind) == 'x' || self.period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_enforced_is_stronger_than_not_valid() {
        let row = |enforced, validated| ConstraintRow { enforced, validated, ..ConstraintRow::default() };
        assert_eq!(row(false, false).enforcement(), Enforcement::NotEnforced);
        assert_eq!(row(true, false).enforcement(), Enforcement::NotValid);
        assert_eq!(row(true, true).enforcement(), Enforcement::Valid);
    }
}
