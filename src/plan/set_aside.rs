//! What went aside for a rename, told under the name that people know.
use super::operation::Operation;
use crate::diff::goes_aside;
use crate::model::{ObjectId, Rename, quote, renamed_id};

/// Words and hazards of what follows name it as it was called: the name in between is only in the statements.
pub(super) fn tell(renames: &[Rename], operations: &mut [Operation]) {
    let back: Vec<Rename> =
        renames.iter().filter(|r| goes_aside(r)).map(|r| Rename { from: r.to, to: r.from }).collect();
    if back.is_empty() {
        return;
    }
    let last = |id: &ObjectId| quote(id.own_name());
    let words = |text: &mut String| {
        for rename in &back {
            *text = text.replace(&last(&rename.from), &last(&rename.to));
        }
    };
    for operation in operations {
        words(&mut operation.does);
        for hazard in &mut operation.hazards {
            words(&mut hazard.because);
            hazard.object = renamed_id(&hazard.object, &back);
        }
        for condition in &mut operation.inverse.conditions {
            words(&mut condition.says);
            condition.object = renamed_id(&condition.object, &back);
        }
    }
}
