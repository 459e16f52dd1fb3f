//! Makes stand-ins for what belongs to a whole server and the shadow's does not have: roles and tablespaces.
use super::{Bench, standin};
use crate::canonical::{parse_policy, roles_of_statements};
use crate::diagnostic::Diagnostics;
use crate::model::{Definition, ObjectKind, Privileges, State};
use std::collections::BTreeSet;

/// Gives the roles and the tablespaces that a state names.
fn named(state: &State) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut roles, mut tablespaces) = (BTreeSet::new(), BTreeSet::new());
    for (id, object) in &state.objects {
        tablespaces.extend(object.body.tablespace().map(str::to_owned));
        if let (true, Some(definition)) = (id.is(ObjectKind::DefaultPrivileges), object.definition()) {
            roles.extend(definition.text().map(roles_of_statements).unwrap_or_default());
        }
        let policy = object.definition().and_then(Definition::text).filter(|_| id.is(ObjectKind::Policy));
        roles.extend(policy.and_then(|text| parse_policy(text).ok()).map(|policy| policy.roles).unwrap_or_default());
        // The owner of what is carried along is not its shadow's.
        if !object.is_carried() {
            roles.extend(object.head.owner.clone());
            roles.extend(object.head.privilege_lists().flat_map(Privileges::roles).map(str::to_owned));
        }
    }
    (roles, tablespaces)
}

impl Bench {
    /// Lists the stand-ins for what one of the states names, or a role among `others` is, and the shadow does not have.
    #[must_use]
    pub fn stand_ins_of(&self, states: &[&State], others: &BTreeSet<String>) -> Vec<String> {
        let (mut roles, mut tablespaces) = (others.clone(), BTreeSet::new());
        for (of_roles, of_tablespaces) in states.iter().map(|state| named(state)) {
            roles.extend(of_roles);
            tablespaces.extend(of_tablespaces);
        }
        // One bench may serve several plans.
        let used = |one: &&String| match one.split_once(' ') {
            Some(("role", name)) => roles.contains(name),
            Some(("tablespace", name)) => tablespaces.contains(name),
            _ => true,
        };
        self.stand_ins.iter().filter(used).cloned().collect()
    }

    /// Makes the roles and tablespaces that the state names and the shadow does not have.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn stand_in(&mut self, state: &State) -> Result<(), Diagnostics> {
        self.tell_outside(state);
        let (roles, tablespaces) = named(state);
        self.stand_in_roles(&roles).await?;
        let known = self.names("spcname from pg_catalog.pg_tablespace", !tablespaces.is_empty()).await?;
        for tablespace in tablespaces.difference(&known) {
            for sql in standin::tablespace(tablespace) {
                self.run(&sql).await?;
            }
            self.stand_ins.push(format!("tablespace {tablespace}"));
        }
        self.stand_ins.sort();
        self.stand_ins.dedup();
        Ok(())
    }

    /// Makes those of the roles that the shadow does not have.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn stand_in_roles(&mut self, roles: &BTreeSet<String>) -> Result<(), Diagnostics> {
        let known = self.names("rolname from pg_catalog.pg_roles", !roles.is_empty()).await?;
        for role in roles.difference(&known) {
            for sql in standin::role(role) {
                self.run(&sql).await?;
            }
            self.stand_ins.push(format!("role {role}"));
        }
        self.stand_ins.sort();
        self.stand_ins.dedup();
        Ok(())
    }

    /// The names that a catalog holds, where they are wanted.
    async fn names(&mut self, what: &str, wanted: bool) -> Result<BTreeSet<String>, Diagnostics> {
        if !wanted {
            return Ok(BTreeSet::new());
        }
        let rows = self.connection.query_text(&format!("select {what}")).await;
        Ok(rows.map_err(|e| super::rejected::broken(&e))?.into_iter().flatten().flatten().collect())
    }
}
