//! One case through the eyes of whoever asks: each part only where the policy lets them see it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::case::{Case, Offer, OfferState, Session, SessionOutcome, Stage};
use pipss_domain::facts::{
    Affected, Answer, CaseOutcome, Contraindications, DefusionHeld, ManagersAttend, Mode,
    NotHeldReason, Occurred, Phase, PlaceClass, SafetyNow, ScopedWith, ShiftPattern, ThemeSeen,
    TriageOutcome, Urgency, UrgencyReason,
};
use pipss_domain::ids::{CaseId, IncidentId, OfferId, PersonId, SessionId, UnitId};
use pipss_domain::incident::IncidentType;
use pipss_domain::offer::{OfferKind, OwnerRole};
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::theme::Theme;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, View};
use crate::door::{Caller, Named, Server, etag};
use crate::problem::{Problem, Refused};

/// The sentence that stands on every case, whatever was or was not offered in it.
pub const ONE_TO_ONE_NOTICE: &str = "One-to-one support is there for everyone, for any reason, at any \
    time. It is arranged directly and in private: nobody in this case, and no manager, can see who asks.";

/// A case. A part that is absent is one that whoever asks may not see, or that does not exist yet.
#[derive(Serialize, ToSchema)]
pub struct CaseAnswer {
    /// Its id.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// Its version, also in `ETag`; for `If-Match`.
    pub version: u64,
    /// Where it stands.
    pub state: CaseState,
    /// The team.
    pub team: TeamName,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When a person answered whoever asked.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// With what it was closed.
    pub outcome: Option<CaseOutcome>,
    /// About one-to-one support: the same in every case.
    pub one_to_one: &'static str,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestAnswer>,
    /// What triage decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<TriageAnswer>,
    /// What scoping found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoping: Option<Vec<ScopingAnswer>>,
    /// The support plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<OfferAnswer>>,
    /// The commands that whoever asks can give now.
    pub next: Vec<&'static str>,
}

/// Where a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum CaseState {
    Raised,
    Open,
    Closed,
}

/// A team by name.
#[derive(Serialize, ToSchema)]
pub struct TeamName {
    /// Its id.
    pub team: UnitId,
    /// As people know it.
    pub name: String,
}

/// A person by name.
#[derive(Serialize, ToSchema)]
pub struct PersonName {
    /// Their id.
    pub person: PersonId,
    /// As people know them; absent if nobody told us, or if it was erased.
    pub name: Option<String>,
}

/// What was asked for. Texts are there for whoever wrote them and for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct RequestAnswer {
    pub incidents: Vec<IncidentAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anticipated: Option<AnticipatedAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strain: Option<StrainAnswer>,
    pub affected: Affected,
    pub injuries: Answer,
    pub staff_in_hospital: Answer,
    pub absence: Answer,
    pub signs_worsening: Answer,
    pub safety: SafetyNow,
    pub defusion_held: Option<DefusionHeld>,
    pub asked_for: Vec<OfferKind>,
    pub team_aware: Answer,
    pub shift_pattern: Option<ShiftPattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_times: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_venue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_out_of_hours: Option<String>,
}

/// One incident.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct IncidentAnswer {
    pub incident: IncidentId,
    #[serde(rename = "type")]
    pub kind: IncidentType,
    pub occurred: Occurred,
    pub known_at: Option<DateTime<Utc>>,
    pub place: PlaceClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ref: Option<String>,
}

/// What is expected.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct AnticipatedAnswer {
    pub expected_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// Strain without an incident.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct StrainAnswer {
    #[serde(rename = "type")]
    pub kind: IncidentType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// What triage decided; how it came to that is for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct TriageAnswer {
    pub urgency: Urgency,
    pub outcome: TriageOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Urgency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Vec<UrgencyReason>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contraindications: Option<Contraindications>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What one scoping conversation found.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct ScopingAnswer {
    pub held_at: DateTime<Utc>,
    pub with: Vec<ScopedWith>,
    pub needs: Vec<NeedAnswer>,
}

/// One need; the note is for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct NeedAnswer {
    pub theme: Theme,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One offer of the plan. One-to-one support has no sessions, no text and no numbers here, ever.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct OfferAnswer {
    pub offer: OfferId,
    pub kind: OfferKind,
    pub owner: OwnerRole,
    pub state: OfferStateCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over_to: Option<OwnerRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_changed: Option<String>,
    pub sessions: Vec<SessionAnswer>,
}

/// Where an offer stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum OfferStateCode {
    Planned,
    Arranged,
    Held,
    Done,
    NotNeeded,
    DeclinedByTeam,
    HandedOver,
    HandedOverAndDone,
}

/// One session. The record is for leads and for whoever was assigned to it.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct SessionAnswer {
    pub session: SessionId,
    pub starts_at: DateTime<Utc>,
    pub minutes: u16,
    pub facilitators: Vec<PersonName>,
    pub managers_attend: ManagersAttend,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub state: SessionState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_held_because: Option<NotHeldReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<ActionAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordAnswer>,
}

