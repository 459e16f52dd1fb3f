//! Connects to a server stage by stage, for whoever asks where it breaks off.
use super::{
    Candidate, ConnectOptions, SessionAttrs, SslMode,
    dial::{encryptions, endpoints, login_config, try_target, within},
    failure::Failure,
    route::{Encrypt, Endpoint, Route, open},
    tap::Tap,
};
use crate::diagnostic::Diagnostic;
use std::sync::Arc;

/// A stage of connecting to a server, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The host's name has an address.
    Name,
    /// Something listens there.
    Port,
    /// The line is as encrypted as was asked for.
    Tls,
    /// The server lets the role in.
    Password,
    /// The database is there and lets the role in.
    Database,
}

/// Result of a stage.
#[derive(Debug)]
pub struct Staged {
    /// Stage that was tried.
    pub stage: Stage,
    /// Findings, in words; or the reason why it goes no further.
    pub found: Result<String, Diagnostic>,
}

/// Connects to the servers in order until one lets a session in, and tells each stage. Nothing is asked in the session.
pub async fn staged(options: &ConnectOptions) -> Vec<Staged> {
    let mut told = Vec::new();
    for target in &options.targets {
        let through = one(options, target, &mut told).await;
        match through {
            Ok(()) => break,
            Err((stage, failure)) => {
                told.push(Staged { stage, found: Err(failure.into_diagnostic(&target.to_string(), options)) });
            }
        }
    }
    told
}

async fn one(options: &ConnectOptions, target: &Candidate, told: &mut Vec<Staged>) -> Result<(), (Stage, Failure)> {
    let mut tell = |stage, found: String| told.push(Staged { stage, found: Ok(found) });
    let found = within(options.connect_timeout, endpoints(target)).await.map_err(|f| (Stage::Name, f))?;
    let at: Vec<String> = found.iter().map(place).collect();
    tell(Stage::Name, format!("{} is {}", target.name, at.join(", ")));
    let route = |endpoint: &Endpoint, encrypt| Route {
        endpoint: endpoint.clone(),
        name: target.name.clone(),
        encrypt,
        line: options.line,
    };
    let mut answers = Err((Stage::Port, Failure::Unreachable("the name has no address".to_owned())));
    for endpoint in &found {
        let tap = Arc::new(Tap::default());
        match within(options.connect_timeout, open(&route(endpoint, Encrypt::No), &tap)).await {
            Ok(_) => {
                answers = Ok(endpoint);
                break;
            }
            Err(failure) => answers = Err((Stage::Port, failure)),
        }
    }
    let endpoint = answers?;
    tell(Stage::Port, format!("{} answers", place(endpoint)));
    tell(Stage::Tls, encrypted(options, endpoint, &route).await?);
    let config = login_config(options, target);
    let role = options.user.as_deref().unwrap_or("(the operating system's user)");
    match try_target(options, target, &config, SessionAttrs::Any).await {
        Ok(_session) => {
            tell(Stage::Password, format!("role {role} is let in"));
            tell(Stage::Database, format!("{} is there", options.database.as_deref().unwrap_or(role)));
            Ok(())
        }
        Err(failure) if is_of_database(&failure) => {
            tell(Stage::Password, format!("role {role} is let in"));
            Err((Stage::Database, failure))
        }
        Err(failure) if takes_nobody(&failure) => Err((Stage::Port, failure)),
        Err(failure @ Failure::Tls(_)) => Err((Stage::Tls, failure)),
        Err(failure @ (Failure::Unreachable(_) | Failure::WrongKind(_))) => Err((Stage::Port, failure)),
        Err(failure @ (Failure::Refused(_) | Failure::NoPassword | Failure::Authentication(_))) => {
            Err((Stage::Password, failure))
        }
    }
}

/// Encrypts by the preferred way, with a session's fallbacks, and says in words what came of it.
async fn encrypted(
    options: &ConnectOptions,
    endpoint: &Endpoint,
    route: &impl Fn(&Endpoint, Encrypt) -> Route,
) -> Result<String, (Stage, Failure)> {
    if matches!(endpoint, Endpoint::Unix(_)) {
        return Ok("a unix socket is never encrypted".to_owned());
    }
    let mode = options.tls.mode;
    let way = match mode {
        SslMode::Disable => return Ok("not encrypted, as sslmode=disable asks".to_owned()),
        SslMode::Allow => return Ok("not encrypted unless the server insists (sslmode=allow)".to_owned()),
        SslMode::Prefer | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            encryptions(options, endpoint).map_err(|f| (Stage::Tls, f))?.into_iter().next()
        }
    };
    let Some(way) = way else { return Ok("not encrypted".to_owned()) };
    let tap = Arc::new(Tap::default());
    let verified = match mode {
        SslMode::VerifyFull => "encrypted; the server's certificate is trusted, and has its name",
        SslMode::VerifyCa => "encrypted; the server's certificate is trusted, its name is not looked at",
        SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => {
            "encrypted; who the server is was not verified (sslmode=verify-full does)"
        }
    };
    match within(options.connect_timeout, open(&route(endpoint, way), &tap)).await {
        Ok((_, true)) => Ok(verified.to_owned()),
        Ok((_, false)) => Ok("not encrypted: the server has no TLS (sslmode=require would insist)".to_owned()),
        Err(failure) if mode == SslMode::Prefer => Ok(format!("not encrypted, as TLS failed: {failure}")),
        Err(failure) => Err((Stage::Tls, failure)),
    }
}

fn place(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Tcp(address) => address.to_string(),
        Endpoint::Unix(path) => path.display().to_string(),
    }
}

/// Tells whether the role was let in, and the database is what stands in the way: not there, closed to it, closed to
/// all.
fn is_of_database(failure: &Failure) -> bool {
    let Failure::Refused(error) = failure else { return false };
    ["3D000", "42501", "55000"].iter().any(|code| error.is(code))
}

/// Tells whether the server takes nobody now, whoever asks: it starts, stops, or has no connection left.
fn takes_nobody(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(error) if ["57P01", "57P03", "53300"].iter().any(|code| error.is(code)))
}
