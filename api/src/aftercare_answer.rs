//! What is answered about a case beside its support plan, each part only where the policy lets it be seen.

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::facts::IncidentLinked;
use pipss_domain::facts::{
    Ask, AskedThrough, Band, DefusionLedBy, DefusionLogged, FollowUpAnswered, Milestone, ThemeSeen,
};
use pipss_domain::follow_up::{self, FollowUp, FollowUpState};
use pipss_domain::ids::{CaseId, IncidentId, SharedIncidentId};
use pipss_domain::policy::Act;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::View;

/// Beside the plan.
#[derive(Serialize, ToSchema)]
pub struct AftercareAnswer {
    /// Defusions that were logged after the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defusions: Option<Vec<DefusionAnswer>>,
    /// For leads: for whom a lead raised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<OnBehalfAnswer>,
    /// Follow-ups that what was held calls for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_ups: Option<Vec<FollowUpAnswer>>,
    /// The case in which the work goes on, for whoever may see that case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CaseNamed>,
    /// For leads: the cases whose work goes on in this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_in: Option<Vec<CaseNamed>>,
    /// For leads: incidents that other cases are about too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<LinkAnswer>>,
}

/// Another case.
#[derive(Serialize, ToSchema)]
pub struct CaseNamed {
    /// Its id.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
}

/// An incident that another case is about too.
#[derive(Serialize, ToSchema)]
pub struct LinkAnswer {
    /// The incident of this case, if it was said.
    pub incident: Option<IncidentId>,
    /// The same in every case that is about it.
    pub shared: SharedIncidentId,
    /// The other case.
    pub with: CaseNamed,
}

/// A follow-up: about the team, never who or how many.
#[derive(Serialize, ToSchema)]
pub struct FollowUpAnswer {
    /// Which.
    pub follow_up: Milestone,
    /// From when it is due.
    pub due: DateTime<Utc>,
    /// Where it stands.
    pub state: FollowUpState,
    /// Is it for you to answer?
    pub yours: bool,
    /// For leads: whom they said to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<FollowUpAnswered>,
}

/// A defusion that was held. How many came and the themes are for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct DefusionAnswer {
    pub held_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    pub led_by: DefusionLedBy,
    pub outside_window: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headcount: Option<Band>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub themes: Option<Vec<ThemeSeen>>,
}

/// For whom a lead raised it.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct OnBehalfAnswer {
    pub source: AskedThrough,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A case as it is shown, beside the case as it is today, from which rights follow.
pub(crate) struct Beside<'a> {
    pub view: &'a View<'a>,
    pub case: &'a Case,
    pub today: &'a Case,
    pub now: DateTime<Utc>,
}

impl Beside<'_> {
    fn may(&self, act: Act) -> bool {
        self.view.sees(act, self.today, About::Case)
    }

    /// Every part that whoever asks may see.
    pub fn answer(&self) -> AftercareAnswer {
        AftercareAnswer {
            defusions: self.may(Act::SeeDefusions).then(|| self.defusions()),
            on_behalf: self.on_behalf(),
            merged_into: self
                .case
                .aftercare
                .merged_into
                .and_then(|id| self.named(id)),
            took_in: self.may(Act::SeeLinks).then(|| self.took_in()),
            links: self.may(Act::SeeLinks).then(|| self.links()),
            follow_ups: self.may(Act::SeeFollowUps).then(|| self.follow_ups()),
        }
    }

    fn defusions(&self) -> Vec<DefusionAnswer> {
        let record = self.may(Act::SeeSessionRecord);
        let answer = |logged: &DefusionLogged| DefusionAnswer {
            held_at: logged.held_at,
            minutes: logged.minutes,
            led_by: logged.led_by,
            outside_window: logged.outside_window,
            headcount: record.then_some(logged.headcount),
            themes: record.then(|| logged.themes.clone()),
        };
        self.case.aftercare.defusions.iter().map(answer).collect()
    }

    /// Another case by name, if whoever asks may see that one too.
    fn named(&self, id: CaseId) -> Option<CaseNamed> {
        let other = self.view.views.cases.get(id)?;
        let seen = self.view.sees(Act::SeeCase, other, About::Case);
        seen.then(|| CaseNamed {
            case: id,
            reference: other.request.reference.clone(),
        })
    }

    fn took_in(&self) -> Vec<CaseNamed> {
        let took_in = self.case.aftercare.took_in.iter();
        took_in.filter_map(|id| self.named(*id)).collect()
    }

    fn links(&self) -> Vec<LinkAnswer> {
        let links = self.case.aftercare.links.iter();
        let answer = |link: &IncidentLinked| {
            Some(LinkAnswer {
                incident: link.incident,
                shared: link.shared,
                with: self.named(link.with)?,
            })
        };
        links.filter_map(answer).collect()
    }

    fn follow_ups(&self) -> Vec<FollowUpAnswer> {
        let working = self.may(Act::SeeFollowUpWorking);
        let directory = &self.view.views.directory;
        let answer = |follow_up: FollowUp<'_>| FollowUpAnswer {
            follow_up: follow_up.milestone,
            due: follow_up.due,
            state: follow_up.state(self.case, directory, self.now),
            yours: follow_up.asks(self.view.actor.who),
            ask: follow_up.confirmed.filter(|_| working).map(|c| c.ask),
            answer: follow_up.answered.map(|(answered, _)| answered.clone()),
        };
        let all = follow_up::of_case(self.case).into_iter();
        all.map(answer).collect()
    }

    fn on_behalf(&self) -> Option<OnBehalfAnswer> {
        let on_behalf = self.case.request.on_behalf.as_ref()?;
        self.may(Act::SeeOnBehalf).then(|| OnBehalfAnswer {
            source: on_behalf.source,
            note: on_behalf
                .note
                .as_ref()
                .and_then(|note| self.view.app.open_text(note)),
        })
    }
}
