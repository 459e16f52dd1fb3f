//! Opens connections to the shadow.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// The task that moves a client's bytes. It ends when the client is dropped; then the next connection can be made.
pub type Driver = tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>;

/// Longest time that a connection may take. The embedded server opens one in 0.3 s, a first one in 1.2 s; one that
/// takes longer waits for another to be closed.
const CONNECT: Duration = Duration::from_secs(20);

/// Opens a connection and the task that drives it. The only place where the shadow connects.
pub(super) async fn dial(url: &str) -> Result<(Client, Driver), Diagnostics> {
    let failed = |why: String, help: &str| Diagnostic::error(Code::Shadow, why).help(help);
    let (client, connection) = match tokio::time::timeout(CONNECT, tokio_postgres::connect(url, NoTls)).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            return Err(failed(
                format!("the shadow does not answer: {why}"),
                "an embedded shadow ends when a client breaks the protocol; one named by --shadow must be reachable",
            )
            .into());
        }
        Err(_) => {
            return Err(failed(
                format!("the shadow opened no connection within {} s", CONNECT.as_secs()),
                "the embedded shadow serves one connection at a time: close the other first",
            )
            .into());
        }
    };
    Ok((client, tokio::spawn(connection)))
}
