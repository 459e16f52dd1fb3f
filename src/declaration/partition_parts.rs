//! Gives each partition what it has from its parent, and takes that out of what is written.
use super::{naming::free_name, reader::Reader, resolve};
use crate::canonical::{part_name, usual_part_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Body, Column, ColumnName, ConstraintName, Index, Key, Object, ObjectId, Qualified, RelationName, State,
};
use std::collections::{BTreeMap, BTreeSet};

/// Gives the partitions of a declaration what they have from their parents: columns that they do not say, keys and
/// indexes, each with the name that PostgreSQL would choose.
pub(super) fn follow_parents(reader: &mut Reader) {
    let tables: Vec<Qualified> =
        reader.bodies().filter_map(|(id, body)| parent(body).and_then(|_| id.as_table())).collect();
    if tables.is_empty() && reader.bodies().all(|(_, body)| body.and_then(Body::part_of).is_none()) {
        return;
    }
    let mut parts: BTreeMap<Qualified, Vec<ObjectId>> = BTreeMap::new();
    for (id, body) in reader.bodies() {
        if let Some(table) = body.and_then(|body| with_an_index(id, body)) {
            parts.entry(table).or_default().push(*id);
        }
    }
    let mut following = Following { reader, parts, done: BTreeSet::new() };
    tables.iter().for_each(|table| following.table(table));
    following.part_of_nothing();
}

/// Takes in what a partition has from its parent, unless it says that itself; its place is that of the parent's.
fn take(reader: &mut Reader, id: ObjectId, body: Body, above: &ObjectId) {
    if let (None, Some(place)) = (reader.places.object(&id), reader.places.object(above).cloned()) {
        reader.places.set_object(&id, &place);
    }
    reader.insert(id, Some(body.into()));
}

fn parent(body: Option<&Body>) -> Option<Qualified> {
    if let Some(Body::Table(table)) = body { table.parent() } else { None }
}

/// The table of a key or an index.
fn with_an_index(id: &ObjectId, body: &Body) -> Option<Qualified> {
    if let Body::Index(index) = body {
        Some(index.table)
    } else if let Body::Key(_) = body {
        id.table_of()
    } else {
        None
    }
}

struct Following<'r> {
    reader: &'r mut Reader,
    /// Keys and indexes, by their tables.
    parts: BTreeMap<Qualified, Vec<ObjectId>>,
    done: BTreeSet<Qualified>,
}

