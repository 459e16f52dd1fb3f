//! Columns that get another type: rows that can be converted, and values followed while they are of their first type.
use crate::canonical::{Sameness, parse_type, same_type};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{Body, ColumnName, ObjectId, ObjectKind, Qualified, Rename, State, renamed_id};
use crate::plan::Problem;
use crate::plan::format::{Segment, Step};
use crate::server::{Connection, ServerError};
use std::collections::{BTreeMap, BTreeSet};

/// Columns by their table, some of which get another type.
pub(super) type Columns = BTreeMap<Qualified, BTreeSet<ColumnName>>;

/// The followed columns that have another type afterwards, under their present names.
pub(super) fn retyped((before, after): (&State, &State), renames: &[Rename], followed: &Columns) -> Columns {
    let changes = |table: &Qualified, name: &ColumnName| {
        let id = ObjectId::column(*table, *name);
        match (before.body(&id), after.body(&renamed_id(&id, renames))) {
            (Some(Body::Column(a)), Some(Body::Column(b))) => same_type(&a.data_type, &b.data_type) != Sameness::Same,
            _ => false,
        }
    };
    let of = |(table, names): (&Qualified, &BTreeSet<ColumnName>)| {
        let changed: BTreeSet<ColumnName> = names.iter().filter(|name| changes(table, name)).copied().collect();
        (!changed.is_empty()).then_some((*table, changed))
    };
    followed.iter().filter_map(of).collect()
}

/// Finds the enums that are made anew, forward or back, under all their names: the old one makes way in the statement
/// before.
pub(super) fn made_anew(before: &State, segments: &[Segment], renames: &[Rename]) -> Vec<Qualified> {
    let back = segments.iter().flat_map(|s| &s.back.parts).map(|part| &part.steps);
    let steps: Vec<&Vec<Step>> = segments.iter().map(|s| &s.steps).chain(back).collect();
    let begins = |step: &Step, with: &str| matches!(step, Step::Statement(s) if s.sql.starts_with(with));
    let makes = |name: &Qualified| {
        let (away, made) = (format!("alter type {name} rename to "), format!("create type {name} as enum "));
        steps.iter().any(|steps| steps.windows(2).any(|two| begins(&two[0], &away) && begins(&two[1], &made)))
    };
    let mut out = Vec::new();
    for id in before.objects.keys() {
        let new = renamed_id(id, renames).named_as(ObjectKind::Enum).filter(makes);
        out.extend(id.qualified().filter(|_| new.is_some()).into_iter().chain(new));
    }
    out
}

/// Statements that try to convert the rows of tables whose columns get another type, on a copy, each by its table.
pub(super) fn conversions(
    before: &State,
    after: &State,
    using: &BTreeMap<ObjectId, String>,
) -> Vec<(ObjectId, Qualified, String)> {
    let mut out = Vec::new();
    for (id, object) in &after.objects {
        let (Some((table, name)), Body::Column(new), Some(Body::Column(old))) =
            (id.as_column(), &object.body, before.body(id))
        else {
            continue;
        };
        if same_type(&old.data_type, &new.data_type) == Sameness::Same {
            continue;
        }
        let using = using.get(id).map(|using| format!(" using {using}")).unwrap_or_default();
        let copy = format!("pg_temp.{}", table.name);
        let retype = format!("alter table {copy} alter column {name} type {}{using}", new.data_type.sql());
        let made = format!("create temporary table {} as select * from {table}", table.name);
        out.push((*id, table, format!("{made};\n{retype};\ndrop table {copy}")));
    }
    out
}

/// Says whether rows for a column of one type are made as for another one that it gets: their texts are read as both.
pub(super) fn takes_values_of(old: &str, new: &str) -> bool {
    let (Ok(old), Ok(new)) = (parse_type(old), parse_type(new)) else { return false };
    let plain = old.builtin && old.dimensions + new.dimensions == 0;
    let rank = |name: &str| ["int2", "int4", "int8", "numeric", "float8"].iter().position(|of| *of == name);
    let is_text = |name: &str| matches!(name, "text" | "varchar" | "bpchar");
    let length = |of: &crate::canonical::TypeName| of.modifiers.first().and_then(|m| m.parse::<u64>().ok());
    match (rank(&old.name), rank(&new.name)) {
        _ if !plain => false,
        (Some(old), Some(new)) => new < old,
        _ if is_text(&old.name) && is_text(&new.name) => {
            length(&new).is_some_and(|n| length(&old).is_none_or(|o| n < o))
        }
        _ => is_text(&old.name) && old.modifiers.is_empty(),
    }
}

/// Declared expressions that PostgreSQL does not take for the type that their column gets.
///
/// # Errors
/// If the shadow fails.
pub(super) async fn refused_expressions(
    connection: &mut Connection,
    (before, after): (&State, &State),
    using: &BTreeMap<ObjectId, String>,
) -> Result<Vec<Problem>, Diagnostics> {
    let ended = |error: &ServerError| -> Diagnostics {
        Diagnostic::error(Code::Shadow, format!("the shadow ended: {}", error.message)).into()
    };
    let mut out = Vec::new();
    for (id, table, _) in conversions(before, after, using).into_iter().filter(|(id, ..)| using.contains_key(id)) {
        let (Some((_, name)), Some(Body::Column(new)), Some(text)) = (id.as_column(), after.body(&id), using.get(&id))
        else {
            continue;
        };
        let copy = table.name;
        let sql = format!(
            "begin;\ncreate temporary table {copy} (like {table});\n\
             alter table pg_temp.{copy} alter column {name} type {} using {text};\nrollback",
            new.data_type.sql()
        );
        match connection.batch(&sql).await {
            Ok(()) => {}
            Err(error) if error.connection_lost => return Err(ended(&error)),
            Err(error) => {
                connection.batch("rollback").await.map_err(|error| ended(&error))?;
                out.push(Problem {
                    code: Code::Rejected,
                    object: id,
                    attribute: Some("using"),
                    message: format!("PostgreSQL refuses `using` of column {}: {}", id.short(), error.message),
                    help: error.detail.or(error.hint).or_else(|| {
                        Some("it is an expression over the row as it is, with all but PostgreSQL's own under their schema".to_owned())
                    }),
                });
            }
        }
    }
    Ok(out)
}
