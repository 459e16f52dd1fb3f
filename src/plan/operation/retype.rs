//! Operation that gives columns of a table another type or collation, with all that PostgreSQL does for it: the table is
//! written anew once, and its indexes are built again. What else stands on the columns goes before it, and comes back.
use super::super::cast::{Cast, cast, keeps_values};
use super::super::format::{Hazard, HazardKind, Held, LockMode, Reversibility};
use super::super::sql::{collate_clause, column_definition, column_extras, list};
use super::super::type_change::between;
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use super::context::{Context, Cost};
use super::retyped::{Retyped, first, may_lose, together};
use super::support::{back, hazard, lock, steps};
use super::{identity, narrow, return_conditions, retyped_rows};
use crate::canonical::parse_type;
use crate::diagnostic::with_article;
use crate::model::{
    Body, Column, ColumnName, ColumnValue, Head, ObjectId, Parameters, Qualified, SequenceType, State, Typed,
};

/// Changes all columns of a table that get another type or collation, in one statement.
pub(in super::super) fn change(context: &Context<'_>, table: &Qualified) -> Option<Operation> {
    let columns = together(context, table);
    let subject = first(context, table)?;
    let id = ObjectId::table(*table);
    let held = held_for(context, &columns, columns.iter().map(|column| column.cost).max());
    let locks = |held| vec![lock(&id, LockMode::AccessExclusive, held)];
    let made =
        |sql| retyped_rows::nothing_else(table, &columns).into_iter().chain(steps::<String>(sql)).collect::<Vec<_>>();
    let forward = statements(context, table, &columns, true)?;
    let inverse = match statements(context, table, &columns, false) {
        Some(sql) => {
            let (kind, conditions) = way_back(context, table, &columns);
            let cost = columns.iter().map(|column| cost_back(context, column)).max();
            back(kind, conditions, locks(held_for(context, &columns, cost)), made(sql))
        }
        None => Inverse { kind: Reversibility::None, conditions: Vec::new(), parts: Vec::new(), revive: None },
    };
    let ids = || columns.iter().map(|column| column.id);
    let own = |need: &Resource| !ids().any(|id| *need == Resource::Before(id) || *need == Resource::After(id));
    let needs = ids().flat_map(|id| [context.needs_after(&id), context.needs_before(&id)].concat());
    let mut needs: Vec<Resource> = needs.chain(retyped_rows::used(context, &columns)).filter(own).collect();
    needs.sort();
    needs.dedup();
    let (looks, asserts) = retyped_rows::looks(context, table, &columns);
    Some(Operation {
        does: format!("change {}", named(&columns)),
        subject,
        steps: asserts.into_iter().chain(made(forward)).collect(),
        locks: locks(held),
        hazards: hazards(context, (table, &columns), held, &inverse),
        inverse,
        needs,
        makes: ids().map(Resource::After).collect(),
        destroys: ids().map(Resource::Before).collect(),
        grouping: Grouping::Group(id),
        ahead: Ahead::looking(looks),
    })
}

fn named(columns: &[Retyped<'_>]) -> String {
    let one = |c: &Retyped<'_>| match (c.is_computed, c.is_of_another_type()) {
        (true, _) => format!("what {} holds", c.id.short()),
        (false, true) => format!("{} to {}", c.id.short(), c.after.data_type.sql()),
        (false, false) => format!("the collation of {}", c.id.short()),
    };
    list(columns.iter().map(one))
}

/// Time for which the table is held: while it is written anew, or its indexes are built again.
fn held_for(context: &Context<'_>, columns: &[Retyped<'_>], cost: Option<Cost>) -> Held {
    match cost.unwrap_or(Cost::Catalog) {
        Cost::Rewrite => Held::Rewrite,
        Cost::Indexes if columns.iter().any(|column| has_an_index(context, &column.id)) => Held::Build,
        Cost::Indexes | Cost::Catalog => Held::Moment,
    }
}

fn cost_back(context: &Context<'_>, column: &Retyped<'_>) -> Cost {
    let collated = if column.before.collation == column.after.collation { Cost::Catalog } else { Cost::Indexes };
    let (old, new) = column.types();
    match cast_back(context, column) {
        _ if column.is_computed => Cost::Rewrite,
        _ if !column.is_of_another_type() => collated,
        Cast::Assignment => between(context, (context.after, new), (context.before, old)).max(collated),
        Cast::Explicit | Cast::None => Cost::Rewrite,
    }
}

