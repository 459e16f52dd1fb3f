//! Search for SQL hidden in the texts of a plan's states, which planning again would copy and so cannot see.
use crate::canonical::{
    KeyTarget, Reference, parse_index_key, references_of_expression, references_of_query, split_statements,
};
use crate::diagnostic::shown;
use crate::diff::has_word;
use crate::model::{Body, Fragment, Object, ObjectId};
use crate::plan::format::{Segment, Step};
use crate::store::PlanFile;
use std::collections::BTreeSet;

/// Descriptions of all hidden SQL in a plan.
pub(crate) fn forged(file: &PlanFile) -> Vec<String> {
    let mut out: Vec<String> = (1..).zip(&file.body.segments).flat_map(|(n, segment)| several(n, segment)).collect();
    let header = &file.header;
    let after = header.after.iter().filter_map(|(id, object)| Some((id, object.as_ref()?)));
    let known: BTreeSet<&str> =
        header.renames.iter().flat_map(|r| [&r.from, &r.to]).flat_map(|id| id.parts()).collect();
    for (id, object) in after.chain(&header.planned_before).chain(&header.planned_after) {
        out.extend(object.body.fragments().into_iter().filter_map(|text| other_names((id, object), text, &known)));
    }
    out
}

/// Descriptions of steps with more than one statement: the second came out of a text that was no expression.
fn several(number: usize, segment: &Segment) -> Vec<String> {
    let back = segment.back.parts.iter().flat_map(|part| &part.steps);
    let revive = segment.revive.iter().flat_map(|revive| &revive.steps);
    let steps = segment.steps.iter().chain(back).chain(revive).flat_map(texts);
    let counts = segment.back.conditions.iter().map(|c| c.count.as_str());
    let is_several = |sql: &&str| match split_statements(sql) {
        Ok(statements) => statements.len() > 1,
        // A later version's syntax: nothing that pgform writes of it has a semicolon.
        Err(_) => sql.contains(';'),
    };
    let tell = |sql: &str| format!("segment {number} holds several statements in one: `{}`", shown(sql));
    steps.chain(counts).filter(is_several).map(tell).collect()
}

/// All SQL of a step.
pub(crate) fn texts(step: &Step) -> Vec<&str> {
    match step {
        Step::Statement(statement) => {
            let more = [statement.probe.as_deref(), statement.clear.as_deref()];
            std::iter::once(statement.sql.as_str()).chain(more.into_iter().flatten()).collect()
        }
        Step::Assert(assert) => vec![assert.sql.as_str()],
    }
}

/// Description of a settled text that calls or reads something that the written one, which a review shows, does not.
fn other_names((id, object): (&ObjectId, &Object), text: &Fragment, known: &BTreeSet<&str>) -> Option<String> {
    let settled = text.as_settled().filter(|settled| *settled != text.as_written())?;
    let of_key = matches!(object.body, Body::Index(_) | Body::Exclusion(_));
    let written = names(text.as_written(), of_key);
    let says =
        |name: &String| written.contains(name) || known.contains(name.as_str()) || has_word(text.as_written(), name);
    let other = names(settled, of_key).into_iter().find(|name| !says(name))?;
    let (word, name) = (id.word(), id.short());
    Some(format!(
        "{word} {name} is declared as `{}` and runs as `{}`, which names {other}",
        shown(text.as_written()),
        shown(settled)
    ))
}

/// Functions and relations that a text names, without their schemas.
fn names(text: &str, of_key: bool) -> BTreeSet<String> {
    let expression = match parse_index_key("btree", text) {
        Ok(parts) if of_key => match parts.target {
            KeyTarget::Column(_) => return BTreeSet::new(),
            KeyTarget::Expression(expression) => expression,
        },
        Ok(_) | Err(_) => text.to_owned(),
    };
    let found = references_of_expression(&expression).into_iter().chain(references_of_query(text));
    found
        .filter_map(|reference| match reference {
            Reference::Function(_, name) | Reference::Relation(_, name) => Some(name),
            Reference::Type(..) | Reference::Collation(..) | Reference::Column(..) => None,
        })
        .collect()
}
