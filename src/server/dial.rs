//! Begins a session on the first server that will do: address, encryption, authentication.
use super::{
    Address, Candidate, ChannelBinding, ConnectOptions, SessionAttrs, SslMode,
    canceller::Canceller,
    failure::{Failure, chain},
    route::{Encrypt, Endpoint, Route, open},
    tap::Tap,
    wire::AlreadyEncrypted,
};
use crate::diagnostic::Diagnostic;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{net::lookup_host, task::JoinHandle};
use tokio_postgres::{
    Client,
    config::{ChannelBinding as Binding, Config, SslMode as Negotiate, SslNegotiation},
};

/// A session that has just begun; nothing was sent on it but the startup packet.
pub(super) struct Dialled {
    pub(super) client: Client,
    pub(super) tap: Arc<Tap>,
    pub(super) driver: JoinHandle<()>,
    pub(super) canceller: Canceller,
    /// The server, as people name it.
    pub(super) at: String,
}

/// Tries the servers in order, with the startup packet's options and the session's name.
///
/// # Errors
/// The last server's failure and where it happened; or a mistake in the options.
pub(super) async fn dial(
    options: &ConnectOptions,
    startup_options: Option<&str>,
    application_name: &str,
) -> Result<Dialled, (Failure, String)> {
    let mut wanted = vec![options.session_attrs];
    if options.session_attrs == SessionAttrs::PreferStandby {
        wanted = vec![SessionAttrs::Standby, SessionAttrs::Any];
    }
    let mut last = None;
    for attrs in wanted {
        for target in &options.targets {
            let config = config(options, target, startup_options, application_name);
            match try_target(options, target, &config, attrs).await {
                Ok(dialled) => return Ok(dialled),
                Err(failure) if failure.tries_next() => last = Some((failure, target.to_string())),
                Err(failure) => return Err((failure, target.to_string())),
            }
        }
    }
    Err(last.unwrap_or_else(|| (Failure::Unreachable("no host is named".to_owned()), "nowhere".to_owned())))
}

/// Tries the servers as [`dial`] does, with its failure told to people.
pub(super) async fn dial_or_say(options: &ConnectOptions, application_name: &str) -> Result<Dialled, Diagnostic> {
    options.tls.client_config()?;
    let own = options.options.as_deref();
    dial(options, own, application_name).await.map_err(|(failure, at)| failure.into_diagnostic(&at, options))
}

/// Gives the startup packet of a session that only asks whether it is let in.
pub(super) fn login_config(options: &ConnectOptions, target: &Candidate) -> Config {
    let name = options.application_name.as_deref().unwrap_or("pgform/doctor");
    config(options, target, options.options.as_deref(), name)
}

fn config(
    options: &ConnectOptions,
    target: &Candidate,
    startup_options: Option<&str>,
    application_name: &str,
) -> Config {
    let mut config = Config::new();
    if let Some(user) = &options.user {
        config.user(user);
    }
    if let Some(database) = &options.database {
        config.dbname(database);
    }
    if let Some(password) = &target.password {
        config.password(password.expose());
    }
    if let Some(startup_options) = startup_options {
        config.options(startup_options);
    }
    config.application_name(application_name);
    config.channel_binding(match options.channel_binding {
        ChannelBinding::Disable => Binding::Disable,
        ChannelBinding::Prefer => Binding::Prefer,
        ChannelBinding::Require => Binding::Require,
    });
    config
}

pub(super) async fn try_target(
    options: &ConnectOptions,
    target: &Candidate,
    config: &Config,
    attrs: SessionAttrs,
) -> Result<Dialled, Failure> {
    let endpoints = within(options.connect_timeout, endpoints(target)).await?;
    let mut last = Failure::Unreachable("the name has no address".to_owned());
    for endpoint in endpoints {
        for encrypt in encryptions(options, &endpoint)? {
            let route = Route { endpoint: endpoint.clone(), name: target.name.clone(), encrypt, line: options.line };
            match within(options.connect_timeout, start(route, config.clone(), attrs, target.to_string())).await {
                Ok(dialled) => return Ok(dialled),
                Err(failure) => {
                    let other_way = failure.tries_other_encryption();
                    last = failure;
                    if !other_way {
                        break;
                    }
                }
            }
        }
        if !last.tries_next() {
            break;
        }
    }
    Err(last)
}

