//! Erasing: proposed by one, approved by another, carried out once its time has come and nothing holds it.

use chrono::Duration;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::facts::{
    Erased, ErasedCount, ErasureBegun, ErasureDecided, ErasureGround, ErasureProposed,
    ErasureWithdrawn, HoldGround, HoldLifted, HoldSet, RetentionClass, RetentionSet, Subject,
    SubjectAccessGiven,
};
use crate::history::{Event, Who};
use crate::ids::{ErasureId, HoldId, PersonId};
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::{Fault, Refusal};
use crate::retention::{Erasure, ErasureState, Hold, Retention};
use crate::stream::Stream;
use crate::text::Text;

/// Erased at once, or asked for together.
const SUBJECTS_MAX: usize = 200;
const YEARS: std::ops::RangeInclusive<u8> = 1..=30;

/// How a thing stands that is to be erased or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no such thing, or whoever asks may not know of it.
    Unknown,
    /// It is still needed: what must be done first.
    InUse(&'static str),
    /// It has come to its end, but is to be kept for longer.
    Ended,
    /// It has been kept as long as it is to be kept.
    Due,
}

/// Says how things stand.
pub type Stands<'a> = &'a dyn Fn(Subject) -> Standing;

/// Says for how long something is kept.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRetention {
    /// What.
    pub class: RetentionClass,
    /// For how many years: 1 to 30.
    pub years: u8,
}

impl SetRetention {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` for a number of years out of bounds, and for people, who are kept until somebody erases them.
    pub fn decide(self, context: &Context<'_>) -> Decision {
        if self.class == RetentionClass::Person {
            let detail = "People are erased one by one, not after a time.";
            return Err(Refusal::invalid("/class", detail));
        }
        if !YEARS.contains(&self.years) {
            return Err(Refusal::invalid("/years", "Give 1 to 30 years."));
        }
        let (class, years) = (self.class, self.years);
        Ok(vec![kept(
            context,
            Event::RetentionSet(RetentionSet { class, years }),
        )])
    }
}

/// Keeps something from being erased, as the law wants.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetHold {
    /// What: for example `case/` and its id.
    #[schema(value_type = String)]
    pub subject: Subject,
    /// Why.
    pub ground: HoldGround,
    /// In words; at most 300 characters.
    pub reason: Text<300>,
}

impl SetHold {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` for what is not there; `OutOfStep` for what is being erased at this moment.
    pub fn decide(
        self,
        retention: &Retention,
        stands: Stands<'_>,
        context: &Context<'_>,
    ) -> Decision {
        if stands(self.subject) == Standing::Unknown {
            return Err(Refusal::invalid("/subject", UNKNOWN));
        }
        let begun = |erasure: &Erasure| erasure.state() == ErasureState::Begun;
        let of_this = |erasure: &&Erasure| {
            erasure
                .subjects
                .iter()
                .any(|subject| subject.overlaps(self.subject))
        };
        if retention.erasures().filter(of_this).any(begun) {
            return Err(out_of_step(
                "being_erased",
                "This is being erased: it is too late.",
            ));
        }
        let set = HoldSet {
            hold: HoldId::new((context.fresh)()),
            subject: self.subject,
            ground: self.ground,
            reason: self.reason.into(),
        };
        Ok(vec![kept(context, Event::HoldSet(set))])
    }
}

/// Lets it be erased again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftHold {
    /// Why; at most 300 characters.
    pub reason: Text<300>,
}

impl LiftHold {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for whoever set it; `OutOfStep` if it was lifted.
    pub fn decide(self, hold: &Hold, context: &Context<'_>) -> Decision {
        if hold.set.0 == context.who {
            return Err(Refusal::NotAllowed);
        }
        if hold.lifted.is_some() {
            return Err(out_of_step(
                "already_lifted",
                "This hold was lifted already.",
            ));
        }
        let (hold, reason) = (hold.id, self.reason.into());
        Ok(vec![kept(
            context,
            Event::HoldLifted(HoldLifted { hold, reason }),
        )])
    }
}

/// Asks that something be erased. Somebody else decides.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeErasure {
    /// What: 1 to 200, for example `case/` and its id.
    #[schema(value_type = Vec<String>)]
    pub subjects: Vec<Subject>,
    /// Why.
    pub ground: ErasureGround,
}

