//! Puts the texts that the shadow printed into declared objects.
use crate::model::{
    Body, Check, Column, ColumnValue, Definition, Exclusion, ExclusionKey, Fragment, Index, IndexKey, Object, ObjectId,
    PartitionOf, Rename, State, Table, View, renamed_text,
};
use std::collections::BTreeSet;

/// Gives the object as declared, with the texts that the shadow printed after it had stored it. What the declaration
/// did not say and the shadow knows (a view's columns and what it uses) is taken over too.
#[must_use]
pub(super) fn with_printed(declared: &Object, printed: &Object) -> Object {
    let mut out = Object { head: declared.head.clone(), body: body(&declared.body, &printed.body) };
    if matches!(&out.body, Body::View(_)) || out.definition().is_some_and(|definition| !definition.carried) {
        out.head.depends_on.clone_from(&printed.head.depends_on);
    }
    out
}

fn body(declared: &Body, printed: &Body) -> Body {
    match (declared, printed) {
        (Body::Table(a), Body::Table(b)) => Body::Table(table(a, b)),
        (Body::Column(a), Body::Column(b)) => Body::Column(column(a, b)),
        (Body::Check(a), Body::Check(b)) => {
            Body::Check(Check { expression: settle(&a.expression, &b.expression), ..a.clone() })
        }
        (Body::Exclusion(a), Body::Exclusion(b)) => Body::Exclusion(exclusion(a, b)),
        (Body::Index(a), Body::Index(b)) => Body::Index(index(a, b)),
        (Body::View(a), Body::View(b)) => Body::View(view(a, b)),
        (Body::Definition(a), Body::Definition(b)) if !a.carried => Body::Definition(definition(a, b)),
        // Nothing in the other kinds is SQL.
        (
            Body::Schema(_)
            | Body::Extension(_)
            | Body::Enumeration(_)
            | Body::Sequence(_)
            | Body::Key(_)
            | Body::ForeignKey(_)
            | Body::Definition(_),
            _,
        ) => declared.clone(),
        // One name, two kinds.
        (
            Body::Table(_) | Body::Column(_) | Body::Check(_) | Body::Exclusion(_) | Body::Index(_) | Body::View(_),
            _,
        ) => declared.clone(),
    }
}

fn definition(a: &Definition, b: &Definition) -> Definition {
    let create = match (&a.create, &b.create) {
        (Some(a), Some(b)) => Some(settle(a, b)),
        (a, _) => a.clone(),
    };
    Definition { create, carried: a.carried, form: a.form }
}

fn settle(declared: &Fragment, printed: &Fragment) -> Fragment {
    declared.settle(printed.sql())
}

