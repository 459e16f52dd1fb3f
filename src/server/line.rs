//! Sets when a line that has gone quiet is found to be dead, at both of its ends.
use super::conninfo::{Keywords, mistake};
use crate::diagnostic::Diagnostic;
use std::{io, time::Duration};
use tokio::net::TcpStream;

/// Times by which a line that has gone quiet is found to be dead, at both of its ends. The operating systems' own two
/// hours are too long for a session that holds locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time of quiet before the line is asked whether it lives; `None`: never.
    idle: Option<Duration>,
    /// Time until it is asked again.
    interval: Duration,
    /// Number of times that it is asked.
    count: u32,
    /// Longest time that what was sent may be without a receipt; `None`: as the operating system has it.
    unacknowledged: Option<Duration>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            idle: Some(Duration::from_secs(10)),
            interval: Duration::from_secs(5),
            count: 3,
            unacknowledged: Some(Duration::from_secs(25)),
        }
    }
}

impl Line {
    /// Reads `keepalives`, `keepalives_idle`, `keepalives_interval`, `keepalives_count` and `tcp_user_timeout`, as libpq has
    /// them: 0 is the default.
    pub(super) fn read(keywords: &Keywords) -> Result<Self, Diagnostic> {
        let number = |keyword: &str| -> Result<Option<u32>, Diagnostic> {
            let Some(text) = keywords.get(keyword) else { return Ok(None) };
            let number: i64 = text.trim().parse().map_err(|_| mistake(format!("{keyword} is not a number")))?;
            Ok(u32::try_from(number).ok().filter(|number| *number > 0))
        };
        let mut line = Self::default();
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        line.idle = number("keepalives_idle")?.map(seconds).or(line.idle);
        line.interval = number("keepalives_interval")?.map_or(line.interval, seconds);
        line.count = number("keepalives_count")?.unwrap_or(line.count);
        let milliseconds = number("tcp_user_timeout")?.map(|ms| Duration::from_millis(ms.into()));
        line.unacknowledged = milliseconds.or(line.unacknowledged);
        if keywords.get("keepalives").is_some_and(|value| value == "0") {
            line.idle = None;
        }
        Ok(line)
    }

    /// Sets this end's socket.
    pub(super) fn watch(self, stream: &TcpStream) -> io::Result<()> {
        let socket = socket2::SockRef::from(stream);
        let Some(idle) = self.idle else { return socket.set_keepalive(false) };
        let keepalive =
            socket2::TcpKeepalive::new().with_time(idle).with_interval(self.interval).with_retries(self.count);
        socket.set_tcp_keepalive(&keepalive)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(self.unacknowledged)?;
        Ok(())
    }

    /// Gives the messages that set the server's end, each by itself: a server whose system lacks one refuses it. The
    /// last one lets a statement end whose client has gone.
    pub(super) fn servers_end(self) -> [String; 2] {
        let seconds = |duration: Duration| duration.as_secs().max(1);
        let idle = self.idle.map_or(0, seconds);
        let unacknowledged = self.unacknowledged.map_or(0, |duration| duration.as_millis());
        let keepalives = format!(
            "set tcp_keepalives_idle = {idle}; set tcp_keepalives_interval = {}; set tcp_keepalives_count = {}; \
             set tcp_user_timeout = {unacknowledged}",
            seconds(self.interval),
            self.count
        );
        [keepalives, "set client_connection_check_interval = '2s'".to_owned()]
    }
}
