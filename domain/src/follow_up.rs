//! Follow-ups that come due by themselves: four weeks on, and months on after a suicide.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::{day_in_london, in_london};
use crate::case::{Case, SessionOutcome};
use crate::clocks::incident;
use crate::directory::Directory;
use crate::facts::{Ask, FollowUpAnswered, FollowUpConfirmed, Going, Milestone, YesOrNo};
use crate::history::{Event, Who};
use crate::incident::IncidentType;
use crate::offer::FollowUpPlan;
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

const AFTER_INCIDENT: Days = Days::new(28);
const AFTER_SESSION: Days = Days::new(14);
const NINE: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("there is such a time");

/// Where a follow-up stands; computed from the facts and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpState {
    /// The lead has not said whom to ask, or whoever that was no longer manages the team.
    ToConfirm,
    /// Someone will be asked when it is due.
    Confirmed,
    /// It is due and waits for the answer.
    Due,
    /// The lead decided to ask nobody.
    NobodyAsked,
    /// It was answered.
    Answered,
}

/// One follow-up of a case.
#[derive(Clone, Debug)]
pub struct FollowUp<'c> {
    /// Which.
    pub milestone: Milestone,
    /// From when it is due: nine in the morning in England.
    pub due: DateTime<Utc>,
    /// Whom the lead last said to ask.
    pub confirmed: Option<&'c FollowUpConfirmed>,
    /// The answer and when it came.
    pub answered: Option<&'c (FollowUpAnswered, DateTime<Utc>)>,
}

impl FollowUp<'_> {
    /// Where it stands.
    pub fn state(&self, case: &Case, directory: &Directory, now: DateTime<Utc>) -> FollowUpState {
        match (self.answered, self.confirmed.map(|confirmed| confirmed.ask)) {
            (Some(_), _) => FollowUpState::Answered,
            (None, Some(Ask::Nobody(_))) => FollowUpState::NobodyAsked,
            (None, Some(Ask::Manager(person))) if directory.manages(person, case.team()) => {
                if self.due <= now {
                    FollowUpState::Due
                } else {
                    FollowUpState::Confirmed
                }
            }
            (None, _) => FollowUpState::ToConfirm,
        }
    }

    /// Is this who was confirmed?
    pub fn asks(&self, who: Who) -> bool {
        let asked = self.confirmed.map(|confirmed| confirmed.ask);
        matches!((asked, who), (Some(Ask::Manager(person)), Who::Person(me)) if person == me)
    }
}

/// Every follow-up that the sessions held so far call for, in order. Derived, never stored: closing
/// the case changes nothing.
pub fn of_case(case: &Case) -> Vec<FollowUp<'_>> {
    let milestones = [
        Milestone::FourWeeks,
        Milestone::ThreeMonths,
        Milestone::SixMonths,
        Milestone::TwelveMonths,
    ];
    let each = milestones.into_iter();
    each.filter_map(|milestone| find(case, milestone)).collect()
}

/// One follow-up of a case, if the sessions held so far call for it.
pub fn find(case: &Case, milestone: Milestone) -> Option<FollowUp<'_>> {
    let aftercare = &case.aftercare;
    if aftercare.merged_into.is_some() {
        return None;
    }
    Some(FollowUp {
        milestone,
        due: in_london(due_day(case, milestone)?, NINE)?,
        confirmed: aftercare
            .asked
            .iter()
            .rfind(|confirmed| confirmed.follow_up == milestone),
        answered: aftercare
            .answers
            .iter()
            .find(|(answered, _)| answered.follow_up == milestone),
    })
}

