//! Statements of composite types, the values that come and go with their attributes, and what PostgreSQL refuses while a
//! column holds values of one (<https://www.postgresql.org/docs/18/sql-altertype.html>).
use super::super::format::{Condition, HazardKind, LockMode, Look, LookKind, Reversibility};
use super::super::problem::Problem;
use super::super::sql::list;
use super::super::type_columns::{Inside, Stored};
use super::ahead::{old_column, old_table};
use super::answer::{Operation, Resource};
use super::composite_change::{change, text_of};
use super::context::Context;
use super::own::{Because, Own, Reads, ReadsOrProblem, dropped};
use super::schema::loses;
use super::support::{InPlace, hazard};
use crate::canonical::{
    CompositeChange, CompositeText, KeyTarget, parse_index_key, parse_recorded_composite, split_statements,
};
use crate::diff::{Alteration, has_word};
use crate::model::{Body, Definition, Fragment, IndexKey, Object, ObjectId, ObjectKind, Qualified, quote};
use std::collections::BTreeMap;

pub(super) const OWN: Own = Own {
    create: |text| split_statements(text).unwrap_or_else(|_| vec![text.to_owned()]),
    drop: dropped,
    redefine: |before, after| change(before, after).map(|change| change.statements).unwrap_or_default(),
    reads,
    // There is no relation that one is on.
    changes: LockMode::AccessExclusive,
    drops: LockMode::AccessExclusive,
    hazards,
};

fn hazards(before: &str, after: Option<&str>) -> Because {
    let Some(after) = after else { return vec![(HazardKind::BreaksClients, "clients that name it fail")] };
    let Some(CompositeChange { dropped, retyped, added, statements: _ }) = change(before, after) else {
        return vec![(HazardKind::BreaksClients, "clients that write whole values fail: its attributes are others")];
    };
    match (dropped.is_empty(), retyped.is_empty(), added.is_empty()) {
        (true, true, true) => Vec::new(),
        (true, true, false) => {
            vec![(HazardKind::BreaksClients, "clients that write whole values without what is new fail")]
        }
        (true, false, _) => {
            vec![(HazardKind::BreaksClients, "clients that take an attribute for one of its old type may fail")]
        }
        (false, _, _) => {
            vec![(HazardKind::BreaksClients, "clients that name what goes, or write whole values, fail")]
        }
    }
}

/// The columns that hold values of the type before and after the plan; a table that the plan makes has no rows.
fn stored(context: &Context<'_>, name: &Qualified) -> Vec<Stored> {
    let before = |of: &Stored| !context.is_new(&of.table) && context.before.column(&of.table, &of.column).is_some();
    context.after_names.by_type().storing(name).into_iter().filter(before).collect()
}

/// Condition in SQL that a value, reached by the way from an expression, has something in the attribute.
fn holds(expression: &str, path: &[Inside], attribute: &str) -> String {
    match path.split_first() {
        None => format!("({expression}).{} is not null", quote(attribute)),
        Some((Inside::Attribute(name), rest)) => holds(&format!("({expression}).{}", quote(name)), rest, attribute),
        Some((Inside::Item, rest)) => {
            let item = format!("i{}", path.len());
            format!(
                "exists (select from pg_catalog.unnest({expression}) as {item} where {})",
                holds(&item, rest, attribute)
            )
        }
    }
}

