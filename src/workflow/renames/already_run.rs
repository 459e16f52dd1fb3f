//! Declared renames that ran already, where the names alone do not tell: after a swap both old names exist.
use crate::model::{Digest, Rename, before_renames, renamed_id};
use crate::store::{Header, PlanFile, Plans};

/// Renames that the chain ran up to a plan, and that nothing has undone since, under present names.
pub(crate) fn ran(plans: &Plans, up_to: Option<&Digest>) -> Vec<Rename> {
    let mut line: Vec<&PlanFile> = Vec::new();
    let mut next = up_to.and_then(|digest| plans.by_digest(digest));
    while let Some(plan) = next.filter(|_| line.len() <= plans.all().len()) {
        line.push(plan.file());
        next = plan.file().header.parent.as_ref().and_then(|digest| plans.by_digest(digest));
    }
    line.into_iter().rev().fold(Vec::new(), |ran, plan| after(ran, &plan.header))
}

/// Renames that ran, after one more plan: an object that it renames again, makes anew or drops is told by that plan
/// alone.
fn after(ran: Vec<Rename>, header: &Header) -> Vec<Rename> {
    let own = &header.renames;
    let mut out: Vec<Rename> = ran
        .into_iter()
        // Schemas and tables around the objects may have another name now.
        .map(|r| Rename { from: renamed_id(&r.from, own), to: renamed_id(&r.to, own) })
        .filter(|r| !own.iter().any(|o| o.from == r.from || o.to == r.to || o.from == r.to || o.to == r.from))
        .filter(|r| !matches!(header.after.get(&r.to), Some(None)))
        .collect();
    out.extend(own.iter().copied());
    out
}

/// Tells whether a declared rename is among those that ran; `outer` are those of schemas and tables that run now.
pub(crate) fn has_run(ran: &[Rename], rename: &Rename, outer: &[Rename]) -> bool {
    let (from, to) = (before_renames(&rename.from, outer), before_renames(&rename.to, outer));
    ran.iter().any(|r| r.from == from && r.to == to)
}
