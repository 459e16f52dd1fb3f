//! Warnings about names in function bodies and strings, which PostgreSQL does not follow when a plan renames or drops.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::has_word;
use crate::model::{
    Object, ObjectId, ObjectKind, Qualified, Rename, State, before_renames, is_name_letter, renamed_id,
};
use std::collections::{BTreeMap, BTreeSet};

/// Warnings about functions whose bodies have the name of an object that the plan renames or drops.
pub(crate) fn unseen(head: &State, renames: &[Rename], after: &BTreeMap<ObjectId, Option<Object>>) -> Diagnostics {
    let dropped = after.iter().filter(|(_, object)| object.is_none()).map(|(id, _)| id);
    let mut all: BTreeMap<ObjectId, &str> = dropped.map(|id| (before_renames(id, renames), "drops")).collect();
    all.extend(renames.iter().map(|r| (before_renames(&r.from, renames), "renames")));
    // The columns of a table that goes are not told one by one.
    let stays = |table: &Qualified| all.get(&ObjectId::table(*table)) != Some(&"drops");
    // A body that calls a routine by its name may well mean one with other arguments, which stays or is new.
    let is_overload_left = |id: &ObjectId| {
        let others = head.objects.keys().filter(|other| after.get(*other) != Some(&None));
        let mut others = others.chain(after.iter().filter(|(_, o)| o.is_some()).map(|(other, _)| other));
        others.any(|other| {
            other != id && other.kind().is_routine() && other.own_name() == id.own_name() && other.home() == id.home()
        })
    };
    let alone = |id: &ObjectId| {
        matches!(id.kind(), ObjectKind::Schema | ObjectKind::Table | ObjectKind::View)
            || (id.kind().is_routine() && !is_overload_left(id))
            || id.as_column().is_some_and(|(table, _)| stays(&table))
    };
    let gone: Vec<(&ObjectId, &str)> =
        all.iter().filter(|(id, _)| head.has(id) && alone(id)).map(|(id, verb)| (id, *verb)).collect();
    let mut out = Diagnostics::default();
    // Texts after the renames: references have the new name, and plain text still the old one.
    let now = |id: &ObjectId| after.get(&renamed_id(id, renames)).and_then(Option::as_ref);
    for (function, text) in routines(head).filter(|_| !gone.is_empty()) {
        let text = now(function).and_then(Object::definition).map_or(Some(text), |definition| definition.text());
        let Some(text) = text.filter(|_| after.get(&renamed_id(function, renames)) != Some(&None)) else { continue };
        let words: BTreeSet<String> = unread(text).split(|c| !is_name_letter(c)).map(str::to_lowercase).collect();
        let says = |name: &str| words.contains(&name.to_lowercase());
        for (id, verb) in &gone {
            let of = id.as_column().map(|(table, _)| table);
            let about = of.is_none_or(|table| says(table.name.as_str()) || is_triggered(head, function, id));
            if about && *id != function && says(id.own_name()) {
                out.push(warning(function, id, verb));
            }
        }
    }
    let schemas: Vec<&ObjectId> = gone.iter().map(|(id, _)| *id).filter(|id| id.is(ObjectKind::Schema)).collect();
    for (id, object) in head.objects.iter().filter(|_| !schemas.is_empty()) {
        let texts = now(id).unwrap_or(object).body.fragments();
        let naming = |schema: &&ObjectId| texts.iter().any(|text| strings_name(text.sql(), schema));
        if let Some(schema) = schemas.iter().copied().find(naming) {
            out.push(in_a_string(id, schema));
        }
    }
    out
}

/// Tells whether a string inside of SQL has the name of a schema: `nextval('app.numbers'::text)`.
fn strings_name(sql: &str, schema: &ObjectId) -> bool {
    let names =
        |string: &str| schema.parts().iter().any(|name| has_word(string, name)) || string.contains(&schema.sql());
    sql.contains('\'') && sql.split('\'').skip(1).step_by(2).any(names)
}

fn in_a_string(id: &ObjectId, schema: &ObjectId) -> Diagnostic {
    let (kind, name, old) = (id.word(), id.short(), schema.short());
    let message = format!(
        "{kind} {name} may name schema {old}, which the plan renames, in a string: PostgreSQL does not look into it"
    );
    Diagnostic::warning(Code::MayName, message).help("where it does, write the new name there, in this plan")
}

/// Part of a function's text that PostgreSQL does not parse: settings and body. The part before follows every rename.
fn unread(text: &str) -> &str {
    text.find("\n LANGUAGE ").map_or(text, |at| &text[at..])
}

fn routines(state: &State) -> impl Iterator<Item = (&ObjectId, &str)> {
    let routine = |id: &ObjectId| matches!(id.kind(), ObjectKind::Function | ObjectKind::Procedure);
    state.definitions().filter(move |(id, ..)| routine(id)).filter_map(|(id, _, known)| Some((id, known.text()?)))
}

/// Tells whether a trigger on the column's table runs the function.
fn is_triggered(state: &State, function: &ObjectId, column: &ObjectId) -> bool {
    let table = column.as_column().map(|(table, _)| table);
    let of_table = |id: &ObjectId| id.is(ObjectKind::Trigger) && id.table_of() == table;
    state.definitions().any(|(id, trigger, _)| of_table(id) && trigger.head.depends_on.contains(function))
}

fn warning(function: &ObjectId, id: &ObjectId, verb: &str) -> Diagnostic {
    let message = format!(
        "{} {} may use {} {}, which the plan {verb}: its body has the word, and PostgreSQL does not look into it",
        function.word(),
        function.short(),
        id.word(),
        id.short()
    );
    Diagnostic::warning(Code::MayName, message)
        .help("where it does, declare it with the new name or without it, in this plan")
}