impl Following<'_> {
    fn table(&mut self, name: &Qualified) {
        let id = ObjectId::table(*name);
        let Some(parent) = parent(self.reader.body(&id)) else { return };
        if !self.done.insert(*name) {
            return;
        }
        self.table(&parent);
        let above = ObjectId::table(parent);
        let (why, help) = match self.reader.body(&above) {
            Some(Body::Table(table)) if table.partition_by.is_some() => ("", ""),
            Some(_) if self.reader.is_listed(&above) => ("", ""),
            Some(_) => ("is not partitioned", "give it `partition_by`"),
            None => ("is not declared", "declare it, with `partition_by`"),
        };
        if !why.is_empty() {
            return wrong_parent(self.reader, &id, &format!("{} {why}", above.short()), help);
        }
        columns(self.reader, name, &parent);
        for part in self.parts.get(&parent).cloned().unwrap_or_default() {
            self.part(name, &part);
        }
    }

    /// Reports parts of what the parent has not.
    fn part_of_nothing(&mut self) {
        let mut mistakes = Vec::new();
        for (table, own) in &self.parts {
            let parent = parent(self.reader.body(&ObjectId::table(*table)));
            let there = parent.and_then(|parent| self.parts.get(&parent)).into_iter().flatten();
            let there: BTreeSet<&str> = there.map(|id| id.own_name()).collect();
            let of = |id: &ObjectId| self.reader.body(id).and_then(Body::part_of);
            let unknown = own.iter().filter_map(|id| Some((*id, of(id)?)));
            mistakes.extend(
                unknown.filter(|(_, part)| !there.contains(part.as_str())).map(|(id, part)| (id, part, parent)),
            );
        }
        for (id, part, parent) in mistakes {
            let message = match parent {
                Some(parent) => format!(
                    "{} is declared as a part of {part}, which is no key or index of {}",
                    id.short(),
                    ObjectId::table(parent).short()
                ),
                None => format!("{} is declared as a part of {part}, and its table is no partition", id.short()),
            };
            let place = self.reader.places.attribute(&id, "part_of").cloned();
            let told = Diagnostic::error(Code::NotDeclared, message).maybe_at(place.as_ref(), "here");
            self.reader.out.push(told.help("leave `part_of` out where the table has this of its own"));
        }
    }

    fn part(&mut self, table: &Qualified, above: &ObjectId) {
        let Some(body) = self.reader.body(above).cloned() else { return };
        let part = RelationName::new(above.own_name());
        let (columns, label) = part_name(&body);
        let Some(own) = as_part(&body, part, table) else { return };
        let own_parts = self.parts.entry(*table).or_default();
        let said = own_parts.iter().find(|id| self.reader.body(id).is_some_and(|body| body.part_of() == Some(part)));
        if let Some(body) = said.copied().and_then(|id| self.reader.body_mut(&id)) {
            return complete(body, own);
        }
        let name = free_name(self.reader, table, &columns, label);
        let index = ObjectId::index(table.sibling(&name));
        let id = if label == "idx" { index } else { ObjectId::constraint(*table, ConstraintName::new(&name)) };
        own_parts.push(id);
        take(self.reader, id, own, above);
    }
}

/// The part of a key or an index that a partition has where it says nothing.
fn as_part(of: &Body, part: RelationName, table: &Qualified) -> Option<Body> {
    if let Body::Key(key) = of {
        let own = Key { index_comment: None, tablespace: None, part_of: Some(part), ..key.clone() };
        return Some(Body::Key(own));
    }
    let Body::Index(index) = of else { return None };
    let statistics = BTreeMap::new();
    let own = Index { table: *table, tablespace: None, statistics, part_of: Some(part), ..index.clone() };
    Some(Body::Index(own))
}

/// Completes what a partition says of its part of a key or index: where it is and what is told of it are its own. One that
/// says its columns or keys says all.
fn complete(said: &mut Body, whole: Body) {
    if matches!(&*said, Body::Key(key) if !key.columns.is_empty())
        || matches!(&*said, Body::Index(index) if !index.keys.is_empty())
    {
        return;
    }
    if let (Body::Key(said), Body::Key(whole)) = (&mut *said, &whole) {
        let (index_comment, tablespace) = (said.index_comment.take(), said.tablespace.take());
        *said = Key { index_comment, tablespace, ..whole.clone() };
    } else if let (Body::Index(said), Body::Index(whole)) = (said, whole) {
        let (statistics, tablespace) = (std::mem::take(&mut said.statistics), said.tablespace.take());
        *said = Index { statistics, tablespace, ..whole };
    }
}

fn wrong_parent(reader: &mut Reader, id: &ObjectId, why: &str, help: &str) {
    let message = format!("{} is declared as a partition, and {why}", id.short());
    let place = reader.places.attribute(id, "partition_of").or_else(|| reader.places.object(id)).cloned();
    reader.out.push(Diagnostic::error(Code::NotDeclared, message).maybe_at(place.as_ref(), "here").help(help));
}

