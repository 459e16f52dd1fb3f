//! Reads the catalog's constraints, not-null constraints excepted.
use super::{
    query::{BOUND, SCHEMAS, since},
    relation::{IS_OPAQUE, RelationRow},
    row::{letter, row},
};
use crate::model::{ColumnName, Deferrable, Enforcement};
use diesel::sql_types::{Array, Bool, Nullable, Oid, SmallInt, Text};

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
        columns: Option<Vec<i16>> as Nullable<Array<SmallInt>>,
        referenced_table: u32 as Oid,
        references_schema: Option<String> as Nullable<Text>,
        references_table: Option<String> as Nullable<Text>,
        referenced: Option<Vec<i16>> as Nullable<Array<SmallInt>>,
        referenced_names: Option<Vec<String>> as Nullable<Array<Text>>,
        match_type: String as Text,
        on_update: String as Text,
        on_delete: String as Text,
        on_delete_columns: Option<Vec<i16>> as Nullable<Array<SmallInt>>,
        expression: Option<String> as Nullable<Text>,
        definition: Option<String> as Nullable<Text>,
        comment: Option<String> as Nullable<Text>,
    }
}

/// Constraints in no order. Columns are numbers, as their names come with the columns; what is at the other end of a
/// foreign key is named where it may not be read itself: in another schema, and in a slice.
pub(super) fn sql(server: i32) -> String {
    let enforced = since(server, 180_000, "k.conenforced", "true");
    let period = since(server, 180_000, "k.conperiod", "false");
    let on_delete = since(server, 150_000, "k.confdelsetcols", "null::int2[]");
    let elsewhere = format!("k.contype = 'f' and not ($2::oid[] is null and fc.relnamespace = {SCHEMAS})");
    format!(
        "
select k.tableoid as class, k.oid, k.conrelid as relation, k.conname::text as name, k.contype::text as kind,
    k.condeferrable as deferrable, k.condeferred as deferred, k.convalidated as validated, {enforced} as enforced,
    k.connoinherit as no_inherit, k.conislocal as is_local, {period} as period, k.conparentid as parent,
    k.conindid as index, k.conkey as columns, k.confrelid as referenced_table,
    case when {elsewhere} then
        (select n.nspname::text from pg_namespace n where n.oid = fc.relnamespace) end as references_schema,
    case when {elsewhere} then fc.relname::text end as references_table,
    k.confkey as referenced,
    case when {elsewhere} then array(select (select a.attname::text from pg_attribute a
            where a.attrelid = k.confrelid and a.attnum = listed.number)
        from unnest(k.confkey) with ordinality as listed (number, place) order by listed.place) end as referenced_names,
    k.confmatchtype::text as match_type, k.confupdtype::text as on_update, k.confdeltype::text as on_delete,
    {on_delete} as on_delete_columns,
    case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
    case when k.contype = 'x' or {period} or {IS_OPAQUE} then pg_get_constraintdef(k.oid) end as definition,
    d.description as comment
from pg_constraint k
join pg_class c on c.oid = k.conrelid
left join pg_class fc on fc.oid = k.confrelid
left join pg_description d on d.classoid = k.tableoid and d.objoid = k.oid and d.objsubid = 0
where k.contype <> 'n' and c.relnamespace = {SCHEMAS} and {BOUND}"
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

    /// Tells whether the constraint is made with that of a partitioned table: a partition's foreign keys, checks and
    /// exclusion constraints have nothing of their own then, and neither has the foreign key that PostgreSQL makes for
    /// each partition of the table that one points to. Keys have names of their own.
    pub(super) fn comes_with_its_parent(&self, of: &RelationRow) -> bool {
        match letter(&self.kind) {
            'f' | 'x' => self.parent != 0,
            'c' => of.is_partition && !self.is_local,
            _ => false,
        }
    }

    /// Tells whether the constraint keeps rows apart by operators of its own.
    pub(super) fn excludes(&self) -> bool {
        letter(&self.kind) == 'x' && !self.period
    }

    /// Tells whether the constraint may be of a kind that is not modelled: an exclusion constraint, or one over periods.
    pub(super) fn is_opaque(&self) -> bool {
        self.excludes() || self.period
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
