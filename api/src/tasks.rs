//! What else waits for the lead: follow-ups to confirm, answers that are due, sessions nobody recorded.

use chrono::{DateTime, Duration, Utc};
use pipss_domain::case::{Case, Offer, Session};
use pipss_domain::facts::{Looked, Milestone};
use pipss_domain::follow_up::{self, FollowUp, FollowUpState};
use pipss_domain::ids::{CaseId, SessionId};
use pipss_domain::offer::OfferKind;
use pipss_domain::policy::{Act, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;
use pipss_projections::known::Known;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::{PersonName, TeamName};
use crate::cases::{person_name, team_name};
use crate::view::View;

const TASKS_MAX: usize = 200;
/// The lead confirms whom to ask in the week before it is due.
const AHEAD: Duration = Duration::days(7);

/// Something that waits for the lead.
#[derive(Serialize, ToSchema)]
pub struct TaskLine {
    /// The case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// What waits: `to_confirm` or `due`.
    pub state: FollowUpState,
    /// Which follow-up.
    pub follow_up: Milestone,
    /// When it is due.
    pub due: DateTime<Utc>,
}

/// A session that is over, with nothing recorded of it.
#[derive(Serialize, ToSchema)]
pub struct RecordLine {
    /// The case in which it is led.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// The session.
    pub session: SessionId,
    /// What it is.
    pub kind: OfferKind,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Who was asked to hold it.
    pub facilitators: Vec<PersonName>,
}

impl App {
    /// The follow-ups that wait for this actor's own answer, the longest due first.
    ///
    /// # Errors
    /// `NotAllowed` for whoever is never asked.
    pub fn follow_ups_to_answer(&self, actor: &Actor) -> Result<Vec<TaskLine>, Refusal> {
        self.view(actor, |view| {
            if !may_somewhere(Act::AnswerFollowUp, &view.hats) {
                return Err(Refusal::NotAllowed);
            }
            let cases = view.reachable(Act::AnswerFollowUp);
            let answering = cases.filter(|case| view.sees(Act::AnswerFollowUp, case, About::Case));
            let mut waiting: Vec<_> = answering
                .flat_map(|case| follow_up::of_case(case).into_iter().map(move |f| (case, f)))
                .filter(|(_, follow_up)| follow_up.asks(actor.who))
                .map(|(case, f)| (case, f.state(case, &view.views.directory, view.now), f))
                .filter(|(_, state, _)| *state == FollowUpState::Due)
                .map(|(case, state, follow_up)| task(view, case, state, &follow_up))
                .collect();
            waiting.sort_by_key(|task| (task.due, task.case));
            waiting.truncate(TASKS_MAX);
            view.looked(Looked::Tasks, "follow-ups");
            Ok(waiting)
        })
    }
}

fn task(view: &View<'_>, case: &Case, state: FollowUpState, follow_up: &FollowUp<'_>) -> TaskLine {
    TaskLine {
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        state,
        follow_up: follow_up.milestone,
        due: follow_up.due,
    }
}

/// The tasks of the lead at an instant, those due first first; at most 200.
pub(crate) fn tasks(view: &View<'_>, cases: &Known<'_>, now: DateTime<Utc>) -> Vec<TaskLine> {
    cases
        .unanswered()
        .take_while(|(_, follow_up)| follow_up.due <= now + AHEAD)
        .map(|(case, f)| (case, f.state(case, &view.views.directory, now), f))
        .filter(|(_, state, _)| matches!(state, FollowUpState::ToConfirm | FollowUpState::Due))
        .filter(|(case, _, _)| view.sees(Act::SeeCase, case, About::Case))
        .take(TASKS_MAX)
        .map(|(case, state, follow_up)| task(view, case, state, &follow_up))
        .collect()
}

/// The sessions that are over at an instant and of which nothing was recorded.
pub(crate) fn records(view: &View<'_>, cases: &Known<'_>, now: DateTime<Utc>) -> Vec<RecordLine> {
    let mut records: Vec<(&Case, &Offer, &Session)> = cases
        .unrecorded()
        .flat_map(|case| case.sessions().map(move |(o, s)| (case, o, s)))
        .filter(|(_, _, session)| session.waits_for_record(now))
        .filter(|(case, _, session)| {
            // Rights are today's.
            let today = view.views.cases.get(case.case).unwrap_or(case);
            view.sees(Act::SeeSessions, today, About::Session(session.id()))
        })
        .collect();
    records.sort_by_key(|(_, _, session)| (session.ends_at(), session.id()));
    records.truncate(TASKS_MAX);
    let line = |(case, offer, session): (&Case, &Offer, &Session)| RecordLine {
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        session: session.id(),
        kind: offer.planned.kind,
        ended_at: session.ends_at(),
        facilitators: session
            .arranged
            .facilitators
            .iter()
            .map(|person| person_name(view, *person))
            .collect(),
    };
    records.into_iter().map(line).collect()
}
