//! Whether the body of a request was read to its end, and what is said if it was not.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::http::{HeaderValue, header};
use axum::response::Response;
use hyper::Error;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

/// A body that remembers whether it was read to its end.
pub(crate) struct Followed {
    arriving: Incoming,
    ended: Read,
}

/// What is remembered.
#[derive(Clone)]
pub(crate) struct Read(Arc<AtomicBool>);

impl Followed {
    /// Follows a body; nothing of one that is empty is left to read.
    pub(crate) fn new(arriving: Incoming) -> (Self, Read) {
        let ended = Read(Arc::new(AtomicBool::new(arriving.is_end_stream())));
        let followed = Self {
            arriving,
            ended: ended.clone(),
        };
        (followed, ended)
    }
}

impl Read {
    /// The answer. If it comes before the end of the body it says that the connection ends with it: what is left
    /// of the body stands where the next request would, and whoever sent one there would never be answered.
    pub(crate) fn answered(&self, mut answer: Response) -> Response {
        if !self.0.load(Ordering::Relaxed) {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(header::CONNECTION, close);
        }
        answer
    }
}

impl Body for Followed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.arriving).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) || self.arriving.is_end_stream() {
            self.ended.0.store(true, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.arriving.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.arriving.size_hint()
    }
}
