//! Operations on schemas, and what operations on everything that no table holds have in common.
use super::super::format::{Condition, ConditionKind, Step};
use super::super::sql::{comment_on, head_of, owner_to};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::support::{exact, steps};
use crate::model::{Head, ObjectId, Schema, SchemaName};

pub(super) fn made(
    does: String,
    id: &ObjectId,
    sql: Vec<String>,
    undo: Inverse,
    mut needs: Vec<Resource>,
    names: Vec<Resource>,
) -> Operation {
    needs.extend(names.iter().cloned());
    Operation {
        does,
        subject: *id,
        steps: steps(sql),
        inverse: undo,
        locks: Vec::new(),
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(*id)],
        destroys: Vec::new(),
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// `create schema`.
pub(in super::super) fn create_schema(name: &SchemaName, head: &Head) -> Operation {
    let id = ObjectId::schema(*name);
    let sql = schema_sql(name, head);
    made(
        format!("create schema {name}"),
        &id,
        sql,
        exact(Vec::new(), vec![format!("drop schema {name}")]),
        Vec::new(),
        vec![Resource::SchemaName(*name)],
    )
}

fn schema_sql(name: &SchemaName, head: &Head) -> Vec<String> {
    let mut sql = vec![format!("create schema {name}")];
    sql.extend(head_of(&ObjectId::schema(*name), head));
    sql
}

/// Steps that bring a schema which is there already to what a state has, as a role that may do that.
pub fn schema_as_recorded(name: &SchemaName, there: &Head, recorded: &Head) -> Vec<Step> {
    let (id, mut sql) = (ObjectId::schema(*name), Vec::new());
    if let Some(comment) = recorded.comment.as_deref().filter(|_| there.comment != recorded.comment) {
        sql.push(comment_on(&format!("schema {name}"), Schema::comment_there(name, Some(comment))));
    }
    if let Some(owner) = recorded.owner.as_ref() {
        if there.owner.as_ref() != Some(owner) {
            sql.extend(owner_to(&id, None, owner));
        }
        sql.extend(super::access::statements(&id, there, recorded));
    }
    steps(sql)
}

pub(super) fn dropped(
    does: String,
    id: &ObjectId,
    sql: Vec<String>,
    undo: Inverse,
    needs: Vec<Resource>,
    names: Vec<Resource>,
) -> Operation {
    let mut destroys = vec![Resource::Before(*id)];
    destroys.extend(names);
    Operation {
        does,
        subject: *id,
        steps: steps(sql),
        inverse: undo,
        locks: Vec::new(),
        hazards: Vec::new(),
        needs,
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// `drop schema`, of an empty one: what it holds is dropped first, by operations of its own.
pub(in super::super) fn drop_schema(name: &SchemaName, head: &Head) -> Operation {
    let id = ObjectId::schema(*name);
    let sql = vec![format!("drop schema {name}")];
    dropped(
        format!("drop schema {name}"),
        &id,
        sql,
        exact(Vec::new(), schema_sql(name, head)),
        Vec::new(),
        vec![Resource::SchemaName(*name)],
    )
}

/// Counts what a way back cannot take along: it is refused while there is any.
pub(super) fn blocks(object: &ObjectId, count: String, says: String) -> Condition {
    Condition { kind: ConditionKind::Blocks, object: *object, count, says }
}

/// Counts what a dropped thing would lose; used by tables and columns.
pub(super) fn loses(object: &ObjectId, count: String, says: String) -> Condition {
    Condition { kind: ConditionKind::Loses, object: *object, count, says }
}
