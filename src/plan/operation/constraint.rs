//! Keys, foreign keys and checks.
use super::super::format::{BackPart, HazardKind, Held, Lock, LockMode, Reversibility, RunAs, Statement, Step};
use super::super::sql::{comment_on, constraint_definition, list};
use super::answer::{Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, exact, exclusive, hazard, lock, step, steps};
use crate::model::{
    Check, ConstraintName, Enforcement, ForeignKey, Key, KeyKind, Object, ObjectId, Qualified, RelationName,
};

/// What a constraint's operations say again and again.
struct Subject<'a> {
    id: ObjectId,
    table: &'a Qualified,
    table_id: ObjectId,
    name: &'a ConstraintName,
}

impl<'a> Subject<'a> {
    fn new(table: &'a Qualified, name: &'a ConstraintName) -> Self {
        let id = ObjectId::Constraint(table.clone(), name.clone());
        Self { id, table, table_id: ObjectId::Table(table.clone()), name }
    }

    fn add(&self, definition: &str) -> String {
        format!("alter table {} add constraint {} {definition}", self.table, self.name)
    }

    fn drop(&self) -> String {
        format!("alter table {} drop constraint {}", self.table, self.name)
    }

    fn validate(&self) -> String {
        format!("alter table {} validate constraint {}", self.table, self.name)
    }

    fn comment(&self, object: &Object) -> Option<String> {
        let comment = match object {
            Object::Key(o) => o.comment.as_deref(),
            Object::ForeignKey(o) => o.comment.as_deref(),
            Object::Check(o) => o.comment.as_deref(),
            _ => None,
        }?;
        Some(comment_on(&format!("constraint {} on {}", self.name, self.table), Some(comment)))
    }

    fn names(&self, object: &Object) -> Vec<Resource> {
        let mut names = vec![Resource::ConstraintName(self.table.clone(), self.name.clone())];
        if matches!(object, Object::Key(_)) {
            names.push(Resource::RelationName(self.table.sibling(self.name.as_str())));
        }
        names
    }

    /// The relations that adding or dropping it locks: a foreign key has a partner.
    fn locks(&self, object: &Object, own: LockMode, partner: LockMode, held: Held) -> Vec<Lock> {
        let mut locks = vec![lock(&self.table_id, own, held)];
        if let Object::ForeignKey(key) = object
            && key.references != *self.table
        {
            locks.push(lock(&ObjectId::Table(key.references.clone()), partner, held));
        }
        locks
    }
}

/// The constraint added: at once where the table is new, otherwise not valid first and validated behind.
pub(in super::super) fn add(
    context: &Context<'_>,
    table: &Qualified,
    name: &ConstraintName,
    object: &Object,
) -> Vec<Operation> {
    let s = Subject::new(table, name);
    match object {
        Object::Key(key) if !context.is_new(table) => key_online(context, &s, key, object),
        Object::Check(Check { enforcement: Enforcement::Valid, .. })
        | Object::ForeignKey(ForeignKey { enforcement: Enforcement::Valid, .. })
            if !context.is_new(table) =>
        {
            let mut first = add_at_once(context, &s, object, true);
            first.makes = vec![Resource::Halfway(s.id.clone(), "not valid")];
            vec![first, validate(context, &s, object)]
        }
        _ => vec![add_at_once(context, &s, object, false)],
    }
}

fn add_at_once(context: &Context<'_>, s: &Subject<'_>, object: &Object, not_valid: bool) -> Operation {
    let definition = constraint_definition(object).unwrap_or_default();
    let definition = if not_valid { format!("{definition} not valid") } else { definition };
    let mut sql = vec![s.add(&definition)];
    sql.extend(s.comment(object));
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    Operation {
        does: format!("add {} {}{}", object.kind(), s.name, if not_valid { ", not valid" } else { "" }),
        subject: s.id.clone(),
        steps: steps(sql),
        inverse: exact(
            s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment),
            vec![s.drop()],
        ),
        locks: s.locks(object, adding(object), LockMode::ShareRowExclusive, Held::Moment),
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(s.id.clone())],
        destroys: Vec::new(),
        grouping: Grouping::Shared,
    }
}

/// What `add constraint` takes on its own table: readers go on beside a new foreign key.
fn adding(object: &Object) -> LockMode {
    if matches!(object, Object::ForeignKey(_)) { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive }
}

