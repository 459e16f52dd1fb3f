//! Operations on constraints: keys, foreign keys and checks, added, validated, dropped.
use super::super::format::{BackPart, HazardKind, Held, LockMode, Reversibility};
use super::super::sql::constraint_definition;
use super::ahead;
use super::answer::{Ahead, Grouping, Inverse, Milestone, Operation, Resource};
use super::constraint_subject::Subject;
use super::context::Context;
use super::exclusion;
use super::key;
use super::marks;
use super::partitioned;
use super::support::{InPlace, exact, exclusive, hazard, lock, step, steps};
use crate::model::{Body, ConstraintName, Enforcement, Object, Qualified};

/// The constraint added: at once where the table is new, otherwise not valid first and validated behind.
pub(in super::super) fn add(
    context: &Context<'_>,
    table: &Qualified,
    name: &ConstraintName,
    object: &Object,
) -> Vec<Operation> {
    let s = Subject::new(table, name);
    if context.is_new(table) {
        return vec![add_at_once(context, &s, object, false)];
    }
    let partitioned = context.after.is_partitioned(table);
    if let Body::Key(key) = &object.body {
        return match partitioned {
            true => vec![partitioned::add_a_key(context, &s, key, object)],
            false => key::online(context, &s, key, object),
        };
    }
    if partitioned && matches!(object.body, Body::ForeignKey(_)) {
        let add = add_at_once(context, &s, object, false);
        return vec![partitioned::add_a_foreign_key(context, &s, object, add)];
    }
    if let Body::Exclusion(exclusion) = &object.body {
        return vec![exclusion::building(context, (&s, exclusion), add_at_once(context, &s, object, false))];
    }
    let valid = object.body.enforcement() == Some(Enforcement::Valid);
    if !valid {
        return vec![add_at_once(context, &s, object, false)];
    }
    let mut first = add_at_once(context, &s, object, true);
    first.makes = vec![Resource::Halfway(s.id, Milestone::NotValid)];
    // New rows obey it from here on: it stands alone, so that it goes again where old ones break it.
    first.grouping = Grouping::Alone;
    let (look, rule) = ahead::constraint(context, (table, name), object);
    first.ahead = Ahead { looks: look.into_iter().collect(), rule };
    vec![first, validate(&s, object)]
}

fn add_at_once(context: &Context<'_>, s: &Subject<'_>, object: &Object, not_valid: bool) -> Operation {
    let definition = constraint_definition(object).unwrap_or_default();
    let definition = if not_valid { format!("{definition} not valid") } else { definition };
    let mut sql = vec![s.add(&definition)];
    sql.extend(s.comment(object));
    // What the table says of an index of a key, the key's own operations say.
    if matches!(object.body, Body::Exclusion(_)) {
        sql.extend(marks::of(context.after, s.table, &s.index()).0);
    }
    let mut needs = context.needs_after(&s.id);
    needs.extend(s.names(object));
    needs.extend(key::those_that_go(context, object));
    Operation {
        does: format!("add {} {}{}", object.word(&s.id), s.name, if not_valid { ", not valid" } else { "" }),
        subject: s.id,
        steps: steps(sql),
        inverse: exact(
            s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment),
            vec![s.drop()],
        ),
        locks: s.locks(object, adding(object), LockMode::ShareRowExclusive, Held::Moment),
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(s.id)],
        destroys: Vec::new(),
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// Lock that `add constraint` takes on its own table: readers go on beside a new foreign key.
fn adding(object: &Object) -> LockMode {
    if matches!(object.body, Body::ForeignKey(_)) { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive }
}

fn not_valid(object: &Object) -> String {
    format!("{} not valid", constraint_definition(object).unwrap_or_default())
}

