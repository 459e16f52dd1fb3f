//! Parses `create policy` into its parts, and writes it as the catalog is read: PostgreSQL prints no policies.
use super::expression::settled_expression;
use super::parse::{self, SqlError};
use super::words::{Word, between, closing, words};
use crate::model::quote;
use pg_query::protobuf::{CreatePolicyStmt, RoleSpecType, node::Node};
use std::collections::BTreeSet;

/// A row security policy, as its statement says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `create policy`")]
pub struct PolicyText {
    pub name: String,
    /// The table, as SQL.
    pub relation: String,
    pub is_restrictive: bool,
    /// `select`, `insert`, `update` or `delete`; none for all of them.
    pub command: Option<String>,
    /// The roles that it is for; none for everybody.
    pub roles: BTreeSet<String>,
    /// The condition of rows that are seen, without parentheses around the whole.
    pub using: Option<String>,
    /// The condition of rows that are written, likewise.
    pub check: Option<String>,
}

/// Reads the statement of a policy.
///
/// # Errors
/// If it is anything else, or is for whoever happens to run it.
pub fn parse_policy(text: &str) -> Result<PolicyText, SqlError> {
    let Node::CreatePolicyStmt(tree) = parse::one("", text, "")? else {
        return Err(SqlError::new("this makes no policy"));
    };
    let CreatePolicyStmt { policy_name, table, cmd_name, permissive, roles, qual, with_check } = *tree;
    let all = words(text)?;
    let condition = |word: &str, is_there: bool| is_there.then(|| behind(text, &all, word)).flatten();
    Ok(PolicyText {
        name: policy_name,
        relation: table.as_ref().map(parse::relation).unwrap_or_default(),
        is_restrictive: !permissive,
        command: Some(cmd_name).filter(|command| command != "all"),
        roles: named(&roles)?,
        using: condition("using", qual.is_some()),
        check: condition("check", with_check.is_some()),
    })
}

/// The roles of a statement; none where everybody is among them.
fn named(roles: &[pg_query::protobuf::Node]) -> Result<BTreeSet<String>, SqlError> {
    let mut out = BTreeSet::new();
    for role in roles.iter().filter_map(|node| node.node.as_ref()) {
        let Node::RoleSpec(role) = role else { continue };
        match role.roletype() {
            RoleSpecType::RolespecCstring => drop(out.insert(role.rolename.clone())),
            RoleSpecType::RolespecPublic => return Ok(BTreeSet::new()),
            RoleSpecType::RolespecCurrentUser
            | RoleSpecType::RolespecCurrentRole
            | RoleSpecType::RolespecSessionUser
            | RoleSpecType::Undefined => {
                return Err(SqlError::new("it is for whoever runs it, and not for a role of that name"));
            }
        }
    }
    Ok(out)
}

/// The text in the parentheses behind a word that stands in none.
fn behind(text: &str, all: &[Word<'_>], word: &str) -> Option<String> {
    let opens = |at: usize| all.get(at + 1).is_some_and(|next| next.text == "(");
    let at = (0..all.len()).find(|at| all[*at].depth == 0 && all[*at].is(word) && opens(*at))?;
    let inside = all.get(at + 2..closing(all, at + 1)?)?;
    Some(between(text, bare(inside)).to_owned())
}

/// The words without the parentheses that are around all of them; those of a query stay.
fn bare<'w, 't>(inside: &'w [Word<'t>]) -> &'w [Word<'t>] {
    let is_query = |word: &Word<'_>| word.is_any(&["select", "with", "values", "table"]);
    match inside {
        [first, between @ .., _]
            if first.text == "("
                && closing(inside, 0) == Some(inside.len() - 1)
                && !between.first().is_some_and(is_query) =>
        {
            bare(between)
        }
        _ => inside,
    }
}

impl PolicyText {
    /// Writes the statement, as the catalog is read.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = format!("create policy {} on {}", quote(&self.name), self.relation);
        if self.is_restrictive {
            out.push_str(" as restrictive");
        }
        out.extend(self.command.iter().map(|command| format!(" for {command}")));
        if !self.roles.is_empty() {
            out.push_str(&format!(" to {}", self.to()));
        }
        out.push_str(&self.conditions());
        out
    }

    /// Writes the roles as SQL.
    #[must_use]
    pub fn to(&self) -> String {
        if self.roles.is_empty() {
            return "public".to_owned();
        }
        self.roles.iter().map(|role| quote(role)).collect::<Vec<_>>().join(", ")
    }

    /// Writes the conditions, each behind its words.
    #[must_use]
    pub fn conditions(&self) -> String {
        let using = self.using.iter().map(|condition| format!(" using ({condition})"));
        using.chain(self.check.iter().map(|condition| format!(" with check ({condition})"))).collect()
    }

    /// Says that two policies are the same, however their conditions are written.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |of: &Self| Self {
            using: of.using.as_deref().map(settled_expression),
            check: of.check.as_deref().map(settled_expression),
            ..of.clone()
        };
        plain(self) == plain(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_survive() {
        for text in [
            "create policy p on public.t",
            "create policy \"Own rows\" on \"S\".t as restrictive for update to \"The admins\", app using (a = 1) with check (true)",
            "create policy \"using\" on t for insert with check (a in (select b from s where (c)))",
            "create policy p on t using ((a = 1) and (b = 2))",
            "create policy p on t for select using ((select s.f()))",
        ] {
            assert_eq!(parse_policy(text).unwrap().print(), text);
        }
    }

    #[test]
    fn however_it_is_written_it_is_the_same() {
        let read = |text: &str| parse_policy(text).unwrap();
        let plain = read("create policy p on t to a, b using (x = 1)");
        assert_eq!(read("CREATE POLICY p ON t AS PERMISSIVE FOR ALL TO b, a USING (((x = 1)))"), plain);
        assert!(plain.is_same(&read("create policy p on t to a, b using (X  =  1)")));
        assert!(!plain.is_same(&read("create policy p on t to a using (x = 1)")));
        assert_eq!(read("create policy p on t to app, public using (x)").print(), "create policy p on t using (x)");
        for text in ["create policy p on t to current_user", "create table t ()", "create policy p on t; select 1"] {
            assert!(parse_policy(text).is_err(), "{text}");
        }
    }
}
