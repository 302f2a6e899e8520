//! One one-to-one as it is answered: each part only where the policy lets whoever asks see it.

use chrono::{DateTime, Utc};
use pipss_domain::facts::{OneToOneOutcome, Preference};
use pipss_domain::ids::OneToOneId;
use pipss_domain::one_to_one::{OneToOne, OneToOneState};
use pipss_domain::personal::Personal;
use pipss_domain::policy::{Act, Relation, may};
use pipss_store::EventStore;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::{PersonName, TeamName};
use crate::cases::{person_name, team_name};
use crate::one_to_ones::within_reach;
use crate::view::View;
use crate::who_looked::{BrokenAnswer, LookAnswer};

/// A page of the one-to-ones that whoever asks may see, the newest first.
#[derive(Serialize, ToSchema)]
pub struct OneToOnesAnswer {
    /// They.
    pub one_to_ones: Vec<OneToOneAnswer>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What one did about one-to-one support oneself.
#[derive(Serialize, ToSchema)]
pub struct MySupportAnswer {
    /// Whom this is shown to, and whom not.
    pub seen_by: &'static str,
    /// What one asked for, the newest first.
    pub one_to_ones: Vec<OneToOneAnswer>,
}

/// One of them: each part only where the policy lets whoever asks see it.
#[derive(Serialize, ToSchema)]
pub struct OneToOneAnswer {
    /// Its id.
    pub one_to_one: OneToOneId,
    /// Its version, for `If-Match`.
    pub version: u64,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// Where it stands. That it was declined is shown to a lead as `ended`.
    pub state: StateCode,
    /// Since when.
    pub since: DateTime<Utc>,
    /// With whom whoever asked would rather talk.
    pub preference: Preference,
    /// Would they like to hear within two working days?
    pub soon: bool,
    /// Who provides it, once someone was asked.
    pub provider: Option<PersonName>,
    /// Is the provider worried that someone is in danger? Not shown to whoever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<bool>,
    /// What was asked; for whoever asked, and for the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<OneToOneRequest>,
    /// When they meet next; for the two of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentAnswer>,
    /// How it ended; for the two of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OneToOneOutcome>,
    /// Who has looked at it, the latest first, at most 200; for whoever asked, whose own reading is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who_looked: Option<Vec<LookAnswer>>,
    /// Who broke the glass over it, the latest first; for whoever asked, unless that would put someone in
    /// danger.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken_glass: Vec<BrokenAnswer>,
    /// The commands that whoever asks can give now.
    pub next: Vec<&'static str>,
}

/// Where a one-to-one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum StateCode {
    Asked,
    Offered,
    TakenUp,
    Declined,
    Ended,
}

/// What was asked.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct OneToOneRequest {
    pub call_me: Option<String>,
    pub team: Option<TeamName>,
    pub reference: Option<String>,
    pub note: Option<String>,
    pub letters_to: Option<String>,
    pub phone: Option<String>,
}

/// When and where they meet.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct AppointmentAnswer {
    pub starts_at: DateTime<Utc>,
    pub minutes: u16,
    pub site: Option<String>,
    pub link: Option<String>,
}

/// What was done to a one-to-one.
#[derive(Serialize, ToSchema)]
pub struct OneToOneDone {
    /// Its id.
    pub one_to_one: OneToOneId,
    /// Its version after it; for `If-Match` of the next command.
    pub version: u64,
}

/// The parts of a one-to-one that whoever asks may see, standing so to it.
pub(crate) fn answer(view: &View<'_>, one: &OneToOne, relation: Relation) -> OneToOneAnswer {
    let sees = |act| may(act, &view.hats, relation);
    let between_them = sees(Act::SeeOneToOneOutcome);
    OneToOneAnswer {
        one_to_one: one.id,
        version: one.version,
        asked_at: one.asked_at,
        state: state(one.state, between_them),
        since: one.since,
        preference: one.asked.preference,
        soon: one.asked.soon,
        provider: one.provider.map(|(person, _)| person_name(view, person)),
        at_risk: (!relation.own).then_some(one.at_risk),
        request: sees(Act::SeeOneToOneRequest).then(|| request(view, one)),
        appointment: one
            .arranged
            .as_ref()
            .filter(|_| between_them)
            .map(|arranged| AppointmentAnswer {
                starts_at: arranged.starts_at,
                minutes: arranged.minutes,
                site: text(view, &arranged.site),
                link: text(view, &arranged.link),
            }),
        outcome: match one.state {
            OneToOneState::Ended(outcome) if between_them => Some(outcome),
            _ => None,
        },
        who_looked: match relation.own {
            true => view.who_looked_at_mine(one.id),
            false => None,
        },
        broken_glass: match relation.own {
            true => view.broken_over_mine(one.id),
            false => Vec::new(),
        },
        next: within_reach(view, one.next_steps(), relation),
    }
}

fn request(view: &View<'_>, one: &OneToOne) -> OneToOneRequest {
    let asked = &one.asked;
    let team = asked.team.as_ref();
    let team = team.and_then(|team| view.app.store.open(team).known().copied());
    OneToOneRequest {
        call_me: view.app.open_text(&asked.call_me),
        team: team.map(|team| team_name(view, team)),
        reference: text(view, &asked.reference),
        note: text(view, &asked.note),
        letters_to: text(view, &asked.letters_to),
        phone: text(view, &asked.phone),
    }
}

fn text(view: &View<'_>, value: &Option<Personal<String>>) -> Option<String> {
    value.as_ref().and_then(|value| view.app.open_text(value))
}

const fn state(state: OneToOneState, between_them: bool) -> StateCode {
    match state {
        OneToOneState::Asked => StateCode::Asked,
        OneToOneState::Offered => StateCode::Offered,
        OneToOneState::TakenUp => StateCode::TakenUp,
        OneToOneState::Declined if between_them => StateCode::Declined,
        OneToOneState::Declined | OneToOneState::Ended(_) => StateCode::Ended,
    }
}
