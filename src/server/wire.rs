//! Line to a server, after any TLS handshake, on which a tap listens.
use super::{frames::Frames, tap::Tap};
use std::{
    future::{Future, Ready, ready},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// Bytes in both directions: TCP, a unix socket, or TLS over TCP.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// The line to a server, after any TLS handshake, with a [`Tap`] on what comes in.
pub(super) struct Wire {
    bytes: Box<dyn Bytes>,
    /// Token that ties the authentication to the TLS session; given out once, as it is asked for once.
    binding: Mutex<Option<ChannelBinding>>,
    tap: Arc<Tap>,
    frames: Frames,
    /// Messages that go out, cut from the bytes.
    questions: Frames,
    /// Rings when the server has been silent for too long.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn plain(bytes: impl Bytes + 'static, tap: &Arc<Tap>) -> Self {
        let mut questions = Frames::default();
        // The first message has no kind.
        questions.feed(b"?", |_| false, |_, _| {});
        Self {
            bytes: Box::new(bytes),
            binding: Mutex::new(None),
            tap: Arc::clone(tap),
            frames: Frames::default(),
            questions,
            alarm: None,
        }
    }

    pub(super) fn encrypted(bytes: impl Bytes + TlsStream + 'static, tap: &Arc<Tap>) -> Self {
        let binding = Mutex::new(Some(bytes.channel_binding()));
        Self { binding, ..Self::plain(bytes, tap) }
    }
}

impl Wire {
    /// Notes the messages that go out: each that the server answers with "ready".
    fn sent(&mut self, bytes: &[u8]) {
        let mut asked = 0;
        self.questions.feed(bytes, |kind| matches!(kind, b'Q' | b'S'), |_, _| asked += 1);
        self.tap.asked(asked);
    }

    /// Tells whether the server has been silent for too long. Wakes the task when that is so.
    fn is_given_up(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(at) = self.tap.too_long_at() else { return false };
        let at = tokio::time::Instant::from_std(at);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if alarm.deadline() != at {
            alarm.as_mut().reset(at);
        }
        if alarm.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.tap.give_up();
        true
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let poll = Pin::new(&mut *this.bytes).poll_read(cx, buf);
        match &poll {
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                this.tap.hear(&mut this.frames, &buf.filled()[before..]);
            }
            Poll::Ready(Ok(()) | Err(_)) => this.tap.end(),
            Poll::Pending if this.is_given_up(cx) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => {}
        }
        poll
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut *this.bytes).poll_write(cx, buf);
        match &poll {
            Poll::Ready(Ok(count)) => {
                this.sent(&buf[..*count]);
                // Reading was looked at before anything was owed.
                this.is_given_up(cx);
            }
            Poll::Pending if this.is_given_up(cx) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Ready(Err(_)) | Poll::Pending => {}
        }
        poll
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.bytes).poll_shutdown(cx)
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        let mut binding = self.binding.lock().unwrap_or_else(PoisonError::into_inner);
        binding.take().unwrap_or_else(ChannelBinding::none)
    }
}

/// Handshake that hands back the line, which is encrypted already; tokio-postgres is told that TLS starts at once:
/// its own negotiation knows neither `allow` nor `verify-ca`.
pub(super) struct AlreadyEncrypted;

impl TlsConnect<Wire> for AlreadyEncrypted {
    type Stream = Wire;
    type Error = io::Error;
    type Future = Ready<io::Result<Wire>>;

    fn connect(self, wire: Wire) -> Self::Future {
        ready(Ok(wire))
    }
}

// For a line that is still needed afterwards, to see it end.
impl TlsStream for &mut Wire {
    fn channel_binding(&self) -> ChannelBinding {
        (**self).channel_binding()
    }
}

impl<'wire> TlsConnect<&'wire mut Wire> for AlreadyEncrypted {
    type Stream = &'wire mut Wire;
    type Error = io::Error;
    type Future = Ready<io::Result<&'wire mut Wire>>;

    fn connect(self, wire: &'wire mut Wire) -> Self::Future {
        ready(Ok(wire))
    }
}
