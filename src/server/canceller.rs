use super::{
    ServerError,
    dial::{Route, open},
    failure::chain,
    tap::Tap,
    wire::AlreadyEncrypted,
};
use std::sync::Arc;
use tokio_postgres::CancelToken;

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
    /// # Errors
    /// If the request could not be sent.
    pub async fn cancel(&self) -> Result<(), ServerError> {
        let failed = |why: String| ServerError::local(format!("the request to cancel could not be sent: {why}"));
        let (wire, _) =
            open(&self.route, &Arc::new(Tap::default())).await.map_err(|failure| failed(format!("{failure:?}")))?;
        self.token.cancel_query_raw(wire, AlreadyEncrypted).await.map_err(|error| failed(chain(&error)))
    }
}
