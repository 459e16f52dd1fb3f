//! Parses `alter default privileges` into who gets what, and writes it as the catalog is read: what differs from that which
//! PostgreSQL gives by itself.
use super::parse::{self, SqlError};
use crate::model::{
    DefaultsOf, GrantChange, Grantee, NewObjects, Privilege, Privileges, Right, Rights, SchemaName, add_right, quote,
};
use pg_query::protobuf::{GrantStmt, Node as Tree, ObjectType, RoleSpec, RoleSpecType, node::Node};

/// Default privileges, as their statements say them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultsText {
    /// The objects that they are for.
    pub of: DefaultsOf,
    /// All that such an object has when it is made; of a schema, what it has beside that.
    pub privileges: Privileges,
}

/// Reads statements about the default privileges of one role, in one schema or in all, on objects of one kind.
///
/// # Errors
/// If there is anything else, or whoever runs them is meant, and not a role of that name.
pub fn parse_default_privileges(text: &str) -> Result<DefaultsText, SqlError> {
    let mut said: Option<DefaultsText> = None;
    for statement in parse::many(text).map_err(|error| parse::told(error, text))? {
        let Some(Node::AlterDefaultPrivilegesStmt(tree)) = statement.stmt.and_then(|node| node.node) else {
            return Err(SqlError::new("this changes no default privileges"));
        };
        let action = tree.action.ok_or_else(|| SqlError::new("this gives and takes nothing"))?;
        let of = address(&tree.options, &action)?;
        let said = said.get_or_insert_with(|| DefaultsText { privileges: of.usual(), of: of.clone() });
        if said.of != of {
            return Err(SqlError::new(
                "these are the default privileges of several roles, schemas or kinds of objects",
            ));
        }
        run(&action, said)?;
    }
    let mut said = said.ok_or_else(|| SqlError::new("this is empty"))?;
    said.privileges.grants.retain(|_, rights| !rights.is_empty());
    Ok(said)
}

/// The kinds of objects, as the grammar has them.
const ON: [(ObjectType, NewObjects); 6] = [
    (ObjectType::ObjectTable, NewObjects::Tables),
    (ObjectType::ObjectSequence, NewObjects::Sequences),
    (ObjectType::ObjectFunction, NewObjects::Functions),
    (ObjectType::ObjectType, NewObjects::Types),
    (ObjectType::ObjectSchema, NewObjects::Schemas),
    (ObjectType::ObjectLargeobject, NewObjects::LargeObjects),
];

fn address(options: &[Tree], action: &GrantStmt) -> Result<DefaultsOf, SqlError> {
    let (mut role, mut schema) = (None, None);
    for option in options {
        let Some(Node::DefElem(option)) = &option.node else { continue };
        let list = match option.arg.as_ref().and_then(|arg| arg.node.as_ref()) {
            Some(Node::List(list)) if list.items.len() == 1 => &list.items,
            _ => return Err(SqlError::new("it is about several roles or schemas at once")),
        };
        match list[0].node.as_ref() {
            Some(Node::RoleSpec(spec)) => role = Some(named(spec)?),
            _ => schema = parse::names(list).first().map(SchemaName::new),
        }
    }
    let on = ON.iter().find(|(kind, _)| *kind == action.objtype()).map(|(_, on)| *on);
    let on = on.ok_or_else(|| SqlError::new("it is about objects that have no default privileges"))?;
    let role = match role {
        Some(Grantee::Role(role)) => role,
        Some(Grantee::Public) | None => return Err(SqlError::new("it names no role whose new objects are meant")),
    };
    Ok(DefaultsOf { role, schema, on })
}

fn named(role: &RoleSpec) -> Result<Grantee, SqlError> {
    match role.roletype() {
        RoleSpecType::RolespecCstring => Ok(Grantee::Role(role.rolename.clone())),
        RoleSpecType::RolespecPublic => Ok(Grantee::Public),
        RoleSpecType::RolespecCurrentUser
        | RoleSpecType::RolespecCurrentRole
        | RoleSpecType::RolespecSessionUser
        | RoleSpecType::Undefined => Err(SqlError::new("it is for whoever runs it, and not for a role of that name")),
    }
}

/// Does what a statement does.
fn run(action: &GrantStmt, said: &mut DefaultsText) -> Result<(), SqlError> {
    let mut privileges = Vec::new();
    for one in action.privileges.iter().filter_map(|node| node.node.as_ref()) {
        let Node::AccessPriv(one) = one else { continue };
        let known = Privilege::parse(&one.priv_name).filter(|_| one.cols.is_empty());
        privileges.push(known.ok_or_else(|| SqlError::new("it names what is no privilege"))?);
    }
    if action.privileges.is_empty() {
        privileges = said.of.privileges();
    }
    for grantee in action.grantees.iter().filter_map(|node| node.node.as_ref()) {
        let Node::RoleSpec(spec) = grantee else { continue };
        let rights = said.privileges.grants.entry(named(spec)?).or_default();
        for privilege in &privileges {
            let with = |with_option| Right { with_option, ..Right::plain(*privilege) };
            if action.is_grant {
                add_right(rights, with(action.grant_option));
                continue;
            }
            let had_option = rights.remove(&with(true));
            if !action.grant_option {
                rights.remove(&with(false));
            } else if had_option {
                rights.insert(with(false));
            }
        }
    }
    Ok(())
}

impl DefaultsText {
    /// What is given and taken, beside that which PostgreSQL gives by itself: nothing where all is as that.
    #[must_use]
    pub fn changes(&self) -> Vec<GrantChange> {
        self.of.usual().changes_to(&Privileges { exact: true, ..self.privileges.clone() })
    }

