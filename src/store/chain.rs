//! The chain of plans by digest: its order, its head, its errors, and the states that it folds to.
use super::{
    Header, PlanFile, Plans, StoredPlan, fold,
    links::{Links, Parent},
};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics},
    model::{Digest, State},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Plans {
    /// Plans of the chain that no other plan replaces, by name.
    #[must_use]
    pub fn living(&self) -> Vec<&Arc<StoredPlan>> {
        let links = Links::new(self);
        let in_chain = |p: &&Arc<StoredPlan>| p.file().header.repairs.is_none();
        self.plans.iter().filter(in_chain).filter(|p| links.is_living(p)).collect()
    }

    /// Plan that replaces the one with this digest.
    #[must_use]
    pub fn replaced_by(&self, digest: &Digest) -> Option<&Arc<StoredPlan>> {
        self.plans.iter().find(|p| p.file().header.replaces.contains(digest))
    }

    /// Living plans that no living plan follows: one in a sound chain, none without plans.
    #[must_use]
    pub fn heads(&self) -> Vec<&Arc<StoredPlan>> {
        let links = Links::new(self);
        let mut living = self.living();
        let parents: BTreeSet<&Digest> = living
            .iter()
            .filter_map(|p| match links.parent(p) {
                Parent::Plan(parent) => Some(parent.digest()),
                Parent::Beginning | Parent::Replaced(_) | Parent::Missing(_) => None,
            })
            .collect();
        living.retain(|p| !parents.contains(p.digest()));
        living
    }

    /// Head of the chain; none without plans.
    ///
    /// # Errors
    /// If the chain is broken ([`Self::chain`]).
    pub fn head(&self) -> Result<Option<&Arc<StoredPlan>>, Diagnostics> {
        Ok(self.chain()?.pop())
    }

    /// Living plans from the first to the head.
    ///
    /// # Errors
    /// `chain` for all errors: two plans that follow the same one, a missing or a replaced parent, two beginnings, the
    /// same plan in two files.
    pub fn chain(&self) -> Result<Vec<&Arc<StoredPlan>>, Diagnostics> {
        let (chain, diagnostics) = self.chain_as_far_as_sound();
        diagnostics.or_value(chain).map(|(chain, _)| chain)
    }

    /// Living plans from the first to where the chain breaks, and all its errors: for callers that only need a
    /// database's position.
    #[must_use]
    pub fn chain_as_far_as_sound(&self) -> (Vec<&Arc<StoredPlan>>, Diagnostics) {
        let (links, living) = (Links::new(self), self.living());
        let mut diagnostics = self.twins(&links);
        let mut beginnings = Vec::new();
        let mut children: BTreeMap<&Digest, Vec<&Arc<StoredPlan>>> = BTreeMap::new();
        for plan in &living {
            match links.parent(plan) {
                Parent::Beginning => beginnings.push(*plan),
                Parent::Plan(parent) => children.entry(parent.digest()).or_default().push(plan),
                Parent::Replaced(by) => diagnostics.push(on_replaced(plan, by)),
                Parent::Missing(digest) => diagnostics.push(orphan(plan, digest)),
            }
        }
        if beginnings.len() > 1 {
            diagnostics.push(two_beginnings(&beginnings));
        }
        for plan in &living {
            if let Some(several) = children.get(plan.digest()).filter(|c| c.len() > 1) {
                diagnostics.push(two_heads(plan, several));
            }
        }
        let mut chain: Vec<&Arc<StoredPlan>> = Vec::new();
        let mut next = if let [only] = beginnings.as_slice() { Some(*only) } else { None };
        while let Some(plan) = next
            && chain.len() < living.len()
        {
            chain.push(plan);
            next = children.get(plan.digest()).and_then(|c| if let [only] = c.as_slice() { Some(*only) } else { None });
        }
        // Digests allow no circle; if there is one all the same, it is an error.
        if !diagnostics.has_errors() && chain.len() != living.len() {
            let lost: Vec<_> = living.iter().filter(|p| !chain.contains(p)).map(|p| p.title_line()).collect();
            let message = format!("these plans follow each other in a circle: {}", lost.join(", "));
            diagnostics.push(Diagnostic::error(Code::Chain, message));
        }
        (chain, diagnostics)
    }

    /// State after a plan, which may be replaced, or lie outside of the folder.
    ///
    /// # Errors
    /// `chain` where a parent is missing on the way.
    pub fn fold_to(&self, plan: &PlanFile) -> Result<State, Diagnostics> {
        let links = Links::new(self);
        let mut line: Vec<&Header> = Vec::new();
        let mut at = plan;
        loop {
            line.push(&at.header);
            let (None, Some(parent)) = (&at.header.base, &at.header.parent) else { break };
            match links.find(parent) {
                Some(parent) if line.len() <= self.plans.len() => at = parent.file(),
                Some(_) => {
                    return Err(Diagnostic::error(Code::Chain, "these plans follow each other in a circle").into());
                }
                None => return Err(missing(&format!("the plan `{}`", at.header.title), parent).into()),
            }
        }
        let base = at.header.base.clone().unwrap_or_default();
        Ok(line.into_iter().rev().fold(base, fold))
    }

    /// State at the head; empty without plans.
    ///
    /// # Errors
    /// If the chain is broken ([`Self::chain`]).
    pub fn fold_to_head(&self) -> Result<State, Diagnostics> {
        match self.head()? {
            Some(head) => self.fold_to(head.file()),
            None => Ok(State::default()),
        }
    }

    /// State before a plan.
    ///
    /// # Errors
    /// `chain` where a parent is missing on the way ([`Self::fold_to`]).
    pub fn fold_before(&self, plan: &PlanFile) -> Result<State, Diagnostics> {
        if let Some(base) = &plan.header.base {
            return Ok(base.clone());
        }
        let Some(parent) = &plan.header.parent else { return Ok(State::default()) };
        match Links::new(self).find(parent) {
            Some(parent) => self.fold_to(parent.file()),
            None => Err(missing(&format!("the plan `{}`", plan.header.title), parent).into()),
        }
    }

    /// Errors about one plan in two files.
    fn twins(&self, links: &Links<'_>) -> Diagnostics {
        let pairs = self.plans.iter().filter_map(|plan| Some((links.twin(plan)?, plan)));
        let tell = |(a, b): (&Arc<StoredPlan>, &Arc<StoredPlan>)| {
            let message = format!("{} and {} are the same plan", a.path.display(), b.path.display());
            Diagnostic::error(Code::Chain, message).help("remove one of the two files")
        };
        pairs.map(tell).collect()
    }
}

