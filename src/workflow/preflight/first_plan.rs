//! Checks for the first plan of a database: its base must be there, and the objects that it makes must not.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::model::{ObjectId, ObjectKind, State};
use crate::report::some_of;
use crate::store::{Plans, StoredPlan};
use std::collections::BTreeSet;

/// Number of objects that a message names.
pub(crate) const NAMED: usize = 10;

/// Existence in a database of the state that a first plan starts from.
pub(crate) enum Base {
    /// The whole state exists, or the plan starts from nothing.
    There,
    /// The database has no object of it: it can be made.
    Nowhere,
}

/// Looks for the objects of the state that a first plan starts from.
///
/// # Errors
/// If the database has a part of it, with what is missing.
pub(crate) fn base_of(first: &StoredPlan, live: &State) -> Result<Base, Diagnostics> {
    let Some(base) = first.file().header.base.as_ref().filter(|_| !first.file().is_baseline()) else {
        return Ok(Base::There);
    };
    let (there, missing): (Vec<&ObjectId>, Vec<&ObjectId>) =
        base.objects.keys().filter(|id| !is_everywhere(id)).partition(|id| live.has(id));
    if missing.is_empty() {
        return Ok(Base::There);
    }
    if there.iter().all(|id| matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension)) {
        return Ok(Base::Nowhere);
    }
    let lines: Vec<String> = outermost(&missing).into_iter().map(|id| format!("- {}", named(id))).collect();
    let message = format!("this database is not what {} starts from: {}", first.title_line(), some_of(&lines, NAMED));
    let plan =
        Command::new("plan").on_database().option("-m", &first.file().header.title).option("--output", "plan.yaml");
    Err(Diagnostic::error(Code::Stale, message)
        .help("the plan was made from another database: make what is missing, or let pgform make all of it in an empty one")
        .way("or, in a project without plans, plan from this one", plan)
        .into())
}

/// Refuses a database that has objects that a first plan makes: it is to be adopted, nothing runs in it.
///
/// # Errors
/// [`Code::NotAdopted`] with the objects found.
pub(crate) fn not_adopted(plans: &Plans, first: &StoredPlan, live: &State) -> Result<(), Diagnostics> {
    let made = made(plans, first)?;
    let there: Vec<&ObjectId> = made.iter().filter(|id| live.has(id)).collect();
    if there.is_empty() {
        return Ok(());
    }
    let objects: Vec<String> = outermost(&there).into_iter().map(named).collect();
    let all = if there.len() == made.len() { "what" } else { "a part of what" };
    let message = format!(
        "pgform never ran here, and {all} {} makes is here already: {}; nothing was run",
        first.title_line(),
        some_of(&objects, NAMED)
    );
    let which = standing_at(plans, first, live)?;
    let adopt = Command::new("adopt").on_database().arg(&which);
    Err(Diagnostic::error(Code::NotAdopted, message)
        .help("if it is another database, check the address")
        .way("compare the two, and record that it is what the plan leads to", adopt)
        .into())
}

/// Objects that a plan makes beyond its base, but for those that it would take over.
fn made(plans: &Plans, first: &StoredPlan) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    let file = first.file();
    let after = plans.fold_to(file)?;
    let before = file.header.base.as_ref().filter(|_| !file.is_baseline());
    let taken_over = |id: &ObjectId| file.body.segments.iter().any(|s| s.absorb && s.leaves.contains_key(id));
    let new = |id: &&ObjectId| !is_everywhere(id) && !before.is_some_and(|base| base.has(id)) && !taken_over(id);
    Ok(after.objects.keys().filter(new).filter(|id| !id.is(ObjectKind::Extension)).cloned().collect())
}

/// Plan to adopt: the last one of the chain all of whose objects are there, or else the first one, whose adoption then
/// tells how the database differs. A plan outside of the chain is named by its file.
fn standing_at(plans: &Plans, first: &StoredPlan, live: &State) -> Result<String, Diagnostics> {
    if plans.by_digest(first.digest()).is_none() {
        return Ok(first.path.display().to_string());
    }
    let mut which = first.slug.clone();
    for plan in plans.chain()? {
        let state = plans.fold_to(plan.file())?;
        if state.objects.keys().all(|id| live.has(id)) {
            which.clone_from(&plan.slug);
        }
    }
    Ok(which)
}

/// Tells whether an object exists in every database, as a schema may: each has a `public`.
fn is_everywhere(id: &ObjectId) -> bool {
    id.is(ObjectKind::Schema)
}

/// Objects without the parts of a table that is among them.
pub(crate) fn outermost<'a>(ids: &[&'a ObjectId]) -> Vec<&'a ObjectId> {
    let part =
        |id: &ObjectId| id.table_of().map(ObjectId::table).is_some_and(|table| table != *id && ids.contains(&&table));
    ids.iter().filter(|id| !part(id)).copied().collect()
}

/// Name of an object in messages about whole databases: with its schema, unless that is `public`.
pub(crate) fn named(id: &ObjectId) -> String {
    let usual = id.home().is_none_or(|schema| schema.as_str() == "public");
    format!("{} {}", id.word(), if usual { id.short() } else { id.sql() })
}
