//! Reads a database's address (URL, keyword string or name) and libpq's environment variables into keywords.
use crate::{
    diagnostic::{Code, Diagnostic},
    yaml::nearest,
};
use std::collections::BTreeMap;

/// Keywords and their values, as libpq names them; empty values are as good as absent ones.
pub(super) type Keywords = BTreeMap<String, String>;

/// Keywords that pgform uses.
const USED: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "connect_timeout",
    "options",
    "application_name",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "channel_binding",
    "target_session_attrs",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
];
/// Keywords accepted without effect: tuning, or what pgform decides by itself (UTF-8, no GSS).
const WITHOUT_EFFECT: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "sslcompression",
    "sslsni",
    "gsslib",
    "krbsrvname",
    "gssdelegation",
    "min_protocol_version",
    "max_protocol_version",
];
/// Keywords that libpq obeys and pgform cannot: to go on without would be less safe, or another server, than was asked
/// for.
const NOT_SUPPORTED: &[&str] = &[
    "service",
    "servicefile",
    "sslcrl",
    "sslcrldir",
    "sslpassword",
    "ssl_max_protocol_version",
    "requirepeer",
    "require_auth",
    "replication",
    "scram_client_key",
    "scram_server_key",
];
/// Keywords that are taken only where their value asks for what pgform does anyway.
const ONLY_AS: &[(&str, &[&str])] = &[
    ("gssencmode", &["disable", "prefer"]),
    ("sslnegotiation", &["postgres"]),
    ("requiressl", &["0"]),
    ("sslcertmode", &["allow"]),
    ("load_balance_hosts", &["disable"]),
    ("ssl_min_protocol_version", &["TLSv1", "TLSv1.1", "TLSv1.2"]),
];

/// libpq's environment variables, and the keywords they stand for.
/// <https://www.postgresql.org/docs/current/libpq-envars.html>
const VARIABLES: &[(&str, &str)] = &[
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGSERVICE", "service"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
];

pub(super) fn mistake(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::Settings, message)
}

/// Reads a URL, a keyword string or a bare database name (as psql's `-d` does); then the environment fills the gaps.
/// No error shows a value that may hold a password.
pub(super) fn read(text: &str, env: Env<'_>) -> Result<Keywords, Diagnostic> {
    let text = text.trim();
    let mut found = match (form(text), after_scheme(text)) {
        (Form::Url, Some(rest)) => url(rest)?,
        (Form::Keywords, _) => keyword_string(text)?,
        (Form::Name, _) if text.contains("://") => {
            return Err(mistake("the database URL does not begin with postgres:// or postgresql://"));
        }
        (Form::Url | Form::Name, _) => Keywords::from([("dbname".to_owned(), text.to_owned())]),
    };
    found.retain(|_, value| !value.is_empty());
    for (variable, keyword) in VARIABLES {
        // A host that is named wins over an address from the environment, and the other way round.
        let rival =
            matches!(*keyword, "host" | "hostaddr") && (found.contains_key("host") || found.contains_key("hostaddr"));
        if let Some(value) = env(variable).filter(|value| !value.is_empty() && !rival) {
            found.entry((*keyword).to_owned()).or_insert(value);
        }
    }
    found.iter().try_for_each(|(keyword, value)| check(keyword, value))?;
    Ok(found)
}

/// Forms of an address.
pub(super) enum Form {
    /// `postgres://…`.
    Url,
    /// `host=… dbname=…`.
    Keywords,
    /// A database's name.
    Name,
}

/// Tells how an address is written.
pub(super) fn form(text: &str) -> Form {
    match after_scheme(text) {
        Some(_) => Form::Url,
        None if text.contains('=') => Form::Keywords,
        None => Form::Name,
    }
}

fn check(keyword: &str, value: &str) -> Result<(), Diagnostic> {
    if USED.contains(&keyword) || WITHOUT_EFFECT.contains(&keyword) {
        return Ok(());
    }
    if NOT_SUPPORTED.contains(&keyword) {
        return Err(mistake(format!("pgform does not support the connection option `{keyword}`"))
            .help("leave it out (or unset its variable), and write host, port and database themselves"));
    }
    match ONLY_AS.iter().find(|(name, _)| *name == keyword) {
        Some((_, values)) if values.contains(&value) => Ok(()),
        Some((_, values)) => {
            Err(mistake(format!("pgform supports the connection option `{keyword}` only as {}", values.join(" or "))))
        }
        None => Err(unknown(keyword)),
    }
}

