//! Reads and writes a column as one string: `bigint not null default 5`.
use super::{
    keys::Keys,
    reader::{Reader, sql_error},
    sequence,
};
use crate::canonical::{ColumnText, ColumnTextError, SqlError, canonical_expression, parse_column, parse_type};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Column, ColumnValue, Compression, Fragment, GenerationKind, Identity, ObjectId, SequenceOptions, Storage, Typed,
    Word,
};
use crate::yaml::{Entry, Node, Value as Yaml, sql_scalar};

/// Reads the string of a column.
pub(super) fn read(reader: &mut Reader, id: &ObjectId, entry: &Entry, position: u32) -> Option<Column> {
    let node = &entry.value;
    let what = format!("the column {}", id.short());
    let parsed = parse(reader, &entry.key, node, &what)?;
    let ColumnText { data_type, collation, not_null, null, default, generated, identity, storage, compression } =
        parsed;
    reader.places.set_attribute(id, "type", &type_place(node));
    if null {
        reader.places.set_attribute(id, "null", &node.place);
    }
    if null && (not_null || identity.is_some()) {
        let message = format!("{what} is both `null` and `not null`");
        reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&node.place, "here"));
    }
    // Attributes whose place is noted count as said.
    let said = [("storage", storage.is_some()), ("compression", compression.is_some())];
    let usual = ["default", "generated", "identity", "collate"].map(|name| (name, true));
    for (name, _) in usual.into_iter().chain(said).filter(|(_, said)| *said) {
        reader.places.set_attribute(id, name, &node.place);
    }
    let mut column = Column::of_type(Fragment::written(data_type), position);
    column.collation = collation.map(Fragment::written);
    column.not_null = not_null;
    let kinds = [default.is_some(), generated.is_some(), identity.is_some()].iter().filter(|set| **set).count();
    if kinds > 1 {
        let message = format!("{what} can have only one of default, generated and identity");
        reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&node.place, "here"));
    }
    if let Some(expression) = default {
        column.value = ColumnValue::Default(Fragment::written(expression));
    } else if let Some((expression, stored)) = generated {
        let kind = if stored { GenerationKind::Stored } else { GenerationKind::Virtual };
        column.value = ColumnValue::Generated(Fragment::written(expression), kind);
    } else if let Some((always, options)) = identity {
        column.not_null = true;
        let options = identity_options(reader, id, node, &column, &options)?;
        column.value = ColumnValue::Identity(Identity { always, options, sequence: None });
    }
    column.storage = word(reader, node, &what, "storage", storage.as_deref(), Storage::WORDS);
    column.compression = word(reader, node, &what, "compression", compression.as_deref(), Compression::WORDS);
    Some(column)
}

fn parse(reader: &mut Reader, name: &str, node: &Node, what: &str) -> Option<ColumnText> {
    let text = reader.out.collect(sql_scalar(node, what).map_err(Into::into))?;
    match parse_column(name, text) {
        Ok(parsed) => Some(parsed),
        Err(ColumnTextError::Sql(error)) => {
            let help = "the type comes first, then what belongs to it: varchar(30) not null default 'x'";
            reader.out.push(sql_error(&error, node, what).help(help));
            None
        }
        Err(ColumnTextError::Elsewhere { what: said, help }) => {
            let message = format!("{what} says `{said}`, which has its own place in the table");
            reader
                .out
                .push(Diagnostic::error(Code::Sql, message).at(&node.place, "here").help(format!("write\n{help}")));
            None
        }
    }
}

/// Gives the place of the type in a column's string: up to the first word that ends a type.
fn type_place(node: &Node) -> crate::diagnostic::Place {
    let Yaml::Scalar { text, style: _ } = &node.value else { return node.place.clone() };
    let lower = text.to_ascii_lowercase();
    let ends = [" not ", " null", " default ", " collate ", " generated ", " storage ", " compression "];
    let end = ends.iter().filter_map(|word| lower.find(word)).min().unwrap_or(text.len());
    let start = text.len() - text.trim_start().len();
    node.within(start..end.max(start))
}

/// Gives the type in `type:`, canonical; whatever else stands there has a key of its own.
pub(super) fn data_type(keys: &mut Keys<'_, '_>, node: &Node) -> Option<Fragment> {
    let what = keys.of("type");
    let parsed = parse(keys.reader, "name", node, &what)?;
    let bare = ColumnText { data_type: parsed.data_type.clone(), ..ColumnText::default() };
    if parsed != bare {
        keys.reader.out.push(
            Diagnostic::error(Code::Sql, format!("{what} says more than a type"))
                .at(&node.place, "here")
                .help("`collate`, `not_null`, `default`, `identity`, `generated`, `storage` and `compression` are keys beside `type`"),
        );
    }
    Some(Fragment::written(parsed.data_type))
}

/// Gives a collation's name as SQL.
pub(super) fn canonical_collation(text: &str) -> Result<String, SqlError> {
    match parse_column("c", &format!("text collate {text}")) {
        Ok(parsed) if parsed.default.is_none() && !parsed.not_null => {
            parsed.collation.ok_or_else(|| SqlError::from_message("this is not the name of a collation"))
        }
        Ok(_) => Err(SqlError::from_message("this is not the name of a collation")),
        Err(ColumnTextError::Sql(error)) => Err(SqlError::from_message(error.message)),
        Err(ColumnTextError::Elsewhere { what, help: _ }) => Err(SqlError::from_message(what)),
    }
}

