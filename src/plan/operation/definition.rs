//! Operations on objects whose state is the statement that PostgreSQL prints: made, made anew, changed in place,
//! renamed, dropped. What is a kind's own, its file says: [`Own`].
use super::super::format::{Hazard, HazardKind, Held, Lock, LockMode, Reversibility};
use super::super::problem::Problem;
use super::super::sql::{access_of_carried, head_of};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::Context;
use super::own::{Own, Reads, called};
use super::support::{InPlace, exact, hazard, lock, steps};
use super::{
    aggregate, composite_type, default_privileges, domain, function, policy, range_type, row_security, trigger,
};
use crate::canonical::{RoutineBody, parse_routine, split_statements};
use crate::model::{
    Body, ColumnValue, Definition, Fragment, GenerationKind, Head, Object, ObjectId, ObjectKind, routine_name,
};

/// The one place where a kind's own answers are found; `None` for a kind that is carried along.
fn own(kind: ObjectKind) -> Option<&'static Own> {
    const OWN: &[(ObjectKind, &Own)] = &[
        (ObjectKind::Function, &function::OWN),
        (ObjectKind::Procedure, &function::OWN),
        (ObjectKind::Aggregate, &aggregate::OWN),
        (ObjectKind::Trigger, &trigger::OWN),
        (ObjectKind::Domain, &domain::OWN),
        (ObjectKind::CompositeType, &composite_type::OWN),
        (ObjectKind::RangeType, &range_type::OWN),
        (ObjectKind::Policy, &policy::OWN),
        (ObjectKind::DefaultPrivileges, &default_privileges::OWN),
    ];
    OWN.iter().find(|(of, _)| *of == kind).map(|(_, own)| *own)
}

/// The kind's own answers and the text, of an object that plans can change.
struct Known<'a> {
    own: &'static Own,
    head: &'a Head,
    text: &'a str,
    on: Option<ObjectId>,
}

fn known<'a>(context: &Context<'_>, id: &ObjectId, object: &'a Object) -> Option<Known<'a>> {
    let Body::Definition(definition) = &object.body else { return None };
    let Definition { create, carried, form: _ } = definition;
    let text = create.as_ref().filter(|_| !carried)?.sql();
    let relation =
        || context.after_names.relation(&id.relation()?).or_else(|| context.before_names.relation(&id.relation()?));
    Some(Known { own: own(id.kind())?, head: &object.head, text, on: relation().copied() })
}

impl Known<'_> {
    fn locks(&self, mode: LockMode) -> Vec<Lock> {
        self.on.iter().map(|relation| lock(relation, mode, Held::Moment)).collect()
    }

    /// Hazards of the object's change from one text to the other, or of its end.
    fn hazards(&self, context: &Context<'_>, id: &ObjectId, (before, after): (&str, Option<&str>)) -> Vec<Hazard> {
        if row_security::rests(context, id) {
            return Vec::new();
        }
        let found = (self.own.hazards)(before, after).into_iter();
        found.map(|(kind, because)| hazard(kind, id, because)).collect()
    }

    /// The statements that end the object.
    fn gone(&self, id: &ObjectId) -> Vec<String> {
        (self.own.drop)(id, self.text)
    }

    /// All statements that make the object as it is recorded.
    fn made(&self, id: &ObjectId) -> Vec<String> {
        let mut sql = (self.own.create)(self.text);
        sql.extend(head_of(id, self.head));
        sql
    }
}

/// The name that nothing else of its like has: functions, procedures and aggregates share theirs, and types.
pub(in super::super) fn name_of(id: &ObjectId) -> Resource {
    if let Some(name) = id.qualified().filter(|_| id.kind().is_type()) {
        return Resource::TypeName(name);
    }
    Resource::OwnName(if id.kind().is_routine() { routine_name(id) } else { *id })
}

/// An object made from its definition. One that is carried along is made where a whole state is built: in the shadow,
/// or from nothing. What may hold a secret has no text, and some kinds PostgreSQL does not print.
pub(in super::super) fn create(
    context: &Context<'_>,
    id: &ObjectId,
    object: &Object,
    group: Option<&ObjectId>,
) -> Result<Operation, Box<Problem>> {
    let undone = Inverse { kind: Reversibility::None, conditions: Vec::new(), parts: Vec::new(), revive: None };
    let (sql, inverse, locks) = match known(context, id, object) {
        Some(known) => {
            let undone = exact(known.locks(known.own.drops), known.gone(id));
            (known.made(id), undone, known.locks(known.own.changes))
        }
        None => (carried(id, object)?, undone, Vec::new()),
    };
    let mut needs = context.needs_after(id);
    needs.push(name_of(id));
    Ok(Operation {
        does: format!("create {} {}", object.word(id), id.short()),
        subject: *id,
        steps: steps(sql),
        inverse,
        locks,
        hazards: Vec::new(),
        needs,
        makes: vec![Resource::After(*id)],
        destroys: Vec::new(),
        grouping: group.map_or(Grouping::Shared, |group| Grouping::Group(*group)),
        ahead: Ahead::none(),
    })
}

