//! Finds constraints that are what they were, and have another name because their table or columns have.
use super::rename::apply_renames;
use crate::model::{Body, Check, Exclusion, Key, Object, ObjectId, Partitions, Qualified, Rename, State};
use std::collections::BTreeSet;

/// Finds the constraints to rename where a table or its columns are: the names that PostgreSQL gives to their keys by
/// default are other ones then, and a constraint that is the same but for its name is renamed, its index never built
/// again. Only where one alone fits.
#[must_use]
pub fn constraints_that_follow(head: &State, declared: &State, renames: &[Rename]) -> Vec<Rename> {
    let touched: BTreeSet<Qualified> = renames.iter().filter_map(|r| r.to.table_of()).collect();
    if touched.is_empty() {
        return Vec::new();
    }
    let before = apply_renames(head, renames);
    let mut out: Vec<Rename> = Vec::new();
    for table in &touched {
        let only = |a: &State, b: &State| -> Vec<(ObjectId, Object)> {
            let all = a.constraints(table).map(|(n, o)| (ObjectId::constraint(*table, n), o.clone()));
            all.filter(|(id, _)| !b.has(id)).collect()
        };
        let (gone, new) = (only(&before, declared), only(declared, &before));
        for (to, object) in &new {
            let fits = |other: &Object| same(other, object);
            let twins = new.iter().filter(|(_, other)| fits(other)).count();
            if let [(from, _)] = gone.iter().filter(|(_, other)| fits(other)).collect::<Vec<_>>().as_slice()
                && twins == 1
            {
                out.push(Rename { from: *from, to: *to });
            }
        }
    }
    out
}

/// Gives the renames of partitions' columns that come with those of their parents'.
#[must_use]
pub fn columns_that_follow(head: &State, renames: &[Rename]) -> Vec<Rename> {
    if renames.iter().all(|rename| rename.to.as_column().is_none()) {
        return Vec::new();
    }
    let before = apply_renames(head, renames);
    let partitions = Partitions::new(&before);
    let of = |rename: &Rename| {
        let ((_, from), (table, to)) = (rename.from.as_column()?, rename.to.as_column()?);
        let beneath = partitions.beneath(&table).into_iter();
        Some(beneath.map(move |of| Rename { from: ObjectId::column(of, from), to: ObjectId::column(of, to) }))
    };
    renames.iter().filter_map(of).flatten().collect()
}

/// Tells whether two constraints are the same, whatever they are called and whatever is said of them.
fn same(a: &Object, b: &Object) -> bool {
    match (&a.body, &b.body) {
        (Body::Key(a), Body::Key(b)) => {
            let Key {
                kind,
                columns,
                include,
                deferrable,
                nulls_not_distinct,
                with: _,
                tablespace: _,
                index_comment: _,
                part_of,
            } = a;
            (*kind, *deferrable, *nulls_not_distinct, *part_of)
                == (b.kind, b.deferrable, b.nulls_not_distinct, b.part_of)
                && (columns, include) == (&b.columns, &b.include)
        }
        (Body::ForeignKey(a), Body::ForeignKey(b)) => a == b,
        (Body::Check(a), Body::Check(b)) => {
            let Check { expression, no_inherit, enforcement } = a;
            expression.same_text(&b.expression) && (*no_inherit, *enforcement) == (b.no_inherit, b.enforcement)
        }
        (Body::Exclusion(a), Body::Exclusion(b)) => {
            let Exclusion { method, keys, include, predicate, deferrable, with: _, tablespace: _, index_comment: _ } =
                a;
            let same_keys = || {
                keys.len() == b.keys.len()
                    && keys
                        .iter()
                        .zip(&b.keys)
                        .all(|(a, b)| a.operator == b.operator && a.key.sql.same_text(&b.key.sql))
            };
            let same_predicate = match (predicate, &b.predicate) {
                (Some(a), Some(b)) => a.same_text(b),
                (a, b) => a.is_none() && b.is_none(),
            };
            (method, include, deferrable) == (&b.method, &b.include, &b.deferrable) && same_predicate && same_keys()
        }
        _ => false,
    }
}
