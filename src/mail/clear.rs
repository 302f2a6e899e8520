//! The part of a conversation that is not yet encrypted, read so that none of it is believed later.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The first byte of TLS (RFC 8446 §5.1, handshake); no SMTP command begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// Until encryption begins it gives out one byte at a time, so that a reader of lines takes no
/// byte past the line it waits for.
///
/// lettre 0.11 keeps what it read ahead across STARTTLS. Someone on the way could add "accepted"
/// to the last answer in the clear, and a letter would count as sent that the server never saw
/// (<https://nostarttls.secvuln.info>). Here such bytes go to the TLS handshake, which fails.
#[derive(Debug)]
pub(super) struct Clear {
    stream: TcpStream,
    encrypted: bool,
}

impl Clear {
    pub(super) fn new(stream: TcpStream) -> Clear {
        Clear {
            stream,
            encrypted: false,
        }
    }
}

impl AsyncRead for Clear {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.encrypted || buffer.remaining() == 0 {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut one);
        buffer.put_slice(one.filled());
        polled
    }
}

impl AsyncWrite for Clear {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.encrypted |= bytes.first() == Some(&TLS_HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Clear {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
