//! Takes a session over for a run (name, role, timeouts, the lock against a second pgform) and gives it back.
use super::{Direction, Journal, PlanToRun};
use super::{RunSettings, failure::Failure, sql};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::server::Connection;

/// Timeouts that a role or database may set, and that would cut a build off, so none of them holds here.
const TIMEOUTS: &[&str] =
    &["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"];
/// Timeout that 17 added: the first version with it, and its name.
const TRANSACTION_TIMEOUT: (u32, &str) = (170_000, "transaction_timeout");

/// Gives the session its name, its patience and its role.
pub(super) async fn begin(connection: &mut Connection, settings: &RunSettings, plan: &str) -> Result<(), Failure> {
    let mut set: Vec<String> = TIMEOUTS.iter().map(|name| format!("set {name} = 0")).collect();
    if connection.info().version_num >= TRANSACTION_TIMEOUT.0 {
        set.push(format!("set {} = 0", TRANSACTION_TIMEOUT.1));
    }
    set.push(format!("set application_name = {}", sql::literal(&format!("pgform/{plan}"))));
    if settings.role.is_some() {
        set.push(sql::set_role(false, settings.role.as_deref()));
    }
    connection.batch(&set.join(";\n")).await?;
    connection.set_acting(settings.role.as_deref());
    Ok(())
}

/// Makes the session another role, or what it was in the beginning.
///
/// # Errors
/// If the login may not become it.
pub async fn act_as(connection: &mut Connection, role: Option<&str>) -> Result<(), Diagnostic> {
    let info = connection.info();
    let begun_as = Some(info.acts_as.as_str()).filter(|acts_as| *acts_as != info.role);
    connection.batch(&sql::set_role(false, role.or(begun_as))).await?;
    connection.set_acting(role);
    Ok(())
}

/// Takes the role back.
pub(super) async fn end(connection: &mut Connection, settings: &RunSettings) -> Result<(), Failure> {
    if settings.role.is_some() && !connection.is_closed() {
        act_as(connection, None).await.map_err(Failure::Refused)?;
    }
    Ok(())
}

/// Takes the session over, and keeps other pgforms out.
pub(super) async fn enter(connection: &mut Connection, settings: &RunSettings, name: &str) -> Result<(), Diagnostics> {
    let begun = begin(connection, settings, name).await;
    begun.map_err(|failure| match settings.role.as_deref() {
        Some(role) if !failure.lost() => {
            Diagnostic::error(Code::Rights, format!("this login cannot become {role}: {}", failure.says()))
                .help("grant it that role, or leave `role:` out of the environment")
        }
        Some(_) | None => Diagnostic::error(Code::Connect, failure.says()),
    })?;
    Ok(Journal::lock(connection).await?)
}

/// Gives back what [`enter`] took. A session that is gone has given it back.
pub(super) async fn leave(connection: &mut Connection, settings: &RunSettings) {
    if !connection.is_closed() {
        let _ = Journal::unlock(connection).await;
        let _ = end(connection, settings).await;
    }
}

/// Tells that all segments of a run are done and journaled, but that the run's end could not be written, or that answer
/// was lost.
pub(super) fn not_ended(plan: &PlanToRun, direction: Direction, error: &Diagnostic) -> Diagnostic {
    let way = match direction {
        Direction::Forward => "applied",
        Direction::Back => "rolled back",
    };
    let message = format!(
        "the segments of {} were {way}; whether the journal says that the run is at its end is not known: {}",
        plan.name, error.message
    );
    Diagnostic::error(Code::Stopped, message).way("see", Command::new("status").on_database())
}
