//! Options of a connection, as libpq's users know them, made from keywords.
use super::{
    Line,
    conninfo::{self, Env, Keywords, mistake},
    passfile,
    tls::TlsOptions,
};
use crate::diagnostic::Diagnostic;
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

const DEFAULT_PORT: u16 = 5432;
/// Time for which an address is tried where nobody says. libpq waits for ever, which in a pipeline is until somebody
/// looks; a server that sleeps (a paused instance of a cloud's) wakes up within this.
const PATIENCE: Duration = Duration::from_secs(20);
/// Folders where distributions put the server's socket; the first one is also what libpq there calls `localhost` in a
/// password file.
const SOCKET_FOLDERS: &[&str] = &["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Gives the text, for the server's eyes only.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Place where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A host name or an IP address.
    Tcp(String),
    /// The folder of a unix socket.
    Unix(PathBuf),
}

/// Server to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Address to connect to.
    pub address: Address,
    /// The name that its certificate must have; differs from the address where `hostaddr` is given.
    pub name: String,
    /// The port, or the socket's number.
    pub port: u16,
    /// The password for this server.
    pub password: Option<Secret>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Tcp(_) if self.name.contains(':') => write!(f, "[{}]:{}", self.name, self.port),
            Address::Tcp(_) => write!(f, "{}:{}", self.name, self.port),
            Address::Unix(folder) => write!(f, "{}/.s.PGSQL.{}", folder.display(), self.port),
        }
    }
}

/// Kinds of servers that will do, of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionAttrs {
    /// Whichever answers first.
    Any,
    /// One whose transactions may write by default.
    ReadWrite,
    /// One whose transactions may not.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One in recovery.
    Standby,
    /// One in recovery if there is any, otherwise any.
    PreferStandby,
}

/// Ways to tie SCRAM to the TLS session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never tied.
    Disable,
    /// Tied where both sides can.
    Prefer,
    /// Tied, or there is no connection.
    Require,
}

/// Options of a connection to a database, as libpq's users know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectOptions {
    /// The servers, in the order in which they are tried.
    pub targets: Vec<Candidate>,
    /// The role; the operating system's user without one.
    pub user: Option<String>,
    /// The database; the one named as the role without one.
    pub database: Option<String>,
    /// Command-line options for the session (`-c name=value`).
    pub options: Option<String>,
    /// The name that the session shows where pgform gives it none of its own.
    pub application_name: Option<String>,
    /// Time for which each address is tried; `None` is for ever.
    pub connect_timeout: Option<Duration>,
    /// Times by which a quiet line is found to be dead.
    pub line: Line,
    /// Kind of servers that will do.
    pub session_attrs: SessionAttrs,
    /// Way to tie authentication to TLS.
    pub channel_binding: ChannelBinding,
    /// Encryption and whom to trust.
    pub tls: TlsOptions,
    /// Warnings about what was found and not used, such as a password file that others may read.
    pub warnings: Vec<Diagnostic>,
}

impl ConnectOptions {
    /// Reads a URL (`postgres://…`, `postgresql://…`), a keyword string (`host=… dbname=…`) or a database name; what it
    /// leaves open comes from `PG*` variables, the password file and libpq's defaults.
    ///
    /// # Errors
    /// If the text is neither, or an option is unknown, wrong or not supported. No error shows the password.
    pub fn parse(text: &str, env: Env<'_>) -> Result<Self, Diagnostic> {
        let mut keywords = conninfo::read(text, env)?;
        let mut warnings = Vec::new();
        let user = keywords.remove("user").or_else(|| env("USER")).or_else(|| env("LOGNAME"));
        let database = keywords.remove("dbname").or_else(|| user.clone());
        let mut targets = targets(&keywords)?;
        passwords(&mut targets, &keywords, env, [database.as_deref(), user.as_deref()], &mut warnings)?;
        Ok(Self {
            targets,
            user,
            database,
            session_attrs: session_attrs(&keywords)?,
            channel_binding: channel_binding(&keywords)?,
            connect_timeout: connect_timeout(&keywords)?,
            line: Line::read(&keywords)?,
            tls: TlsOptions::read(&keywords, env)?,
            options: keywords.remove("options"),
            application_name: keywords.remove("application_name"),
            warnings,
        })
    }

    /// Writes `database at host:port as role`, for people; without the password.
    #[must_use]
    pub fn describe(&self) -> String {
        let hosts: Vec<_> = self.targets.iter().map(Candidate::to_string).collect();
        let or = |value: &Option<String>| value.clone().unwrap_or_else(|| "(default)".to_owned());
        format!("{} at {} as {}", or(&self.database), hosts.join(", "), or(&self.user))
    }
}

fn list(keywords: &Keywords, keyword: &str) -> Vec<String> {
    keywords.get(keyword).map(|value| value.split(',').map(|one| one.trim().to_owned()).collect()).unwrap_or_default()
}

