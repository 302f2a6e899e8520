//! A facilitator's own diary as it is answered: sessions, appointments, leave.

use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::{Case, Offer, Session, SessionOutcome};
use pipss_domain::ids::{CaseId, OneToOneId, PersonId, SessionId};
use pipss_domain::offer::OfferKind;
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::{PersonName, SessionState, TeamName};
use crate::cases::{person_name, team_name};
use crate::joint::{self, JointCase};
use crate::view::View;

/// A facilitator's own sessions.
#[derive(Serialize, ToSchema)]
pub struct DiaryAnswer {
    /// The sessions, the latest first; at most 200.
    pub sessions: Vec<DiaryLine>,
    /// The next or last meeting of each one-to-one that is entrusted to them, the latest first.
    pub appointments: Vec<AppointmentLine>,
    /// Their leave that is not over, the next first.
    pub leave: Vec<LeaveLine>,
}

/// A facilitator's leave, both days included.
#[derive(Serialize, ToSchema)]
pub struct LeaveLine {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// A meeting of a one-to-one, in its provider's diary.
#[derive(Serialize, ToSchema)]
pub struct AppointmentLine {
    /// The one-to-one.
    pub one_to_one: OneToOneId,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
}

/// A session of a facilitator.
#[derive(Serialize, ToSchema)]
pub struct DiaryLine {
    /// The session.
    pub session: SessionId,
    /// Its case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// The other cases and teams it is held for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joint_with: Vec<JointCase>,
    /// What it is.
    pub kind: OfferKind,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
    /// Where it stands.
    pub state: SessionState,
    /// Where, if they meet somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The link, if it is held by video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Who else facilitates.
    pub with: Vec<PersonName>,
    /// What they themselves answered to the invitation, for its present time.
    pub accepted: Option<bool>,
    /// Was it declared that they are too close to be neutral?
    pub involved: bool,
    /// Does it fall into their own leave?
    pub in_leave: bool,
}

/// A session as it stands in this person's diary.
pub(crate) fn diary_line(
    view: &View<'_>,
    person: PersonId,
    case: &Case,
    (offer, session): (&Offer, &Session),
) -> DiaryLine {
    let arranged = &session.arranged;
    let open = |text: &Option<Personal<String>>| {
        let text = text.as_ref()?;
        let seen = view.sees(Act::SeeVenue, case, About::Session(session.id()));
        seen.then(|| view.app.open_text(text)).flatten()
    };
    let others = arranged.facilitators.iter().filter(|who| **who != person);
    let mut answers = session.answers.iter();
    DiaryLine {
        session: session.id(),
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        joint_with: joint::others(view, case.case, session),
        kind: offer.planned.kind,
        starts_at: arranged.starts_at,
        minutes: arranged.minutes,
        state: match session.outcome {
            None => SessionState::Arranged,
            Some(SessionOutcome::Held { .. }) => SessionState::Held,
            Some(SessionOutcome::NotHeld(_)) => SessionState::NotHeld,
            Some(SessionOutcome::Cancelled(_)) => SessionState::Cancelled,
        },
        site: open(&arranged.site),
        link: open(&arranged.link),
        with: others.map(|who| person_name(view, *who)).collect(),
        accepted: answers
            .find(|(who, _)| *who == person)
            .map(|(_, accept)| *accept),
        involved: case.involved.contains(&person),
        in_leave: view
            .views
            .diaries
            .away(person, day_in_london(arranged.starts_at)),
    }
}
