//! Asks, in one query, for objects that are no relations, constraints, enums, schemas or extensions.
use super::{
    default_privileges,
    depend::Address,
    head::head,
    opaque_branch::Branch,
    opaque_operator, opaque_other, opaque_routine, opaque_table, opaque_type,
    row::{privileges_sql, row},
};
use crate::model::{Body, Definition, Object, ObjectId, ObjectKind};
use diesel::sql_types::{Array, Nullable, Oid, Text};

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
        commenting: Option<String> as Nullable<Text>,
        owner: Option<String> as Nullable<Text>,
        acl: Option<Vec<String>> as Nullable<Array<Text>>,
        member_of: Option<String> as Nullable<Text>,
    }
}

/// Catalogs of the kinds that have owners and privileges, each with the prefix of its columns and the letter
/// of [`privileges_sql`]. Relations say it themselves.
const ACCESS: &[(&str, &str, Option<char>)] = &[
    ("pg_proc", "pro", Some('f')),
    ("pg_type", "typ", Some('T')),
    ("pg_language", "lan", Some('l')),
    ("pg_foreign_data_wrapper", "fdw", Some('F')),
    ("pg_foreign_server", "srv", Some('S')),
    ("pg_operator", "opr", None),
    ("pg_opclass", "opc", None),
    ("pg_opfamily", "opf", None),
    ("pg_collation", "coll", None),
    ("pg_conversion", "con", None),
    ("pg_ts_config", "cfg", None),
    ("pg_ts_dict", "dict", None),
    ("pg_statistic_ext", "stx", None),
    ("pg_event_trigger", "evt", None),
    ("pg_publication", "pub", None),
    ("pg_subscription", "sub", None),
];

fn branches() -> impl Iterator<Item = &'static Branch> {
    [
        opaque_routine::BRANCHES,
        opaque_type::BRANCHES,
        opaque_table::BRANCHES,
        opaque_operator::BRANCHES,
        opaque_other::BRANCHES,
    ]
    .into_iter()
    .flatten()
}

/// Gives SQL for the branches that there are rows for, as an array of their numbers. Most kinds are rare, and the
/// planner works at each that is asked for longer than the server at finding none.
pub(super) fn there() -> String {
    let each = branches().enumerate().map(|(n, branch)| format!("case when exists ({}) then {n} end", branch.there));
    format!("array_remove(array[{}], null)", each.collect::<Vec<_>>().join(", "))
}

/// Gives the branches that find owner and privileges by key, in the one catalog that an object is in, whatever the
/// planner believes of their sizes.
fn access(branches: &[&Branch]) -> String {
    let asked = |catalog: &str| branches.iter().any(|b| b.there.contains(&format!("from {catalog} ")));
    let branch = |(catalog, prefix, kind): &(&str, &str, Option<char>)| {
        let (acl, kind) = match kind {
            Some(kind) => (format!("x.{prefix}acl"), format!("'{kind}'")),
            None => ("null::aclitem[]".to_owned(), "null".to_owned()),
        };
        format!(
            "union all select x.{prefix}owner as owner, {acl} as acl, {kind}::\"char\" as kind \
             from {catalog} x where x.oid = o.oid and o.class = '{catalog}'::regclass"
        )
    };
    let all = ACCESS.iter().filter(|(catalog, ..)| asked(catalog)).map(branch);
    format!(
        "select null::oid as owner, null::aclitem[] as acl, null::\"char\" as kind where false\n{}",
        all.collect::<Vec<_>>().join("\n")
    )
}

