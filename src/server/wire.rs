use super::{frames::Frames, tap::Tap};
use std::{
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// Bytes in both directions: TCP, a unix socket, or TLS over TCP.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// The line to a server, after any TLS handshake, with a [`Tap`] on what comes in.
pub(super) struct Wire {
    bytes: Box<dyn Bytes>,
    /// What ties the authentication to the TLS session; given out once, as it is asked for once.
    binding: Mutex<Option<ChannelBinding>>,
    tap: Arc<Tap>,
    frames: Frames,
}

impl Wire {
    pub(super) fn plain(bytes: impl Bytes + 'static, tap: &Arc<Tap>) -> Self {
        Self { bytes: Box::new(bytes), binding: Mutex::new(None), tap: Arc::clone(tap), frames: Frames::default() }
    }

    pub(super) fn encrypted(bytes: impl Bytes + TlsStream + 'static, tap: &Arc<Tap>) -> Self {
        let binding = Mutex::new(Some(bytes.channel_binding()));
        Self { binding, ..Self::plain(bytes, tap) }
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
            Poll::Pending => {}
        }
        poll
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.bytes).poll_write(cx, buf)
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

/// tokio-postgres is told that TLS starts at once, and this "handshake" hands back the line, which is encrypted already:
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