fn reads(context: &Context<'_>, id: &ObjectId, (before, after): (&str, &str)) -> ReadsOrProblem {
    let (Some(change), Some(name)) = (change(before, after), id.qualified()) else { return Ok(None) };
    if let (false, Some(problem)) = (change.statements.is_empty(), of_a_typed_table(context, id)) {
        return Err(Box::new(problem));
    }
    let stored = stored(context, &name);
    let carried: Vec<ObjectId> = carried_relations(context, id).collect();
    if let Some(retyped) = change.retyped.first() {
        let column = stored.first().map(|of| ObjectId::column(of.table, of.column));
        if let Some(holder) = column.or(carried.first().copied()) {
            return Err(Box::new(not_retyped(context, id, retyped, &holder)));
        }
    }
    if let Some(problem) = stored.iter().find_map(|of| in_an_index(context, id, of, &change)) {
        return Err(Box::new(problem));
    }
    let (mut kind, mut hazards) = (Reversibility::Exact, Vec::new());
    let (mut looks, mut conditions) = (Vec::new(), Vec::new());
    for of in &stored {
        looks.extend(change.dropped.iter().map(|attribute| look(context, id, of, attribute)));
        conditions.extend(change.added.iter().map(|attribute| condition(id, of, attribute)));
    }
    if !conditions.is_empty() {
        kind = Reversibility::LosesNewRows;
    }
    if !change.dropped.is_empty() && !(stored.is_empty() && carried.is_empty()) {
        kind = Reversibility::StructureOnly;
        let gone = list(change.dropped.iter().map(|name| quote(name)));
        hazards.push(hazard(HazardKind::DataLoss, id, format!("values in {gone} go and don't come back")));
    }
    Ok(Some(Reads { locks: Vec::new(), back: Vec::new(), looks, conditions, kind, hazards }))
}

fn look(context: &Context<'_>, id: &ObjectId, of: &Stored, attribute: &str) -> Look {
    let (table, column) = (old_table(context, &of.table), old_column(context, &of.table, &of.column));
    let holds = holds(&format!("l.{column}"), &of.path, attribute);
    Look {
        kind: LookKind::Loses,
        object: *id,
        says: format!("values of {attribute} in {}", ObjectId::column(of.table, of.column).short()),
        rows: format!("select l.* from {table} as l where {holds}"),
        behind: None,
    }
}

fn condition(id: &ObjectId, of: &Stored, attribute: &str) -> Condition {
    let holds = holds(&format!("l.{}", of.column), &of.path, attribute);
    let says = format!("values of {attribute} in {} written since", ObjectId::column(of.table, of.column).short());
    loses(id, format!("select count(*) from {} as l where {holds}", of.table), says)
}

/// Problem of an index over whole values, which PostgreSQL leaves as it is: of two values that differ in what goes, it
/// finds one, and a unique one has both; a hash is another with each new attribute.
fn in_an_index(context: &Context<'_>, id: &ObjectId, of: &Stored, change: &CompositeChange) -> Option<Problem> {
    let is_on = |key: &IndexKey, method: &str| {
        let target = parse_index_key(method, key.sql.sql()).map(|key| key.target);
        matches!(target, Ok(KeyTarget::Column(name)) if name == of.column.as_str())
    };
    let breaks = |method: &str| !change.dropped.is_empty() || method == "hash" && !change.added.is_empty();
    let is_broken = |dependent: &ObjectId| match context.before.body(dependent) {
        _ if context.goes(dependent) => false,
        Some(Body::Index(index)) => breaks(&index.method) && index.keys.iter().any(|key| is_on(key, &index.method)),
        Some(Body::Exclusion(of)) => breaks(&of.method) && of.keys.iter().any(|key| is_on(&key.key, &of.method)),
        Some(Body::Key(key)) => breaks("btree") && key.columns.contains(&of.column),
        _ => false,
    };
    let column = ObjectId::column(of.table, of.column);
    let index = context.dependents_before(&column).into_iter().find(is_broken)?;
    let message = format!(
        "composite type {} cannot lose or get attributes while {} {} is over whole values of {}: PostgreSQL does not build it again",
        id.short(),
        context.before.word(&index),
        index.short(),
        column.short()
    );
    let help = format!("drop {} in a plan before this one, and declare it again behind it", index.short());
    Some(Problem { help: Some(help), ..Problem::not_yet(id, message) })
}

/// Relations that are carried along and use the type.
fn carried_relations<'c>(context: &'c Context<'_>, id: &ObjectId) -> impl Iterator<Item = ObjectId> + 'c {
    let is_relation =
        |id: &ObjectId| id.kind().has_columns() && matches!(context.before.body(id), Some(Body::Definition(_)));
    context.dependents_before(id).into_iter().filter(move |id| is_relation(id))
}

