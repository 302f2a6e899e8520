//! How long things are kept, legal holds and erasures: for information governance alone.

use pipss_domain::erasure::{
    DecideErasure, GiveSubjectAccess, LiftHold, ProposeErasure, SetHold, SetRetention, Standing,
    withdraw,
};
use pipss_domain::facts::{RetentionClass, Subject};
use pipss_domain::history::Who;
use pipss_domain::ids::{ErasureId, HoldId, PersonId};
use pipss_domain::policy::{Act, Hat};
use pipss_domain::refusal::Refusal;
use pipss_domain::retention::{Erasure, ErasureState, Hold};
use pipss_store::KEYS_DAYS;

use crate::actor::Actor;
use crate::app::App;
use crate::intent::{Asked, Intent};
use crate::retention_answer::{
    Certificate, ClassAnswer, DueAnswer, ErasureAnswer, GivenAnswer, HoldAnswer, NoMore,
    RetentionAnswer,
};
use crate::view::View;

/// So many of each class are listed; the rest is counted.
const LISTED_MAX: usize = 200;

/// What no erasure reaches.
const REMAINS: [&str; 3] = [
    "Codes, dates and numbers stay, so that reports stay the same. They name nobody.",
    "Copies of the keys in backups are refused after 35 days, and taken away by the next backup.",
    "Flash memory may keep overwritten blocks for a while. Without the wrapping key, which was overwritten as well, they hold nothing readable.",
];

impl App {
    /// How long things are kept, what is due, what is held, and every erasure.
    ///
    /// # Errors
    /// `NotAllowed` for all but information governance, and for whoever manages a team.
    pub fn retention(&self, actor: &Actor) -> Result<RetentionAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow_retention(Act::SeeRetention)?;
            let retention = &view.views.retention;
            let mut due = view.views.due(view.now);
            due.retain(|due| view.knows(due.subject));
            let of_class = |class| {
                let mine: Vec<_> = due.iter().filter(|due| due.class == class).collect();
                let free = mine.iter().filter(|due| {
                    !retention.is_held(due.subject) && !retention.is_asked_for(due.subject)
                });
                ClassAnswer {
                    class,
                    years: retention.years(class),
                    due: mine.len(),
                    held: mine
                        .iter()
                        .filter(|due| retention.is_held(due.subject))
                        .count(),
                    subjects: free
                        .take(LISTED_MAX)
                        .map(|due| DueAnswer {
                            subject: due.subject,
                            since: due.since,
                        })
                        .collect(),
                }
            };
            let mut holds: Vec<_> = retention
                .holds()
                .filter(|h| view.knows(h.subject))
                .collect();
            holds.sort_by_key(|hold| (std::cmp::Reverse(hold.set.1), hold.id));
            let mut erasures: Vec<_> = retention.erasures().filter(|e| view.knows_all(e)).collect();
            erasures.sort_by_key(|erasure| (std::cmp::Reverse(erasure.proposed.1), erasure.id));
            let given = retention.given().iter().rev();
            Ok(RetentionAnswer {
                classes: RetentionClass::ALL.into_iter().map(of_class).collect(),
                holds: holds
                    .into_iter()
                    .map(|hold| view.hold_answer(hold))
                    .collect(),
                erasures: erasures
                    .into_iter()
                    .map(|one| view.erasure_answer(one))
                    .collect(),
                subject_access: given
                    .map(|(person, at)| GivenAnswer {
                        person: *person,
                        at: *at,
                    })
                    .collect(),
            })
        })
    }

    /// May they see or do this about what is kept?
    ///
    /// # Errors
    /// `NotAllowed` for all but information governance, and for whoever manages a team.
    pub fn allow_retention(&self, actor: &Actor, act: Act) -> Result<(), Refusal> {
        self.view(actor, |view| view.allow_retention(act))
    }

    /// May they know of this hold, and do something to it?
    ///
    /// # Errors
    /// `NotAllowed` or `NotFound`.
    pub fn allow_hold(&self, actor: &Actor, id: HoldId) -> Result<(), Refusal> {
        self.view(actor, |view| {
            view.allow_retention(Act::HoldForLaw)?;
            view.known_hold(id).map(|_| ())
        })
    }

    /// May they know of this erasure, and do this to it?
    ///
    /// # Errors
    /// `NotAllowed` or `NotFound`.
    pub fn allow_erasure(&self, actor: &Actor, act: Act, id: ErasureId) -> Result<(), Refusal> {
        self.view(actor, |view| {
            view.allow_retention(act)?;
            view.known_erasure(id).map(|_| ())
        })
    }
}