/// Tells whether an index stands on the column before and after.
fn has_an_index(context: &Context<'_>, id: &ObjectId) -> bool {
    let is_index = |dependent: &ObjectId| {
        context.after.has(dependent) && matches!(context.before.body(dependent), Some(Body::Index(_) | Body::Key(_)))
    };
    context.dependents_before(id).iter().any(is_index)
}

/// The statements to the later state, or back from it; `None` where PostgreSQL has no way back.
fn statements(context: &Context<'_>, table: &Qualified, columns: &[Retyped<'_>], forward: bool) -> Option<Vec<String>> {
    let (mut actions, mut added, mut extras) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        let name = &column.name;
        let (from, to) = if forward { (&column.before, &column.after) } else { (&column.after, &column.before) };
        if column.is_computed {
            actions.push(format!("drop column {name}"));
            added.push(format!("add column {}", column_definition(table, name, to)));
            extras.extend(column_extras(table, name, *to));
            continue;
        }
        if matches!(from.value, ColumnValue::Default(_)) {
            actions.push(format!("alter column {name} drop default"));
        }
        let using = match (forward, context.using.get(&column.id)) {
            (true, Some(using)) if column.is_of_another_type() => format!(" using {using}"),
            (true, _) => String::new(),
            (false, _) => converted_back(context, column)?,
        };
        let collation = collate_clause(to.collation.as_ref());
        actions.push(format!("alter column {name} type {}{collation}{using}", to.data_type.sql()));
        if let ColumnValue::Default(value) = &to.value {
            actions.push(format!("alter column {name} set default ({})", value.sql()));
        }
        extras.extend(kept(table, column, *to));
        extras.extend(renumbered(table, name, (from, to)));
    }
    actions.extend(added);
    Some(std::iter::once(format!("alter table {table} {}", list(actions))).chain(extras).collect())
}

/// Conversion to the type that the column had, as it has to be written; empty where PostgreSQL takes it by itself.
fn converted_back(context: &Context<'_>, column: &Retyped<'_>) -> Option<String> {
    let (old, new) = column.types();
    if !column.is_of_another_type() {
        return Some(String::new());
    }
    match cast_back(context, column) {
        Cast::Assignment => Some(String::new()),
        Cast::Explicit => Some(format!(" using {}::{old}", column.name)),
        // Labels are characters: of two enums, one's are read as the other's.
        Cast::None if is_of_enum(context.before, old) && is_of_enum(context.after, new) => {
            Some(format!(" using {}::text::{old}", column.name))
        }
        Cast::None => None,
    }
}

fn is_of_enum(state: &State, data_type: &str) -> bool {
    let name = parse_type(data_type).ok().and_then(|found| Some(Qualified::new(found.schema?, found.name)));
    name.is_some_and(|name| state.has(&ObjectId::enumeration(name)))
}

fn cast_back(context: &Context<'_>, column: &Retyped<'_>) -> Cast {
    let (old, new) = column.types();
    cast((context.after, new), (context.before, old))
}

/// Statements for what PostgreSQL sets back to the new type's own: storage and compression.
fn kept(table: &Qualified, column: &Retyped<'_>, to: Typed<'_, Column>) -> Vec<String> {
    let own = Column { statistics: None, options: Parameters::default(), ..to.own.clone() };
    column_extras(table, &column.name, Typed { head: &Head::default(), own: &own })
}

/// Statement for the sequence behind an identity, where it does not follow the type by itself as it is to be.
fn renumbered(
    table: &Qualified,
    name: &ColumnName,
    (from, to): (&Typed<'_, Column>, &Typed<'_, Column>),
) -> Option<String> {
    let (ColumnValue::Identity(a), ColumnValue::Identity(b)) = (&from.value, &to.value) else { return None };
    let bounds = |of: SequenceType| crate::model::SequenceOptions::defaults(of, a.options.increment);
    let (old, new) = (bounds(from.sequence_type()), bounds(to.sequence_type()));
    let mut follows = a.options.clone();
    if follows.min == old.min {
        follows.min = new.min;
    }
    if follows.max == old.max {
        follows.max = new.max;
    }
    (follows != b.options || a.always != b.always).then(|| identity::set(table, name, b))
}