    /// Gives the default privileges of an access control list; `usual` is the list that the same server gives by itself.
    #[must_use]
    pub fn of_lists(of: DefaultsOf, there: &[String], usual: &[String]) -> Self {
        let list = |items: &[String]| Privileges::of_list(items, Some(&of.role));
        let mut privileges = of.usual();
        for GrantChange { grantee, given, taken } in list(usual).changes_to(&list(there)) {
            let rights = privileges.grants.entry(grantee).or_default();
            rights.retain(|right| !taken.contains(right));
            given.into_iter().for_each(|right| add_right(rights, right));
        }
        privileges.grants.retain(|_, rights| !rights.is_empty());
        Self { of, privileges }
    }

    /// The words before `grant` and `revoke`.
    #[must_use]
    pub fn prefix(&self) -> String {
        let schema = self.of.schema.iter().map(|schema| format!(" in schema {}", quote(schema.as_str())));
        format!("alter default privileges for role {}{}", quote(&self.of.role), schema.collect::<String>())
    }

    /// Writes the statements, as the catalog is read. Empty where everything is as PostgreSQL gives it by itself.
    #[must_use]
    pub fn print(&self) -> String {
        let (prefix, on) = (self.prefix(), self.of.on.words());
        let mut out = Vec::new();
        let words =
            |rights: &Rights| rights.iter().map(|right| right.privilege.to_string()).collect::<Vec<_>>().join(", ");
        let mut say = |rights: Rights, statement: &dyn Fn(String) -> String| {
            if !rights.is_empty() {
                out.push(format!("{prefix} {}", statement(words(&rights))));
            }
        };
        for GrantChange { grantee, given, taken } in self.changes() {
            let stays = |right: &Right| given.iter().any(|other| other.privilege == right.privilege);
            let with = |option: bool| given.iter().filter(|right| right.with_option == option).cloned().collect();
            let gone = taken.iter().filter(|right| !stays(right)).cloned().collect();
            say(gone, &|what| format!("revoke {what} on {on} from {grantee}"));
            say(with(false), &|what| format!("grant {what} on {on} to {grantee}"));
            say(with(true), &|what| format!("grant {what} on {on} to {grantee} with grant option"));
        }
        out.join(";\n")
    }

    /// Says that some of the privileges are of a later server than pgform knows: no statement gives them.
    #[must_use]
    pub fn is_of_later(&self) -> bool {
        let mut rights = self.privileges.grants.values().flatten();
        rights.any(|right| matches!(right.privilege, Privilege::Later(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        parse_default_privileges(text).unwrap().print()
    }

    #[test]
    fn statements_survive() {
        for text in [
            "alter default privileges for role a in schema s grant select on tables to public",
            "alter default privileges for role a revoke execute on functions from public",
            "alter default privileges for role \"The owner\" in schema \"S\" grant usage on sequences to app;\n\
             alter default privileges for role \"The owner\" in schema \"S\" grant select on sequences to app with grant option",
            "alter default privileges for role a revoke truncate on tables from a;\n\
             alter default privileges for role a grant maintain, select on tables to b",
            "alter default privileges for role a grant usage on schemas to b",
            "alter default privileges for role a grant select on large objects to b",
        ] {
            assert_eq!(printed(text), text);
        }
    }

    #[test]
    fn all_that_is_taken_and_given_again_is_what_was_there() {
        let earlier = "alter default privileges for role a revoke all on tables from public, a;\n\
             alter default privileges for role a grant all on tables to a;\n\
             alter default privileges for role a grant select on tables to b with grant option";
        let now = "alter default privileges for role a grant select on tables to b with grant option";
        assert_eq!(printed(earlier), now);
        assert_eq!(
            printed(&format!(
                "{now};{}",
                now.replace("grant select", "revoke grant option for select")
                    .replace(" to b with grant option", " from b")
            )),
            now.replace(" with grant option", "")
        );
        assert_eq!(printed("alter default privileges for role a grant execute on functions to public"), "");
    }

    #[test]
    fn lists_are_held_against_those_of_the_same_server() {
        let of = || DefaultsOf { role: "a".to_owned(), schema: None, on: NewObjects::Tables };
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        for usual in ["a=arwdDxt/a", "a=arwdDxtm/a"] {
            let of_lists = |there: &[&str]| DefaultsText::of_lists(of(), &list(there), &list(&[usual])).print();
            assert_eq!(of_lists(&[usual, "b=r/a"]), "alter default privileges for role a grant select on tables to b");
            assert_eq!(of_lists(&[usual]), "");
        }
        let less = DefaultsText::of_lists(of(), &list(&["a=arwdDxt/a"]), &list(&["a=arwdDxtm/a"]));
        assert_eq!(less.print(), "alter default privileges for role a revoke maintain on tables from a");
        assert!(DefaultsText::of_lists(of(), &list(&["b=Z/a"]), &[]).is_of_later());
    }

    #[test]
    fn what_is_about_something_else_is_refused() {
        for text in [
            "alter default privileges grant select on tables to b",
            "alter default privileges for role a, b grant select on tables to b",
            "alter default privileges for role current_user grant select on tables to b",
            "alter default privileges for role a grant select on tables to b; alter default privileges for role b grant select on tables to b",
            "grant select on t to b",
            "",
        ] {
            assert!(parse_default_privileges(text).is_err(), "{text}");
        }
    }
}
