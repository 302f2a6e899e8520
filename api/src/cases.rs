//! One case through the eyes of whoever asks: each part only where the policy lets them see it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use pipss_domain::action;
use pipss_domain::case::{Case, Offer, OfferState, Session, SessionOutcome, Stage};
use pipss_domain::clocks;
use pipss_domain::facts::{Incident, Looked, PracticalAction, ScopingRecorded, SessionRecorded};
use pipss_domain::ids::{CaseId, PersonId, UnitId};
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;

use crate::actor::Actor;
use crate::aftercare_answer::Beside;
use crate::app::App;
use crate::as_known::AsOfAsked;
use crate::case_answer::{
    ActionAnswer, AnticipatedAnswer, CaseAnswer, CaseState, IncidentAnswer, NeedAnswer,
    OfferAnswer, OfferStateCode, PersonName, RecordAnswer, RequestAnswer, ScopingAnswer,
    SessionAnswer, SessionState, StrainAnswer, TeamName, TriageAnswer,
};
use crate::door::{Asking, Caller, Named, Server, etag};
use crate::joint;
use crate::problem::{Problem, Refused};
use crate::staffing;
use crate::view::View;
use crate::written::Written;

/// The sentence that stands on every case, whatever was or was not offered in it.
pub const ONE_TO_ONE_NOTICE: &str = "One-to-one support is there for everyone, for any reason, at any \
    time. It is arranged directly and in private: nobody in this case, and no manager, can see who asks.";

impl App {
    /// A case as this actor may see it.
    ///
    /// # Errors
    /// `NotFound` if there is none, or none for them.
    pub fn case(
        &self,
        actor: &Actor,
        id: CaseId,
        asked: &AsOfAsked,
    ) -> Result<CaseAnswer, Refused> {
        self.allow(actor, Act::SeeCase, Some(id))?;
        let then = match self.instant(asked.as_of)? {
            Some(instant) => Some(self.case_then(actor, id, instant)?),
            None => None,
        };
        self.view(actor, |view| {
            view.allow(Act::SeeCase, Some(id))?;
            let today = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
            let (case, now) = then
                .as_ref()
                .map_or((today, view.now), |(case, at)| (case, *at));
            view.looked(Looked::Case, Stream::Case(id));
            Ok(Seen {
                view,
                case,
                today,
                now,
            }
            .answer())
        })
    }
}

/// A case in view: the policy is asked for every part.
struct Seen<'a> {
    view: &'a View<'a>,
    /// The case as it is shown.
    case: &'a Case,
    /// The case as it is today: rights follow from this.
    today: &'a Case,
    /// The time as it is shown.
    now: DateTime<Utc>,
}

impl Seen<'_> {
    fn may(&self, act: Act) -> bool {
        self.view.sees(act, self.today, About::Case)
    }

    fn text(&self, text: &Option<Personal<String>>, seen: bool) -> Option<String> {
        text.as_ref()
            .filter(|_| seen)
            .and_then(|text| self.view.app.open_text(text))
    }

    fn answer(&self) -> CaseAnswer {
        let case = self.case;
        let working = self.may(Act::SeeTriageWorking);
        CaseAnswer {
            case: case.case,
            reference: case.request.reference.clone(),
            version: case.version,
            state: state(case),
            team: team_name(self.view, case.team()),
            raised_at: case.raised_at,
            acknowledged_at: case.acknowledged_at,
            outcome: case.closed.as_ref().map(|(closed, _)| closed.outcome),
            one_to_one: ONE_TO_ONE_NOTICE,
            request: self.may(Act::SeeRequest).then(|| self.request()),
            triage: if self.may(Act::SeeTriage) {
                self.triage()
            } else {
                None
            },
            suggested_urgency: working.then_some(case.request.suggested),
            suggested_because: working.then(|| case.request.because.clone()),
            clocks: self
                .may(Act::SeeClocks)
                .then(|| clocks::of_case(case, self.now)),
            scoping: self.may(Act::SeeNeeds).then(|| self.scoping()),
            offers: self.may(Act::SeePlan).then(|| self.offers()),
            aftercare: Beside {
                view: self.view,
                case,
                today: self.today,
                now: self.now,
            }
            .answer(),
            involved: self
                .may(Act::SeeStaffing)
                .then(|| staffing::involved(self.view, case)),
            next: self.view.within_reach(case.next_steps(), case, self.today),
        }
    }

    fn request(&self) -> RequestAnswer {
        let request = &self.case.request;
        let seen = self.may(Act::SeeRequestText);
        let incident = |incident: &Incident| IncidentAnswer {
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
        let scoping = |scoping: &ScopingRecorded| ScopingAnswer {
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
                    .sees(Act::SeePlan, self.today, About::Offer(offer.id()))
            })
            .map(|offer| self.offer(offer))
            .collect()
    }

    fn offer(&self, offer: &Offer) -> OfferAnswer {
        let ended = offer.ended.as_ref();
        let completed = offer.completed.as_ref();
        let sees = |session: &&Session| {
            self.view
                .sees(Act::SeeSessions, self.today, About::Session(session.id()))
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
        let may = |act| self.view.sees(act, self.today, about);
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
            joint_with: joint::others(self.view, self.today.case, session),
            not_held_because: None,
            cancelled_because: None,
            staffing: may(Act::SeeStaffing).then(|| staffing::of_session(self.view, session)),
            actions: None,
            record: None,
        };
        match &session.outcome {
            None => {}
            Some(SessionOutcome::NotHeld(not_held)) => {
                answer.state = SessionState::NotHeld;
                answer.not_held_because = Some(not_held.reason);
            }
            Some(SessionOutcome::Cancelled(cancelled)) => {
                answer.state = SessionState::Cancelled;
                answer.cancelled_because = Some(cancelled.reason);
            }
            Some(SessionOutcome::Held { record, .. }) => {
                answer.state = SessionState::Held;
                answer.actions = may(Act::SeeSessionActions).then(|| self.actions(record));
                answer.record = may(Act::SeeSessionRecord).then(|| record_answer(record));
            }
        }
        answer
    }

    fn actions(&self, record: &SessionRecorded) -> Vec<ActionAnswer> {
        let action = |action: &PracticalAction| ActionAnswer {
            action: action.action,
            done: action::done(self.case, action.action).is_some(),
            what: self.view.app.open_text(&action.what),
            owner: action.owner,
            due: action.due,
        };
        record.actions.iter().map(action).collect()
    }
}

fn record_answer(record: &SessionRecorded) -> RecordAnswer {
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
        Stage::Merged => CaseState::Merged,
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
    params(("case" = CaseId, Path, description = "The case"), AsOfAsked),
    responses((status = 200, body = CaseAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
    Asking(asked): Asking<AsOfAsked>,
) -> Result<Response, Refused> {
    server.app.allow(&actor, Act::SeeCase, Some(case))?;
    let case = server.app.case(&actor, case, &asked?)?;
    Ok(([(header::ETAG, etag(case.version))], Written(case)).into_response())
}
