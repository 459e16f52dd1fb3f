//! Operations that change owners and privileges, of every kind that has them.
use super::super::format::{Hazard, HazardKind, Held, LockMode};
use super::super::problem::Problem;
use super::super::sql::{granted, owner_to, regrant};
use super::answer::{Milestone, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, exact, hazard, lock};
use crate::diff::{column_grants, grants};
use crate::model::{
    Body, ColumnName, GrantChange, Grantee, Head, NamePath, Object, ObjectId, ObjectKind, Privilege, Privileges, Right,
    Rights, State, View, are_all_before_17, told,
};
use std::collections::BTreeSet;

/// `alter … owner to`.
///
/// # Errors
/// If the owner before is not known: then nobody could say whose it was.
pub(in super::super) fn owner(
    context: &Context<'_>,
    id: &ObjectId,
    before: &Object,
    after: &Object,
) -> Result<Operation, Box<Problem>> {
    let word = after.word(id);
    let (Some(from), Some(to)) = (&before.head.owner, &after.head.owner) else {
        let message = format!("whose {word} {} is now is not known, so no way back could be planned", id.short());
        let help = "plan it once with -d, from a database that has it";
        return Err(Box::new(Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message).at("owner") }));
    };
    let called = after.view().map(View::word);
    let statement = |role: &str| owner_to(id, called, role).into_iter().collect();
    let is_relation = matches!(id.kind(), ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence);
    let table = follows(before, after);
    let exclusively = |id: ObjectId| lock(&id, LockMode::AccessExclusive, Held::Moment);
    let is_owned = |(sequence, object): &(&ObjectId, &Object)| {
        context.before.get(sequence).is_some_and(|before| follows(before, object).as_ref() == Some(id))
    };
    let sequences = context.after.objects.range(ObjectId::first_of(ObjectKind::Sequence)..);
    let sequences = sequences.take_while(|(id, _)| id.is(ObjectKind::Sequence)).filter(|_| id.is(ObjectKind::Table));
    let owned: Vec<ObjectId> = sequences.filter(is_owned).map(|(sequence, _)| *sequence).collect();
    let mut op = InPlace {
        does: format!("give {word} {} to {to}", id.short()),
        subject: *id,
        forward: statement(to),
        backward: [statement(from), apart(id, before, (from, to), context.before)].concat(),
        locks: if is_relation { std::iter::once(*id).chain(owned).map(exclusively).collect() } else { Vec::new() },
        hazards: Vec::new(),
        needs: vec![Resource::After(*id)],
    }
    .operation();
    if let Some(table) = table {
        op.needs.push(Resource::Halfway(table, Milestone::Owner));
        op.inverse = exact(Vec::new(), Vec::new());
    }
    op.makes = vec![Resource::Halfway(*id, Milestone::Owner)];
    op.destroys = Vec::new();
    Ok(op)
}

/// Statements that tell apart again, once the old owner has an object back, what each of the two had: PostgreSQL gives
/// the old one all that the new one has by then.
fn apart(id: &ObjectId, before: &Object, (from, to): (&str, &str), state: &State) -> Vec<String> {
    let Some((word, name)) = granted(id) else { return Vec::new() };
    let rights = |of: &Privileges, role: &str| of.grants.get(&Grantee::named(role)).cloned().unwrap_or_default();
    let again = |column: &str, of: &Privileges, taken: Rights| {
        let one = |role, given, taken| GrantChange { grantee: Grantee::named(role), given, taken };
        let changes = [one(from, Rights::new(), taken), one(to, rights(of, to), Rights::new())];
        regrant(&format!("{word} {name}"), column, &changes)
    };
    let own = before.head.privileges.iter().flat_map(|of| again("", of, Rights::new()));
    let columns = id.as_table().map(|table| state.columns(&table)).unwrap_or_default();
    let of_objects = columns.into_iter().filter_map(|(name, column)| Some((name, column.head.privileges.as_ref()?)));
    let of_columns = before.head.column_privileges.iter().map(|(name, of)| (*name, of));
    let each = of_objects.chain(of_columns).flat_map(|(column, of)| {
        let theirs = |role| rights(of, role).into_iter().map(|right| right.privilege).collect::<BTreeSet<_>>();
        let gone = &theirs(to) - &theirs(from);
        again(&format!(" ({column})"), of, gone.into_iter().map(Right::plain).collect())
    });
    own.chain(each).collect()
}

