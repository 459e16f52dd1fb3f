//! Asks a server to stop what a busy connection is doing.
use super::{
    ServerError,
    failure::chain,
    route::{Route, open},
    tap::Tap,
    wire::AlreadyEncrypted,
};
use std::{sync::Arc, time::Duration};
use tokio::io::AsyncReadExt;
use tokio_postgres::CancelToken;

/// Longest time in which the server may pass a request on.
const SIGNALLING: Duration = Duration::from_secs(5);

/// Asks the server to stop what a connection is doing; usable while the connection is busy.
#[derive(Clone)]
pub struct Canceller {
    token: CancelToken,
    route: Route,
}

impl Canceller {
    pub(super) fn new(token: CancelToken, route: Route) -> Self {
        Self { token, route }
    }

    /// Sends the request, over a line of its own to the same address, encrypted the same way. The statement, if one is
    /// still running, then fails with SQLSTATE 57014; that it does is seen on the connection only.
    ///
    /// Wait for this to return before the next statement: the server signals the session twice, and says that it is done
    /// by closing the line. On a busy machine the second signal was seen to hit the statement after the cancelled one.
    ///
    /// # Errors
    /// If the request could not be sent.
    pub async fn cancel(&self) -> Result<(), ServerError> {
        let failed = |why: String| ServerError::local(format!("the request to cancel could not be sent: {why}"));
        let opened = open(&self.route, &Arc::new(Tap::default())).await;
        let (mut wire, _) = opened.map_err(|failure| failed(failure.to_string()))?;
        self.token.cancel_query_raw(&mut wire, AlreadyEncrypted).await.map_err(|error| failed(chain(&error)))?;
        // A line that ends in order, with an error or too late: the request was sent in each case.
        let _ = tokio::time::timeout(SIGNALLING, wire.read_u8()).await;
        Ok(())
    }
}
