//! Reading one's own writes, whichever machine answers: a write says how far it got, a request may ask
//! to be answered no earlier.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use pipss_domain::policy::Act;
use pipss_domain::stream::Stream;
use tokio::time::{Instant, sleep};

use crate::actor::Actor;
use crate::app::App;
use crate::problem::Refused;

/// The header: `case/0b6e…@7`.
pub const HEADER: HeaderName = HeaderName::from_static("pipss-after");
/// No request waits longer than this for what it asks to see.
const WAIT_MAX: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a write says.
pub fn told(stream: Stream, version: u64) -> HeaderValue {
    let text = format!("{stream}@{version}");
    HeaderValue::try_from(text).expect("an id and a number are plain ASCII")
}

impl App {
    /// Waits until what a request asks to see is there. A stream that whoever asks may not read is as
    /// one that does not exist: neither is waited for.
    ///
    /// # Errors
    /// `Malformed`, or `Unavailable` when it has not come in time.
    pub async fn wait_for(&self, actor: &Actor, headers: &HeaderMap) -> Result<(), Refused> {
        let Some(asked) = headers.get(HEADER) else {
            return Ok(());
        };
        let (stream, version) = parse(asked).ok_or(Refused::Malformed(
            "Pipss-After is not as a write answered it",
        ))?;
        let may_read = || match stream {
            Stream::Case(case) => self.allow(actor, Act::SeeCase, Some(case)).is_ok(),
            Stream::Support(one) => self
                .view(actor, |view| view.allow_one_to_one(Act::SeeOneToOnes, one))
                .is_ok(),
            _ => false,
        };
        let gives_up = Instant::now() + WAIT_MAX;
        while may_read() {
            if self.view(actor, |view| view.views.version(&stream)) >= version {
                return Ok(());
            }
            if Instant::now() >= gives_up {
                return Err(Refused::Unavailable);
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}

fn parse(header: &HeaderValue) -> Option<(Stream, u64)> {
    let (stream, version) = header.to_str().ok()?.split_once('@')?;
    let plain = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
    Some((
        stream.parse().ok()?,
        version.parse().ok().filter(|_| plain)?,
    ))
}