fn names(plans: &[&Arc<StoredPlan>]) -> String {
    plans.iter().map(|p| p.title_line()).collect::<Vec<_>>().join(" and ")
}

/// Advice where either of two plans can go: one declaration may ask for more than one plan, and the plan removed is
/// made again from it.
const ANEW: &str = "remove one of the files and make its plan again on top of the other";

/// Advice where only one of them can go.
const ANEW_ON: &str = "remove the file and make its plan again on top of the new one";

fn two_heads(parent: &StoredPlan, children: &[&Arc<StoredPlan>]) -> Diagnostic {
    let message = format!("{} both follow {}", names(children), parent.title_line());
    let files: Vec<_> = children.iter().map(|p| p.path.display().to_string()).collect();
    let help = format!("{}, best the one that no database has: {}", ANEW, files.join(" or "));
    Diagnostic::error(Code::Chain, message).help(help).way("make it again", anew())
}

/// Command that plans the difference between the declaration and the chain.
fn anew() -> Command {
    Command::new("plan").option("-m", "what changes, in a few words")
}

fn two_beginnings(plans: &[&Arc<StoredPlan>]) -> Diagnostic {
    let message = format!("{} both begin the chain", names(plans));
    Diagnostic::error(Code::Chain, message)
        .help(format!("keep the one that is this project's; {ANEW}"))
        .way("make it again", anew())
}

fn on_replaced(plan: &StoredPlan, by: &StoredPlan) -> Diagnostic {
    let message = format!("{} follows a plan that {} replaces", plan.title_line(), by.title_line());
    Diagnostic::error(Code::Chain, message)
        .help(format!("{ANEW_ON}: {}", plan.path.display()))
        .way("make it again", anew())
}

fn orphan(plan: &StoredPlan, parent: &Digest) -> Diagnostic {
    missing(&plan.path.display().to_string(), parent)
}

fn missing(plan: &str, parent: &Digest) -> Diagnostic {
    let message = format!("{plan} follows {}, which is not among the plans", parent.short());
    Diagnostic::error(Code::Chain, message)
        .help("bring back the missing file (version control has it; so has the journal of a database that applied it)")
}
