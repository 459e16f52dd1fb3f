//! Fills the shadow's tables with rows for a proof: declared ones, or made-up ones that satisfy the constraints.
use super::later_conditions::{Later, unfilled, with_later};
use super::memory::{MOST, too_heavy};
use super::partition_values;
use super::values::{domain, value};
use crate::canonical::{Reference, parse_type, references_of_expression};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, Column, ColumnName, ColumnValue, Fragment, ObjectId, Partitions, Qualified, State};
use crate::plan::Problem;
use crate::plan::sql::{list, literal};
use crate::server::{Connection, ServerError};
use crate::shadow::off_path;
use std::collections::{BTreeMap, BTreeSet};

/// Least number of rows that a table gets.
const ROWS: usize = 3;
/// Most times that values are changed to satisfy a check.
const TRIES: usize = 60;

/// Result of seeding.
#[derive(Clone, Debug, Default)]
pub struct Seeded {
    /// Number of rows that there are.
    pub rows: u64,
    /// Tables without a row, each with the reason.
    pub without: Vec<String>,
    /// Declared rows that PostgreSQL refused.
    pub refused: Vec<Problem>,
}

/// Rows that are declared, by the table that they are for: columns with SQL for their values.
pub type Seeds = BTreeMap<Qualified, Vec<BTreeMap<ColumnName, String>>>;

/// Gives each table of the state a few rows: nulls where allowed, each enum label twice, values at their types' bounds,
/// foreign keys that lead somewhere. Tables that are referenced come first. What `after` demands of rows, they keep already.
///
/// # Errors
/// If the shadow fails; a row that PostgreSQL refuses is no error.
pub async fn seed(
    connection: &mut Connection,
    before: &State,
    after: &State,
    (seeds, using, path): (&Seeds, &BTreeMap<ObjectId, String>, &str),
) -> Result<Seeded, Diagnostics> {
    let mut seeded = Seeded::default();
    let later = Later::of(connection, (before, after), using).await.map_err(|error| ended(&error))?;
    let state = &with_later(before, after);
    let (heavy, unfilled) = (too_heavy(&[before, after]), unfilled(before, after));
    let referred_to = partition_values::going_and_referred_to(before, after);
    for table in parents_first(state) {
        if let Some((index, bytes)) = heavy.get(&table) {
            let name = ObjectId::table(table).short();
            seeded
                .without
                .push(format!("no rows in {name}: with any, the build of {index} asks for {} MB", bytes >> 20));
            continue;
        }
        if let Some(column) = unfilled.get(&table) {
            let (name, column) = (ObjectId::table(table).short(), column.short());
            seeded.without.push(format!("no rows in {name}: they would have no value for {column}, which is new"));
            continue;
        }
        if referred_to.contains(&table) {
            let name = ObjectId::table(table).short();
            seeded.without.push(format!("no rows in {name}: it goes, and rows that stay would refer to them"));
            continue;
        }
        if let Some(rows) = seeds.get(&table).filter(|rows| !rows.is_empty()) {
            declared(connection, before, (&table, path), rows, &mut seeded).await?;
            continue;
        }
        let mut refused = None;
        let mut rows = 0;
        for row in 0..row_count(state, &table) {
            match one_row(connection, state, (&table, &later.trials(&table)), row).await? {
                Ok(()) => rows += 1,
                Err(error) => refused = Some(error),
            }
        }
        seeded.rows += rows;
        if let (0, Some(error)) = (rows, refused) {
            match blamed(connection, state, (&table, &later), &error).await? {
                Some(problem) => seeded.refused.push(problem),
                None => {
                    seeded.without.push(format!("no rows in {}: {}", ObjectId::table(table).short(), error.message));
                }
            }
        }
    }
    Ok(seeded)
}

/// Finds what the plan adds that no row can stand, as a function that it calls finds nothing along the path; none where rows
/// cannot be made without it either.
async fn blamed(
    connection: &mut Connection,
    state: &State,
    (table, later): (&Qualified, &Later),
    error: &ServerError,
) -> Result<Option<Problem>, Diagnostics> {
    if off_path(&error.message, [state, state]).is_none() {
        return Ok(None);
    }
    let mut there = false;
    for row in 0..ROWS {
        there |= one_row(connection, state, (table, ""), row).await?.is_ok();
    }
    let mut problem = None;
    for (id, trial) in later.each(table).iter().filter(|_| there) {
        match connection.batch(trial).await {
            Ok(()) => {}
            Err(error) if error.connection_lost => return Err(ended(&error)),
            Err(error) => {
                problem = problem.or_else(|| off_path(&error.message, [state, state]).map(|found| found.problem(id)));
            }
        }
    }
    Ok(problem)
}

