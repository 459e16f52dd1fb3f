//! Parses `create domain` with what is said of its constraints into parts, and writes it as a catalog is read.
use super::parse::{self, SqlError};
use super::statement::split_statements;
use super::words::{between, closing, string, words};
use crate::model::{Qualified, quote};
use pg_query::protobuf::{self, ConstrType, node::Node};

/// A domain, as its statements say it (<https://www.postgresql.org/docs/18/sql-createdomain.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `create domain`")]
pub struct DomainText {
    /// The name, as SQL, with its schema where that is said.
    pub name: String,
    /// The type beneath, as SQL.
    pub data_type: String,
    /// The collation, as SQL.
    pub collation: Option<String>,
    pub default: Option<String>,
    pub not_null: bool,
    pub checks: Vec<DomainCheck>,
}

/// A check of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainCheck {
    /// The name of the constraint; none where PostgreSQL is to choose it.
    pub name: Option<String>,
    /// The condition, as it stands between the parentheses.
    pub expression: String,
    /// Says that values that were there before were not looked at.
    pub not_valid: bool,
    /// The comment on the constraint.
    pub comment: Option<String>,
}

/// Reads the statements of a domain: `create domain`, then what is said of its constraints.
///
/// # Errors
/// If they are anything else.
pub fn parse_domain(text: &str) -> Result<DomainText, SqlError> {
    let statements = split_statements(text)?;
    let [create, others @ ..] = statements.as_slice() else { return Err(SqlError::new("this makes no domain")) };
    let mut domain = created(create)?;
    for other in others {
        let tree = parse::one("", other, "")?;
        if let Node::CommentStmt(tree) = &tree {
            comment(&mut domain, tree)?;
        } else if let Node::AlterDomainStmt(tree) = &tree
            && let Some(Node::Constraint(constraint)) = tree.def.as_ref().and_then(|node| node.node.as_ref())
        {
            domain.checks.push(check(other, constraint)?);
        } else {
            return Err(SqlError::new("this is more than a domain and its checks"));
        }
    }
    Ok(domain)
}

/// Takes the comment on a constraint of the domain.
fn comment(domain: &mut DomainText, tree: &protobuf::CommentStmt) -> Result<(), SqlError> {
    let name = match (tree.objtype(), tree.object.as_ref().and_then(|node| node.node.as_ref())) {
        (protobuf::ObjectType::ObjectDomconstraint, Some(Node::List(list))) => {
            parse::names(list.items.get(1..).unwrap_or_default())
        }
        _ => Vec::new(),
    };
    let of = domain.checks.iter_mut().find(|check| check.name.as_ref() == name.last());
    let Some(check) = of else { return Err(SqlError::new("this is more than a domain and its checks")) };
    check.comment = Some(tree.comment.clone()).filter(|text| !text.is_empty());
    Ok(())
}

fn created(text: &str) -> Result<DomainText, SqlError> {
    let Node::CreateDomainStmt(tree) = parse::one("", text, "")? else {
        return Err(SqlError::new("this makes no domain"));
    };
    let place = |at: i32| usize::try_from(at).unwrap_or(text.len());
    let constraints: Vec<&protobuf::Constraint> = tree
        .constraints
        .iter()
        .filter_map(|node| if let Some(Node::Constraint(of)) = &node.node { Some(of.as_ref()) } else { None })
        .collect();
    let mut starts: Vec<usize> = constraints.iter().map(|of| place(of.location)).collect();
    starts.extend(tree.coll_clause.as_ref().map(|of| place(of.location)));
    let part = |from: i32| {
        let from = place(from);
        let end = starts.iter().copied().filter(|start| *start > from).min().unwrap_or(text.len());
        text.get(from..end).unwrap_or_default().trim()
    };
    let name: Vec<String> = parse::names(&tree.domainname).iter().map(|name| quote(name)).collect();
    let mut domain = DomainText {
        name: name.join("."),
        data_type: tree.type_name.as_ref().map(|of| part(of.location).to_owned()).unwrap_or_default(),
        collation: tree.coll_clause.as_ref().map(|of| behind(part(of.location), "collate")),
        ..DomainText::default()
    };
    for constraint in constraints {
        let said = part(constraint.location);
        let kind = constraint.contype();
        if kind == ConstrType::ConstrDefault {
            domain.default = Some(behind(said, "default"));
        } else if kind == ConstrType::ConstrNotnull {
            domain.not_null = true;
        } else if kind != ConstrType::ConstrNull {
            domain.checks.push(check(said, constraint)?);
        }
    }
    Ok(domain)
}

