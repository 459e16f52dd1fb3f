//! What belongs to a whole server and the shadow's does not have: roles and tablespaces.
use super::{Bench, standin};
use crate::diagnostic::Diagnostics;
use crate::model::{Object, State};
use std::collections::BTreeSet;

impl Bench {
    /// Makes the roles and tablespaces that the state names and the shadow does not have.
    ///
    /// # Errors
    /// If the shadow fails.
    pub async fn stand_in(&mut self, state: &State) -> Result<(), Diagnostics> {
        self.tell_outside(state);
        let mut roles = BTreeSet::new();
        let mut tablespaces = BTreeSet::new();
        for object in state.objects.values() {
            roles_of(object, &mut roles);
            tablespaces.extend(tablespace_of(object));
        }
        let known = self.names("rolname from pg_catalog.pg_roles", !roles.is_empty()).await?;
        for role in roles.difference(&known) {
            for sql in standin::role(role) {
                self.run(&sql).await?;
            }
            self.stand_ins.push(format!("role {role}"));
        }
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

    /// The names that a catalog holds, where they are wanted.
    async fn names(&mut self, what: &str, wanted: bool) -> Result<BTreeSet<String>, Diagnostics> {
        if !wanted {
            return Ok(BTreeSet::new());
        }
        let rows = self.connection.query_text(&format!("select {what}")).await;
        Ok(rows.map_err(|e| super::bench::broken(&e))?.into_iter().flatten().flatten().collect())
    }
}

fn roles_of(object: &Object, roles: &mut BTreeSet<String>) {
    let (owner, privileges) = match object {
        Object::Schema(o) => (&o.owner, &o.privileges),
        Object::Enumeration(o) => (&o.owner, &o.privileges),
        Object::Sequence(o) => (&o.owner, &o.privileges),
        Object::Table(o) => (&o.owner, &o.privileges),
        Object::View(o) => (&o.owner, &o.privileges),
        Object::Column(o) => (&None, &o.privileges),
        Object::Extension(_)
        | Object::Key(_)
        | Object::ForeignKey(_)
        | Object::Check(_)
        | Object::Index(_)
        | Object::Opaque(_) => return,
    };
    roles.extend(owner.clone());
    let of_columns = if let Object::View(view) = object { Some(&view.column_privileges) } else { None };
    for item in privileges.iter().flatten().chain(of_columns.into_iter().flat_map(|of| of.values().flatten())) {
        roles.extend(crate::plan::sql::grantee_name(item));
    }
}

fn tablespace_of(object: &Object) -> Option<String> {
    match object {
        Object::Table(o) => o.tablespace.clone(),
        Object::Key(o) => o.tablespace.clone(),
        Object::Index(o) => o.tablespace.clone(),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enumeration(_)
        | Object::Sequence(_)
        | Object::Column(_)
        | Object::ForeignKey(_)
        | Object::Check(_)
        | Object::View(_)
        | Object::Opaque(_) => None,
    }
}
