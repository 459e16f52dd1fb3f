//! Adds to the changes what has to follow them, and reports what leans on something that goes and cannot follow.
use super::operation::composite_type::Reshaped;
use super::operation::{Context, composite_type, is_computed_anew, range_type};
use super::problem::Problem;
use super::type_change::reads_values;
use crate::canonical::{RoutineBody, parse_routine};
use crate::diff::{Alteration, Change, ColumnChange, What, has_word};
use crate::model::{Body, Column, ColumnValue, Definition, Object, ObjectId, ObjectKind, routine_name};
use std::collections::{BTreeMap, BTreeSet};

/// The changes, and what has to follow them: a view over a view that is made anew, a foreign key on a key that is. What
/// leans on something that goes and is not changed itself is a problem.
pub(super) fn expand(context: &Context<'_>, changes: &[Change], problems: &mut Vec<Problem>) -> Vec<Change> {
    let mut all: BTreeMap<ObjectId, Change> = changes.iter().map(|c| (c.id, c.clone())).collect();
    let reshaped: BTreeMap<ObjectId, Reshaped> = changes.iter().filter_map(|c| reshaped_in_place(context, c)).collect();
    let pulls = |c: &&Change| pulls(c) || reshaped.contains_key(&c.id);
    let mut queue: Vec<ObjectId> = changes.iter().filter(pulls).map(|c| c.id).collect();
    let mut seen: BTreeSet<ObjectId> = BTreeSet::new();
    let mut used: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    // A dropped schema is thousands of changes: one look at the state serves them all.
    let mut leaning = context.all_dependents_before(&queue.iter().cloned().collect());
    while let Some(id) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        let dropped = matches!(all.get(&id).map(|c| &c.what), Some(What::Dropped));
        for dependent in leaning.remove(&id).unwrap_or_else(|| context.dependents_before(&id)) {
            if all.get(&dependent).is_some_and(|c| matches!(c.what, What::Dropped) || c.is_replaced())
                || goes_along(context, &id, &dependent)
            {
                continue;
            }
            let follows = match reshaped.get(&id) {
                Some(reshaped) => follow_attributes(context, &dependent, reshaped),
                None => follow(context, &id, &dependent, dropped),
            };
            match follows {
                Follow::Replace => {
                    let replaced = Alteration::Replaced(vec!["what it uses"]);
                    match all.get_mut(&dependent).map(|c| &mut c.what) {
                        Some(What::Altered(list)) => list.insert(0, replaced),
                        _ => {
                            all.insert(dependent, Change { id: dependent, what: What::Altered(vec![replaced]) });
                        }
                    }
                    queue.push(dependent);
                }
                Follow::Nothing => {}
                Follow::Problem(problem) => problems.push(problem),
                Follow::Cannot => drop(used.entry(dependent).or_default().insert(id)),
            }
        }
    }
    problems.extend(used.iter().map(|(dependent, used)| cannot_follow(context, dependent, used)));
    all.into_values().collect()
}

/// Problem of an object that is carried along and uses what goes or changes; of a table that goes, the table is named.
fn cannot_follow(context: &Context<'_>, dependent: &ObjectId, used: &BTreeSet<ObjectId>) -> Problem {
    let outermost = |id: &ObjectId| match id.table_of().filter(|table| context.dropped_tables.contains(table)) {
        Some(table) => ObjectId::table(table),
        None => *id,
    };
    let used: BTreeSet<ObjectId> = used.iter().map(outermost).collect();
    let named: Vec<String> = used.iter().map(|id| format!("{} {}", context.before.word(id), id.short())).collect();
    let (what, it) = match named.as_slice() {
        [one] => (one.clone(), "that"),
        [first @ .., last] => (format!("{} and {last}", first.join(", ")), "them"),
        [] => (String::new(), "that"),
    };
    let message = format!(
        "{} {} uses {what}: changing {it} would drop or rebuild it, which pgform cannot do yet",
        context.before.word(dependent),
        dependent.short()
    );
    Problem::not_yet(dependent, message)
}

/// Tells whether an object that is made anew has the attribute from the start: set once more, its way back would come
/// upon another object.
pub(super) fn comes_with_the_new(change: &Change, alteration: &Alteration) -> bool {
    change.is_replaced()
        && matches!(
            alteration,
            Alteration::Comment
                | Alteration::IndexComment
                | Alteration::ViewOptions
                | Alteration::ColumnComments
                | Alteration::Kept(_)
                | Alteration::Redefined
                | Alteration::Column(ColumnChange::Value)
                | Alteration::Owner
                | Alteration::Privileges
                | Alteration::ColumnPrivileges
        )
}

/// Tells whether what leans on the object has to go before the change.
fn pulls(change: &Change) -> bool {
    match &change.what {
        What::Dropped => true,
        What::Altered(list) => {
            change.is_replaced()
                || list.iter().any(|a| matches!(a, Alteration::Column(ColumnChange::Type | ColumnChange::Collation)))
        }
        What::Created | What::Renamed { .. } => false,
    }
}