/// Where a session stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SessionState {
    Arranged,
    Held,
    NotHeld,
}

/// Something practical that was agreed.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct ActionAnswer {
    pub what: Option<String>,
    pub owner: OwnerRole,
    pub due: NaiveDate,
}

/// All that is kept of a session that was held.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct RecordAnswer {
    pub model: OfferKind,
    pub started_at: DateTime<Utc>,
    pub minutes: u16,
    pub mode: Mode,
    pub headcount: u16,
    pub phases: Vec<Phase>,
    pub themes: Vec<ThemeSeen>,
}

impl App {
    /// A case as this actor may see it.
    ///
    /// # Errors
    /// `NotFound` if there is none, or none for them.
    pub fn case(&self, actor: &Actor, id: CaseId) -> Result<CaseAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeCase, Some(id))?;
            let case = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
            Ok(Seen { view, case }.answer())
        })
    }
}

/// A case in view: the policy is asked for every part.
struct Seen<'a> {
    view: &'a View<'a>,
    case: &'a Case,
}

impl Seen<'_> {
    fn may(&self, act: Act) -> bool {
        self.view.sees(act, self.case, About::Case)
    }

    fn text(&self, text: &Option<Personal<String>>, seen: bool) -> Option<String> {
        text.as_ref()
            .filter(|_| seen)
            .and_then(|text| self.view.app.open_text(text))
    }

    fn answer(&self) -> CaseAnswer {
        let case = self.case;
        CaseAnswer {
            case: case.case,
            reference: case.request.reference.clone(),
            version: case.version,
            state: state(case),
            team: team_name(self.view, case.team()),
            raised_at: case.raised_at,
            acknowledged_at: case.acknowledged_at,
            outcome: case.closed.as_ref().map(|closed| closed.outcome),
            one_to_one: ONE_TO_ONE_NOTICE,
            request: self.may(Act::SeeRequest).then(|| self.request()),
            triage: if self.may(Act::SeeTriage) {
                self.triage()
            } else {
                None
            },
            scoping: self.may(Act::SeeNeeds).then(|| self.scoping()),
            offers: self.may(Act::SeePlan).then(|| self.offers()),
            next: self.next(),
        }
    }

    /// The next steps of the path that this person's rights reach.
    fn next(&self) -> Vec<&'static str> {
        let act_of = |name: &str| {
            let mut commands = pipss_domain::pathway::CASE_COMMANDS.iter();
            commands
                .find(|(command, _)| *command == name)
                .map(|(_, act)| *act)
        };
        let mut steps = self.case.next_steps();
        steps.retain(|name| act_of(name).is_some_and(|act| self.may(act)));
        steps
    }

    fn request(&self) -> RequestAnswer {
        let request = &self.case.request;
        let seen = self.may(Act::SeeRequestText);
        let incident = |incident: &pipss_domain::facts::Incident| IncidentAnswer {
            incident: incident.incident,
            kind: incident.kind,
            occurred: incident.occurred.clone(),
            known_at: incident.known_at,
            place: incident.place,
            line: self.text(&incident.line, seen),
            local_ref: self.text(&incident.local_ref, seen),
        };
        RequestAnswer {
            incidents: request.incidents.iter().map(incident).collect(),
            anticipated: request
                .anticipated
                .as_ref()
                .map(|expected| AnticipatedAnswer {
                    expected_on: expected.expected_on,
                    line: self.text(&expected.line, seen),
                }),
            strain: request.strain.as_ref().map(|strain| StrainAnswer {
                kind: strain.kind,
                line: self.text(&strain.line, seen),
            }),
            affected: request.affected.clone(),
            injuries: request.injuries,
            staff_in_hospital: request.staff_in_hospital,
            absence: request.absence,
            signs_worsening: request.signs_worsening,
            safety: request.safety,
            defusion_held: request.defusion_held.clone(),
            asked_for: request.asked_for.clone(),
            team_aware: request.team_aware,
            shift_pattern: request.shift_pattern,
            preferred_times: self.text(&request.preferred_times, seen),
            preferred_venue: self.text(&request.preferred_venue, seen),
            contact_out_of_hours: self.text(&request.contact_out_of_hours, seen),
        }
    }

    fn triage(&self) -> Option<TriageAnswer> {
        let triage = self.case.triage.as_ref()?;
        let working = self.may(Act::SeeTriageWorking);
        Some(TriageAnswer {
            urgency: triage.decided,
            outcome: triage.outcome,
            suggested: working.then_some(triage.suggested),
            because: working.then(|| triage.because.clone()),
            contraindications: working.then_some(triage.contraindications),
            reason: self.text(&triage.reason, working),
        })
    }

    fn scoping(&self) -> Vec<ScopingAnswer> {
        let seen = self.may(Act::SeeNeedNotes);
        let scoping = |scoping: &pipss_domain::facts::ScopingRecorded| ScopingAnswer {
            held_at: scoping.held_at,
            with: scoping.with.clone(),
            needs: scoping
                .needs
                .iter()
                .map(|need| NeedAnswer {
                    theme: need.theme,
                    note: self.text(&need.note, seen),
                })
                .collect(),
        };
        self.case.scopings.iter().map(scoping).collect()
    }

    fn offers(&self) -> Vec<OfferAnswer> {
        let offers = self.case.offers.iter();
        offers
            .filter(|offer| {
                self.view
                    .sees(Act::SeePlan, self.case, About::Offer(offer.id()))
            })
            .map(|offer| self.offer(offer))
            .collect()
    }

    fn offer(&self, offer: &Offer) -> OfferAnswer {
        let ended = offer.ended.as_ref();
        let completed = offer.completed.as_ref();
        let sees = |session: &&Session| {
            self.view
                .sees(Act::SeeSessions, self.case, About::Session(session.id()))
        };
        OfferAnswer {
            offer: offer.id(),
            kind: offer.planned.kind,
            owner: offer.planned.owner,
            state: offer_state(offer.state()),
            aim: self.text(&offer.planned.aim, true),
            handed_over_to: ended.and_then(|ended| ended.owner),
            due: ended.and_then(|ended| ended.due),
            note: ended.and_then(|ended| self.text(&ended.note, true)),
            what_changed: completed.and_then(|done| self.text(&done.what_changed, true)),
            sessions: offer
                .sessions
                .iter()
                .filter(sees)
                .map(|s| self.session(s))
                .collect(),
        }
    }

    fn session(&self, session: &Session) -> SessionAnswer {
        let arranged = &session.arranged;
        let about = About::Session(session.id());
        let may = |act| self.view.sees(act, self.case, about);
        let mut answer = SessionAnswer {
            session: session.id(),
            starts_at: arranged.starts_at,
            minutes: arranged.minutes,
            facilitators: arranged
                .facilitators
                .iter()
                .map(|f| person_name(self.view, *f))
                .collect(),
            managers_attend: arranged.managers_attend,
            site: self.text(&arranged.site, may(Act::SeeVenue)),
            link: self.text(&arranged.link, may(Act::SeeVenue)),
            state: SessionState::Arranged,
            not_held_because: None,
            actions: None,
            record: None,
        };
        match &session.outcome {
            None => {}
            Some(SessionOutcome::NotHeld(not_held)) => {
                answer.state = SessionState::NotHeld;
                answer.not_held_because = Some(not_held.reason);
            }
            Some(SessionOutcome::Held { record, .. }) => {
                answer.state = SessionState::Held;
                answer.actions = may(Act::SeeSessionActions).then(|| self.actions(record));
                answer.record = may(Act::SeeSessionRecord).then(|| record_answer(record));
            }
        }
        answer
    }

    fn actions(&self, record: &pipss_domain::facts::SessionRecorded) -> Vec<ActionAnswer> {
        let action = |action: &pipss_domain::facts::PracticalAction| ActionAnswer {
            what: self.view.app.open_text(&action.what),
            owner: action.owner,
            due: action.due,
        };
        record.actions.iter().map(action).collect()
    }
}

