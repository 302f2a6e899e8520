//! Signing in and out: in the demonstration by choosing who to be.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::draft::owner;
use crate::fields::Fields;
use crate::pages::{Answer, Pages, SignInWay, Someone};
use crate::render::View;
use crate::shell::Shell;
use crate::visitor::{Nonce, Posted, Visitor, cookie, cookie_name, see_other, sent};

const PURPOSE: &str = "sent when nobody was signed in";

/// What was sent when the session had ended: given back to whoever began it, and to nobody else.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    path: String,
    fields: Fields,
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
    closed: bool,
    back: String,
    /// What they wrote is not lost.
    kept: Option<String>,
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
        "Sign in".into()
    }
}

#[derive(Serialize)]
struct ResendPage {
    path: String,
    button: &'static str,
    fields: Vec<(String, String)>,
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
    let draft = fields.get("draft")?;
    pages.drafts.open_anyones(draft, pages.machine_time())?;
    let kept = Kept {
        path: path.to_owned(),
        fields: fields.clone(),
    };
    Some(pages.drafts.seal().seal(pages.chance, PURPOSE, &kept))
}

/// Sign in again: nothing of what was written is lost.
pub(crate) fn again(pages: &Pages, nonce: &str, kept: Option<String>) -> Response {
    let shell = Shell::open(&pages.brand, nonce, pages.is_demo());
    pages.draw(StatusCode::UNAUTHORIZED, &shell, &page(pages, "/", kept))
}

/// What was sent from an ended session, once more, if it was theirs.
pub(crate) fn resend(pages: &Pages, visitor: &Visitor, path: &str, fields: &Fields) -> Response {
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
    };
    pages.page(visitor, &view)
}

fn page(pages: &Pages, back: &str, kept: Option<String>) -> SignInPage {
    let people = match &pages.way {
        SignInWay::Choose(people) => people(),
        SignInWay::Closed | SignInWay::Within => Vec::new(),
    };
    let (first, others): (Vec<_>, Vec<_>) = people.into_iter().partition(|someone| someone.first);
    SignInPage {
        closed: !pages.is_demo(),
        people: first.into_iter().map(shown).collect(),
        others: others.into_iter().map(shown).collect(),
        back: back.to_owned(),
        kept,
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
    pages.open_page(&nonce.0, &page(&pages, &here(&back.back), None))
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
    // Whoever was signed in at this browser no longer is.
    if let Some(before) = cookie(&parts.headers, cookie_name(pages.secure)) {
        pages.sessions.end(before, pages.machine_time());
    }
    let id = pages
        .sessions
        .begin(&someone.signed_in, pages.machine_time());
    let kept = fields
        .get("kept")
        .and_then(|kept| pages.drafts.seal().open::<Kept>(PURPOSE, kept));
    let theirs = kept.filter(|kept| {
        let draft = kept.fields.get("draft").unwrap_or_default();
        let owner = owner(&someone.signed_in);
        pages
            .drafts
            .open(&owner, draft, pages.machine_time())
            .is_some()
    });
    let to = match theirs {
        Some(kept) => {
            let sealed = pages.drafts.seal().seal(pages.chance, PURPOSE, &kept);
            pages.sessions.keep(&id, PURPOSE, Some(sealed));
            "/sign-in/again".to_owned()
        }
        None => here(fields.get("back").unwrap_or_default()),
    };
    let mut response = see_other(&to);
    set_cookie(&pages, &mut response, &id, None);
    Ok(response)
}

/// What was written before the session ended, ready to be sent.
pub async fn still_here(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let sealed = visitor.kept_text(&pages, PURPOSE);
    let kept = sealed.and_then(|sealed| pages.drafts.seal().open::<Kept>(PURPOSE, &sealed));
    match kept {
        Some(kept) => resend(&pages, &visitor, &kept.path, &kept.fields),
        None => see_other("/"),
    }
}

/// Signs out.
pub async fn out(State(pages): State<Arc<Pages>>, posted: Posted) -> Response {
    posted.visitor.end_session(&pages);
    let mut response = see_other("/");
    set_cookie(&pages, &mut response, "", Some(0));
    response
}

fn set_cookie(pages: &Pages, response: &mut Response, id: &str, age: Option<u64>) {
    let name = cookie_name(pages.secure);
    let secure = if pages.secure { "; Secure" } else { "" };
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    let cookie = HeaderValue::try_from(cookie).expect("an id is plain ASCII");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
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
