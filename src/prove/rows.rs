//! Follows the rows of the proof through a plan and back, by digests of their values.
use super::asked::rows;
use super::reshaped::{Reshaped, VALUE};
use crate::diagnostic::Diagnostics;
use crate::model::{ColumnName, ObjectId, Qualified};
use crate::plan::sql::literal;
use crate::server::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Columns whose values are followed. A rename leaves a table its OID and a column its number: they are found again
/// under whatever name they have. A way back that makes a column again gives it its name, and another number.
#[derive(Clone, Debug, Default)]
pub(super) struct Followed {
    columns: BTreeMap<u32, (ObjectId, BTreeMap<u32, String>)>,
    /// Enums that are made anew on the way, under all their names: their labels tell the values, not what they are inside.
    anew: Vec<Qualified>,
    /// Composite types that get other attributes.
    reshaped: Reshaped,
    /// Columns that get another type, by their table: number, type and modifier that they have at first.
    retyped: BTreeMap<u32, BTreeMap<u32, (String, String)>>,
}

/// Digests of each table's rows, over the columns that are followed, by the table's OID: those of all of them, where
/// each has the type that it had at first, and those of the columns that keep their type (`false`).
pub(super) type RowDigests = BTreeMap<(u32, bool), String>;

/// Takes the digest of each table that a query gives with the text of its columns.
async fn digests_of(connection: &mut Connection, sql: &str) -> Result<Vec<(u32, String)>, Diagnostics> {
    let tables: Vec<String> = rows(connection, sql)
        .await?
        .into_iter()
        .filter_map(|row| match row.as_slice() {
            [oid, table, columns] => Some(format!(
                "select {oid}, pg_catalog.count(*) || ' ' || coalesce(pg_catalog.md5(pg_catalog.string_agg(line, E'\\n' order by line)), '') \
                 from (select row({columns})::text as line from {table}) as rows"
            )),
            _ => None,
        })
        .collect();
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let found = rows(connection, &tables.join(" union all ")).await?.into_iter();
    let one = |row: Vec<String>| {
        let [oid, digest] = row.as_slice() else { return None };
        Some((oid.parse().ok()?, digest.clone()))
    };
    Ok(found.filter_map(one).collect())
}

impl Followed {
    /// Finds the columns by the names that they have now.
    ///
    /// # Errors
    /// If the shadow fails.
    pub(super) async fn find(
        connection: &mut Connection,
        columns: &BTreeMap<Qualified, BTreeSet<ColumnName>>,
        (anew, retyped, reshaped): (Vec<Qualified>, &BTreeMap<Qualified, BTreeSet<ColumnName>>, Reshaped),
    ) -> Result<Self, Diagnostics> {
        let mut out = Self { columns: BTreeMap::new(), anew, reshaped, retyped: BTreeMap::new() };
        for (table, names) in columns {
            let sql = format!(
                "select attrelid, attnum, attname, atttypid, atttypmod from pg_catalog.pg_attribute \
                 where attrelid = {}::pg_catalog.regclass and not attisdropped and attname in ({})",
                literal(&table.to_string()),
                names.iter().map(|n| literal(n.as_str())).collect::<Vec<_>>().join(", ")
            );
            for row in rows(connection, &sql).await? {
                let [oid, number, name, of_type, modifier] = row.as_slice() else { continue };
                let (Ok(oid), Ok(number)) = (oid.parse(), number.parse()) else { continue };
                if retyped.get(table).is_some_and(|names| names.contains(&ColumnName::new(name))) {
                    let first = (of_type.clone(), modifier.clone());
                    out.retyped.entry(oid).or_default().insert(number, first);
                }
                out.columns
                    .entry(oid)
                    .or_insert_with(|| (ObjectId::table(*table), BTreeMap::new()))
                    .1
                    .insert(number, name.clone());
            }
        }
        Ok(out)
    }

    /// Gives a table's name as it was when the table was found.
    pub(super) fn name(&self, oid: u32) -> String {
        self.columns.get(&oid).map(|(id, _)| id.short()).unwrap_or_default()
    }

