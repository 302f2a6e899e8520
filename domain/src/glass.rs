//! Breaking the glass: seeing one named thing for an hour that one otherwise could not, with a reason, with
//! another auditor's leave, or at once where a life is at risk.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::facts::{
    GlassAsked, GlassDecided, GlassFinding, GlassOver, GlassReviewed, GlassTelling,
};
use crate::history::{Event, Fact, Who};
use crate::ids::{GlassId, ThingId};
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::Refusal;
use crate::stream::Stream;
use crate::text::Text;

/// So long it is open.
pub const OPEN_FOR: Duration = Duration::minutes(60);
/// So long another auditor can decide; then it has to be asked again.
pub const WAITS_FOR: Duration = Duration::hours(24);
/// Within so long another auditor looks at what was opened at once.
pub const REVIEWED_WITHIN: Duration = Duration::hours(24);

/// One breaking of the glass: a fold of its `glass/` stream.
#[derive(Clone, Debug)]
pub struct Glass {
    /// Its id.
    pub id: GlassId,
    /// Who asked.
    pub asked_by: Who,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What they asked, the reason sealed.
    pub asked: GlassAsked,
    /// Who decided what, and when; nobody decides where a life is at risk.
    pub decided: Option<(Who, bool, DateTime<Utc>)>,
    /// Who found what afterwards, and when.
    pub reviewed: Option<(Who, GlassFinding, DateTime<Utc>)>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassState {
    /// Another auditor is to decide.
    Waiting,
    /// Nobody decided in time.
    Lapsed,
    /// Another auditor refused.
    Refused,
    /// Open until then.
    Open(DateTime<Utc>),
    /// It was open.
    Over,
}

impl Glass {
    /// When it was opened, if it was.
    pub fn opened_at(&self) -> Option<DateTime<Utc>> {
        match self.decided {
            _ if self.asked.life_at_risk => Some(self.asked_at),
            Some((_, true, at)) => Some(at),
            _ => None,
        }
    }

    /// Where it stands at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> GlassState {
        match (self.opened_at(), self.decided) {
            (Some(at), _) if now < at + OPEN_FOR => GlassState::Open(at + OPEN_FOR),
            (Some(_), _) => GlassState::Over,
            (None, Some(_)) => GlassState::Refused,
            (None, None) if now < self.asked_at + WAITS_FOR => GlassState::Waiting,
            (None, None) => GlassState::Lapsed,
        }
    }

    /// By when it is to be reviewed, while it is not: only what was opened at once.
    pub fn review_due(&self) -> Option<DateTime<Utc>> {
        let at_once = self.asked.life_at_risk && self.reviewed.is_none();
        at_once.then(|| self.asked_at + REVIEWED_WITHIN)
    }
}

/// Every breaking of the glass: a fold of the `glass/` streams.
#[derive(Default)]
pub struct Glasses(BTreeMap<GlassId, Glass>);

impl Glasses {
    /// Takes in one fact; facts that are not about this leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Glass(id) = fact.stream else {
            return;
        };
        match (&fact.event, self.0.get_mut(&id)) {
            (Event::GlassAsked(asked), None) => {
                let glass = Glass {
                    id,
                    asked_by: fact.who,
                    asked_at: fact.occurred_at,
                    asked: asked.clone(),
                    decided: None,
                    reviewed: None,
                };
                self.0.insert(id, glass);
            }
            (Event::GlassDecided(decided), Some(glass)) => {
                glass.decided = Some((fact.who, decided.open, fact.occurred_at));
            }
            (Event::GlassReviewed(reviewed), Some(glass)) => {
                glass.reviewed = Some((fact.who, reviewed.finding, fact.occurred_at));
            }
            _ => {}
        }
    }

    /// One of them.
    pub fn get(&self, id: GlassId) -> Option<&Glass> {
        self.0.get(&id)
    }

    /// Every one, in a stable order.
    pub fn iter(&self) -> impl Iterator<Item = &Glass> {
        self.0.values()
    }
}

/// Asks to see one thing that one otherwise could not.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskToBreakGlass {
    /// What kind of thing.
    pub what: GlassOver,
    /// Its id.
    pub object: ThingId,
    /// Why; at most 500 characters.
    pub reason: Text<500>,
    /// Is a life at risk? Then it is open at once, and another auditor reviews it within 24 hours.
    #[serde(default)]
    pub life_at_risk: bool,
    /// Is whoever it is about told? They are, unless that would put someone in danger.
    pub telling: GlassTelling,
}

/// How whoever asks stands to what they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// There is no such thing, or a bar keeps them from knowing of it: the two look the same.
    Nothing,
    /// They can see it as it is.
    Sight,
    /// It is there, and not for them.
    Reach,
}

impl AskToBreakGlass {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` for what is not there, and for what needs no breaking.
    pub fn decide(self, stands: Within, context: &Context<'_>) -> Decision {
        let refused = match stands {
            Within::Nothing => Some("There is nothing with this id that could be opened so."),
            Within::Sight => Some("You can see this without breaking the glass."),
            Within::Reach => None,
        };
        if let Some(detail) = refused {
            return Err(Refusal::invalid("/object", detail));
        }
        let asked = Event::GlassAsked(GlassAsked {
            what: self.what,
            object: self.object,
            reason: self.reason.into(),
            life_at_risk: self.life_at_risk,
            telling: self.telling,
        });
        Ok(vec![to_glass(
            GlassId::new((context.fresh)()),
            context,
            asked,
        )])
    }
}

/// Opens it for an hour, or refuses. Not by whoever asked.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideBreakGlass {
    /// May they see it?
    pub open: bool,
}

impl DecideBreakGlass {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for whoever asked; `OutOfStep` unless it waits.
    pub fn decide(self, glass: &Glass, context: &Context<'_>) -> Decision {
        not_their_own(glass, context)?;
        match glass.state(context.now) {
            GlassState::Waiting => {}
            GlassState::Lapsed => {
                let sentence = "Nobody decided within 24 hours. It has to be asked again.";
                return Err(out_of_step("lapsed", sentence));
            }
            _ => return Err(out_of_step("already_decided", "This is decided already.")),
        }
        let decided = Event::GlassDecided(GlassDecided { open: self.open });
        Ok(vec![to_glass(glass.id, context, decided)])
    }
}

/// Says afterwards whether there was a good reason. Not by whoever asked.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBreakGlass {
    /// What was found.
    pub finding: GlassFinding,
}

impl ReviewBreakGlass {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for whoever asked; `OutOfStep` unless it was opened at once and not yet reviewed.
    pub fn decide(self, glass: &Glass, context: &Context<'_>) -> Decision {
        not_their_own(glass, context)?;
        if glass.review_due().is_none() {
            let sentence = "Only what was opened at once is reviewed, and only once.";
            return Err(out_of_step("nothing_to_review", sentence));
        }
        let finding = self.finding;
        let reviewed = Event::GlassReviewed(GlassReviewed { finding });
        Ok(vec![to_glass(glass.id, context, reviewed)])
    }
}

fn not_their_own(glass: &Glass, context: &Context<'_>) -> Result<(), Refusal> {
    (glass.asked_by != context.who)
        .then_some(())
        .ok_or(Refusal::NotAllowed)
}

fn to_glass(id: GlassId, context: &Context<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Glass(id),
        occurred_at: context.now,
        event,
    }
}

fn out_of_step(code: &'static str, sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}
