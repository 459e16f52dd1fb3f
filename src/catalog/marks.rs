//! Marks the catalog rows of some objects, so that one quick query inside locks tells whether anybody touched them.
use super::{query, row::row};
use crate::{diagnostic::Diagnostics, model::ObjectId};
use diesel::{
    sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};

/// Marks of the catalog rows that some objects consisted of, and of what stood in them, by the name that they are found
/// by. Equal marks: nothing about them was touched. Equal contents: nothing that a plan leans on was; a grant, an
/// owner, statistics or storage parameters may have been. One query of a few milliseconds, for a look inside locks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<MarkedName, Mark>);

/// Schema, and a name in it.
pub type MarkedName = (String, String);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    rows: String,
    contents: String,
}

row! { Found { schema: String as Text, name: String as Text, rows: String as Text, contents: String as Text, } }

/// Query for marks. `vacuum` and `analyze` update `pg_class` in place, which leaves `xmin` alone; a grant does not, and
/// shows in the rows. The contents are without what is only told when it differs, without OIDs (`reindex concurrently`
/// gives new ones), and without what PostgreSQL keeps for itself.
const MARKS: &str = "
with wanted as materialized (
    select n, schema, name from unnest($1::text[], $2::text[]) with ordinality as w (schema, name, n)),
rel as materialized (
    select w.n, c.oid from wanted w join pg_namespace s on s.nspname = w.schema
    join pg_class c on c.relnamespace = s.oid and c.relname = w.name),
own as materialized (
    select n, oid from rel
    union select rel.n, i.indexrelid from rel join pg_index i on i.indrelid = rel.oid),
typ as materialized (
    select w.n, t.oid from wanted w join pg_namespace s on s.nspname = w.schema
    join pg_type t on t.typnamespace = s.oid and t.typname = w.name),
seen (n, catalog, id, xmin, content) as (
    select o.n, 'class', c.oid::bigint, c.xmin, to_jsonb(c) - '{oid,reltype,relowner,relacl,relfilenode,reltablespace,relpages,reltuples,relallvisible,relallfrozen,reltoastrelid,relhasindex,relhasrules,relhastriggers,relhassubclass,relispopulated,relfrozenxid,relminmxid,relrewrite}'::text[]
        - case when c.relkind = 'v' then '{}'::text[] else '{reloptions}'::text[] end
        from own o join pg_class c on c.oid = o.oid
    union all select y.n, 'type', t.oid::bigint, t.xmin, to_jsonb(t) - '{oid,typowner,typacl,typrelid,typarray}'::text[]
        from typ y join pg_type t on t.oid = y.oid
    union all select o.n, 'attribute', a.attrelid::bigint * 2048 + a.attnum, a.xmin,
        to_jsonb(a) - '{attrelid,attstattarget,attstorage,attcompression,attacl,attoptions,attcacheoff}'::text[]
            || jsonb_build_object('of', c.relname)
        from own o join pg_class c on c.oid = o.oid join pg_attribute a on a.attrelid = o.oid and a.attnum > 0
    union all select r.n, 'index', i.indexrelid::bigint, i.xmin,
        to_jsonb(i) - '{indexrelid,indrelid,indcheckxmin,indisclustered}'::text[] || jsonb_build_object('of', c.relname)
        from rel r join pg_index i on i.indrelid = r.oid join pg_class c on c.oid = i.indexrelid
    union all select r.n, 'constraint', k.oid::bigint, k.xmin, to_jsonb(k) - '{oid,conrelid,conindid}'::text[]
        - case when k.contype = 'n' then '{conname}'::text[] else '{}'::text[] end
        from rel r join pg_constraint k on k.conrelid = r.oid
    union all select r.n, 'default', d.oid::bigint, d.xmin, to_jsonb(d) - '{oid,adrelid}'::text[]
        from rel r join pg_attrdef d on d.adrelid = r.oid
    union all select r.n, 'rule', w.oid::bigint, w.xmin, to_jsonb(w) - '{oid,ev_class}'::text[]
        from rel r join pg_rewrite w on w.ev_class = r.oid
    union all select r.n, 'sequence', s.seqrelid::bigint, s.xmin, to_jsonb(s) - '{seqrelid}'::text[]
        from rel r join pg_sequence s on s.seqrelid = r.oid
    union all select r.n, 'trigger', t.oid::bigint, t.xmin, to_jsonb(t) - '{oid,tgrelid,tgparentid}'::text[]
        from rel r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    union all select r.n, 'policy', p.oid::bigint, p.xmin, to_jsonb(p) - '{oid,polrelid}'::text[]
        from rel r join pg_policy p on p.polrelid = r.oid
    union all select w.n, 'routine', p.oid::bigint, p.xmin, to_jsonb(p) - '{oid,proowner,proacl}'::text[]
        from wanted w join pg_namespace s on s.nspname = w.schema
        join pg_proc p on p.pronamespace = s.oid and p.proname = w.name
    union all select y.n, 'domain', k.oid::bigint, k.xmin, to_jsonb(k) - '{oid,contypid}'::text[]
        from typ y join pg_constraint k on k.contypid = y.oid
    union all select y.n, 'label', e.oid::bigint, e.xmin, to_jsonb(e) - '{oid,enumtypid}'::text[]
        from typ y join pg_enum e on e.enumtypid = y.oid),
