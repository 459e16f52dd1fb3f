//! Writes the statements that make a relation of a kind that is carried along: foreign and inheriting tables, and those of a type.
use super::{
    column::collation,
    constraint::ConstraintRow,
    head::with_columns,
    index::IndexRow,
    opaque_other::SECRETS,
    relation::{ColumnRow, RelationRow},
    row::{letter, literal, options},
    rows_by_relation::{Part, Parts},
    sequence::{data_type as sequence_type, sequence_options},
};
use crate::model::{Body, CarriedForm, Definition, Fragment, Object, SequenceOptions, default_name, quote};

/// Writes the statements that make a relation of an opaque kind with everything local to it: columns, constraints,
/// indexes, comments. What a partition or heir has from its parent comes with the parent.
pub(super) fn create(row: &RelationRow, part: &Part, parts: &Parts) -> String {
    let Part { columns, constraints, indexes } = part;
    let name = row.qualified();
    let mut out = vec![table(row, columns, &|column| parts.identity(row.oid, column))];
    let foreign = if letter(&row.kind) == 'f' { "foreign " } else { "" };
    for constraint in constraints.iter().filter(|c| c.is_local && c.parent == 0 && letter(&c.kind) != 't') {
        // A foreign key has the index that it leans on there, which may be one of its own table.
        let is_key = matches!(letter(&constraint.kind), 'p' | 'u' | 'x');
        let own = indexes.iter().find(|index| is_key && index.oid == constraint.index);
        let definition = definition(constraint, own);
        out.push(format!("alter {foreign}table {name} add constraint {} {definition}", quote(&constraint.name)));
        if let Some(comment) = &constraint.comment {
            let constraint = quote(&constraint.name);
            out.push(format!("comment on constraint {constraint} on {name} is {}", literal(comment)));
        }
        out.extend(own.into_iter().flat_map(|index| match letter(&constraint.kind) {
            'x' => exclusion_index(row, index),
            _ => index_rest(row, index),
        }));
    }
    for index in indexes.iter().filter(|index| !index.of_constraint) {
        out.push(index.definition.clone());
        out.extend(index_rest(row, index));
    }
    let row_security = [(row.row_security, "enable"), (row.force_row_security, "force")].into_iter();
    out.extend(
        row_security.filter(|(set, _)| *set).map(|(_, what)| format!("alter table {name} {what} row level security")),
    );
    // A partition may be a foreign table.
    let word = format!("{foreign}table");
    if let Some(comment) = &row.comment {
        out.push(format!("comment on {word} {name} is {}", literal(comment)));
    }
    let alter = format!("alter {foreign}table {name}");
    let identity = match letter(&row.replica_identity) {
        'f' => Some("full".to_owned()),
        'i' => indexes.iter().find(|i| i.is_replica_identity).map(|i| format!("using index {}", quote(&i.name))),
        'n' if letter(&row.kind) != 'f' => Some("nothing".to_owned()),
        _ => None,
    };
    out.extend(identity.map(|identity| format!("{alter} replica identity {identity}")));
    let clustered = indexes.iter().find(|index| index.is_clustered);
    out.extend(clustered.map(|index| format!("alter table {name} cluster on {}", quote(&index.name))));
    for column in columns {
        out.extend(attributes(column).into_iter().map(|a| format!("{alter} alter {} {a}", quote(&column.name))));
        if let Some(comment) = &column.comment {
            out.push(format!("comment on column {name}.{} is {}", quote(&column.name), literal(comment)));
        }
    }
    out.join(";\n")
}

/// Writes a constraint as `add constraint` takes it, its index's parameters with it.
fn definition(constraint: &ConstraintRow, index: Option<&IndexRow>) -> String {
    let text = constraint.definition.as_deref().unwrap_or_default();
    let parameters = index.map(parameters).filter(|_| letter(&constraint.kind) != 'x');
    let Some(parameters) = parameters.filter(|p| !p.is_empty()) else { return text.to_owned() };
    let when = [" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"].into_iter().find(|words| text.ends_with(words));
    let when = when.filter(|_| constraint.deferrable).unwrap_or_default();
    format!("{} with ({parameters}){when}", text.strip_suffix(when).unwrap_or(text))
}

fn parameters(index: &IndexRow) -> String {
    let all = options(index.options.as_ref());
    all.iter().map(|(name, value)| format!("{name} = {}", literal(value))).collect::<Vec<_>>().join(", ")
}

/// Writes what the definition of an exclusion constraint does not say of its index.
pub(super) fn exclusion_index(row: &RelationRow, index: &IndexRow) -> Vec<String> {
    let (name, parameters) = (format!("{}.{}", quote(&row.schema), quote(&index.name)), parameters(index));
    let set = (!parameters.is_empty()).then(|| format!("alter index {name} set ({parameters})"));
    set.into_iter().chain(index_rest(row, index)).collect()
}