fn table(a: &Table, b: &Table) -> Table {
    let partition_of = match (&a.partition_of, &b.partition_of) {
        (Some(a), Some(b)) => Some(PartitionOf { parent: a.parent, bound: settle(&a.bound, &b.bound) }),
        (a, _) => a.clone(),
    };
    Table { partition_by: settle_if_there(&a.partition_by, &b.partition_by), partition_of, ..a.clone() }
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

fn exclusion(a: &Exclusion, b: &Exclusion) -> Exclusion {
    let key = |(a, b): (&ExclusionKey, &ExclusionKey)| ExclusionKey {
        key: IndexKey { sql: settle(&a.key.sql, &b.key.sql) },
        // The operator that PostgreSQL found, in its schema where it is none of its own.
        operator: b.operator.clone(),
    };
    let keys = match a.keys.len() == b.keys.len() {
        true => a.keys.iter().zip(&b.keys).map(key).collect(),
        false => a.keys.clone(),
    };
    Exclusion { keys, predicate: settle_if_there(&a.predicate, &b.predicate), ..a.clone() }
}

fn settle_if_there(a: &Option<Fragment>, b: &Option<Fragment>) -> Option<Fragment> {
    match (a, b) {
        (Some(a), Some(b)) => Some(settle(a, b)),
        (a, _) => a.clone(),
    }
}

fn index(a: &Index, b: &Index) -> Index {
    let keys = if a.keys.len() == b.keys.len() {
        a.keys.iter().zip(&b.keys).map(|(a, b)| IndexKey { sql: settle(&a.sql, &b.sql) }).collect()
    } else {
        a.keys.clone()
    };
    Index { keys, predicate: settle_if_there(&a.predicate, &b.predicate), ..a.clone() }
}

fn view(a: &View, b: &View) -> View {
    let mut view = View { query: settle(&a.query, &b.query), ..a.clone() };
    view.columns.clone_from(&b.columns);
    for (name, default) in &mut view.defaults {
        if let Some(printed) = b.defaults.get(name) {
            *default = settle(default, printed);
        }
    }
    view
}

/// Gives the state after renames: what the shadow printed then is the only text that holds, for what was written names
/// what has another name now, or worse, what something else is called now. Carried objects that name it are printed
/// anew too; for those that the shadow is `lacking`, their names in their own texts get the new ones.
#[must_use]
pub(super) fn overlay_renamed(
    state: &State,
    printed: &State,
    renames: &[Rename],
    lacking: &BTreeSet<ObjectId>,
) -> State {
    let mut out = overlay(state, printed, lacking);
    for (id, object) in &mut out.objects {
        if let Body::Definition(opaque) = &mut object.body
            && (lacking.contains(id) || !printed.has(id))
        {
            let renamed = opaque.text().map(|text| renamed_text(text, renames));
            opaque.create = renamed.map(|text| Fragment::settled(text.clone(), text));
            continue;
        }
        let (Some(before), Some(now)) = (state.get(id), printed.get(id)) else { continue };
        match (&mut object.body, &before.body, &now.body) {
            (Body::Definition(object), Body::Definition(old), Body::Definition(now)) if old.carried => {
                // In SQL a quote in a name is two.
                let named = |t: &str, name: &str| t.contains(name) || t.contains(&name.replace('"', "\"\""));
                let names = |text: &str| renames.iter().any(|rename| named(text, rename.from.own_name()));
                if old.text().is_some_and(names) {
                    object.create.clone_from(&now.create);
                }
            }
            (object, before, _) => each_pair(object, before, |text, old| {
                if text.as_settled() != old.as_settled() {
                    *text = Fragment::settled(text.sql(), text.sql());
                }
            }),
        }
    }
    out
}

fn each_of_partitions(a: &mut Table, b: &Table, each: impl Fn(&mut Fragment, &Fragment)) {
    if let (Some(a), Some(b)) = (&mut a.partition_by, &b.partition_by) {
        each(a, b);
    }
    if let (Some(a), Some(b)) = (&mut a.partition_of, &b.partition_of) {
        each(&mut a.bound, &b.bound);
    }
}

/// Pairs the fragments of an object with those of the object before.
fn each_pair(object: &mut Body, before: &Body, each: impl Fn(&mut Fragment, &Fragment)) {
    match (object, before) {
        (Body::Table(a), Body::Table(b)) => each_of_partitions(a, b, each),
        (Body::Column(a), Body::Column(b)) => {
            each(&mut a.data_type, &b.data_type);
            a.collation.iter_mut().zip(&b.collation).for_each(|(a, b)| each(a, b));
            if let (
                ColumnValue::Default(a) | ColumnValue::Generated(a, _),
                ColumnValue::Default(b) | ColumnValue::Generated(b, _),
            ) = (&mut a.value, &b.value)
            {
                each(a, b);
            }
        }
        (Body::Check(a), Body::Check(b)) => each(&mut a.expression, &b.expression),
        (Body::Exclusion(a), Body::Exclusion(b)) => {
            a.keys.iter_mut().zip(&b.keys).for_each(|(a, b)| each(&mut a.key.sql, &b.key.sql));
            if let (Some(a), Some(b)) = (&mut a.predicate, &b.predicate) {
                each(a, b);
            }
        }
        (Body::Index(a), Body::Index(b)) => {
            a.keys.iter_mut().zip(&b.keys).for_each(|(a, b)| each(&mut a.sql, &b.sql));
            if let (Some(a), Some(b)) = (&mut a.predicate, &b.predicate) {
                each(a, b);
            }
        }
        (Body::View(a), Body::View(b)) => {
            each(&mut a.query, &b.query);
            for (name, text) in &mut a.defaults {
                if let Some(old) = b.defaults.get(name) {
                    each(text, old);
                }
            }
        }
        (Body::Definition(a), Body::Definition(b)) => {
            if let (Some(a), Some(b)) = (&mut a.create, &b.create) {
                each(a, b);
            }
        }
        // Nothing in the other kinds is SQL.
        (
            Body::Schema(_)
            | Body::Extension(_)
            | Body::Enumeration(_)
            | Body::Sequence(_)
            | Body::Key(_)
            | Body::ForeignKey(_),
            _,
        ) => {}
        // One name, two kinds.
        (
            Body::Table(_)
            | Body::Column(_)
            | Body::Check(_)
            | Body::Exclusion(_)
            | Body::Index(_)
            | Body::View(_)
            | Body::Definition(_),
            _,
        ) => {}
    }
}

/// Gives the state with the texts of everything that the shadow printed; of what it is `lacking`, only a stand-in was
/// printed.
#[must_use]
pub(super) fn overlay(state: &State, printed: &State, lacking: &BTreeSet<ObjectId>) -> State {
    let object = |(id, object): (&ObjectId, &Object)| {
        let there = printed.get(id).filter(|_| !lacking.contains(id));
        let settled = there.map_or_else(|| object.clone(), |p| with_printed(object, p));
        (*id, settled)
    };
    State { objects: state.objects.iter().map(object).collect() }
}