/// Table that a sequence belongs to before and after: it goes to another owner with that, in both directions, and alone
/// PostgreSQL refuses it; behind the table, giving it to whom it belongs by then changes nothing.
fn follows(before: &Object, after: &Object) -> Option<ObjectId> {
    let table = |object: &Object| {
        let Body::Sequence(sequence) = &object.body else { return None };
        sequence.owned_by.as_ref().map(|(table, _)| ObjectId::table(*table))
    };
    table(after).filter(|after| table(before).as_ref() == Some(after))
}

/// `grant` and `revoke`, on an object and on its columns.
///
/// # Errors
/// If what differs was given by somebody else than the owner: only who gave it can take it.
pub(in super::super) fn privileges(
    context: &Context<'_>,
    id: &ObjectId,
    before: &Head,
    after: &Head,
) -> Result<Operation, Box<Problem>> {
    let all = all(id, before, after);
    let changes: Vec<GrantChange> = all.iter().flat_map(|(_, changes)| changes.clone()).collect();
    let others = |change: &GrantChange| {
        let rights = change.given.iter().chain(&change.taken);
        rights.filter_map(|right| right.granted_by.clone()).next().map(|by| (change.grantee.clone(), by))
    };
    if let Some((grantee, by)) = changes.iter().find_map(others) {
        let message = format!("what {} may do with {} {} was given by {by}", grantee.name(), id.word(), id.short());
        let help = format!("log in as {by} to change it: pgform gives and takes as the owner alone");
        return Err(Box::new(Problem { help: Some(help), ..Problem::not_yet(id, message).at("grants") }));
    }
    if let Some((by, privilege)) = given_on(before, &changes) {
        let message =
            format!("{by} gave on what it may do with {} {}, and would lose it: {privilege}", id.word(), id.short());
        let help = format!(
            "keep the grant option, or let {by} take back first what it gave: pgform takes nothing from others on the way"
        );
        return Err(Box::new(Problem { help: Some(help), ..Problem::not_yet(id, message).at("grants") }));
    }
    let mut op = InPlace {
        does: format!("change who may use {} {}", id.word(), id.short()),
        subject: *id,
        forward: [run(id, &all), of_columns_again(id, &changes, (context.after, after))].concat(),
        backward: {
            let back = back(all.into_iter().map(|(column, mut changes)| {
                changes.retain(|change| !had_maintain(id, (before, after), change));
                (column, changes)
            }));
            let changes: Vec<GrantChange> = back.iter().flat_map(|(_, changes)| changes.clone()).collect();
            [run(id, &back), of_columns_again(id, &changes, (context.before, before))].concat()
        },
        locks: Vec::new(),
        hazards: changes.iter().filter_map(|change| loses(id, change)).collect(),
        needs: vec![Resource::After(*id), Resource::Halfway(*id, Milestone::Owner)],
    }
    .operation();
    if let Some(table) = id.table_of().map(ObjectId::table).filter(|table| table != id) {
        op.needs.push(Resource::Halfway(table, Milestone::Privileges));
    }
    op.makes = vec![Resource::Halfway(*id, Milestone::Privileges)];
    op.destroys = Vec::new();
    Ok(op)
}

/// Grantee who loses the option to give a right on while others have the right from there, and that right: PostgreSQL
/// refuses that without `cascade`.
fn given_on(before: &Head, changes: &[GrantChange]) -> Option<(String, Privilege)> {
    let given: Vec<&Right> = before.privilege_lists().flat_map(|of| of.grants.values()).flatten().collect();
    changes.iter().find_map(|change| {
        let lost = change.taken.iter().filter(|right| right.with_option);
        let by = change.grantee.name();
        let has_given = |privilege: &Privilege| {
            given.iter().any(|right| right.granted_by.as_deref() == Some(by) && right.privilege == *privilege)
        };
        lost.map(|right| right.privilege).find(has_given).map(|privilege| (by.to_owned(), privilege))
    })
}

/// The statements that change who may use an object, once it belongs to whom it is to belong to.
pub(super) fn statements(id: &ObjectId, before: &Head, after: &Head) -> Vec<String> {
    run(id, &all(id, before, after))
}

/// Changes of privileges on an object and on columns: the column as a statement takes it behind each privilege (empty
/// for the object), and the changes there.
type Changes = Vec<(String, Vec<GrantChange>)>;

