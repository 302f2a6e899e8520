//! What is to be done, by which role and by when: for leads everywhere, for managers in their teams.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use pipss_domain::action::{self, Action, ActionState, Source};
use pipss_domain::case::Case;
use pipss_domain::facts::Looked;
use pipss_domain::ids::{ActionId, CaseId, OfferId, SessionId};
use pipss_domain::offer::OwnerRole;
use pipss_domain::policy::{Act, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::door::{Asking, Caller, Server};
use crate::lists::{limit, place};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// A page of actions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ActionsAsked {
    /// Only actions in this state.
    #[serde(default)]
    pub state: Option<ActionState>,
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// A page of actions, those due first first.
#[derive(Serialize, ToSchema)]
pub struct ActionsAnswer {
    /// The actions.
    pub actions: Vec<ActionLine>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// Something that is to be done.
#[derive(Serialize, ToSchema)]
pub struct ActionLine {
    /// In which case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// For which team.
    pub team: TeamName,
    /// The action, if a session asked for it; for `complete-action`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionId>,
    /// The session that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The offer that was handed over; for `complete-handover`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// What it is, in plain words.
    pub what: Option<String>,
    /// Which role does it.
    pub owner: OwnerRole,
    /// By when.
    pub due: NaiveDate,
    /// Where it stands.
    pub state: ActionState,
    /// What changed, once it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_changed: Option<String>,
}

/// A place in the order: due, then the case, then its place in the case.
type Place = (NaiveDate, CaseId, usize);

impl App {
    /// What is to be done, as far as this actor may see it.
    ///
    /// # Errors
    /// `NotAllowed` for whoever sees none anywhere; `Malformed` for a foreign cursor.
    pub fn actions(&self, actor: &Actor, asked: &ActionsAsked) -> Result<ActionsAnswer, Refused> {
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeActions, &view.hats) {
                return Err(Refusal::NotAllowed.into());
            }
            let limit = limit(asked.limit)?;
            let after: Option<Place> = place(self, actor, "actions", asked.after.as_ref())?;
            let wanted = |action: &Action<'_>| asked.state.is_none_or(|s| s == action.state);
            let mut found: Vec<(Place, &Case, Action<'_>)> = Vec::new();
            let cases = view.reachable(Act::SeeActions);
            for case in cases.filter(|case| view.sees(Act::SeeActions, case, About::Case)) {
                let actions = action::of_case(case, view.now).into_iter().enumerate();
                let placed = actions.map(|(n, action)| ((action.due, case.case, n), case, action));
                found.extend(placed.filter(|(place, _, action)| {
                    wanted(action) && after.is_none_or(|after| *place > after)
                }));
            }
            found.sort_by_key(|(place, _, _)| *place);
            let more = found.len() > limit;
            found.truncate(limit);
            let last = found.last().filter(|_| more).map(|(place, _, _)| *place);
            view.looked(Looked::Tasks, "actions");
            Ok(ActionsAnswer {
                actions: found
                    .iter()
                    .map(|(_, case, a)| line(view, case, a))
                    .collect(),
                next: last.map(|place| self.cursors.seal(actor, "actions", &place)),
            })
        })
    }
}

fn line(view: &View<'_>, case: &Case, action: &Action<'_>) -> ActionLine {
    let mut line = ActionLine {
        case: case.case,
        reference: case.request.reference.clone(),
        team: team_name(view, case.team()),
        action: None,
        session: None,
        offer: None,
        what: None,
        owner: action.owner,
        due: action.due,
        state: action.state,
        what_changed: action
            .what_changed
            .and_then(|text| view.app.open_text(text)),
    };
    match action.source {
        Source::Session(session, agreed) => {
            line.action = Some(agreed.action);
            line.session = Some(session.id());
            line.what = view.app.open_text(&agreed.what);
        }
        Source::HandedOver(offer) => {
            line.offer = Some(offer.id());
            line.what = Some(offer.row().label.into());
        }
    }
    line
}

/// What is to be done, those due first first.
#[utoipa::path(get, path = "/api/v1/actions", tag = "cases", params(ActionsAsked),
    responses((status = 200, body = ActionsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<ActionsAsked>,
) -> Result<Json<ActionsAnswer>, Refused> {
    server.app.actions(&actor, &asked?).map(Json)
}
