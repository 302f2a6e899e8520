//! Who has looked: shown to whoever asked for a one-to-one, and of a case to whoever raised it and to auditors.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_domain::facts::{GlassTelling, Looked, ReadAs};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, OneToOneId};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;
use pipss_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access_log::Row;
use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Caller, Named, Server};
use crate::problem::{Problem, Refused};
use crate::view::View;

const SHOWN_MAX: usize = 200;

/// Who has looked at a case.
#[derive(Serialize, ToSchema)]
pub struct WhoLookedAnswer {
    /// They, the latest first; at most 200.
    pub looked: Vec<LookAnswer>,
}

/// Someone looked, within an hour.
#[derive(Serialize, ToSchema)]
pub struct LookAnswer {
    /// In this hour.
    pub hour: DateTime<Utc>,
    /// Who; absent once the month was destroyed.
    pub reader: Option<PersonName>,
    /// As what.
    pub read_as: ReadAs,
}

/// Someone broke the glass over it.
#[derive(Serialize, ToSchema)]
pub struct BrokenAnswer {
    /// From then on it was open to them for an hour.
    pub opened_at: DateTime<Utc>,
    /// Who.
    pub by: Option<PersonName>,
    /// Because a life was at risk?
    pub life_at_risk: bool,
}

impl View<'_> {
    /// Who has looked at the one-to-one of whoever asks. They themselves are not listed, because their
    /// own reading is not kept.
    /// Nothing where the log cannot be read just now: that is not the same as nobody.
    pub(crate) fn who_looked_at_mine(&self, id: OneToOneId) -> Option<Vec<LookAnswer>> {
        self.who_looked(&Stream::Support(id)).ok()
    }

    fn who_looked(&self, of: &Stream) -> Result<Vec<LookAnswer>, StoreError> {
        let organisation = self.actor.organisation;
        let readings = self.app.readings_with(organisation, &of.to_string());
        let latest = readings.into_iter().rev().take(SHOWN_MAX);
        let mut looked = Vec::new();
        for id in latest {
            let row = self.app.reading_row(organisation, id)?;
            let row = row.filter(|(row, _)| !unsafe_to_tell(self, of, row));
            looked.extend(row.map(|(row, _)| LookAnswer {
                hour: row.hour,
                reader: row.reader.map(|reader| person_name(self, reader)),
                read_as: row.read_as,
            }));
        }
        Ok(looked)
    }
}

/// Someone broke the glass, and telling would put someone in danger: then only auditors are shown it.
fn unsafe_to_tell(view: &View<'_>, of: &Stream, row: &Row) -> bool {
    let broken = row.read_as == ReadAs::BreakGlass;
    let mut glasses = view.views.glasses.iter();
    broken
        && !view.everywhere(Act::SeeWhoLooked)
        && glasses.any(|glass| {
            let object = of.to_string();
            glass.asked.telling == GlassTelling::Unsafe
                && object.ends_with(&glass.asked.object.to_string())
                && row.reader.map(Who::Person) == Some(glass.asked_by)
        })
}

impl View<'_> {
    /// Who broke the glass over the one-to-one of whoever asks, and when it was opened, the latest first.
    pub(crate) fn broken_over_mine(&self, id: OneToOneId) -> Vec<BrokenAnswer> {
        let glasses = self.views.glasses.iter();
        let told = glasses.filter(|glass| {
            glass.asked.object.uuid() == id.uuid() && glass.asked.telling == GlassTelling::Told
        });
        let mut broken: Vec<_> = told
            .filter_map(|glass| {
                Some(BrokenAnswer {
                    opened_at: glass.opened_at()?,
                    by: match glass.asked_by {
                        Who::Person(person) => Some(person_name(self, person)),
                        Who::Operator | Who::Program => None,
                    },
                    life_at_risk: glass.asked.life_at_risk,
                })
            })
            .collect();
        broken.sort_by_key(|one| std::cmp::Reverse(one.opened_at));
        broken
    }
}

impl App {
    /// May they be shown who has looked at a case?
    pub fn may_ask_who_looked(&self, actor: &Actor, id: CaseId) -> bool {
        self.view(actor, |view| {
            let case = view.views.cases.get(id);
            case.is_some_and(|case| view.sees(Act::SeeWhoLooked, case, About::Case))
        })
    }

    /// Who has looked at a case: for whoever raised it, and for auditors.
    ///
    /// # Errors
    /// `NotFound` for everyone else; or that the log cannot be read.
    pub fn who_looked(&self, actor: &Actor, id: CaseId) -> Result<WhoLookedAnswer, Refused> {
        self.view(actor, |view| {
            let case = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
            if !view.sees(Act::SeeWhoLooked, case, About::Case) {
                return Err(Refusal::NotFound.into());
            }
            let of = Stream::Case(id);
            let looked = view.who_looked(&of)?;
            view.looked(Looked::AccessLog, format!("who looked at {of}"));
            Ok(WhoLookedAnswer { looked })
        })
    }
}

/// Who has looked at a case, the latest first: for whoever raised it, and for auditors.
#[utoipa::path(get, path = "/api/v1/cases/{case}/readings", tag = "cases",
    params(("case" = CaseId, Path, description = "The case")),
    responses((status = 200, body = WhoLookedAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
) -> Result<Json<WhoLookedAnswer>, Refused> {
    server.app.who_looked(&actor, case).map(Json)
}
