//! Session on a server: runs SQL, tells errors with their SQLSTATE, and keeps what the server says beside its answers.
use super::{
    Canceller, Notice, ServerError, ServerInfo,
    dial::Dialled,
    failure::chain,
    tap::{Rows, Tap},
};
use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::{fmt, sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// Longest time that a goodbye may take.
const CLOSING: Duration = Duration::from_secs(5);

impl Dialled {
    /// Runs SQL by the simple protocol, before diesel has the client.
    pub(super) async fn query(&self, sql: &str) -> Result<Rows, ServerError> {
        self.tap.start(true);
        let result = self.client.batch_execute(sql).await;
        let rows = self.tap.take_rows();
        result.map(|()| rows).map_err(|error| explain(&self.tap, || ServerError::local(chain(&error))))
    }
}

/// Gives the server's words about a failure; the client's, if the server said nothing.
fn explain(tap: &Tap, client: impl FnOnce() -> ServerError) -> ServerError {
    match (tap.take_error(), tap.why_ended()) {
        (Some(error), None) => error,
        (_, Some(ended)) => ServerError { connection_lost: true, ..ended },
        (None, None) => client(),
    }
}

/// Session on a server.
///
/// Drop it or [`close`](Self::close) it; a statement whose future was dropped goes on in the server, and the next one
/// waits for it: cancel it first.
pub struct Connection {
    diesel: AsyncPgConnection,
    tap: Arc<Tap>,
    driver: JoinHandle<()>,
    canceller: Canceller,
    info: ServerInfo,
    /// One transaction from beginning to end, rolled back when closed.
    reading: bool,
    /// The role that the session has become, if it has become another one.
    acting: Option<String>,
    /// Roles whose word counts as the session's own: those that the settings name.
    vouched: Vec<String>,
    /// A statement was sent and its answer not awaited: its rows and errors must not be taken for the next one's.
    abandoned: bool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection to {} at {}", self.info.database, self.info.host)
    }
}

impl Connection {
    pub(super) fn new(
        diesel: AsyncPgConnection,
        rest: (Arc<Tap>, JoinHandle<()>, Canceller),
        info: ServerInfo,
        reading: bool,
    ) -> Self {
        let (tap, driver, canceller) = rest;
        let (acting, vouched) = (None, Vec::new());
        Self { diesel, tap, driver, canceller, info, reading, acting, vouched, abandoned: false }
    }

    /// The facts about the server and the session.
    #[must_use]
    pub fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// True where the session is one transaction that only reads.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// Notes the role that the session was made to act as; `None`: the one that it began as.
    pub fn set_acting(&mut self, role: Option<&str>) {
        self.acting = role.map(str::to_owned);
    }

    /// The role that the session acts as.
    #[must_use]
    pub fn acting(&self) -> &str {
        self.acting.as_deref().unwrap_or(&self.info.acts_as)
    }

    /// Takes a role's word for the session's own: the user has named it.
    pub fn vouch_for(&mut self, role: &str) {
        self.vouched.push(role.to_owned());
    }

    /// True if what a role made in the database may be believed: it is the one that logged in, one that it acts as by its
    /// own will, or one that the user has named. Membership says nothing: whoever makes a role can give it away.
    #[must_use]
    pub fn believes(&self, role: &str) -> bool {
        let info = &self.info;
        let own = role == info.role || (info.acts_by_own_will && role == info.acts_as);
        own || self.acting.as_deref() == Some(role) || self.vouched.iter().any(|vouched| vouched == role)
    }

    /// Sets the longest silence of the server while an answer of its is waited for, from here on; `None`: for ever.
    /// Gives what it was until now.
    pub fn set_patience(&mut self, patience: Option<Duration>) -> Option<Duration> {
        self.tap.set_patience(patience)
    }

    /// Counts the statements of the last message that were done.
    #[must_use]
    pub fn completed(&self) -> usize {
        self.tap.completed()
    }

    /// Lends diesel the connection for its queries; pass their errors through [`explain`](Self::explain).
    pub fn diesel(&mut self) -> &mut AsyncPgConnection {
        &mut self.diesel
    }

    /// Gives diesel's error, with the SQLSTATE that diesel-async drops. Call it right after the failed query.
    #[must_use]
    pub fn explain(&self, error: diesel::result::Error) -> ServerError {
        let error = ServerError::from(error);
        match (self.tap.take_error(), self.tap.why_ended()) {
            (_, Some(ended)) => ServerError { connection_lost: true, ..ended },
            (Some(said), None) if said.message == error.message => said,
            // The server said something else, or nothing: the failure is diesel's own (a value of another type, no row).
            (Some(_) | None, None) => error,
        }
    }

    /// Runs one string of SQL by the simple protocol. Several statements are one transaction, unless they say otherwise.
    ///
    /// # Errors
    /// Errors of the server. If the connection is lost, whether the SQL took effect is unknown.
    pub async fn batch(&mut self, sql: &str) -> Result<(), ServerError> {
        self.run(sql, false).await.map(drop)
    }

    /// Runs one string of SQL by the simple protocol and gives the rows of all its statements, as text.
    ///
    /// # Errors
    /// Errors of [`batch`](Self::batch).
    pub async fn query_text(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, ServerError> {
        self.run(sql, true).await
    }

    async fn run(&mut self, sql: &str, rows: bool) -> Result<Rows, ServerError> {
        if let Some(ended) = self.tap.why_ended() {
            return Err(ServerError { connection_lost: true, ..ended });
        }
        if self.abandoned {
            // Answers come in order: after this one's, the abandoned one's is past. What it says is nobody's.
            let _ = self.diesel.batch_execute("").await;
        }
        self.abandoned = true;
        self.tap.start(rows);
        let result: QueryResult<()> = self.diesel.batch_execute(sql).await;
        self.abandoned = false;
        let rows = self.tap.take_rows();
        result.map(|()| rows).map_err(|error| explain(&self.tap, || error.into()))
    }

    /// Lets a reading session see the present from here on: its transaction ends, and another like it begins. In a
    /// session that writes, every statement sees the present anyhow.
    ///
    /// # Errors
    /// Errors of [`batch`](Self::batch).
    pub async fn see_present(&mut self) -> Result<(), ServerError> {
        if !self.reading {
            return Ok(());
        }
        // One message, so that no pooler hands out the server's session in between.
        let again = format!("rollback;\n{}", super::session::reading_again(&self.info));
        self.batch(&again).await
    }

    /// Asks the server to stop what this session is doing.
    ///
    /// # Errors
    /// If the request could not be sent.
    pub async fn cancel(&self) -> Result<(), ServerError> {
        self.canceller.cancel().await
    }

    /// Gives a handle for cancelling while a statement borrows the connection.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Takes what the server said beside its answers since the last call; of very many, the first thousand and a count.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.tap.take_notices()
    }

    /// Tells whether the session has ended, as far as is known here.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.tap.why_ended().is_some() || self.driver.is_finished()
    }

    /// Ends the session, and waits until the server was told. What a reading session set or locked is undone.
    ///
    /// # Errors
    /// If the end of a reading transaction failed; the session is over in any case.
    pub async fn close(mut self) -> Result<(), ServerError> {
        let ended = if self.reading && !self.is_closed() { self.batch("rollback").await } else { Ok(()) };
        let Self { diesel, mut driver, .. } = self;
        drop(diesel);
        if tokio::time::timeout(CLOSING, &mut driver).await.is_err() {
            driver.abort();
        }
        ended
    }
}
