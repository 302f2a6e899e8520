//! What whoever asked for support for a team holds in their hands: their receipt, and what they asked for that still goes on.

use chrono::{DateTime, Utc};
use pipss_domain::case::{Case, Stage};
use pipss_domain::history::Who;
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_projections::cases::About;

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::{CaseState, TeamName};
use crate::cases::{state, team_name};
use crate::lists::{CaseLine, line};
use crate::problem::Refused;
use crate::reading::ReadBy;
use crate::view::View;

/// So many of one's own requests are shown.
const OWN_MAX: usize = 20;

/// What became of a request at once: for whoever made it, and nobody else.
pub struct ReceiptAnswer {
    /// The case that it opened.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// Where it stands.
    pub state: CaseState,
    /// When it was made.
    pub raised_at: DateTime<Utc>,
    /// When a person answered.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When a person reads it: as it was when it was made.
    pub read_by: Option<ReadBy>,
    /// If it logged a defusion: was that held outside its window?
    pub outside_window: Option<bool>,
}

impl App {
    /// The receipt of a request, for whoever made it.
    ///
    /// # Errors
    /// `NotFound` for everyone else; or that the log cannot be read.
    pub fn receipt(&self, actor: &Actor, id: CaseId) -> Result<ReceiptAnswer, Refused> {
        self.allow(actor, Act::SeeCase, Some(id))?;
        let first = self.known_at(actor, id, None)?.into_iter().next();
        let read_by = first.and_then(|fact| self.read_by(actor, &fact));
        self.view(actor, |view| {
            let case = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
            if !made_by(view, case) {
                return Err(Refusal::NotFound.into());
            }
            let defusions = case.aftercare.defusions.iter();
            let mut logged = defusions.filter(|logged| logged.held_at <= case.raised_at);
            Ok(ReceiptAnswer {
                case: case.case,
                reference: case.request.reference.clone(),
                team: team_name(view, case.team()),
                state: state(case),
                raised_at: case.raised_at,
                acknowledged_at: case.acknowledged_at,
                read_by,
                outside_window: logged.next().map(|logged| logged.outside_window),
            })
        })
    }

    /// What this actor asked for and what still goes on, the newest first; at most 20.
    pub fn own_requests(&self, actor: &Actor) -> Vec<CaseLine> {
        self.view(actor, |view| {
            let mut cases: Vec<_> = view
                .views
                .cases
                .iter()
                .filter(|case| matches!(case.stage(), Stage::Raised | Stage::Open))
                .filter(|case| made_by(view, case))
                .collect();
            cases.sort_by_key(|case| (std::cmp::Reverse(case.raised_at), case.case));
            cases.truncate(OWN_MAX);
            cases.into_iter().map(|case| line(view, case)).collect()
        })
    }
}

fn made_by(view: &View<'_>, case: &Case) -> bool {
    let own = matches!(case.raised_by, Who::Person(_)) && case.raised_by == view.actor.who;
    own && view.sees(Act::SeeCase, case, About::Case)
}
