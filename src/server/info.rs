//! Facts about a server and the session on it: version, database, roles, pgvector.
use super::{ServerError, dial::Dialled};
use crate::diagnostic::{Code, Diagnostic};

/// Oldest server that pgform works with.
const OLDEST: u32 = 140_000;

/// Facts about a server and the session on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// The version as a number: 160014 for 16.14.
    pub version_num: u32,
    /// The version as the server writes it.
    pub version: String,
    /// The database.
    pub database: String,
    /// Address where the server was reached: `host:port`, or the socket's path.
    pub host: String,
    /// The role that logged in.
    pub role: String,
    /// True where that role is a superuser.
    pub superuser: bool,
    /// The role as which the session begins: another one than logged in, where its own settings say `role`.
    pub acts_as: String,
    /// True where that is the login's own setting, or its client's: not one that the database's owner has made.
    pub acts_by_own_will: bool,
    /// The version of the `vector` extension in this database, if it is there.
    pub vector_version: Option<String>,
    /// True where the server is a standby.
    pub in_recovery: bool,
    /// The session's process on the server.
    pub pid: i32,
}

/// Query for the facts. Its last answer: whether the role comes from the database's owner, who can make one for
/// everybody that comes in.
const FACTS: &str = "\
with own as (
    select s.setrole, s.setdatabase from pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) as c(one)
    where c.one like 'role=%'
      and s.setrole in (0, (select r.oid from pg_catalog.pg_roles r where r.rolname = session_user))
      and s.setdatabase in (0, (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())))
select pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('server_version'),
       pg_catalog.current_database(), session_user,
       (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = session_user),
       (select e.extversion from pg_catalog.pg_extension e where e.extname = 'vector'),
       pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(), current_user,
       exists (select from own where setrole = 0 and setdatabase <> 0)
       and not exists (select from own where setrole <> 0)";

impl ServerInfo {
    /// The major version: 16.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.version_num / 10_000
    }

    /// Asks the server, and refuses one that is too old. A superuser whom the database's owner turns into somebody else
    /// (`alter database … set role`) is made one again, for the transaction if `local`.
    pub(super) async fn ask(dialled: &Dialled, local: bool) -> Result<Self, Diagnostic> {
        let rows = dialled.query(FACTS).await?;
        let mut info = Self::read(rows, &dialled.at).ok_or_else(|| {
            ServerError::local(format!("{} answers the question for its version unlike any PostgreSQL", dialled.at))
        })?;
        if info.version_num < OLDEST {
            return Err(too_old(&dialled.at, &info.version));
        }
        if info.superuser && !info.acts_by_own_will && info.acts_as != info.role {
            dialled.query(if local { "set local role none" } else { "set role none" }).await?;
            info.acts_as.clone_from(&info.role);
        }
        Ok(info)
    }

    /// Says why a session cannot be pinned: a server that is too old lacks some of the settings.
    pub(super) async fn why_not(dialled: &Dialled, error: ServerError) -> Diagnostic {
        if !error.is("42704") {
            return error.into();
        }
        let asked = dialled.query("rollback; show server_version_num; show server_version").await;
        let told: Vec<String> = asked.unwrap_or_default().into_iter().flatten().flatten().collect();
        match told.as_slice() {
            [number, version] if number.parse().is_ok_and(|number: u32| number < OLDEST) => {
                too_old(&dialled.at, version)
            }
            _ => error.into(),
        }
    }

    fn read(rows: Vec<Vec<Option<String>>>, at: &str) -> Option<Self> {
        let [version_num, version, database, role, superuser, vector_version, in_recovery, pid, acts_as, by_database] =
            rows.into_iter().next()?.try_into().ok()?;
        Some(Self {
            version_num: version_num?.parse().ok()?,
            version: version?,
            database: database?,
            host: at.to_owned(),
            role: role?,
            superuser: superuser.as_deref() == Some("t"),
            acts_as: acts_as?,
            acts_by_own_will: by_database.as_deref() != Some("t"),
            vector_version,
            in_recovery: in_recovery.as_deref() == Some("t"),
            pid: pid?.parse().ok()?,
        })
    }
}

fn too_old(at: &str, version: &str) -> Diagnostic {
    Diagnostic::error(Code::ServerVersion, format!("{at} is PostgreSQL {version}; pgform works with 14 and later"))
        .help("upgrade the server, or name another one")
}
