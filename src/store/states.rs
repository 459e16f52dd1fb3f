//! The form of objects in a plan file is the declaration's. Until that stage is there, only `absent` has a form: a plan that
//! holds an object is refused by `SealedPlan::new`, which reads back what it wrote.
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::{Object, ObjectId},
    yaml::{self, Node},
};
use std::collections::BTreeMap;

pub(super) fn to_value(objects: &BTreeMap<ObjectId, Option<Object>>) -> serde_yaml::Value {
    let entries = objects.keys().map(|id| (id.to_string().into(), "absent".into()));
    serde_yaml::Value::Mapping(entries.collect())
}

pub(super) fn from_node(node: &Node) -> Result<BTreeMap<ObjectId, Option<Object>>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let entries = yaml::entries(node, "the state", &mut diagnostics).unwrap_or_default();
    let mut objects = BTreeMap::new();
    for entry in entries {
        match ObjectId::parse(&entry.key) {
            Some(id) => {
                objects.insert(id, None);
            }
            None => diagnostics.push(Diagnostic::error(Code::WrongType, "no identity").at(&entry.key_place, "here")),
        }
    }
    diagnostics.or_value(objects).map(|(objects, _)| objects)
}