/// Problem of a type that a table is made of: PostgreSQL changes the table with it, by `cascade` alone, and the table
/// is carried along as it is.
fn of_a_typed_table(context: &Context<'_>, id: &ObjectId) -> Option<Problem> {
    let made_of = id.qualified().map(|name| format!(" of {name}"))?;
    let is_typed = |id: &ObjectId| {
        let begins = text_of(context.before.get(id)).and_then(|text| text.split_once(&made_of));
        begins.is_some_and(|(table, rest)| {
            table.ends_with(&id.sql()) && !rest.starts_with(|c: char| c == '.' || crate::model::is_name_letter(c))
        })
    };
    let table = carried_relations(context, id).find(is_typed)?;
    let message = format!(
        "table {} is made of composite type {}: its columns would change with it, and pgform carries the table along",
        table.short(),
        id.short()
    );
    let help = format!(
        "change both by hand (`alter type … cascade`), and take note of that with `plan --absorb {}`",
        id.short()
    );
    Some(Problem { help: Some(help), ..Problem::not_yet(id, message) })
}

fn not_retyped(context: &Context<'_>, id: &ObjectId, attribute: &str, holder: &ObjectId) -> Problem {
    let message = format!(
        "attribute {attribute} of composite type {} cannot get another type: {} {} holds values of it, and PostgreSQL \
         converts none inside of them",
        id.short(),
        context.before.word(holder),
        holder.short()
    );
    Problem { help: Some(beside_it(id)), ..Problem::not_yet(id, message) }
}

/// Way out, where values of a type cannot follow it.
fn beside_it(id: &ObjectId) -> String {
    format!(
        "declare a second type as it is to be; in the plan behind that the column gets it, with `using: row((column).attribute, …)`, \
         and {} can go",
        id.short()
    )
}

/// Problem of a type that would have to be made anew beneath a column.
pub(in super::super) fn beneath_a_column(context: &Context<'_>, id: &ObjectId, column: &ObjectId) -> Problem {
    let text = |object: Option<&Object>| {
        object.and_then(Object::definition).and_then(|own| parse_recorded_composite(own.text()?).ok())
    };
    let why = match (text(context.before.get(id)), text(context.after.get(id))) {
        (Some(a), Some(b)) if b.is_reordered(&a) => "its attributes are in another order".to_owned(),
        (Some(a), Some(b)) => match (b.altered_from(&a), a.altered_from(&b)) {
            (None, _) => "a new attribute stands before others".to_owned(),
            (Some(forward), None) => {
                format!(
                    "{} could come back only behind the others",
                    list(forward.dropped.iter().map(|name| quote(name)))
                )
            }
            (Some(_), Some(_)) => "what it is made of is made anew".to_owned(),
        },
        (_, _) => "it is made anew".to_owned(),
    };
    let message = format!(
        "composite type {} cannot change so while column {} holds values of it: {why}, and PostgreSQL adds attributes at \
         the end alone",
        id.short(),
        column.short()
    );
    let help = format!("keep the order, with what is new at the end; or {}", beside_it(id));
    Problem { help: Some(help), ..Problem::not_yet(id, message) }
}

