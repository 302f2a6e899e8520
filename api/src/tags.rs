//! After a restore, versions of before it are not taken for those of now: the `ETag` says of which history it is.
//!
//! As long as a store was never restored there is one history, and the version alone tells it: `"7"`. After a
//! restore the same version may be another course of the same case, so that eight letters of the incarnation
//! follow it, `"7.0a1b2c3d"`, and a tag that lacks them, or has others, is stale.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use pipss_store::Backend;

use crate::app::App;
use crate::door::{Server, etag};

/// How many letters of an incarnation a tag names.
const LETTERS: usize = 8;
/// A version that nothing which exists ever has: a command that is meant for it is stale.
const NEVER: u64 = 0;

impl App {
    /// What tags carry beside the version, if anything.
    pub(crate) fn history(&self) -> Option<String> {
        let Backend::Sled(store) = &self.store else {
            return None;
        };
        let incarnation = store.restored()?.simple().to_string();
        Some(incarnation[..LETTERS].to_owned())
    }
}

/// Between the routes, which know of versions only, and the world.
pub async fn of_this_history(
    State(server): State<Arc<Server>>,
    mut request: Request,
    next: Next,
) -> Response {
    let history = server.app.history();
    meant_for(request.headers_mut(), history.as_deref());
    let mut answer = next.run(request).await;
    if let Some(history) = history
        && let Some(tag) = answer.headers().get(header::ETAG)
        && let Some((version, None)) = read(tag)
    {
        let tag = format!("\"{version}.{history}\"");
        let tag = HeaderValue::try_from(tag).expect("digits and letters are plain ASCII");
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

/// Puts the version alone in the place of a tag of this history, and one that is always stale in that of any
/// other. What is no tag at all is left for the door to refuse.
fn meant_for(headers: &mut HeaderMap, history: Option<&str>) {
    let mut tags = headers.get_all(header::IF_MATCH).iter();
    let (Some(tag), None) = (tags.next(), tags.next()) else {
        return;
    };
    let Some((version, of)) = read(tag) else {
        return;
    };
    let version = if of == history { version } else { NEVER };
    let tag = etag(version);
    headers.insert(header::IF_MATCH, tag);
}

/// The version that a tag names, and the letters beside it, if there are any.
fn read(tag: &HeaderValue) -> Option<(u64, Option<&str>)> {
    let inner = tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?;
    let (version, history) = match inner.split_once('.') {
        Some((version, history)) => (version, Some(history)),
        None => (inner, None),
    };
    let letter = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digits = version.bytes().all(|byte| byte.is_ascii_digit());
    let named = history.is_none_or(|text| text.len() == LETTERS && text.bytes().all(letter));
    let version = version.parse().ok().filter(|_| digits && named)?;
    Some((version, history))
}