mixed as (
    select n, catalog, count(*) as rows, sum(hashint8extended(id, xmin::text::bigint)) as mix,
           sum(hashtextextended(content::text collate \"C\", 0)) as content
    from seen group by n, catalog)
select w.schema, w.name, string_agg(format('%s %s %s', catalog, rows, mix), ', ' order by catalog) as rows,
       string_agg(format('%s %s %s', catalog, rows, content), ', ' order by catalog) as contents
from mixed join wanted w using (n) group by w.n, w.schema, w.name";

/// Takes the marks of some objects, as the current snapshot sees them.
///
/// # Errors
/// If the server refuses the query.
pub async fn marks(conn: &mut AsyncPgConnection, of: &BTreeSet<ObjectId>) -> Result<Marks, Diagnostics> {
    let names: BTreeSet<MarkedName> = of.iter().filter_map(marked_name).collect();
    let (schemas, names): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    let found: Result<Vec<Found>, _> =
        sql_query(MARKS).bind::<Array<Text>, _>(schemas).bind::<Array<Text>, _>(names).load(conn).await;
    let found = found.map_err(|error| query::failed("marks", &error))?;
    let one = |Found { schema, name, rows, contents }| ((schema, name), Mark { rows, contents });
    Ok(Marks(found.into_iter().map(one).collect()))
}

impl Marks {
    /// Gives the names behind which something stands that a plan may lean on, and that differs.
    #[must_use]
    pub fn differing(&self, other: &Self) -> BTreeSet<MarkedName> {
        let contents = |marks: &Self, name: &MarkedName| marks.0.get(name).map(|mark| mark.contents.clone());
        let differs = |name: &&MarkedName| contents(self, name) != contents(other, name);
        self.0.keys().chain(other.0.keys()).filter(differs).cloned().collect()
    }

    /// Takes the marks of these names from others.
    pub fn take(&mut self, from: &Self, names: impl Fn(&MarkedName) -> bool) {
        self.0.retain(|name, _| !names(name));
        self.0.extend(from.0.iter().filter(|(name, _)| names(name)).map(|(name, mark)| (name.clone(), mark.clone())));
    }
}

/// Gives the query of [`marks`], to be asked among other statements: one row, one column, JSON as text.
#[must_use]
pub fn marks_query(of: &BTreeSet<ObjectId>) -> String {
    question(of, "m.schema, m.name, m.rows, m.contents")
}

/// Gives a query like [`marks_query`] for the contents alone: what a grant or a comment by others does not change.
#[must_use]
pub fn contents_query(of: &BTreeSet<ObjectId>) -> String {
    question(of, "m.schema, m.name, m.contents")
}

fn question(of: &BTreeSet<ObjectId>, columns: &str) -> String {
    let names: BTreeSet<MarkedName> = of.iter().filter_map(marked_name).collect();
    let array = |part: fn(&MarkedName) -> &String| {
        let literals: Vec<String> = names.iter().map(|name| super::row::literal(part(name))).collect();
        format!("array[{}]", literals.join(", "))
    };
    let marks = MARKS.replace("$1", &array(|name| &name.0)).replace("$2", &array(|name| &name.1));
    format!(
        "select coalesce(jsonb_agg(jsonb_build_array({columns}) \
         order by m.schema collate \"C\", m.name collate \"C\"), '[]')::text from ({marks}) as m"
    )
}

impl Marks {
    /// Reads marks as [`marks_query`] gives them; none where the text is not of that form.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        let rows: Vec<(String, String, String, String)> = serde_json::from_str(text).unwrap_or_default();
        let one = |(schema, name, rows, contents)| ((schema, name), Mark { rows, contents });
        Self(rows.into_iter().map(one).collect())
    }

    /// Gives what [`contents_query`] answers where nothing was touched that a plan may lean on.
    #[must_use]
    pub fn contents_json(&self) -> String {
        let one = |((schema, name), Mark { rows: _, contents }): (&MarkedName, &Mark)| {
            serde_json::json!([schema, name, contents])
        };
        serde_json::Value::Array(self.0.iter().map(one).collect()).to_string()
    }
}

/// Gives the schema and name by which the object's rows are found: its table's, or its own.
#[must_use]
pub fn marked_name(id: &ObjectId) -> Option<MarkedName> {
    if let Some(table) = id.table_of() {
        return Some((table.schema.as_str().to_owned(), table.name.as_str().to_owned()));
    }
    match id.parts().as_slice() {
        [schema, name, ..] => Some(((*schema).to_owned(), (*name).to_owned())),
        _ => None,
    }
}
