use crate::model::{Check, Column, ColumnValue, Fragment, Index, IndexKey, Object, ObjectId, State, View};

/// The object as declared, with the texts that the shadow printed after it had stored it. What the declaration did not
/// say and the shadow knows (a view's columns and what it uses) is taken over too.
#[must_use]
pub(super) fn with_printed(declared: &Object, printed: &Object) -> Object {
    match (declared, printed) {
        (Object::Column(a), Object::Column(b)) => Object::Column(column(a, b)),
        (Object::Check(a), Object::Check(b)) => {
            Object::Check(Check { expression: settle(&a.expression, &b.expression), ..a.clone() })
        }
        (Object::Index(a), Object::Index(b)) => Object::Index(index(a, b)),
        (Object::View(a), Object::View(b)) => Object::View(view(a, b)),
        // Nothing in the other kinds is SQL.
        _ => declared.clone(),
    }
}

fn settle(declared: &Fragment, printed: &Fragment) -> Fragment {
    declared.settle(printed.sql())
}

fn column(a: &Column, b: &Column) -> Column {
    let value = match (&a.value, &b.value) {
        (ColumnValue::Default(a), ColumnValue::Default(b)) => ColumnValue::Default(settle(a, b)),
        (ColumnValue::Generated(a, kind), ColumnValue::Generated(b, _)) => ColumnValue::Generated(settle(a, b), *kind),
        // `default null` is stored as no default at all.
        (ColumnValue::Default(_), ColumnValue::None) => ColumnValue::None,
        _ => a.value.clone(),
    };
    // A collation that is the type's own is not stored.
    let collation = match (&a.collation, &b.collation) {
        (Some(a), Some(b)) => Some(settle(a, b)),
        (Some(_), None) => None,
        (None, _) => None,
    };
    // A storage that is the type's own is not stored either.
    let storage = a.storage.and(b.storage);
    Column { data_type: settle(&a.data_type, &b.data_type), value, collation, storage, ..a.clone() }
}

fn index(a: &Index, b: &Index) -> Index {
    let keys = if a.keys.len() == b.keys.len() {
        a.keys.iter().zip(&b.keys).map(|(a, b)| IndexKey { sql: settle(&a.sql, &b.sql) }).collect()
    } else {
        a.keys.clone()
    };
    let predicate = match (&a.predicate, &b.predicate) {
        (Some(a), Some(b)) => Some(settle(a, b)),
        (a, _) => a.clone(),
    };
    Index { keys, predicate, ..a.clone() }
}

fn view(a: &View, b: &View) -> View {
    let mut view = View { query: settle(&a.query, &b.query), depends_on: b.depends_on.clone(), ..a.clone() };
    view.columns.clone_from(&b.columns);
    for (name, default) in &mut view.defaults {
        if let Some(printed) = b.defaults.get(name) {
            *default = settle(default, printed);
        }
    }
    view
}

/// The state with the texts of everything that the shadow printed.
#[must_use]
pub(super) fn overlay(state: &State, printed: &State) -> State {
    let object = |(id, object): (&ObjectId, &Object)| {
        let settled = printed.get(id).map_or_else(|| object.clone(), |p| with_printed(object, p));
        (id.clone(), settled)
    };
    State { objects: state.objects.iter().map(object).collect() }
}