/// Names rows that new tables refuse for want of a path, in words; nothing of them stays.
///
/// # Errors
/// If the shadow fails.
pub(super) async fn refused_by_new(
    connection: &mut Connection,
    before: &State,
    after: &State,
) -> Result<Vec<String>, Diagnostics> {
    let mut out = Vec::new();
    for table in parents_first(after).into_iter().filter(|table| before.table(table).is_none()) {
        for row in 0..ROWS {
            let sql = insertion(&table, &first_values(after, &table, row));
            let done = connection.batch(&format!("begin;\n{sql};\nrollback")).await;
            let Err(error) = done else { continue };
            if error.connection_lost {
                return Err(ended(&error));
            }
            connection.batch("rollback").await.map_err(|error| ended(&error))?;
            if let Some(found) = off_path(&error.message, [after, after]) {
                out.push(found.not_shown(&ObjectId::table(table)));
                break;
            }
        }
    }
    Ok(out)
}

fn insertion(table: &Qualified, values: &Values) -> String {
    if values.is_empty() {
        format!("insert into {table} default values")
    } else {
        // A partition's column whose numbers the parent gives takes none otherwise.
        format!(
            "insert into {table} ({}) overriding system value values ({})",
            list(values.keys()),
            list(values.values())
        )
    }
}

/// Inserts a table's declared rows. Their SQL finds names as the declaration's does.
async fn declared(
    connection: &mut Connection,
    before: &State,
    (table, path): (&Qualified, &str),
    rows: &[BTreeMap<ColumnName, String>],
    seeded: &mut Seeded,
) -> Result<(), Diagnostics> {
    for (number, row) in (1..).zip(rows) {
        let there = row.iter().filter(|(name, _)| before.column(table, name).is_some());
        let (names, values): (Vec<&ColumnName>, Vec<String>) = there.map(|(n, sql)| (n, format!("({sql})"))).unzip();
        let insert = if names.is_empty() {
            format!("insert into {table} default values")
        } else {
            format!("insert into {table} ({}) overriding system value values ({})", list(names), list(values))
        };
        let sql =
            format!("set search_path to {}{path}, pg_catalog;\n{insert};\nset search_path to pg_catalog", table.schema);
        match connection.batch(&sql).await {
            Ok(()) => seeded.rows += 1,
            Err(error) if error.connection_lost => return Err(ended(&error)),
            Err(error) => seeded.refused.push(Problem {
                code: Code::Rejected,
                object: ObjectId::table(*table),
                attribute: Some("seed"),
                message: format!("PostgreSQL refuses row {number} of the seed: {}", error.message),
                help: error.detail.or(error.hint),
            }),
        }
    }
    Ok(())
}

fn ended(error: &ServerError) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the shadow ended: {}", error.message)).into()
}

fn row_count(state: &State, table: &Qualified) -> usize {
    let labels = state.columns(table).into_iter().filter_map(|(_, column)| {
        let name = parse_type(column.data_type.sql()).ok()?;
        match state.body(&ObjectId::enumeration(Qualified::new(name.schema?, name.name))) {
            Some(Body::Enumeration(e)) => Some(e.labels.len() * 2),
            _ => None,
        }
    });
    labels.max().unwrap_or(0).clamp(ROWS, MOST)
}

fn parents_first(state: &State) -> Vec<Qualified> {
    // What is carried along gets no rows.
    let tables = state.objects.iter().filter(|(_, object)| matches!(object.body, Body::Table(_)));
    let mut visit = Visit { state, partitions: Partitions::new(state), open: BTreeSet::new(), done: Vec::new() };
    for table in tables.filter_map(|(id, _)| id.as_table()) {
        visit.table(&table);
    }
    // Rows of a partitioned table are those of its partitions.
    visit.done.retain(|table| !state.is_partitioned(table));
    visit.done
}

struct Visit<'s> {
    state: &'s State,
    partitions: Partitions,
    open: BTreeSet<Qualified>,
    done: Vec<Qualified>,
}

impl Visit<'_> {
    fn table(&mut self, table: &Qualified) {
        if !self.open.insert(*table) {
            return;
        }
        for of in lineage(self.state, table) {
            for (_, object) in self.state.constraints(&of) {
                if let Body::ForeignKey(key) = &object.body
                    && self.state.table(&key.references).is_some()
                {
                    self.table(&key.references);
                    self.partitions.beneath(&key.references).iter().for_each(|partition| self.table(partition));
                }
            }
        }
        self.done.push(*table);
    }
}

/// The table, and those that it is a partition of: their constraints hold for its rows.
fn lineage(state: &State, table: &Qualified) -> Vec<Qualified> {
    std::iter::once(*table).chain(state.above(table)).collect()
}

type Values = BTreeMap<ColumnName, String>;

async fn one_row(
    connection: &mut Connection,
    state: &State,
    (table, trials): (&Qualified, &str),
    row: usize,
) -> Result<Result<(), ServerError>, Diagnostics> {
    let mut values = first_values(state, table, row);
    let mut candidates: Vec<(ColumnName, String)> = Vec::new();
    let mut last = None;
    for attempt in 0..TRIES {
        match insert(connection, (table, trials), &values).await? {
            Ok(()) => return Ok(Ok(())),
            Err(error) => {
                if attempt == 0 {
                    candidates = alternatives(state, table, row);
                }
                last = Some(error);
            }
        }
        let Some((column, text)) = candidates.pop() else { break };
        values.insert(column, text);
    }
    Ok(Err(last.unwrap_or_else(|| ServerError::local("nothing could be inserted"))))
}

