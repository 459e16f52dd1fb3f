//! Reasons why a server was not connected to, whether another way is worth a try, and how people are told.
use super::{ConnectOptions, ServerError};
use crate::diagnostic::{Code, Diagnostic};
use std::{error::Error, fmt};

/// Reasons why one server was not connected to.
#[derive(Debug)]
pub(super) enum Failure {
    /// No line: name, route, port or time. Another server may do.
    Unreachable(String),
    /// The line could not be encrypted as asked for.
    Tls(String),
    /// The server answered with an error.
    Refused(ServerError),
    /// The server asks for a password, and there is none.
    NoPassword,
    /// Authentication broke off on our side.
    Authentication(String),
    /// The server answers, but is not of the kind asked for.
    WrongKind(&'static str),
}

impl Failure {
    /// Tells whether the next server is worth a try: an answer is an answer, unless the server is only starting or
    /// stopping.
    pub(super) fn tries_next(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Tls(_) | Self::WrongKind(_) => true,
            Self::Refused(error) => error.is("57P03"),
            Self::NoPassword | Self::Authentication(_) => false,
        }
    }

    /// Tells whether `prefer` and `allow` have another way: TLS failed, or `pg_hba.conf` wants it the other way.
    pub(super) fn tries_other_encryption(&self) -> bool {
        match self {
            Self::Tls(_) => true,
            Self::Refused(error) => error.is("28000"),
            Self::Unreachable(_) | Self::NoPassword | Self::Authentication(_) | Self::WrongKind(_) => false,
        }
    }

    /// Tells people, without the password.
    pub(super) fn into_diagnostic(self, at: &str, options: &ConnectOptions) -> Diagnostic {
        let user = options.user.as_deref().unwrap_or("(the operating system's user)");
        let database = options.database.as_deref().unwrap_or(user);
        let connect = |message: String| Diagnostic::error(Code::Connect, message);
        match self {
            Self::Unreachable(why) if why.contains("connect_timeout") => connect(format!("no answer from {at}: {why}"))
                .help("is it PostgreSQL that listens there, and does a firewall let you through? connect_timeout=60 waits longer"),
            Self::Unreachable(why) => connect(format!("cannot reach a server at {at}: {why}"))
                .help("is the server running there, and are host and port right?"),
            Self::Tls(why) if why.contains("UnknownIssuer") => connect(format!("{at} is not trusted: {why}"))
                .help("sslrootcert must name the certificate that signed the server's (or `system`)"),
            Self::Tls(why) if why.contains("not valid for name") => connect(format!("{at} shows a certificate of another name: {why}"))
                .help("connect by a name that is in the certificate (pgform reads its subject alternative names, not its CN), or use sslmode=verify-ca"),
            Self::Tls(why) => connect(format!("no encrypted connection to {at}: {why}")),
            Self::NoPassword => {
                let asks = format!("{at} asks for the password of role `{user}`, and none was given");
                match options.warnings.first() {
                    // A password file was found, and not used.
                    Some(Diagnostic { message, help, .. }) => {
                        let why = connect(format!("{asks}: {message}"));
                        help.iter().fold(why, |why, help| why.help(help.clone()))
                    }
                    None => connect(asks).help("PGPASSWORD, a password file (~/.pgpass), or the URL can give it"),
                }
            }
            Self::Authentication(why) => connect(format!("authentication at {at} failed: {why}")),
            Self::WrongKind(why) => connect(format!("{at} {why}")).help("target_session_attrs asks for another kind of server"),
            Self::Refused(error) => {
                let message = if error.is("28P01") {
                    format!("{at} refused the password of role `{user}`")
                } else if error.is("3D000") {
                    format!("there is no database `{database}` at {at}")
                } else if error.is("28000") {
                    format!("{at} does not let role `{user}` in: {error}")
                } else if error.is("53300") {
                    format!("{at} has no connection left: {error}")
                } else {
                    format!("{at} refused the connection: {error}")
                };
                let diagnostic = connect(message);
                match error.hint {
                    Some(hint) => diagnostic.help(hint),
                    None if error.is("3D000") => diagnostic.help("create it, or name another one: pgform makes no databases"),
                    None => diagnostic,
                }
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Tls(why) | Self::Authentication(why) => f.write_str(why),
            Self::Refused(error) => error.fmt(f),
            Self::NoPassword => f.write_str("the server asks for a password"),
            Self::WrongKind(why) => f.write_str(why),
        }
    }
}

/// Writes what an error and its causes say, each once.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}
