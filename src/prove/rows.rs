//! Follows the rows of the proof through a plan and back, by digests of their values.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
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
}

/// Digests of each table's rows, over the columns that are followed, by the table's OID.
pub(super) type RowDigests = BTreeMap<u32, String>;

fn lost(error: &str) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the rows of the proof could not be read: {error}")).into()
}

async fn rows(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<String>>, Diagnostics> {
    let rows = connection.query_text(sql).await.map_err(|e| lost(&e.message))?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

impl Followed {
    /// Finds the columns by the names that they have now.
    ///
    /// # Errors
    /// If the shadow fails.
    pub(super) async fn find(
        connection: &mut Connection,
        columns: &BTreeMap<Qualified, BTreeSet<ColumnName>>,
        anew: Vec<Qualified>,
    ) -> Result<Self, Diagnostics> {
        let mut out = Self { columns: BTreeMap::new(), anew };
        for (table, names) in columns {
            let sql = format!(
                "select attrelid, attnum, attname from pg_catalog.pg_attribute \
                 where attrelid = {}::pg_catalog.regclass and not attisdropped and attname in ({})",
                literal(&table.to_string()),
                names.iter().map(|n| literal(n.as_str())).collect::<Vec<_>>().join(", ")
            );
            for row in rows(connection, &sql).await? {
                let [oid, number, name] = row.as_slice() else { continue };
                let (Ok(oid), Ok(number)) = (oid.parse(), number.parse()) else { continue };
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
        if self.columns.is_empty() {
            return Ok(RowDigests::new());
        }
        let one = |oid: u32, number: u32, name: &str| format!("({oid}, {number}, {})", literal(name));
        let wanted: Vec<String> =
            self.columns.iter().flat_map(|(oid, (_, all))| all.iter().map(|(n, name)| one(*oid, *n, name))).collect();
        let anew = self.anew.iter().map(|name| format!("pg_catalog.to_regtype({})", literal(&name.to_string())));
        let anew = anew.collect::<Vec<_>>().join(", ");
        let kept = |of: &str| {
            format!("{of}.typtype = 'e' and not coalesce({of}.oid = any(array[{anew}]::pg_catalog.oid[]), false)")
        };
        let (base, item) = (kept("base"), kept("item"));
        // A label's name may change, and what a value is does not: values of enums are told by the hash of their OID.
        let sql = format!(
            "select a.attrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), \
             pg_catalog.string_agg(case when {base} \
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
             group by 1, 2",
            wanted.join(", ")
        );
        let tables: Vec<String> = rows(connection, &sql)
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
        let mut out = RowDigests::new();
        if tables.is_empty() {
            return Ok(out);
        }
        for row in rows(connection, &tables.join(" union all ")).await? {
            if let [oid, digest] = row.as_slice()
                && let Ok(oid) = oid.parse()
            {
                out.insert(oid, digest.clone());
            }
        }
        Ok(out)
    }
}
