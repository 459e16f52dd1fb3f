//! Parses `create type … as range (…)` into parts, and writes it as a catalog is read.
use super::parse::{self, SqlError};
use super::type_name::parse_type;
use super::words::{between, closing, words};
use crate::model::{Qualified, default_multirange, quote};
use pg_query::protobuf::node::Node;

/// A range type, as its statement says it (<https://www.postgresql.org/docs/18/sql-createtype.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `create type … as range`")]
pub struct RangeText {
    /// The name, as SQL, with its schema where that is said.
    pub name: String,
    /// The type of the bounds, as SQL.
    pub subtype: String,
    pub subtype_opclass: Option<String>,
    pub collation: Option<String>,
    pub subtype_diff: Option<String>,
    /// The name of the multirange type that comes with it; where it is not said PostgreSQL makes one of the range's.
    pub multirange_type_name: Option<String>,
}

const OTHER: &str = "this makes no range type";

/// Reads the statement of a range type.
///
/// # Errors
/// If it is anything else, or has a canonical function, which a type that is not there yet would have to be named in.
pub fn parse_range_type(text: &str) -> Result<RangeText, SqlError> {
    let Node::CreateRangeStmt(tree) = parse::one("", text, "")? else { return Err(SqlError::new(OTHER)) };
    let name: Vec<String> = parse::names(&tree.type_name).iter().map(|name| quote(name)).collect();
    let mut range = RangeText { name: name.join("."), ..RangeText::default() };
    let all = words(text)?;
    let open = all.iter().position(|word| word.text == "(").unwrap_or(all.len());
    let inside = closing(&all, open).and_then(|close| all.get(open + 1..close)).unwrap_or_default();
    let depth = all.get(open).map_or(0, |word| word.depth) + 1;
    for part in inside.split(|word| word.text == "," && word.depth == depth) {
        let [key, _, value @ ..] = part else { return Err(SqlError::new(OTHER)) };
        let value = between(text, value).to_owned();
        match key.text.to_lowercase().as_str() {
            "subtype" => range.subtype = value,
            "subtype_opclass" => range.subtype_opclass = Some(value),
            "collation" => range.collation = Some(value),
            "subtype_diff" => range.subtype_diff = Some(value),
            "multirange_type_name" => range.multirange_type_name = Some(value),
            "canonical" => {
                return Err(SqlError::new("a range type with a canonical function is made in several statements"));
            }
            other => return Err(SqlError::new(format!("`{other}` is no option of a range type"))),
        }
    }
    match range.subtype.is_empty() {
        true => Err(SqlError::new("a range type has a `subtype`")),
        false => Ok(range),
    }
}

impl RangeText {
    /// Writes the statement, in the form that a catalog's reader gives it.
    #[must_use]
    pub fn print(&self) -> String {
        let others = [
            ("subtype_opclass", &self.subtype_opclass),
            ("collation", &self.collation),
            ("subtype_diff", &self.subtype_diff),
            ("multirange_type_name", &self.multirange_type_name),
        ];
        let others = others.iter().filter_map(|(key, value)| Some(format!(", {key} = {}", value.as_ref()?)));
        format!("create type {} as range (subtype = {}{})", self.name, self.subtype, others.collect::<String>())
    }

    /// The name of the multirange type, where it is said with its schema.
    #[must_use]
    pub fn multirange(&self) -> Option<Qualified> {
        let name = parse_type(self.multirange_type_name.as_ref()?).ok()?;
        Some(Qualified::new(name.schema?, name.name))
    }

    /// Tells whether that is the name which the multirange type has where none is said.
    #[must_use]
    pub fn is_usual(&self, multirange: &Qualified) -> bool {
        let name = parse_type(&self.name).ok().and_then(|name| Some(Qualified::new(name.schema?, name.name)));
        name.is_some_and(|name| name.sibling(&default_multirange(name.name.as_str())) == *multirange)
    }

    /// The statement that turns another text of the type into this one where it stands: only the multirange type gets
    /// another name. `None` where PostgreSQL has none.
    #[must_use]
    pub fn altered_from(&self, before: &Self) -> Option<Vec<String>> {
        let alone = |of: &Self| Self { multirange_type_name: None, ..of.clone() };
        let (old, new) = (before.multirange()?, self.multirange()?);
        let is_other_name = alone(self) == alone(before) && old.schema == new.schema;
        is_other_name.then(|| vec![format!("alter type {old} rename to {}", new.name)])
    }

    /// Tells whether the type's name, with its schema or without, is that of its key.
    #[must_use]
    pub fn is_called(&self, name: &Qualified) -> bool {
        [name.to_string(), quote(name.name.as_str())].contains(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_statements_survive() {
        for text in [
            "create type s.a as range (subtype = double precision)",
            "create type public.\"My Range\" as range (subtype = timestamp without time zone, subtype_opclass = pg_catalog.timestamp_ops, subtype_diff = public.minus, multirange_type_name = public.many)",
            "create type s.a as range (subtype = character varying, collation = pg_catalog.\"C\")",
        ] {
            assert_eq!(parse_range_type(text).unwrap().print(), text);
        }
        for other in [
            "create type a as (b int)",
            "create type a as range (subtype = int4, canonical = f)",
            "create type a as range (subtype_diff = f)",
            "create type a as range (subtype = int4, other = f)",
        ] {
            assert!(parse_range_type(other).is_err(), "{other}");
        }
    }

    #[test]
    fn only_the_name_of_the_multirange_changes_in_place() {
        let read = |text: &str| parse_range_type(text).unwrap();
        let a = read("create type s.a as range (subtype = integer, multirange_type_name = s.b)");
        let b = read("create type s.a as range (subtype = integer, multirange_type_name = s.c)");
        assert_eq!(b.altered_from(&a).unwrap(), ["alter type s.b rename to c"]);
        let c = read("create type s.a as range (subtype = bigint, multirange_type_name = s.c)");
        assert_eq!(c.altered_from(&a), None);
    }
}
