//! Reads groups of constraints, indexes and triggers: mappings by name, or lists of what has no name.
use super::reader::{Left, Reader};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{Object, ObjectId, Qualified};
use crate::yaml::{self, Entry, Node, Value};

/// Member of a group of constraints or indexes: an entry with its name, or an item of a list, which gets PostgreSQL's
/// default name.
#[derive(Clone, Copy)]
pub(super) enum Item<'n> {
    Named(&'n Entry),
    Nameless(&'n Node),
}

impl<'n> Item<'n> {
    pub(super) fn node(&self) -> &'n Node {
        match self {
            Self::Named(entry) => &entry.value,
            Self::Nameless(node) => node,
        }
    }

    pub(super) fn place(&self) -> &'n Place {
        match self {
            Self::Named(entry) => &entry.key_place,
            Self::Nameless(node) => &node.place,
        }
    }

    pub(super) fn name(&self) -> Option<&'n str> {
        match self {
            Self::Named(entry) => Some(&entry.key),
            Self::Nameless(_) => None,
        }
    }
}

/// Gives the members of a group: a mapping by name, or in a declaration a list.
pub(super) fn items<'n>(reader: &mut Reader, node: &'n Node, what: &str) -> Vec<Item<'n>> {
    match &node.value {
        Value::Sequence(nodes) if reader.is_declared() => nodes.iter().map(Item::Nameless).collect(),
        Value::Null => Vec::new(),
        Value::Scalar { text: _, style: _ } | Value::Sequence(_) | Value::Mapping(_) => {
            entries(reader, node, what).iter().map(Item::Named).collect()
        }
    }
}

/// Gives the entries of a group by name; nothing written is an empty one.
pub(super) fn entries<'n>(reader: &mut Reader, node: &'n Node, what: &str) -> &'n [Entry] {
    if node.value == Value::Null {
        return &[];
    }
    yaml::entries(node, what, &mut reader.out).unwrap_or_default()
}

/// Reader of one member of a group.
pub(super) type Read = fn(&mut Reader, &Qualified, Item<'_>);

/// Reads the constraints and indexes of a relation, group by group: `whose` they are is said in messages. PostgreSQL
/// chooses names for what has none around those that are taken: the named ones come first.
pub(super) fn read<const N: usize>(
    reader: &mut Reader,
    (relation, whose): (&Qualified, &str),
    groups: [(Option<&Node>, &str, Read); N],
) {
    let mut nameless = Vec::new();
    for (node, group, read) in groups {
        let what = format!("`{group}` of {whose}");
        for item in node.map(|node| items(reader, node, &what)).unwrap_or_default() {
            if item.name().is_some() { read(reader, relation, item) } else { nameless.push((read, item)) }
        }
    }
    for (read, item) in nameless {
        read(reader, relation, item);
    }
}

/// Leaves the triggers on a relation for when all functions are known.
pub(super) fn triggers(reader: &mut Reader, relation: &Qualified, node: Option<&Node>) {
    let what = format!("`triggers` of {}", relation.name);
    for entry in node.map(|node| entries(reader, node, &what)).unwrap_or_default() {
        reader.read_later(Left::Trigger(*relation), entry);
    }
}

impl Reader {
    /// Tells whether a plan says `absent` here; then takes that into the state.
    pub(super) fn is_absent(&mut self, id: &ObjectId, node: &Node) -> bool {
        let absent = !self.is_declared() && matches!(&node.value, Value::Scalar { text, style: _ } if text == "absent");
        if absent {
            self.insert(*id, None::<Object>);
        }
        absent
    }

    /// Reports a group that has several members where one is meant.
    pub(super) fn wrong_shape(&mut self, node: &Node, what: &str, expected: &str) {
        self.out.push(
            Diagnostic::error(Code::WrongType, format!("{what} is {}, and must be {expected}", node.words()))
                .at(&node.place, format!("{expected} is expected here")),
        );
    }
}
