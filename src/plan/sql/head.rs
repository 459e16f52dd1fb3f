//! Writes comments, owners and privileges of objects of any kind as statements of their own.
use super::comment_on;
use super::privileges::{column_grants, grants};
use crate::model::{
    CarriedForm, Head, NamePath, Object, ObjectId, ObjectKind, Privileges, Schema, quote, routine_name,
};

/// The statements that give a new object its comment, its owner and its privileges.
#[must_use]
pub fn head_of(id: &ObjectId, head: &Head) -> Vec<String> {
    head_of_called(id, None, head)
}

/// The statements of [`head_of`] for an object whose word is finer than its kind's: a materialized view.
#[must_use]
pub fn head_of_called(id: &ObjectId, called: Option<&'static str>, head: &Head) -> Vec<String> {
    let comment = match id.path() {
        NamePath::Alone(name) if id.is(ObjectKind::Schema) => {
            Schema::comment_there(&name.into(), head.comment.as_deref())
        }
        NamePath::Alone(_) | NamePath::InSchema(_) | NamePath::OfRelation(..) | NamePath::Several(_) => {
            head.comment.as_deref()
        }
    };
    let on = comment.and_then(|_| commented_as(id, called));
    let mut out: Vec<String> = on.map(|on| comment_on(&on, comment)).into_iter().collect();
    out.extend(access_of(id, called, head));
    out
}

/// The object as [`commented`] gives it, by the word that statements have for it.
#[must_use]
pub fn commented_as(id: &ObjectId, called: Option<&'static str>) -> Option<String> {
    match (called, id.qualified()) {
        (Some(word), Some(name)) => Some(format!("{word} {name}")),
        (Some(_), None) | (None, _) => commented(id),
    }
}

/// The object as `comment on` takes it; and `drop` and `alter` likewise; `None` for a carried
/// kind, whose text has its comment.
#[must_use]
pub fn commented(id: &ObjectId) -> Option<String> {
    Some(match (id.kind(), id.path()) {
        (ObjectKind::Column, NamePath::OfRelation(table, name)) => format!("column {table}.{}", quote(name.as_str())),
        (ObjectKind::Index, NamePath::InSchema(name)) => format!("index {name}"),
        (ObjectKind::Extension, NamePath::Alone(name)) => format!("extension {}", quote(name.as_str())),
        (kind, _) if kind.is_carried() => return None,
        (kind, NamePath::OfRelation(table, name)) => format!("{kind} {} on {table}", quote(name.as_str())),
        (kind, _) => {
            let (word, name) = altered(kind, &id.parts())?;
            format!("{word} {name}")
        }
    })
}

/// The statements that say whose an object is that is carried along, and who may use it.
#[must_use]
pub fn access_of_carried(id: &ObjectId, object: &Object) -> Vec<String> {
    access_of(id, object.carried_form().and_then(CarriedForm::word_in_alter), &object.head)
}

fn access_of(id: &ObjectId, called: Option<&'static str>, head: &Head) -> Vec<String> {
    let Head { comment: _, owner, privileges, column_privileges, depends_on: _ } = head;
    if let (ObjectKind::Column, NamePath::OfRelation(table, name)) = (id.kind(), id.path()) {
        let items = privileges.iter().flat_map(|items| column_grants(&table.to_string(), &name.into(), items));
        return items.collect();
    }
    let mut out: Vec<String> = owner.iter().filter_map(|owner| owned(id, called, owner)).collect();
    if let Some((word, name)) = granted(id) {
        let usual = Privileges::by_default(id.kind(), owner.as_deref());
        out.extend(grants(word, &name, owner.as_deref(), privileges.as_ref(), &usual));
        out.extend(column_privileges.iter().flat_map(|(column, items)| column_grants(&name, column, items)));
    }
    out
}

/// `alter … owner to`, of a kind that has owners; `called` is the word for it where that is finer than the kind's.
#[must_use]
pub fn owner_to(id: &ObjectId, called: Option<&'static str>, owner: &str) -> Option<String> {
    owned(id, called, owner)
}

