//! Drift that is in no plan's way: a warning, or a refusal where the environment says `drift: refuse`.
use super::first_plan::{named, outermost};
use super::taken_over::known_to_plans;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::model::{ObjectId, ObjectKind, State};
use crate::report::some_of;
use crate::settings::OnDrift;
use crate::workflow::drift::compare::{There, drift};
use crate::workflow::invocation::project::{Connected, Project};
use std::collections::BTreeSet;

/// Number of differences that a message tells.
const SHOWN: usize = 5;

/// Warns of drift that is in no plan's way, or refuses it where the environment says so.
pub(crate) async fn unrelated(
    project: &Project,
    connected: &Connected,
    (expected, there): (&State, There<'_>),
    (guarded, beside): (&BTreeSet<ObjectId>, Vec<String>),
) -> Result<Diagnostics, Diagnostics> {
    let live = there.state;
    let refuse = project.says_of(connected).is_some_and(|e| e.drift == OnDrift::Refuse);
    let ids = expected.objects.keys().chain(live.objects.keys()).filter(|id| !guarded.contains(id));
    // A shadow tells whether texts only look different: used where drift refuses, left to `check` otherwise.
    let mut lines = beside;
    if refuse {
        let found = drift(expected, there, &ids.cloned().collect()).await?;
        let known = known_to_plans(&found, there).await?;
        lines.extend(found.into_iter().filter(|line| !known.contains(&line.object)).map(|line| line.text));
    } else {
        let ours = |id: &ObjectId| !project.leaves_alone(id, expected.get(id));
        let one_sided = ids.filter(|id| expected.has(id) != live.has(id) && !id.is(ObjectKind::Schema) && ours(id));
        let mark = |id: &ObjectId| if live.has(id) { '+' } else { '-' };
        let one_sided: Vec<&ObjectId> = one_sided.collect();
        lines.extend(outermost(&one_sided).into_iter().map(|id| format!("{} {}", mark(id), named(id))));
    }
    if lines.is_empty() {
        return Ok(Diagnostics::default());
    }
    let message = format!("this database has drifted, in nothing that the plan leans on: {}", some_of(&lines, SHOWN));
    if refuse {
        return Err(Diagnostic::error(Code::Stale, message)
            .help("its environment says `drift: refuse`")
            .way("what ends each difference", Command::new("check").on_database())
            .into());
    }
    Ok(Diagnostic::warning(Code::Unknown, message)
        .way("what ends each difference", Command::new("check").on_database())
        .into())
}