fn targets(keywords: &Keywords) -> Result<Vec<Candidate>, Diagnostic> {
    let (hosts, addresses, ports) = (list(keywords, "host"), list(keywords, "hostaddr"), list(keywords, "port"));
    let count = hosts.len().max(addresses.len()).max(1);
    let fits = |given: usize, one_will_do: bool| given == 0 || given == count || (one_will_do && given == 1);
    if !fits(hosts.len(), false) || !fits(addresses.len(), false) || !fits(ports.len(), true) {
        let given = format!("{} hosts, {} addresses and {} ports", hosts.len(), addresses.len(), ports.len());
        return Err(mistake(format!("the connection names {given}: they do not belong together")));
    }
    let of = |values: &[String], i: usize| values.get(i).filter(|value| !value.is_empty()).cloned();
    (0..count)
        .map(|i| {
            let port = match of(&ports, if ports.len() == 1 { 0 } else { i }) {
                None => DEFAULT_PORT,
                Some(text) => text.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
                    // A text where the port is looked for may be a part of a password.
                    mistake("the port is not a number from 1 to 65535")
                        .help("in a URL, `:`, `/`, `?`, `@` and `%` in a password are written %3A, %2F, %3F, %40, %25")
                })?,
            };
            let (name, address) = match (of(&hosts, i), of(&addresses, i)) {
                (Some(host), None) if host.starts_with('/') => (host.clone(), Address::Unix(host.into())),
                (Some(host), None) => (host.clone(), Address::Tcp(host)),
                (host, Some(address)) => {
                    if address.parse::<std::net::IpAddr>().is_err() {
                        return Err(mistake("hostaddr is not an IP address"));
                    }
                    (host.unwrap_or_else(|| address.clone()), Address::Tcp(address))
                }
                (None, None) => default_address(port),
            };
            Ok(Candidate { address, name, port, password: None })
        })
        .collect()
}

/// Gives the server's socket where there is one; each libpq has its folder built in, pgform looks at the usual ones.
fn default_address(port: u16) -> (String, Address) {
    let found = SOCKET_FOLDERS.iter().map(Path::new).find(|folder| folder.join(format!(".s.PGSQL.{port}")).exists());
    let address = found.map_or_else(|| Address::Tcp("localhost".to_owned()), |folder| Address::Unix(folder.to_owned()));
    ("localhost".to_owned(), address)
}

fn passwords(
    targets: &mut [Candidate],
    keywords: &Keywords,
    env: Env<'_>,
    [database, user]: [Option<&str>; 2],
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    if let Some(password) = keywords.get("password") {
        targets.iter_mut().for_each(|target| target.password = Some(Secret(password.clone())));
        return Ok(());
    }
    let default = || env("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let Some(path) = keywords.get("passfile").map(PathBuf::from).or_else(default) else { return Ok(()) };
    let Some(text) = passfile::read(&path, warnings)? else { return Ok(()) };
    for target in targets {
        let local =
            matches!(&target.address, Address::Unix(at) if SOCKET_FOLDERS.iter().any(|own| at == Path::new(own)));
        let host = if local { "localhost" } else { &target.name };
        let wanted = [host, &target.port.to_string(), database.unwrap_or_default(), user.unwrap_or_default()];
        target.password = passfile::find(&text, wanted).map(Secret);
    }
    Ok(())
}

fn connect_timeout(keywords: &Keywords) -> Result<Option<Duration>, Diagnostic> {
    let Some(text) = keywords.get("connect_timeout") else { return Ok(Some(PATIENCE)) };
    let seconds: i64 = text.trim().parse().map_err(|_| mistake("connect_timeout is not a number of seconds"))?;
    // A time that is not positive is for ever, as libpq has it, and one second is too short for a name server.
    Ok(u64::try_from(seconds).ok().filter(|s| *s > 0).map(|s| Duration::from_secs(s.max(2))))
}

fn session_attrs(keywords: &Keywords) -> Result<SessionAttrs, Diagnostic> {
    Ok(match keywords.get("target_session_attrs").map_or("any", String::as_str) {
        "any" => SessionAttrs::Any,
        "read-write" => SessionAttrs::ReadWrite,
        "read-only" => SessionAttrs::ReadOnly,
        "primary" => SessionAttrs::Primary,
        "standby" => SessionAttrs::Standby,
        "prefer-standby" => SessionAttrs::PreferStandby,
        _ => {
            return Err(mistake("target_session_attrs has an unknown value")
                .help("any, read-write, read-only, primary, standby or prefer-standby"));
        }
    })
}

fn channel_binding(keywords: &Keywords) -> Result<ChannelBinding, Diagnostic> {
    Ok(match keywords.get("channel_binding").map_or("prefer", String::as_str) {
        "disable" => ChannelBinding::Disable,
        "prefer" => ChannelBinding::Prefer,
        "require" => ChannelBinding::Require,
        _ => {
            return Err(mistake("channel_binding has an unknown value").help("disable, prefer or require"));
        }
    })
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