/// Refuses a word that is no option and may be the rest of a password with spaces: only the option that was meant is
/// named.
fn unknown(keyword: &str) -> Diagnostic {
    let known = USED.iter().chain(WITHOUT_EFFECT).chain(NOT_SUPPORTED).copied();
    let message = match nearest(keyword, known.chain(ONLY_AS.iter().map(|(name, _)| *name))) {
        Some(meant) => format!("the connection has an option that there is not; was `{meant}` meant?"),
        None => "the connection has an option that there is not".to_owned(),
    };
    mistake(message).help(
        "the names are libpq's: host, port, dbname, user, password, sslmode, sslrootcert, …; a password with spaces or `&` in \
         it stands in single quotes (password='two words'), in a URL encoded (%20, %26)",
    )
}

/// Gives the rest behind `postgres://`, `postgresql://` or SQLAlchemy's `postgresql+psycopg://`.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let (name, _driver) = scheme.split_once('+').unwrap_or((scheme, ""));
    ["postgres", "postgresql"].iter().any(|own| name.eq_ignore_ascii_case(own)).then_some(rest)
}

/// Reads `user:password@host:port,host:port/dbname?keyword=value&…`, each part optional and percent-encoded.
fn url(rest: &str) -> Result<Keywords, Diagnostic> {
    let mut found = Keywords::new();
    // A `/` or `?` ends the authority; one inside a password must be encoded, and so must `@` (the last one counts, to be
    // kind). An `@` behind that end means that it was none: what stands before it may be a password, and is not shown.
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    if rest[end..].contains('@') {
        return Err(mistake("the database URL has an `@` behind its first `/` or `?`").help(
            "in a password, `/`, `?`, `@`, `:` and `%` are written %2F, %3F, %40, %3A, %25; an `@` in the database's name \
             or in an option is written %40",
        ));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    found.insert("user".to_owned(), decode(user, "user")?);
    found.insert("password".to_owned(), decode(password, "password")?);
    found.insert("dbname".to_owned(), decode(database, "database")?);
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[') {
            Some(inside) => {
                let (name, after) = inside
                    .split_once(']')
                    .ok_or_else(|| mistake("an IPv6 address in the database URL lacks its `]`"))?;
                (name, after.strip_prefix(':').unwrap_or(after))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(decode(name, "host")?);
        ports.push(decode(port, "port")?);
    }
    let join = |parts: Vec<String>| if parts.iter().all(String::is_empty) { String::new() } else { parts.join(",") };
    found.insert("host".to_owned(), join(names));
    found.insert("port".to_owned(), join(ports));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (keyword, value) =
            pair.split_once('=').ok_or_else(|| mistake("an option in the database URL has no `=` and value"))?;
        let (keyword, value) = (decode(keyword, "option")?, decode(value, "option")?);
        // JDBC's spelling, which libpq takes too.
        if keyword == "ssl" && value == "true" {
            found.insert("sslmode".to_owned(), "require".to_owned());
        } else {
            found.insert(keyword, value);
        }
    }
    Ok(found)
}

fn decode(text: &str, what: &str) -> Result<String, Diagnostic> {
    let wrong =
        || mistake(format!("the {what} in the database URL has a `%` that is not followed by two hexadecimal digits"));
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(wrong)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        bytes.push(u8::from_str_radix(digits.ok_or_else(wrong)?, 16).map_err(|_| wrong())?);
        rest = after;
    }
    if bytes.contains(&0) {
        return Err(mistake(format!("the {what} in the database URL has a zero byte")));
    }
    String::from_utf8(bytes).map_err(|_| mistake(format!("the {what} in the database URL is not UTF-8 once decoded")))
}

/// Reads `host=localhost password='it''s \'quoted\''`: spaces between, quotes where a value has spaces, backslash
/// before either.
pub(super) fn keyword_string(text: &str) -> Result<Keywords, Diagnostic> {
    let mut found = Keywords::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(found);
        }
        let mut keyword = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            keyword.push(c);
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next_if_eq(&'=').is_none() {
            // A word without `=` may be the rest of an unquoted password: it is not shown.
            return Err(mistake("the connection string has a word without `=` behind it")
                .help("a value with spaces goes in single quotes: password='two words'"));
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = chars.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match chars.next_if(|c| quoted || !c.is_whitespace()) {
                Some('\\') => value.extend(chars.next()),
                Some('\'') if quoted => break,
                Some(c) => value.push(c),
                None if quoted => return Err(mistake("the connection string has a quote that is not closed")),
                None => break,
            }
        }
        found.insert(keyword, value);
    }
}

/// Source of environment variables: the process's, a file's, or a test's.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;