/// The statements of what is carried along, as the catalog printed them.
fn carried(id: &ObjectId, object: &Object) -> Result<Vec<String>, Box<Problem>> {
    let Some(text) = object.definition().and_then(|definition| definition.create.as_ref()) else {
        let help = "make it by hand where the state is to be built, or leave it to somebody else: `unmanaged:`";
        let message =
            format!("{} {} cannot be made: there is no text of it that could be run", object.word(id), id.short());
        return Err(Box::new(Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) }));
    };
    let mut statements = split_statements(text.sql()).unwrap_or_else(|_| vec![text.sql().to_owned()]);
    statements.extend(access_of_carried(id, object));
    Ok(statements)
}

/// The statements that drop an object and make it again, of one that plans can change.
pub(super) fn statements(context: &Context<'_>, id: &ObjectId, object: &Object) -> Option<(Vec<String>, Vec<String>)> {
    let known = known(context, id, object)?;
    Some((known.gone(id), known.made(id)))
}

/// `drop …`; the way back makes it again, with its owner, its privileges and its comment.
pub(in super::super) fn drop(
    context: &Context<'_>,
    id: &ObjectId,
    object: &Object,
    group: Option<&ObjectId>,
) -> Option<Operation> {
    let known = known(context, id, object)?;
    // On the way back, a relation that goes along is made in the same transaction: nobody can hold it.
    let stays = known.on.filter(|on| !context.leaving.contains(on));
    let goes_alone = known.on.is_none() || stays.is_some();
    let made_again = stays.map_or(Vec::new(), |_| known.locks(known.own.changes));
    Some(Operation {
        does: format!("drop {} {}", id.word(), id.short()),
        subject: *id,
        steps: steps(known.gone(id)),
        inverse: exact(made_again, known.made(id)),
        locks: known.locks(known.own.drops),
        // What goes with its relation is told with that.
        hazards: match group {
            None if goes_alone => known.hazards(context, id, (known.text, None)),
            Some(_) | None => Vec::new(),
        },
        needs: {
            let first = row_security::ended(context, id).filter(|_| group.is_none());
            context.needs_before(id).into_iter().chain(first).collect()
        },
        makes: Vec::new(),
        destroys: vec![Resource::Before(*id), name_of(id)],
        grouping: group.map_or(Grouping::Shared, |group| Grouping::Group(*group)),
        ahead: Ahead::none(),
    })
}

/// Changed where it stands: what hangs on it stays, and so do its owner, its privileges and its comment. `None` for what
/// is carried along.
pub(in super::super) fn redefine(
    context: &Context<'_>,
    id: &ObjectId,
    (before, after): (&Object, &Object),
) -> Result<Option<Operation>, Box<Problem>> {
    // What is declared at last is recorded with its text, whatever was recorded before.
    let former = before.definition().and_then(|definition| definition.create.as_ref());
    let (Some(a), Some(b)) = (former.map(Fragment::sql), known(context, id, after)) else { return Ok(None) };
    let needs = composite_type::in_their_turn(context, id, b.text);
    let mut hazards: Vec<Hazard> = stored_by_the_old_body(context, id, (a, b.text)).into_iter().collect();
    hazards.extend(b.hazards(context, id, (a, Some(b.text))));
    let operation = InPlace {
        does: format!("replace {} {}", id.word(), id.short()),
        subject: *id,
        forward: (b.own.redefine)(a, b.text),
        backward: (b.own.redefine)(b.text, a),
        locks: b.locks(b.own.changes),
        hazards,
        needs,
    };
    let mut operation = operation.operation();
    if let Some(reads) = (b.own.reads)(context, id, (a, b.text))? {
        reading(&mut operation, reads);
    }
    Ok(Some(operation))
}

