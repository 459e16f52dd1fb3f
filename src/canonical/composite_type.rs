//! Parses `create type … as (…)` with the comments on its attributes into parts, and writes it as a catalog is read.
use super::parse::{self, SqlError};
use super::statement::split_statements;
use super::words::{between, closing, string, words};
use crate::model::{Qualified, quote};
use pg_query::protobuf::{self, node::Node};
use std::collections::{BTreeMap, BTreeSet};

/// A composite type, as its statements say it (<https://www.postgresql.org/docs/18/sql-createtype.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompositeText {
    /// The name, as SQL, with its schema where that is said.
    pub name: String,
    /// The attributes, in their order, which values are written and read by.
    pub attributes: Vec<CompositeAttribute>,
}

/// An attribute of a composite type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompositeAttribute {
    /// The name, as the catalog has it.
    pub name: String,
    /// The type, as SQL.
    pub data_type: String,
    /// The collation, as SQL.
    pub collation: Option<String>,
    /// The comment on the attribute.
    pub comment: Option<String>,
}

const OTHER: &str = "this is more than a composite type and the comments on its attributes";

/// Reads the statements of a composite type: `create type … as (…)`, then the comments on its attributes.
///
/// # Errors
/// If they are anything else.
pub fn parse_composite(text: &str) -> Result<CompositeText, SqlError> {
    read(text, false)
}

/// Reads the statements as they were recorded while the type was carried along: with the comment on the type itself,
/// which is left out.
///
/// # Errors
/// Errors of [`parse_composite`].
pub fn parse_recorded_composite(text: &str) -> Result<CompositeText, SqlError> {
    read(text, true)
}

fn read(text: &str, is_recorded: bool) -> Result<CompositeText, SqlError> {
    let statements = split_statements(text)?;
    let [create, others @ ..] = statements.as_slice() else {
        return Err(SqlError::new("this makes no composite type"));
    };
    let mut composite = created(create)?;
    for other in others {
        let Node::CommentStmt(tree) = parse::one("", other, "")? else { return Err(SqlError::new(OTHER)) };
        if !(is_recorded && tree.objtype() == protobuf::ObjectType::ObjectType) {
            comment(&mut composite, &tree)?;
        }
    }
    Ok(composite)
}

/// Takes the comment on an attribute.
fn comment(composite: &mut CompositeText, tree: &protobuf::CommentStmt) -> Result<(), SqlError> {
    let path = match (tree.objtype(), tree.object.as_ref().and_then(|node| node.node.as_ref())) {
        (protobuf::ObjectType::ObjectColumn, Some(Node::List(list))) => parse::names(&list.items),
        _ => Vec::new(),
    };
    let Some((name, of)) = path.split_last() else { return Err(SqlError::new(OTHER)) };
    let of: Vec<String> = of.iter().map(|part| quote(part)).collect();
    let attribute = composite.attributes.iter_mut().find(|attribute| attribute.name == *name);
    match attribute.filter(|_| of.join(".") == composite.name) {
        Some(attribute) => attribute.comment = Some(tree.comment.clone()).filter(|text| !text.is_empty()),
        None => return Err(SqlError::new(OTHER)),
    }
    Ok(())
}