/// Day 28 after the latest incident and at least 14 after the session; months after a suicide
/// (product: "Follow up"). With nothing dated it counts from the referral.
fn due_day(case: &Case, milestone: Milestone) -> Option<NaiveDate> {
    let months = match milestone {
        Milestone::FourWeeks => None,
        Milestone::ThreeMonths => Some(Months::new(3)),
        Milestone::SixMonths => Some(Months::new(6)),
        Milestone::TwelveMonths => Some(Months::new(12)),
    };
    let calls = |plan: FollowUpPlan| match months {
        None => plan != FollowUpPlan::None,
        Some(_) => plan == FollowUpPlan::FourWeeksAndMonths3612,
    };
    let held = case
        .sessions()
        .filter_map(|(offer, session)| match &session.outcome {
            Some(SessionOutcome::Held { record, .. }) if calls(offer.row().follow_ups) => {
                Some(record.started_at)
            }
            _ => None,
        });
    let after_session = day_in_london(held.max()?).checked_add_days(AFTER_SESSION)?;
    let after_incident = match months {
        None => {
            let from = incident(case).unwrap_or(case.raised_at);
            day_in_london(from).checked_add_days(AFTER_INCIDENT)?
        }
        Some(months) => day_in_london(suicide(case)?).checked_add_months(months)?,
    };
    Some(after_incident.max(after_session))
}

fn suicide(case: &Case) -> Option<DateTime<Utc>> {
    let suicides = case.request.incidents.iter().filter(|incident| {
        matches!(
            incident.kind,
            IncidentType::PatientSuicide | IncidentType::ColleagueSuicide
        )
    });
    suicides
        .filter_map(|i| i.occurred.latest().or(i.known_at))
        .max()
}

/// Says whom to ask: never an affected, bereaved, absent or departed manager unawares. Can be given
/// again until it is answered, also after the case was closed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmFollowUp {
    /// Which follow-up.
    pub follow_up: Milestone,
    /// A manager of the team, or nobody and why.
    pub ask: Ask,
}

impl CaseCommand for ConfirmFollowUp {
    const ACT: Act = Act::ConfirmFollowUp;
    const NAME: &'static str = "confirm-follow-up";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if let Ask::Manager(person) = self.ask
            && !context.directory.manages(person, case.team())
        {
            let detail = "Choose someone who manages this team now.";
            return Err(Refusal::invalid("/ask/manager", detail));
        }
        let follow_up = known(case, self.follow_up)?;
        if follow_up.answered.is_some() {
            return Err(already_answered(case));
        }
        let event = Event::FollowUpConfirmed(FollowUpConfirmed {
            follow_up: self.follow_up,
            ask: self.ask,
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

/// Answers a follow-up about the team as a whole. There is no field for who or how many.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerFollowUp {
    /// Which follow-up.
    pub follow_up: Milestone,
    /// Has the team been reminded how to ask for support privately?
    pub reminded_how_to_ask: YesOrNo,
    /// How is the team doing?
    pub going: Going,
    /// Is more support for the team wanted?
    pub more_team_support: YesOrNo,
}

impl CaseCommand for AnswerFollowUp {
    const ACT: Act = Act::AnswerFollowUp;
    const NAME: &'static str = "answer-follow-up";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let follow_up = known(case, self.follow_up)?;
        match follow_up.state(case, context.directory, context.now) {
            FollowUpState::Answered => return Err(already_answered(case)),
            FollowUpState::ToConfirm | FollowUpState::NobodyAsked => {
                let sentence = "Nobody was asked this.";
                return Err(out_of_step(case, "nobody_asked", sentence));
            }
            _ if !follow_up.asks(context.who) => return Err(Refusal::NotAllowed),
            FollowUpState::Confirmed => {
                let sentence = "This follow-up is not due yet.";
                return Err(out_of_step(case, "not_due", sentence));
            }
            FollowUpState::Due => {}
        }
        let event = Event::FollowUpAnswered(FollowUpAnswered {
            follow_up: self.follow_up,
            reminded_how_to_ask: self.reminded_how_to_ask,
            going: self.going,
            more_team_support: self.more_team_support,
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

fn known(case: &Case, milestone: Milestone) -> Result<FollowUp<'_>, Refusal> {
    find(case, milestone).ok_or_else(|| {
        let sentence = "Nothing was held that calls for this follow-up.";
        out_of_step(case, "no_follow_up", sentence)
    })
}

fn already_answered(case: &Case) -> Refusal {
    out_of_step(case, "follow_up_answered", "This follow-up was answered.")
}

#[cfg(test)]
mod tests;