/// Gives one query for all opaque kinds that are there: each look costs a way to the server and back. `None` if none
/// is.
pub(super) fn sql(server: i32, there: &[i32]) -> Option<String> {
    let numbered = (0_i32..).zip(branches()).filter(|(n, _)| there.contains(n));
    let branches: Vec<&Branch> = numbered.map(|(_, branch)| branch).collect();
    if branches.is_empty() {
        return None;
    }
    let kind =
        |branch: &&Branch| format!("\nunion all{}", opaque_other::fill(&opaque_routine::expand(branch.sql), server));
    let kinds: String = branches.iter().map(kind).collect();
    Some(format!(
        "
{members}
select o.class, o.oid, o.kind, o.parts, o.bound, o.text, d.description as comment,
    pg_get_userbyid(w.owner)::text as owner, {acl} as acl, case when d.description is not null then (select format('comment on %s %s is %L',
        case when i.type = 'statistics object' then 'statistics' when i.type = 'foreign-data wrapper' then
            'foreign data wrapper' else i.type end,
            case when i.type = 'aggregate' and right(i.identity, 2) = '()' then left(i.identity, -2) || '(*)'
                else i.identity end, d.description)
        from pg_identify_object(o.class, o.oid, 0) as i) end as commenting,
    (select e.extname::text from pg_depend m join pg_extension e on e.oid = m.refobjid
        where m.classid = o.class and m.objid = o.oid and m.deptype = 'e') as member_of
from (select null::oid as class, null::oid as oid, null::text as kind, null::text[] as parts, null::oid as bound,
    null::text as text where false{kinds}) as o
left join pg_description d on d.classoid = o.class and d.objoid = o.oid and d.objsubid = 0
    and o.kind <> 'security label'
left join lateral ({access}) as w on o.kind <> 'security label'
where o.oid >= 16384 and ($2::oid[] is null or o.bound = any($2)
    or concat_ws(chr(31), o.kind, array_to_string(o.parts, chr(31))) = any($3))",
        acl = privileges_sql("w.acl", "w.kind", "w.owner"),
        access = access(&branches),
        members = if kinds.contains("join members as") { opaque_operator::MEMBERS } else { "" },
    ))
}

/// Writes an object as the third of the bounds has it.
pub(super) fn bound_key(id: &ObjectId) -> String {
    format!("{}\u{1f}{}", id.word(), id.parts().join("\u{1f}"))
}

impl OpaqueRow {
    pub(super) fn address(&self) -> Address {
        (self.class, self.oid, 0)
    }

    /// Gives the object's identity; `None` for a kind that the query and the model name differently, which is a mistake
    /// of pgform's.
    pub(super) fn id(&self) -> Option<ObjectId> {
        Some(ObjectId::of_parts(ObjectKind::parse(&self.kind)?, &self.parts))
    }
}

/// Makes the object of a row; what it depends on is filled in later. The text of what is `carried` has its comment.
pub(super) fn opaque(row: &OpaqueRow, carried: bool) -> Object {
    let create = text(row).map(|text| match row.commenting.as_ref().filter(|_| carried) {
        Some(comment) => format!("{text};\n{comment}"),
        None => text,
    });
    let comment = row.comment.as_ref().filter(|_| create.is_none() || !carried);
    let head = head(comment, row.owner.as_ref(), row.acl.as_ref());
    Object { head, body: Body::Definition(Definition { carried, ..Definition::carried(create) }) }
}

/// Gives the text of a row; of default privileges the query reads lists.
fn text(row: &OpaqueRow) -> Option<String> {
    let text = row.text.clone()?;
    match row.id().filter(|id| id.is(ObjectKind::DefaultPrivileges)) {
        Some(id) => default_privileges::statements(&id, &text),
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Head;

    #[test]
    fn every_kind_in_the_query_is_one_of_the_models() {
        let all: Vec<i32> = (0..).zip(branches()).map(|(n, _)| n).collect();
        let sql = sql(180_000, &all).unwrap_or_default();
        let mut found = 0;
        for line in sql.lines() {
            for word in line.split('\'').skip(1).step_by(2) {
                found += usize::from(ObjectKind::parse(word).is_some());
            }
        }
        assert!(found >= 25, "{found}");
    }

    #[test]
    fn a_comment_follows_what_it_is_about() {
        let mut row = OpaqueRow { text: Some("create x".to_owned()), ..OpaqueRow::default() };
        (row.comment, row.commenting) = (Some("y".to_owned()), Some("comment on x is 'y'".to_owned()));
        let text = Definition::carried(Some("create x;\ncomment on x is 'y'".to_owned()));
        assert_eq!(opaque(&row, true), Body::Definition(text).into());
        let head = Head::with_comment(Some("y".to_owned()));
        let text = Definition { carried: false, ..Definition::carried(Some("create x".to_owned())) };
        assert_eq!(opaque(&row, false), Object { head: head.clone(), body: Body::Definition(text) });
        row.text = None;
        assert_eq!(opaque(&row, true), Object { head, body: Body::Definition(Definition::carried(None)) });
    }
}