pub(super) async fn endpoints(target: &Candidate) -> Result<Vec<Endpoint>, Failure> {
    match &target.address {
        Address::Unix(folder) => Ok(vec![Endpoint::Unix(folder.join(format!(".s.PGSQL.{}", target.port)))]),
        Address::Tcp(host) => {
            let found =
                lookup_host((host.as_str(), target.port)).await.map_err(|e| Failure::Unreachable(e.to_string()))?;
            Ok(found.map(Endpoint::Tcp).collect())
        }
    }
}

/// Gives the ways that a mode allows, the preferred one first. A unix socket is never encrypted, as libpq has it.
pub(super) fn encryptions(options: &ConnectOptions, endpoint: &Endpoint) -> Result<Vec<Encrypt>, Failure> {
    if matches!(endpoint, Endpoint::Unix(_)) || options.tls.mode == SslMode::Disable {
        return Ok(vec![Encrypt::No]);
    }
    let tls = options.tls.client_config().map_err(|diagnostic| Failure::Tls(diagnostic.message))?;
    Ok(match options.tls.mode {
        SslMode::Disable => vec![Encrypt::No],
        SslMode::Allow => vec![Encrypt::No, Encrypt::Always(tls)],
        SslMode::Prefer => vec![Encrypt::IfOffered(tls), Encrypt::No],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => vec![Encrypt::Always(tls)],
    })
}

pub(super) async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(limit) = limit else { return work.await };
    let late = |_| Failure::Unreachable(format!("no answer within {} s (connect_timeout)", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(late)?
}

async fn start(route: Route, mut config: Config, attrs: SessionAttrs, at: String) -> Result<Dialled, Failure> {
    let tap = Arc::new(Tap::default());
    let (wire, encrypted) = open(&route, &tap).await?;
    if encrypted {
        config.ssl_mode(Negotiate::Require).ssl_negotiation(SslNegotiation::Direct);
    } else {
        config.ssl_mode(Negotiate::Disable);
    }
    let (client, connection) =
        config.connect_raw(wire, AlreadyEncrypted).await.map_err(|error| refused(&error, &tap))?;
    let ended = Arc::clone(&tap);
    let driver = tokio::spawn(async move {
        // The end of the connection is in the tap: the server's last words, or the end of the line.
        let _ = connection.await;
        ended.end();
    });
    // A session that fell back to no TLS is cancelled without it, any other the way it came.
    let way = match route.encrypt {
        Encrypt::IfOffered(tls) | Encrypt::Always(tls) if encrypted => Encrypt::Always(tls),
        Encrypt::IfOffered(_) | Encrypt::Always(_) | Encrypt::No => Encrypt::No,
    };
    let canceller = Canceller::new(client.cancel_token(), Route { encrypt: way, ..route });
    let dialled = Dialled { client, tap, driver, canceller, at };
    check_kind(&dialled, attrs).await?;
    Ok(dialled)
}

fn refused(error: &tokio_postgres::Error, tap: &Tap) -> Failure {
    if let Some(said) = tap.take_error() {
        return Failure::Refused(said);
    }
    let text = chain(error);
    if text.contains("password missing") {
        Failure::NoPassword
    } else if text.starts_with("authentication error") {
        Failure::Authentication(text)
    } else if ["bytes remaining on stream", "invalid message", "unexpected message"].iter().any(|s| text.contains(s)) {
        Failure::Unreachable(format!("what listens there does not speak PostgreSQL's protocol ({text})"))
    } else {
        Failure::Unreachable(text)
    }
}

async fn check_kind(dialled: &Dialled, attrs: SessionAttrs) -> Result<(), Failure> {
    let (sql, answer, why) = match attrs {
        SessionAttrs::Any | SessionAttrs::PreferStandby => return Ok(()),
        SessionAttrs::ReadWrite => ("show transaction_read_only", "off", "does not let transactions write"),
        SessionAttrs::ReadOnly => ("show transaction_read_only", "on", "lets transactions write"),
        SessionAttrs::Primary => ("select pg_catalog.pg_is_in_recovery()", "f", "is a standby"),
        SessionAttrs::Standby => ("select pg_catalog.pg_is_in_recovery()", "t", "is no standby"),
    };
    let rows = dialled.query(sql).await.map_err(Failure::Refused)?;
    let found = rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    if found == Some(answer) { Ok(()) } else { Err(Failure::WrongKind(why)) }
}