/// Gives what stands behind the first word, which is that keyword.
fn behind(text: &str, keyword: &str) -> String {
    text.get(keyword.len()..).unwrap_or_default().trim().to_owned()
}

fn check(text: &str, constraint: &protobuf::Constraint) -> Result<DomainCheck, SqlError> {
    let all = words(text)?;
    let found = || {
        let at = all.iter().position(|word| word.depth == 0 && word.is("check"))?;
        Some(between(text, all.get(at + 2..closing(&all, at + 1)?)?).to_owned())
    };
    let Some(expression) = found().filter(|_| constraint.contype() == ConstrType::ConstrCheck) else {
        return Err(SqlError::new("a domain has checks, `not null` and a default"));
    };
    Ok(DomainCheck {
        name: Some(constraint.conname.clone()).filter(|name| !name.is_empty()),
        expression,
        not_valid: constraint.skip_validation,
        comment: None,
    })
}

impl DomainCheck {
    fn named(&self) -> String {
        self.name.as_ref().map(|name| format!("constraint {} ", quote(name))).unwrap_or_default()
    }

    /// Writes the constraint, as `alter domain … add` takes it.
    #[must_use]
    pub fn definition(&self) -> String {
        let not_valid = if self.not_valid { " NOT VALID" } else { "" };
        format!("{}CHECK ({}){not_valid}", self.named(), self.expression)
    }
}

