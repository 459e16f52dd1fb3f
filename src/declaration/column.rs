//! Reads and writes columns of tables as mappings.
use super::{
    attributes, column_text, head,
    in_state::InState,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    sequence,
    value::Out,
};
use crate::canonical::canonical_expression;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{
    Body, Column, ColumnName, ColumnValue, Fragment, GenerationKind, Head, Identity, Object, ObjectId, Privileges,
    Qualified, Typed,
};
use crate::yaml::{Entry, Node, Value as Yaml};
use serde_yaml::Value;
use std::collections::BTreeMap;

const PG18: &str = "it needs PostgreSQL 18, which pgform does not plan for yet";

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Column>,
    both: &["type", "not_null", "default", "identity", "generated", "virtual", "comment"],
    declared: &["renamed_from", "using", "backfill"],
    state: &["position", "grants"],
    later: &[
        ("not_null_name", PG18),
        ("not_null_not_valid", PG18),
        ("grants", "write `grants` of the table: `{app: [\"update (column)\"]}`"),
        ("keep", "what is dropped is always kept"),
        ("personal", "what is dropped is always kept"),
    ],
};

/// Reads all columns of a table; their order in the declaration is their position.
pub(super) fn read_group(reader: &mut Reader, table: &Qualified, node: &Node) {
    let what = format!("`columns` of the table {}", table.name.as_str());
    for (at, entry) in super::group::entries(reader, node, &what).iter().enumerate() {
        let id = ObjectId::column(*table, ColumnName::new(&entry.key));
        reader.name(&entry.key, "a column", &entry.key_place);
        if reader.begin(&id, &entry.key_place) && !reader.is_absent(&id, &entry.value) {
            let position = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let column = match &entry.value.value {
                Yaml::Scalar { text: _, style: _ } if reader.is_declared() => {
                    column_text::read(reader, &id, entry, position).map(|column| (Head::default(), column))
                }
                Yaml::Null | Yaml::Scalar { text: _, style: _ } | Yaml::Sequence(_) | Yaml::Mapping(_) => {
                    read_map(reader, &id, entry, position)
                }
            };
            if let Some((head, column)) = column {
                reader.insert(id, Some(Object { head, body: Body::Column(column) }));
            }
        }
    }
}

/// Gives the columns the rights that `grants` of their table says: a grantee that it names is managed on each column,
/// and where it is exact, everybody.
pub(super) fn grant(
    reader: &mut Reader,
    table: &Qualified,
    mut of_columns: BTreeMap<ColumnName, Privileges>,
    (managed, place): (Option<&Privileges>, &Place),
) {
    let Some(managed) = managed else { return };
    let first = ObjectId::column(*table, ColumnName::new(""));
    for (id, object) in reader.objects.range_mut(first..) {
        let Some((_, name)) = id.as_column().filter(|(of, _)| of == table) else { break };
        let said = of_columns.remove(&name).unwrap_or_default();
        if let Some(object) = object {
            object.head.privileges = Some(said.with_all_of(managed));
        }
    }
    for name in of_columns.keys() {
        let message = format!("`grants` of the table {} names the column {name}, which it does not have", table.name);
        reader.out.push(Diagnostic::error(Code::NotDeclared, message).at(place, "here"));
    }
}

fn read_map(reader: &mut Reader, id: &ObjectId, entry: &Entry, position: u32) -> Option<(Head, Column)> {
    let what = format!("the column {}", id.short());
    if reader.is_declared() && !matches!(entry.value.value, Yaml::Mapping(_)) {
        reader.wrong_shape(&entry.value, &what, "a type with what belongs to it, or a mapping");
        return None;
    }
    let mut keys = Keys::new(reader, id, &what, &entry.value, &KEYS)?;
    if !keys.has("type") {
        keys.missing("type");
    }
    let data_type = match keys.reader.dialect {
        Dialect::Declared => keys.node("type").and_then(|node| column_text::data_type(&mut keys, node)),
        Dialect::State => keys.sql("type", canonical_expression),
    };
    let mut column = Column::of_type(data_type.unwrap_or_else(|| Fragment::written("text")), position);
    column.position = keys.small("position").unwrap_or(position);
    attributes::read(&mut keys, &mut column);
    let not_null = keys.maybe_flag("not_null");
    if not_null == Some(false) {
        let place = keys.key_place("not_null");
        keys.reader.places.set_attribute(id, "null", &place);
    }
    column.value = value(&mut keys, &column);
    let identity = matches!(column.value, ColumnValue::Identity(_));
    column.not_null = not_null.unwrap_or(identity && keys.reader.is_declared());
    if identity && not_null == Some(false) && keys.reader.is_declared() {
        let place = keys.key_place("not_null");
        let message = format!("{} has an identity, which is never null", keys.what);
        keys.error(Code::Contradiction, message, &place, "leave this out");
    }
    let head = head::read(&mut keys);
    directives(&mut keys);
    // A column that could not be read is reported, and known all the same, so that nothing else trips over it.
    Some((head, column))
}