/// Tries one insertion, and leaves the session as it was when PostgreSQL refuses.
async fn insert(
    connection: &mut Connection,
    (table, trials): (&Qualified, &str),
    values: &Values,
) -> Result<Result<(), ServerError>, Diagnostics> {
    match connection.batch(&format!("{}{trials}", insertion(table, values))).await {
        Ok(()) => Ok(Ok(())),
        Err(error) if error.connection_lost => Err(ended(&error)),
        Err(error) => Ok(Err(error)),
    }
}

fn first_values(state: &State, table: &Qualified, row: usize) -> Values {
    let mut values = Values::new();
    let (keys, chosen) = (foreign(state, table), partition_values::chosen(state, table, row));
    for (name, column) in state.columns(table) {
        if let Some(text) = one_value(state, &column, row) {
            values.insert(name, text);
        }
        if let Some((target, referenced, order)) = keys.get(&name)
            && state.table(target).is_some()
            && *target != *table
        {
            let pick = format!("(select {referenced} from {target} order by {order} limit 1 offset {})", row % 2);
            values.insert(name, pick);
        }
    }
    values.extend(chosen);
    values
}

/// Gives, for each column of a foreign key, what it refers to, and in which order the rows there are taken: the columns
/// of one key refer to one row.
fn foreign(state: &State, table: &Qualified) -> BTreeMap<ColumnName, (Qualified, ColumnName, String)> {
    let mut out = BTreeMap::new();
    for (_, object) in lineage(state, table).iter().flat_map(|table| state.constraints(table)) {
        if let Body::ForeignKey(key) = &object.body {
            for (column, referenced) in key.columns.iter().zip(&key.referenced) {
                out.insert(*column, (key.references, *referenced, list(&key.referenced)));
            }
        }
    }
    out
}

/// Chooses a column's value. The first row takes defaults where there are any; the second one has null wherever null is
/// allowed.
fn one_value(state: &State, column: &Column, row: usize) -> Option<String> {
    match &column.value {
        ColumnValue::Generated(..) => return None,
        ColumnValue::Identity(_) => return None,
        ColumnValue::Default(_) if row == 0 => return None,
        ColumnValue::Default(_) | ColumnValue::None => {}
    }
    let refuses_nulls =
        || parse_type(column.data_type.sql()).ok().and_then(|of| domain(state, &of)).is_some_and(|of| of.not_null);
    if row == 1 && !column.not_null && !refuses_nulls() {
        return Some("null".to_owned());
    }
    value(state, column.data_type.sql(), row)
}

/// Lists other values to try, the most promising last: constants that the checks name, and their neighbours.
fn alternatives(state: &State, table: &Qualified, row: usize) -> Vec<(ColumnName, String)> {
    let mut out = Vec::new();
    for (_, object) in lineage(state, table).iter().flat_map(|table| state.constraints(table)) {
        if let Body::Check(check) = &object.body {
            for column in columns_of(state, table, &check.expression) {
                out.extend(constants(check.expression.sql(), row).into_iter().map(|c| (column, c)));
            }
        }
    }
    for (name, column) in state.columns(table) {
        let of_type = parse_type(column.data_type.sql()).ok().and_then(|of| domain(state, &of));
        let checks = of_type.into_iter().flat_map(|domain| domain.checks);
        out.extend(checks.flat_map(|check| constants(&check.expression, row)).map(|constant| (name, constant)));
        if !column.not_null && !matches!(column.value, ColumnValue::Generated(..) | ColumnValue::Identity(_)) {
            out.push((name, "null".to_owned()));
        }
    }
    out.extend(partition_values::others(state, table));
    out
}

fn columns_of(state: &State, table: &Qualified, expression: &Fragment) -> Vec<ColumnName> {
    let references = references_of_expression(expression.sql());
    let names = references
        .into_iter()
        .filter_map(|r| if let Reference::Column(_, name) = r { Some(ColumnName::new(name)) } else { None });
    names.filter(|name| state.column(table, name).is_some()).collect()
}

/// Lists the constants of an expression as they stand in its text, and numbers next to them.
fn constants(sql: &str, row: usize) -> Vec<String> {
    let mut out = Vec::new();
    let strings: Vec<&str> = sql.split('\'').skip(1).step_by(2).filter(|s| !s.is_empty()).collect();
    for at in 0..strings.len() {
        out.push(literal(strings[(at + row) % strings.len()]));
    }
    for word in sql.split(|c: char| !c.is_ascii_digit()).filter(|w| !w.is_empty() && w.len() < 10) {
        if let Ok(number) = word.parse::<i64>() {
            out.extend([number + 1, number, number - 1].map(|n| literal(&n.to_string())));
            out.push(literal(&"x".repeat(usize::try_from(number.clamp(1, 100)).unwrap_or(1))));
        }
    }
    out.reverse();
    out
}
