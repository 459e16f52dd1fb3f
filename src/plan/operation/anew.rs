//! Makes an enum anew with other labels, and the columns that follow it: where every table that uses it is small or
//! new.
use super::super::dependents;
use super::super::format::{Assert, Held, Lock, LockMode, Look, LookKind, Step};
use super::super::needs::Lookup;
use super::super::reached::reached_first;
use super::super::sql::enum_sql;
use super::super::sql::{column_extras, constraint_definition, create_index, index_extras, list, literal};
use super::super::type_columns::UsedIn;
use super::ahead::old_table;
use super::answer::Resource;
use super::constraint_subject::Subject;
use super::context::Context;
use super::default_privileges::beyond;
use super::support::{lock, step};
use super::{definition, marks, view};
use crate::model::{
    Body, Column, ColumnName, ColumnValue, Enumeration, Head, Object, ObjectId, Parameters, Qualified, State, Typed,
    View, aside_name,
};
use std::collections::{BTreeMap, BTreeSet};

/// Below this a table counts as small: written anew in a moment.
pub const SMALL: u64 = 16 * 1024 * 1024;

/// All that stands on an enum in a state, where it can follow; otherwise why it cannot.
pub(super) struct Hanging<'s> {
    state: &'s State,
    columns: Vec<UsedIn>,
    /// Defaults of other columns that name a label.
    defaults: Vec<(Qualified, ColumnName)>,
    constraints: Vec<ObjectId>,
    indexes: Vec<ObjectId>,
    /// Indexes of materialized views among the views.
    of_views: Vec<ObjectId>,
    /// Triggers, policies and the like.
    definitions: Vec<ObjectId>,
    /// Relations that these are on.
    relations: BTreeSet<ObjectId>,
    /// Views, those first that others stand on.
    views: Vec<(Qualified, Typed<'s, View>)>,
}

/// Objects that stand on an enum, if everything can follow it when it is made anew.
///
/// # Errors
/// Reason why it cannot, in words that go on from "because".
pub(super) fn hanging<'s>(
    context: &Context<'s>,
    (state, names): (&'s State, &Lookup<'s>),
    name: &Qualified,
) -> Result<Hanging<'s>, String> {
    let columns = names.by_type().columns(name).to_vec();
    for table in columns.iter().map(|(table, _, _)| table) {
        if !context.is_new(table) && !context.small.contains(table) {
            let short = ObjectId::table(*table).short();
            return Err(format!("{short} is not known to be small (a database named with -d tells)"));
        }
    }
    let mut of: BTreeSet<ObjectId> = columns.iter().map(|(t, c, _)| ObjectId::column(*t, *c)).collect();
    let own = of.clone();
    of.insert(ObjectId::enumeration(*name));
    let mut out = Hanging {
        state,
        columns,
        defaults: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        of_views: Vec::new(),
        definitions: Vec::new(),
        relations: BTreeSet::new(),
        views: Vec::new(),
    };
    let mut seen: BTreeSet<ObjectId> = BTreeSet::new();
    let mut views: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    while !of.is_empty() {
        let found: BTreeSet<ObjectId> = dependents(state, names, &of).into_values().flatten().collect();
        of.clear();
        for id in found {
            if own.contains(&id) || !seen.insert(id) {
                continue;
            }
            if let Some(Body::View(_)) = state.body(&id) {
                views.insert(id, names.needs(&id));
                of.insert(id);
                continue;
            }
            out.take(&id, &own)?;
        }
    }
    out.views = in_order(state, &views);
    out.relations = out.definitions.iter().filter_map(|id| names.relation(&id.relation()?).copied()).collect();
    Ok(out)
}