/// `alter type … rename attribute`: what PostgreSQL itself reads follows.
pub(in super::super) fn rename_attributes(
    context: &Context<'_>,
    id: &ObjectId,
    names: &BTreeMap<String, String>,
    list: &[Alteration],
) -> Result<Operation, Box<Problem>> {
    if let Some(problem) = of_a_typed_table(context, id) {
        return Err(Box::new(problem));
    }
    if list.iter().any(|alteration| matches!(alteration, Alteration::Replaced(_))) {
        let message = format!("composite type {} is made anew, and its attributes get other names", id.short());
        let help = "rename them in a plan before this one".to_owned();
        return Err(Box::new(Problem { help: Some(help), ..Problem::not_yet(id, message) }));
    }
    let alter = format!("alter type {} rename attribute", id.sql());
    let both = || names.iter().map(|(old, new)| (quote(old), quote(new)));
    let old_names: Vec<String> = both().map(|(old, _)| old).collect();
    let renamed: Vec<String> = both().map(|(old, new)| format!("{old} to {new}")).collect();
    let fail = format!("clients and function bodies that use the name {} fail", old_names.join(", "));
    let mut operation = InPlace {
        does: format!("rename attribute {} of {}", renamed.join(", "), id.short()),
        subject: *id,
        forward: both().map(|(old, new)| format!("{alter} {old} to {new}")).collect(),
        backward: both().map(|(old, new)| format!("{alter} {new} to {old}")).collect(),
        locks: Vec::new(),
        hazards: vec![hazard(HazardKind::BreaksClients, id, fail)],
        needs: Vec::new(),
    }
    .operation();
    // Everything that is to change is told, and comes back, with the new names in its text.
    operation.destroys.clear();
    operation.makes.push(Resource::Before(*id));
    Ok(operation)
}

/// The type as it was, under the new names of its attributes: what else changes comes behind the renames.
pub(in super::super) fn with_new_names(before: &Object, list: &[Alteration]) -> Object {
    let names = list.iter().find_map(|alteration| match alteration {
        Alteration::AttributesRenamed(names) => Some(names),
        _ => None,
    });
    let text = text_of(Some(before)).and_then(|text| parse_recorded_composite(text).ok());
    let (Some(names), Some(text), Body::Definition(own)) = (names, text, &before.body) else { return before.clone() };
    let text = text.renamed(names).print();
    let create = Some(Fragment::settled(text.clone(), text));
    Object { head: before.head.clone(), body: Body::Definition(Definition { create, ..own.clone() }) }
}

/// What an object that is changed where it stands needs. Where a type that it uses is changed too, it comes behind that;
/// before it where attributes go, unless it names one that is new.
pub(super) fn in_their_turn(context: &Context<'_>, id: &ObjectId, text: &str) -> Vec<Resource> {
    let mut needs = context.needs_after(id);
    needs.extend(context.needs_before(id));
    let waits = |need: &ObjectId| {
        let texts = text_of(context.before.get(need)).zip(text_of(context.after.get(need)));
        let (a, b) = texts.filter(|(a, b)| a != b && need.kind().is_type() && !context.leaving.contains(need))?;
        // A domain keeps its values' form whatever it demands of them.
        let change = change(a, b).filter(|_| need.is(ObjectKind::CompositeType));
        Some(
            change
                .is_none_or(|change| change.dropped.is_empty() || change.added.iter().any(|name| has_word(text, name))),
        )
    };
    needs.retain(|need| {
        if let Resource::Before(of) = need {
            waits(of) != Some(true)
        } else if let Resource::After(of) = need {
            waits(of) != Some(false)
        } else {
            true
        }
    });
    needs
}

/// Attributes that go, or get another type, where a type is changed in place.
pub(in super::super) struct Reshaped {
    /// Their names.
    pub(in super::super) attributes: Vec<String>,
    /// True where one gets another type: what makes whole values makes them of the old one.
    pub(in super::super) is_retyped: bool,
}

/// Tells how a composite type is changed in place, where that concerns what uses it; none for all else.
pub(in super::super) fn reshaped(context: &Context<'_>, id: &ObjectId) -> Option<Reshaped> {
    let text = |object: Option<&Object>| -> Option<CompositeText> {
        parse_recorded_composite(text_of(object).filter(|_| id.is(ObjectKind::CompositeType))?).ok()
    };
    let (a, b) = (text(context.before.get(id))?, text(context.after.get(id))?);
    let change = b.altered_from(&a)?;
    let is_retyped = !change.retyped.is_empty();
    let attributes = [change.dropped, change.retyped].concat();
    (!attributes.is_empty()).then_some(Reshaped { attributes, is_retyped })
}
