//! Keys, foreign keys and checks.
use super::super::format::{
    BackPart, Condition, ConditionKind, HazardKind, Held, Lock, LockMode, Reversibility, RunAs, Statement, Step,
};
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

/// A key online: a unique index built concurrently, then taken over by the constraint in a moment.
fn key_online(context: &Context<'_>, s: &Subject<'_>, key: &Key, object: &Object) -> Vec<Operation> {
    let index = RelationName::new(s.name.as_str());
    let include = if key.include.is_empty() { String::new() } else { format!(" include ({})", list(&key.include)) };
    let nulls = if key.nulls_not_distinct { " nulls not distinct" } else { "" };
    let with =
        if key.with.is_empty() { String::new() } else { format!(" with ({})", super::super::sql::options(&key.with)) };
    let qualified = s.table.sibling(index.as_str());
    let create = format!(
        "create unique index concurrently {index} on {} ({}){include}{nulls}{with}",
        s.table,
        list(&key.columns)
    );
    let drop = format!("drop index concurrently {qualified}");
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    let build = Operation {
        does: format!("build the index of {}", s.name),
        subject: s.id.clone(),
        steps: vec![Step::Statement(Statement {
            sql: create,
            run_as: RunAs::Role,
            probe: Some(super::index::created_probe(&qualified, s.table)),
            clear: Some(drop.clone()),
        })],
        inverse: Inverse {
            kind: Reversibility::Exact,
            conditions: Vec::new(),
            parts: vec![BackPart {
                locks: vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Moment)],
                steps: vec![Step::Statement(Statement {
                    sql: drop,
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
    let words = match key.kind {
        KeyKind::Primary => "primary key",
        KeyKind::Unique => "unique",
    };
    let deferrable = match key.deferrable.as_sql() {
        "" => String::new(),
        text => format!(" {text}"),
    };
    let mut sql = vec![s.add(&format!("{words} using index {index}{deferrable}"))];
    sql.extend(s.comment(object));
    let take = Operation {
        does: format!("add key {}", s.name),
        subject: s.id.clone(),
        steps: steps(sql),
        // Dropping the constraint drops the index: the way back makes an index again for the segment before to drop.
        inverse: exact(
            exclusive(&s.table_id),
            vec![
                s.drop(),
                format!("create unique index {index} on {} ({}){include}{nulls}{with}", s.table, list(&key.columns)),
            ],
        ),
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
    if let Object::Key(_) = object {
        parts[0].locks[0].held = Held::Build;
    }
    let mut destroys = vec![Resource::Before(s.id.clone())];
    destroys.extend(s.names(object));
    Operation {
        does: format!("drop {} {}", object.kind(), s.name),
        subject: s.id.clone(),
        steps: steps([s.drop()]),
        inverse: Inverse {
            kind: Reversibility::Conditional,
            conditions: broken_rows(&s, object).into_iter().collect(),
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

/// Counts the rows that would keep the constraint from coming back.
fn broken_rows(s: &Subject<'_>, object: &Object) -> Option<Condition> {
    let count = match object {
        Object::Check(check) if check.enforcement == Enforcement::Valid => {
            format!("select count(*) from {} where not ({})", s.table, check.expression.sql())
        }
        Object::ForeignKey(key) if key.enforcement == Enforcement::Valid => {
            let joined: Vec<String> =
                key.columns.iter().zip(&key.referenced).map(|(a, b)| format!("r.{b} = l.{a}")).collect();
            let present: Vec<String> = key.columns.iter().map(|c| format!("l.{c} is not null")).collect();
            format!(
                "select count(*) from {} as l where {} and not exists (select from {} as r where {})",
                s.table,
                present.join(" and "),
                key.references,
                joined.join(" and ")
            )
        }
        Object::Key(key) => {
            let columns = list(&key.columns);
            let nulls: Vec<String> = key.columns.iter().map(|c| format!("{c} is not null")).collect();
            let filter = if key.nulls_not_distinct { String::new() } else { format!(" where {}", nulls.join(" and ")) };
            format!(
                "select count(*) from (select 1 from {}{filter} group by {columns} having count(*) > 1) as twice",
                s.table
            )
        }
        _ => return None,
    };
    Some(Condition {
        kind: ConditionKind::Blocks,
        object: s.id.clone(),
        count,
        says: format!("rows written since that break {}", s.name),
    })
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
