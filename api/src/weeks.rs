//! The sessions of one week, Monday to Sunday, for the lead.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use pipss_domain::calendar::{day_in_london, week_of_day};
use pipss_domain::case::{Case, Offer, Session, SessionOutcome};
use pipss_domain::facts::Looked;
use pipss_domain::ids::{CaseId, PersonId, SessionId};
use pipss_domain::offer::OfferKind;
use pipss_domain::policy::Act;
use pipss_domain::text::Day;
use pipss_projections::cases::About;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::{PersonName, SessionState, TeamName};
use crate::cases::{person_name, team_name};
use crate::door::{Asking, Caller, Server};
use crate::joint::{self, JointCase};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// No week has more; a bound, not a rule.
const SESSIONS_MAX: usize = 500;

/// Which week.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WeekAsked {
    /// The week of this day (`2026-03-02`); this week if absent.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    pub day: Option<Day>,
}

/// The sessions of a week.
#[derive(Serialize, ToSchema)]
pub struct WeekAnswer {
    /// Its Monday.
    pub monday: NaiveDate,
    /// The sessions, in order; at most 500.
    pub sessions: Vec<WeekLine>,
}

/// A session in a week.
#[derive(Serialize, ToSchema)]
pub struct WeekLine {
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
    /// Where: the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Is it held by video?
    pub by_link: bool,
    /// Who holds it.
    pub facilitators: Vec<InvitedAnswer>,
    /// Where it stands.
    pub state: SessionState,
}

/// Who is asked to hold a session.
#[derive(Serialize, ToSchema)]
pub struct InvitedAnswer {
    /// Who.
    pub facilitator: PersonName,
    /// Will they come? Absent while the invitation is open.
    pub accept: Option<bool>,
}

impl App {
    /// The sessions of a week, of every case that this lead may see. No one-to-one is ever among them:
    /// their appointments stand in no case.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads.
    pub fn week(&self, actor: &Actor, asked: &WeekAsked) -> Result<WeekAnswer, Refused> {
        self.view(actor, |view| {
            view.allow(Act::SeeQueue, None)?;
            let day = asked.day.map_or(day_in_london(view.now), |day| day.0);
            let monday = week_of_day(day);
            let last = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
            let within = |at| (monday..=last).contains(&day_in_london(at));
            // A week and a day either way: what day it is in England is then asked of each.
            let before = monday.checked_sub_days(Days::new(1)).unwrap_or(monday);
            let after = last.checked_add_days(Days::new(2)).unwrap_or(last);
            let span = midnight(before)..midnight(after);
            let mut found: BTreeMap<_, WeekLine> = BTreeMap::new();
            for case in view.views.cases.arranged_in(&span) {
                for (offer, session) in case.sessions() {
                    let seen = || view.sees(Act::SeeSessions, case, About::Session(session.id()));
                    if !within(session.arranged.starts_at) || !seen() {
                        continue;
                    }
                    let place = (session.arranged.starts_at, session.id());
                    // Held for several teams it stands here once, where it is led if that may be seen.
                    if session.is_led_here() || !found.contains_key(&place) {
                        found.insert(place, line(view, case, offer, session));
                    }
                }
            }
            let sessions = found.into_values().take(SESSIONS_MAX).collect();
            view.looked(Looked::Week, "week");
            Ok(WeekAnswer { monday, sessions })
        })
    }
}

/// The first instant of a day in UTC, near enough to that of the day in England.
const fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn line(view: &View<'_>, case: &Case, offer: &Offer, session: &Session) -> WeekLine {
    let arranged = &session.arranged;
    let may = |act| view.sees(act, case, About::Session(session.id()));
    let site = arranged.site.as_ref().filter(|_| may(Act::SeeVenue));
    let answered = |person: PersonId| {
        let mut answers = session.answers.iter().filter(|_| may(Act::SeeStaffing));
        answers.find(|(who, _)| *who == person).map(|(_, a)| *a)
    };
    let invited = |person: &PersonId| InvitedAnswer {
        facilitator: person_name(view, *person),
        accept: answered(*person),
    };
    WeekLine {
        session: session.id(),
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        joint_with: joint::others(view, case.case, session),
        kind: offer.planned.kind,
        starts_at: arranged.starts_at,
        minutes: arranged.minutes,
        site: site.and_then(|site| view.app.open_text(site)),
        by_link: arranged.link.is_some(),
        facilitators: arranged.facilitators.iter().map(invited).collect(),
        state: match session.outcome {
            None => SessionState::Arranged,
            Some(SessionOutcome::Held { .. }) => SessionState::Held,
            Some(SessionOutcome::NotHeld(_)) => SessionState::NotHeld,
            Some(SessionOutcome::Cancelled(_)) => SessionState::Cancelled,
        },
    }
}

/// The sessions of a week.
#[utoipa::path(get, path = "/api/v1/week", tag = "cases", params(WeekAsked),
    responses((status = 200, body = WeekAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<WeekAsked>,
) -> Result<Json<WeekAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeQueue, None)?;
    server.app.week(&actor, &asked?).map(Json)
}
