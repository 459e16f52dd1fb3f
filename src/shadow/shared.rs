//! What belongs to a whole server and the shadow's does not have: roles and tablespaces.
use super::{Bench, standin};
use crate::diagnostic::Diagnostics;
use crate::model::{Object, State};
use std::collections::BTreeSet;

impl Bench {
    /// Roles, tablespaces and the like that the state names and the shadow does not have.
    pub(super) async fn stand_in(&mut self, state: &State) -> Result<(), Diagnostics> {
        let mut roles = BTreeSet::new();
        let mut tablespaces = BTreeSet::new();
        for object in state.objects.values() {
            roles_of(object, &mut roles);
            tablespaces.extend(tablespace_of(object));
        }
        for role in roles {
            let known =
                format!("select 1 from pg_catalog.pg_roles where rolname = {}", crate::plan::sql::literal(&role));
            if self.connection.query_text(&known).await.map_err(|e| super::bench::broken(&e))?.is_empty() {
                for sql in standin::role(&role) {
                    self.run(&sql).await?;
                }
                self.stand_ins.push(format!("role {role}"));
            }
        }
        for tablespace in tablespaces {
            let known = format!(
                "select 1 from pg_catalog.pg_tablespace where spcname = {}",
                crate::plan::sql::literal(&tablespace)
            );
            if self.connection.query_text(&known).await.map_err(|e| super::bench::broken(&e))?.is_empty() {
                for sql in standin::tablespace(&tablespace) {
                    self.run(&sql).await?;
                }
                self.stand_ins.push(format!("tablespace {tablespace}"));
            }
        }
        self.stand_ins.sort();
        self.stand_ins.dedup();
        Ok(())
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
    for item in privileges.iter().flatten() {
        roles.extend(crate::plan::sql::grantee_name(item));
    }
}

fn tablespace_of(object: &Object) -> Option<String> {
    match object {
        Object::Table(o) => o.tablespace.clone(),
        Object::Key(o) => o.tablespace.clone(),
        Object::Index(o) => o.tablespace.clone(),
        _ => None,
    }
}