fn directives(keys: &mut Keys<'_, '_>) {
    let Some(table) = keys.id.table_of() else { return };
    keys.directives(|old| ObjectId::column(table, ColumnName::new(old)));
    if !keys.reader.is_declared() {
        return;
    }
    for key in ["using", "backfill"] {
        if let Some(text) = keys.sql(key, canonical_expression) {
            let place = keys.key_place(key);
            let text = Some(text.as_written().to_owned());
            keys.direct(place, |d| if key == "using" { d.using = text } else { d.backfill = text });
        }
    }
}

/// Reads the default, identity or generated value: at most one of them.
fn value(keys: &mut Keys<'_, '_>, column: &Column) -> ColumnValue {
    let written: Vec<&str> = ["default", "identity", "generated"].into_iter().filter(|key| keys.has(key)).collect();
    if let [first, second, ..] = written.as_slice() {
        let message = format!("{} has both `{first}` and `{second}`, and can have only one", keys.what);
        let (place, other) = (keys.key_place(second), keys.key_place(first));
        keys.reader.out.push(Diagnostic::error(Code::Contradiction, message).at(&place, "this").at(&other, "and this"));
    }
    match written.first() {
        Some(&"default") => keys.sql("default", canonical_expression).map_or(ColumnValue::None, ColumnValue::Default),
        Some(&"identity") => identity(keys, column).map_or(ColumnValue::None, ColumnValue::Identity),
        Some(_) => {
            let kind = if keys.flag("virtual") { GenerationKind::Virtual } else { GenerationKind::Stored };
            let expression = keys.sql("generated", canonical_expression);
            expression.map_or(ColumnValue::None, |e| ColumnValue::Generated(e, kind))
        }
        None => ColumnValue::None,
    }
}

const IDENTITY: Allowed = Allowed {
    attributes: attributes::none,
    both: &["generated", "increment", "min", "max", "start", "cache", "cycle", "sequence"],
    declared: &[],
    state: &[],
    later: &[],
};

/// Reads `always`, `by default`, or a mapping with `generated:` and the sequence's options.
fn identity(keys: &mut Keys<'_, '_>, column: &Column) -> Option<Identity> {
    let node = keys.node("identity")?;
    let words = [("always", true), ("by default", false)];
    let of = column.sequence_type();
    if !matches!(node.value, Yaml::Mapping(_)) {
        let always = keys.word("identity", &words)?;
        return Some(Identity { always, options: crate::model::SequenceOptions::defaults(of, 1), sequence: None });
    }
    let (id, what) = (keys.id, keys.of("identity"));
    let mut keys = Keys::new(keys.reader, &id, &what, node, &IDENTITY)?;
    if !keys.has("generated") {
        keys.missing("generated");
    }
    let always = keys.word("generated", &words).unwrap_or(true);
    let options = sequence::read_options(&mut keys, of);
    Some(Identity { always, options, sequence: keys.text("sequence") })
}

impl InState for Column {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

/// Writes the column as a mapping; the declaration's short form is tried by [`column_text::write`].
pub(super) fn write(column: Typed<'_, Column>, dialect: Dialect) -> Value {
    if dialect == Dialect::Declared
        && let Some(text) = column_text::write(column)
    {
        return text.into();
    }
    let mut out = Out::new(dialect);
    attributes::write(&mut out, column.own, |out, attribute| match attribute {
        "position" if out.is_state() => out.put("position", column.position),
        "type" => out.sql("type", &column.data_type),
        "not_null" => out.flag("not_null", column.not_null),
        "value" => write_value(out, column.own, &column.value),
        _ => {}
    });
    head::write(&mut out, column.head);
    out.done()
}

fn write_value(out: &mut Out, column: &Column, value: &ColumnValue) {
    match value {
        ColumnValue::None => {}
        ColumnValue::Default(expression) => out.sql("default", expression),
        ColumnValue::Identity(Identity { always, options, sequence }) => {
            let mut map = Out::new(if out.is_state() { Dialect::State } else { Dialect::Declared });
            map.put("generated", if *always { "always" } else { "by default" });
            sequence::write_options(&mut map, options, column.sequence_type());
            map.text("sequence", sequence.as_deref());
            out.put("identity", map.done());
        }
        ColumnValue::Generated(expression, kind) => {
            out.sql("generated", expression);
            out.flag("virtual", *kind == GenerationKind::Virtual);
        }
    }
}
