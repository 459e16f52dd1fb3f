//! Statements of domains, and what PostgreSQL reads when one demands more: every table with a column of it, while nobody
//! writes there (<https://www.postgresql.org/docs/18/sql-alterdomain.html>).
use super::super::format::{Condition, HazardKind, Held, Lock, LockMode, Look, LookKind, Reversibility};
use super::super::problem::Problem;
use super::super::type_columns::Inside;
use super::ahead::{old_column, old_table};
use super::context::Context;
use super::own::{Own, Reads, ReadsOrProblem, dropped};
use super::return_conditions::breaks;
use super::support::lock;
use crate::canonical::{DomainText, parse_domain, split_statements};
use crate::model::{ColumnName, ObjectId, Qualified};
use std::collections::BTreeSet;

pub(super) const OWN: Own = Own {
    create: statements,
    drop: dropped,
    redefine: |before, after| altered(before, after).unwrap_or_default(),
    reads,
    // There is no relation that one is on.
    changes: LockMode::ShareRowExclusive,
    drops: LockMode::AccessExclusive,
    hazards: |_, after| match after {
        Some(_) => Vec::new(),
        None => vec![(HazardKind::BreaksClients, "clients that name it fail")],
    },
};

fn statements(text: &str) -> Vec<String> {
    split_statements(text).unwrap_or_else(|_| vec![text.to_owned()])
}

fn altered(before: &str, after: &str) -> Option<Vec<String>> {
    parse_domain(after).ok()?.altered_from(&parse_domain(before).ok()?)
}

/// Column of the domain, or of one that is built on it.
struct UsedBy {
    table: Qualified,
    column: ColumnName,
    /// Says what the column holds values of it inside of, in words; none where they are its own.
    inside: Option<&'static str>,
}

/// Problem of a check that would have to look into arrays or composite values, which PostgreSQL refuses.
fn in_an_array(id: &ObjectId, of: &UsedBy, inside: &str) -> Problem {
    let column = ObjectId::column(of.table, of.column);
    let message = format!(
        "column {} holds {inside} domain {}: PostgreSQL tries no check and no `not null` on what is in them, forward or on \
         the way back",
        column.short(),
        id.short()
    );
    let help = "write the check with `not_valid: true`: it then holds for new values; or make the column one of another type first";
    Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) }
}

/// The columns that are there before and after the plan; a table that the plan makes has no rows.
fn used_by(context: &Context<'_>, id: &ObjectId) -> Vec<UsedBy> {
    let columns = id.qualified().map(|name| context.after_names.by_type().storing(&name)).unwrap_or_default();
    let inside = |path: &[Inside]| match path {
        [] => None,
        _ if path.contains(&Inside::Item) && path.len() == 1 => Some("arrays of"),
        _ => Some("composite values with"),
    };
    columns
        .into_iter()
        .filter(|of| !context.is_new(&of.table) && context.before.column(&of.table, &of.column).is_some())
        .map(|of| UsedBy { table: of.table, column: of.column, inside: inside(&of.path) })
        .collect()
}

fn reads(context: &Context<'_>, id: &ObjectId, (before, after): (&str, &str)) -> ReadsOrProblem {
    let (Ok(a), Ok(b)) = (parse_domain(before), parse_domain(after)) else { return Ok(None) };
    let columns = used_by(context, id);
    let is_read = |from: &DomainText, to: &DomainText| {
        let (checks, refuses_nulls) = to.demands_beyond(from);
        !columns.is_empty() && (!checks.is_empty() || refuses_nulls)
    };
    let locks = |is_read: bool| -> Vec<Lock> {
        let tables = columns.iter().filter(|_| is_read).map(|of| of.table);
        let tables: BTreeSet<Qualified> = tables.collect();
        tables.iter().map(|table| lock(&ObjectId::table(*table), LockMode::Share, Held::Scan)).collect()
    };
    let (forward, back) = (is_read(&a, &b), is_read(&b, &a));
    if !forward && !back {
        return Ok(None);
    }
    if let Some((of, inside)) = columns.iter().find_map(|of| Some((of, of.inside?))) {
        return Err(Box::new(in_an_array(id, of, inside)));
    }
    let looks = columns.iter().flat_map(|of| {
        let (table, column) = (old_table(context, &of.table), old_column(context, &of.table, &of.column));
        let rows = move |broken: String| format!("select l.* from {table} as l where {broken}");
        broken(&a, &b, &column).into_iter().map(move |(name, broken)| Look {
            kind: LookKind::Fails,
            object: *id,
            says: format!("rows of {} whose {} breaks {name}", ObjectId::table(of.table).short(), of.column),
            rows: rows(broken),
            behind: None,
        })
    });
    let conditions = columns.iter().flat_map(|of| {
        let count = |broken: String| format!("select count(*) from {} as l where {broken}", of.table);
        broken(&b, &a, &of.column).into_iter().map(|(_, broken)| breaks(id, count(broken))).collect::<Vec<Condition>>()
    });
    let (looks, conditions): (_, Vec<Condition>) = (looks.collect(), conditions.collect());
    let kind = if conditions.is_empty() { Reversibility::Exact } else { Reversibility::Conditional };
    Ok(Some(Reads { locks: locks(forward), back: locks(back), looks, conditions, kind, hazards: Vec::new() }))
}

/// Conditions, by what a value breaks, that a row of a table called `l` holds one which the later text newly refuses.
fn broken(before: &DomainText, after: &DomainText, column: &ColumnName) -> Vec<(String, String)> {
    let (checks, refuses_nulls) = after.demands_beyond(before);
    // Inside of the query `value` is the domain's word, whatever columns the table has.
    let of_check =
        |expression: &str| format!("(select not ({expression}) from (select l.{column} as value) as domain)");
    let each = checks.iter().map(|check| (check.name.clone().unwrap_or_default(), of_check(&check.expression)));
    each.chain(refuses_nulls.then(|| ("not null".to_owned(), format!("l.{column} is null")))).collect()
}