fn not_valid(object: &Object) -> String {
    format!("{} not valid", constraint_definition(object).unwrap_or_default())
}

fn validate(_context: &Context<'_>, s: &Subject<'_>, object: &Object) -> Operation {
    Operation {
        does: format!("validate {} {}", object.kind(), s.name),
        subject: s.id.clone(),
        steps: steps([s.validate()]),
        // PostgreSQL has no way to unvalidate: it is made again, not valid, in one transaction.
        inverse: exact(
            s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment),
            [s.drop(), s.add(&not_valid(object))].into_iter().chain(s.comment(object)).collect(),
        ),
        locks: s.locks(object, LockMode::ShareUpdateExclusive, LockMode::RowShare, Held::Scan),
        hazards: vec![
            hazard(HazardKind::MayFailOnRows, &s.id, "fails if a row breaks it"),
            hazard(HazardKind::LongScan, &s.id, "the table is read once; readers and writers go on"),
        ],
        needs: vec![Resource::Halfway(s.id.clone(), "not valid")],
        makes: vec![Resource::After(s.id.clone())],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
    }
}

/// A constraint that stands there not valid is validated; the way back makes it not valid again.
pub(in super::super) fn validate_existing(
    context: &Context<'_>,
    table: &Qualified,
    name: &ConstraintName,
    before: &Object,
    after: &Object,
) -> Operation {
    let s = Subject::new(table, name);
    let mut op = validate(context, &s, after);
    let mut sql = vec![s.drop(), s.add(&constraint_definition(before).unwrap_or_default())];
    sql.extend(s.comment(before));
    op.inverse = exact(s.locks(before, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment), sql);
    op.needs = context.needs_after(&s.id);
    op.destroys = vec![Resource::Before(s.id.clone())];
    op
}

/// The unique index of a key, built while readers and writers go on.
fn key_index(s: &Subject<'_>, key: &Key, index: &RelationName) -> Step {
    let include = if key.include.is_empty() { String::new() } else { format!(" include ({})", list(&key.include)) };
    let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
    let with =
        if key.with.is_empty() { String::new() } else { format!(" with ({})", super::super::sql::options(&key.with)) };
    let space = key.tablespace.as_ref().map(|t| format!(" tablespace {}", crate::model::quote(t))).unwrap_or_default();
    let qualified = s.table.sibling(index.as_str());
    let columns = list(&key.columns);
    Step::Statement(Statement {
        sql: format!(
            "create unique index concurrently {index} on {} ({columns}){include}{nulls}{with}{space}",
            s.table
        ),
        run_as: RunAs::Role,
        probe: Some(super::index::created_probe(&qualified, s.table)),
        clear: Some(format!("drop index concurrently {qualified}")),
    })
}

/// The constraint takes the index over, and its name with it.
fn key_take(s: &Subject<'_>, key: &Key, object: &Object) -> Vec<String> {
    let words = match key.kind {
        KeyKind::Primary => "primary key",
        KeyKind::Unique => "unique",
    };
    let deferrable = match key.deferrable.as_sql() {
        "" => String::new(),
        text => format!(" {text}"),
    };
    let mut sql = vec![s.add(&format!("{words} using index {}{deferrable}", s.name))];
    sql.extend(s.comment(object));
    sql
}

