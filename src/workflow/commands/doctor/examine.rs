//! `doctor` itself: asks every part that examines something, in order, and collects the findings.
use super::connecting::{connecting, pooler};
use super::{leftovers, rights, server, standing};
use crate::declaration::{self, Declared};
use crate::diagnostic::{Again, Command, Diagnostic, Diagnostics};
use crate::model::State;
use crate::report::{Doctor, Finding, Health};
use crate::settings::{Asked, Purpose};
use crate::store::Plans;
use crate::workflow::database::reported::database;
use crate::workflow::invocation::project::{Project, empty_database, known};

/// Looks at a project and its database: the files, the way to the server, the server, what the role may do, what was
/// left behind, and journal, plans and catalog against each other. Changes nothing.
///
/// # Errors
/// If nothing says which database, or its address cannot be read. Whatever else is wrong is a finding.
pub async fn doctor(project: &Project, asked: &Asked) -> Result<Doctor, Diagnostics> {
    let (options, _) = project.target(Purpose::Reading, asked)?;
    let again = project.again(asked);
    let (mut findings, plans, wanted) = files(project, &again);
    findings.extend(connecting(&options, &again).await);
    let mut doctor = Doctor { database: None, findings };
    if doctor.findings.iter().any(|f| f.about != "declaration" && f.about != "plans" && f.health == Health::Wrong) {
        return Ok(doctor);
    }
    let mut connected = match project.connect_reading(asked).await {
        Ok(connected) => connected,
        Err(why) => {
            doctor.findings.extend(why.0.iter().map(|d| Finding::of("database", Health::Wrong, d, &again)));
            return Ok(doctor);
        }
    };
    let (stand, mut journal) = standing::journal(project, plans.as_ref(), &mut connected).await;
    let known_journal = stand.as_ref().and_then(|stand| stand.journal.as_ref());
    doctor.database = Some(database(&connected, known_journal));
    doctor.findings.push(pooler(&options, &again).await);
    doctor.findings.extend(server::versions(project, &connected));
    let asking = &mut connected;
    let midway = stand.as_ref().is_some_and(|stand| stand.midway().is_some());
    let has_journal = known_journal.is_some();
    for found in [
        server::extensions(asking, &wanted).await,
        rights::rights(asking, &wanted, has_journal).await,
        leftovers::publications(asking, has_journal).await,
        leftovers::indexes(asking, midway).await,
        leftovers::constraints(asking, midway).await,
    ] {
        let failed = |error| vec![Finding::of("server", Health::Wrong, &Diagnostic::from(error), &again)];
        doctor.findings.extend(found.unwrap_or_else(failed));
    }
    doctor.findings.append(&mut journal);
    match (&plans, &stand) {
        (Some(plans), Some(stand)) => {
            doctor.findings.extend(standing::catalog(project, plans, stand, connected).await);
        }
        (Some(_) | None, Some(_) | None) => drop(connected.connection.close().await),
    }
    Ok(doctor)
}

/// Findings about the project's files, the plans, and the state that the database is to have.
fn files(project: &Project, again: &Again) -> (Vec<Finding>, Option<Plans>, State) {
    let warnings = project.settings.warnings.0.iter().chain(&project.variables.warnings.0);
    let mut findings: Vec<Finding> = warnings.map(|w| Finding::of("settings", Health::Warning, w, again)).collect();
    let plans =
        project.plans().and_then(|plans| plans.chain().map(|chain| chain.len()).map(|count| (plans.clone(), count)));
    let head = |plans: &Plans| plans.fold_to_head().unwrap_or_else(|_| empty_database());
    let mut wanted = empty_database();
    let plans = match plans {
        Ok((plans, 0)) => {
            findings.push(Finding::well("plans", format!("none yet in {}", plans.dir().display())));
            Some(plans)
        }
        Ok((plans, count)) => {
            findings.push(Finding::well("plans", format!("{count} in a chain, whole")));
            wanted = head(&plans);
            Some(plans)
        }
        Err(why) => {
            findings.extend(why.0.iter().map(|d| Finding::of("plans", Health::Wrong, d, again)));
            None
        }
    };
    match declaration::load_knowing(&project.schema_dir, &known(&wanted)) {
        Ok(Declared { state, .. }) => {
            findings.push(Finding::well("declaration", format!("{} objects", state.objects.len())));
            wanted.objects.extend(state.objects);
        }
        Err(why) => {
            let first = why.0.first().map(|d| d.message.clone()).unwrap_or_default();
            let says = format!("{} of its mistakes: {first}", why.0.len());
            findings.push(Finding::wrong("declaration", says).way("all of them", Command::new("validate"), again));
        }
    }
    (findings, plans, wanted)
}