impl DomainText {
    /// Writes the statements, in the form that a catalog's reader gives them.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = format!("create domain {} as {}", self.name, self.data_type);
        out.extend(self.collation.iter().map(|collation| format!(" collate {collation}")));
        out.extend(self.default.iter().map(|default| format!(" default {default}")));
        out.push_str(if self.not_null { " not null" } else { "" });
        out.extend(self.checks.iter().filter(|check| !check.not_valid).map(|check| format!(" {}", check.definition())));
        for check in self.checks.iter().filter(|check| check.not_valid) {
            out.push_str(&format!(";\nalter domain {} add {}", self.name, check.definition()));
        }
        out.extend(self.checks.iter().filter_map(|check| Some(format!(";\n{}", self.comment_on(check, true)?))));
        out
    }

    /// Writes the comment on a check, or takes it away; none for one without a name, or without a comment to write.
    #[must_use]
    pub fn comment_on(&self, check: &DomainCheck, is_there: bool) -> Option<String> {
        let text = check.comment.as_ref().filter(|_| is_there).map(|text| string(text));
        let text = if is_there { text? } else { "null".to_owned() };
        Some(format!("comment on constraint {} on domain {} is {text}", quote(check.name.as_ref()?), self.name))
    }

    /// Lists the statements that turn another text of the domain into this one; `None` where none can: the type beneath
    /// or its collation is another.
    #[must_use]
    pub fn altered_from(&self, before: &Self) -> Option<Vec<String>> {
        let what = |of: &Self| (of.data_type.clone(), of.collation.clone());
        if what(self) != what(before) {
            return None;
        }
        let alter = format!("alter domain {}", self.name);
        let find = |of: &Self, name: &Option<String>| of.checks.iter().find(|check| check.name == *name).cloned();
        let stays = |a: &DomainCheck, b: &DomainCheck| {
            a.expression == b.expression && (a.not_valid == b.not_valid || a.not_valid)
        };
        let mut out = Vec::new();
        for check in &before.checks {
            if !find(self, &check.name).is_some_and(|now| stays(check, &now)) {
                out.push(format!("{alter} drop constraint {}", quote(check.name.as_ref()?)));
            }
        }
        if before.default != self.default {
            out.push(match &self.default {
                Some(default) => format!("{alter} set default {default}"),
                None => format!("{alter} drop default"),
            });
        }
        match (before.not_null, self.not_null) {
            (false, true) => out.push(format!("{alter} set not null")),
            (true, false) => out.push(format!("{alter} drop not null")),
            (true, true) | (false, false) => {}
        }
        for check in &self.checks {
            let old = find(before, &check.name).filter(|old| stays(old, check));
            match &old {
                None => out.push(format!("{alter} add {}", check.definition())),
                Some(old) if old.not_valid && !check.not_valid => {
                    out.push(format!("{alter} validate constraint {}", quote(check.name.as_ref()?)));
                }
                Some(_) => {}
            }
            if old.and_then(|old| old.comment) != check.comment {
                out.extend(self.comment_on(check, check.comment.is_some()));
            }
        }
        Some(out)
    }

    /// Lists the checks that this text demands of values which the other one did not look at, and says whether it newly
    /// refuses nulls.
    #[must_use]
    pub fn demands_beyond(&self, before: &Self) -> (Vec<&DomainCheck>, bool) {
        let looked_at = |check: &&DomainCheck| {
            let same = |old: &DomainCheck| (&old.name, &old.expression) == (&check.name, &check.expression);
            before.checks.iter().any(|old| same(old) && !old.not_valid)
        };
        let checks = self.checks.iter().filter(|check| !check.not_valid && !looked_at(check)).collect();
        (checks, self.not_null && !before.not_null)
    }

    /// The domain's name without its schema, for comparing with its key.
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
            "create domain public.email as text",
            "create domain public.\"My Domain\" as character varying(20) collate pg_catalog.\"C\" default 'a b'::character varying not null constraint a CHECK ((VALUE ~ '@'::text)) constraint b CHECK ((length((VALUE)::text) > 3))",
            "create domain s.d as integer default NULL::integer;\nalter domain s.d add constraint later CHECK ((VALUE > 0)) NOT VALID;\ncomment on constraint later on domain s.d is 'it''s'",
        ] {
            assert_eq!(parse_domain(text).unwrap().print(), text);
        }
        assert!(parse_domain("create table a (b int)").is_err());
        assert!(parse_domain("create domain a as int; drop table b").is_err());
    }

    #[test]
    fn differences_are_statements_in_the_order_in_which_they_can_run() {
        let read = |text: &str| parse_domain(text).unwrap();
        let a = read(
            "create domain s.d as text default 'x' constraint a check (value <> '') constraint b check (value <> 'b')",
        );
        let b = read(
            "create domain s.d as text not null constraint b check (value <> 'c');\nalter domain s.d add constraint c check (value <> 'd') not valid;\ncomment on constraint b on domain s.d is 'y'",
        );
        assert_eq!(
            b.altered_from(&a).unwrap(),
            [
                "alter domain s.d drop constraint a",
                "alter domain s.d drop constraint b",
                "alter domain s.d drop default",
                "alter domain s.d set not null",
                "alter domain s.d add constraint b CHECK (value <> 'c')",
                "comment on constraint b on domain s.d is 'y'",
                "alter domain s.d add constraint c CHECK (value <> 'd') NOT VALID",
            ]
        );
        let (checks, refuses_nulls) = b.demands_beyond(&a);
        assert_eq!((checks.len(), refuses_nulls), (1, true));
        assert_eq!(read("create domain s.d as varchar").altered_from(&a), None);
    }
}