/// A composite type that is changed where it stands, and loses attributes or gives them another type.
fn reshaped_in_place(context: &Context<'_>, change: &Change) -> Option<(ObjectId, Reshaped)> {
    let What::Altered(list) = &change.what else { return None };
    let in_place = list.contains(&Alteration::Redefined) && !change.is_replaced();
    Some((change.id, composite_type::reshaped(context, &change.id).filter(|_| in_place)?))
}

/// Answer for what uses a composite type whose attributes go, or get another type, where it stands. PostgreSQL refuses
/// that beneath a view, or a rule, that names one; and of what makes whole values it lets no value be made any more once
/// an attribute is of another type (measured on 18).
fn follow_attributes(context: &Context<'_>, dependent: &ObjectId, reshaped: &Reshaped) -> Follow {
    let Some(object) = context.before.get(dependent) else { return Follow::Nothing };
    let texts = object.body.fragments();
    let names_one = || texts.iter().any(|text| reshaped.attributes.iter().any(|name| has_word(text.sql(), name)));
    let makes_values = |definition: &Definition| {
        let body = definition.text().and_then(|text| parse_routine(text).ok()).map(|routine| routine.body);
        // What only has the type in its name is left as it is.
        !dependent.kind().is_type() && body.is_none_or(|body| matches!(body, RoutineBody::Sql(_)))
    };
    match &object.body {
        Body::View(_) if reshaped.is_retyped || names_one() => Follow::Replace,
        Body::Definition(of) if of.carried => {
            match dependent.is(ObjectKind::Rule) && (reshaped.is_retyped || names_one()) {
                true => Follow::Cannot,
                false => Follow::Nothing,
            }
        }
        Body::Definition(of) if reshaped.is_retyped && makes_values(of) => Follow::Replace,
        Body::Check(_) | Body::Exclusion(_) | Body::Index(_) if reshaped.is_retyped => Follow::Cannot,
        Body::Column(column) if reshaped.is_retyped && !matches!(column.value, ColumnValue::None) => Follow::Cannot,
        _ => Follow::Nothing,
    }
}

/// Tells whether the dependent is a part of what goes: a column of a dropped table, an index on it.
fn goes_along(context: &Context<'_>, id: &ObjectId, dependent: &ObjectId) -> bool {
    let Some(table) = id.table_of().filter(|t| context.dropped_tables.contains(t)) else {
        return is_container(id) && context.leaving.contains(dependent);
    };
    // A definition is made and dropped by statements of its own, or is carried along and told: the table takes neither
    // along.
    !matches!(context.before.body(dependent), Some(Body::Definition(_)))
        && context.before.table_of(dependent) == Some(table)
}

fn is_container(id: &ObjectId) -> bool {
    matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension)
}

enum Follow {
    Replace,
    Nothing,
    Problem(Problem),
    /// The dependent is carried along: no plan can make it follow.
    Cannot,
}

/// Answer for what uses a composite or range type that is made anew and cannot follow it; none for all else.
fn follow_a_value(context: &Context<'_>, id: &ObjectId, dependent: &ObjectId) -> Option<Follow> {
    let body = context.before.body(dependent)?;
    let problem = if id.is(ObjectKind::CompositeType) {
        composite_type::beneath_a_column(context, id, dependent)
    } else if id.is(ObjectKind::RangeType) {
        range_type::beneath_a_column(id, dependent)
    } else {
        return None;
    };
    if matches!(body, Body::Column(_)) && context.after.has(dependent) {
        return Some(Follow::Problem(problem));
    }
    matches!(body, Body::Check(_) | Body::Exclusion(_) | Body::Index(_)).then_some(Follow::Cannot)
}

