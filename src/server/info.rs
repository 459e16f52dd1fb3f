use super::{ServerError, dial::Dialled};
use crate::diagnostic::{Code, Diagnostic};

/// The oldest server that pgform works with.
const OLDEST: u32 = 140_000;

/// What is known about a server and the session on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// The version as a number: 160014 for 16.14.
    pub version_num: u32,
    /// The version as the server writes it.
    pub version: String,
    /// The database.
    pub database: String,
    /// Where it was reached: `host:port`, or the socket's path.
    pub host: String,
    /// The role that logged in.
    pub role: String,
    /// Whether that role may do everything.
    pub superuser: bool,
    /// The version of the `vector` extension in this database, if it is there.
    pub vector_version: Option<String>,
    /// Whether the server is a standby.
    pub in_recovery: bool,
    /// The session's process on the server.
    pub pid: i32,
}

const FACTS: &str = "\
select pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('server_version'),
       pg_catalog.current_database(), session_user,
       (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user),
       (select e.extversion from pg_catalog.pg_extension e where e.extname = 'vector'),
       pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid()";

impl ServerInfo {
    /// The major version: 16.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.version_num / 10_000
    }

    /// Asks the server, and refuses one that is too old.
    pub(super) async fn ask(dialled: &Dialled) -> Result<Self, Diagnostic> {
        let rows = dialled.query(FACTS).await?;
        let info = Self::read(rows, &dialled.at).ok_or_else(|| {
            ServerError::local(format!("{} answers the question for its version unlike any PostgreSQL", dialled.at))
        })?;
        if info.version_num < OLDEST {
            let message = format!("{} is PostgreSQL {}; pgform works with 14 and later", dialled.at, info.version);
            return Err(Diagnostic::error(Code::ServerVersion, message).help("upgrade the server, or name another one"));
        }
        Ok(info)
    }

    fn read(rows: Vec<Vec<Option<String>>>, at: &str) -> Option<Self> {
        let [version_num, version, database, role, superuser, vector_version, in_recovery, pid] =
            rows.into_iter().next()?.try_into().ok()?;
        Some(Self {
            version_num: version_num?.parse().ok()?,
            version: version?,
            database: database?,
            host: at.to_owned(),
            role: role?,
            superuser: superuser.as_deref() == Some("t"),
            vector_version,
            in_recovery: in_recovery.as_deref() == Some("t"),
            pid: pid?.parse().ok()?,
        })
    }
}
