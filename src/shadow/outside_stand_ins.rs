//! Makes stand-ins on the bench for what is outside of the scope, and says which of them a state names.
use super::{Bench, outside::Outside, rejected::broken};
use crate::diagnostic::Diagnostics;
use crate::model::State;

impl Bench {
    /// Makes the stand-ins for what is outside. What cannot be made is missed where it is named.
    pub(super) async fn make_outside(&mut self, state: &State) -> Result<(), Diagnostics> {
        let mut missing = Vec::new();
        for one in self.outside.clone().into_iter().filter(|one| one.is_outside_of(state)) {
            let there = match &one.there {
                Some(query) => self.asked(&format!("select pg_catalog.{query}")).await?.as_deref() == Some("t"),
                None => false,
            };
            if !there {
                missing.push(one.statements.join(";\n"));
            }
        }
        // In one message, which is one transaction; where one of them fails, each in its own.
        if missing.is_empty() || self.connection.batch(&missing.join(";\n")).await.is_ok() {
            return Ok(());
        }
        for sql in missing {
            match self.connection.batch(&sql).await {
                Err(error) if error.connection_lost => return Err(broken(&error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Notes the stand-ins that a state names.
    pub(super) fn tell_outside(&mut self, state: &State) {
        let named = |one: &&Outside| !one.called.is_empty() && one.is_outside_of(state) && one.is_named_in(state);
        for one in self.outside.iter().filter(named) {
            self.stand_ins.push(one.called.clone());
            self.partial.insert(format!(
                "schema {} is outside of the scope: what is used of it does nothing in the shadow",
                one.schema
            ));
        }
    }
}
