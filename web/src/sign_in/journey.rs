//! To the trust's sign-in service, and back signed in.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use pipss_api::identity::Identity;
use serde::{Deserialize, Serialize};

use super::pending::LIFE;
use super::provider::{Asked, Provider};
use super::said::{Carried, No, onward, refused};
use super::{Entering, enter, here, is_kept};
use crate::pages::{Answer, Pages, SignInWay};
use crate::visitor::{Nonce, cookie, see_other, sent};

const PURPOSE: &str = "on the way to sign in";
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// What a browser carries on the way, sealed.
#[derive(Serialize, Deserialize)]
struct Journey {
    issuer: String,
    state: String,
    nonce: String,
    verifier: String,
    /// Must they prove who they are, though they did before?
    prove: bool,
    began_at: DateTime<Utc>,
    back: String,
    /// The name of what they wrote.
    kept: Option<String>,
}

impl Journey {
    const fn carried(&self) -> Carried {
        match self.kept {
            Some(_) => Carried::WayAndAnswers,
            None => Carried::Way,
        }
    }
}

/// What one sets out with.
struct SettingOut {
    to: usize,
    back: String,
    prove: bool,
    kept: Option<String>,
}

/// Sets out from a link.
pub async fn set_out(State(pages): State<Arc<Pages>>, nonce: Nonce, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let asked = once_each(&parts.uri).unwrap_or_default();
    let text = |name| find(&asked, name).unwrap_or_default();
    let before = carried(&pages, &parts.headers).filter(|_| !text("again").is_empty());
    let setting_out = match before {
        Some(before) => SettingOut {
            to: position(&pages, &before.issuer),
            back: before.back,
            prove: before.prove,
            kept: before.kept,
        },
        None => SettingOut {
            to: text("to").parse().unwrap_or_default(),
            back: here(text("back")),
            prove: !text("prove").is_empty(),
            kept: None,
        },
    };
    let led = async |to: String| see_other(&to);
    begin(&pages, &nonce.0, setting_out, led).await
}

/// Sets out from a form that carries what they wrote. A browser follows a form to no other host, so that
/// a page leads on.
pub async fn set_out_with(
    State(pages): State<Arc<Pages>>,
    nonce: Nonce,
    request: Request,
) -> Answer {
    let (_, fields) = sent(&pages, request).await?;
    let text = |name| fields.get(name).unwrap_or_default();
    let kept = fields.get("kept").filter(|kept| is_kept(&pages, kept));
    let kept = kept.map(|sealed| {
        let name = pages.chance.token();
        let now = pages.machine_time();
        pages.pending.keep(name.clone(), sealed.to_owned(), now);
        name
    });
    let setting_out = SettingOut {
        to: text("to").parse().unwrap_or_default(),
        back: here(text("back")),
        prove: !text("prove").is_empty(),
        kept,
    };
    let led = async |to| {
        let sentence = "You are taken to where you sign in. What you wrote stays here.";
        onward(&pages, &nonce.0, ("Sign in", sentence), to)
    };
    Ok(begin(&pages, &nonce.0, setting_out, led).await)
}

/// Also if the service does not answer, the browser carries what is needed to try again.
async fn begin(
    pages: &Pages,
    nonce: &str,
    setting_out: SettingOut,
    led: impl AsyncFnOnce(String) -> Response,
) -> Response {
    let Some(provider) = providers(pages).get(setting_out.to) else {
        return refused(pages, nonce, &No::Lost, Carried::Nothing);
    };
    let token = || pages.chance.token();
    let journey = Journey {
        issuer: provider.issuer.clone(),
        state: token(),
        nonce: token(),
        verifier: token(),
        prove: setting_out.prove,
        began_at: pages.machine_time(),
        back: setting_out.back,
        kept: setting_out.kept,
    };
    let asked = Asked {
        state: &journey.state,
        nonce: &journey.nonce,
        verifier: &journey.verifier,
        prove: journey.prove,
    };
    let mut response = match provider.way_in(asked).await {
        Ok(to) => led(to.into()).await,
        Err(failed) => refused(pages, nonce, &failed.into(), journey.carried()),
    };
    carry(pages, &mut response, Some(&journey));
    response
}

