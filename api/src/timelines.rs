//! The story of a case or of a team, in plain words and in order, as far as whoever asks may see it.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::facts::Looked;
use pipss_domain::ids::{CaseId, UnitId};
use pipss_domain::policy::{Act, Relation, may};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_domain::text::Moment;
use pipss_projections::cases::About;
use pipss_projections::timeline::{self, Entry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::TeamName;
use crate::cases::{ONE_TO_ONE_NOTICE, team_name};
use crate::door::{Asking, Caller, Named, Server};
use crate::lists::{limit, place};
use crate::problem::{Problem, Refused};
use crate::view::View;
use crate::written::Written;

/// A page of a timeline.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelineAsked {
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
    /// Show what was known at this instant (RFC 3339), not in the future. Rights are today's.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date-time")]
    pub as_of: Option<Moment>,
}

/// What happened, the earliest first.
#[derive(Serialize, ToSchema)]
pub struct TimelineAnswer {
    /// The team.
    pub team: TeamName,
    /// About one-to-one support: the same on every timeline.
    pub one_to_one: &'static str,
    /// What happened.
    pub entries: Vec<EntryAnswer>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// One thing that happened.
#[derive(Serialize, ToSchema)]
pub struct EntryAnswer {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// In which case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The kind of the fact.
    pub kind: &'static str,
    /// What happened, in one sentence.
    pub headline: String,
    /// What people wrote about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<TextAnswer>,
}

/// Something a person wrote.
#[derive(Serialize, ToSchema)]
pub struct TextAnswer {
    /// What it is.
    pub label: &'static str,
    /// The text.
    pub text: String,
}

/// Its place in the order: when it happened, then the case, then the order of recording.
type Place = (i64, CaseId, usize);

/// So many stories are read for a page at first, and as many again each time that it is not full.
const CASES_AT_FIRST: usize = 4;

/// When, in microseconds, the story of a case begins and ends, and at which version.
struct Told {
    first: i64,
    last: i64,
    case: CaseId,
    version: u64,
}

impl App {
    /// The timeline of a case.
    ///
    /// # Errors
    /// `NotFound` if there is none for this actor; or that the log cannot be read.
    pub fn case_timeline(
        &self,
        actor: &Actor,
        id: CaseId,
        asked: &TimelineAsked,
    ) -> Result<TimelineAnswer, Refused> {
        let found = self.view(actor, |view| {
            view.allow(Act::SeeCase, Some(id))?;
            let case = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
            Ok::<_, Refusal>((case.team(), vec![id]))
        });
        let (team, cases) = found?;
        let look = (Looked::Case, Stream::Case(id));
        self.timeline(actor, team, &cases, look, asked)
    }

    /// The timeline of a team: all its cases.
    ///
    /// # Errors
    /// `NotFound` if there is none for this actor; or that the log cannot be read.
    pub fn team_timeline(
        &self,
        actor: &Actor,
        id: UnitId,
        asked: &TimelineAsked,
    ) -> Result<TimelineAnswer, Refused> {
        let cases = self.cases_of_team(actor, id)?;
        let look = (Looked::Team, Stream::Unit(id));
        self.timeline(actor, id, &cases, look, asked)
    }

    /// The cases of a team whose timeline this actor may see.
    pub(crate) fn cases_of_team(&self, actor: &Actor, id: UnitId) -> Result<Vec<CaseId>, Refusal> {
        self.view(actor, |view| {
            let team = match actor.who {
                pipss_domain::history::Who::Person(person) => {
                    view.views.directory.manages(person, id)
                }
                _ => false,
            };
            let relation = Relation {
                team,
                ..Relation::default()
            };
            let known = view.views.directory.units.contains_key(&id);
            if !known || !may(Act::SeeTeamTimeline, &view.hats, relation) {
                return Err(Refusal::NotFound);
            }
            let of_team = view.views.cases.of_team(id);
            Ok(of_team.map(|case| case.case).collect())
        })
    }

    /// When the story of each of these cases begins and ends, those that begin first first.
    fn in_order(&self, actor: &Actor, cases: &[CaseId]) -> Vec<Told> {
        let mut told: Vec<_> = self.view(actor, |view| {
            let told = |case: &CaseId| {
                let happened = view.views.cases.happened(*case);
                let micros = |at: DateTime<Utc>| at.timestamp_micros();
                Told {
                    first: happened.map_or(i64::MIN, |(first, _)| micros(first)),
                    last: happened.map_or(i64::MAX, |(_, last)| micros(last)),
                    case: *case,
                    version: view.views.version(&Stream::Case(*case)),
                }
            };
            cases.iter().map(told).collect()
        });
        told.sort_unstable_by_key(|told| (told.first, told.case));
        told
    }

    /// The story of a case as it stands, or as it was known at an instant.
    fn story(
        &self,
        actor: &Actor,
        told: &Told,
        instant: Option<DateTime<Utc>>,
    ) -> Result<Arc<Vec<Entry>>, Refused> {
        let remembered = || self.stories.get(told.case, told.version);
        if let Some(story) = instant.is_none().then(remembered).flatten() {
            return Ok(story);
        }
        let facts = self.known_at(actor, told.case, instant)?;
        let story = Arc::new(timeline::of_case(&facts));
        if let (None, Some(last)) = (instant, facts.last()) {
            self.stories.add(told.case, last.version, &story);
        }
        Ok(story)
    }

