//! Whoever asks for a page: found by the session of their browser, else asked to sign in.

use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipss_api::actor::Actor;
use pipss_api::arrival::whole;
use pipss_api::door;
use pipss_api::people::{MeAnswer, RoleCode};
use pipss_api::problem::Refused;

use crate::draft::{Draft, owner};
use crate::fields::Fields;
use crate::pages::{Instead, Pages, SignInWay};
use crate::shell::{Shell, navigation};
use crate::sign_in::{self, Aside};

/// The name of the cookie; over TLS browsers let nobody else set it.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-pipss" } else { "pipss" }
}

/// Around the answer to a request: filled in once whoever asks is known, for when it is no.
#[derive(Clone, Default)]
pub(crate) struct Around(pub Arc<OnceLock<Shell>>);

/// What scripts of this answer carry.
#[derive(Clone)]
pub struct Nonce(pub String);

/// Whoever asks for a page.
pub struct Visitor {
    /// Who, for the windows and the door.
    pub actor: Actor,
    /// What they are here.
    pub me: MeAnswer,
    /// Where they are.
    pub path: String,
    /// Whose drafts are theirs.
    pub(crate) owner: String,
    nonce: String,
    csrf: String,
    session: Option<String>,
}

impl Visitor {
    /// Have they this role?
    pub fn is(&self, role: RoleCode) -> bool {
        self.me.roles.contains(&role)
    }

    /// What they ask for in the query.
    pub fn asked(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(given, _)| given == name);
        found.map(|(_, value)| value.trim().to_owned())
    }

    /// Something to tell them on the next page.
    pub fn tell(&self, pages: &Pages, what: impl Into<String>) {
        if let Some(session) = &self.session {
            pages.sessions.tell(session, what);
        }
    }

    /// A draft that was kept for the next page.
    pub fn kept_draft(&self, pages: &Pages, name: &str) -> Option<Draft> {
        let sealed = self.kept_text(pages, name)?;
        pages
            .drafts
            .open(&self.owner, &sealed, pages.machine_time())
    }

    /// Keeps a draft for the next page; none forgets it.
    pub fn keep_draft(&self, pages: &Pages, name: &str, draft: Option<&Draft>) {
        if let Some(session) = &self.session {
            let sealed = draft.map(|draft| pages.drafts.sealed(draft));
            pages.sessions.keep(session, name, sealed);
        }
    }

    /// Something sealed that was kept for them.
    pub(crate) fn kept_text(&self, pages: &Pages, name: &str) -> Option<String> {
        pages.sessions.kept_draft(self.session.as_ref()?, name)
    }

    /// Ends it, and says with which issuer they had signed in.
    pub(crate) fn end_session(&self, pages: &Pages) -> Option<String> {
        let (session, now) = (self.session.as_ref()?, pages.machine_time());
        let found = pages.sessions.find(session, now);
        pages.sessions.end(session, now);
        found.map(|found| found.signed_in.issuer)
    }

    /// A new draft of theirs.
    pub fn begin_draft(&self, pages: &Pages, version: Option<u64>) -> Draft {
        pages
            .drafts
            .begun(&self.owner, version, pages.machine_time())
    }

    pub(crate) fn shell(&self, pages: &Pages) -> Shell {
        let told = self.session.as_ref().and_then(|id| pages.sessions.told(id));
        Shell {
            csrf: self.csrf.clone(),
            person: Some(self.me.name.clone().unwrap_or_else(|| "Signed in".into())),
            navigation: navigation(&self.me, self.path.split('?').next().unwrap_or_default()),
            told,
            ..Shell::open(&pages.brand, &self.nonce, pages.is_demo())
        }
    }
}

impl FromRequestParts<Arc<Pages>> for Visitor {
    type Rejection = Instead;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, Instead> {
        match found(parts, pages).await? {
            Some(visitor) => Ok(visitor),
            None => Err(sign_in::first(&path_of(parts)).into()),
        }
    }
}

/// A visitor if there is one: for pages that are open to all.
pub struct Perhaps(pub Option<Visitor>);

impl FromRequestParts<Arc<Pages>> for Perhaps {
    type Rejection = Instead;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, Instead> {
        found(parts, pages).await.map(Self)
    }
}

impl FromRequestParts<Arc<Pages>> for Nonce {
    type Rejection = Instead;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Pages>) -> Result<Self, Instead> {
        Ok(nonce(parts))
    }
}

fn nonce(parts: &Parts) -> Nonce {
    let nonce = parts.extensions.get::<Nonce>().cloned();
    nonce.expect("every request passes through the layer that draws one")
}

