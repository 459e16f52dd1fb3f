//! Reads indexes, and cuts what PostgreSQL prints of them into keys.
use super::{
    constraint::column_names,
    query::{BOUND, SCHEMAS, since},
    relation::IS_OPAQUE,
    row::{options, row},
    text::Texts,
};
use crate::model::{Index, IndexKey, Qualified, RelationName};
use diesel::sql_types::{Array, Bool, Nullable, Oid, Text};

row! {
    /// An index, those of constraints included.
    IndexRow {
        class: u32 as Oid,
        oid: u32 as Oid,
        relation: u32 as Oid,
        name: String as Text,
        method: String as Text,
        unique: bool as Bool,
        nulls_not_distinct: bool as Bool,
        definition: String as Text,
        include: Vec<String> as Array<Text>,
        options: Option<Vec<String>> as Nullable<Array<Text>>,
        predicate: Option<String> as Nullable<Text>,
        tablespace: Option<String> as Nullable<Text>,
        valid: bool as Bool,
        statistics: Vec<String> as Array<Text>,
        comment: Option<String> as Nullable<Text>,
        of_constraint: bool as Bool,
        is_replica_identity: bool as Bool,
        is_clustered: bool as Bool,
        parent_name: Option<String> as Nullable<Text>,
    }
}

/// Number of keys that [`plain`] looks at: an index of more is printed whole.
const PLAIN: usize = 3;

/// Gives the keys of an index whose keys are columns and nothing else, as `pg_get_indexdef` prints them, null for
/// another: printing all of an index takes four times as long as looking at its columns. Where an operator class is the
/// default for exactly the column's type, the collation the column's, and the order the usual one, only the name is
/// printed. Only of methods whose own operator classes take no parameters. With it, the joins that it looks at.
fn plain() -> (String, String) {
    let numbers = || 0..PLAIN;
    let there = |n| format!("(i.indnkeyatts <= {n} or o{n}.oid is not null)");
    let name = |n| format!("', ' || case when i.indnkeyatts > {n} then quote_ident(a{n}.attname) end");
    let join = |n| {
        format!(
            "left join pg_attribute a{n} on k.oid is null and i.indnkeyatts > {n} and a{n}.attrelid = i.indrelid \
             and a{n}.attnum = i.indkey[{n}] and a{n}.attcollation = i.indcollation[{n}] and i.indoption[{n}] = 0
left join pg_opclass o{n} on o{n}.oid = i.indclass[{n}] and o{n}.oid < 16384 and o{n}.opcdefault \
             and o{n}.opcintype = a{n}.atttypid"
        )
    };
    let keys = format!(
        "case when i.indnkeyatts <= {PLAIN} and i.indexprs is null and am.amname in ('btree', 'hash') and {there} \
         and not {IS_OPAQUE} then '(' || substr(concat({names}), 3) || ')' end",
        there = numbers().map(there).collect::<Vec<_>>().join(" and "),
        names = numbers().map(name).collect::<Vec<_>>().join(", "),
    );
    (keys, numbers().map(join).collect::<Vec<_>>().join("\n"))
}

