//! Reads and writes check constraints of tables.
use super::{
    attributes,
    foreign_key::{read_enforcement, write_enforcement},
    group::Item,
    head,
    in_state::InState,
    keys::{Allowed, Keys},
    naming::free_name,
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{Reference, canonical_expression, references_of_expression};
use crate::model::{Body, Check, ConstraintName, Enforcement, Fragment, Object, ObjectId, Qualified, Typed};
use crate::yaml::{Node, Value as Yaml};
use serde_yaml::Value;
use std::collections::BTreeSet;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Check>,
    both: &["expression", "not_valid", "not_enforced", "comment"],
    declared: &["renamed_from"],
    state: &[],
    later: &[("enforced", "it needs PostgreSQL 18, which pgform does not plan for yet")],
};

/// Reads a check: its expression, or a mapping.
pub(super) fn read(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, &only_column(item.node()), "check"),
    };
    let id = ObjectId::constraint(*table, ConstraintName::new(&name));
    reader.name(&name, "a check", item.place());
    if !reader.begin(&id, item.place()) {
        return;
    }
    let what = format!("the check {name}");
    if reader.is_declared() && matches!(item.node().value, Yaml::Scalar { text: _, style: _ }) {
        reader.places.set_attribute(&id, "expression", &item.node().place);
        if let Some(expression) = reader.declared_sql(item.node(), &what, canonical_expression) {
            let check = Check { expression, no_inherit: false, enforcement: Enforcement::Valid };
            reader.insert(id, Some(Body::Check(check).into()));
        }
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &what, item.node(), &KEYS) else { return };
    if !keys.has("expression") {
        keys.missing("expression");
    }
    let (expression, enforcement) = (keys.sql("expression", canonical_expression), read_enforcement(&mut keys));
    let known = expression.is_some();
    let mut check =
        Check { expression: expression.unwrap_or_else(|| Fragment::written("")), no_inherit: false, enforcement };
    attributes::read(&mut keys, &mut check);
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::constraint(*table, ConstraintName::new(old)));
    if known {
        reader.insert(id, Some(Object { head, body: Body::Check(check) }));
    }
}

/// Gives the column, if the check names exactly one: PostgreSQL puts it into the default name.
fn only_column(node: &Node) -> String {
    let text = match &node.get("expression").unwrap_or(node).value {
        Yaml::Scalar { text, style: _ } => text.as_str(),
        Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) => "",
    };
    let columns: BTreeSet<String> = references_of_expression(text)
        .into_iter()
        .filter_map(|reference| match reference {
            Reference::Column(_, name) => Some(name),
            Reference::Relation(..) | Reference::Type(..) | Reference::Function(..) | Reference::Collation(..) => None,
        })
        .collect();
    if columns.len() == 1 { columns.into_iter().next().unwrap_or_default() } else { String::new() }
}

impl InState for Check {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(check: Typed<'_, Check>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    attributes::write(&mut out, check.own, |out, attribute| match attribute {
        "expression" => out.sql("expression", &check.expression),
        _ => write_enforcement(out, check.enforcement),
    });
    head::write(&mut out, check.head);
    out.done_or_only("expression")
}
