//! Operations that switch a table's row security on and off, and make its owner obey it.
use super::super::format::{Hazard, HazardKind};
use super::answer::{Milestone, Operation, Resource};
use super::context::Context;
use super::support::{InPlace, exclusive, hazard};
use crate::canonical::parse_policy;
use crate::model::{ObjectId, ObjectKind, Qualified, State};

/// `alter table … enable row level security` and the like: on once the policies are there, off before they go.
pub(in super::super) fn switch(context: &Context<'_>, name: &Qualified, attribute: &'static str) -> Operation {
    let id = ObjectId::table(*name);
    let forced = attribute == "force_row_security";
    let is_on =
        |state: &State| state.table(name).is_some_and(|t| if forced { t.force_row_security } else { t.row_security });
    let (before, after) = (is_on(context.before), is_on(context.after));
    let statement = |on: bool| {
        let word = match (forced, on) {
            (false, true) => "enable",
            (false, false) => "disable",
            (true, true) => "force",
            (true, false) => "no force",
        };
        vec![format!("alter table {name} {word} row level security")]
    };
    let mut needs = vec![Resource::After(id)];
    if after {
        needs.extend(context.after.parts(ObjectKind::Policy, name).map(|(policy, _)| Resource::After(*policy)));
    }
    let mut op = InPlace {
        does: format!("{} row security of {}", words(forced, after), id.short()),
        subject: id,
        forward: statement(after),
        backward: statement(before),
        locks: exclusive(&id),
        hazards: vec![of_the_switch(context, name, (forced, after))],
        needs,
    }
    .operation();
    op.makes = vec![Resource::Halfway(id, if forced { Milestone::Attributes } else { Milestone::RowSecurity })];
    op.destroys = Vec::new();
    op
}

fn words(forced: bool, on: bool) -> &'static str {
    match (forced, on) {
        (false, true) => "enable",
        (false, false) => "disable",
        (true, true) => "force",
        (true, false) => "no longer force",
    }
}

fn of_the_switch(context: &Context<'_>, name: &Qualified, (forced, on): (bool, bool)) -> Hazard {
    let lets_somebody_through = context.after.parts(ObjectKind::Policy, name).any(|(_, policy)| {
        let text = policy.definition().and_then(|definition| definition.text()).unwrap_or_default();
        parse_policy(text).is_ok_and(|policy| !policy.is_restrictive)
    });
    let because = match (forced, on, lets_somebody_through) {
        (false, true, true) => "who does not own it finds and writes only the rows that a policy lets through",
        (false, true, false) => "no policy lets anybody through: who does not own it finds and writes no row",
        (true, true, _) => "its owner, too, finds and writes only what a policy lets through",
        (false, false, _) => {
            "rows that policies kept back are open: whoever has privileges on it finds and writes every row"
        }
        (true, false, _) => "rows that policies kept back are open to its owner",
    };
    hazard(HazardKind::BreaksClients, &ObjectId::table(*name), because)
}

/// Says that a policy changes nothing for anybody by itself: its table has no row security before the plan, or none
/// behind it, and the switch tells what that means.
pub(super) fn rests(context: &Context<'_>, of: &ObjectId) -> bool {
    let Some(table) = of.table_of().filter(|_| of.is(ObjectKind::Policy)) else { return false };
    let is_on = |state: &State| state.table(&table).is_some_and(|table| table.row_security);
    !is_on(context.before) || !is_on(context.after)
}

/// Resource that a policy waits for before it goes: row security that ends ends first, so that nobody meets a table
/// whose policies are gone and which keeps all rows back.
pub(super) fn ended(context: &Context<'_>, of: &ObjectId) -> Option<Resource> {
    let table = of.table_of().filter(|_| of.is(ObjectKind::Policy))?;
    let is_on = |state: &State| state.table(&table).is_some_and(|table| table.row_security);
    let ends = is_on(context.before) && context.after.has(&ObjectId::table(table)) && !is_on(context.after);
    ends.then(|| Resource::Halfway(ObjectId::table(table), Milestone::RowSecurity))
}