fn follow(context: &Context<'_>, id: &ObjectId, dependent: &ObjectId, dropped: bool) -> Follow {
    if let Some(found) = follow_a_value(context, id, dependent).filter(|_| !dropped) {
        return found;
    }
    // Names of columns and functions are matched generously: what is no longer used afterwards does not lean.
    let still = context.after.has(dependent) && context.after_names.needs(dependent).contains(id);
    let told = context.before.get(dependent).is_some_and(|object| object.head.depends_on.contains(id));
    match (id.kind(), context.before.body(dependent)) {
        // What may use an extension is told from what does: its text names the members, the catalog the extension.
        (ObjectKind::Extension, Some(Body::Definition(_))) if !told => Follow::Nothing,
        // PostgreSQL keeps statistics of a column whose type changes.
        (ObjectKind::Column, Some(Body::Definition(_))) if !dropped && dependent.is(ObjectKind::Statistics) => {
            if is_computed_anew(context, id) {
                Follow::Cannot
            } else {
                Follow::Nothing
            }
        }
        (_, Some(Body::Definition(definition))) if definition.carried => Follow::Cannot,
        // A type cannot be made anew beneath a column.
        (ObjectKind::Domain, Some(Body::Column(_))) if !dropped => Follow::Cannot,
        (_, Some(Body::Definition(_))) if !dropped => Follow::Replace,
        (_, Some(Body::Definition(_))) if told && stays(context, dependent) && !is_found_elsewhere(context, id) => {
            Follow::Problem(Problem::leans(dependent, id))
        }
        (_, Some(Body::View(_))) if context.after.has(dependent) && !(dropped && still) => Follow::Replace,
        // The indexes of a materialized view go with it, and come back with it.
        (ObjectKind::View, Some(Body::Index(index))) if !dropped && id.qualified() == Some(index.table) => {
            Follow::Replace
        }
        (ObjectKind::Constraint | ObjectKind::Index, Some(Body::ForeignKey(_)))
            if !dropped || leans_on_another(context, id, dependent) =>
        {
            Follow::Replace
        }
        (kind, Some(body)) if kind.is_routine() && (!dropped || moves_over(context, id, dependent) && !still) => {
            follow_a_routine(body)
        }
        (ObjectKind::Column, Some(body)) if !dropped && context.after.has(dependent) => {
            follow_a_type(context, id, body)
        }
        _ if !dropped => Follow::Nothing,
        (ObjectKind::Sequence, _) | (_, Some(Body::Sequence(_))) => Follow::Nothing,
        (ObjectKind::Extension | ObjectKind::Schema, _) if !still => Follow::Nothing,
        // An extension may hold what an object uses, or not: the shadow, which builds without it, tells.
        (ObjectKind::Extension, _) => Follow::Nothing,
        _ if still || !context.after.has(dependent) => Follow::Problem(Problem::leans(dependent, id)),
        _ => Follow::Nothing,
    }
}

/// Tells whether a definition is to stay with the text that it has.
fn stays(context: &Context<'_>, id: &ObjectId) -> bool {
    let text = |object: Option<&Object>| object.and_then(Object::definition)?.text().map(str::to_owned);
    context.after.has(id) && text(context.before.get(id)) == text(context.after.get(id))
}

/// Tells whether a text that names what goes may find something else by that name: another function, or what an
/// extension or a schema held.
fn is_found_elsewhere(context: &Context<'_>, gone: &ObjectId) -> bool {
    is_container(gone) || gone.kind().is_routine() && context.after_names.namesakes(gone).next().is_some()
}

/// Tells whether what used a function that goes uses another one, though its text may be the same: the catalog knows
/// functions by their OIDs.
fn moves_over(context: &Context<'_>, id: &ObjectId, dependent: &ObjectId) -> bool {
    let (Some(before), Some(after)) = (context.before.get(dependent), context.after.get(dependent)) else {
        return false;
    };
    let texts = |object: &Object| object.body.fragments().iter().map(|f| f.sql().to_owned()).collect::<Vec<_>>();
    // Which one of several a name means is in no text; one with the same types is meant as the other was.
    let takes_its_place = |other: ObjectId| routine_name(&other) == routine_name(id);
    texts(before) != texts(after)
        || context.before_names.namesakes(id).count() < 2
        || context.after_names.namesakes(id).any(takes_its_place)
}

/// Answer for what stands on a column that gets another type, or is made again because one that it is computed of does.
/// PostgreSQL itself builds plain indexes and keys again.
fn follow_a_type(context: &Context<'_>, id: &ObjectId, body: &Body) -> Follow {
    let made_again = is_computed_anew(context, id);
    let computed = |column: &Column| matches!(column.value, ColumnValue::Generated(..));
    let follows = if !made_again && !context.retyped.contains_key(id) {
        false
    } else if let Body::Index(index) = body {
        made_again || reads_values(index)
    } else if let Body::Column(column) = body {
        computed(column) && !made_again
    } else {
        matches!(body, Body::Check(_) | Body::ForeignKey(_) | Body::Exclusion(_))
            || matches!(body, Body::Key(_)) && made_again
    };
    if follows { Follow::Replace } else { Follow::Nothing }
}

/// Answer for an object that uses a function which is dropped and created: it follows, where PostgreSQL lets that be
/// done for a moment.
fn follow_a_routine(body: &Body) -> Follow {
    if matches!(body, Body::Check(_) | Body::Exclusion(_) | Body::Index(_)) {
        return Follow::Replace;
    }
    let Body::Column(column) = body else { return Follow::Nothing };
    match column.value {
        ColumnValue::Default(_) => Follow::Replace,
        ColumnValue::None | ColumnValue::Identity(_) => Follow::Nothing,
        ColumnValue::Generated(..) => Follow::Cannot,
    }
}

/// Tells whether a foreign key whose key goes finds another one: it is made anew to lean on that.
fn leans_on_another(context: &Context<'_>, gone: &ObjectId, foreign_key: &ObjectId) -> bool {
    let Some(Body::ForeignKey(key)) = context.after.body(foreign_key) else { return false };
    context.after_names.referenced_keys(key).iter().any(|other| other != gone)
}