/// Writes what no definition of an index says of it.
fn index_rest(row: &RelationRow, index: &IndexRow) -> Vec<String> {
    let name = format!("{}.{}", quote(&row.schema), quote(&index.name));
    let space = index.tablespace.iter().map(|space| format!("alter index {name} set tablespace {}", quote(space)));
    let statistics = index.statistics.iter().filter_map(|entry| {
        let (place, target) = entry.split_once('=')?;
        Some(format!("alter index {name} alter column {place} set statistics {target}"))
    });
    let comment = index.comment.iter().map(|comment| format!("comment on index {name} is {}", literal(comment)));
    space.chain(statistics).chain(comment).collect()
}

fn is_secret(option: &str) -> bool {
    SECRETS.iter().any(|word| option.to_lowercase().contains(word))
}

/// Makes the relation's object: its text, if no secret is in that, whose it is, and who may use it.
pub(super) fn opaque(row: &RelationRow, form: CarriedForm, create: String, columns: &[ColumnRow]) -> Object {
    let of_others = columns.iter().map(|c| c.foreign_options.as_ref()).chain([row.server_options.as_ref()]);
    let has_secret = of_others.flat_map(|list| options(list)).any(|(name, _)| is_secret(&name));
    let text = Definition { form: Some(form), ..Definition::carried(Some(create).filter(|_| !has_secret)) };
    let mut object = with_columns(row, columns, Body::Definition(text));
    // The text has the comment already.
    object.head.comment = object.head.comment.filter(|_| has_secret);
    object
}

/// Writes how a column's values are kept and counted, where that was set.
fn attributes(column: &ColumnRow) -> Vec<String> {
    let storage = column.storage.as_deref().and_then(|of| match letter(of) {
        'p' => Some("plain"),
        'e' => Some("external"),
        'x' => Some("extended"),
        'm' => Some("main"),
        _ => None,
    });
    let compression = column.compression.as_deref().and_then(|method| match letter(method) {
        'p' => Some("pglz"),
        'l' => Some("lz4"),
        _ => None,
    });
    let options = options(column.options.as_ref());
    let listed: Vec<String> = options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let all = [
        storage.map(|storage| format!("set storage {storage}")),
        compression.map(|compression| format!("set compression {compression}")),
        column.statistics.map(|statistics| format!("set statistics {statistics}")),
        (!listed.is_empty()).then(|| format!("set ({})", listed.join(", "))),
    ];
    all.into_iter().flatten().collect()
}

/// Gives the sequence behind an identity column, by the column's number.
type SequenceOf<'a> = &'a dyn Fn(i32) -> Option<&'a RelationRow>;

fn table(row: &RelationRow, columns: &[ColumnRow], sequence_of: SequenceOf<'_>) -> String {
    let kind = match (letter(&row.kind), letter(&row.persistence)) {
        ('f', _) => "foreign table",
        (_, 'u') => "unlogged table",
        _ => "table",
    };
    let mut out = format!("create {kind} {}", row.qualified());
    let listed = |texts: Vec<String>| if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) };
    if row.is_partition {
        let parent = row.parents.first().map(String::as_str).unwrap_or_default();
        out.push_str(&format!(" partition of {parent}{}", listed(overrides(columns))));
        out.push_str(&format!(" {}", row.bound.as_deref().unwrap_or("default")));
    } else if let Some(of) = &row.of_type {
        out.push_str(&format!(" of {of}{}", listed(overrides(columns))));
    } else {
        let local: Vec<_> =
            columns.iter().filter(|c| c.is_local).map(|c| whole(row, c, sequence_of(c.position))).collect();
        out.push_str(&format!(" ({})", local.join(", ")));
        if !row.parents.is_empty() {
            out.push_str(&format!(" inherits ({})", row.parents.join(", ")));
        }
    }
    if let Some(server) = &row.server {
        out.push_str(&format!(" server {}", quote(server)));
        out.push_str(&foreign_options(row.server_options.as_ref()));
    }
    if letter(&row.kind) == 'r' {
        out.push_str(&using(row));
    }
    out.push_str(&with(row));
    out
}

fn using(row: &RelationRow) -> String {
    row.access_method.as_ref().map(|method| format!(" using {}", quote(method))).unwrap_or_default()
}

fn with(row: &RelationRow) -> String {
    let mut all: Vec<String> = options(row.options.as_ref())
        .into_iter()
        .map(|(name, value)| format!("{name} = {}", literal(&value)))
        .collect();
    let toast = options(row.toast_options.as_ref());
    all.extend(toast.into_iter().map(|(name, value)| format!("toast.{name} = {}", literal(&value))));
    let parameters = if all.is_empty() { String::new() } else { format!(" with ({})", all.join(", ")) };
    let space = row.tablespace.as_ref().map(|space| format!(" tablespace {}", quote(space))).unwrap_or_default();
    parameters + &space
}

