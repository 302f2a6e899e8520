//! The body of a request as it arrives: read before anything is answered, so that whoever sends too
//! much still hears why.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::body::BODY_MAX;
use crate::problem::Refused;

/// A body that takes longer to arrive is given up, unless [`BodyWait`] says otherwise.
const WAIT: Duration = Duration::from_secs(30);
/// What is beyond [`BODY_MAX`] is thrown away, up to here; then the connection ends.
const DRAINED_MAX: usize = 1024 * 1024;

/// How long a body may take; whoever takes connections puts it into a request's extensions.
#[derive(Clone, Copy)]
pub struct BodyWait(pub Duration);

/// Stands in for a body that was too long to keep.
#[derive(Clone)]
struct TooLong;

/// Reads the body first.
pub async fn read_first(request: Request, next: Next) -> Response {
    match arrived(request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// A request whose body was read, keeping no more of it than may be answered.
///
/// # Errors
/// `Malformed`, when it did not arrive.
pub async fn arrived(request: Request) -> Result<Request, Refused> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let wait = parts.extensions.get::<BodyWait>();
    let wait = wait.map_or(WAIT, |BodyWait(wait)| *wait);
    match timeout(wait, kept(body)).await {
        Ok(Ok(Some(bytes))) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Ok(None)) => {
            parts.extensions.insert(TooLong);
            Ok(Request::from_parts(parts, Body::empty()))
        }
        Ok(Err(_)) | Err(_) => Err(Refused::Malformed(
            "the body did not arrive whole, or not in time",
        )),
    }
}

/// The bytes of a body, or nothing if there are too many.
async fn kept(mut body: Body) -> Result<Option<Vec<u8>>, axum::Error> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= BODY_MAX {
            bytes.extend_from_slice(&data);
        } else if length > DRAINED_MAX {
            break;
        }
    }
    Ok((length <= BODY_MAX).then_some(bytes))
}

/// The whole body, if it was not too long.
///
/// # Errors
/// `TooLarge`.
pub async fn whole(parts: &Parts, body: Body) -> Result<Bytes, Refused> {
    if parts.extensions.get::<TooLong>().is_some() {
        return Err(Refused::TooLarge);
    }
    to_bytes(body, BODY_MAX)
        .await
        .map_err(|_| Refused::TooLarge)
}
