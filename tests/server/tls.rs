//! TLS against a server with a certificate made here.
use super::{one, options};
use crate::support::{Server, TestDatabase, Version, openssl, own_database};
use pgform::server::{connect_reading, connect_writing};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

const EXTENSIONS: &str = "[server]\nsubjectAltName=DNS:localhost\n[client]\nextendedKeyUsage=clientAuth\n\
[ca]\nbasicConstraints=critical,CA:true\n";

/// An authority, a server certificate for `localhost`, one for the client role `certified`, and a stranger's authority.
fn certificates(folder: &Path) -> bool {
    fs::write(folder.join("ext"), EXTENSIONS).unwrap();
    let key = |name: &str| {
        openssl(folder, &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", &format!("{name}.key")])
    };
    let authority = |name: &str| {
        let (file, subject, out) = (format!("{name}.key"), format!("/CN={name}"), format!("{name}.crt"));
        key(name)
            && openssl(folder, &["req", "-x509", "-new", "-key", &file, "-days", "9", "-subj", &subject, "-out", &out])
    };
    let signed = |name: &str, common: &str, extensions: &str| {
        let (file, request, out) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt"));
        let subject = format!("/CN={common}");
        key(name)
            && openssl(folder, &["req", "-new", "-key", &file, "-subj", &subject, "-out", &request])
            && openssl(
                folder,
                &[
                    "x509",
                    "-req",
                    "-in",
                    &request,
                    "-CA",
                    "ca.crt",
                    "-CAkey",
                    "ca.key",
                    "-CAcreateserial",
                    "-days",
                    "9",
                    "-extfile",
                    "ext",
                    "-extensions",
                    extensions,
                    "-out",
                    &out,
                ],
            )
    };
    authority("ca")
        && authority("stranger")
        && signed("server", "localhost", "server")
        && signed("client", "certified", "client")
}

fn install(server: &Server, folder: &Path) {
    for (from, to) in [("server.crt", "server.crt"), ("server.key", "server.key"), ("ca.crt", "root.crt")] {
        server.write(to, fs::read(folder.join(from)).unwrap());
    }
    let rules = "hostssl all scrammed all scram-sha-256\nhostssl all certified all cert\nhost all certified all reject\nhostnossl all plain all trust\nhost all plain all reject";
    for sql in [
        "create role scrammed login password 'p'",
        "create role certified login",
        "create role plain login",
        "alter system set ssl_ca_file = 'root.crt'",
        "alter system set ssl = on",
    ] {
        server.sql("postgres", sql);
    }
    server.admit(rules);
    for _ in 0..100 {
        if server.sql("postgres", "show ssl") == "on" {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the server does not turn TLS on: {}", fs::read_to_string(server.folder.join("log")).unwrap());
}

async fn encrypted(url: &str) -> Result<bool, String> {
    let mut connection =
        connect_reading(&options(url)).await.map_err(|d| format!("{} {}", d.message, d.help.unwrap_or_default()))?;
    Ok(one(&mut connection, "select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid()").await
        == "t")
}

/// A server that knows TLS, and the folder of certificates. The wheels' servers are built without.
fn tls_server() -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = own_database(Version::V15)?;
    let folder = tempfile::tempdir().unwrap();
    if !certificates(folder.path()) {
        return None;
    }
    install(database.server, folder.path());
    Some((database, folder))
}

#[tokio::test]
async fn every_sslmode_does_what_libpq_does() {
    let Some((database, folder)) = tls_server() else { return };
    let folder = folder.path().display().to_string();
    let url = |user: &str, host: &str, rest: &str| {
        format!("postgres://{user}@{host}:{}/{}?{}", database.server.port, database.name, rest.replace("DIR", &folder))
    };
    // The authority signed the name `localhost` only; hostaddr connects without asking a resolver.
    for (user, host, rest, expected) in [
        ("postgres", "127.0.0.1", "sslmode=disable", Ok(false)),
        ("postgres", "127.0.0.1", "sslmode=allow", Ok(false)),
        ("certified", "127.0.0.1", "sslmode=allow&sslcert=DIR/client.crt&sslkey=DIR/client.key", Ok(true)),
        ("postgres", "127.0.0.1", "sslmode=prefer", Ok(true)),
        ("plain", "127.0.0.1", "sslmode=prefer", Ok(false)),
        ("plain", "127.0.0.1", "sslmode=require", Err("does not let role `plain` in")),
        ("postgres", "127.0.0.1", "sslmode=require", Ok(true)),
        ("postgres", "127.0.0.1", "sslmode=require&sslrootcert=DIR/ca.crt", Ok(true)),
        ("postgres", "127.0.0.1", "sslmode=require&sslrootcert=DIR/stranger.crt", Err("is not trusted")),
        ("postgres", "127.0.0.1", "sslmode=verify-ca&sslrootcert=DIR/ca.crt", Ok(true)),
        ("postgres", "127.0.0.1", "sslmode=verify-ca&sslrootcert=DIR/stranger.crt", Err("sslrootcert must name")),
        ("postgres", "127.0.0.1", "sslmode=verify-full&sslrootcert=DIR/ca.crt", Err("another name")),
        ("postgres", "localhost", "sslmode=verify-full&sslrootcert=DIR/ca.crt&hostaddr=127.0.0.1", Ok(true)),
        ("postgres", "localhost", "sslmode=verify-full&sslrootcert=DIR/server.crt&hostaddr=127.0.0.1", Ok(true)),
        ("postgres", "localhost", "sslrootcert=system&hostaddr=127.0.0.1", Err("is not trusted")),
        ("postgres", "127.0.0.1", "sslmode=verify-ca&sslrootcert=DIR/missing.crt", Err("cannot read certificates")),
        ("certified", "127.0.0.1", "sslmode=require", Err("certificate")),
        ("certified", "127.0.0.1", "sslmode=require&sslcert=DIR/client.crt&sslkey=DIR/client.key", Ok(true)),
        ("scrammed:p", "127.0.0.1", "sslmode=require&channel_binding=require", Ok(true)),
        ("scrammed:p", "127.0.0.1", "sslmode=require&channel_binding=disable", Ok(true)),
        ("postgres", "127.0.0.1", "sslmode=require&channel_binding=require", Err("channel binding")),
    ] {
        let url = url(user, host, rest);
        match (encrypted(&url).await, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{url}"),
            (Err(text), Err(said)) => assert!(text.contains(said), "{url}: {text}"),
            (found, _) => panic!("{url}: {found:?}"),
        }
    }
    // A key that others may read.
    fs::set_permissions(format!("{folder}/client.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let text =
        encrypted(&url("certified", "127.0.0.1", "sslmode=require&sslcert=DIR/client.crt&sslkey=DIR/client.key")).await;
    assert!(text.unwrap_err().contains("chmod 600"));
    // Cancelling goes over TLS too.
    let mut connection =
        connect_writing(&options(&url("postgres", "127.0.0.1", "sslmode=require")), "pgform/test").await.unwrap();
    let canceller = connection.canceller();
    let (result, sent) = tokio::join!(connection.batch("select pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        canceller.cancel().await
    });
    sent.unwrap();
    assert!(result.unwrap_err().is("57014"));
}
