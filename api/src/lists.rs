//! Lists of cases: the ones whoever asks may see, and for the lead what waits.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::clocks::Clock;
use pipss_domain::facts::{Looked, Urgency};
use pipss_domain::ids::{CaseId, UnitId};
use pipss_domain::next_steps::WaitsFor;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_domain::text::{Line, Moment};
use pipss_projections::cases::About;
use pipss_projections::clock_letters::open_clocks;
use pipss_projections::queue;
use pipss_store::EventStore;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::as_known::AsOfAsked;
use crate::case_answer::{CaseState, TeamName};
use crate::cases::{state, team_name};
use crate::door::{Asking, Caller, Server};
use crate::problem::{Problem, Refused};
use crate::tasks::{RecordLine, TaskLine, records, tasks};
use crate::view::View;
use crate::written::Written;

const LIMIT: usize = 50;
const LIMIT_MAX: usize = 200;

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CasesAsked {
    /// Only cases in this state.
    #[serde(default)]
    pub state: Option<CaseState>,
    /// Only cases of this urgency, as decided or until then suggested. For whoever may see urgencies.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// Only cases of this team.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "uuid")]
    pub team: Option<UnitId>,
    /// Only cases that name this reference of the local incident system, for whoever may read it.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub incident_ref: Option<Line<60>>,
    /// Only the case with this reference; capitals, spaces and dashes do not matter.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub reference: Option<Line<60>>,
    /// Only cases about which something was recorded after this instant (RFC 3339).
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date-time")]
    pub changed_after: Option<Moment>,
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// A page of cases, the newest first.
#[derive(Serialize, ToSchema)]
pub struct CasesAnswer {
    /// The cases.
    pub cases: Vec<CaseLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
pub struct CaseLine {
    /// Its id.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// Where it stands.
    pub state: CaseState,
    /// When it was raised.
    #[serde(serialize_with = "pipss_domain::instant::instant")]
    pub raised_at: DateTime<Utc>,
    /// How urgent, for whoever may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
}

/// What waits for the lead.
#[derive(Serialize, ToSchema)]
pub struct QueueAnswer {
    /// How many wait, by where they stand and how urgent they are.
    pub counts: Vec<QueueCount>,
    /// The most urgent first, then those nobody triaged, then the longest waiting; at most 200.
    pub cases: Vec<QueueLine>,
    /// Follow-ups that wait for the lead to say whom to ask, or for an answer; at most 200.
    pub tasks: Vec<TaskLine>,
    /// Sessions that are over and of which nothing was recorded, the longest ago first; at most 200.
    pub records: Vec<RecordLine>,
}

/// A number of waiting cases.
#[derive(Serialize, ToSchema)]
pub struct QueueCount {
    /// Where they stand.
    pub state: CaseState,
    /// How urgent.
    pub urgency: Urgency,
    /// How many.
    pub cases: usize,
}

/// A waiting case.
#[derive(Serialize, ToSchema)]
pub struct QueueLine {
    /// The case.
    #[serde(flatten)]
    pub line: CaseLine,
    /// The commands that can be given now.
    pub next: Vec<&'static str>,
    /// What it waits for, in the order of the path.
    pub waits_for: Vec<WaitsFor>,
    /// The clocks that run and are due some time, each with the working of its due time, the next first.
    pub clocks: Vec<Clock>,
}

/// The page size that was asked for.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, Refusal> {
    match asked.unwrap_or(LIMIT) {
        n @ 1..=LIMIT_MAX => Ok(n),
        _ => Err(Refusal::invalid("", "Ask for 1 to 200 at once.")),
    }
}

/// The cursor that was given, which must be ours.
pub(crate) fn place<T: serde::de::DeserializeOwned>(
    app: &App,
    actor: &Actor,
    list: &str,
    cursor: Option<&String>,
) -> Result<Option<T>, Refused> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let place = app.cursors.open(actor, list, cursor);
    place.map(Some).ok_or(Refused::Malformed(
        "`after` is not a cursor that was given to you here",
    ))
}

