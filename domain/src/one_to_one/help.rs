//! What is done about a one-to-one: offered by a lead, arranged, taken up or declined, ended.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Around, OneToOne, OneToOneCommand, OneToOneState, out_of_step, to_support};
use crate::calendar::day_in_london;
use crate::directory_facts::Role;
use crate::facts::{
    AppointmentBooked, AppointmentReleased, DeclineReason, OneToOneArranged, OneToOneDeclined,
    OneToOneEnded, OneToOneOffered, OneToOneOutcome, OneToOneTakenUp, RiskFlagged,
};
use crate::history::Event;
use crate::ids::PersonId;
use crate::offer::OfferKind;
use crate::pathway::{Decision, Happened};
use crate::policy::Act;
use crate::refusal::{Fault, Faults, Refusal};
use crate::stream::Stream;
use crate::text::{Line, Moment};

const MINUTES: std::ops::RangeInclusive<u16> = 15..=120;

/// Asks someone to provide it. They take the place of whoever was asked before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferOneToOne {
    /// A facilitator who is trained for one-to-one support.
    pub provider: PersonId,
}

impl OneToOneCommand for OfferOneToOne {
    const ACT: Act = Act::OfferOneToOne;
    const NAME: &'static str = "offer";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        must_be_open(one)?;
        let today = day_in_london(around.context.now);
        let directory = around.context.directory;
        let able = directory.holds(self.provider, Role::Facilitator, today)
            && directory.trained(self.provider, OfferKind::OneToOne, today);
        // One sentence for both: why someone may not know of it is nobody's business.
        if !able || !(around.may_know)(self.provider) {
            let detail = "Choose someone else who is trained for one-to-one support.";
            return Err(Refusal::invalid("/provider", detail));
        }
        let offered = Event::OneToOneOffered(OneToOneOffered {
            provider: self.provider,
        });
        let mut happened = vec![to_support(one.id, around.context.now, offered)];
        happened.extend(released(one, around));
        Ok(happened)
    }
}

/// Says when they meet next. Takes the place of what was arranged before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrangeOneToOne {
    /// Start, with its offset.
    pub starts_at: Moment,
    /// Length in minutes (15 to 120).
    pub minutes: u16,
    /// Where, if they meet somewhere.
    #[serde(default)]
    pub site: Option<Line<200>>,
    /// The link, if they meet online.
    #[serde(default)]
    pub link: Option<Line<300>>,
}

impl OneToOneCommand for ArrangeOneToOne {
    const ACT: Act = Act::ArrangeOneToOne;
    const NAME: &'static str = "arrange";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        must_be_open(one)?;
        let provider = provider(one)?;
        let starts_at = self.starts_at.0;
        let mut faults = Faults::default();
        faults.require(
            starts_at > around.context.now,
            "/starts_at",
            "Give a time that is not in the past.",
        );
        faults.require(
            MINUTES.contains(&self.minutes),
            "/minutes",
            format!("Give {} to {} minutes.", MINUTES.start(), MINUTES.end()),
        );
        faults.settle()?;
        let diaries = around.context.diaries;
        if diaries.in_session(provider, starts_at, self.minutes, None)
            || diaries.in_appointment(provider, starts_at, self.minutes, Some(one.id))
        {
            return Err(Refusal::OutOfStep {
                code: "facilitator_busy",
                sentence: "You are already booked at that time. Choose another time.".into(),
                next: one.next_steps(),
                faults: vec![Fault::at("/starts_at", "Choose another time.")],
            });
        }
        let arranged = Event::OneToOneArranged(OneToOneArranged {
            starts_at,
            minutes: self.minutes,
            site: self.site.map(Into::into),
            link: self.link.map(Into::into),
        });
        let booked = Event::AppointmentBooked(AppointmentBooked {
            one_to_one: one.id,
            starts_at,
            minutes: self.minutes,
        });
        let mut happened = vec![to_support(one.id, around.context.now, arranged)];
        happened.extend(released(one, around));
        happened.push(to_diary(provider, around, booked));
        Ok(happened)
    }
}

