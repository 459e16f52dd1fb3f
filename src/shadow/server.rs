//! Starts or takes a scratch PostgreSQL, embedded or offered, connects to it, wipes it and ends it.
use super::dial::{Driver, dial};
use super::{
    embedded::{self, Embedded},
    scratch_database::{self, Offered},
    wipe::{self, Shared},
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::{future::Future, time::Duration};
use tokio_postgres::Client;

/// A scratch PostgreSQL.
///
/// Drop or [`stop`](Self::stop) it after its clients: the embedded server serves one connection at a time, and ends
/// when that one is closed. Dropping never hangs: after two seconds the server's thread is left to the process's end.
#[derive(Debug)]
pub struct Shadow(Kind);

#[derive(Debug)]
enum Kind {
    Embedded(Embedded),
    Offered(Offered),
}

impl Shadow {
    /// The names of the extensions that [`Shadow::embedded`] can make available, sorted. `plpgsql` is always there.
    #[must_use]
    pub fn bundled_extensions() -> &'static [&'static str] {
        embedded::bundled()
    }

    /// Starts the embedded server, empty, with these extensions available for `create extension` (none is created).
    /// Extensions that they need come with them. Takes 0.1 s, and 2 s for a set of extensions that this machine sees
    /// first.
    ///
    /// # Errors
    /// If an extension is not bundled (all such are named), or if the cache or temporary directory cannot be written.
    pub async fn embedded(extensions: &[&str]) -> Result<Self, Diagnostics> {
        let names: Vec<String> = extensions.iter().map(|&name| name.to_owned()).collect();
        let started = tokio::task::spawn_blocking(move || Embedded::start(&names)).await;
        let embedded = started.map_err(|error| {
            Diagnostic::error(Code::Shadow, format!("the embedded shadow broke while it started: {error}"))
        })??;
        Ok(Self(Kind::Embedded(embedded)))
    }

    /// Uses the scratch database that a URL names. It is wiped before and after use (not merely rolled back: plans hold
    /// statements that run in no transaction); a comment on the database says so meanwhile.
    ///
    /// # Errors
    /// If it cannot be reached, is in use by another pgform, or holds anything.
    pub async fn at(url: &str) -> Result<Self, Diagnostics> {
        Offered::take(url).await.map(|offered| Self(Kind::Offered(offered)))
    }

    /// Gives the address where it listens: `postgresql://postgres@127.0.0.1:PORT/postgres?sslmode=disable` if embedded.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.0 {
            Kind::Embedded(embedded) => embedded.url(),
            Kind::Offered(offered) => offered.url().to_owned(),
        }
    }

    /// Opens a connection. The embedded server starts a PostgreSQL for it: keep it and [`wipe`](Self::wipe) instead of
    /// opening another.
    ///
    /// # Errors
    /// If the server does not answer, or, embedded, if another connection is still open.
    pub async fn connect(&self) -> Result<(Client, Driver), Diagnostics> {
        dial(&self.url()).await
    }

    /// Brings the shadow back to empty: schemas, extensions, roles, tablespaces and what hides in system schemas go,
    /// `public` is made anew. Not inside a transaction. Settings and prepared statements of the session stay.
    ///
    /// # Errors
    /// If the server refuses, which an offered one does when its role lacks rights.
    pub async fn wipe(&self, client: &Client) -> Result<(), Diagnostics> {
        scratch_database::query(client, wipe::SESSION).await?;
        scratch_database::clear(client, self.shared()).await
    }

    /// The SQL of [`wipe`](Self::wipe) for another kind of connection: first the batch, then the query whose rows are
    /// statements (`drop tablespace …`) to run one by one.
    #[must_use]
    pub fn wipe_sql(&self) -> (String, String) {
        (format!("{}; {}", wipe::SESSION, wipe::database(self.shared())), wipe::tablespaces(self.shared()))
    }

    /// Makes an extension that is not bundled (or another version of one that is) known to the embedded server, so that
    /// `create extension NAME version 'VERSION'` runs and makes what `script` says, as members of the extension.
    /// The script is SQL with unqualified names, such as the stand-in types and functions that `uses:` lists.
    ///
    /// # Errors
    /// On an offered server, whose extensions are its own; for a name that is no file name; if it cannot be written.
    pub fn offer_extension(&self, name: &str, version: &str, script: &str) -> Result<(), Diagnostics> {
        let Kind::Embedded(embedded) = &self.0 else {
            return Err(Diagnostic::error(
                Code::Shadow,
                format!("the server of --shadow does not have the extension \"{name}\" in version {version}"),
            )
            .help("install it there, or leave --shadow out: the embedded shadow takes a stand-in")
            .into());
        };
        embedded.offer(name, version, script)
    }

    /// Runs work under a deadline. The embedded server obeys neither `statement_timeout` nor a cancel request, so a
    /// statement that hangs there is left behind: the shadow is of no more use, and its thread ends with the process.
    ///
    /// # Errors
    /// If the time is over; `what` says what took it.
    pub async fn within<T>(
        &self,
        limit: Duration,
        what: &str,
        work: impl Future<Output = T>,
    ) -> Result<T, Diagnostics> {
        match tokio::time::timeout(limit, work).await {
            Ok(done) => Ok(done),
            Err(_) => {
                self.abandon();
                let message = format!("{what} did not end in the shadow within {} s", limit.as_secs_f32());
                Err(Diagnostic::error(Code::Shadow, message).into())
            }
        }
    }

    /// Says that nobody waits for the server's thread when the shadow is dropped.
    pub(super) fn abandon(&self) {
        if let Kind::Embedded(embedded) = &self.0 {
            embedded.abandon();
        }
    }

    /// Ends the shadow: the embedded server and its files are gone, an offered database is given back empty.
    ///
    /// # Errors
    /// If an offered database cannot be wiped any more.
    pub async fn stop(self) -> Result<(), Diagnostics> {
        match self.0 {
            Kind::Offered(offered) => offered.leave().await,
            Kind::Embedded(embedded) => tokio::task::spawn_blocking(move || drop(embedded)).await.map_err(|error| {
                Diagnostic::error(Code::Shadow, format!("the embedded shadow broke while it ended: {error}")).into()
            }),
        }
    }

    fn shared(&self) -> Shared {
        match &self.0 {
            Kind::Embedded(_) => Shared::All,
            Kind::Offered(_) => Shared::Marked,
        }
    }
}
