//! Finds the conditions on rows that a plan adds: whoever applies it has rows that keep them; so do the proof's.
use super::retyped::{conversions, takes_values_of};
use crate::canonical::parse_domain;
use crate::model::{
    Body, Column, ColumnName, ColumnValue, ConstraintName, Enforcement, ForeignKey, Fragment, Index, IndexKey, Key,
    KeyKind, MatchType, Object, ObjectId, ObjectKind, Qualified, RelationName, State, quote,
};
use crate::plan::{
    TypeColumns,
    sql::{constraint_definition, create_index},
};
use crate::server::{Connection, ServerError};
use std::collections::BTreeMap;

/// Name that nothing in a state has: it is of the form that pgform gives to what it sets aside.
const NAME: &str = "~proof";

/// Conditions that come later, by table: each a statement that tries it, and where needed one that takes it back.
#[derive(Debug, Default)]
pub(super) struct Later(BTreeMap<Qualified, Vec<(ObjectId, String)>>);

impl Later {
    /// Finds the conditions of `after` that `before` does not have, as far as they can be put on its tables as they
    /// are.
    ///
    /// # Errors
    /// If the shadow's connection is lost.
    pub(super) async fn of(
        connection: &mut Connection,
        (before, after): (&State, &State),
        using: &BTreeMap<ObjectId, String>,
    ) -> Result<Self, ServerError> {
        let mut out = Self::default();
        for (id, object) in &after.objects {
            let Some((table, statements)) = trial(before, id, object) else { continue };
            if before.table(&table).is_none() {
                continue;
            }
            out.take(connection, table, (id, statements)).await?;
        }
        for (id, table, statements) in conversions(before, after, using) {
            out.take(connection, table, (&id, statements)).await?;
        }
        let of_domains = of_domains(before, after);
        let columns = if of_domains.is_empty() { TypeColumns::default() } else { TypeColumns::of(before) };
        for (id, statements) in of_domains {
            for table in id.qualified().map(|name| columns.tables_beneath(&name)).unwrap_or_default() {
                out.take(connection, table, (&id, statements.clone())).await?;
            }
        }
        Ok(out)
    }

    /// Takes in a condition, where it can be put on the empty table: what fails here needs something that is not there
    /// yet.
    async fn take(
        &mut self,
        connection: &mut Connection,
        table: Qualified,
        (id, statements): (&ObjectId, String),
    ) -> Result<(), ServerError> {
        match connection.batch(&statements).await {
            Ok(()) => self.0.entry(table).or_default().push((*id, statements)),
            Err(error) if error.connection_lost => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }

    /// Writes the trials that a row must stand in the transaction that inserts it.
    pub(super) fn trials(&self, table: &Qualified) -> String {
        match self.0.get(table) {
            Some(list) => {
                let all: Vec<&str> = list.iter().map(|(_, statements)| statements.as_str()).collect();
                format!(";\nset constraints all immediate;\n{}", all.join(";\n"))
            }
            None => String::new(),
        }
    }

    /// The conditions of a table, one by one.
    pub(super) fn each(&self, table: &Qualified) -> &[(ObjectId, String)] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }
}

/// What domains demand of values that they did not demand before, each as statements that try it.
fn of_domains(before: &State, after: &State) -> Vec<(ObjectId, String)> {
    let text = |state: &State, id: &ObjectId| parse_domain(state.get(id)?.definition()?.text()?).ok();
    let mut out = Vec::new();
    for id in after.objects.keys().filter(|id| id.is(ObjectKind::Domain)) {
        let (Some(a), Some(b)) = (text(before, id), text(after, id)) else { continue };
        let (checks, refuses_nulls) = b.demands_beyond(&a);
        let (alter, name) = (format!("alter domain {}", a.name), quote(NAME));
        for check in checks {
            let add = format!("{alter} add constraint {name} check ({})", check.expression);
            out.push((*id, format!("{add};\n{alter} drop constraint {name}")));
        }
        if refuses_nulls {
            out.push((*id, format!("{alter} set not null;\n{alter} drop not null")));
        }
    }
    out
}