/// Takes in that tables are read when an object is changed: they are locked meanwhile, and may hold rows that break it,
/// or values that go.
fn reading(operation: &mut Operation, Reads { locks, back, looks, conditions, kind, hazards }: Reads) {
    let subject = operation.subject;
    if !locks.is_empty() {
        operation.hazards.push(hazard(HazardKind::MayFailOnRows, &subject, "fails if a row breaks it"));
        let because = "every table with a column of it is read, and nobody writes there meanwhile";
        operation.hazards.push(hazard(HazardKind::LongLock, &subject, because));
        operation.grouping = Grouping::Alone;
    }
    operation.locks.extend(locks);
    operation.ahead = Ahead::looking(looks);
    operation.inverse.kind = kind;
    operation.hazards.extend(hazards);
    operation.inverse.conditions.extend(conditions);
    operation.inverse.parts.iter_mut().for_each(|part| part.locks.extend(back.iter().cloned()));
}

/// Hazards of an object that is made anew. A routine takes or gives something else then, or calls an argument
/// otherwise.
pub(in super::super) fn of_the_new_form(
    context: &Context<'_>,
    id: &ObjectId,
    (before, after): (&Object, &Object),
) -> Vec<Hazard> {
    let because = "clients that call it in its old form fail: an argument or what comes out is another";
    let calls = id.kind().is_routine().then(|| hazard(HazardKind::BreaksClients, id, because));
    let texts = known(context, id, before).zip(known(context, id, after));
    let of_kind = texts.map(|(a, b)| b.hazards(context, id, (a.text, Some(b.text)))).unwrap_or_default();
    calls.into_iter().chain(of_kind).collect()
}

/// Hazard of objects that keep values which the old text gave: PostgreSQL neither computes them again nor knows that it
/// should.
fn stored_by_the_old_body(context: &Context<'_>, id: &ObjectId, (before, after): (&str, &str)) -> Option<Hazard> {
    // Of an aggregate all is body.
    let of_aggregate = |text: &str| (None, RoutineBody::Text(text.to_owned()));
    let body = |text: &str| {
        parse_routine(text).map_or_else(|_| of_aggregate(text), |routine| (routine.language, routine.body))
    };
    if !id.kind().is_routine() || body(before) == body(after) {
        return None;
    }
    let keeps = |dependent: &&ObjectId| match context.before.body(dependent) {
        Some(Body::Index(_) | Body::Check(_) | Body::Exclusion(_)) => true,
        Some(Body::View(view)) => view.materialized,
        Some(Body::Column(column)) => matches!(column.value, ColumnValue::Generated(_, GenerationKind::Stored)),
        _ => false,
    };
    let dependents = context.dependents_before(id);
    let stay: Vec<String> = dependents
        .iter()
        .filter(keeps)
        .filter(|of| context.after.has(of) && !context.leaving.contains(of))
        .map(|of| format!("{} {}", context.before.word(of), of.short()))
        .collect();
    let because = format!(
        "what the old one gave stays in {} until that is made again (`reindex`, `refresh materialized view`, or the rows \
         written anew)",
        stay.join(", ")
    );
    (!stay.is_empty()).then(|| hazard(HazardKind::BreaksClients, id, because))
}

/// `alter … rename to`.
pub(super) fn rename(context: &Context<'_>, of: &ObjectId, from: &ObjectId, to: &ObjectId) -> Option<Operation> {
    let known = known(context, of, context.before.get(of)?)?;
    let (old, new) = (called(from), called(to));
    let name = |id: &ObjectId| crate::model::quote(id.own_name());
    let (mut forward, mut backward) = (Vec::new(), Vec::new());
    if let Some((old, new)) = range_type::multiranges(known.text, (from, to)) {
        forward.push(format!("alter type {old} rename to {}", new.name));
        backward.push(format!("alter type {new} rename to {}", old.name));
    }
    forward.push(format!("alter {old} rename to {}", name(to)));
    backward.push(format!("alter {new} rename to {}", name(from)));
    let mut operation = InPlace {
        does: format!("rename {} {} to {}", from.word(), from.short(), name(to)),
        subject: *to,
        forward,
        backward,
        locks: known.locks(known.own.drops),
        hazards: match from.kind().is_routine() {
            true => vec![hazard(HazardKind::BreaksClients, to, format!("clients that call it {} fail", name(from)))],
            false => Vec::new(),
        },
        needs: vec![name_of(to)],
    }
    .operation()
    .renaming(to);
    operation.destroys = vec![name_of(from)];
    Some(operation)
}
