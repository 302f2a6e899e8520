//! Signing in and out: at the trust's sign-in service, in the demonstration by choosing who to be.

pub mod back_channel;
pub mod journey;
mod pending;
pub mod provider;
mod said;

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use pipss_api::identity::Named;
use pipss_api::token::SignedIn;
use serde::{Deserialize, Serialize};

use crate::draft::owner;
use crate::fields::Fields;
use crate::pages::{Answer, Pages, SignInWay, Someone};
use crate::render::View;
use crate::sessions::Began;
use crate::shell::Shell;
use crate::visitor::{Nonce, Posted, Visitor, cookie, cookie_name, see_other, sent};

pub(crate) use pending::Pending;

const PURPOSE: &str = "sent when nobody was signed in";

/// What was sent before someone could: given back to whoever began it, and to nobody else.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    path: String,
    fields: Fields,
    /// They were signed in, and had to prove again who they are.
    #[serde(default)]
    prove: bool,
}

/// What someone signs in with.
struct Entering<'a> {
    signed_in: &'a SignedIn,
    proved_at: Option<DateTime<Utc>>,
    named: Option<&'a Named>,
    /// What they wrote before, sealed.
    kept: Option<String>,
    back: &'a str,
}

/// Where one is taken after signing in; only a page of ours.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Serialize)]
struct SignInPage {
    people: Vec<ShownPerson>,
    /// Everyone else, folded away.
    others: Vec<ShownPerson>,
    /// The accounts with which one can sign in, and where each is.
    accounts: Vec<(usize, String)>,
    closed: bool,
    back: String,
    /// As it stands in an address.
    back_in_address: String,
    /// What they wrote is not lost.
    kept: Option<String>,
    /// They are signed in, and prove again who they are.
    prove: bool,
}

#[derive(Serialize)]
struct ShownPerson {
    subject: String,
    name: String,
    what: String,
}

impl View for SignInPage {
    const TEMPLATE: &'static str = "sign-in.html";

    fn title(&self) -> String {
        match self.prove {
            true => "Show once more that it is you".into(),
            false => "Sign in".into(),
        }
    }
}

#[derive(Serialize)]
struct ResendPage {
    path: String,
    button: &'static str,
    fields: Vec<(String, String)>,
    prove: bool,
}

impl View for ResendPage {
    const TEMPLATE: &'static str = "resend.html";

    fn title(&self) -> String {
        "Your answers are still here".into()
    }
}

/// Sign in first, then come back.
pub(crate) fn first(path: &str) -> Response {
    let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    see_other(&format!("/sign-in?back={back}"))
}

/// Seals what was sent without a session.
pub(crate) fn kept(pages: &Pages, path: &str, fields: &Fields) -> Option<String> {
    sealed(
        pages,
        Kept {
            path: path.to_owned(),
            fields: fields.clone(),
            prove: false,
        },
    )
}

fn sealed(pages: &Pages, kept: Kept) -> Option<String> {
    let draft = kept.fields.get("draft")?;
    pages.drafts.open_anyones(draft, pages.machine_time())?;
    Some(pages.drafts.seal().seal(pages.chance, PURPOSE, &kept))
}

fn is_kept(pages: &Pages, sealed: &str) -> bool {
    pages.drafts.seal().open::<Kept>(PURPOSE, sealed).is_some()
}

/// Sign in again: nothing of what was written is lost.
pub(crate) fn again(pages: &Pages, nonce: &str, kept: Option<String>) -> Response {
    let shell = Shell::open(&pages.brand, nonce, pages.is_demo());
    let view = page(pages, "/", (kept, false));
    pages.draw(StatusCode::UNAUTHORIZED, &shell, &view)
}

/// Prove again who you are, for what was asked: it was read at `path`, or sent there.
pub(crate) fn prove(pages: &Pages, nonce: &str, path: &str, sent: Option<Kept>) -> Response {
    let shell = Shell::open(&pages.brand, nonce, pages.is_demo());
    let kept = sent.and_then(|kept| sealed(pages, kept));
    let view = page(pages, path, (kept, true));
    pages.draw(StatusCode::UNAUTHORIZED, &shell, &view)
}

/// Where a form that is sent leaves what stands in it, should they have to prove first who they are.
#[derive(Clone, Default)]
pub(crate) struct Aside(Arc<Mutex<Option<Kept>>>);