/// Indexes in no order, with what `pg_get_indexdef` prints of them or, of most, only their keys in parentheses. There is no
/// catalog index on `conindid`: looked up index by index, the constraints of each table are read again.
pub(super) fn sql(server: i32) -> String {
    let nulls = since(server, 150_000, "i.indnullsnotdistinct", "false");
    let (keys, joins) = plain();
    format!(
        "
select x.tableoid as class, x.oid, i.indrelid as relation, x.relname::text as name, am.amname::text as method,
    i.indisunique as unique, {nulls} as nulls_not_distinct,
    case when k.oid is null then coalesce({keys}, pg_get_indexdef(x.oid)) else '' end as definition,
    case when i.indnatts > i.indnkeyatts then
        array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (number, place)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
            where k.place > i.indnkeyatts order by k.place)
        else '{{}}' end as include,
    x.reloptions as options, pg_get_expr(i.indpred, i.indrelid) as predicate, space.spcname::text as tablespace,
    i.indisvalid as valid,
    case when i.indexprs is null then '{{}}' else
        array(select a.attnum || '=' || a.attstattarget from pg_attribute a
            where a.attrelid = x.oid and a.attstattarget >= 0 order by a.attnum) end as statistics,
    d.description as comment, k.oid is not null as of_constraint, i.indisreplident as is_replica_identity,
    i.indisclustered as is_clustered,
    case when x.relispartition then (select above.relname::text from pg_inherits h join pg_class above on above.oid = h.inhparent
        where h.inhrelid = x.oid) end as parent_name
from pg_index i
join pg_class x on x.oid = i.indexrelid
join pg_class c on c.oid = i.indrelid
join pg_am am on am.oid = x.relam
left join pg_tablespace space on space.oid = x.reltablespace
left join (select k.oid, k.conindid from pg_constraint k where k.contype in ('p', 'u', 'x') offset 0) k
    on k.conindid = x.oid
left join pg_description d on d.classoid = x.tableoid and d.objoid = x.oid and d.objsubid = 0
{joins}
where c.relkind in ('r', 'p', 'm') and c.relnamespace = {SCHEMAS} and {BOUND}"
    )
}

/// Makes the index of a row on this table.
pub(super) fn index(row: &IndexRow, table: &Qualified, texts: &mut Texts) -> Index {
    let statistics = row.statistics.iter().filter_map(|entry| {
        let (place, target) = entry.split_once('=')?;
        Some((place.parse().ok()?, target.parse().ok()?))
    });
    Index {
        table: *table,
        method: row.method.clone(),
        unique: row.unique,
        nulls_not_distinct: row.nulls_not_distinct,
        keys: keys(&row.definition).into_iter().map(|key| IndexKey { sql: Texts::verbatim(key) }).collect(),
        include: column_names(&row.include),
        with: options(row.options.as_ref()),
        predicate: row.predicate.as_deref().map(|predicate| texts.expression(predicate)),
        tablespace: row.tablespace.clone(),
        valid: row.valid,
        statistics: statistics.collect(),
        part_of: row.parent_name.as_ref().map(RelationName::new),
    }
}

/// Cuts the keys out of what `pg_get_indexdef` printed: what stands between the first parentheses outside of quotes,
/// cut at the commas outside of parentheses and quotes. PostgreSQL prints each key whole there (collation, operator
/// class with parameters, order), and only what is not the default; printing key by key leaves those out.
pub(super) fn keys(definition: &str) -> Vec<&str> {
    let (mut keys, mut depth, mut quote, mut from) = (Vec::new(), 0_usize, None, 0);
    for (at, letter) in definition.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[') => {
                depth += 1;
                if depth == 1 {
                    from = at + 1;
                }
            }
            (None, ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    keys.push(definition[from..at].trim());
                    return keys;
                }
            }
            (None, ',') if depth == 1 => {
                keys.push(definition[from..at].trim());
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_outside_of_quotes_and_parentheses() {
        for (definition, expected) in [
            ("CREATE INDEX i ON public.t USING btree (a)", vec!["a"]),
            (
                "CREATE INDEX \"a(b\" ON public.\"t,(\" USING gin (lower(a || ',)'''), b x.ops (siglen='32', n='1') DESC, \
                 ((c)::text[])[1]) WHERE (a > 1)",
                vec!["lower(a || ',)''')", "b x.ops (siglen='32', n='1') DESC", "((c)::text[])[1]"],
            ),
            ("CREATE INDEX i ON t USING hash (\"a,b\" COLLATE \"C\") INCLUDE (c, d)", vec!["\"a,b\" COLLATE \"C\""]),
        ] {
            assert_eq!(keys(definition), expected);
        }
    }
}
