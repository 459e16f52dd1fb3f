//! Drift in the names of not-null constraints, which a state holds only where PostgreSQL did not choose them.
use crate::model::{Body, Column, ColumnName, ObjectId, Qualified, RelationName, State, default_name};
use crate::store::Plans;
use std::collections::BTreeSet;

/// The first major version that keeps not-null constraints with a name.
const NOT_NULLS: u32 = 18;
const LABEL: &str = "not_null";

/// Writes into both sides the names of not-null constraints that differ from the expected ones. A state without a name
/// means the one that PostgreSQL gives; or one that it gave while the table or the column had another name, as these
/// constraints keep theirs through renames.
pub(crate) fn name_not_nulls(expected: &mut State, (live, major): (&mut State, u32), recorded: &State, plans: &Plans) {
    if major < NOT_NULLS {
        return;
    }
    for (id, object) in &mut expected.objects {
        let Some((table, name)) = id.as_column() else { continue };
        let (Body::Column(a), Some(Body::Column(b))) = (&mut object.body, live.body_mut(id)) else { continue };
        let Some(Body::Column(was)) = recorded.body(id) else { continue };
        let usual = default_name(table.name.as_str(), name.as_str(), LABEL);
        let called = |column: &Column| column.not_null_name.clone().unwrap_or_else(|| usual.clone());
        let (planned, there) = (called(was), called(b));
        let same = planned == there || (was.not_null_name.is_none() && left_behind(&there, (&table, &name), plans));
        if a.not_null && b.not_null && !same {
            a.not_null_name = Some(planned);
            b.not_null_name = Some(there);
        }
    }
}

/// Tells whether PostgreSQL gave a name, for a present or former name of table and column; with a number where it was
/// taken.
fn left_behind(name: &str, (table, column): (&Qualified, &ColumnName), plans: &Plans) -> bool {
    let number: String =
        name.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
    let labels = [LABEL.to_owned(), format!("{LABEL}{number}")];
    // The schemas may have had any name: the names that PostgreSQL gives do not contain them.
    let tables = former(ObjectId::table(*table), plans, |to, known| {
        let name = |id: &ObjectId| id.as_table().map(|table| table.name);
        name(to).is_some_and(|to| known.iter().any(|id| name(id).as_ref() == Some(&to)))
    });
    let tables: BTreeSet<RelationName> = tables.iter().filter_map(ObjectId::table_of).map(|table| table.name).collect();
    let id = ObjectId::column(*table, *column);
    // A column's rename is told under one of its table's names.
    let columns = former(id, plans, |to, known| {
        let Some((table, name)) = to.as_column() else { return false };
        let same = |id: &ObjectId| id.as_column().is_some_and(|(_, known)| known == name);
        tables.contains(&table.name) && known.iter().any(same)
    });
    let mut names = columns.iter().filter_map(ObjectId::as_column).map(|(_, name)| name);
    names.any(|column| {
        let of = |table: &RelationName, label: &String| default_name(table.as_str(), column.as_str(), label) == name;
        tables.iter().any(|table| labels.iter().any(|label| of(table, label)))
    })
}

/// Identities of an object: the present one, and those before the renames of the plans.
fn former(
    id: ObjectId,
    plans: &Plans,
    leads_to: impl Fn(&ObjectId, &BTreeSet<ObjectId>) -> bool,
) -> BTreeSet<ObjectId> {
    let mut known = BTreeSet::from([id]);
    let renames = || plans.all().iter().flat_map(|plan| &plan.file().header.renames);
    loop {
        let more: Vec<ObjectId> =
            renames().filter(|r| leads_to(&r.to, &known) && !known.contains(&r.from)).map(|r| r.from).collect();
        if more.is_empty() {
            return known;
        }
        known.extend(more);
    }
}