impl ProposeErasure {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid`, naming each that is not there, still needed, held, asked for already, or not due yet.
    pub fn decide(
        mut self,
        retention: &Retention,
        stands: Stands<'_>,
        context: &Context<'_>,
    ) -> Decision {
        if !(1..=SUBJECTS_MAX).contains(&self.subjects.len()) {
            return Err(Refusal::invalid("/subjects", "Name 1 to 200."));
        }
        let why_not = |subject| match stands(subject) {
            Standing::Unknown => Some(UNKNOWN),
            Standing::InUse(first) => Some(first),
            _ if retention.is_held(subject) => Some("The law holds this. Lift the hold first."),
            _ if retention.is_asked_for(subject) => Some("This is asked for already."),
            Standing::Ended if self.ground == ErasureGround::RetentionOver => {
                Some("This is to be kept for longer.")
            }
            Standing::Ended if matches!(subject, Subject::Month(..)) => {
                Some("A month is erased only when its time is over.")
            }
            Standing::Ended | Standing::Due => None,
        };
        let faults: Vec<_> = self
            .subjects
            .iter()
            .enumerate()
            .filter_map(|(n, subject)| {
                Some(Fault::at(format!("/subjects/{n}"), why_not(*subject)?))
            })
            .collect();
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        self.subjects.sort();
        self.subjects.dedup();
        let proposed = ErasureProposed {
            erasure: ErasureId::new((context.fresh)()),
            subjects: self.subjects,
            ground: self.ground,
        };
        Ok(vec![kept(context, Event::ErasureProposed(proposed))])
    }
}

/// Approves or refuses what somebody else proposed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideErasure {
    /// Is it to be erased?
    pub approve: bool,
}

impl DecideErasure {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for whoever proposed it, and for whomever it is about; `OutOfStep` if it is decided, or
    /// the law holds a part of it.
    pub fn decide(
        self,
        erasure: &Erasure,
        retention: &Retention,
        context: &Context<'_>,
    ) -> Decision {
        let about = |subject: &Subject| matches!(subject, Subject::Person(person) if Who::Person(*person) == context.who);
        if erasure.proposed.0 == context.who || erasure.subjects.iter().any(about) {
            return Err(Refusal::NotAllowed);
        }
        if erasure.state() != ErasureState::Proposed {
            return Err(out_of_step("already_decided", "This is decided already."));
        }
        if self.approve
            && erasure
                .subjects
                .iter()
                .any(|subject| retention.is_held(*subject))
        {
            return Err(out_of_step(
                "held",
                "The law holds a part of this. Lift the hold first.",
            ));
        }
        let days = Duration::days(erasure.ground.cooling_off_days());
        let decided = ErasureDecided {
            erasure: erasure.id,
            from: self.approve.then(|| context.now + days),
        };
        Ok(vec![kept(context, Event::ErasureDecided(decided))])
    }
}

/// Takes a proposal, or an approval whose time has not come, back.
///
/// # Errors
/// `OutOfStep` once it is decided otherwise or carried out.
pub fn withdraw(erasure: &Erasure, context: &Context<'_>) -> Decision {
    let due = erasure.decided.and_then(|decided| decided.from);
    let waits = match erasure.state() {
        ErasureState::Proposed => true,
        ErasureState::Approved => due.is_some_and(|from| context.now < from),
        _ => false,
    };
    if !waits {
        return Err(out_of_step(
            "too_late",
            "This cannot be withdrawn any more.",
        ));
    }
    let withdrawn = ErasureWithdrawn {
        erasure: erasure.id,
    };
    Ok(vec![kept(context, Event::ErasureWithdrawn(withdrawn))])
}

/// Can it be begun: approved, its time come, nothing held, and still due if that was its ground?
pub fn may_begin(
    erasure: &Erasure,
    retention: &Retention,
    stands: Stands<'_>,
    now: chrono::DateTime<chrono::Utc>,
) -> bool {
    let from = erasure.decided.and_then(|decided| decided.from);
    let over = erasure.ground == ErasureGround::RetentionOver;
    let free = |subject: &Subject| {
        let ready = match stands(*subject) {
            Standing::Due => true,
            Standing::Ended => !over,
            Standing::Unknown | Standing::InUse(_) => false,
        };
        ready && !retention.is_held(*subject)
    };
    erasure.state() == ErasureState::Approved
        && from.is_some_and(|from| from <= now)
        && erasure.subjects.iter().all(free)
}

/// Begins it: a step of the program.
///
/// # Errors
/// `OutOfStep` unless it may begin now.
pub fn begin(
    erasure: &Erasure,
    retention: &Retention,
    stands: Stands<'_>,
    context: &Context<'_>,
) -> Decision {
    if !may_begin(erasure, retention, stands, context.now) {
        return Err(out_of_step("not_now", "This cannot be erased now."));
    }
    let begun = ErasureBegun {
        erasure: erasure.id,
    };
    Ok(vec![kept(context, Event::ErasureBegun(begun))])
}

/// Records that it is done: a step of the program.
///
/// # Errors
/// `OutOfStep` unless it was begun and not done.
pub fn done(erasure: &Erasure, destroyed: Vec<ErasedCount>, context: &Context<'_>) -> Decision {
    if erasure.state() != ErasureState::Begun {
        return Err(out_of_step("not_begun", "This was not begun."));
    }
    let erased = Erased {
        erasure: erasure.id,
        destroyed,
    };
    Ok(vec![kept(context, Event::Erased(erased))])
}

/// Writes out what is kept about a person.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveSubjectAccess {
    /// The person.
    pub person: PersonId,
}

impl GiveSubjectAccess {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for one's own; `Invalid` for whoever is not there.
    pub fn decide(self, context: &Context<'_>) -> Decision {
        if context.who == Who::Person(self.person) {
            return Err(Refusal::NotAllowed);
        }
        if !context.directory.people.contains_key(&self.person) {
            return Err(Refusal::invalid("/person", UNKNOWN));
        }
        let given = SubjectAccessGiven {
            person: self.person,
        };
        Ok(vec![kept(context, Event::SubjectAccessGiven(given))])
    }
}

const UNKNOWN: &str = "Nothing like this is recorded.";

fn kept(context: &Context<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Retention,
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