    /// Takes digests of the rows as they are now. A table that is not there any more has none.
    ///
    /// # Errors
    /// If the shadow fails.
    pub(super) async fn digests(&self, connection: &mut Connection) -> Result<RowDigests, Diagnostics> {
        let mut out = self.of_columns(connection, false).await?;
        if !self.retyped.is_empty() {
            out.extend(self.of_columns(connection, true).await?);
        }
        Ok(out)
    }

    /// Takes digests over all columns, those that get another type among them, or over the others.
    async fn of_columns(&self, connection: &mut Connection, all: bool) -> Result<RowDigests, Diagnostics> {
        let retyped = |oid: &u32, number: &u32| self.retyped.get(oid).is_some_and(|of| of.contains_key(number));
        let wanted: Vec<(u32, u32, &str)> = self
            .columns
            .iter()
            .flat_map(|(oid, (_, names))| names.iter().map(move |(number, name)| (*oid, *number, name.as_str())))
            .filter(|(oid, number, _)| if all { self.retyped.contains_key(oid) } else { !retyped(oid, number) })
            .collect();
        if wanted.is_empty() {
            return Ok(RowDigests::new());
        }
        let shown = self.reshaped.shown(connection).await?;
        let shown = shown.iter().map(|(of, as_text)| {
            format!(
                " when t.oid = {of} then pg_catalog.replace({}, {}, pg_catalog.quote_ident(a.attname))",
                literal(as_text),
                literal(VALUE)
            )
        });
        let shown: String = shown.collect();
        let one = |oid: u32, number: u32, name: &str| format!("({oid}, {number}, {})", literal(name));
        let firsts = self.retyped.iter().flat_map(|(oid, of)| of.iter().map(move |(n, first)| (oid, n, first)));
        let firsts: Vec<String> =
            firsts.map(|(oid, n, (of, modifier))| format!("({oid}, {n}, {of}, {modifier})")).collect();
        let other = match all {
            true => format!(
                "having pg_catalog.bool_and((a.attrelid, a.attnum, a.atttypid, a.atttypmod) in (values {0}) \
                 or not (a.attrelid, a.attnum) in (select oid, number from (values {0}) firsts(oid, number, of, modifier)))",
                firsts.join(", ")
            ),
            false => String::new(),
        };
        let wanted: Vec<String> = wanted.into_iter().map(|(oid, number, name)| one(oid, number, name)).collect();
        let anew = self.anew.iter().map(|name| format!("pg_catalog.to_regtype({})", literal(&name.to_string())));
        let anew = anew.collect::<Vec<_>>().join(", ");
        let kept = |of: &str| {
            format!("{of}.typtype = 'e' and not coalesce({of}.oid = any(array[{anew}]::pg_catalog.oid[]), false)")
        };
        let (base, item) = (kept("base"), kept("item"));
        // A label's name may change, and what a value is does not: values of enums are told by the hash of their OID.
        let sql = format!(
            "select a.attrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), \
             pg_catalog.string_agg(case{shown} when {base} \
                 then 'pg_catalog.hashenumextended(' || pg_catalog.quote_ident(a.attname) || '::' || pg_catalog.format_type(base.oid, null) || ', 0)' \
               when {item} \
                 then 'pg_catalog.hash_array_extended(' || pg_catalog.quote_ident(a.attname) || ', 0)' \
               else pg_catalog.quote_ident(a.attname) end, ', ' order by wanted.number) \
             from (values {}) wanted(oid, number, name) \
             join pg_catalog.pg_attribute a on a.attrelid = wanted.oid and not a.attisdropped and (a.attnum = wanted.number \
               or a.attname = wanted.name and exists (select from pg_catalog.pg_attribute gone \
                 where gone.attrelid = wanted.oid and gone.attnum = wanted.number and gone.attisdropped)) \
             join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             join pg_catalog.pg_type t on t.oid = a.atttypid \
             join pg_catalog.pg_type base on base.oid = case t.typtype when 'd' then t.typbasetype else t.oid end \
             left join pg_catalog.pg_type item on item.oid = base.typelem and base.typcategory = 'A' \
             group by 1, 2 {other}",
            wanted.join(", ")
        );
        let mut out = RowDigests::new();
        for (oid, digest) in digests_of(connection, &sql).await? {
            out.insert((oid, all), digest);
        }
        Ok(out)
    }
}
