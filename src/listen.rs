//! How connections are taken: no more at once than can be served, and none that only waits.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use pipss_api::arrival::BodyWait;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use crate::followed::Followed;
use crate::serve::End;

/// Requests that are under way when the program is told to end have this long.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// The line and the headers of a request may be so long: 32 KiB, in no more than 64 headers.
const HEAD_MAX: usize = 32 * 1024;
const HEADERS_MAX: usize = 64;
/// After a connection could not be taken (too many open files, say), the next is tried so much later.
const BREATH: Duration = Duration::from_millis(100);

/// How many connections, and how long each may take to say something.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connections {
    /// At once; more of them wait their turn.
    pub at_once: NonZeroU32,
    /// Seconds for the line and the headers of a request, and between two requests.
    pub head_seconds: NonZeroU32,
    /// Seconds for its body.
    pub body_seconds: NonZeroU32,
}

impl Default for Connections {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).expect("not zero");
        Self {
            at_once: number(1024),
            head_seconds: number(30),
            body_seconds: number(30),
        }
    }
}

/// Answers requests until the end, then lets those under way finish.
///
/// # Errors
/// None today; what goes wrong with one connection is no reason to end.
pub(crate) async fn listen(
    listener: TcpListener,
    routes: Router,
    connections: Connections,
    mut end: End,
) -> anyhow::Result<()> {
    let room = Arc::new(Semaphore::new(connections.at_once.get() as usize));
    let under_way = GracefulShutdown::new();
    let mut ended = pin!(end.came());
    loop {
        let taken = tokio::select! {
            taken = take(&listener, &room) => taken,
            () = &mut ended => break,
        };
        let (stream, from, place) = taken;
        let serving = under_way.watch(connection(stream, from, &routes, connections));
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::debug!(%error, "a connection ended: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = under_way.shutdown() => {}
        () = tokio::time::sleep(LAST_WORDS) => {}
    }
    Ok(())
}

/// The next connection, once there is room for it.
async fn take(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(room).acquire_owned().await;
    let place = place.expect("the room is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                // Answers are short: none waits to be filled up.
                let _ = stream.set_nodelay(true);
                return (stream, from, place);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    from: SocketAddr,
    routes: &Router,
    connections: Connections,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
    let seconds = |number: NonZeroU32| Duration::from_secs(number.get().into());
    let routes = routes.clone();
    let wait = BodyWait(seconds(connections.body_seconds));
    let service = service_fn(move |request: Request<Incoming>| {
        let (head, arriving) = request.into_parts();
        let (body, read) = Followed::new(arriving);
        let mut request = Request::from_parts(head, Body::new(body));
        request.extensions_mut().insert(ConnectInfo(from));
        request.extensions_mut().insert(wait);
        let answered = routes.clone().oneshot(request);
        async move { answered.await.map(|answer| read.answered(answer)) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(seconds(connections.head_seconds))
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
}
