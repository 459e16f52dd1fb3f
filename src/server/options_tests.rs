//! Tests of the options: URLs, keyword strings, environment, password files.
use super::*;
use crate::server::{RootCert, SslMode, failure::Failure};

fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
}

fn parse(text: &str) -> ConnectOptions {
    ConnectOptions::parse(text, &env(&[("USER", "me")])).unwrap()
}

fn refuse(text: &str) -> String {
    let said = ConnectOptions::parse(text, &env(&[("USER", "me")])).unwrap_err();
    format!("{} {}", said.message, said.help.unwrap_or_default())
}

fn password(options: &ConnectOptions) -> Option<&str> {
    options.targets[0].password.as_ref().map(Secret::expose)
}

#[test]
fn urls() {
    let options = parse(
        "postgresql://us%40er:p%3Aw%25@db.example:6432/my%20db?sslmode=require&application_name=x&connect_timeout=1",
    );
    assert_eq!(options.user.as_deref(), Some("us@er"));
    assert_eq!(password(&options), Some("p:w%"));
    assert_eq!(options.database.as_deref(), Some("my db"));
    assert_eq!(options.targets[0].to_string(), "db.example:6432");
    assert_eq!(options.tls.mode, SslMode::Require);
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(2)));
    assert_eq!(options.describe(), "my db at db.example:6432 as us@er");

    let several = parse("postgres://a,[::1]:5433,/c");
    assert_eq!(
        several.targets.iter().map(Candidate::to_string).collect::<Vec<_>>(),
        ["a:5432", "[::1]:5433", "localhost:5432"]
    );
    let socket = parse("postgres://%2Frun%2Fpg:5433/db");
    assert_eq!(socket.targets[0].address, Address::Unix("/run/pg".into()));
    assert_eq!(socket.targets[0].to_string(), "/run/pg/.s.PGSQL.5433");
    assert_eq!(parse("postgres:///db?host=h&port=1").targets[0].to_string(), "h:1");
    assert_eq!(parse("postgresql+psycopg://h/db").targets[0].to_string(), "h:5432");
    assert_eq!(parse("postgres://h/db?ssl=true").tls.mode, SslMode::Require);
}

#[test]
fn keyword_strings_and_names() {
    let options = parse(r"host = h1,h2 port=5433 dbname='two words' password='it\'s \\' hostaddr=10.0.0.1,10.0.0.2");
    assert_eq!(options.database.as_deref(), Some("two words"));
    assert_eq!(password(&options), Some(r"it's \"));
    assert_eq!(options.targets[1].name, "h2");
    assert_eq!(options.targets[1].address, Address::Tcp("10.0.0.2".into()));
    assert_eq!(options.targets[1].port, 5433);
    let named = parse("shop");
    assert_eq!((named.database.as_deref(), named.user.as_deref()), (Some("shop"), Some("me")));
    assert_eq!(parse("").database.as_deref(), Some("me"));
}

#[test]
fn the_environment_fills_gaps_only() {
    let variables = [
        ("PGHOST", "envhost"),
        ("PGPORT", "7000"),
        ("PGUSER", "envuser"),
        ("PGPASSWORD", "envpw"),
        ("PGDATABASE", "envdb"),
        ("PGSSLMODE", "disable"),
        ("PGOPTIONS", "-c geqo=off"),
        ("PGCONNECT_TIMEOUT", "9"),
    ];
    let options = ConnectOptions::parse("", &env(&variables)).unwrap();
    assert_eq!(options.describe(), "envdb at envhost:7000 as envuser");
    assert_eq!(password(&options), Some("envpw"));
    assert_eq!((options.tls.mode, options.options.as_deref()), (SslMode::Disable, Some("-c geqo=off")));
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(9)));
    let timeout = |text: &str| ConnectOptions::parse(text, &env(&[])).unwrap().connect_timeout;
    assert_eq!(timeout("host=h"), Some(Duration::from_secs(20)), "nobody waits for ever by accident");
    assert_eq!(timeout("host=h connect_timeout=0"), None);
    let options = ConnectOptions::parse("postgres://u@h/d?sslmode=prefer", &env(&variables)).unwrap();
    assert_eq!(options.describe(), "d at h:7000 as u");
    assert_eq!(options.tls.mode, SslMode::Prefer);
}