/// Says that they spoke, and that it goes on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeUpOneToOne {}

impl OneToOneCommand for TakeUpOneToOne {
    const ACT: Act = Act::TakeUpOneToOne;
    const NAME: &'static str = "take-up";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        if one.state != OneToOneState::Offered {
            let sentence = "Nobody was asked to provide it, or it was taken up already.";
            return Err(out_of_step(one, "not_offered", sentence));
        }
        let taken_up = Event::OneToOneTakenUp(OneToOneTakenUp {});
        Ok(vec![to_support(one.id, around.context.now, taken_up)])
    }
}

/// Says that whoever asked does not want it, or not any more.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineOneToOne {
    /// Why; `not_said` if absent.
    #[serde(default)]
    pub reason: Option<DeclineReason>,
}

impl OneToOneCommand for DeclineOneToOne {
    const ACT: Act = Act::DeclineOneToOne;
    const NAME: &'static str = "decline";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        must_be_open(one)?;
        let declined = Event::OneToOneDeclined(OneToOneDeclined {
            reason: self.reason.unwrap_or(DeclineReason::NotSaid),
        });
        let mut happened = vec![to_support(one.id, around.context.now, declined)];
        happened.extend(released(one, around));
        Ok(happened)
    }
}

/// Ends it, with a code and nothing else.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOneToOne {
    /// How it ended.
    pub outcome: OneToOneOutcome,
}

impl OneToOneCommand for EndOneToOne {
    const ACT: Act = Act::EndOneToOne;
    const NAME: &'static str = "end";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        must_be_open(one)?;
        provider(one)?;
        if one.at_risk {
            let sentence =
                "You said that someone may be in danger. Say first that they are not any more.";
            return Err(out_of_step(one, "at_risk", sentence));
        }
        let ended = Event::OneToOneEnded(OneToOneEnded {
            outcome: self.outcome,
        });
        let mut happened = vec![to_support(one.id, around.context.now, ended)];
        happened.extend(released(one, around));
        Ok(happened)
    }
}

/// Says whether the provider is worried that someone is in danger. Leads see that, and nothing more.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagRisk {
    /// Are they?
    pub at_risk: bool,
}

impl OneToOneCommand for FlagRisk {
    const ACT: Act = Act::FlagRisk;
    const NAME: &'static str = "flag-risk";

    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision {
        must_be_open(one)?;
        if one.at_risk == self.at_risk {
            let sentence = "This is what is recorded already.";
            return Err(out_of_step(one, "already_so", sentence));
        }
        let flagged = Event::RiskFlagged(RiskFlagged {
            at_risk: self.at_risk,
        });
        Ok(vec![to_support(one.id, around.context.now, flagged)])
    }
}

fn must_be_open(one: &OneToOne) -> Result<(), Refusal> {
    if one.state.is_open() {
        return Ok(());
    }
    let sentence = "This has ended. Whoever asked can ask again at any time.";
    Err(out_of_step(one, "one_to_one_ended", sentence))
}

fn provider(one: &OneToOne) -> Result<PersonId, Refusal> {
    one.provider.map(|(provider, _)| provider).ok_or_else(|| {
        let sentence = "Nobody was asked to provide it yet.";
        out_of_step(one, "not_offered", sentence)
    })
}

/// The appointment that was arranged, if it is still in the diary of whoever provides it.
fn released(one: &OneToOne, around: &Around<'_>) -> Option<Happened> {
    let (provider, _) = one.provider?;
    let booked = around.context.diaries.appointment(provider, one.id)?;
    // What has been held keeps its place in the diary.
    (booked.starts_at > around.context.now).then(|| {
        let released = AppointmentReleased { one_to_one: one.id };
        to_diary(provider, around, Event::AppointmentReleased(released))
    })
}

fn to_diary(person: PersonId, around: &Around<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Diary(person),
        occurred_at: around.context.now,
        event,
    }
}
