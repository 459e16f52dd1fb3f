//! Connections: options as libpq's users know them, TLS, the pinned session, poolers found out, errors with their SQLSTATE.
mod activity;
mod canceller;
mod connection;
mod conninfo;
mod dial;
mod error;
mod failure;
mod frames;
mod info;
mod options;
mod passfile;
mod session;
mod staged;
mod tap;
mod tls;
mod wire;
mod without_password;

pub use activity::{Activity, OlderSessions, blockers, older_sessions};
pub use canceller::Canceller;
pub use connection::Connection;
pub use error::{Notice, ServerError, SqlState};
pub use info::ServerInfo;
pub use options::{Address, ChannelBinding, ConnectOptions, Env, Secret, SessionAttrs, Target};
pub use session::{PINNED, connect_reading, connect_writing, pinned};
pub use staged::{Stage, Staged, staged};
pub use tls::{RootCert, SslMode, TlsOptions};
pub use without_password::without_password;
