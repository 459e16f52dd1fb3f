//! Tells of objects that were set aside for a rename under the names that people know.
use super::operation::Operation;
use crate::diff::goes_aside;
use crate::model::{ObjectId, Rename, quote, renamed_id};

/// Puts the former names of objects that go aside into the words, hazards and conditions of operations: the names in
/// between stand in the statements alone.
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