impl App {
    /// The cases that this actor may see, the newest first.
    ///
    /// # Errors
    /// `Malformed` for a foreign cursor, `Invalid` for a page size out of bounds.
    pub fn cases(&self, actor: &Actor, asked: &CasesAsked) -> Result<CasesAnswer, Refused> {
        type Place = (i64, CaseId);
        let limit = limit(asked.limit)?;
        let after: Option<Place> = place(self, actor, "cases", asked.after.as_ref())?;
        let named = asked
            .incident_ref
            .clone()
            .map(|reference| self.naming(actor, reference));
        let reference = asked.reference.clone().map(|r| plain(&String::from(r)));
        let key = |case: &Case| (-case.raised_at.timestamp_micros(), case.case);
        self.view(actor, |view| {
            let mut cases: Vec<_> = view
                .reachable(Act::SeeCase)
                .filter(|case| after.is_none_or(|after| key(case) > after))
                .filter(|case| asked_for(view, case, asked))
                .filter(|case| {
                    let own = || plain(&case.request.reference);
                    reference.as_ref().is_none_or(|wanted| *wanted == own())
                })
                .filter(|case| named.as_ref().is_none_or(|named| names(view, case, named)))
                .filter(|case| view.sees(Act::SeeCase, case, About::Case))
                .take(limit + 1)
                .collect();
            let more = cases.len() > limit;
            cases.truncate(limit);
            let last = cases.last().filter(|_| more).map(|case| key(case));
            view.looked(Looked::Cases, "cases");
            Ok(CasesAnswer {
                cases: cases.into_iter().map(|case| line(view, case)).collect(),
                next: last.map(|place| self.cursors.seal(actor, "cases", &place)),
            })
        })
    }

    /// The streams in which a local incident reference stands.
    fn naming(&self, actor: &Actor, reference: Line<60>) -> Vec<Stream> {
        let plain = serde_json::to_vec(&String::from(reference)).expect("text is plain JSON");
        self.store.find(actor.organisation, &plain)
    }

    /// What waits for the lead.
    ///
    /// # Errors
    /// `NotAllowed` for everyone else.
    pub fn queue(&self, actor: &Actor, asked: &AsOfAsked) -> Result<QueueAnswer, Refused> {
        self.allow(actor, Act::SeeQueue, None)?;
        let then = match self.instant(asked.as_of)? {
            Some(instant) => Some(self.cases_then(actor, instant)?),
            None => None,
        };
        self.view(actor, |view| {
            view.allow(Act::SeeQueue, None)?;
            let known = then.as_ref().unwrap_or(&view.views.cases);
            let at = asked.as_of.map_or(view.now, |instant| instant.0);
            let known = &view.without_barred(known);
            let counts = queue::counts(known).into_iter();
            let count = |((triaged, urgency), cases)| QueueCount {
                state: if triaged {
                    CaseState::Open
                } else {
                    CaseState::Raised
                },
                urgency,
                cases,
            };
            let waiting = |case: &Case| QueueLine {
                line: line(view, case),
                next: case.next_steps(),
                waits_for: case.waits_for(at),
                clocks: due(case, at),
            };
            view.looked(Looked::Queue, "queue");
            Ok(QueueAnswer {
                counts: counts.map(count).collect(),
                cases: queue::in_order(known)
                    .take(LIMIT_MAX)
                    .map(waiting)
                    .collect(),
                tasks: tasks(view, known, at),
                records: records(view, known, at),
            })
        })
    }
}

/// A reference without what people leave out or add.
fn plain(reference: &str) -> String {
    let chars = reference.chars().filter(char::is_ascii_alphanumeric);
    chars.collect::<String>().to_ascii_uppercase()
}

/// Does a case name the reference, and may they read that it does?
fn names(view: &View<'_>, case: &Case, named: &[Stream]) -> bool {
    named.contains(&Stream::Case(case.case)) && view.sees(Act::SeeRequestText, case, About::Case)
}

/// A filter never tells more than the list does: whoever may not see an urgency cannot filter by it.
fn asked_for(view: &View<'_>, case: &Case, asked: &CasesAsked) -> bool {
    let urgent =
        |urgency| case.urgency() == urgency && view.sees(Act::SeeTriage, case, About::Case);
    asked.state.is_none_or(|wanted| state(case) == wanted)
        && asked.urgency.is_none_or(urgent)
        && asked.team.is_none_or(|team| case.team() == team)
        && asked
            .changed_after
            .is_none_or(|moment| case.changed_at > moment.0)
}

fn due(case: &Case, now: DateTime<Utc>) -> Vec<Clock> {
    let mut clocks = open_clocks(case, now);
    clocks.sort_by_key(|clock| clock.due);
    clocks
}

pub(crate) fn line(view: &View<'_>, case: &Case) -> CaseLine {
    let seen = view.sees(Act::SeeTriage, case, About::Case);
    CaseLine {
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        state: state(case),
        raised_at: case.raised_at,
        urgency: seen.then(|| case.urgency()),
    }
}

/// The cases that whoever asks may see.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(CasesAsked),
    responses((status = 200, body = CasesAnswer), (status = 422, body = Problem)))]
pub async fn cases(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<CasesAsked>,
) -> Result<Written<CasesAnswer>, Refused> {
    server.app.cases(&actor, &asked?).map(Written)
}

/// What waits for the lead.
#[utoipa::path(get, path = "/api/v1/queue", tag = "cases",
    params(AsOfAsked),
    responses((status = 200, body = QueueAnswer), (status = 403, body = Problem)))]
pub async fn read_queue(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<AsOfAsked>,
) -> Result<Written<QueueAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeQueue, None)?;
    server.app.queue(&actor, &asked?).map(Written)
}
