//! Merges what a mapping says under a key that is written twice.
use super::node::{Node, Value};

/// Puts what stands under a key's second writing beside what stands under its first, so that mistakes in it are told too:
/// the first has what both have, but for mappings, which are put together likewise.
pub(super) fn merge(first: &mut Node, second: Node) {
    let (Value::Mapping(entries), Value::Mapping(more)) = (&mut first.value, second.value) else { return };
    for entry in more {
        match entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => merge(&mut known.value, entry.value),
            None => entries.push(entry),
        }
    }
}
