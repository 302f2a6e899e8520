//! The way in from HTTP: who asks, how much they may ask, and a body that means one thing, in this order.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CaseId, OfferId, SessionId};
use pipss_domain::pathway::CaseCommand;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::addresses::Addresses;
use crate::after;
use crate::app::{App, Done};
use crate::arrival::whole;
use crate::body::Body;
pub(crate) use crate::guard::Within;
use crate::guard::{Guard, Tokens};
pub use crate::guard::{Limits, within};
use crate::intent::{Asked, Intent};
use crate::problem::Refused;
use crate::reading::{HelpLine, ReadBy};
use crate::token::{SignedIn, Verifier};

/// What every handler is given.
pub struct Server {
    /// The running system.
    pub app: Arc<App>,
    guard: Guard,
    /// What is open without a token has a share for each address; within this process there are none.
    pub(crate) addresses: Option<Addresses>,
    pub(crate) signing_in: Option<Addresses>,
}

impl Server {
    /// Puts the parts together.
    pub fn new(app: Arc<App>, verifier: Verifier, limits: Limits) -> Self {
        let tokens = Tokens::new(verifier, limits);
        Self {
            app,
            guard: Guard::Tokens(Box::new(tokens)),
            addresses: Some(Addresses::new()),
            signing_in: Some(Addresses::signing_in()),
        }
    }

    /// Without a way in from a network: whoever asks says who they are. Never served to one.
    pub fn within(app: Arc<App>) -> Self {
        Self {
            app,
            guard: Guard::Within,
            addresses: None,
            signing_in: None,
        }
    }

    /// Takes one request from the share of someone who signed in at a browser; within this process there
    /// are no shares.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn take_share(&self, signed_in: &SignedIn) -> Result<(), Refused> {
        match &self.guard {
            Guard::Within => Ok(()),
            Guard::Tokens(tokens) => tokens.take_share(signed_in),
        }
    }

    /// What checks tokens; within this process there are none.
    pub fn verifier(&self) -> Option<&Verifier> {
        match &self.guard {
            Guard::Within => None,
            Guard::Tokens(tokens) => Some(&tokens.verifier),
        }
    }

    async fn who(&self, parts: &Parts) -> Result<Actor, Refused> {
        let actor = match &self.guard {
            Guard::Within => within(&parts.extensions).ok_or(Refused::Unauthorised)?,
            Guard::Tokens(tokens) => {
                let signed_in = tokens.signed_in(&parts.headers).await?;
                let organisation = signed_in.organisation.to_string();
                match parts.headers.get("pipss-organisation") {
                    Some(other) if other != organisation.as_str() => {
                        return Err(Refusal::NotFound.into());
                    }
                    _ => self.app.settled(self.app.recognise(signed_in)).await?,
                }
            }
        };
        self.app.wait_for(&actor, &parts.headers).await?;
        Ok(actor)
    }
}

/// Whoever asks, their token checked and their share not used up.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Refused> {
        server.who(parts).await.map(Self)
    }
}

/// The query, refused if it has anything that is not known; but only after the policy was asked.
pub struct Asking<T>(pub Result<T, Refused>);

impl<T: DeserializeOwned> FromRequestParts<Arc<Server>> for Asking<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Server>) -> Result<Self, Refused> {
        const UNKNOWN: &str = "A parameter of the query is not known or not as expected.";
        let query = Query::try_from_uri(&parts.uri);
        Ok(Self(
            query
                .map(|Query(query)| query)
                .map_err(|_| Refusal::invalid("", UNKNOWN).into()),
        ))
    }
}

/// What a path names; anything that cannot be one is simply not there.
pub struct Named<T>(pub T);

impl<T: FromStr> FromRequestParts<Arc<Server>> for Named<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Refused> {
        let path = Path::<String>::from_request_parts(parts, server).await;
        let name = path.ok().and_then(|Path(text)| text.parse().ok());
        name.map(Self).ok_or(Refusal::NotFound.into())
    }
}

/// What a path names within something else that it names.
pub struct NamedIn<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr> FromRequestParts<Arc<Server>> for NamedIn<A, B> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Refused> {
        let path = Path::<(String, String)>::from_request_parts(parts, server).await;
        let Path((above, below)) = path.map_err(|_| Refusal::NotFound)?;
        match (above.parse(), below.parse()) {
            (Ok(above), Ok(below)) => Ok(Self(above, below)),
            _ => Err(Refusal::NotFound.into()),
        }
    }
}

