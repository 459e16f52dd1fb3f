//! The tree of changes in a review: tables with their parts below them.
use super::{ReviewedChange, columns::columns, words::kinds};
use crate::{
    diagnostic::shown,
    model::{ObjectId, quote},
    store::Mark,
};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

/// Number of lines above which new tables are told in one line each. Changed and dropped objects are always written
/// out.
const MAX_LINES: usize = 30;
/// Width of a kind's word that lines are aligned to; longer ones push only their own line.
const MAX_KIND: usize = "primary key".len();

struct Group<'a> {
    id: &'a ObjectId,
    own: Option<&'a ReviewedChange>,
    parts: Vec<&'a ReviewedChange>,
}

pub(super) fn tree(changes: &[ReviewedChange], full: bool, name_of: impl Fn(&ObjectId) -> String) -> String {
    let groups = grouped(changes);
    let short = !full && changes.len() > MAX_LINES;
    let mut rows = Vec::new();
    for Group { id, own, parts } in &groups {
        let created = own.is_some_and(|own| own.does == Mark::Created);
        match own {
            Some(own) if short && created && !parts.is_empty() => {
                rows.push(row(("", 0), own, &own.called, &[shown(&own.detail), counted(parts)]));
                continue;
            }
            Some(own) => rows.push(row(("", 0), own, &own.called, &details(own))),
            None => rows.push(vec![format!("~ {} {}", id.word(), shown(&name_of(id)))]),
        }
        // Parts stand below each other: their names start in one column.
        let width = parts.iter().map(|p| shown(&p.kind).width()).filter(|w| *w <= MAX_KIND).max().unwrap_or(0);
        for part in parts {
            let last = quote(part.object.own_name());
            rows.push(row(("    ", width), part, &last, &details(part)));
        }
    }
    columns(&rows, 2)
}

fn details(change: &ReviewedChange) -> [String; 2] {
    [shown(&change.detail), change.note.as_deref().map(shown).unwrap_or_default()]
}

fn row((indent, width): (&str, usize), change: &ReviewedChange, called: &str, rest: &[String]) -> Vec<String> {
    let kind = shown(&change.kind);
    let gap = " ".repeat(width.saturating_sub(kind.width()));
    let label = format!("{indent}{} {kind}{gap} {}", change.does.as_str(), shown(called));
    std::iter::once(label).chain(rest.iter().filter(|cell| !cell.is_empty()).cloned()).collect()
}

fn grouped(changes: &[ReviewedChange]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut at: BTreeMap<&ObjectId, usize> = BTreeMap::new();
    for change in changes {
        let id = change.table.as_ref().unwrap_or(&change.object);
        let index = *at.entry(id).or_insert_with(|| {
            groups.push(Group { id, own: None, parts: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[index];
        if change.table.is_none() && group.own.is_none() {
            group.own = Some(change);
        } else {
            group.parts.push(change);
        }
    }
    groups
}

/// Counts of parts: `6 columns, 1 key, 3 indexes`.
fn counted(parts: &[&ReviewedChange]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for part in parts {
        match counts.iter_mut().find(|(kind, _)| *kind == part.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((&part.kind, 1)),
        }
    }
    counts.into_iter().map(|(kind, n)| shown(&kinds(n, kind))).collect::<Vec<_>>().join(", ")
}