/// Grade of the way back, and what is counted before it.
fn way_back(
    context: &Context<'_>,
    table: &Qualified,
    columns: &[Retyped<'_>],
) -> (Reversibility, Vec<super::super::format::Condition>) {
    use super::super::format::ConditionKind;
    let mut conditions = Vec::new();
    let mut kind = Reversibility::Exact;
    for column in columns.iter().filter(|c| !c.is_computed) {
        if let (ColumnValue::Identity(a), ColumnValue::Identity(b)) = (&column.before.value, &column.after.value) {
            let mut of_sequence = back(Reversibility::Exact, Vec::new(), Vec::new(), Vec::new());
            narrow::identity(&mut of_sequence, (table, &column.name), &a.options, &b.options);
            conditions.extend(of_sequence.conditions);
        }
        if !column.is_of_another_type() {
            continue;
        }
        if may_lose(context, column) {
            kind = Reversibility::ConvertsBack;
        }
        conditions.extend(retyped_rows::back(context, table, column));
        let (old, new) = column.types();
        if !keeps_values((context.after, new), (context.before, old)) {
            conditions.extend(return_conditions::rounded(context, table, &column.name));
        }
    }
    for condition in &conditions {
        kind = kind.max(match condition.kind {
            ConditionKind::Blocks => Reversibility::Conditional,
            ConditionKind::Loses => Reversibility::LosesNewRows,
        });
    }
    (kind, conditions)
}

fn hazards(
    context: &Context<'_>,
    (table, columns): (&Qualified, &[Retyped<'_>]),
    held: Held,
    inverse: &Inverse,
) -> Vec<Hazard> {
    let id = ObjectId::table(*table);
    let mut out = Vec::new();
    for column in columns {
        let one = |kind, because: &str| hazard(kind, &column.id, because);
        if column.cost == Cost::Rewrite {
            out.push(one(
                HazardKind::Rewrite,
                match column.is_computed {
                    true => "it is computed for every row again, and is the last column of its table by then",
                    false => "the table is written anew, with all its indexes",
                },
            ));
        }
        if may_lose(context, column) {
            out.push(one(
                HazardKind::DataLoss,
                "values that are not the same in the other type don't come back as they were",
            ));
        }
        if column.is_of_another_type() && retyped_rows::may_fail(context, column) {
            out.push(one(HazardKind::MayFailOnRows, "fails if a value cannot be one of the new type"));
        }
        let (from, to) = column.types();
        let zones = is_of_zone(from).zip(is_of_zone(to)).is_some_and(|(a, b)| a != b);
        if zones && !context.using.contains_key(&column.id) {
            out.push(one(HazardKind::BreaksClients, "times are taken as UTC; `using:` can name another zone"));
        }
    }
    out.extend(vectors_built(context, columns));
    let because = match held {
        Held::Rewrite => Some("nobody can read or write it until it is written anew and its indexes are built"),
        Held::Build => Some("nobody can read or write it until its indexes are built again"),
        Held::Moment | Held::Scan => None,
    };
    out.extend(because.map(|because| hazard(HazardKind::LongLock, &id, because)));
    if inverse.kind == Reversibility::None {
        let gone = columns.iter().filter(|c| !c.is_computed && converted_back(context, c).is_none());
        let because = "PostgreSQL has no conversion back to the type that it had";
        out.extend(gone.map(|column| hazard(HazardKind::Irreversible, &column.id, because)));
    }
    out
}

/// Hazards of vector indexes that stay on the columns: PostgreSQL builds them again, which takes time and memory.
fn vectors_built(context: &Context<'_>, columns: &[Retyped<'_>]) -> Vec<Hazard> {
    let mut out = Vec::new();
    for id in columns.iter().flat_map(|column| context.dependents_before(&column.id)) {
        if let (Some(Body::Index(index)), false) = (context.after.body(&id), context.goes(&id))
            && matches!(index.method.as_str(), "hnsw" | "ivfflat")
        {
            let because = format!("{} index is built while nobody can use the table", with_article(&index.method));
            out.push(hazard(HazardKind::IndexBuild, &id, because));
        }
    }
    out
}

/// Tells whether a type is a time of the clock with a zone, of those that a zone makes another; false for all that are
/// no time.
fn is_of_zone(data_type: &str) -> Option<bool> {
    let found = parse_type(data_type).ok().filter(|found| found.builtin)?;
    match found.name.as_str() {
        "timestamptz" => Some(true),
        "timestamp" | "date" => Some(false),
        _ => None,
    }
}