fn run(id: &ObjectId, changes: &Changes) -> Vec<String> {
    let on = match id.path() {
        NamePath::OfRelation(table, _) if id.is(ObjectKind::Column) => Some(format!("table {table}")),
        NamePath::OfRelation(..) | NamePath::Alone(_) | NamePath::InSchema(_) | NamePath::Several(_) => {
            granted(id).map(|(word, name)| format!("{word} {name}"))
        }
    };
    let of = |(column, changes): &(String, Vec<GrantChange>)| {
        on.as_ref().map(|on| regrant(on, column, changes)).unwrap_or_default()
    };
    changes.iter().flat_map(of).collect()
}

/// Statements that give again what somebody is to keep on columns: taken of a whole table, a privilege is taken of each
/// of its columns (<https://www.postgresql.org/docs/18/sql-revoke.html>).
fn of_columns_again(id: &ObjectId, changes: &[GrantChange], (state, head): (&State, &Head)) -> Vec<String> {
    let Some((word, name)) = granted(id).filter(|(word, _)| *word == "table") else { return Vec::new() };
    let objects = id.as_table().map(|table| state.columns(&table)).unwrap_or_default();
    let of_objects = objects.iter().filter_map(|(column, c)| Some((column, c.head.privileges.as_ref()?)));
    let mut out = Vec::new();
    for (column, privileges) in of_objects.chain(&head.column_privileges) {
        for change in changes {
            let taken = |right: &&Right| change.taken.iter().any(|gone| gone.privilege == right.privilege);
            let kept: Rights =
                privileges.grants.get(&change.grantee).into_iter().flatten().filter(taken).cloned().collect();
            let given = GrantChange { grantee: change.grantee.clone(), given: kept, taken: Rights::new() };
            out.extend(regrant(&format!("{word} {name}"), &format!(" ({column})"), &[given]));
        }
    }
    out
}

/// Changes the other way round.
fn back(changes: impl Iterator<Item = (String, Vec<GrantChange>)>) -> Changes {
    let one = |change: GrantChange| GrantChange { given: change.taken, taken: change.given, ..change };
    changes.map(|(column, changes)| (column, changes.into_iter().map(one).collect())).collect()
}

/// Tells whether a change says `maintain` alone of an owner with all other rights of a table, who has it from 17 on
/// without that: nothing is to be taken back.
fn had_maintain(id: &ObjectId, (before, after): (&Head, &Head), change: &GrantChange) -> bool {
    let there = before.effective_privileges(id.kind());
    let owners = before.owner.as_ref().and_then(|owner| there.grants.get(&Grantee::Role(owner.clone())));
    let owner = after.owner.as_deref().or(before.owner.as_deref());
    Some(change.grantee.name()) == owner
        && owners.is_some_and(are_all_before_17)
        && change.taken.is_empty()
        && change.given.iter().all(|right| right.privilege == Privilege::MAINTAIN)
}

/// Changes of privileges on the object and on each of its columns.
fn all(id: &ObjectId, before: &Head, after: &Head) -> Changes {
    let own = match id.path() {
        NamePath::OfRelation(_, name) if id.is(ObjectKind::Column) => format!(" ({})", ColumnName::from(name)),
        NamePath::OfRelation(..) | NamePath::Alone(_) | NamePath::InSchema(_) | NamePath::Several(_) => String::new(),
    };
    let columns: BTreeSet<&ColumnName> =
        before.column_privileges.keys().chain(after.column_privileges.keys()).collect();
    let of_columns = columns.into_iter().map(|column| (format!(" ({column})"), column_grants(before, after, column)));
    std::iter::once((own, grants(id, before, after))).chain(of_columns).collect()
}

/// Hazard of a grantee who may do less than before and finds statements refused; `None` where nothing is lost.
fn loses(id: &ObjectId, change: &GrantChange) -> Option<Hazard> {
    let gone: BTreeSet<_> = change
        .taken
        .iter()
        .filter(|right| !change.given.iter().any(|other| other.privilege == right.privilege))
        .cloned()
        .collect();
    let who = change.grantee.name();
    let because = format!("{who} loses {}: its statements that need that fail", told(&gone));
    (!gone.is_empty()).then(|| hazard(HazardKind::BreaksClients, id, because))
}