/// A key online: a unique index built concurrently, then taken over by the constraint in a moment.
fn key_online(context: &Context<'_>, s: &Subject<'_>, key: &Key, object: &Object) -> Vec<Operation> {
    let index = RelationName::new(s.name.as_str());
    let qualified = s.table.sibling(index.as_str());
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    let build = Operation {
        does: format!("build the index of {}", s.name),
        subject: s.id.clone(),
        steps: vec![key_index(s, key, &index)],
        inverse: Inverse {
            kind: Reversibility::Exact,
            conditions: Vec::new(),
            parts: vec![BackPart {
                locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Moment)],
                steps: vec![Step::Statement(Statement {
                    sql: format!("drop index concurrently {qualified}"),
                    run_as: RunAs::Role,
                    probe: Some(super::index::dropped_probe(&qualified)),
                    clear: None,
                })],
            }],
            revive: None,
        },
        locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
        hazards: vec![
            hazard(HazardKind::MayFailOnRows, &s.id, "fails if two rows have the same values"),
            hazard(HazardKind::IndexBuild, &s.id, "a unique index is built; readers and writers go on"),
        ],
        needs,
        makes: vec![Resource::Halfway(s.id.clone(), "index")],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
    };
    // Dropping the constraint drops its index: the way back builds another beside it first, for the segment before.
    let beside = RelationName::new(crate::model::aside_name(&format!("{} back", context.seed), &s.id));
    let swap = [s.drop(), format!("alter index {} rename to {index}", s.table.sibling(beside.as_str()))];
    let take = Operation {
        does: format!("add key {}", s.name),
        subject: s.id.clone(),
        steps: steps(key_take(s, key, object)),
        inverse: Inverse {
            kind: Reversibility::Exact,
            conditions: Vec::new(),
            parts: vec![
                BackPart {
                    locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
                    steps: vec![key_index(s, key, &beside)],
                },
                BackPart { locks: exclusive(&s.table_id), steps: steps(swap) },
            ],
            revive: None,
        },
        locks: exclusive(&s.table_id),
        hazards: Vec::new(),
        needs: vec![Resource::Halfway(s.id.clone(), "index")],
        makes: vec![Resource::After(s.id.clone())],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
    };
    vec![build, take]
}

/// The constraint dropped. The way back of a valid check or foreign key is online too: not valid, then validated.
pub(in super::super) fn drop(
    context: &Context<'_>,
    table: &Qualified,
    name: &ConstraintName,
    object: &Object,
) -> Operation {
    let s = Subject::new(table, name);
    let definition = constraint_definition(object).unwrap_or_default();
    let moment = s.locks(object, adding(object), LockMode::ShareRowExclusive, Held::Moment);
    let validated = matches!(
        object,
        Object::Check(Check { enforcement: Enforcement::Valid, .. })
            | Object::ForeignKey(ForeignKey { enforcement: Enforcement::Valid, .. })
    );
    let mut restore: Vec<Step> =
        vec![step(s.add(&if validated { format!("{definition} not valid") } else { definition.clone() }))];
    restore.extend(s.comment(object).map(step));
    let mut parts = vec![BackPart { locks: moment, steps: restore }];
    if validated {
        let locks = s.locks(object, LockMode::ShareUpdateExclusive, LockMode::RowShare, Held::Scan);
        parts.push(BackPart { locks, steps: steps([s.validate()]) });
    }
    if let Object::Key(key) = object {
        parts = vec![
            BackPart {
                locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)],
                steps: vec![key_index(&s, key, &RelationName::new(name.as_str()))],
            },
            BackPart { locks: exclusive(&s.table_id), steps: steps(key_take(&s, key, object)) },
        ];
    }
    let mut destroys = vec![Resource::Before(s.id.clone())];
    destroys.extend(s.names(object));
    Operation {
        does: format!("drop {} {}", object.kind(), s.name),
        subject: s.id.clone(),
        steps: steps([s.drop()]),
        inverse: Inverse {
            kind: Reversibility::Conditional,
            conditions: super::broken::rows(context, table, &s.id, object).into_iter().collect(),
            parts,
            revive: None,
        },
        locks: s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment),
        hazards: Vec::new(),
        needs: context.needs_before(&s.id),
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
    }
}

/// `comment on constraint`.
pub(in super::super) fn comment(
    table: &Qualified,
    name: &ConstraintName,
    before: Option<&str>,
    after: Option<&str>,
) -> Operation {
    let s = Subject::new(table, name);
    super::comment::comment(&s.id, &format!("constraint {name} on {table}"), before, after, &s.table_id)
}

/// `rename constraint`.
pub(in super::super) fn rename(table: &Qualified, from: &ConstraintName, to: &ConstraintName) -> Operation {
    let s = Subject::new(table, to);
    let alter = format!("alter table {table} rename constraint");
    InPlace {
        does: format!("rename constraint {from} to {to}"),
        subject: s.id.clone(),
        forward: vec![format!("{alter} {from} to {to}")],
        backward: vec![format!("{alter} {to} to {from}")],
        locks: exclusive(&s.table_id),
        hazards: Vec::new(),
        needs: vec![Resource::After(s.table_id.clone())],
    }
    .operation()
}
