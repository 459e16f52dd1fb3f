//! Losses: the rows and values of one database that a plan loses for good, counted before it runs.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{ObjectId, ObjectKind, quote, renamed_id};
use crate::plan::format::{HazardKind, LookKind};
use crate::report::counted;
use crate::store::{Plans, StoredPlan};
use crate::workflow::invocation::project::Connected;

/// Counts what the way back of a plan does not bring back of this database: `600 values of documents.embedding`. Only
/// rows that exist: an empty table loses nothing.
///
/// # Errors
/// If something cannot be counted, or the plans before this one have no files: the present names are unknown then.
pub(crate) async fn lost(
    plans: &Plans,
    connected: &mut Connected,
    plan: &StoredPlan,
) -> Result<Vec<String>, Diagnostics> {
    let objects = going(plans, plan)?;
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(role) = &connected.role {
        let become_role = format!("set role {}", quote(role));
        connected.connection.batch(&become_role).await.map_err(Diagnostic::from)?;
    }
    let mut out = Vec::new();
    let mut problem = None;
    // Values inside of others are counted as the plan itself looks for them.
    let looks = plan.file().body.segments.iter().flat_map(|segment| &segment.looks);
    for look in looks.filter(|look| look.kind == LookKind::Loses && look.object.is(ObjectKind::CompositeType)) {
        match counted_by(connected, &look.count()).await {
            Ok(0) => {}
            Ok(found) => out.push(format!("{found} {}", look.says)),
            Err(error) => {
                problem = Some(error);
                break;
            }
        }
    }
    for (now, named) in objects {
        match count(connected, &now).await {
            Ok(0) => {}
            Ok(found) => out.push(says(plan, &now, &named, found)),
            Err(error) => {
                problem = Some(error);
                break;
            }
        }
    }
    if connected.role.is_some() && !connected.connection.is_closed() {
        connected.connection.batch("reset role").await.map_err(Diagnostic::from)?;
    }
    problem.map_or(Ok(out), |error| Err(error.into()))
}

/// Objects that are lost, each by its present name and by the one that the plan's hazards have.
fn going(plans: &Plans, plan: &StoredPlan) -> Result<Vec<(ObjectId, ObjectId)>, Diagnostics> {
    let renames = &plan.file().header.renames;
    let before = plans.fold_before(plan.file())?;
    let now = |named: &ObjectId| {
        let had = |id: &&ObjectId| renamed_id(id, renames) == *named;
        before.objects.keys().find(had).cloned().unwrap_or(*named)
    };
    let hazards = plan.file().hazards().into_iter().filter(|h| h.hazard == HazardKind::DataLoss);
    Ok(hazards.map(|hazard| (now(&hazard.object), hazard.object)).collect())
}

/// Counts the values or rows that an object holds; of a sequence, 1 where it ever gave a number.
async fn count(connected: &mut Connected, id: &ObjectId) -> Result<u64, Diagnostic> {
    // A type comes back whole; other kinds hold no rows.
    let sql = if id.is(ObjectKind::Table) {
        format!("select count(*) from {}", id.sql())
    } else if id.is(ObjectKind::Column) {
        format!("select count({}) from {}", quote(id.own_name()), relation(id))
    } else if id.is(ObjectKind::Sequence) {
        format!("select is_called::integer from {}", id.sql())
    } else {
        return Ok(0);
    };
    // An object that does not exist (any more, or never did) has nothing to lose: `absorb` passes it over.
    let mut there =
        format!("select 1 from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass({})", literal(&relation(id)));
    if let Some((_, column)) = id.as_column() {
        let attribute = format!("a.attname = {} and not a.attisdropped", literal(column.as_str()));
        there = format!(
            "{there} and exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and {attribute})"
        );
    }
    if one(connected, &there).await?.is_none() {
        return Ok(0);
    }
    counted_by(connected, &sql).await.map_err(|error| {
        let message = format!("{} {} cannot be counted: {}", id.word(), id.short(), error.message);
        Diagnostic { message, ..error }
    })
}

async fn counted_by(connected: &mut Connected, sql: &str) -> Result<u64, Diagnostic> {
    let found = one(connected, sql).await?.unwrap_or_default();
    found.parse().map_err(|_| Diagnostic::error(Code::Server, format!("the server said `{found}`")))
}

fn relation(id: &ObjectId) -> String {
    id.table_of().map_or_else(|| id.sql(), |table| table.to_string())
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

async fn one(connected: &mut Connected, sql: &str) -> Result<Option<String>, Diagnostic> {
    let rows = connected.connection.query_text(sql).await?;
    Ok(rows.into_iter().flatten().flatten().next())
}

fn says(plan: &StoredPlan, now: &ObjectId, named: &ObjectId, found: u64) -> String {
    let name = plan.file().name_of(named);
    if now.is(ObjectKind::Sequence) {
        return format!("the present value of {} {name}", named.word());
    }
    counted(found, &format!("{} of {name}", if now.is(ObjectKind::Table) { "rows" } else { "values" }))
}