/// Raises a referral.
pub async fn raise(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Response, Refused> {
    server
        .app
        .allow(&actor, pipss_domain::policy::Act::RaiseReferral, None)?;
    let asked = asked(request).await?;
    let done = server.app.execute(&actor, Intent::raise(asked)).await?;
    Ok(opened(&server.app, &actor, &done))
}

/// The answer to what opened a case: where it is now.
pub(crate) fn opened(app: &App, actor: &Actor, done: &Done) -> Response {
    let mut answer = done.answer();
    answer.read_by = done.facts.iter().find_map(|fact| app.read_by(actor, fact));
    answer.urgent_help = Some(app.urgent_help().to_vec());
    let location = format!(
        "/api/v1/cases/{}",
        answer.case.expect("its first fact opens a case")
    );
    let location = HeaderValue::try_from(location).expect("an id is plain ASCII");
    let mut response = (StatusCode::CREATED, answer).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Gives a command to a case.
pub async fn command<C: CaseCommand + 'static>(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
    request: Request,
) -> Result<Response, Refused> {
    server.app.allow(&actor, C::ACT, Some(case))?;
    let asked = asked(request).await?;
    let intent = Intent::to_case::<C>(case, asked);
    let done = server.app.execute(&actor, intent).await?;
    Ok(done.answer().into_response())
}

/// Reads what a command comes with: size, type, form, key, version.
pub(crate) async fn asked(request: Request) -> Result<Asked, Refused> {
    let (parts, body) = body_of(request).await?;
    let key = one(&parts.headers, "idempotency-key")?
        .filter(|key| (1..=255).contains(&key.len()))
        .ok_or(Refused::Malformed(
            "an Idempotency-Key of 1 to 255 characters is required",
        ))?;
    let if_match = match one(&parts.headers, "if-match")? {
        None => None,
        Some(version) => Some(version_of(version)?),
    };
    Ok(Asked {
        key: key.to_owned(),
        if_match,
        body,
    })
}

/// Reads a body: size, type, form.
pub(crate) async fn body_of(request: Request) -> Result<(Parts, Body), Refused> {
    let (parts, body) = request.into_parts();
    let bytes = whole(&parts, body).await?;
    let media_type = one(&parts.headers, header::CONTENT_TYPE.as_str());
    if !media_type.is_ok_and(|given| given.is_some_and(is_json)) {
        return Err(Refused::MediaType);
    }
    let body = Body::read(&bytes).map_err(Refused::Malformed)?;
    Ok((parts, body))
}

fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|t| t.eq_ignore_ascii_case("application/json"));
    json && parts.all(|p| p.eq_ignore_ascii_case("charset=utf-8"))
}

/// A header that may stand once, in visible ASCII.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Refused> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(Refused::Malformed("a header stands twice"));
    }
    value
        .map(|v| {
            v.to_str()
                .map_err(|_| Refused::Malformed("a header is not plain text"))
        })
        .transpose()
}

fn version_of(text: &str) -> Result<u64, Refused> {
    let number = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    number
        .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|n| n.parse().ok())
        .ok_or(Refused::Malformed(
            "If-Match must be one version in quotes, as ETag gave it",
        ))
}

/// What a command did: the same at every repeat.
#[derive(Serialize, ToSchema)]
pub struct CommandAnswer {
    /// The case.
    pub case: Option<CaseId>,
    /// What to quote, when a case was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The version of the case after it; for `If-Match` of the next command.
    pub version: u64,
    /// The offer that was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// The session that was arranged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Was the defusion that was logged held outside its window? Only marked, never refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_window: Option<bool>,
    /// When a person reads it, when a case was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_by: Option<ReadBy>,
    /// The numbers that are answered now, when a case was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent_help: Option<Vec<HelpLine>>,
}

impl IntoResponse for CommandAnswer {
    fn into_response(self) -> Response {
        let etag = etag(self.version);
        let after = self
            .case
            .map(|case| [(after::HEADER, after::told(Stream::Case(case), self.version))]);
        ([(header::ETAG, etag)], after, axum::Json(self)).into_response()
    }
}

/// The version of a case as a strong ETag.
pub fn etag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("a number in quotes is plain ASCII")
}

impl Done {
    /// What is told of it.
    pub fn answer(&self) -> CommandAnswer {
        let of_case = |fact: &&Fact| matches!(fact.stream, Stream::Case(_));
        let mut answer = CommandAnswer {
            case: self.given_to.map(|(case, _)| case),
            reference: None,
            version: self.given_to.map_or(0, |(_, version)| version),
            offer: None,
            session: None,
            outside_window: None,
            read_by: None,
            urgent_help: None,
        };
        // A command may also leave a fact in another case; it answers for the one it was given to.
        let first = self.facts.iter().find(of_case).map(|fact| fact.stream);
        for fact in self.facts.iter().filter(|fact| Some(fact.stream) == first) {
            if let Stream::Case(case) = fact.stream {
                answer.case = Some(case);
            }
            answer.version = fact.version;
            match &fact.event {
                Event::ReferralRaised(raised) => answer.reference = Some(raised.reference.clone()),
                Event::OfferPlanned(planned) => answer.offer = Some(planned.offer),
                Event::SessionArranged(arranged) => answer.session = Some(arranged.session),
                Event::DefusionLogged(logged) => {
                    answer.outside_window = Some(logged.outside_window)
                }
                _ => {}
            }
        }
        answer
    }
}