#[test]
fn passwords_come_from_the_password_file_by_host() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".pgpass");
    std::fs::write(&path, "h1:5432:db:u:one\n*:*:*:u:two\n").unwrap();
    let home = folder.path().to_str().unwrap();
    let options = || ConnectOptions::parse("postgres://u@h1,h2/db", &env(&[("HOME", home)])).unwrap();
    let set_mode = |mode| std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    set_mode(0o644);
    assert_eq!(password(&options()), None);
    assert!(options().warnings[0].message.contains("others may read the password file"));
    set_mode(0o600);
    let options = options();
    let found: Vec<_> = options.targets.iter().map(|t| t.password.as_ref().map(Secret::expose)).collect();
    assert_eq!((found, options.warnings.len()), (vec![Some("one"), Some("two")], 0));
}

#[test]
fn a_password_file_that_is_not_used_is_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".pgpass");
    std::fs::write(&path, "*:*:*:u:one\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let home = folder.path().to_str().unwrap();
    let options = ConnectOptions::parse("postgres://u@h/db", &env(&[("HOME", home)])).unwrap();
    let said = Failure::NoPassword.into_diagnostic("h:5432", &options);
    assert!(said.message.contains("none was given: others may read the password file"), "{}", said.message);
    assert!(said.help.unwrap().contains("chmod 600"));
}

#[test]
fn tls_options() {
    let mode = |text: &str| parse(text).tls.mode;
    assert_eq!(mode("host=h sslrootcert=system"), SslMode::VerifyFull);
    assert_eq!(mode("host=h sslmode=verify-ca sslrootcert=/x.crt"), SslMode::VerifyCa);
    assert_eq!(parse("host=h sslrootcert=/x.crt").tls.roots, RootCert::File("/x.crt".into()));
    assert!(refuse("host=h sslmode=verify-full").contains("no root certificate"));
    assert!(refuse("host=h sslmode=require sslrootcert=system").contains("needs sslmode=verify-full"));
    assert!(refuse("host=h sslmode=yes").contains("disable, allow, prefer"));
}

#[test]
fn mistakes_are_named_and_no_password_is_shown() {
    for (text, said) in [
        ("postgres://u:hunter2@h:54x/db", "the port is not a number"),
        ("postgres://u:5432hunter2@h:54x/db", "the port is not a number"),
        ("postgres://u:hun/hunter2@h/db", "an `@` behind its first `/`"),
        ("postgres://u:5432/hunter2@h/db", "an `@` behind its first `/`"),
        ("postgres://u:hun?hunter2@h/db", "an `@` behind its first `/` or `?`"),
        ("postgres://u:5432?hunter2=x@h/db", "an `@` behind its first `/` or `?`"),
        ("postgres://u:hun@1?hunter2=x@h/db", "an `@` behind its first `/` or `?`"),
        ("host=h password=a hunter2=x", "an option that there is not"),
        ("host=h password=a port=hunter2", "the port is not a number"),
        ("host=h password=a sslmode=hunter2", "sslmode"),
        ("host=h password=a connect_timeout=hunter2", "connect_timeout is not"),
        ("postgres://u:hunter2%zz@h/db", "the password in the database URL has a `%`"),
        ("postgres://u:hunter2@h/db?sslmod=red", "was `sslmode` meant?"),
        ("postgres://u:hunter2@[::1/db", "lacks its `]`"),
        ("postgres://u:hunter2@h/db?service=x", "does not support the connection option `service`"),
        ("mysql://u:hunter2@h/db", "does not begin with postgres://"),
        ("host=h password=two hunter2 x=1", "a word without `=`"),
        ("host=h password='hunter2", "a quote that is not closed"),
        ("host=a,b,c port=1,2 password=hunter2", "do not belong together"),
        ("host=h hostaddr=nowhere password=hunter2", "is not an IP address"),
        ("host=h gssencmode=require password=hunter2", "only as disable or prefer"),
        ("host=h target_session_attrs=any-one password=hunter2", "an unknown value"),
    ] {
        let message = refuse(text);
        assert!(message.contains(said) && !message.contains("hunter2"), "{text}: {message}");
    }
    let options = parse("postgres://u:hunter2@h/db");
    assert!(!format!("{options:?} {}", options.describe()).contains("hunter2"));
}
