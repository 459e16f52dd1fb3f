//! Poolers, played by a proxy that does to the startup packet what they do.
use super::options;
use crate::support::{Version, fresh_database};
use pgform::{
    diagnostic::Code,
    server::{connect_reading, connect_writing},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

#[derive(Clone, Copy)]
enum Pooler {
    /// PgBouncer as it comes.
    RefusesOptions,
    /// PgBouncer with `ignore_startup_parameters = options`.
    StripsOptions,
}

/// Listens, and gives its port.
async fn pooler(kind: Pooler, server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(kind, client, server));
        }
    });
    port
}

async fn serve(kind: Pooler, mut client: TcpStream, server: u16) {
    let mut length = client.read_u32().await.unwrap();
    if length == 8 {
        // The request for TLS: no.
        client.read_u32().await.unwrap();
        client.write_all(b"N").await.unwrap();
        length = client.read_u32().await.unwrap();
    }
    let mut packet = vec![0; length as usize - 4];
    client.read_exact(&mut packet).await.unwrap();
    let (version, fields) = packet.split_at(4);
    let fields: Vec<&[u8]> = fields.split(|byte| *byte == 0).collect();
    let pairs: Vec<_> = fields.chunks_exact(2).filter(|pair| !pair[0].is_empty()).collect();
    let has_options = pairs.iter().any(|pair| pair[0] == b"options");
    if has_options && matches!(kind, Pooler::RefusesOptions) {
        let body = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
        client.write_all(b"E").await.unwrap();
        client.write_u32(u32::try_from(body.len()).unwrap() + 4).await.unwrap();
        client.write_all(body).await.unwrap();
        return;
    }
    let mut forwarded = version.to_vec();
    for pair in pairs.iter().filter(|pair| pair[0] != b"options") {
        forwarded.extend([pair[0], b"\0", pair[1], b"\0"].concat());
    }
    forwarded.push(0);
    let mut upstream = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    upstream.write_u32(u32::try_from(forwarded.len()).unwrap() + 4).await.unwrap();
    upstream.write_all(&forwarded).await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut upstream).await;
}

#[tokio::test]
async fn writing_behind_a_pooler_is_refused_and_reading_is_not() {
    let Some(database) = fresh_database(Version::V18) else { return };
    for (kind, said) in
        [(Pooler::RefusesOptions, "takes no options"), (Pooler::StripsOptions, "never saw pgform's options")]
    {
        let port = pooler(kind, database.server.port).await;
        let url = format!("postgres://postgres@127.0.0.1:{port}/{}", database.name);
        let diagnostic = connect_writing(&options(&url), "pgform/test").await.unwrap_err();
        assert_eq!(diagnostic.code, Code::Pooler);
        assert!(diagnostic.message.contains(said), "{diagnostic:?}");
        assert!(diagnostic.help.unwrap().contains("direct address"));
        connect_reading(&options(&url)).await.unwrap().close().await.unwrap();
    }
}

#[tokio::test]
async fn options_of_the_users_own_go_along() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let url = format!("{}?options=-c%20geqo%3Doff", database.url);
    let mut connection = connect_writing(&options(&url), "pgform/test").await.unwrap();
    assert_eq!(super::one(&mut connection, "show geqo").await, "off");
}