impl View<'_> {
    /// Among what is due is what is private to managers: a manager who is an auditor as well leaves
    /// erasures to others, so that nothing about them tells anything.
    pub fn allow_retention(&self, act: Act) -> Result<(), Refusal> {
        self.allow(act, None)?;
        let manages = self.hats.contains(&Hat::Manager);
        (!manages).then_some(()).ok_or(Refusal::NotAllowed)
    }

    /// May they know that this is there? A bar keeps a case, or a one-to-one, from them here as well.
    fn knows(&self, subject: Subject) -> bool {
        match subject {
            Subject::Case(id) | Subject::Escalations(id) => {
                let case = self.views.cases.get(id);
                case.is_none_or(|case| !self.bars_from(case))
            }
            Subject::OneToOne(id) => match (self.views.one_to_ones.get(id), self.actor.who) {
                (Some(one), Who::Person(person)) => self.may_know(one, person),
                _ => true,
            },
            _ => true,
        }
    }

    fn knows_all(&self, erasure: &Erasure) -> bool {
        erasure.subjects.iter().all(|subject| self.knows(*subject))
    }

    /// How something stands, as far as they may know.
    pub fn stands(&self, subject: Subject) -> Standing {
        if self.knows(subject) {
            self.views.standing(subject, self.now)
        } else {
            Standing::Unknown
        }
    }

    fn known_hold(&self, id: HoldId) -> Result<&Hold, Refusal> {
        let hold = self.views.retention.hold(id);
        hold.filter(|hold| self.knows(hold.subject))
            .ok_or(Refusal::NotFound)
    }

    fn known_erasure(&self, id: ErasureId) -> Result<&Erasure, Refusal> {
        let erasure = self.views.retention.erasure(id);
        erasure
            .filter(|erasure| self.knows_all(erasure))
            .ok_or(Refusal::NotFound)
    }

    fn hold_answer(&self, hold: &Hold) -> HoldAnswer {
        let lifted = hold.lifted.as_ref();
        HoldAnswer {
            hold: hold.id,
            subject: hold.subject,
            ground: hold.ground,
            reason: self.app.open_text(&hold.reason),
            since: hold.set.1,
            lifted_at: lifted.map(|(at, _)| *at),
            lifted_because: lifted.and_then(|(_, reason)| self.app.open_text(reason)),
            may_lift: lifted.is_none() && hold.set.0 != self.actor.who,
        }
    }

    fn erasure_answer(&self, erasure: &Erasure) -> ErasureAnswer {
        use ErasureState as E;
        let state = erasure.state();
        let from = erasure.decided.and_then(|decided| decided.from);
        let own = Subject::Person(match self.actor.who {
            Who::Person(person) => person,
            Who::Operator | Who::Program => PersonId::new(uuid::Uuid::nil()),
        });
        let certificate = erasure.erased.as_ref().map(|(at, destroyed)| Certificate {
            erased_at: *at,
            destroyed: destroyed.clone(),
            in_backups_until: *at + chrono::Duration::days(KEYS_DAYS),
            remains: REMAINS.to_vec(),
        });
        let retention = &self.views.retention;
        let concerned = erasure.proposed.0 == self.actor.who || erasure.subjects.contains(&own);
        ErasureAnswer {
            erasure: erasure.id,
            state: match state {
                E::Proposed => "proposed",
                E::Refused => "refused",
                E::Withdrawn => "withdrawn",
                E::Approved => "approved",
                E::Begun => "begun",
                E::Erased => "erased",
            },
            subjects: erasure.subjects.clone(),
            ground: erasure.ground,
            proposed_at: erasure.proposed.1,
            from,
            held: erasure
                .subjects
                .iter()
                .any(|subject| retention.is_held(*subject)),
            may_decide: state == E::Proposed && !concerned,
            may_withdraw: match state {
                E::Proposed => true,
                E::Approved => from.is_some_and(|from| self.now < from),
                _ => false,
            },
            certificate,
        }
    }
}

impl Intent<'static> {
    /// To say for how long something is kept.
    pub fn set_retention(asked: Asked) -> Self {
        Self::to_nothing(
            Act::SetRetention,
            "retention/policy",
            asked,
            |body, situation| {
                situation.view.allow_retention(Act::SetRetention)?;
                body.parse::<SetRetention>()?.decide(&situation.context)
            },
        )
    }

    /// To keep something from being erased.
    pub fn set_hold(asked: Asked) -> Self {
        Self::to_nothing(Act::HoldForLaw, "holds", asked, |body, situation| {
            let view = situation.view;
            view.allow_retention(Act::HoldForLaw)?;
            let command: SetHold = body.parse()?;
            let stands = |subject| view.stands(subject);
            command.decide(&view.views.retention, &stands, &situation.context)
        })
    }

    /// To let it be erased again.
    pub fn lift_hold(id: HoldId, asked: Asked) -> Self {
        let route = format!("holds/{id}/lift");
        Self::to_nothing(Act::HoldForLaw, route, asked, move |body, situation| {
            situation.view.allow_retention(Act::HoldForLaw)?;
            let command: LiftHold = body.parse()?;
            command.decide(situation.view.known_hold(id)?, &situation.context)
        })
    }

    /// To ask that something be erased.
    pub fn propose_erasure(asked: Asked) -> Self {
        Self::to_nothing(Act::ProposeErasure, "erasures", asked, |body, situation| {
            let view = situation.view;
            view.allow_retention(Act::ProposeErasure)?;
            let command: ProposeErasure = body.parse()?;
            let stands = |subject| view.stands(subject);
            command.decide(&view.views.retention, &stands, &situation.context)
        })
    }

    /// To approve or refuse it.
    pub fn decide_erasure(id: ErasureId, asked: Asked) -> Self {
        let route = format!("erasures/{id}/decide");
        Self::to_nothing(Act::DecideErasure, route, asked, move |body, situation| {
            let view = situation.view;
            view.allow_retention(Act::DecideErasure)?;
            let command: DecideErasure = body.parse()?;
            let erasure = view.known_erasure(id)?;
            command.decide(erasure, &view.views.retention, &situation.context)
        })
    }

    /// To take it back.
    pub fn withdraw_erasure(id: ErasureId, asked: Asked) -> Self {
        let route = format!("erasures/{id}/withdraw");
        Self::to_nothing(
            Act::WithdrawErasure,
            route,
            asked,
            move |body, situation| {
                situation.view.allow_retention(Act::WithdrawErasure)?;
                body.parse::<NoMore>()?;
                withdraw(situation.view.known_erasure(id)?, &situation.context)
            },
        )
    }

    /// To write out what is kept about a person.
    pub fn give_subject_access(asked: Asked) -> Self {
        let act = Act::GiveSubjectAccess;
        Self::to_nothing(act, "subject-access", asked, move |body, situation| {
            situation.view.allow_retention(act)?;
            body.parse::<GiveSubjectAccess>()?
                .decide(&situation.context)
        })
    }
}