fn foreign_options(list: Option<&Vec<String>>) -> String {
    let all: Vec<_> =
        options(list).into_iter().map(|(name, value)| format!("{} {}", quote(&name), literal(&value))).collect();
    if all.is_empty() { String::new() } else { format!(" options ({})", all.join(", ")) }
}

/// Writes what an identity says of its sequence that is not usual. `sequence name` is what `pg_dump` writes, and not
/// documented.
fn identity(row: &RelationRow, column: &ColumnRow, sequence: &RelationRow) -> String {
    let o = sequence_options(sequence);
    let usual = SequenceOptions::defaults(sequence_type(sequence), o.increment);
    let first = if o.increment > 0 { o.min } else { o.max };
    let all = [
        (sequence.name != default_name(&row.name, &column.name, "seq"))
            .then(|| format!("sequence name {}", sequence.qualified())),
        (o.increment != 1).then(|| format!("increment by {}", o.increment)),
        (o.min != usual.min).then(|| format!("minvalue {}", o.min)),
        (o.max != usual.max).then(|| format!("maxvalue {}", o.max)),
        (o.start != first).then(|| format!("start with {}", o.start)),
        (o.cache != 1).then(|| format!("cache {}", o.cache)),
        o.cycle.then(|| "cycle".to_owned()),
    ];
    let said: Vec<String> = all.into_iter().flatten().collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(" ")) }
}

/// Writes a column as `create table` takes it; `sequence` is the one behind its identity.
fn whole(row: &RelationRow, column: &ColumnRow, sequence: Option<&RelationRow>) -> String {
    let mut out = format!("{} {}", quote(&column.name), column.data_type);
    out.push_str(&foreign_options(column.foreign_options.as_ref()));
    if let Some(collation) = collation(column).as_ref().map(Fragment::sql) {
        out.push_str(&format!(" collate {collation}"));
    }
    match (letter(&column.identity), letter(&column.generated), &column.expression) {
        (when @ ('a' | 'd'), _, _) => {
            out.push_str(if when == 'a' {
                " generated always as identity"
            } else {
                " generated by default as identity"
            });
            out.push_str(&sequence.map(|sequence| identity(row, column, sequence)).unwrap_or_default());
        }
        (_, 's', Some(expression)) => out.push_str(&format!(" generated always as ({expression}) stored")),
        (_, 'v', Some(expression)) => out.push_str(&format!(" generated always as ({expression}) virtual")),
        (_, _, Some(expression)) => out.push_str(&format!(" default {expression}")),
        (_, _, None) => {}
    }
    if column.not_null {
        out.push_str(" not null");
    }
    out
}

/// Writes what a table says about columns that it has from a type or a parent.
fn overrides(columns: &[ColumnRow]) -> Vec<String> {
    columns
        .iter()
        .filter_map(|column| {
            let expression = column.expression.as_ref().filter(|_| column.generated.is_empty());
            let default = expression.map(|e| format!(" default {e}")).unwrap_or_default();
            let not_null = if column.not_null { " not null" } else { "" };
            let any = !default.is_empty() || !not_null.is_empty();
            any.then(|| format!("{} with options{default}{not_null}", quote(&column.name)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, data_type: &str) -> ColumnRow {
        ColumnRow { name: name.to_owned(), data_type: data_type.to_owned(), is_local: true, ..ColumnRow::default() }
    }

    #[test]
    fn partitions_say_only_what_is_their_own() {
        let row = RelationRow {
            schema: "public".to_owned(),
            name: "p1".to_owned(),
            kind: "r".to_owned(),
            is_partition: true,
            parents: vec!["public.p".to_owned()],
            bound: Some("FOR VALUES IN (1)".to_owned()),
            comment: Some("it's one".to_owned()),
            ..RelationRow::default()
        };
        let mut a = column("a", "integer");
        a.not_null = true;
        let constraint = |name: &str, is_local| ConstraintRow {
            name: name.to_owned(),
            is_local,
            definition: Some("CHECK (a > 0)".to_owned()),
            ..ConstraintRow::default()
        };
        let constraints = [constraint("own", true), constraint("inherited", false)];
        let columns = vec![a, column("b", "text")];
        let part = Part { columns, constraints: constraints.to_vec(), indexes: Vec::new() };
        let sql = create(&row, &part, &Parts::default());
        assert_eq!(
            sql,
            "create table public.p1 partition of public.p (a with options not null) FOR VALUES IN (1);\n\
             alter table public.p1 add constraint own CHECK (a > 0);\ncomment on table public.p1 is 'it''s one'"
        );
        let foreign = RelationRow { kind: "f".to_owned(), server: Some("far".to_owned()), ..row };
        let sql = create(&foreign, &part, &Parts::default());
        assert!(sql.ends_with("comment on foreign table public.p1 is 'it''s one'"), "{sql}");
    }
}