fn word<T: Copy>(
    reader: &mut Reader,
    node: &Node,
    what: &str,
    key: &str,
    text: Option<&str>,
    words: &[(&str, T)],
) -> Option<T> {
    let text = text?;
    // No state holds `default`: it is noted as said.
    if text == "default" {
        return None;
    }
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let all = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let message = format!("the {key} of {what} is `{text}`, which is none of its words");
        let diagnostic = Diagnostic::error(Code::WrongType, message).at(&node.place, "here");
        reader.out.push(diagnostic.help(format!("it is one of {all}")));
    }
    found
}

/// Reads the options between the parentheses, as the grammar names them.
fn identity_options(
    reader: &mut Reader,
    id: &ObjectId,
    node: &Node,
    column: &Column,
    written: &[(String, Option<String>)],
) -> Option<SequenceOptions> {
    let of = column.sequence_type();
    let number = |name: &str| {
        let value = written.iter().rev().find(|(n, _)| n == name).and_then(|(_, v)| v.as_deref());
        value.map(str::parse::<i64>).transpose()
    };
    let read = || -> Result<SequenceOptions, std::num::ParseIntError> {
        let increment = number("increment")?.unwrap_or(1);
        let usual = SequenceOptions::defaults(of, increment);
        let (min, max) = (number("minvalue")?.unwrap_or(usual.min), number("maxvalue")?.unwrap_or(usual.max));
        let start = number("start")?.unwrap_or(if increment > 0 { min } else { max });
        let cycle = written.iter().any(|(n, v)| n == "cycle" && v.as_deref() != Some("false"));
        Ok(SequenceOptions { increment, min, max, start, cache: number("cache")?.unwrap_or(1), cycle })
    };
    let what = format!("the identity of the column {}", id.short());
    let known = ["increment", "minvalue", "maxvalue", "start", "cache", "cycle"];
    if let Some((other, _)) = written.iter().find(|(n, _)| !known.contains(&n.as_str())) {
        let message = format!("{what} says `{other}`, which an identity column's string does not take");
        reader.out.push(Diagnostic::error(Code::Sql, message).at(&node.place, "here").help(format!(
            "it takes increment, minvalue, maxvalue, start, cache and cycle; the rest is written {}",
            "{type: …, identity: {generated: always, sequence: name}}"
        )));
    }
    let Ok(options) = read() else {
        let message = format!("{what} has a number that does not fit 64 bits");
        reader.out.push(Diagnostic::error(Code::WrongType, message).at(&node.place, "here"));
        return None;
    };
    sequence::report_options(reader, id, &what, &options, of);
    Some(options)
}

/// Writes the column as a string, where a string says all of it and reads back as the same.
pub(super) fn write(column: Typed<'_, Column>) -> Option<String> {
    if column.head.comment.is_some() {
        return None;
    }
    let Column {
        position: _, // the order of the keys
        data_type,
        collation,
        not_null,
        not_null_name: _,
        not_null_validated: _,
        value,
        storage,
        compression,
        statistics: None,
        options,
    } = column.own
    else {
        return None;
    };
    let plain = options.is_empty() && compression.is_none() && storage.is_none();
    let mut text = data_type.sql().to_owned();
    if let Some(collation) = collation {
        text.push_str(&format!(" collate {}", collation.sql()));
    }
    match value {
        ColumnValue::Identity(identity) => text.push_str(&identity_text(identity, column.own)?),
        _ if *not_null => text.push_str(" not null"),
        ColumnValue::None | ColumnValue::Default(_) | ColumnValue::Generated(_, _) => {}
    }
    match value {
        ColumnValue::Default(expression) => text.push_str(&format!(" default {}", expression.sql())),
        ColumnValue::Generated(expression, GenerationKind::Stored) => {
            text.push_str(&format!(" generated always as ({}) stored", expression.sql()));
        }
        ColumnValue::Generated(_, GenerationKind::Virtual) => return None,
        ColumnValue::None | ColumnValue::Identity(_) => {}
    }
    (plain && !text.contains('\n') && reads_back(column.own, &text)).then_some(text)
}

fn identity_text(identity: &Identity, column: &Column) -> Option<String> {
    let Identity { always, options, sequence: None } = identity else { return None };
    if *options != SequenceOptions::defaults(column.sequence_type(), 1) || !column.not_null {
        return None;
    }
    Some(format!(" generated {} as identity", if *always { "always" } else { "by default" }))
}

fn reads_back(column: &Column, text: &str) -> bool {
    let Ok(parsed) = parse_column("c", text) else { return false };
    let expression = |sql: &str| canonical_expression(sql).ok();
    let value = match &column.value {
        ColumnValue::None => parsed.default.is_none() && parsed.generated.is_none() && parsed.identity.is_none(),
        ColumnValue::Default(e) => parsed.default.is_some() && parsed.default == expression(e.sql()),
        ColumnValue::Identity(identity) => parsed.identity == Some((identity.always, Vec::new())),
        ColumnValue::Generated(e, _) => {
            parsed.generated.is_some() && parsed.generated == expression(e.sql()).map(|e| (e, true))
        }
    };
    // With its schema, where that is said.
    let spelled = |text: &str| parse_type(text).map(|name| name.spelled()).ok();
    spelled(column.data_type.sql()).is_some_and(|t| t == parsed.data_type)
        && value
        && parsed.not_null == column.not_null
        && parsed.collation.is_some() == column.collation.is_some()
}
