//! Links between plans by digest: parents, replacements and baselines, looked up in one pass.
use super::{Plans, StoredPlan};
use crate::model::Digest;
use std::{collections::BTreeMap, sync::Arc};

/// Links between the plans of a folder, by digest: made once, so that walking a long chain takes time in proportion to
/// its length.
pub(super) struct Links<'a> {
    by_digest: BTreeMap<&'a Digest, &'a Arc<StoredPlan>>,
    /// Plan that replaces the one with this digest.
    replaced_by: BTreeMap<&'a Digest, &'a Arc<StoredPlan>>,
    /// Baseline that stands for the state after the plan of this digest.
    stands_in: BTreeMap<&'a Digest, &'a Arc<StoredPlan>>,
}

/// Parent of a plan among the files.
pub(super) enum Parent<'a> {
    /// No parent; or the plan carries the state before it all the same.
    Beginning,
    /// The parent.
    Plan(&'a Arc<StoredPlan>),
    /// A parent that another plan replaces; with that other plan.
    Replaced(&'a Arc<StoredPlan>),
    /// A parent that is not among the files; with its digest.
    Missing(&'a Digest),
}

impl<'a> Links<'a> {
    pub(super) fn new(plans: &'a Plans) -> Self {
        let mut links = Self { by_digest: BTreeMap::new(), replaced_by: BTreeMap::new(), stands_in: BTreeMap::new() };
        // The first file by name counts, where two hold the same plan.
        for plan in plans.all() {
            links.by_digest.entry(plan.digest()).or_insert(plan);
            let header = &plan.file().header;
            for replaced in &header.replaces {
                links.replaced_by.entry(replaced).or_insert(plan);
            }
            if let Some(last) = header.replaces.last().filter(|_| plan.file().is_baseline()) {
                links.stands_in.entry(last).or_insert(plan);
            }
        }
        links
    }

    pub(super) fn is_living(&self, plan: &StoredPlan) -> bool {
        !self.replaced_by.contains_key(plan.digest())
    }

    /// Finds the plan of a digest, or the baseline in its place.
    pub(super) fn find(&self, digest: &Digest) -> Option<&'a Arc<StoredPlan>> {
        self.by_digest.get(digest).or_else(|| self.stands_in.get(digest)).copied()
    }

    /// Finds an earlier file with the same plan.
    pub(super) fn twin(&self, plan: &'a Arc<StoredPlan>) -> Option<&'a Arc<StoredPlan>> {
        self.by_digest.get(plan.digest()).copied().filter(|first| !Arc::ptr_eq(first, plan))
    }

    pub(super) fn parent(&self, plan: &'a StoredPlan) -> Parent<'a> {
        let header = &plan.file().header;
        let Some(digest) = &header.parent else { return Parent::Beginning };
        let mut at = digest;
        // Each turn goes to a younger plan; a baseline over a baseline makes it two.
        for _ in 0..=self.by_digest.len() {
            match (self.stands_in.get(at), self.replaced_by.get(at)) {
                (Some(baseline), _) => at = baseline.digest(),
                (None, Some(by)) => return Parent::Replaced(by),
                (None, None) => break,
            }
        }
        match self.by_digest.get(at) {
            Some(parent) => Parent::Plan(parent),
            None if header.base.is_some() => Parent::Beginning,
            None => Parent::Missing(digest),
        }
    }
}
