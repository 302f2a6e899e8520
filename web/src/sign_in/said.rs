//! What is said while someone is on the way to their sign-in service, or did not come back signed in.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::provider::Failed;
use crate::pages::Pages;
use crate::render::View;
use crate::shell::Shell;

#[derive(Serialize)]
struct NotSignedInPage {
    title: &'static str,
    sentence: &'static str,
    /// Where to begin anew.
    again: &'static str,
    /// Is what they wrote still here?
    kept: bool,
}

impl View for NotSignedInPage {
    const TEMPLATE: &'static str = "sign-in-failed.html";

    fn title(&self) -> String {
        self.title.into()
    }
}

#[derive(Serialize)]
struct OnwardPage {
    title: &'static str,
    sentence: &'static str,
    to: String,
}

impl View for OnwardPage {
    const TEMPLATE: &'static str = "onward.html";

    fn title(&self) -> String {
        self.title.into()
    }
}

/// Why nobody is signed in.
pub(super) enum No {
    /// It took too long, or the browser is not the one that set out.
    Lost,
    /// The service said no, or what it said does not hold.
    Refused,
    /// The service does not say when they proved who they are.
    NotProved,
    Unreachable,
}

/// What the browser of someone who is not signed in carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    Nothing,
    /// Where they wanted to go: they can try again.
    Way,
    /// And the name of what they wrote.
    WayAndAnswers,
}

impl From<Failed> for No {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused => Self::Refused,
            Failed::Unreachable => Self::Unreachable,
        }
    }
}

impl No {
    const fn words(&self) -> (StatusCode, &'static str, &'static str) {
        const TITLE: &str = "You are not signed in";
        match self {
            Self::Lost => (
                StatusCode::BAD_REQUEST,
                TITLE,
                "It took more than ten minutes, or it was begun in another window. Please begin again.",
            ),
            Self::Refused => (
                StatusCode::UNAUTHORIZED,
                TITLE,
                "Your sign-in service did not sign you in. You can try again, or ask whoever looks after \
                 your account.",
            ),
            Self::NotProved => (
                StatusCode::UNAUTHORIZED,
                "We could not tell that it is you",
                "Your sign-in service did not say that you proved it just now. You can try again, or ask \
                 whoever looks after your account.",
            ),
            Self::Unreachable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Signing in is not possible right now",
                "Your sign-in service does not answer. Please try again in a few minutes.",
            ),
        }
    }
}

/// Says kindly that nobody is signed in; no word of it comes from the sign-in service.
pub(super) fn refused(pages: &Pages, nonce: &str, no: &No, carried: Carried) -> Response {
    let (status, title, sentence) = no.words();
    let again = match carried {
        Carried::Nothing => "/sign-in",
        Carried::Way | Carried::WayAndAnswers => "/sign-in/go?again=1",
    };
    let view = NotSignedInPage {
        title,
        sentence,
        again,
        kept: carried == Carried::WayAndAnswers,
    };
    let shell = Shell::open(&pages.brand, nonce, pages.is_demo());
    pages.draw(status, &shell, &view)
}

/// A page that leads to another host.
pub(super) fn onward(
    pages: &Pages,
    nonce: &str,
    (title, sentence): (&'static str, &'static str),
    to: String,
) -> Response {
    let view = OnwardPage {
        title,
        sentence,
        to,
    };
    pages.open_page(nonce, &view)
}