fn record_answer(record: &pipss_domain::facts::SessionRecorded) -> RecordAnswer {
    RecordAnswer {
        model: record.model,
        started_at: record.started_at,
        minutes: record.minutes,
        mode: record.mode,
        headcount: record.headcount,
        phases: record.phases.clone(),
        themes: record.themes.clone(),
    }
}

/// Where a case stands, as a code.
pub(crate) fn state(case: &Case) -> CaseState {
    match case.stage() {
        Stage::Raised => CaseState::Raised,
        Stage::Open => CaseState::Open,
        Stage::Closed => CaseState::Closed,
    }
}

const fn offer_state(state: OfferState) -> OfferStateCode {
    match state {
        OfferState::Planned => OfferStateCode::Planned,
        OfferState::Arranged => OfferStateCode::Arranged,
        OfferState::Held => OfferStateCode::Held,
        OfferState::Done => OfferStateCode::Done,
        OfferState::NotNeeded => OfferStateCode::NotNeeded,
        OfferState::DeclinedByTeam => OfferStateCode::DeclinedByTeam,
        OfferState::HandedOver => OfferStateCode::HandedOver,
        OfferState::HandedOverAndDone => OfferStateCode::HandedOverAndDone,
    }
}

pub(crate) fn person_name(view: &View<'_>, person: PersonId) -> PersonName {
    let recorded = view.views.directory.people.get(&person);
    PersonName {
        person,
        name: recorded
            .and_then(|p| p.name.as_ref())
            .and_then(|name| view.app.open_text(name)),
    }
}

pub(crate) fn team_name(view: &View<'_>, team: UnitId) -> TeamName {
    let unit = view.views.directory.units.get(&team);
    TeamName {
        team,
        name: unit.map_or(String::new(), |unit| unit.opened.name.clone()),
    }
}

/// A case: the parts that whoever asks may see.
#[utoipa::path(get, path = "/api/v1/cases/{case}", tag = "cases",
    params(("case" = CaseId, Path, description = "The case")),
    responses((status = 200, body = CaseAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
) -> Result<Response, Refused> {
    let case = server.app.case(&actor, case)?;
    Ok(([(header::ETAG, etag(case.version))], Json(case)).into_response())
}
