//! What can be done with a case next, by where it stands.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::case::{Case, OfferState, Session, Stage};

/// The commands about a session that was arranged.
pub const SESSION_STEPS: [&str; 6] = [
    "record-session",
    "record-session-not-held",
    "move-session",
    "cancel-session",
    "hand-over-session",
    "answer-invitation",
];

/// What a case waits for, in the order of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the labels say it")]
pub enum WaitsFor {
    Reply,
    Triage,
    Scoping,
    Plan,
    Arranging,
    Session,
    Record,
    OtherOffers,
    Closing,
}

impl WaitsFor {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reply => "Reply to whoever asked",
            Self::Triage => "Triage",
            Self::Scoping => "Find out what the team needs",
            Self::Plan => "Plan what to offer",
            Self::Arranging => "Arrange a session",
            Self::Session => "A session is arranged",
            Self::Record => "Record what came of a session",
            Self::OtherOffers => "See the other offers through",
            Self::Closing => "Close it: every offer is settled",
        }
    }
}

impl Session {
    /// When it ends, or ended.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.arranged.starts_at + Duration::minutes(self.arranged.minutes.into())
    }

    /// Is it over, with nothing recorded of it?
    pub fn waits_for_record(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.is_led_here() && self.ends_at() <= now
    }
}

impl Case {
    /// What it waits for at an instant. A session that is still to come is something to wait for too.
    pub fn waits_for(&self, now: DateTime<Utc>) -> Vec<WaitsFor> {
        let open = self.stage() == Stage::Open;
        let planned = |with_sessions: bool| {
            let mut offers = self.offers.iter();
            offers.any(|o| {
                o.state() == OfferState::Planned && o.row().has_sessions() == with_sessions
            })
        };
        let arranged = |over: bool| {
            let mut sessions = self.sessions();
            sessions.any(|(_, s)| s.is_open() && (s.ends_at() <= now) == over)
        };
        let unheard = self.acknowledged_at.is_none();
        let settled = !self.offers.iter().any(|offer| offer.state().is_open());
        let each = [
            (WaitsFor::Reply, unheard && self.closed.is_none()),
            (WaitsFor::Triage, self.stage() == Stage::Raised),
            (
                WaitsFor::Scoping,
                open && self.scopings.is_empty() && self.offers.is_empty(),
            ),
            (WaitsFor::Plan, open && self.offers.is_empty()),
            (WaitsFor::Record, open && arranged(true)),
            (WaitsFor::Arranging, open && planned(true)),
            (WaitsFor::Session, open && arranged(false)),
            (WaitsFor::OtherOffers, open && planned(false)),
            (
                WaitsFor::Closing,
                open && settled && !self.offers.is_empty(),
            ),
        ];
        let waits = each.into_iter().filter(|(_, waits)| *waits);
        waits.map(|(what, _)| what).collect()
    }

    /// The commands that can be given now, in the order of the path.
    pub fn next_steps(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        if self.stage() == Stage::Merged {
            return vec!["unmerge"];
        }
        if self.acknowledged_at.is_none() && self.closed.is_none() {
            steps.push("acknowledge");
        }
        match self.stage() {
            Stage::Raised => steps.push("triage"),
            Stage::Open => {
                steps.extend(["triage", "record-scoping", "plan-offer", "declare-involved"]);
                let states: Vec<_> = self.offers.iter().map(|o| (o.row(), o.state())).collect();
                if states.iter().any(|(row, state)| {
                    row.has_sessions() && (state.is_open() || *state == OfferState::Held)
                }) {
                    steps.push("arrange-session");
                }
                if self.sessions().any(|(_, s)| s.is_open() && s.is_led_here()) {
                    steps.extend(SESSION_STEPS);
                }
                if states
                    .iter()
                    .any(|(_, state)| *state == OfferState::Planned)
                {
                    steps.push("end-offer");
                }
                if !states.iter().any(|(_, state)| state.is_open()) {
                    steps.push("close");
                }
            }
            Stage::Closed => steps.push("reopen"),
            Stage::Merged => {}
        }
        if self
            .offers
            .iter()
            .any(|o| o.state() == OfferState::HandedOver)
        {
            steps.push("complete-handover");
        }
        steps.extend(self.steps_beside());
        steps
    }
}
