//! Reads and writes foreign keys of tables.
use super::{
    attributes,
    group::Item,
    head,
    in_state::InState,
    key::plain_columns,
    keys::{Allowed, Keys},
    naming::free_name,
    reader::{Dialect, Reader, sql_error},
    value::{Out, texts},
};
use crate::canonical::{TableColumns, parse_table_columns};
use crate::diagnostic::Code;
use crate::model::{
    Action, Body, ColumnName, ConstraintName, Deferrable, Enforcement, ForeignKey, MatchType, Object, ObjectId,
    Qualified, Typed, joined_columns,
};
use crate::yaml::sql_scalar;
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<ForeignKey>,
    both: &["columns", "references", "not_valid", "not_enforced", "comment"],
    declared: &["renamed_from"],
    state: &[],
    later: &[("enforced", "it needs PostgreSQL 18, which pgform does not plan for yet")],
};

pub(super) fn read(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, &joined_columns(plain_columns(item.node())), "fkey"),
    };
    let id = ObjectId::constraint(*table, ConstraintName::new(&name));
    reader.name(&name, "a foreign key", item.place());
    if !reader.begin(&id, item.place()) {
        return;
    }
    let what = format!("the foreign key {name}");
    let Some(mut keys) = Keys::new(reader, &id, &what, item.node(), &KEYS) else { return };
    for key in ["columns", "references"] {
        if !keys.has(key) {
            keys.missing(key);
        }
    }
    let target = target(&mut keys);
    let Some((references, referenced)) = target else { return };
    let mut foreign_key = ForeignKey {
        columns: keys.columns("columns"),
        references,
        referenced,
        match_type: MatchType::Simple,
        on_update: Action::NoAction,
        on_delete: Action::NoAction,
        on_delete_columns: Vec::new(),
        deferrable: Deferrable::No,
        enforcement: read_enforcement(&mut keys),
    };
    attributes::read(&mut keys, &mut foreign_key);
    if foreign_key.columns.is_empty() && keys.reader.is_declared() {
        return;
    }
    let sets = matches!(foreign_key.on_delete, Action::SetNull | Action::SetDefault);
    if keys.reader.is_declared() && !foreign_key.on_delete_columns.is_empty() && !sets {
        let (place, message) = (keys.key_place("on_delete_columns"), format!("{what} sets nothing on delete"));
        keys.error(Code::Contradiction, message, &place, "only with `on_delete: set null` or `set default`");
    }
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::constraint(*table, ConstraintName::new(old)));
    reader.insert(id, Some(Object { head, body: Body::ForeignKey(foreign_key) }));
}

/// Reads `table (columns)` as SQL in a declaration; a name without a schema gets an empty one until all files are read,
/// and columns that are not written are the primary key's. In a plan they are names.
fn target(keys: &mut Keys<'_, '_>) -> Option<(Qualified, Vec<ColumnName>)> {
    if !keys.reader.is_declared() {
        return match keys.texts("references")?.as_slice() {
            [schema, name] => Some((Qualified::new(schema, name), Vec::new())),
            _ => {
                let (place, message) =
                    (keys.key_place("references"), format!("{} is not a schema and a name", keys.of("references")));
                keys.error(Code::WrongType, message, &place, "here");
                None
            }
        };
    }
    let node = keys.node("references")?;
    let what = keys.of("references");
    let text = keys.reader.out.collect(sql_scalar(node, &what).map_err(Into::into))?;
    match parse_table_columns(text) {
        Ok(TableColumns { schema, name, columns }) => {
            let columns = columns.into_iter().map(ColumnName::new).collect();
            Some((Qualified::new(schema.unwrap_or_default(), name), columns))
        }
        Err(error) => {
            let diagnostic = sql_error(&error, node, &what);
            keys.reader.out.push(diagnostic.help("write \"table (column, column)\""));
            None
        }
    }
}

/// Reads `not_valid: true`, `not_enforced: true`.
pub(super) fn read_enforcement(keys: &mut Keys<'_, '_>) -> Enforcement {
    match (keys.flag("not_valid"), keys.flag("not_enforced")) {
        (_, true) => Enforcement::NotEnforced,
        (true, false) => Enforcement::NotValid,
        (false, false) => Enforcement::Valid,
    }
}

pub(super) fn write_enforcement(out: &mut Out, enforcement: Enforcement) {
    out.flag("not_valid", enforcement == Enforcement::NotValid);
    out.flag("not_enforced", enforcement == Enforcement::NotEnforced);
}

impl InState for ForeignKey {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(foreign_key: Typed<'_, ForeignKey>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    let (references, referenced) = (&foreign_key.references, &foreign_key.referenced);
    attributes::write(&mut out, foreign_key.own, |out, attribute| match attribute {
        "columns" => out.put("columns", Value::Sequence(texts(foreign_key.columns.iter().map(ColumnName::as_str)))),
        "enforcement" => write_enforcement(out, foreign_key.enforcement),
        _ if out.is_state() => {
            out.put("references", Value::Sequence(texts([references.schema.as_str(), references.name.as_str()])));
        }
        _ => {
            let list: Vec<String> = referenced.iter().map(ToString::to_string).collect();
            out.put("references", format!("{references} ({})", list.join(", ")));
        }
    });
    head::write(&mut out, foreign_key.head);
    out.done()
}
