use super::privileges::{column_grants, grants, owner_to};
use crate::model::{ObjectId, Opaque, OpaqueKind, quote};

/// What the catalog's text of an opaque object does not say: whose it is, and who may use it.
#[must_use]
pub fn opaque_access(id: &ObjectId, opaque: &Opaque) -> Vec<String> {
    let Opaque { create: _, comment: _, owner, privileges, column_privileges, depends_on: _ } = opaque;
    let ObjectId::Opaque(kind, parts) = id else { return Vec::new() };
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let Some((alter, name)) = altered(*kind, &parts) else { return Vec::new() };
    let mut out = owner_to(alter, &name, owner.as_deref());
    if let Some(word) = granted(*kind) {
        let name = if *kind == OpaqueKind::Aggregate { as_function(&parts) } else { name.clone() };
        out.extend(grants(word, &name, owner.as_deref(), privileges.as_deref()));
    }
    out.extend(column_privileges.iter().flat_map(|(column, items)| column_grants(&name, column, items)));
    out
}

/// The kind and the name as `alter … owner to` takes them; `None` for kinds that belong to nobody, or to their table.
fn altered(kind: OpaqueKind, parts: &[&str]) -> Option<(&'static str, String)> {
    let word = match kind {
        OpaqueKind::Domain => "domain",
        OpaqueKind::CompositeType | OpaqueKind::RangeType | OpaqueKind::BaseType => "type",
        OpaqueKind::PartitionedTable | OpaqueKind::Partition | OpaqueKind::InheritingTable => "table",
        OpaqueKind::ForeignDataWrapper => "foreign data wrapper",
        OpaqueKind::Collation
        | OpaqueKind::Function
        | OpaqueKind::Procedure
        | OpaqueKind::Aggregate
        | OpaqueKind::Operator
        | OpaqueKind::OperatorClass
        | OpaqueKind::OperatorFamily
        | OpaqueKind::Conversion
        | OpaqueKind::Language
        | OpaqueKind::ForeignTable
        | OpaqueKind::MaterializedView
        | OpaqueKind::Statistics
        | OpaqueKind::TextSearchConfiguration
        | OpaqueKind::TextSearchDictionary
        | OpaqueKind::ForeignServer
        | OpaqueKind::EventTrigger
        | OpaqueKind::Publication
        | OpaqueKind::Subscription => kind.as_str(),
        OpaqueKind::Cast
        | OpaqueKind::AccessMethod
        | OpaqueKind::ExclusionConstraint
        | OpaqueKind::Trigger
        | OpaqueKind::Rule
        | OpaqueKind::Policy
        | OpaqueKind::TextSearchParser
        | OpaqueKind::TextSearchTemplate
        | OpaqueKind::UserMapping
        | OpaqueKind::DefaultPrivileges
        | OpaqueKind::SecurityLabel
        | OpaqueKind::Transform => return None,
    };
    let named = |n: usize| parts.iter().take(n).map(|p| quote(p)).collect::<Vec<_>>().join(".");
    let name = match (kind, parts) {
        (OpaqueKind::Aggregate, [.., ""]) => format!("{}(*)", named(2)),
        (OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate, [.., arguments]) => {
            format!("{}({arguments})", named(2))
        }
        (OpaqueKind::Operator, [schema, name, left, right]) => {
            let side = |of: &str| if of == "-" { "none".to_owned() } else { of.to_owned() };
            format!("{}.{name} ({}, {})", quote(schema), side(left), side(right))
        }
        (OpaqueKind::OperatorClass | OpaqueKind::OperatorFamily, [.., method]) => {
            format!("{} using {}", named(2), quote(method))
        }
        _ => named(parts.len()),
    };
    Some((word, name))
}

/// The kind as `grant` calls it; `None` where there is nothing to grant.
fn granted(kind: OpaqueKind) -> Option<&'static str> {
    const WORDS: &[(OpaqueKind, &str)] = &[
        (OpaqueKind::Domain, "domain"),
        (OpaqueKind::CompositeType, "type"),
        (OpaqueKind::RangeType, "type"),
        (OpaqueKind::BaseType, "type"),
        (OpaqueKind::Function, "function"),
        (OpaqueKind::Aggregate, "function"),
        (OpaqueKind::Procedure, "procedure"),
        (OpaqueKind::Language, "language"),
        (OpaqueKind::ForeignDataWrapper, "foreign data wrapper"),
        (OpaqueKind::ForeignServer, "foreign server"),
    ];
    if kind.is_relation() {
        return Some("table");
    }
    WORDS.iter().find(|(of, _)| *of == kind).map(|(_, word)| *word)
}

/// `grant` knows an aggregate as a function of all its arguments: the direct ones and those that are sorted.
fn as_function(parts: &[&str]) -> String {
    let [schema, name, arguments] = parts else { return String::new() };
    let arguments = match arguments.split_once("ORDER BY ") {
        // A variadic argument that is both is one.
        Some((direct, sorted)) if direct.trim_end() == sorted => sorted.to_owned(),
        Some(("", sorted)) => sorted.to_owned(),
        Some((direct, sorted)) => format!("{}, {sorted}", direct.trim_end()),
        None => (*arguments).to_owned(),
    };
    format!("{}.{}({arguments})", quote(schema), quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(kind: OpaqueKind, parts: &[&str], privileges: Option<&[&str]>) -> Vec<String> {
        let id = ObjectId::Opaque(kind, parts.iter().map(|p| (*p).to_owned()).collect());
        let items = privileges.map(|items| items.iter().map(|i| (*i).to_owned()).collect());
        opaque_access(&id, &Opaque { owner: Some("me".to_owned()), privileges: items, ..Opaque::default() })
    }

    #[test]
    fn each_kind_is_called_as_its_statements_call_it() {
        assert_eq!(
            sql(OpaqueKind::Function, &["a b", "f", "n integer, OUT x text"], Some(&["app=X/me", "me=X/me"])),
            [
                "alter function \"a b\".f(n integer, OUT x text) owner to me",
                "revoke all on function \"a b\".f(n integer, OUT x text) from public",
                "grant execute on function \"a b\".f(n integer, OUT x text) to app",
                "grant execute on function \"a b\".f(n integer, OUT x text) to me",
            ]
        );
        assert_eq!(sql(OpaqueKind::Aggregate, &["s", "n", ""], None), ["alter aggregate s.n(*) owner to me"]);
        assert_eq!(
            sql(OpaqueKind::Aggregate, &["s", "p", "double precision ORDER BY anyelement"], Some(&[])),
            [
                "alter aggregate s.p(double precision ORDER BY anyelement) owner to me",
                "revoke all on function s.p(double precision, anyelement) from public",
                "revoke all on function s.p(double precision, anyelement) from me",
            ]
        );
        assert_eq!(
            sql(OpaqueKind::Operator, &["s", "===", "-", "integer"], None),
            ["alter operator s.=== (none, integer) owner to me"]
        );
        assert_eq!(
            sql(OpaqueKind::OperatorClass, &["s", "ops", "btree"], None),
            ["alter operator class s.ops using btree owner to me"]
        );
        assert_eq!(sql(OpaqueKind::Trigger, &["s", "t", "x"], None), [""; 0]);
    }
}
