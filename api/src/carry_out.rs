//! Carrying out what was approved: the program's own loop asks again and again what is due.

use std::collections::BTreeMap;

use pipss_domain::erasure::{begin, done, may_begin};
use pipss_domain::facts::{ErasedCount, RetentionClass, Subject};
use pipss_domain::fields::{self, Retention as Kept};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CommandId, ErasureId, FactId, KeyId, OrganisationId};
use pipss_domain::personal::Sealed;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::retention::ErasureState;
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Backend, EventStore, StoreError, month_key};

use crate::actor::Actor;
use crate::app::App;
use crate::body::Body;
use crate::intent::{Intent, Named, Situation, Target};
use crate::problem::Refused;

/// What an erasure destroys: each key once, under the class it is counted in.
type Keys = BTreeMap<KeyId, RetentionClass>;

impl App {
    /// Carries out every erasure whose time has come, and finishes what a crash interrupted. Answers how
    /// many were done.
    ///
    /// # Errors
    /// When the disk, or the list of erasures off the machine, refuses: it is to be asked again.
    pub async fn carry_out_erasures(&self) -> Result<usize, Refused> {
        let mut carried_out = 0;
        for organisation in self.every_organisation() {
            let program = Actor::program(organisation);
            for (id, approved) in self.due_erasures(&program) {
                let step = CommandId::of_step(approved, "begin");
                match self
                    .execute(&program, Intent::begin_erasure(id, step))
                    .await
                {
                    // Held, or opened again, since it was looked at: another time.
                    Ok(_) | Err(Refused::Rule(Refusal::OutOfStep { .. })) => {}
                    Err(error) => return Err(error),
                }
            }
            for (id, begun, subjects) in self.begun_erasures(&program) {
                let keys = self.keys_of(organisation, &subjects)?;
                self.destroy(id, &keys)?;
                let step = CommandId::of_step(begun, "done");
                let counts = counted(&keys);
                self.execute(&program, Intent::erased(id, step, counts))
                    .await?;
                tracing::info!("erasure {id} was carried out: {} keys", keys.len());
                carried_out += 1;
            }
        }
        Ok(carried_out)
    }

    fn due_erasures(&self, program: &Actor) -> Vec<(ErasureId, FactId)> {
        self.view(program, |view| {
            let retention = &view.views.retention;
            let stands = |subject| view.views.standing(subject, view.now);
            let due = retention
                .erasures()
                .filter(|e| may_begin(e, retention, &stands, view.now));
            due.filter_map(|erasure| Some((erasure.id, erasure.decided?.fact)))
                .collect()
        })
    }

    fn begun_erasures(&self, program: &Actor) -> Vec<(ErasureId, FactId, Vec<Subject>)> {
        self.view(program, |view| {
            let all = view.views.retention.erasures();
            let begun = all.filter(|erasure| erasure.state() == ErasureState::Begun);
            begun
                .filter_map(|one| Some((one.id, one.begun?, one.subjects.clone())))
                .collect()
        })
    }

    fn destroy(&self, id: ErasureId, keys: &Keys) -> Result<(), StoreError> {
        let Backend::Sled(store) = &self.store else {
            return Err(StoreError::Invalid(
                "a copy that is only looked at erases nothing",
            ));
        };
        let keys: Vec<_> = keys.keys().copied().collect();
        store.erase(id.uuid(), self.clock().now(), &keys)
    }

    /// The keys that are destroyed with these things.
    fn keys_of(
        &self,
        organisation: OrganisationId,
        subjects: &[Subject],
    ) -> Result<Keys, StoreError> {
        let log = LogId::main(organisation);
        let mut keys = Keys::new();
        for subject in subjects {
            for stream in streams(*subject) {
                for mut fact in self.store.stream(log, &stream)? {
                    collect(&mut fact, &mut keys);
                }
            }
            if let Subject::Month(log, month) = subject {
                let id = month_key(organisation, *log, &month.to_string());
                keys.insert(id, subject.class());
            }
        }
        // What was written down about a hold of it may name whom it is about.
        for mut fact in self.store.stream(log, &Stream::Retention)? {
            let of_this = self.view(&Actor::program(organisation), |view| {
                let hold = match &fact.event {
                    Event::HoldSet(set) => set.hold,
                    Event::HoldLifted(lifted) => lifted.hold,
                    _ => return false,
                };
                let hold = view.views.retention.hold(hold);
                hold.is_some_and(|hold| subjects.contains(&hold.subject))
            });
            if of_this {
                collect(&mut fact, &mut keys);
            }
        }
        Ok(keys)
    }
}

impl<'a> Intent<'a> {
    fn begin_erasure(id: ErasureId, step: CommandId) -> Self {
        Self::of_program(step, move |situation| {
            let views = situation.view.views;
            let erasure = views.retention.erasure(id).ok_or(Refusal::NotFound)?;
            let stands = |subject| views.standing(subject, situation.context.now);
            begin(erasure, &views.retention, &stands, &situation.context)
        })
    }

    fn erased(id: ErasureId, step: CommandId, counts: Vec<ErasedCount>) -> Self {
        Self::of_program(step, move |situation| {
            let retention = &situation.view.views.retention;
            let erasure = retention.erasure(id).ok_or(Refusal::NotFound)?;
            done(erasure, counts.clone(), &situation.context)
        })
    }

    fn of_program(
        step: CommandId,
        decide: impl Fn(&Situation<'_>) -> pipss_domain::pathway::Decision + Send + Sync + 'a,
    ) -> Self {
        Self {
            act: Act::CarryOutErasure,
            route: String::new(),
            target: Target::Nothing,
            named: Named::Step(step),
            if_match: None,
            body: Body::empty(),
            decide: Box::new(move |_, situation| decide(situation)),
        }
    }
}

/// Where everything about a subject stands.
fn streams(subject: Subject) -> Vec<Stream> {
    match subject {
        Subject::Person(id) => vec![Stream::Person(id)],
        Subject::Case(id) => vec![Stream::Case(id), Stream::Bars(id), Stream::Restricted(id)],
        Subject::Escalations(id) => vec![Stream::Restricted(id)],
        Subject::OneToOne(id) => vec![Stream::Support(id)],
        Subject::Supervision(id) => vec![Stream::Supervision(id)],
        Subject::Disclosure(id) => vec![Stream::Disclosure(id)],
        Subject::Month(Log::Main | Log::Access | Log::Feedback, _) => Vec::new(),
    }
}

fn collect(fact: &mut Fact, keys: &mut Keys) {
    let kind = fact.event.kind();
    fact.event.personals(&mut |place, value| {
        if let Some(Sealed { key, .. }) = value.sealed_mut() {
            let row = fields::row(kind, place.path);
            keys.insert(
                *key,
                row.map_or(RetentionClass::TeamCase, |row| class(row.retention)),
            );
        }
    });
}

const fn class(kept: Kept) -> RetentionClass {
    match kept {
        Kept::TeamCase | Kept::Organisation => RetentionClass::TeamCase,
        Kept::Person => RetentionClass::Person,
        Kept::OneToOne => RetentionClass::OneToOne,
        Kept::Feedback => RetentionClass::Feedback,
        Kept::Access => RetentionClass::Access,
    }
}

fn counted(keys: &Keys) -> Vec<ErasedCount> {
    let of_class = |class| {
        let keys = keys.values().filter(|of| **of == class).count();
        (keys > 0).then_some(ErasedCount {
            class,
            keys: u32::try_from(keys).unwrap_or(u32::MAX),
        })
    };
    RetentionClass::ALL
        .into_iter()
        .filter_map(of_class)
        .collect()
}
