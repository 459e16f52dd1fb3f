//! Composite types that get other attributes: of their values, those that stay are followed.
use super::asked::rows;
use crate::canonical::{CompositeText, parse_recorded_composite};
use crate::diagnostic::Diagnostics;
use crate::diff::Relabelled;
use crate::model::{ObjectId, ObjectKind, Rename, State, renamed_id};
use crate::plan::sql::literal;
use crate::server::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// Attributes that stay, by the OID of their type, each by its number: a rename leaves a type its OID, and an attribute
/// its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Reshaped(BTreeMap<u32, BTreeSet<i32>>);

/// Stands for the value in an expression; no name holds it.
pub(super) const VALUE: &str = "\u{1}";

/// A type as the catalog has it.
struct Known {
    /// The type that a domain is over.
    over: u32,
    /// The type of an array's items.
    item: u32,
    /// Attributes with their numbers, names and types.
    attributes: Vec<(i32, String, u32)>,
}

impl Reshaped {
    /// Finds the composite types that are there before and after with other attributes, by the names that they have now.
    ///
    /// # Errors
    /// If the shadow fails.
    pub(super) async fn of(
        connection: &mut Connection,
        (before, after): (&State, &State),
        (renames, labels): (&[Rename], &[Relabelled]),
    ) -> Result<Self, Diagnostics> {
        let text = |state: &State, id: &ObjectId| -> Option<CompositeText> {
            parse_recorded_composite(state.get(id)?.definition()?.text()?).ok()
        };
        let mut out = Self::default();
        for id in before.objects.keys().filter(|id| id.is(ObjectKind::CompositeType)) {
            let now = renamed_id(id, renames);
            let (Some(a), Some(b)) = (text(before, id), text(after, &now)) else { continue };
            let later = |name: &str| {
                let renamed = labels.iter().find(|label| label.of == now && label.from == name);
                renamed.map_or(name, |label| &label.to).to_owned()
            };
            let stay =
                a.attributes.iter().map(|attribute| &attribute.name).filter(|name| b.attribute(&later(name)).is_some());
            let stay: Vec<String> = stay.map(|name| literal(name)).collect();
            let is_whole = stay.len() == a.attributes.len() && stay.len() == b.attributes.len();
            if is_whole && a.attributes.iter().all(|attribute| later(&attribute.name) == attribute.name) {
                continue;
            }
            let sql = format!(
                "select t.oid, coalesce(pg_catalog.string_agg(a.attnum::text, ',') filter (where a.attname = any(array[{}]::text[])), '') \
                 from pg_catalog.pg_type t left join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and not a.attisdropped \
                 where t.oid = {}::pg_catalog.regtype group by 1",
                stay.join(", "),
                literal(&id.sql())
            );
            for row in rows(connection, &sql).await? {
                let [oid, numbers] = row.as_slice() else { continue };
                let numbers = numbers.split(',').filter_map(|number| number.parse().ok()).collect();
                out.0.extend(oid.parse().ok().map(|oid: u32| (oid, numbers)));
            }
        }
        Ok(out)
    }

    /// Gives, for each type whose values are of these types or have some inside, the expression that shows what stays of
    /// a value, which stands as [`VALUE`]: attributes have the names that they have now.
    ///
    /// # Errors
    /// If the shadow fails.
    pub(super) async fn shown(&self, connection: &mut Connection) -> Result<BTreeMap<u32, String>, Diagnostics> {
        if self.0.is_empty() {
            return Ok(BTreeMap::new());
        }
        let known = known(connection).await?;
        let holding = known.keys().copied().filter(|of| self.is_in(&known, *of));
        Ok(holding.map(|of| (of, self.expression(&known, of, VALUE))).collect())
    }

    /// Tells whether values of a type have one of the reshaped types inside.
    fn is_in(&self, known: &BTreeMap<u32, Known>, of: u32) -> bool {
        let Some(found) = known.get(&of) else { return false };
        self.0.contains_key(&of)
            || self.is_in(known, found.over)
            || self.is_in(known, found.item)
            || found.attributes.iter().any(|(_, _, inner)| self.is_in(known, *inner))
    }

    fn expression(&self, known: &BTreeMap<u32, Known>, of: u32, value: &str) -> String {
        let Some(found) = known.get(&of).filter(|_| self.is_in(known, of)) else { return value.to_owned() };
        if found.over != 0 {
            return self.expression(known, found.over, value);
        }
        if found.item != 0 {
            let item = self.expression(known, found.item, &format!("({value})[i]"));
            return format!(
                "array(select ({item})::text from pg_catalog.generate_subscripts({value}, 1) as i order by i)"
            );
        }
        let stays = |number: &i32| self.0.get(&of).is_none_or(|stay| stay.contains(number));
        let attributes = found.attributes.iter().filter(|(number, ..)| stays(number));
        let each = attributes.map(|(_, name, inner)| self.expression(known, *inner, &format!("({value}).{name}")));
        let each: Vec<String> = each.collect();
        format!("case when {value} is distinct from null then row({})::text end", each.join(", "))
    }
}

/// Reads the types of the shadow that are not PostgreSQL's own.
async fn known(connection: &mut Connection) -> Result<BTreeMap<u32, Known>, Diagnostics> {
    let sql = "select t.oid, case t.typtype when 'd' then t.typbasetype else 0 end, \
         case when t.typcategory = 'A' and t.typtype = 'b' then t.typelem else 0 end, coalesce(a.attnum, 0), \
         pg_catalog.quote_ident(a.attname), coalesce(a.atttypid, 0) \
         from pg_catalog.pg_type t left join pg_catalog.pg_attribute a \
         on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped where t.oid >= 16384 order by 1, 4";
    let mut out: BTreeMap<u32, Known> = BTreeMap::new();
    for row in rows(connection, sql).await? {
        let [oid, over, item, number, name, inner] = row.as_slice() else { continue };
        let parsed = |text: &String| text.parse().unwrap_or_default();
        let (over, item) = (parsed(over), parsed(item));
        let one = out.entry(parsed(oid)).or_insert_with(|| Known { over, item, attributes: Vec::new() });
        let number: i32 = number.parse().unwrap_or_default();
        if number > 0 {
            one.attributes.push((number, name.clone(), parsed(inner)));
        }
    }
    Ok(out)
}