/// Columns of the parent that the partition does not say; those that it says are of the parent's types.
fn columns(reader: &mut Reader, name: &Qualified, parent: &Qualified) {
    let of = |reader: &Reader, table: &Qualified| -> Vec<(ColumnName, Column)> {
        let own = reader.objects.range(ObjectId::column(*table, ColumnName::new(""))..);
        let own = own.map_while(|(id, object)| Some((id.as_column().filter(|(of, _)| of == table)?.1, object)));
        let column = |(name, object): (ColumnName, &Option<Object>)| {
            if let Body::Column(column) = &object.as_ref()?.body { Some((name, column.clone())) } else { None }
        };
        own.filter_map(column).collect()
    };
    let above = of(reader, parent);
    for (column, own) in of(reader, name) {
        let id = ObjectId::column(*name, column);
        match above.iter().find(|(name, _)| *name == column) {
            None => mistake(reader, &id, &format!("{} has no such column", ObjectId::table(*parent).short())),
            Some((_, from)) if !from.data_type.same_text(&own.data_type) || from.collation != own.collation => {
                mistake(
                    reader,
                    &id,
                    &format!("in {} it is {}", ObjectId::table(*parent).short(), from.data_type.sql()),
                );
            }
            Some((_, from)) => {
                let (position, not_null) = (from.position, from.not_null);
                if let Some(Body::Column(column)) = reader.body_mut(&id) {
                    column.position = position;
                    column.not_null |= not_null;
                }
            }
        }
    }
    for (column, from) in above {
        let own = from.beneath();
        take(reader, ObjectId::column(*name, column), Body::Column(own), &ObjectId::column(*parent, column));
    }
    for column in resolve::primary_key(reader, name).unwrap_or_default() {
        if let Some(Body::Column(column)) = reader.body_mut(&ObjectId::column(*name, column)) {
            column.not_null = true;
        }
    }
}

fn mistake(reader: &mut Reader, id: &ObjectId, why: &str) {
    let message = format!("column {} of a partition differs from its parent's: {why}", id.short());
    let place = reader.places.attribute(id, "type").or_else(|| reader.places.object(id)).cloned();
    reader.out.push(
        Diagnostic::error(Code::Contradiction, message)
            .maybe_at(place.as_ref(), "here")
            .help("a partition has the columns of its parent; it says those alone whose default, storage or `not null` is another"),
    );
}

/// Gives the state without what partitions have from their parents, as a declaration says it.
pub(super) fn without_what_parents_give(state: &State) -> State {
    let mut out = state.clone();
    for (id, object) in &state.objects {
        let Some(above) = state.part_above(id) else { continue };
        let (Some(table), Some(from)) = (object.table_of(id), state.get(&above)) else { continue };
        let has_head = object.head.comment.is_some() || object.head.privileges.is_some();
        let (says_nothing, short) = if let (Body::Column(own), Body::Column(from)) = (&object.body, &from.body) {
            (own.is_beneath(from), object.body.clone())
        } else {
            let is_usual = usual_part_name(&table, &object.body).as_deref() == Some(id.own_name());
            let (nothing, short) = what_a_part_says(&object.body);
            let mut completed = short.clone();
            let usual = as_part(&from.body, RelationName::new(above.own_name()), &table);
            usual.into_iter().for_each(|usual| complete(&mut completed, usual));
            // One that is otherwise than its parent's is said whole.
            if completed == object.body { (nothing && is_usual, short) } else { (false, object.body.clone()) }
        };
        if says_nothing && !has_head {
            out.objects.remove(id);
        } else if let Some(body) = out.body_mut(id) {
            *body = short;
        }
    }
    out
}

/// What a partition's part of a key or index says beside that; and whether that is nothing.
fn what_a_part_says(body: &Body) -> (bool, Body) {
    if let Body::Key(key) = body {
        let nothing = key.index_comment.is_none() && key.tablespace.is_none();
        let (index_comment, tablespace) = (key.index_comment.clone(), key.tablespace.clone());
        let short = Key { index_comment, tablespace, part_of: key.part_of, ..Key::of_columns(key.kind, Vec::new()) };
        return (nothing, Body::Key(short));
    }
    if let Body::Index(index) = body {
        let nothing = index.statistics.is_empty() && index.tablespace.is_none();
        let (statistics, tablespace) = (index.statistics.clone(), index.tablespace.clone());
        let short = Index { statistics, tablespace, part_of: index.part_of, ..Index::of_table(index.table) };
        return (nothing, Body::Index(short));
    }
    (false, body.clone())
}
