//! Finds all that PostgreSQL refuses of a state, after a first refusal.
use super::{Bench, BuildError, Rejected};
use crate::{
    model::{ObjectId, State},
    plan::{Lookup, dependents, restrict},
};
use std::collections::BTreeSet;

/// Most refusals that are looked for: each builds the state once more.
const MOST: usize = 20;

impl Bench {
    /// Finds all that PostgreSQL refuses of a state, where settling it ended in one refusal: what was refused is left
    /// out with what leans on it, and the rest is built, until nothing is refused. Any other end is given back as it
    /// is.
    pub async fn all_refusals(&mut self, state: &State, first: BuildError) -> BuildError {
        let BuildError::Rejected(rejected) = first else { return first };
        let mut found: Vec<Rejected> = vec![*rejected];
        let mut rest = state.clone();
        while let Some(last) = found.last().filter(|last| !last.error.connection_lost && found.len() < MOST) {
            let out = with_all_that_leans(&rest, &last.object);
            if out.is_empty() {
                break;
            }
            rest = restrict(&rest, &rest.objects.keys().filter(|id| !out.contains(id)).cloned().collect());
            if self.reset().await.is_err() {
                break;
            }
            match self.build(&rest).await {
                Err(BuildError::Rejected(next)) => found.push(*next),
                // A rest that does not hold together without the others is no mistake of its own.
                Ok(()) | Err(BuildError::Problems(_) | BuildError::Broken(_)) => break,
            }
        }
        BuildError::Problems(found.iter().map(Rejected::problem).collect())
    }
}

/// Gives the object, what belongs to it, and what leans on any of that.
fn with_all_that_leans(state: &State, object: &ObjectId) -> BTreeSet<ObjectId> {
    let lookup = Lookup::new(state);
    let belongs = |id: &ObjectId, to: &BTreeSet<ObjectId>| {
        state.table_of(id).is_some_and(|table| to.contains(&ObjectId::table(table)))
    };
    let mut out: BTreeSet<ObjectId> = [*object].into_iter().filter(|id| state.has(id)).collect();
    loop {
        let mut more: BTreeSet<ObjectId> = dependents(state, &lookup, &out).into_values().flatten().collect();
        more.extend(state.objects.keys().filter(|id| belongs(id, &out)).cloned());
        more.retain(|id| !out.contains(id));
        if more.is_empty() {
            return out;
        }
        out.extend(more);
    }
}