fn trial(before: &State, id: &ObjectId, object: &Object) -> Option<(Qualified, String)> {
    let name = ConstraintName::new(NAME);
    let constraint = |table: &Qualified, definition: String| {
        let add = format!("alter table {table} add constraint {name} {definition}");
        (*table, format!("{add};\nalter table {table} drop constraint {name}"))
    };
    let table = id.table_of();
    let was = before.get(id);
    let differs = was != Some(object);
    match (table, &object.body, was.map(|object| &object.body)) {
        (Some(table), Body::Column(new), _) if generated(new).is_some() && differs => {
            let (expression, data_type) = (generated(new)?.sql(), new.data_type.sql());
            Some((table, format!("select ({expression})::{data_type} from {table}")))
        }
        (Some(table), Body::Column(new), Some(Body::Column(old))) => {
            let not_null = format!("check ({} is not null)", quote(id.own_name()));
            (new.not_null && !old.not_null).then(|| constraint(&table, not_null))
        }
        (_, body, _) if body.enforcement().is_some_and(|holds| holds != Enforcement::Valid) => None,
        // Columns that a primary key made not null stay so when it goes: they are tried as the columns that they are.
        (Some(table), Body::Key(key), _) if differs => {
            let unique = Body::Key(Key { kind: KeyKind::Unique, ..key.clone() }).into();
            Some(constraint(&table, constraint_definition(&unique)?))
        }
        // Nothing can be referenced that is not there yet.
        (Some(table), Body::ForeignKey(key), _) if differs && !is_there(before, key) => {
            let null: Vec<String> = key.columns.iter().map(|column| format!("{column} is null")).collect();
            let word = if key.match_type == MatchType::Full { " and " } else { " or " };
            Some(constraint(&table, format!("check ({})", null.join(word))))
        }
        (Some(table), Body::ForeignKey(_) | Body::Check(_) | Body::Exclusion(_), _) if differs => {
            Some(constraint(&table, constraint_definition(object)?))
        }
        (_, Body::Index(index), _) if differs && may_fail(index) => {
            let create = create_index(&RelationName::new(NAME), index, false);
            let drop = format!("drop index {}", id.qualified()?.sibling(NAME));
            Some((index.table, format!("{create};\n{drop}")))
        }
        _ => None,
    }
}

/// Tells whether the table and columns that a foreign key leads to are there.
fn is_there(before: &State, key: &ForeignKey) -> bool {
    let column = |name: &ColumnName| before.column(&key.references, name).is_some();
    before.table(&key.references).is_some() && key.referenced.iter().all(column)
}

fn generated(column: &Column) -> Option<&Fragment> {
    match &column.value {
        ColumnValue::Generated(expression, _) => Some(expression),
        ColumnValue::None | ColumnValue::Default(_) | ColumnValue::Identity(_) => None,
    }
}

/// Tells whether a row can be in the way of an index: two with the same values, or one that an expression cannot take.
fn may_fail(index: &Index) -> bool {
    let computed = |key: &IndexKey| key.sql.sql().contains('(');
    index.unique || index.predicate.is_some() || index.keys.iter().any(computed)
}

/// Finds the tables that get a column which no row of theirs would have a value for, each with such a column.
pub(super) fn unfilled(before: &State, after: &State) -> BTreeMap<Qualified, ObjectId> {
    let column = |(id, object): (&ObjectId, &Object)| match (id.as_column(), &object.body) {
        (Some((table, _)), Body::Column(column)) if column.not_null && matches!(column.value, ColumnValue::None) => {
            (before.table(&table).is_some() && !before.has(id)).then_some((table, *id))
        }
        _ => None,
    };
    after.objects.iter().filter_map(column).collect()
}

/// Gives the state before, as the rows are chosen for it: with the columns that will not be null, and the constraints
/// to come.
pub(super) fn with_later(before: &State, after: &State) -> State {
    let mut out = before.clone();
    for (id, object) in &after.objects {
        match (id, &object.body, out.body_mut(id)) {
            (_, Body::Column(new), Some(Body::Column(old))) => {
                old.not_null |= new.not_null;
                // Values of the later type are written into what holds characters, or more.
                if takes_values_of(old.data_type.sql(), new.data_type.sql()) {
                    old.data_type.clone_from(&new.data_type);
                }
            }
            (_, Body::Definition(new), Some(Body::Definition(old))) if id.is(ObjectKind::Domain) => {
                old.create.clone_from(&new.create);
            }
            (_, Body::Key(_) | Body::ForeignKey(_) | Body::Check(_) | Body::Exclusion(_), None)
                if id.table_of().is_some_and(|table| before.table(&table).is_some()) =>
            {
                out.objects.insert(*id, object.clone());
            }
            _ => {}
        }
    }
    out
}
