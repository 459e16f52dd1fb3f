use super::{depend::Address, opaque_operator, opaque_other, opaque_routine, opaque_table, opaque_type, row::row};
use crate::model::{ObjectId, Opaque, OpaqueKind};
use diesel::sql_types::{Array, Nullable, Oid, Text};
use std::collections::BTreeSet;

row! {
    /// An object of an opaque kind that is no relation and no constraint.
    OpaqueRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        kind: String as Text,
        parts: Vec<String> as Array<Text>,
        bound: Option<u32> as Nullable<Oid>,
        text: Option<String> as Nullable<Text>,
        comment: Option<String> as Nullable<Text>,
        member_of: Option<String> as Nullable<Text>,
    }
}

/// All opaque kinds in one query: most of them are rare, and each look costs a way to the server and back.
pub(super) fn sql(server: i32) -> String {
    let kinds = [
        opaque_routine::expand(opaque_routine::SQL),
        opaque_type::SQL.to_owned(),
        opaque_table::SQL.to_owned(),
        opaque_operator::SQL.to_owned(),
        opaque_other::sql(server),
    ];
    format!(
        "
select o.class, o.oid, o.kind, o.parts, o.bound, o.text,
    case when d.description is not null then (select format('comment on %s %s is %L',
        case when i.type = 'statistics object' then 'statistics' when i.type = 'foreign-data wrapper' then
            'foreign data wrapper' else i.type end, i.identity, d.description)
        from pg_identify_object(o.class, o.oid, 0) as i) end as comment,
    e.extname::text as member_of
from ({}) as o
left join pg_depend m on m.classid = o.class and m.objid = o.oid and m.deptype = 'e'
left join pg_extension e on e.oid = m.refobjid
left join pg_description d on d.classoid = o.class and d.objoid = o.oid and d.objsubid = 0
where o.oid >= 16384 and ($2::oid[] is null or o.bound = any($2)
    or concat_ws(chr(31), o.kind, array_to_string(o.parts, chr(31))) = any($3))",
        kinds.join("\nunion all")
    )
}

/// The key of an object in the third of the bounds.
pub(super) fn bound_key(id: &ObjectId) -> String {
    format!("{}\u{1f}{}", id.word(), id.parts().join("\u{1f}"))
}

impl OpaqueRow {
    pub(super) fn address(&self) -> Address {
        (self.class, self.oid, 0)
    }

    /// Its identity; `None` for a kind that the query and the model name differently, which is a mistake of pgform's.
    pub(super) fn id(&self) -> Option<ObjectId> {
        Some(ObjectId::Opaque(OpaqueKind::parse(&self.kind)?, self.parts.clone()))
    }
}

/// The object of a row; what it depends on is filled in later.
pub(super) fn opaque(row: &OpaqueRow) -> Opaque {
    let create = row.text.as_ref().map(|text| match &row.comment {
        Some(comment) => format!("{text};\n{comment}"),
        None => text.clone(),
    });
    Opaque { create, depends_on: BTreeSet::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_in_the_query_is_one_of_the_models() {
        let sql = sql(180_000);
        let mut found = 0;
        for line in sql.lines() {
            for word in line.split('\'').skip(1).step_by(2) {
                found += usize::from(OpaqueKind::parse(word).is_some());
            }
        }
        assert!(found >= 25, "{found}");
    }

    #[test]
    fn a_comment_follows_what_it_is_about() {
        let mut row = OpaqueRow { text: Some("create x".to_owned()), ..OpaqueRow::default() };
        row.comment = Some("comment on x is 'y'".to_owned());
        assert_eq!(opaque(&row).create.as_deref(), Some("create x;\ncomment on x is 'y'"));
        row.text = None;
        assert_eq!(opaque(&row).create, None);
    }
}
