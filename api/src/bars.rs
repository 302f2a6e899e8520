//! Bars that hold, and why someone can or cannot see a case: the deciding row of the policy.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{BarReason, Barred, Looked};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, PersonId};
use pipss_domain::policy::{Act, POLICY, Reach, reach};
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::{About, relation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Asking, Caller, Named, Server};
use crate::people::RoleCode;
use crate::problem::{Problem, Refused};
use crate::view::View;

/// The bars that hold.
#[derive(Serialize, ToSchema)]
pub struct BarsAnswer {
    /// They; for leads those of cases they may see.
    pub bars: Vec<BarAnswer>,
}

/// One bar.
#[derive(Serialize, ToSchema)]
pub struct BarAnswer {
    /// The case.
    pub case: CaseId,
    /// What people quote of it.
    pub reference: String,
    /// Whom it keeps out: one person, or absent for whoever manages the team.
    pub person: Option<PersonName>,
    /// Why.
    pub because: BarReason,
}

/// Why someone can see what of a case.
#[derive(Serialize, ToSchema)]
pub struct WhyAnswer {
    /// Who.
    pub person: PersonName,
    /// Does a bar keep them from knowing of it? This beats every right.
    pub barred: bool,
    /// What they may do and see, each with the row of the policy that decides; empty if nothing.
    pub because: Vec<DecidingRow>,
}

/// One right to the case, with the first row that gives it.
#[derive(Serialize, ToSchema)]
pub struct DecidingRow {
    /// The act, as in the policy.
    pub act: String,
    /// What they are.
    pub role: Option<RoleCode>,
    /// How far that reaches.
    pub reach: ReachCode,
}

/// How far a right reaches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReachCode {
    Own,
    Assigned,
    Team,
    Duty,
    All,
}

/// About whom.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhyAsked {
    /// The person; whoever asks if absent. Others may be asked about by leads and auditors only.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "uuid")]
    pub person: Option<PersonId>,
}

impl App {
    /// The bars that hold.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads and auditors.
    pub fn bars(&self, actor: &Actor) -> Result<BarsAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeBars, None)?;
            let mut cases: Vec<_> = view
                .views
                .cases
                .iter()
                .filter(|case| view.sees(Act::SeeBars, case, About::Case))
                .map(|case| (case.case, &case.request.reference))
                .collect();
            cases.sort();
            let bars = &view.views.directory.bars;
            let of_case = |(case, reference): (CaseId, &String)| {
                let reference = reference.clone();
                bars.of(case).map(move |(whom, because)| BarAnswer {
                    case,
                    reference: reference.clone(),
                    person: match whom {
                        Barred::TeamManagers => None,
                        Barred::Person(person) => Some(person_name(view, person)),
                    },
                    because,
                })
            };
            view.looked(Looked::People, "bars");
            Ok(BarsAnswer {
                bars: cases.into_iter().flat_map(of_case).collect(),
            })
        })
    }

    /// Why someone can see what of a case.
    ///
    /// # Errors
    /// `NotFound` for a case that whoever asks may not know of; `NotAllowed` about others.
    pub fn why(&self, actor: &Actor, case: CaseId, asked: &WhyAsked) -> Result<WhyAnswer, Refusal> {
        self.view(actor, |view| {
            let case = view.views.cases.get(case).ok_or(Refusal::NotFound)?;
            if !view.sees(Act::SeeWhy, case, About::Case) {
                return Err(Refusal::NotFound);
            }
            let about = asked.person.map_or(actor.who, Who::Person);
            if about != actor.who && !view.everywhere(Act::SeeWhy) {
                return Err(Refusal::NotAllowed);
            }
            let Who::Person(person) = about else {
                return Err(Refusal::NotAllowed);
            };
            let directory = &view.views.directory;
            let hats = directory.hats(about, view.now);
            let stands = relation(case, About::Case, about, directory, view.now);
            let row = |act: Act| {
                let hat = hats.iter().find(|hat| stands.within(reach(act, **hat)))?;
                Some(DecidingRow {
                    act: format!("{act:?}"),
                    role: RoleCode::of(*hat),
                    reach: reach_code(reach(act, *hat))?,
                })
            };
            let to_cases = POLICY.iter().map(|(act, _)| *act);
            let to_cases = to_cases.filter(|act| act.is_about_a_case());
            view.looked(Looked::People, "rights");
            Ok(WhyAnswer {
                person: person_name(view, person),
                barred: stands.barred,
                because: if stands.barred {
                    Vec::new()
                } else {
                    to_cases.filter_map(row).collect()
                },
            })
        })
    }
}

const fn reach_code(reach: Reach) -> Option<ReachCode> {
    match reach {
        Reach::None => None,
        Reach::Own => Some(ReachCode::Own),
        Reach::Assigned => Some(ReachCode::Assigned),
        Reach::Team => Some(ReachCode::Team),
        Reach::Duty => Some(ReachCode::Duty),
        Reach::All => Some(ReachCode::All),
    }
}

impl View<'_> {
    /// Does something wait that no lead may know of; and if someone is meant: could they?
    pub fn waits_unseen(&self, by: Option<PersonId>) -> bool {
        let directory = &self.views.directory;
        let leads = directory.holders(Role::Lead, day_in_london(self.now));
        let helped = |may: &dyn Fn(PersonId) -> bool| {
            !leads.iter().any(|lead| may(*lead)) && by.is_none_or(may)
        };
        let open = |case: &&pipss_domain::case::Case| case.closed.is_none();
        let mut cases = self.views.cases.iter().filter(open);
        let mut one_to_ones = self.views.one_to_ones.iter();
        cases.any(|case| helped(&|person| !directory.barred(person, case)))
            || one_to_ones
                .any(|one| one.state.is_open() && helped(&|person| self.may_know(one, person)))
    }
}

/// The bars that hold.
#[utoipa::path(get, path = "/api/v1/bars", tag = "people",
    responses((status = 200, body = BarsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<BarsAnswer>, Refused> {
    Ok(Json(server.app.bars(&actor)?))
}

/// Why someone can see what of a case.
#[utoipa::path(get, path = "/api/v1/cases/{case}/why", tag = "cases",
    params(("case" = CaseId, Path, description = "The case"), WhyAsked),
    responses((status = 200, body = WhyAnswer), (status = 404, body = Problem)))]
pub async fn why(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(case): Named<CaseId>,
    Asking(asked): Asking<WhyAsked>,
) -> Result<Json<WhyAnswer>, Refused> {
    Ok(Json(server.app.why(&actor, case, &asked?)?))
}
