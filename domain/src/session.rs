//! Recording a session in two minutes: a few codes and numbers, never who came or what was said.

use chrono::Duration;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::{Case, Session};
use crate::facts::{
    Mode, NotHeldReason, Phase, PracticalAction, SessionNotHeld, SessionRecorded, SessionReleased,
    ThemeSeen,
};
use crate::history::{Event, Who};
use crate::ids::{ActionId, SessionId};
use crate::offer::{OfferKind, OwnerRole};
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::supervision;
use crate::text::{Day, Moment, Text};

const THEMES_MAX: usize = 5;
const ACTIONS_MAX: usize = 10;
const HEADCOUNT_MAX: u16 = 500;
const MINUTES: std::ops::RangeInclusive<u16> = 5..=600;

/// Records that a session was held. There is no field for who came, for names or for what was said.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSession {
    /// Which.
    pub session: SessionId,
    /// The model that was used; the kind of the offer if absent.
    #[serde(default)]
    pub model: Option<OfferKind>,
    /// When it started; as arranged if absent.
    #[serde(default)]
    pub started_at: Option<Moment>,
    /// How long it took, in minutes (5 to 600).
    pub minutes: u16,
    /// How.
    pub mode: Mode,
    /// How many were present (1 to 500).
    pub headcount: u16,
    /// Which phases were covered, each once.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// One to five themes, each once.
    pub themes: Vec<ThemeSeen>,
    /// What is to be done, at most ten.
    #[serde(default)]
    pub actions: Vec<ActionAgreed>,
    /// Would you like supervision yourself? Only the supervision lead learns of it: it is no part of
    /// the record or of the case.
    #[serde(default)]
    pub wants_supervision: bool,
}

/// Something practical that was agreed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionAgreed {
    /// What, in at most 200 characters. The team's managers read it. Please name nobody.
    pub what: Text<200>,
    /// By which role.
    pub owner: OwnerRole,
    /// By when.
    pub due: Day,
}

impl CaseCommand for RecordSession {
    const ACT: Act = Act::RecordSession;
    const NAME: &'static str = "record-session";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let (offer, session) = one_of_mine(case, self.session, context)?;
        let started_at = self
            .started_at
            .map_or(session.arranged.starts_at, |at| at.0);
        let model = self.model.unwrap_or(offer.planned.kind);
        let mut faults = Faults::default();
        faults.require(
            started_at <= context.now,
            "/started_at",
            "A session can be recorded once it has started.",
        );
        faults.require(
            started_at > context.now - Duration::days(730),
            "/started_at",
            "Give a time within the last two years.",
        );
        faults.require(
            model.row().has_sessions(),
            "/model",
            "Choose a kind of offer that has sessions.",
        );
        self.check(context, &mut faults);
        faults.settle()?;
        must_be_open(case)?;
        must_be_unrecorded(case, session)?;
        let action = |agreed: ActionAgreed| PracticalAction {
            action: ActionId::new((context.fresh)()),
            what: agreed.what.into(),
            owner: agreed.owner,
            due: agreed.due.0,
        };
        let event = Event::SessionRecorded(SessionRecorded {
            session: self.session,
            model,
            started_at,
            minutes: self.minutes,
            mode: self.mode,
            headcount: self.headcount,
            phases: self.phases,
            themes: self.themes,
            actions: self.actions.into_iter().map(action).collect(),
        });
        let mut happened = vec![Happened::to_case(case.case, started_at, event)];
        if self.wants_supervision {
            happened.push(supervision::after_session(context));
        }
        Ok(happened)
    }
}

impl RecordSession {
    fn check(&self, context: &Context<'_>, faults: &mut Faults) {
        faults.require(
            MINUTES.contains(&self.minutes),
            "/minutes",
            format!("Give {} to {} minutes.", MINUTES.start(), MINUTES.end()),
        );
        faults.require(
            (1..=HEADCOUNT_MAX).contains(&self.headcount),
            "/headcount",
            format!("Give 1 to {HEADCOUNT_MAX}; if nobody came, record that it was not held."),
        );
        let phases = &self.phases;
        let distinct = (1..phases.len()).all(|n| !phases[..n].contains(&phases[n]));
        faults.require(distinct, "/phases", "Name each phase once.");
        let themes = &self.themes;
        let seen = |n: usize| themes[..n].iter().any(|t| t.theme == themes[n].theme);
        faults.require(
            (1..=THEMES_MAX).contains(&themes.len()) && !(1..themes.len()).any(seen),
            "/themes",
            format!("Choose one to {THEMES_MAX} themes, each once."),
        );
        faults.require(
            self.actions.len() <= ACTIONS_MAX,
            "/actions",
            format!("Give at most {ACTIONS_MAX} actions."),
        );
        let today = day_in_london(context.now);
        for (n, action) in self.actions.iter().take(ACTIONS_MAX).enumerate() {
            faults.require(
                action.due.0 >= today,
                format!("/actions/{n}/due"),
                "Give a day that is not in the past.",
            );
        }
    }
}

/// Records that a session was not held, which is normal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordSessionNotHeld {
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: NotHeldReason,
}

impl CaseCommand for RecordSessionNotHeld {
    const ACT: Act = Act::RecordSessionNotHeld;
    const NAME: &'static str = "record-session-not-held";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let (_, session) = one_of_mine(case, self.session, context)?;
        must_be_open(case)?;
        must_be_unrecorded(case, session)?;
        let event = Event::SessionNotHeld(SessionNotHeld {
            session: self.session,
            reason: self.reason,
        });
        let mut happened = vec![Happened::to_case(case.case, context.now, event)];
        // The time is free again for everyone who was booked.
        happened.extend(session.arranged.facilitators.iter().map(|person| Happened {
            stream: Stream::Diary(*person),
            occurred_at: context.now,
            event: Event::SessionReleased(SessionReleased {
                session: self.session,
            }),
        }));
        Ok(happened)
    }
}

/// The session, if whoever asks is assigned to it or their right reaches every session. One that is
/// not theirs looks the same as one that does not exist.
fn one_of_mine<'c>(
    case: &'c Case,
    id: SessionId,
    context: &Context<'_>,
) -> Result<(&'c crate::case::Offer, &'c Session), Refusal> {
    let mine = |session: &Session| match context.who {
        Who::Person(person) => session.assigned(person, context.now),
        Who::Operator | Who::Program => false,
    };
    case.session(id)
        .filter(|(_, session)| context.every_session || mine(session))
        .ok_or_else(|| Refusal::invalid("/session", "Choose a session of this case."))
}

fn must_be_unrecorded(case: &Case, session: &Session) -> Result<(), Refusal> {
    if session.outcome.is_some() {
        let sentence = "What came of this session is already recorded.";
        return Err(out_of_step(case, "session_recorded", sentence));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
