use super::{Settings, failure::Failure, sql};
use crate::server::Connection;

/// A role's or database's own timeouts would cut a build off, so none of them holds here.
const TIMEOUTS: &[&str] =
    &["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"];
/// 17 added one more.
const TRANSACTION_TIMEOUT: (u32, &str) = (170_000, "transaction_timeout");

/// Gives the session its name, its patience and its role.
pub(super) async fn begin(connection: &mut Connection, settings: &Settings, plan: &str) -> Result<(), Failure> {
    let mut set: Vec<String> = TIMEOUTS.iter().map(|name| format!("set {name} = 0")).collect();
    if connection.info().version_num >= TRANSACTION_TIMEOUT.0 {
        set.push(format!("set {} = 0", TRANSACTION_TIMEOUT.1));
    }
    set.push(format!("set application_name = {}", sql::literal(&format!("pgform/{plan}"))));
    if settings.role.is_some() {
        set.push(sql::set_role(false, settings.role.as_deref()));
    }
    Ok(connection.batch(&set.join(";\n")).await?)
}

/// Takes the role back.
pub(super) async fn end(connection: &mut Connection, settings: &Settings) -> Result<(), Failure> {
    if settings.role.is_some() && !connection.is_closed() {
        connection.batch(&sql::set_role(false, None)).await?;
    }
    Ok(())
}
