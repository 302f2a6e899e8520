//! The first page: for everyone, what this is and whom to ring; for whoever is signed in, what they can do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use pipss_api::people::RoleCode;
use pipss_domain::policy::Act;
use serde::Serialize;

use crate::asking::{self, OwnLine};
use crate::form::Choice;
use crate::pages::Pages;
use crate::render::View;
use crate::urgent::{self, Ring};
use crate::visitor::{Nonce, Perhaps, Visitor};

#[derive(Serialize)]
struct HomePage {
    /// The name by which they are greeted, if they are signed in.
    name: Option<String>,
    signed_in: bool,
    /// What they can do here.
    places: Vec<Place>,
    /// What they asked for and what still goes on.
    own: Vec<OwnLine>,
    /// Their teams, whose posters they can print: name and address.
    posters: Vec<(String, String)>,
    urgent_help: Vec<Ring>,
    telephone: Option<Ring>,
}

impl View for HomePage {
    const TEMPLATE: &'static str = "home.html";

    fn title(&self) -> String {
        if self.signed_in {
            "What would you like to do?".into()
        } else {
            "Support for staff after an incident".into()
        }
    }
}

/// Something that can be done here.
#[derive(Clone, Copy, Serialize)]
struct Place {
    href: &'static str,
    title: &'static str,
    text: &'static str,
}

use RoleCode as R;

#[rustfmt::skip] // a table is read by its columns
/// What there is to do, and for which roles; none stands for everyone.
const PLACES: [(&str, &str, &str, &[RoleCode]); 12] = [
    ("/queue", "Queue", "What waits, the most urgent first.", &[R::Lead, R::DutyContact]),
    ("/week", "Week", "The sessions of a week.", &[R::Lead]),
    ("/sessions", "My sessions", "When and where you are asked to facilitate. Say yes or no, and record.", &[R::Facilitator]),
    ("/supervision", "Supervision", "Who asked for supervision. Apart from every case.", &[R::SupervisionLead]),
    ("/reports", "Reports", "Themes, demand and waits of closed quarters.", &[R::Governance, R::Lead]),
    ("/oversight", "Oversight", "Roles, who looked at what, what is erased, and the proof of privacy.", &[R::Auditor]),
    ("/directory", "Directory", "Units, managers and facilitators.", &[R::Administrator]),
    ("/ask", "Ask for support for a team", "After something hard at work, or before it. It takes a few minutes.", &[R::Staff, R::Lead, R::Manager]),
    ("/support", "Ask for support for yourself", "One-to-one, for any reason. No manager can see that you asked.", &[]),
    ("/teams", "My teams", "What was agreed with your teams, step by step.", &[R::Manager]),
    ("/defusion", "We already held a defusion", "Tell us afterwards, in six answers.", &[R::Staff, R::Lead, R::Manager]),
    ("/my-support", "My support", "What you asked for yourself, and what became of it. Only you see this page.", &[]),
];

/// What someone can do here, what they are here for first.
fn places(pages: &Pages, visitor: &Visitor) -> Vec<Place> {
    let may = |act| pages.app.allow(&visitor.actor, act, None).is_ok();
    let (team, own) = (may(Act::RaiseReferral), may(Act::AskForOneToOne));
    let theirs = |(href, _, _, roles): &&(&str, &str, &str, &[RoleCode])| {
        let role = roles.is_empty() || roles.iter().any(|role| visitor.is(*role));
        role && match *href {
            "/ask" | "/defusion" => team,
            "/support" | "/my-support" => own,
            _ => true,
        }
    };
    let place =
        |(href, title, text, _): &(&'static str, &'static str, &'static str, &[RoleCode])| Place {
            href,
            title,
            text,
        };
    PLACES.iter().filter(theirs).map(place).collect()
}

/// The posters of one's own teams.
fn posters(pages: &Pages, visitor: &Visitor) -> Vec<(String, String)> {
    let own = asking::words::own(pages, visitor).unwrap_or_default();
    let poster = |team: Choice| (team.label, format!("/teams/{}/poster", team.value));
    own.into_iter().map(poster).collect()
}

/// The first page.
pub async fn read(
    State(pages): State<Arc<Pages>>,
    nonce: Nonce,
    Perhaps(visitor): Perhaps,
) -> Response {
    let mut view = HomePage {
        name: None,
        signed_in: visitor.is_some(),
        places: Vec::new(),
        own: Vec::new(),
        posters: Vec::new(),
        urgent_help: urgent::now(&pages),
        telephone: urgent::staff_support(&pages),
    };
    match visitor {
        Some(visitor) => {
            view.name.clone_from(&visitor.me.name);
            view.places = places(&pages, &visitor);
            view.own = asking::own(&pages, &visitor);
            view.posters = posters(&pages, &visitor);
            pages.page(&visitor, &view)
        }
        None => pages.open_page(&nonce.0, &view),
    }
}