/// The views, each behind those that it stands on: in layers, by name in each.
fn in_order<'s>(state: &'s State, needs: &BTreeMap<ObjectId, BTreeSet<ObjectId>>) -> Vec<(Qualified, Typed<'s, View>)> {
    let beneath = |id: &ObjectId| needs[id].iter().copied().filter(|need| needs.contains_key(need));
    let mut layers: BTreeMap<ObjectId, usize> = BTreeMap::new();
    for id in reached_first(needs.keys().copied(), |id| beneath(&id).collect()) {
        let layer = beneath(&id).filter_map(|need| layers.get(&need)).max().map_or(0, |below| below + 1);
        layers.insert(id, layer);
    }
    let in_order: BTreeSet<(usize, ObjectId)> = layers.into_iter().map(|(id, layer)| (layer, id)).collect();
    let view = |id: &ObjectId| match state.get(id) {
        Some(object @ Object { body: Body::View(view), head: _ }) => Some((id.qualified()?, object.typed(view))),
        _ => None,
    };
    in_order.iter().filter_map(|(_, id)| view(id)).collect()
}

impl Hanging<'_> {
    fn take(&mut self, id: &ObjectId, own: &BTreeSet<ObjectId>) -> Result<(), String> {
        let cannot = || Err(format!("{} {} uses it, which pgform cannot make anew with it", id.word(), id.short()));
        match (id.as_column(), self.state.body(id)) {
            (_, Some(Body::Index(index))) if self.state.view(&index.table).is_some() => {
                self.of_views.push(*id);
                Ok(())
            }
            // Plain indexes and keys follow by themselves.
            (_, Some(Body::Index(index))) => {
                if index.predicate.is_some() || index.keys.iter().any(|key| key.sql.sql().contains('(')) {
                    self.indexes.push(*id);
                }
                Ok(())
            }
            (_, Some(Body::Key(_))) => Ok(()),
            (_, Some(Body::Check(_) | Body::ForeignKey(_) | Body::Exclusion(_))) => {
                self.constraints.push(*id);
                Ok(())
            }
            (_, Some(Body::Definition(definition))) if !definition.carried && id.kind().is_part_of_relation() => {
                self.definitions.push(*id);
                Ok(())
            }
            (Some((table, name)), Some(Body::Column(column))) => match column.value {
                ColumnValue::Default(_) if !own.contains(id) => {
                    self.defaults.push((table, name));
                    Ok(())
                }
                ColumnValue::None | ColumnValue::Default(_) | ColumnValue::Identity(_) => Ok(()),
                ColumnValue::Generated(..) => cannot(),
            },
            _ => cannot(),
        }
    }

    /// Resources that must be there, in this state, when the enum is made anew.
    pub(super) fn needs(&self, resource: fn(ObjectId) -> Resource) -> Vec<Resource> {
        let columns = self
            .columns
            .iter()
            .flat_map(|(table, column, _)| [ObjectId::table(*table), ObjectId::column(*table, *column)]);
        let defaults = self.defaults.iter().map(|(table, column)| ObjectId::column(*table, *column));
        let views = self.views.iter().map(|(name, _)| ObjectId::view(*name));
        let others =
            self.constraints.iter().chain(&self.indexes).chain(&self.of_views).chain(&self.definitions).copied();
        columns.chain(defaults).chain(views).chain(others).map(resource).collect()
    }

    /// The locks that it takes: its tables while they are written anew, the others for a moment.
    pub(super) fn locks(&self) -> Vec<Lock> {
        let written = self.tables().into_keys().map(|t| (ObjectId::table(*t), Held::Rewrite));
        let mut partners: Vec<ObjectId> = self.views.iter().map(|(name, _)| ObjectId::view(*name)).collect();
        partners.extend(self.defaults.iter().map(|(table, _)| ObjectId::table(*table)));
        partners.extend(&self.relations);
        for id in &self.constraints {
            partners.extend(id.table_of().map(ObjectId::table));
            if let Some(Body::ForeignKey(key)) = self.state.body(id) {
                partners.push(ObjectId::table(key.references));
            }
        }
        let mut locks: BTreeMap<ObjectId, Held> = partners.into_iter().map(|id| (id, Held::Moment)).collect();
        locks.extend(written);
        locks.iter().map(|(id, held)| lock(id, LockMode::AccessExclusive, *held)).collect()
    }

    fn tables(&self) -> BTreeMap<&Qualified, Vec<(&ColumnName, bool)>> {
        let mut out: BTreeMap<&Qualified, Vec<(&ColumnName, bool)>> = BTreeMap::new();
        for (table, column, array) in &self.columns {
            out.entry(table).or_default().push((column, *array));
        }
        out
    }

    /// The statements, one transaction: the old type makes way, everything follows the new one, the old one goes.
    pub(super) fn statements(&self, context: &Context<'_>, name: &Qualified, to: Typed<'_, Enumeration>) -> Vec<Step> {
        let former = name.sibling(aside_name(&format!("{} former", context.seed), &ObjectId::enumeration(*name)));
        let mut sql = vec![format!("alter type {name} rename to {}", former.name)];
        sql.extend(enum_sql(name, to));
        sql.extend(beyond(context, &ObjectId::enumeration(*name), to.head));
        let made = |id: &ObjectId| definition::statements(context, id, self.state.get(id)?);
        let definitions: Vec<(Vec<String>, Vec<String>)> = self.definitions.iter().filter_map(made).collect();
        let (mut away, mut again) = (Vec::new(), Vec::new());
        for id in &self.constraints {
            let (Some((table, constraint)), Some(object)) = (id.as_constraint(), self.state.get(id)) else { continue };
            let s = Subject::new(&table, &constraint);
            // Foreign keys lean on keys, and come last.
            let at = if matches!(object.body, Body::ForeignKey(_)) { again.len() } else { 0 };
            away.push(s.drop());
            let made = s.add(&constraint_definition(object).unwrap_or_default());
            again.splice(at..at, std::iter::once(made).chain(s.comment(object)));
        }
        for id in &self.indexes {
            away.extend(id.qualified().map(|name| format!("drop index {name}")));
            again.splice(0..0, self.index(id));
        }
        sql.extend(definitions.iter().flat_map(|(away, _)| away.clone()));
        sql.extend(self.views.iter().rev().map(|(name, view)| format!("drop {} {name}", view.word())));
        sql.extend(away);
        let default =
            |table: &Qualified, column: &ColumnName| match self.state.column(table, column).map(|c| &c.own.value) {
                Some(ColumnValue::Default(e)) => Some(e.sql().to_owned()),
                _ => None,
            };
        for (table, column) in &self.defaults {
            sql.push(format!("alter table {table} alter column {column} drop default"));
        }
        for (table, columns) in self.tables() {
            sql.extend(self.retype(table, &columns, &default));
        }
        for (table, column) in &self.defaults {
            let value = default(table, column).unwrap_or_default();
            sql.push(format!("alter table {table} alter column {column} set default ({value})"));
        }
        sql.extend(again);
        for (view_name, view) in &self.views {
            sql.extend(view::make_sql(view_name, *view));
            sql.extend(beyond(context, &ObjectId::view(*view_name), view.head));
        }
        sql.extend(self.of_views.iter().flat_map(|id| self.index(id)));
        sql.extend(definitions.into_iter().flat_map(|(_, again)| again));
        let of_definition = |id: &ObjectId| Some(beyond(context, id, &self.state.get(id)?.head));
        sql.extend(self.definitions.iter().filter_map(of_definition).flatten());
        sql.push(format!("drop type {former}"));
        sql.into_iter().map(step).collect()
    }

    /// The statements that make an index, with what is said of it.
    fn index(&self, id: &ObjectId) -> Vec<String> {
        let Some(object) = self.state.get(id) else { return Vec::new() };
        let (Some(name), Body::Index(index)) = (id.qualified(), &object.body) else { return Vec::new() };
        let mut sql = vec![create_index(&name.name, index, false)];
        sql.extend(index_extras(&name, object.typed(index)));
        sql.extend(marks::of(self.state, &index.table, &name.name).0);
        sql
    }

    fn retype(
        &self,
        table: &Qualified,
        columns: &[(&ColumnName, bool)],
        default: &dyn Fn(&Qualified, &ColumnName) -> Option<String>,
    ) -> Vec<String> {
        let mut actions = Vec::new();
        let mut extras = Vec::new();
        for (column, array) in columns {
            let Some(found) = self.state.column(table, column) else { continue };
            let value = default(table, column);
            if value.is_some() {
                actions.push(format!("alter column {column} drop default"));
            }
            let through = if *array { "text[]" } else { "text" };
            let data_type = found.data_type.sql();
            actions.push(format!("alter column {column} type {data_type} using {column}::{through}::{data_type}"));
            actions.extend(value.map(|value| format!("alter column {column} set default ({value})")));
            // A new type has its own storage and compression.
            let kept = Column { statistics: None, options: Parameters::default(), ..found.own.clone() };
            extras.extend(column_extras(table, column, Typed { head: &Head::default(), own: &kept }));
        }
        std::iter::once(format!("alter table {table} {}", list(actions))).chain(extras).collect()
    }

    /// Look whether the tables are small: asked before the plan, and once more under the lock.
    pub(super) fn small(&self, context: &Context<'_>) -> (Vec<Look>, Vec<Step>) {
        let tables: Vec<&Qualified> = self.tables().into_keys().filter(|table| !context.is_new(table)).collect();
        let look = |table: &&Qualified| {
            let object = ObjectId::table(*(*table));
            let here = literal(&old_table(context, table).to_string());
            Look {
                kind: LookKind::Outgrown,
                says: format!("table {} is not small (less than {} MiB)", object.short(), SMALL >> 20),
                rows: format!(
                    "select pg_catalog.pg_table_size({here}::pg_catalog.regclass) as bytes where \
                     pg_catalog.pg_table_size({here}::pg_catalog.regclass) >= {SMALL}"
                ),
                object,
                behind: None,
            }
        };
        let assert = |table: &&Qualified| {
            let name = literal(&table.to_string());
            Step::Assert(Assert {
                sql: format!("select pg_catalog.pg_table_size({name}::pg_catalog.regclass) < {SMALL}"),
                expect: "t".to_owned(),
                says: format!("table {} is small", ObjectId::table(*(*table)).short()),
                about: None,
            })
        };
        (tables.iter().map(look).collect(), tables.iter().map(assert).collect())
    }
}