fn created(text: &str) -> Result<CompositeText, SqlError> {
    let Node::CompositeTypeStmt(tree) = parse::one("", text, "")? else {
        return Err(SqlError::new("this makes no composite type"));
    };
    let name = tree.typevar.as_ref().filter(|range| range.catalogname.is_empty()).map(parse::relation);
    let name = name.ok_or_else(|| SqlError::new("this makes no composite type"))?;
    let names = tree.coldeflist.iter().filter_map(|node| match &node.node {
        Some(Node::ColumnDef(column)) => Some(column.colname.clone()),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    let all = words(text)?;
    let open = all.iter().position(|word| word.text == "(").unwrap_or(all.len());
    let inside = closing(&all, open).and_then(|close| all.get(open + 1..close)).unwrap_or_default();
    let depth = all.get(open).map_or(0, |word| word.depth) + 1;
    let parts = inside.split(|word| word.text == "," && word.depth == depth);
    let attributes = names.iter().zip(parts).map(|(name, part)| {
        // The name is one word, quoted or not.
        let of = part.get(1..).unwrap_or_default();
        let collate = of.iter().position(|word| word.depth == depth && word.is("collate"));
        let (data_type, collation) = of.split_at(collate.unwrap_or(of.len()));
        let collation = between(text, collation.get(1..).unwrap_or_default());
        CompositeAttribute {
            name: name.clone(),
            data_type: between(text, data_type).to_owned(),
            collation: Some(collation.to_owned()).filter(|text| !text.is_empty()),
            comment: None,
        }
    });
    Ok(CompositeText { name, attributes: attributes.collect() })
}

impl CompositeAttribute {
    /// Writes the attribute, as `create type` and `alter type … add attribute` take it.
    #[must_use]
    pub fn definition(&self) -> String {
        format!("{} {}", quote(&self.name), self.of_type())
    }

    fn of_type(&self) -> String {
        let collation = self.collation.as_ref().map(|collation| format!(" collate {collation}"));
        format!("{}{}", self.data_type, collation.unwrap_or_default())
    }
}

/// What makes one composite type of another where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompositeChange {
    /// Names of the attributes that go.
    pub dropped: Vec<String>,
    /// Names of the attributes that get another type or collation.
    pub retyped: Vec<String>,
    /// Names of the attributes that are new, which stand behind all others.
    pub added: Vec<String>,
    /// The statements, in order.
    pub statements: Vec<String>,
}

impl CompositeText {
    /// Writes the statements, in the form that a catalog's reader gives them.
    #[must_use]
    pub fn print(&self) -> String {
        let attributes: Vec<String> = self.attributes.iter().map(CompositeAttribute::definition).collect();
        let comments = self.attributes.iter().filter(|attribute| attribute.comment.is_some());
        let comments: String = comments.map(|attribute| format!(";\n{}", self.comment_on(attribute))).collect();
        format!("create type {} as ({}){comments}", self.name, attributes.join(", "))
    }

    fn comment_on(&self, attribute: &CompositeAttribute) -> String {
        let text = attribute.comment.as_ref().map_or_else(|| "null".to_owned(), |text| string(text));
        format!("comment on column {}.{} is {text}", self.name, quote(&attribute.name))
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&CompositeAttribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The type with other names of attributes, old to new.
    #[must_use]
    pub fn renamed(&self, names: &BTreeMap<String, String>) -> Self {
        let mut out = self.clone();
        for attribute in &mut out.attributes {
            if let Some(name) = names.get(&attribute.name) {
                attribute.name.clone_from(name);
            }
        }
        out
    }

    /// Tells what turns another text of the type into this one where it stands; `None` where nothing can: attributes
    /// are in another order, or a new one is before one that was there (`alter type … add attribute` adds at the end,
    /// <https://www.postgresql.org/docs/18/sql-altertype.html>).
    #[must_use]
    pub fn altered_from(&self, before: &Self) -> Option<CompositeChange> {
        let stay = before.attributes.iter().filter(|old| self.attribute(&old.name).is_some());
        let stay: Vec<&str> = stay.map(|old| old.name.as_str()).collect();
        let (first, new) = self.attributes.split_at(stay.len().min(self.attributes.len()));
        if !first.iter().map(|attribute| attribute.name.as_str()).eq(stay.iter().copied()) {
            return None;
        }
        let (mut out, mut actions, mut comments) = (CompositeChange::default(), Vec::new(), Vec::new());
        for old in before.attributes.iter().filter(|old| self.attribute(&old.name).is_none()) {
            actions.push(format!("drop attribute {}", quote(&old.name)));
            out.dropped.push(old.name.clone());
        }
        for attribute in first {
            let Some(old) = before.attribute(&attribute.name) else { continue };
            if (&old.data_type, &old.collation) != (&attribute.data_type, &attribute.collation) {
                actions.push(format!("alter attribute {} type {}", quote(&attribute.name), attribute.of_type()));
                out.retyped.push(attribute.name.clone());
            }
            if old.comment != attribute.comment {
                comments.push(self.comment_on(attribute));
            }
        }
        for attribute in new {
            actions.push(format!("add attribute {}", attribute.definition()));
            out.added.push(attribute.name.clone());
            comments.extend(attribute.comment.as_ref().map(|_| self.comment_on(attribute)));
        }
        if !actions.is_empty() {
            out.statements.push(format!("alter type {} {}", self.name, actions.join(", ")));
        }
        out.statements.extend(comments);
        Some(out)
    }

    /// Tells whether attributes that stay are in another order.
    #[must_use]
    pub fn is_reordered(&self, before: &Self) -> bool {
        let of = |a: &Self, b: &Self| {
            let names: Vec<String> = a.attributes.iter().map(|attribute| attribute.name.clone()).collect();
            let known: BTreeSet<String> = b.attributes.iter().map(|attribute| attribute.name.clone()).collect();
            names.into_iter().filter(|name| known.contains(name)).collect::<Vec<_>>()
        };
        of(self, before) != of(before, self)
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

    fn read(text: &str) -> CompositeText {
        parse_composite(text).unwrap()
    }

    #[test]
    fn printed_statements_survive() {
        for text in [
            "create type public.nothing as ()",
            "create type public.address as (street text, zip text collate pg_catalog.\"C\")",
            "create type s.\"My Type\" as (\"a,b\" numeric(10,2)[], \"collate\" character varying(20) collate pg_catalog.\"de-x-icu\", at timestamp(3) without time zone);\ncomment on column s.\"My Type\".\"a,b\" is 'it''s'",
        ] {
            assert_eq!(read(text).print(), text);
        }
        let recorded = "create type s.a as (b integer);\ncomment on column s.a.b is 'x';\ncomment on type s.a is 'y'";
        assert!(parse_composite(recorded).is_err());
        assert_eq!(parse_recorded_composite(recorded).unwrap().attributes[0].comment.as_deref(), Some("x"));
        for other in [
            "create type a as enum ('b')",
            "create table a (b int)",
            "create type a as (b int); drop table b",
            "create type a as (b int); comment on column c.b is 'x'",
        ] {
            assert!(parse_composite(other).is_err(), "{other}");
        }
    }

    #[test]
    fn differences_are_one_statement_and_comments() {
        let a = read("create type s.t as (a integer, b text, c text, d text);\ncomment on column s.t.b is 'x'");
        let b = read(
            "create type s.t as (a bigint, b text, c text collate \"C\", e text);\ncomment on column s.t.e is 'y'",
        );
        let change = b.altered_from(&a).unwrap();
        assert_eq!(
            change.statements,
            [
                "alter type s.t drop attribute d, alter attribute a type bigint, alter attribute c type text collate \"C\", add attribute e text",
                "comment on column s.t.b is null",
                "comment on column s.t.e is 'y'",
            ]
        );
        assert_eq!((change.dropped, change.added), (vec!["d".to_owned()], vec!["e".to_owned()]));
        assert_eq!(change.retyped, ["a", "c"]);
        assert!(a.altered_from(&b).is_some());
        assert_eq!(a.altered_from(&a).unwrap(), CompositeChange::default());
    }

    #[test]
    fn another_order_is_no_change_in_place() {
        let a = read("create type s.t as (a integer, b text)");
        assert!(read("create type s.t as (b text, a integer)").altered_from(&a).is_none());
        assert!(read("create type s.t as (b text, a integer)").is_reordered(&a));
        let between = read("create type s.t as (a integer, x text, b text)");
        assert!(between.altered_from(&a).is_none() && !between.is_reordered(&a));
        // What stood before another comes back behind it.
        assert!(a.altered_from(&between).is_some());
    }
}
