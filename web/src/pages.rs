//! What every page is drawn with: the running system, the templates, who is signed in.

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use pipss_api::app::App;
use pipss_api::door::Server;
use pipss_api::problem::Refused;
use pipss_api::token::SignedIn;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::brand::{Brand, Logo};
use crate::chance::Chance;
use crate::draft::Drafts;
use crate::proving::Proving;
use crate::render::{Renderer, View};
use crate::sessions::Sessions;
use crate::shell::Shell;
use crate::sign_in::Pending;
use crate::sign_in::provider::Provider;
use crate::visitor::Visitor;

/// Everything the pages need.
pub struct Pages {
    /// The running system.
    pub app: Arc<App>,
    pub(crate) server: Arc<Server>,
    pub(crate) renderer: &'static Renderer,
    pub(crate) sessions: Sessions,
    pub(crate) drafts: Drafts,
    pub(crate) pending: Pending,
    pub(crate) brand: Brand,
    /// Nothing but a name and bytes: who configured it was told at the start if it could not be read.
    pub(crate) logo: Option<Logo>,
    pub(crate) way: SignInWay,
    /// How people reach the program from outside.
    pub(crate) base_url: String,
    /// Cookies only over TLS.
    pub(crate) secure: bool,
    pub(crate) chance: Chance,
    pub(crate) proving: Proving,
}

/// How people sign in.
pub enum SignInWay {
    /// In the demonstration one chooses who to be.
    Choose(Box<dyn Fn() -> Vec<Someone> + Send + Sync>),
    /// At the sign-in services of the trust.
    Elsewhere(Vec<Provider>),
    /// Nobody can: there are only the pages that are open to all.
    Closed,
    /// Whoever asks within this process says who they are: only where two worlds are compared.
    Within,
}

/// Someone of the demonstration.
pub struct Someone {
    /// As they sign in.
    pub signed_in: SignedIn,
    /// What they do.
    pub what: String,
    /// Are they of the short story? Then they stand first.
    pub first: bool,
}

/// How the pages are set up.
pub struct Settings {
    /// How they look.
    pub brand: Brand,
    /// How people sign in.
    pub way: SignInWay,
    /// How people reach the program from outside: over `https://` cookies are for TLS only.
    pub base_url: String,
    /// Where who is signed in is kept over a restart.
    pub sessions: Option<PathBuf>,
    /// How a proof of privacy is begun.
    pub proving: Proving,
}

impl Pages {
    /// Puts the parts together.
    pub fn new(server: Arc<Server>, settings: Settings) -> Self {
        let chance = match settings.way {
            SignInWay::Within => Chance::Same,
            SignInWay::Choose(_) | SignInWay::Elsewhere(_) | SignInWay::Closed => Chance::Machine,
        };
        let sessions = Sessions::open(settings.sessions, chance);
        Self {
            app: Arc::clone(&server.app),
            server,
            renderer: Renderer::shared(),
            drafts: Drafts::new(&sessions.draft_key(), chance),
            sessions,
            pending: Pending::default(),
            logo: settings
                .brand
                .logo
                .as_deref()
                .and_then(|file| Logo::read(file).ok()),
            brand: settings.brand,
            secure: settings.base_url.starts_with("https://"),
            proving: settings.proving,
            base_url: settings.base_url,
            way: settings.way,
            chance,
        }
    }

    /// What time it is for sessions and drafts: the machine's, also where the demonstration's has moved.
    pub(crate) fn machine_time(&self) -> DateTime<Utc> {
        match self.chance {
            Chance::Machine => DateTime::from(std::time::SystemTime::now()),
            Chance::Same => self.app.clock().now(),
        }
    }

    /// Are these the pages of one of two worlds that are compared?
    pub(crate) const fn is_proved(&self) -> bool {
        matches!(self.way, SignInWay::Within)
    }

    pub(crate) fn is_demo(&self) -> bool {
        matches!(self.way, SignInWay::Choose(_))
    }

    /// Draws a page for someone who is signed in.
    pub fn page<V: View>(&self, visitor: &Visitor, view: &V) -> Response {
        self.draw(StatusCode::OK, &visitor.shell(self), view)
    }

    /// Draws a page that is open to all.
    pub fn open_page<V: View>(&self, nonce: &str, view: &V) -> Response {
        let shell = Shell::open(&self.brand, nonce, self.is_demo());
        self.draw(StatusCode::OK, &shell, view)
    }

    pub(crate) fn draw<V: View>(&self, status: StatusCode, shell: &Shell, view: &V) -> Response {
        match self.renderer.draw(shell, view) {
            Ok(drawn) => (status, Html(drawn)).into_response(),
            Err(error) => {
                // The tests draw every page in every state. No personal data is in it: names only.
                tracing::error!(template = V::TEMPLATE, kind = ?error.kind(), line = error.line(),
                    "a page could not be drawn");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// Draws the page that says no.
    pub(crate) fn refused(
        &self,
        known: Option<&Shell>,
        nonce: &str,
        refused: &Refused,
    ) -> Response {
        let problem = refused.problem();
        let status = StatusCode::from_u16(problem.status).expect("every status here is one");
        let view = RefusedPage {
            title: heading(problem.status),
            nothing: problem.status == 404,
            detail: problem.detail,
            wait: match refused {
                Refused::TooMany(seconds) => Some(*seconds),
                _ => None,
            },
        };
        let open = || Shell::open(&self.brand, nonce, self.is_demo());
        let mut response = match known {
            Some(shell) => self.draw(status, shell, &view),
            None => self.draw(status, &open(), &view),
        };
        if let Some(seconds) = view.wait {
            let headers = response.headers_mut();
            headers.insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[derive(Serialize)]
struct RefusedPage {
    title: &'static str,
    nothing: bool,
    detail: String,
    wait: Option<u64>,
}

impl View for RefusedPage {
    const TEMPLATE: &'static str = "refused.html";

    fn title(&self) -> String {
        self.title.to_owned()
    }
}

const fn heading(status: u16) -> &'static str {
    match status {
        404 => "There is nothing here",
        409 => "This cannot be done now",
        403 => "You cannot do this",
        429 => "That was too much at once",
        412 => "Someone changed this in the meantime",
        500..=599 => "This cannot be done right now",
        _ => "This could not be read",
    }
}

/// What is answered instead of a page.
pub enum Instead {
    /// No: drawn on the way out.
    Refused(Box<Refused>),
    /// Something else, such as the way to sign in.
    Response(Box<Response>),
}

/// A page, or what is answered instead.
pub type Answer = Result<Response, Instead>;

impl From<Refused> for Instead {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<Refusal> for Instead {
    fn from(refusal: Refusal) -> Self {
        Refused::from(refusal).into()
    }
}

impl From<Response> for Instead {
    fn from(response: Response) -> Self {
        Self::Response(Box::new(response))
    }
}

/// A refusal that waits to be drawn.
#[derive(Clone)]
pub(crate) struct ToDraw(pub Refused);

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Self::Response(response) => *response,
            Self::Refused(refused) => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(ToDraw(*refused));
                response
            }
        }
    }
}
