//! Opens one way to a server: a socket, the name under which it is known, and how it is encrypted.
use super::{Line, failure::Failure, tap::Tap, wire::Wire};
use rustls::ClientConfig;
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixStream},
};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Socket that a server listens on.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Ways to encrypt one attempt.
#[derive(Clone)]
pub(super) enum Encrypt {
    No,
    IfOffered(Arc<ClientConfig>),
    Always(Arc<ClientConfig>),
}

/// Way to a server: which socket, under which name, with which encryption.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) endpoint: Endpoint,
    pub(super) name: String,
    pub(super) encrypt: Encrypt,
    pub(super) line: Line,
}

/// The message that asks for TLS: its length, and a number that is no protocol version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Opens the line: socket, and TLS where it is asked for. Gives whether it is encrypted.
pub(super) async fn open(route: &Route, tap: &Arc<Tap>) -> Result<(Wire, bool), Failure> {
    let unreachable = |error: io::Error| Failure::Unreachable(error.to_string());
    let mut stream = match &route.endpoint {
        Endpoint::Unix(path) => {
            return Ok((Wire::plain(UnixStream::connect(path).await.map_err(unreachable)?, tap), false));
        }
        Endpoint::Tcp(address) => connect_tcp(*address, route.line).await.map_err(unreachable)?,
    };
    let (config, always) = match &route.encrypt {
        Encrypt::No => return Ok((Wire::plain(stream, tap), false)),
        Encrypt::IfOffered(config) => (config, false),
        Encrypt::Always(config) => (config, true),
    };
    stream.write_all(&SSL_REQUEST).await.map_err(unreachable)?;
    match stream.read_u8().await.map_err(unreachable)? {
        b'S' => {}
        b'N' if always => return Err(Failure::Tls("the server has no TLS".to_owned())),
        b'N' => return Ok((Wire::plain(stream, tap), false)),
        _ => return Err(Failure::Tls("the answer to the request for TLS is not PostgreSQL's".to_owned())),
    }
    let mut make = MakeRustlsConnect::new((**config).clone());
    let failed = |error: io::Error| Failure::Tls(error.to_string());
    let connect = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut make, &route.name)
        .map_err(|e| Failure::Tls(e.to_string()))?;
    Ok((Wire::encrypted(connect.connect(stream).await.map_err(failed)?, tap), true))
}

async fn connect_tcp(address: SocketAddr, line: Line) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // An index build is a line that is quiet for hours; without this, a firewall forgets it.
    line.watch(&stream)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