    /// A page of the stories of these cases, told as one. No more of them are read than the page needs:
    /// nothing of a case happened before its story begins.
    fn timeline(
        &self,
        actor: &Actor,
        team: UnitId,
        cases: &[CaseId],
        (what, of): (Looked, Stream),
        asked: &TimelineAsked,
    ) -> Result<TimelineAnswer, Refused> {
        let limit = limit(asked.limit)?;
        let list = &of.to_string();
        let after: Option<Place> = place(self, actor, list, asked.after.as_ref())?;
        let instant = self.instant(asked.as_of)?;
        let mut unread = self.in_order(actor, cases);
        unread.retain(|told| after.is_none_or(|(at, _, _)| told.last >= at));
        let mut stories = Vec::new();
        loop {
            let now = unread.len().min(stories.len().max(CASES_AT_FIRST));
            for told in unread.drain(..now) {
                stories.push((told.case, self.story(actor, &told, instant)?));
            }
            let until = unread.first().map(|told| told.first);
            let entries = in_order(&stories, after, until);
            let page = self.view(actor, |view| {
                let seen = entries.iter().filter_map(|&(place, entry)| {
                    let case = view.views.cases.get(entry.case)?;
                    let seen = view.sees(entry.part, case, entry.about);
                    seen.then_some((place, case, entry))
                });
                let mut seen: Vec<_> = seen.take(limit + 1).collect();
                let more = seen.len() > limit;
                if !more && until.is_some() {
                    return None;
                }
                seen.truncate(limit);
                let last = seen.last().filter(|_| more).map(|(place, _, _)| *place);
                let answer = |(_, case, entry): (Place, &Case, &Entry)| answer(view, case, entry);
                view.looked(what, of);
                Some(TimelineAnswer {
                    team: team_name(view, team),
                    one_to_one: ONE_TO_ONE_NOTICE,
                    entries: seen.into_iter().map(answer).collect(),
                    next: last.map(|place| self.cursors.seal(actor, list, &place)),
                })
            });
            if let Some(page) = page {
                return Ok(page);
            }
        }
    }
}

/// What happened in these cases, in order: after a place, and before the story of another begins.
fn in_order(
    stories: &[(CaseId, Arc<Vec<Entry>>)],
    after: Option<Place>,
    until: Option<i64>,
) -> Vec<(Place, &Entry)> {
    let placed = stories.iter().flat_map(|(case, story)| {
        let story = story.iter().enumerate();
        story.map(|(n, entry)| ((entry.occurred_at.timestamp_micros(), *case, n), entry))
    });
    let mut entries: Vec<_> = placed
        .filter(|(place, _)| after.is_none_or(|after| *place > after))
        .filter(|(place, _)| until.is_none_or(|until| place.0 < until))
        .collect();
    entries.sort_unstable_by_key(|(place, _)| *place);
    entries
}

pub(crate) fn answer(view: &View<'_>, case: &Case, entry: &Entry) -> EntryAnswer {
    // What someone wrote in asking is about the case; everything else about the same as the entry.
    let about = |act| {
        if act == Act::SeeRequestText {
            About::Case
        } else {
            entry.about
        }
    };
    let texts = entry.texts.iter();
    EntryAnswer {
        at: entry.occurred_at,
        recorded_at: entry.recorded_at,
        case: entry.case,
        reference: case.request.reference.clone(),
        kind: entry.kind,
        headline: entry.headline.clone(),
        texts: texts
            .filter(|(_, _, act)| view.sees(*act, case, about(*act)))
            .filter_map(|(label, text, _)| {
                Some(TextAnswer {
                    label,
                    text: view.app.open_text(text)?,
                })
            })
            .collect(),
    }
}

/// The timeline of a case.
#[utoipa::path(get, path = "/api/v1/cases/{case}/timeline", tag = "cases",
    params(("case" = CaseId, Path, description = "The case"), TimelineAsked),
    responses((status = 200, body = TimelineAnswer), (status = 404, body = Problem)))]
pub async fn of_case(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
    Asking(asked): Asking<TimelineAsked>,
) -> Result<Written<TimelineAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeCase, Some(case))?;
    server.app.case_timeline(&actor, case, &asked?).map(Written)
}

/// The timeline of a team.
#[utoipa::path(get, path = "/api/v1/teams/{team}/timeline", tag = "teams",
    params(("team" = UnitId, Path, description = "The team"), TimelineAsked),
    responses((status = 200, body = TimelineAnswer), (status = 404, body = Problem)))]
pub async fn of_team(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(team): Named<UnitId>,
    Asking(asked): Asking<TimelineAsked>,
) -> Result<Written<TimelineAnswer>, Refused> {
    server.app.cases_of_team(&actor, team)?;
    server.app.team_timeline(&actor, team, &asked?).map(Written)
}