fn owned(id: &ObjectId, called: Option<&'static str>, owner: &str) -> Option<String> {
    let (alter, name) = altered(id.kind(), &id.parts())?;
    Some(format!("alter {} {name} owner to {}", called.unwrap_or(alter), quote(owner)))
}

/// The word and the name as `grant … on` takes them; `None` for kinds without privileges of their own.
#[must_use]
pub fn granted(id: &ObjectId) -> Option<(&'static str, String)> {
    let word = id.kind().word_in_grant()?;
    // `grant`, and the catalog, know an aggregate as a function of all its arguments: the direct ones and those that are sorted.
    let known = if id.is(ObjectKind::Aggregate) { routine_name(id) } else { *id };
    Some((word, altered(known.kind(), &known.parts())?.1))
}

/// The kind and the name as `alter … owner to` takes them; `None` for kinds that belong to nobody, or to their table.
fn altered(kind: ObjectKind, parts: &[&str]) -> Option<(&'static str, String)> {
    let word = kind.word_in_alter()?;
    let named = |n: usize| parts.iter().take(n).map(|p| quote(p)).collect::<Vec<_>>().join(".");
    let name = match (kind, parts) {
        (ObjectKind::Aggregate, [.., ""]) => format!("{}(*)", named(2)),
        (ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate, [.., arguments]) => {
            format!("{}({arguments})", named(2))
        }
        (ObjectKind::Operator, [schema, name, left, right]) => {
            let side = |of: &str| if of == "-" { "none".to_owned() } else { of.to_owned() };
            format!("{}.{name} ({}, {})", quote(schema), side(left), side(right))
        }
        (ObjectKind::OperatorClass | ObjectKind::OperatorFamily, [.., method]) => {
            format!("{} using {}", named(2), quote(method))
        }
        _ => named(parts.len()),
    };
    Some((word, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(kind: ObjectKind, parts: &[&str], privileges: Option<&[&str]>) -> Vec<String> {
        let id = ObjectId::of_parts(kind, parts);
        let items = privileges.map(|items| {
            let items: Vec<String> = items.iter().map(|i| (*i).to_owned()).collect();
            Privileges::of_list(&items, Some("me"))
        });
        let mut sql =
            access_of(&id, None, &Head { owner: Some("me".to_owned()), privileges: items, ..Head::default() });
        // What undoes default privileges is the same for each.
        sql.retain(|sql| !sql.starts_with("do $"));
        sql
    }

    #[test]
    fn each_kind_is_called_as_its_statements_call_it() {
        assert_eq!(
            sql(ObjectKind::Function, &["a b", "f", "integer"], Some(&["app=X/me", "me=X/me"])),
            [
                "alter function \"a b\".f(integer) owner to me",
                "revoke all on function \"a b\".f(integer) from public",
                "grant execute on function \"a b\".f(integer) to app",
                "grant execute on function \"a b\".f(integer) to me",
            ]
        );
        assert_eq!(sql(ObjectKind::Aggregate, &["s", "n", ""], None), ["alter aggregate s.n(*) owner to me"]);
        assert_eq!(
            sql(ObjectKind::Aggregate, &["s", "p", "double precision ORDER BY anyelement"], Some(&[])),
            [
                "alter aggregate s.p(double precision ORDER BY anyelement) owner to me",
                "revoke all on function s.p(double precision, anyelement) from public",
                "revoke all on function s.p(double precision, anyelement) from me",
            ]
        );
        assert_eq!(
            sql(ObjectKind::Operator, &["s", "===", "-", "integer"], None),
            ["alter operator s.=== (none, integer) owner to me"]
        );
        assert_eq!(
            sql(ObjectKind::OperatorClass, &["s", "ops", "btree"], None),
            ["alter operator class s.ops using btree owner to me"]
        );
        assert_eq!(sql(ObjectKind::Trigger, &["s", "t", "x"], None), [""; 0]);
    }
}