fn validate(s: &Subject<'_>, object: &Object) -> Operation {
    Operation {
        does: format!("validate {} {}", object.word(&s.id), s.name),
        subject: s.id,
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
        needs: vec![Resource::Halfway(s.id, Milestone::NotValid)],
        makes: vec![Resource::After(s.id)],
        destroys: Vec::new(),
        grouping: Grouping::Alone,
        ahead: Ahead::none(),
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
    let mut op = validate(&s, after);
    op.ahead = Ahead::looking(ahead::constraint(context, (table, name), after).0);
    let mut sql = vec![s.drop(), s.add(&constraint_definition(before).unwrap_or_default())];
    sql.extend(s.comment(before));
    op.inverse = exact(s.locks(before, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment), sql);
    op.needs = context.needs_after(&s.id);
    op.destroys = vec![Resource::Before(s.id)];
    op
}

/// The constraint dropped. The way back of a valid check or foreign key is online too: not valid, then validated.
pub(in super::super) fn drop(
    context: &Context<'_>,
    table: &Qualified,
    name: &ConstraintName,
    object: &Object,
) -> Operation {
    let s = Subject::new(table, name);
    if context.before.is_partitioned(table) && matches!(object.body, Body::Key(_)) {
        return partitioned::drop_a_key(context, &s, object);
    }
    let mut destroys = vec![Resource::Before(s.id)];
    destroys.extend(s.names(object));
    Operation {
        does: format!("drop {} {}", object.word(&s.id), s.name),
        subject: s.id,
        steps: steps([s.drop()]),
        inverse: Inverse {
            kind: Reversibility::Conditional,
            conditions: super::return_conditions::rows(context, table, &s.id, object).into_iter().collect(),
            parts: made_again(context, &s, object),
            revive: None,
        },
        locks: s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, Held::Moment),
        hazards: Vec::new(),
        needs: [context.needs_before(&s.id), key::successors(context, &s, object)].concat(),
        makes: Vec::new(),
        destroys,
        grouping: Grouping::Shared,
        ahead: Ahead::none(),
    }
}

/// The way back of a dropped constraint.
fn made_again(context: &Context<'_>, s: &Subject, object: &Object) -> Vec<BackPart> {
    let part = |locks, steps, relief| BackPart { locks, steps, relief };
    if let Body::Exclusion(_) = &object.body {
        return vec![exclusion::made_again(context, s, object)];
    }
    if matches!(object.body, Body::ForeignKey(_)) && context.before.is_partitioned(s.table) {
        return partitioned::foreign_key_made_again(s, object);
    }
    if let Body::Key(key) = &object.body {
        let built = vec![lock(&s.table_id, LockMode::ShareUpdateExclusive, Held::Build)];
        let marked = marks::of(context.before, s.table, &s.index()).0;
        let taken = key::take(s, key, object, &s.index()).into_iter().chain(marked);
        return vec![
            part(built, vec![key::index(s, key, &s.index())], Vec::new()),
            part(exclusive(&s.table_id), steps(taken), Vec::new()),
        ];
    }
    let definition = constraint_definition(object).unwrap_or_default();
    let validated = object.body.enforcement() == Some(Enforcement::Valid);
    let add = s.add(&if validated { format!("{definition} not valid") } else { definition });
    let restore = std::iter::once(step(add)).chain(steps(s.comment(object))).collect();
    let moment = s.locks(object, adding(object), LockMode::ShareRowExclusive, Held::Moment);
    let mut parts = vec![part(moment, restore, Vec::new())];
    if validated {
        let locks = s.locks(object, LockMode::ShareUpdateExclusive, LockMode::RowShare, Held::Scan);
        parts.push(part(locks, steps([s.validate()]), steps([s.drop()])));
    }
    parts
}

/// `rename constraint`.
pub(in super::super) fn rename(table: &Qualified, from: &ConstraintName, to: &ConstraintName) -> Operation {
    let s = Subject::new(table, to);
    let alter = format!("alter table {table} rename constraint");
    InPlace {
        does: format!("rename constraint {}.{from} to {to}", table.name),
        subject: s.id,
        forward: vec![format!("{alter} {from} to {to}")],
        backward: vec![format!("{alter} {to} to {from}")],
        locks: exclusive(&s.table_id),
        hazards: Vec::new(),
        needs: vec![Resource::After(s.table_id)],
    }
    .operation()
}