/// A query of the rows that hold one of these labels, in these columns; none where there is no column.
pub(in crate::plan) fn held(columns: &[UsedIn], labels: &[String]) -> Option<String> {
    let labels = list(labels.iter().map(|label| literal(label)));
    if labels.is_empty() {
        return None;
    }
    places(columns, |column, array| match array {
        true => format!("{column}::text[] && array[{labels}]"),
        false => format!("{column}::text in ({labels})"),
    })
}

/// A query of the rows that hold any other label than these.
pub(super) fn others_held(columns: &[UsedIn], labels: &[String]) -> Option<String> {
    let labels = list(labels.iter().map(|label| literal(label)));
    places(columns, |column, array| match array {
        true => format!("not ({column}::text[] <@ array[{labels}]::text[])"),
        false if labels.is_empty() => format!("{column} is not null"),
        false => format!("{column}::text not in ({labels})"),
    })
}

fn places(columns: &[UsedIn], holds: impl Fn(&ColumnName, bool) -> String) -> Option<String> {
    let one = |(table, column, array): &UsedIn| {
        let place = literal(&ObjectId::column(*table, *column).short());
        let holds = holds(column, *array);
        format!("select {place} as place, ctid::text as at from {table} where {holds}")
    };
    let all: Vec<String> = columns.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(" union all "))
}
