//! That it was proved that no manager can see who asked: who may have it proved, when it was, how it ended.

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::PrivacyProved;
use pipss_domain::history::Event;
use pipss_domain::pathway::Happened;
use pipss_domain::policy::{Act, Hat};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;

use crate::actor::Actor;
use crate::app::App;
use crate::body::Body;
use crate::intent::{Asked, Intent};
use crate::view::View;

/// How the last proof ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastProof {
    /// When.
    pub at: DateTime<Utc>,
    /// Did it hold?
    pub holds: bool,
}

impl App {
    /// May this actor have it proved, and read the figures that come of it?
    ///
    /// # Errors
    /// `NotAllowed` for all but the operator and auditors who manage nothing.
    pub fn may_prove(&self, actor: &Actor) -> Result<(), Refusal> {
        self.view(actor, may_prove)
    }

    /// When it was last proved; nothing if it never was.
    ///
    /// # Errors
    /// `NotAllowed` for those who can neither ask for themselves nor have it proved.
    pub fn last_proof(&self, actor: &Actor) -> Result<Option<LastProof>, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeMySupport, None)
                .or_else(|_| view.allow(Act::ProvePrivacy, None))?;
            let last = view.views.directory.proved;
            Ok(last.map(|(at, proved)| LastProof {
                at,
                holds: proved.holds,
            }))
        })
    }
}

/// The figures grow with what is private to managers: they are for none of them, whatever else they are.
fn may_prove(view: &View<'_>) -> Result<(), Refusal> {
    view.allow(Act::ProvePrivacy, None)?;
    match view.hats.contains(&Hat::Manager) {
        true => Err(Refusal::NotAllowed),
        false => Ok(()),
    }
}

impl Intent<'static> {
    /// To record that it was proved, and how it ended: nothing else of it is recorded.
    pub fn privacy_proved(at: DateTime<Utc>, holds: bool) -> Self {
        let asked = Asked {
            key: at.to_rfc3339(),
            if_match: None,
            body: Body::empty(),
        };
        let rule = move |_: &Body, situation: &crate::intent::Situation<'_>| {
            may_prove(situation.view)?;
            Ok(vec![Happened {
                stream: Stream::Policy,
                occurred_at: at,
                event: Event::PrivacyProved(PrivacyProved { holds }),
            }])
        };
        Self::to_nothing(Act::ProvePrivacy, "privacy-proofs", asked, rule)
    }
}
