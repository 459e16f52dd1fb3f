use super::{
    group::Item,
    head,
    key::{plain_columns, read_deferrable, write_deferrable},
    keys::{Allowed, Keys},
    naming::{free_name, joined},
    reader::{Dialect, Reader, sql_error},
    value::{Out, texts},
};
use crate::canonical::{TableColumns, parse_table_columns};
use crate::diagnostic::Code;
use crate::model::{
    Action, Body, ColumnName, ConstraintName, Enforcement, ForeignKey, MatchType, Object, ObjectId, Qualified, Typed,
};
use crate::yaml::sql_scalar;
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    both: &[
        "columns",
        "references",
        "match",
        "on_update",
        "on_delete",
        "on_delete_columns",
        "deferrable",
        "not_valid",
        "not_enforced",
        "comment",
    ],
    declared: &["renamed_from"],
    state: &["referenced"],
    later: &[("enforced", "it needs PostgreSQL 18, which pgform does not plan for yet")],
};

const ACTIONS: [(&str, Action); 5] = [
    ("no action", Action::NoAction),
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set null", Action::SetNull),
    ("set default", Action::SetDefault),
];

pub(super) fn read(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, &joined(plain_columns(item.node())), "fkey"),
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
    let columns = keys.columns("columns");
    let (Some((references, referenced)), true) = (target, !columns.is_empty() || !keys.reader.is_declared()) else {
        return;
    };
    let matches = [("simple", MatchType::Simple), ("full", MatchType::Full)];
    let foreign_key = ForeignKey {
        columns,
        references,
        referenced,
        match_type: keys.word("match", &matches).unwrap_or_default(),
        on_update: keys.word("on_update", &ACTIONS).unwrap_or_default(),
        on_delete: keys.word("on_delete", &ACTIONS).unwrap_or_default(),
        on_delete_columns: keys.columns("on_delete_columns"),
        deferrable: read_deferrable(&mut keys),
        enforcement: read_enforcement(&mut keys),
    };
    let sets = matches!(foreign_key.on_delete, Action::SetNull | Action::SetDefault);
    if keys.reader.is_declared() && !foreign_key.on_delete_columns.is_empty() && !sets {
        let (place, message) = (keys.key_place("on_delete_columns"), format!("{what} sets nothing on delete"));
        keys.error(Code::Contradiction, message, &place, "only with `on_delete: set null` or `set default`");
    }
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::constraint(*table, ConstraintName::new(old)));
    reader.insert(id, Some(Object { head, body: Body::ForeignKey(foreign_key) }));
}

/// `table (columns)` as SQL in a declaration; a name without a schema gets an empty one until all files are read, and
/// columns that are not written are the primary key's. In a plan they are names.
fn target(keys: &mut Keys<'_, '_>) -> Option<(Qualified, Vec<ColumnName>)> {
    if !keys.reader.is_declared() {
        let referenced = keys.columns("referenced");
        return match keys.texts("references")?.as_slice() {
            [schema, name] => Some((Qualified::new(schema, name), referenced)),
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

/// `not_valid: true`, `not_enforced: true`.
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

pub(super) fn write(foreign_key: Typed<'_, ForeignKey>, dialect: Dialect) -> Value {
    let ForeignKey {
        columns,
        references,
        referenced,
        match_type,
        on_update,
        on_delete,
        on_delete_columns,
        deferrable,
        enforcement,
    } = foreign_key.own;
    let mut out = Out::new(dialect);
    out.put("columns", Value::Sequence(texts(columns.iter().map(ColumnName::as_str))));
    if out.is_state() {
        out.put("references", Value::Sequence(texts([references.schema.as_str(), references.name.as_str()])));
        out.list("referenced", referenced.iter().map(ColumnName::as_str));
    } else {
        let list: Vec<String> = referenced.iter().map(ToString::to_string).collect();
        out.put("references", format!("{references} ({})", list.join(", ")));
    }
    if *match_type == MatchType::Full {
        out.put("match", "full");
    }
    for (key, action) in [("on_update", on_update), ("on_delete", on_delete)] {
        if *action != Action::NoAction {
            out.put(key, action.as_str());
        }
    }
    out.list("on_delete_columns", on_delete_columns.iter().map(ColumnName::as_str));
    write_deferrable(&mut out, *deferrable);
    write_enforcement(&mut out, *enforcement);
    head::write(&mut out, foreign_key.head);
    out.done()
}