fn path_of(parts: &Parts) -> String {
    let path = parts.uri.path_and_query();
    path.map_or_else(|| "/".into(), ToString::to_string)
}

async fn found(parts: &Parts, pages: &Pages) -> Result<Option<Visitor>, Instead> {
    let (nonce, path) = (nonce(parts).0, path_of(parts));
    if let SignInWay::Within = pages.way {
        let actor = door::within(&parts.extensions).ok_or(Refused::Unauthorised)?;
        return Ok(Some(Visitor {
            me: pages.app.me(&actor)?,
            actor,
            path,
            owner: String::new(),
            nonce,
            csrf: String::new(),
            session: None,
        }));
    }
    let now = pages.machine_time();
    let cookie = cookie(&parts.headers, cookie_name(pages.secure));
    let Some((id, session)) = cookie.and_then(|id| Some((id, pages.sessions.find(id, now)?)))
    else {
        return Ok(None);
    };
    pages.server.take_share(&session.signed_in)?;
    let owner = owner(&session.signed_in);
    let actor = pages.app.recognise(session.signed_in);
    let actor = pages.app.settled(actor).await?;
    let mut visitor = Visitor {
        me: pages.app.me(&actor)?,
        actor,
        path,
        owner,
        nonce,
        csrf: session.csrf,
        session: None,
    };
    if let Some(around) = parts.extensions.get::<Around>() {
        // Without what was to be told on the next page: it waits for that.
        let _ = around.0.set(visitor.shell(pages));
    }
    visitor.session = Some(id.to_owned());
    Ok(Some(visitor))
}

/// The one cookie of that name; two are none.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter();
    let pairs = lines.filter_map(|line| line.to_str().ok());
    let mut found = pairs
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// A form that was sent by whoever it was drawn for, from a page of ours.
pub struct Posted {
    /// Who sent it.
    pub visitor: Visitor,
    /// What stood in it.
    pub fields: Fields,
    /// The draft that it goes on from, unless it is more than a day old.
    pub draft: Option<Draft>,
}

impl FromRequest<Arc<Pages>> for Posted {
    type Rejection = Instead;

    async fn from_request(request: Request, pages: &Arc<Pages>) -> Result<Self, Instead> {
        let (parts, mut fields) = sent(pages, request).await?;
        let draft = fields.get("draft").map(str::to_owned);
        let csrf = fields.get("csrf").map(str::to_owned);
        fields.forget("csrf");
        let now = pages.machine_time();
        let Some(visitor) = found(&parts, pages).await? else {
            let kept = sign_in::kept(pages, &path_of(&parts), &fields);
            return Err(sign_in::again(pages, &nonce(&parts).0, kept).into());
        };
        // The form is of a session that ended: they signed in again since. They are asked before it counts.
        if csrf.unwrap_or_default() != visitor.csrf {
            return Err(sign_in::resend(pages, &visitor, &path_of(&parts), &fields).into());
        }
        if let Some(aside) = parts.extensions.get::<Aside>() {
            aside.put(&path_of(&parts), &fields);
        }
        let open = |sealed: String| pages.drafts.open(&visitor.owner, &sealed, now);
        let mut draft = draft.and_then(open);
        // Where two worlds are compared nobody has looked at the form before.
        if let SignInWay::Within = pages.way {
            draft = draft.or_else(|| Some(visitor.begin_draft(pages, Some(1))));
        }
        fields.forget("draft");
        Ok(Self {
            visitor,
            fields,
            draft,
        })
    }
}

/// A form from a page of ours, whoever sent it.
pub(crate) async fn sent(pages: &Pages, request: Request) -> Result<(Parts, Fields), Instead> {
    let (parts, body) = request.into_parts();
    if !from_here(&parts.headers, pages) {
        return Err(Refused::Malformed("it was not sent from a page of this program").into());
    }
    let kind = parts.headers.get(CONTENT_TYPE);
    let form = kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    let bytes = whole(&parts, body).await?;
    if !form {
        return Err(Refused::Malformed("it is not a form").into());
    }
    Ok((parts, Fields::read(&bytes)?))
}

/// Browsers say where a form comes from: it must be here, by the name that the browser asked for or by
/// the one that the trust gave the program (a proxy may ask for another).
fn from_here(headers: &HeaderMap, pages: &Pages) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(HeaderName::from_static("sec-fetch-site")) == Some("cross-site") {
        return false;
    }
    let Some(origin) = text(ORIGIN) else {
        return true;
    };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && (authority == text(HOST) || origin == pages.base_url)
}

/// Go there, with a GET.
pub fn see_other(path: &str) -> Response {
    let location = header::HeaderValue::try_from(path);
    let location = location.unwrap_or_else(|_| header::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
