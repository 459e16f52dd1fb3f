//! Operations on what stands on a column that gets another type: dropped before it, and made again behind it, in the
//! transaction in which nobody uses the table.
use super::super::format::{HazardKind, Held, LockMode};
use super::super::sql::{constraint_definition, create_index, index_extras};
use super::ahead;
use super::answer::{Ahead, Grouping, Operation, Resource};
use super::constraint_subject::Subject;
use super::context::Context;
use super::marks;
use super::support::{exact, hazard, lock, steps};
use crate::diagnostic::with_article;
use crate::model::{Body, ConstraintName, Enforcement, Index, Object, ObjectId, Qualified, State, Typed};

/// Tells whether something stands on a column that gets another type, or on one that is computed of such a one.
pub(in super::super) fn stands_on_retyped(context: &Context<'_>, id: &ObjectId) -> bool {
    let changes =
        |need: &ObjectId| context.retyped.contains_key(need) || super::retyped::is_computed_anew(context, need);
    let needs = context.before_names.needs(id).into_iter().chain(context.after_names.needs(id));
    needs.into_iter().any(|need| changes(&need))
}

/// An index.
pub(in super::super) fn index(
    context: &Context<'_>,
    name: &Qualified,
    before: Typed<'_, Index>,
    after: Typed<'_, Index>,
) -> Vec<Operation> {
    let (id, table) = (ObjectId::index(*name), ObjectId::table(after.table));
    let make = |state: &State, index: Typed<'_, Index>| {
        let mut sql = vec![create_index(&name.name, &index, false)];
        sql.extend(index_extras(name, index));
        sql.extend(marks::of(state, &index.table, &name.name).0);
        sql
    };
    let locks = |held| vec![lock(&table, LockMode::AccessExclusive, held)];
    let gone = vec![format!("drop index {name}")];
    let drop = Operation {
        steps: steps(gone.clone()),
        inverse: exact(locks(Held::Build), make(context.before, before)),
        locks: locks(Held::Moment),
        ..goes(context, (&id, format!("drop index {}", id.short())), &table, vec![Resource::RelationName(*name)])
    };
    let mut create = Operation {
        steps: steps(make(context.after, after)),
        inverse: exact(locks(Held::Moment), gone),
        locks: locks(Held::Build),
        ..comes(context, (&id, format!("create index {}", id.short())), &table, vec![Resource::RelationName(*name)])
    };
    let because = format!("{} index is built while nobody can use the table", with_article(&after.method));
    create.hazards = vec![long(&table), hazard(HazardKind::IndexBuild, &id, because)];
    create.ahead = ahead::unique(context, &id, &after);
    vec![drop, create]
}

/// A check, foreign key, key or exclusion constraint.
pub(in super::super) fn constraint(
    context: &Context<'_>,
    (table, name): (&Qualified, &ConstraintName),
    (before, after): (&Object, &Object),
) -> Vec<Operation> {
    let s = Subject::new(table, name);
    let make = |state: &State, object: &Object| {
        let mut sql = vec![s.add(&constraint_definition(object).unwrap_or_default())];
        sql.extend(s.comment(object));
        sql.extend(marks::of(state, table, &s.index()).0);
        sql
    };
    let locks = |object: &Object, held| s.locks(object, LockMode::AccessExclusive, LockMode::AccessExclusive, held);
    let read = |object: &Object| match object.body.enforcement() {
        _ if object.body.owns_index() => Held::Build,
        Some(Enforcement::Valid) => Held::Scan,
        _ => Held::Moment,
    };
    let names = s.names(after);
    let drop = Operation {
        steps: steps([s.drop()]),
        inverse: exact(locks(before, read(before)), make(context.before, before)),
        locks: locks(before, Held::Moment),
        ..goes(context, (&s.id, format!("drop {} {name}", before.word(&s.id))), &s.table_id, s.names(before))
    };
    let mut create = Operation {
        steps: steps(make(context.after, after)),
        inverse: exact(locks(after, Held::Moment), vec![s.drop()]),
        locks: locks(after, read(after)),
        ..comes(context, (&s.id, format!("add {} {name}", after.word(&s.id))), &s.table_id, names)
    };
    if read(after) != Held::Moment {
        let of = locks(after, Held::Moment).into_iter().map(|lock| lock.relation);
        create.hazards = of.map(|table| long(&table)).collect();
    }
    if let (Body::Key(key), false) = (&after.body, before.body == after.body) {
        create.ahead = ahead::key(context, table, &s.id, key);
    }
    vec![drop, create]
}

fn long(table: &ObjectId) -> super::super::format::Hazard {
    hazard(HazardKind::LongLock, table, "nobody can read or write it until its indexes and constraints are made again")
}

fn goes(context: &Context<'_>, (id, does): (&ObjectId, String), table: &ObjectId, names: Vec<Resource>) -> Operation {
    let mut destroys = vec![Resource::Before(*id)];
    destroys.extend(names);
    Operation { needs: context.needs_before(id), destroys, ..bare(id, does, table) }
}

fn comes(context: &Context<'_>, (id, does): (&ObjectId, String), table: &ObjectId, names: Vec<Resource>) -> Operation {
    let mut needs = context.needs_after(id);
    needs.extend(names);
    Operation { needs, makes: vec![Resource::After(*id)], ..bare(id, does, table) }
}

fn bare(id: &ObjectId, does: String, table: &ObjectId) -> Operation {
    Operation {
        does,
        subject: *id,
        steps: Vec::new(),
        inverse: exact(Vec::new(), Vec::new()),
        locks: Vec::new(),
        hazards: Vec::new(),
        needs: Vec::new(),
        makes: Vec::new(),
        destroys: Vec::new(),
        grouping: Grouping::Group(*table),
        ahead: Ahead::none(),
    }
}