impl Aside {
    pub fn put(&self, path: &str, fields: &Fields) {
        let kept = Kept {
            path: path.to_owned(),
            fields: fields.clone(),
            prove: true,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    pub fn take(&self) -> Option<Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What was sent from an ended session, once more, if it was theirs.
pub(crate) fn resend(pages: &Pages, visitor: &Visitor, path: &str, fields: &Fields) -> Response {
    once_more(pages, visitor, (path, fields), false)
}

fn once_more(
    pages: &Pages,
    visitor: &Visitor,
    (path, fields): (&str, &Fields),
    prove: bool,
) -> Response {
    let draft = fields.get("draft").unwrap_or_default();
    let theirs = pages
        .drafts
        .open(&visitor.owner, draft, pages.machine_time());
    if theirs.is_none() {
        return see_other("/");
    }
    // A page of questions goes on to the next; nothing is sent by it.
    let goes_on = path.starts_with("/ask") && path != "/ask/check";
    let view = ResendPage {
        path: path.to_owned(),
        button: if goes_on { "Go on" } else { "Send it now" },
        fields: fields
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        prove,
    };
    pages.page(visitor, &view)
}

fn page(pages: &Pages, back: &str, (kept, prove): (Option<String>, bool)) -> SignInPage {
    let people = match &pages.way {
        SignInWay::Choose(people) => people(),
        SignInWay::Elsewhere(_) | SignInWay::Closed | SignInWay::Within => Vec::new(),
    };
    let (first, others): (Vec<_>, Vec<_>) = people.into_iter().partition(|someone| someone.first);
    let accounts = journey::providers(pages).iter();
    let accounts = accounts.map(|provider| provider.account.clone());
    SignInPage {
        closed: matches!(pages.way, SignInWay::Closed | SignInWay::Within),
        people: first.into_iter().map(shown).collect(),
        others: others.into_iter().map(shown).collect(),
        accounts: accounts.enumerate().collect(),
        back: back.to_owned(),
        back_in_address: form_urlencoded::byte_serialize(back.as_bytes()).collect(),
        kept,
        prove,
    }
}

fn shown(someone: Someone) -> ShownPerson {
    ShownPerson {
        name: someone.signed_in.name.unwrap_or_default(),
        subject: someone.signed_in.subject,
        what: someone.what,
    }
}

/// The page on which one signs in.
pub async fn ask(
    State(pages): State<Arc<Pages>>,
    nonce: Nonce,
    Query(back): Query<Back>,
) -> Response {
    pages.open_page(&nonce.0, &page(&pages, &here(&back.back), (None, false)))
}

/// Signs in as someone of the demonstration.
pub async fn choose(State(pages): State<Arc<Pages>>, request: Request) -> Answer {
    let (parts, fields) = sent(&pages, request).await?;
    let SignInWay::Choose(people) = &pages.way else {
        return Ok(see_other("/sign-in"));
    };
    let subject = fields.get("subject").unwrap_or_default();
    let mut people = people().into_iter();
    let Some(someone) = people.find(|someone| someone.signed_in.subject == subject) else {
        return Ok(see_other("/sign-in"));
    };
    let entering = Entering {
        signed_in: &someone.signed_in,
        proved_at: Some(pages.machine_time()),
        named: None,
        kept: fields.get("kept").map(str::to_owned),
        back: &here(fields.get("back").unwrap_or_default()),
    };
    Ok(enter(&pages, &parts.headers, entering))
}

/// Begins a session under a new id. Whoever was signed in at this browser no longer is; what waits for
/// someone is still there if they are the same.
fn enter(pages: &Pages, headers: &HeaderMap, entering: Entering) -> Response {
    let signed_in = entering.signed_in;
    let began = Began {
        signed_in,
        proved_at: entering.proved_at,
        named: entering.named,
        before: cookie(headers, cookie_name(pages.secure)),
    };
    let id = pages.sessions.begin(began, pages.machine_time());
    let kept = entering.kept;
    let kept = kept.and_then(|kept| pages.drafts.seal().open::<Kept>(PURPOSE, &kept));
    let theirs = kept.filter(|kept| {
        let draft = kept.fields.get("draft").unwrap_or_default();
        let owner = owner(signed_in);
        let draft = pages.drafts.open(&owner, draft, pages.machine_time());
        draft.is_some()
    });
    let to = match theirs {
        Some(kept) => {
            let sealed = pages.drafts.seal().seal(pages.chance, PURPOSE, &kept);
            pages.sessions.keep(&id, PURPOSE, Some(sealed));
            "/sign-in/again"
        }
        None => entering.back,
    };
    let mut response = see_other(to);
    set_cookie(pages, &mut response, &id, None);
    response
}

/// What was written before the session ended, ready to be sent.
pub async fn still_here(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let sealed = visitor.kept_text(&pages, PURPOSE);
    let kept = sealed.and_then(|sealed| pages.drafts.seal().open::<Kept>(PURPOSE, &sealed));
    match kept {
        Some(kept) => {
            let sent = (kept.path.as_str(), &kept.fields);
            once_more(&pages, &visitor, sent, kept.prove)
        }
        None => see_other("/"),
    }
}

/// Signs out: here, and at the sign-in service where it can be asked.
pub async fn out(State(pages): State<Arc<Pages>>, nonce: Nonce, posted: Posted) -> Response {
    let issuer = posted.visitor.end_session(&pages);
    let way_out = match &issuer {
        Some(issuer) => journey::way_out(&pages, issuer).await,
        None => None,
    };
    let mut response = match way_out {
        Some(to) => {
            let sentence = "You are signed out here. You are taken to where you can sign out of your account too.";
            said::onward(&pages, &nonce.0, ("You are signed out", sentence), to)
        }
        None => see_other("/"),
    };
    set_cookie(&pages, &mut response, "", Some(0));
    response
}

fn set_cookie(pages: &Pages, response: &mut Response, id: &str, age: Option<u64>) {
    let name = cookie_name(pages.secure);
    let secure = if pages.secure { "; Secure" } else { "" };
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    let cookie = HeaderValue::try_from(cookie).expect("an id is plain ASCII");
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

/// Only a page of ours: a path, and none that a browser would take for another host.
fn here(path: &str) -> String {
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && path.starts_with('/') && !path.starts_with("//") {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}
