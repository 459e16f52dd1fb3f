//! Check for a database whose journal survived while its objects are gone.
//! A database that was emptied, or restored without its schema, keeps the journal, as that is in a schema of its own.
use super::first_plan::{NAMED, named};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics, Way};
use crate::model::{CarriedForm, Object, ObjectId, ObjectKind, State};
use crate::report::some_of;
use crate::store::Plans;
use crate::workflow::database::label::is_development;
use crate::workflow::database::position::{self, Position};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::running::plan_to_run::touched;
use std::collections::BTreeSet;

/// Looks for the objects that the journal records, by names alone. Gives a warning about missing indexes, and about
/// partitions, which come and go with their months.
///
/// # Errors
/// [`Code::Stale`] with the objects missing, and the commands that make them again.
pub(crate) async fn still_there(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    stand: &Position,
) -> Result<Diagnostics, Diagnostics> {
    let Some(at) = stand.journal.as_ref().and_then(|journal| journal.position()) else {
        return Ok(Diagnostics::default());
    };
    // A file of the chain may be gone: then the expected objects are unknown.
    let Ok(expected) = stand.state(plans) else { return Ok(Diagnostics::default()) };
    let own = match stand.midway() {
        Some(record) => touched(&*position::stored(plans, record)?),
        None => BTreeSet::new(),
    };
    let known = known_as_gone(plans);
    let others = |id: &ObjectId| project.leaves_alone(id, expected.get(id));
    let wanted = expected.objects.keys().filter(|id| !own.contains(id) && !known.contains(id) && !others(id));
    let missing = crate::catalog::missing(connected.connection.diesel(), wanted).await?;
    if missing.is_empty() {
        return Ok(Diagnostics::default());
    }
    let (stops, told): (Vec<&ObjectId>, Vec<&ObjectId>) =
        outermost(&missing).into_iter().partition(|id| stops(id, &expected));
    let name = |id: &&ObjectId| format!("- {}", named(id));
    if stops.is_empty() {
        let lines: Vec<String> = told.iter().map(name).collect();
        let message = format!("{} is applied here, and this of it is missing: {}", at.name, some_of(&lines, NAMED));
        let repair = Command::new("repair").on_database();
        return Ok(Diagnostic::warning(Code::Unknown, message).way("plan it again", repair).into());
    }
    let lines: Vec<String> = stops.iter().chain(&told).map(name).collect();
    let message = format!(
        "pgform's journal says that this database is at {}, and this of it is not there: {}; nothing was run",
        at.name,
        some_of(&lines, NAMED)
    );
    let alone = |id: &&ObjectId| !matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension);
    let all = expected.objects.keys().filter(alone).all(|id| missing.contains(id));
    Err(Diagnostic::error(Code::Stale, message)
        .help("its rows, if they are gone, are in a backup alone")
        .ways(ways(connected, stand, all))
        .into())
}

/// Objects that plans of the project record as gone, whether they ran here or not: their absence stops nothing.
fn known_as_gone(plans: &Plans) -> BTreeSet<&ObjectId> {
    let files = || plans.all().iter().map(|plan| plan.file());
    let noted =
        files().flat_map(|file| file.header.records.iter().filter(|id| file.header.after.get(id) == Some(&None)));
    let absorbed = files().flat_map(|file| file.body.segments.iter().filter(|segment| segment.absorb));
    let left = absorbed.flat_map(|segment| segment.leaves.iter().filter(|(_, left)| left.is_none()).map(|(id, _)| id));
    noted.chain(left).collect()
}

/// Commands against missing objects. One begins anew where the database is one for development, or nothing of it is
/// left.
fn ways(connected: &Connected, stand: &Position, all: bool) -> Vec<Way> {
    let mut ways = Vec::new();
    let development = is_development(stand.journal.as_ref());
    if development || all {
        let reset = Command::new("reset").on_database();
        let reset = match development {
            true => reset.flag("--yes"),
            false => reset.option("--confirm", &connected.connection.info().database),
        };
        ways.push(Way { note: "then apply".to_owned(), ..Way::new("begin anew", reset) });
    }
    ways.push(Way::new("plan what is missing, empty", Command::new("repair").on_database()));
    ways.push(Way::new("or take it for gone: see how", Command::new("check").on_database()));
    ways
}

/// Tells whether a missing object stops a run.
fn stops(id: &ObjectId, expected: &State) -> bool {
    let is_partition = || {
        let table = expected.table_of(id).and_then(|table| expected.table(&table));
        let form = expected.get(id).and_then(Object::carried_form);
        table.is_some_and(|table| table.partition_of.is_some()) || form == Some(CarriedForm::Partition)
    };
    !id.is(ObjectKind::Index) && !is_partition()
}

/// Missing objects without the parts of a missing table, and without the contents of a missing schema.
fn outermost(missing: &BTreeSet<ObjectId>) -> Vec<&ObjectId> {
    let of_table = |id: &ObjectId| {
        let table = id.table_of().filter(|table| *id != ObjectId::table(*table));
        table.is_some_and(|table| missing.contains(&ObjectId::table(table)))
    };
    let of_schema =
        |id: &ObjectId| !id.is(ObjectKind::Schema) && id.home().is_some_and(|s| missing.contains(&ObjectId::schema(s)));
    missing.iter().filter(|id| !of_table(id) && !of_schema(id)).collect()
}
