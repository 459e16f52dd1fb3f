use super::super::format::{Condition, ConditionKind};
use super::super::sql::list;
use super::context::Context;
use crate::model::{Column, ColumnValue, ConstraintName, Enforcement, Object, ObjectId, Qualified};

/// Counts the rows that would keep a dropped constraint from coming back. They are counted before the way back begins, when
/// columns and tables that later segments drop are gone: in their place stands what they will come back with.
pub(super) fn broken_rows(
    context: &Context<'_>,
    (table, name): (&Qualified, &ConstraintName),
    object: &Object,
) -> Option<Condition> {
    let id = ObjectId::Constraint(table.clone(), name.clone());
    let own = Rows::of(context, &id, table)?;
    let count = match object {
        Object::Check(check) if check.enforcement == Enforcement::Valid => {
            format!("select count(*) from {} where not ({})", own.aliased(table.name.as_str()), check.expression.sql())
        }
        Object::ForeignKey(key) if key.enforcement == Enforcement::Valid => {
            let partner = Rows::of(context, &id, &key.references)?;
            let joined: Vec<String> =
                key.columns.iter().zip(&key.referenced).map(|(a, b)| format!("r.{b} = l.{a}")).collect();
            let present: Vec<String> = key.columns.iter().map(|c| format!("l.{c} is not null")).collect();
            format!(
                "select count(*) from {} where {} and not exists (select from {} where {})",
                own.aliased("l"),
                present.join(" and "),
                partner.aliased("r"),
                joined.join(" and ")
            )
        }
        Object::Key(key) => {
            let columns = list(&key.columns);
            let nulls: Vec<String> = key.columns.iter().map(|c| format!("{c} is not null")).collect();
            let filter = if key.nulls_not_distinct { String::new() } else { format!(" where {}", nulls.join(" and ")) };
            format!(
                "select count(*) from (select 1 from {}{filter} group by {columns} having count(*) > 1) as twice",
                own.aliased(table.name.as_str())
            )
        }
        _ => return None,
    };
    let says = format!("rows written since that break {name}");
    Some(Condition { kind: ConditionKind::Blocks, object: id, count, says })
}

/// A table's rows as the way back will find them.
struct Rows<'a> {
    table: &'a Qualified,
    /// Whether the table goes, and comes back empty.
    gone: bool,
    /// The needed columns that go, each with what stands in it when it is back.
    restored: Vec<String>,
}

impl<'a> Rows<'a> {
    /// `None` where a column comes back with another value in each row: then nobody can count beforehand.
    fn of(context: &Context<'_>, constraint: &ObjectId, table: &'a Qualified) -> Option<Self> {
        let gone = !context.after.has(&ObjectId::Table(table.clone()));
        let mut restored = Vec::new();
        for need in context.before_names.needs(constraint) {
            if let (ObjectId::Column(of, name), Some(Object::Column(column))) = (&need, context.before.get(&need))
                && of == table
                && (gone || !context.after.has(&need))
            {
                let value = if gone { of_type("null", column) } else { restored_value(column)? };
                restored.push(format!("{value} as {name}"));
            }
        }
        Some(Self { table, gone, restored })
    }

    fn aliased(&self, alias: &str) -> String {
        let alias = crate::model::quote(alias);
        match (self.gone, self.restored.is_empty()) {
            (true, _) => format!("(select {} where false) as {alias}", self.restored.join(", ")),
            (false, true) => format!("{} as {alias}", self.table),
            (false, false) => format!("(select *, {} from {}) as {alias}", self.restored.join(", "), self.table),
        }
    }
}

fn of_type(value: &str, column: &Column) -> String {
    format!("({value})::{}", column.data_type.sql())
}

fn restored_value(column: &Column) -> Option<String> {
    match &column.value {
        ColumnValue::None => Some(of_type("null", column)),
        ColumnValue::Default(e) if crate::canonical::is_stable_default(e.sql()) => Some(of_type(e.sql(), column)),
        ColumnValue::Default(_) | ColumnValue::Identity(_) | ColumnValue::Generated(..) => None,
    }
}