/// Comes back from the sign-in service.
pub async fn come_back(
    State(pages): State<Arc<Pages>>,
    nonce: Nonce,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let Some(journey) = carried(&pages, &parts.headers) else {
        return refused(&pages, &nonce.0, &No::Lost, Carried::Nothing);
    };
    match arrive(&pages, &parts, &journey).await {
        Ok(identity) => {
            let proved_at = identity.proved_at.and_then(|at| i64::try_from(at).ok());
            let entering = Entering {
                signed_in: &identity.signed_in,
                proved_at: proved_at.and_then(|at| DateTime::from_timestamp(at, 0)),
                named: Some(&identity.named),
                kept: journey.kept.and_then(|name| pages.pending.take(&name)),
                back: &journey.back,
            };
            let mut response = enter(&pages, &parts.headers, entering);
            carry(&pages, &mut response, None);
            response
        }
        Err(no) => refused(&pages, &nonce.0, &no, journey.carried()),
    }
}

async fn arrive(pages: &Pages, parts: &Parts, journey: &Journey) -> Result<Identity, No> {
    let now = pages.machine_time();
    let said = once_each(&parts.uri).ok_or(No::Lost)?;
    let state = find(&said, "state").ok_or(No::Lost)?;
    let same = verify_slices_are_equal(state.as_bytes(), journey.state.as_bytes());
    let in_time = now - journey.began_at < LIFE && journey.began_at - now < LIFE;
    if same.is_err() || !in_time || !pages.pending.first_use(&journey.state, now) {
        return Err(No::Lost);
    }
    // RFC 9207: an answer of another service is not taken for this one's.
    if find(&said, "iss").is_some_and(|issuer| issuer != journey.issuer) {
        return Err(No::Refused);
    }
    let code = find(&said, "code").filter(|_| find(&said, "error").is_none());
    let code = code.ok_or(No::Refused)?;
    let provider = providers(pages).get(position(pages, &journey.issuer));
    let provider = provider.ok_or(No::Refused)?;
    let token = provider.id_token(code, &journey.verifier).await?;
    let verifier = pages.server.verifier().ok_or(No::Refused)?;
    let identity = verifier.identity(&journey.issuer, &token, &journey.nonce);
    let identity = identity.await.map_err(|_| No::Refused)?;
    match journey.prove && !identity.signed_in.just_proved {
        true => Err(No::NotProved),
        false => Ok(identity),
    }
}

pub(super) fn providers(pages: &Pages) -> &[Provider] {
    match &pages.way {
        SignInWay::Elsewhere(providers) => providers,
        SignInWay::Choose(_) | SignInWay::Closed | SignInWay::Within => &[],
    }
}

fn position(pages: &Pages, issuer: &str) -> usize {
    let mut each = providers(pages).iter();
    each.position(|provider| provider.issuer == issuer)
        .unwrap_or(usize::MAX)
}

/// The names and values of a query in which each name stands once.
fn once_each(uri: &Uri) -> Option<Vec<(String, String)>> {
    let query = uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let pairs: Vec<_> = (query.len() <= QUERY_BYTES_MAX).then(|| pairs.collect())?;
    let twice =
        |(name, _): &(String, String)| pairs.iter().filter(|(other, _)| other == name).count() > 1;
    (!pairs.iter().any(twice)).then_some(pairs)
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(given, _)| given == name);
    found.map(|(_, value)| value.as_str())
}

const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-pipss-way"
    } else {
        "pipss-way"
    }
}

fn carried(pages: &Pages, headers: &HeaderMap) -> Option<Journey> {
    let sealed = cookie(headers, cookie_name(pages.secure))?;
    pages.drafts.seal().open(PURPOSE, sealed)
}

fn carry(pages: &Pages, response: &mut Response, journey: Option<&Journey>) {
    let seal = |journey| pages.drafts.seal().seal(pages.chance, PURPOSE, journey);
    let (value, age) = match journey {
        Some(journey) => (seal(journey), LIFE.num_seconds()),
        None => (String::new(), 0),
    };
    let name = cookie_name(pages.secure);
    let secure = if pages.secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={age}");
    let cookie = HeaderValue::try_from(cookie).expect("what is sealed is plain ASCII");
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

/// The way out of the service with which someone signed in.
pub(super) async fn way_out(pages: &Pages, issuer: &str) -> Option<String> {
    let provider = providers(pages).get(position(pages, issuer))?;
    provider.way_out().await.map(Into::into)
}
