//! The running system: one door through which everything changes, and what its windows share.

use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::Role;
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, CommandId, OrganisationId, PersonId};
use pipss_domain::offer::POLICY_VERSION;
use pipss_domain::pathway::{CASE_COMMANDS, Context};
use pipss_domain::personal::Personal;
use pipss_domain::policy::{Act, Hat, Reach, Relation, may, may_somewhere, reach};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{LogId, Stream};
use pipss_projections::Views;
use pipss_projections::cases::{About, relation};
use pipss_store::{Append, Appended, Backend, EventStore, Options, SledStore, StoreError};

use crate::actor::Actor;
use crate::clock::Clock;
use crate::cursor::Cursors;
use crate::dice::Dice;
use crate::intent::{Intent, Named, Situation};
use crate::problem::Refused;
use crate::rehearsal;
use crate::writes::grouped;

/// A decision that lost a race for another stream than the one that was named is made again, so often.
const DECISIONS_MAX: usize = 8;

/// One organisation after another, over one store.
pub struct App {
    pub(crate) store: Backend,
    pub(crate) cursors: Cursors,
    dice: Dice,
    /// Held while someone does their first act and while the directory is kept, so that everyone is
    /// met once.
    pub(crate) meeting: tokio::sync::Mutex<()>,
    /// Folding a whole log again is dear: two at a time.
    pub(crate) refolds: tokio::sync::Semaphore,
    organisations: Arc<RwLock<HashMap<OrganisationId, Views>>>,
    clock: Clock,
}

/// What a command did: its facts, the same at every repeat.
pub struct Done(pub(crate) Vec<pipss_domain::history::Fact>);

impl App {
    /// Opens the store and folds every log into views.
    ///
    /// # Errors
    /// Whatever keeps the store from opening, in one sentence.
    pub fn open(options: Options, clock: Clock) -> Result<Self, StoreError> {
        let organisations: Arc<RwLock<HashMap<OrganisationId, Views>>> = Arc::default();
        let follower = Arc::clone(&organisations);
        let follow = move |facts: &[pipss_domain::history::Fact]| {
            let mut organisations = follower.write().expect("folding never panics");
            for fact in facts {
                let views = organisations.entry(fact.log.organisation).or_default();
                views.evolve(fact);
            }
        };
        let store = SledStore::open(options, Box::new(follow))?;
        let store = Backend::Sled(Box::new(store));
        Ok(Self::over(store, organisations, clock, Dice::Machine))
    }

    pub(crate) fn over(
        store: Backend,
        organisations: Arc<RwLock<HashMap<OrganisationId, Views>>>,
        clock: Clock,
        dice: Dice,
    ) -> Self {
        Self {
            store,
            cursors: Cursors::new(dice),
            dice,
            meeting: tokio::sync::Mutex::default(),
            refolds: tokio::sync::Semaphore::new(2),
            organisations,
            clock,
        }
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// When the last fact of an organisation was recorded: a clock that can be moved goes on from there.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn last_recorded(&self, organisation: OrganisationId) -> Result<DateTime<Utc>, StoreError> {
        let log = LogId::main(organisation);
        let before = self.store.head(log).position.saturating_sub(1);
        let last = self.store.log(log, before, 1)?;
        Ok(last
            .first()
            .map_or(DateTime::UNIX_EPOCH, |fact| fact.recorded_at))
    }

    pub(crate) fn every_organisation(&self) -> Vec<OrganisationId> {
        let organisations = self.organisations.read().expect("folding never panics");
        let mut all: Vec<_> = organisations.keys().copied().collect();
        all.sort();
        all
    }

    /// May this actor do or see this? Asked before a body is read, and again by the door.
    ///
    /// # Errors
    /// `NotFound` for a case they may not know of, else `NotAllowed`.
    pub fn allow(&self, actor: &Actor, act: Act, target: Option<CaseId>) -> Result<(), Refusal> {
        self.view(actor, |view| view.allow(act, target).map(|_| ()))
    }

    /// The one door. Policy, repeat, staleness, rule, durable append: in this order.
    ///
    /// # Errors
    /// A refusal, with nothing recorded; or that the store could not say.
    pub async fn execute(&self, actor: &Actor, intent: Intent<'_>) -> Result<Done, Refused> {
        if actor.unmet.is_none() && intent.act != Act::KeepDirectory {
            return self.execute_as(actor, intent).await;
        }
        let _one_at_a_time = self.meeting.lock().await;
        match &actor.unmet {
            Some(unmet) => {
                let actor = self.placed(actor.organisation, unmet.clone());
                self.execute_as(&actor, intent).await
            }
            None => self.execute_as(actor, intent).await,
        }
    }

    pub(crate) async fn execute_as(
        &self,
        actor: &Actor,
        intent: Intent<'_>,
    ) -> Result<Done, Refused> {
        self.view(actor, |view| view.allow_intent(&intent).map(|_| ()))?;
        let log = LogId::main(actor.organisation);
        let command = self.command_id(actor, &intent)?;
        let body = intent.body.canonical();
        if let Some(repeat) = self.store.repeated(log, command, &body)? {
            return first_answer(repeat);
        }
        for _ in 0..DECISIONS_MAX {
            let (writes, guards) = self.decide(actor, &intent)?;
            let append = Append {
                log,
                command,
                who: actor.who,
                policy: POLICY_VERSION,
                now: self.clock.now(),
                body: matches!(intent.named, Named::Key(_)).then(|| body.clone()),
                writes,
                guards,
            };
            if let Backend::Memory(copy) = &self.store {
                return rehearsal::rehearsed(copy, append);
            }
            match self.store.append(append).await {
                Ok(Appended::New(facts)) => return Ok(Done(facts)),
                Ok(Appended::Repeated(repeat)) => return first_answer(repeat),
                Err(StoreError::Conflict { stream, .. })
                    if intent.target.map(Stream::Case) == Some(stream) =>
                {
                    return Err(Refusal::Stale.into());
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refused::Busy)
    }

    fn command_id(&self, actor: &Actor, intent: &Intent<'_>) -> Result<CommandId, StoreError> {
        match &intent.named {
            Named::Step(command) => Ok(*command),
            Named::Key(key) => {
                let who = actor.who.to_string();
                let parts = [who.as_bytes(), intent.route.as_bytes(), key.as_bytes()];
                self.store.command_id(actor.organisation, &parts)
            }
        }
    }

    /// Asks the rule, and says at which versions its answer holds.
    #[expect(clippy::type_complexity, reason = "the two halves of an append")]
    fn decide(
        &self,
        actor: &Actor,
        intent: &Intent<'_>,
    ) -> Result<(Vec<pipss_store::Write>, Vec<(Stream, u64)>), Refused> {
        self.view(actor, |view| {
            let relation = view.allow_intent(intent)?;
            let case = intent.target.and_then(|id| view.views.cases.get(id));
            if let Some(case) = case {
                match intent.if_match {
                    None => return Err(Refused::IfMatchMissing),
                    Some(version) if version != case.version => return Err(Refusal::Stale.into()),
                    Some(_) => {}
                }
            }
            let roll = self.dice.roll(intent.route.as_bytes());
            let context = Context {
                now: view.now,
                who: actor.who,
                every_session: view.every_session(intent.act, relation),
                directory: &view.views.directory,
                diaries: &view.views.diaries,
                fresh: &|| roll.uuid(),
                other: None,
            };
            let situation = Situation {
                case,
                letters: &view.views.letters,
                cases: &view.views.cases,
                context,
                view,
            };
            let decided = (intent.decide)(&intent.body, &situation);
            let mut happened = decided.map_err(|refusal| view.as_seen(refusal, case))?;
            happened.splice(0..0, actor.first_met(view));
            let guard = match actor.who {
                Who::Person(person) => vec![Stream::Grants(person)],
                Who::Operator | Who::Program => Vec::new(),
            };
            let versioned = |stream| (stream, view.views.version(&stream));
            let guards = guard.into_iter().map(versioned).collect();
            Ok((grouped(happened, view.views), guards))
        })
    }

    /// Looks at an organisation as it stands, through the eyes of one actor.
    pub(crate) fn view<T>(&self, actor: &Actor, look: impl FnOnce(&View<'_>) -> T) -> T {
        let now = self.clock.now();
        let organisations: RwLockReadGuard<'_, _> =
            self.organisations.read().expect("folding never panics");
        let nothing = Views::default();
        let views = organisations.get(&actor.organisation).unwrap_or(&nothing);
        let today = pipss_domain::calendar::day_in_london(now);
        look(&View {
            app: self,
            views,
            actor,
            now,
            hats: views.directory.hats(actor.who, today),
        })
    }

    /// Shows a text, or nothing if there is none or it was erased.
    pub(crate) fn open_text(&self, text: &Personal<String>) -> Option<String> {
        self.store.open(text).known().cloned()
    }
}

/// An organisation through the eyes of one actor: every window looks through this.
pub(crate) struct View<'a> {
    pub app: &'a App,
    pub views: &'a Views,
    pub actor: &'a Actor,
    pub now: chrono::DateTime<chrono::Utc>,
    pub hats: Vec<Hat>,
}

impl View<'_> {
    /// May they, to this case or at all? Answers how they stand to it.
    pub fn allow(&self, act: Act, target: Option<CaseId>) -> Result<Relation, Refusal> {
        let Some(id) = target else {
            let allowed = may(act, &self.hats, Relation::default());
            return allowed.then(Relation::default).ok_or(Refusal::NotAllowed);
        };
        let case = self.views.cases.get(id).ok_or(Refusal::NotFound)?;
        let directory = &self.views.directory;
        let relation = relation(case, About::Case, self.actor.who, directory, self.now);
        if !may(Act::SeeCase, &self.hats, relation) {
            return Err(Refusal::NotFound);
        }
        may(act, &self.hats, relation)
            .then_some(relation)
            .ok_or(Refusal::NotAllowed)
    }

    fn allow_intent(&self, intent: &Intent<'_>) -> Result<Relation, Refusal> {
        match intent.diary {
            Some(person) => self.allow_diary(intent.act, person),
            None => self.allow(intent.act, intent.target),
        }
    }

    /// May they, to this facilitator's diary? Answers how they stand to it.
    pub fn allow_diary(&self, act: Act, person: PersonId) -> Result<Relation, Refusal> {
        if !may_somewhere(act, &self.hats) {
            return Err(Refusal::NotAllowed);
        }
        let relation = Relation {
            own: self.actor.who == Who::Person(person),
            ..Relation::default()
        };
        let today = pipss_domain::calendar::day_in_london(self.now);
        // Whoever no longer facilitates may still have sessions to hand over.
        let known = self.views.directory.holds(person, Role::Facilitator, today)
            || !self.views.diaries.of(person).is_empty();
        (known && may(act, &self.hats, relation))
            .then_some(relation)
            .ok_or(Refusal::NotFound)
    }

    /// Does the right to this act reach every session, by something else than being assigned?
    fn every_session(&self, act: Act, relation: Relation) -> bool {
        let unassigned = Relation {
            assigned: false,
            ..relation
        };
        may(act, &self.hats, unassigned)
    }

    /// May they see this part of a case?
    pub fn sees(&self, act: Act, case: &pipss_domain::case::Case, about: About) -> bool {
        let directory = &self.views.directory;
        let relation = relation(case, about, self.actor.who, directory, self.now);
        may(act, &self.hats, relation)
    }

    /// Of the steps that a case could take next, those that their rights reach: the others would tell
    /// of what they may not see.
    pub fn within_reach(
        &self,
        mut steps: Vec<&'static str>,
        case: &pipss_domain::case::Case,
    ) -> Vec<&'static str> {
        let act_of = |name: &str| {
            let mut commands = CASE_COMMANDS.iter();
            commands
                .find(|(command, _)| *command == name)
                .map(|(_, act)| *act)
        };
        steps.retain(|name| act_of(name).is_some_and(|act| self.sees(act, case, About::Case)));
        steps
    }

    /// A refusal as this actor may read it.
    fn as_seen(&self, refusal: Refusal, case: Option<&pipss_domain::case::Case>) -> Refusal {
        match (refusal, case) {
            (
                Refusal::OutOfStep {
                    code,
                    sentence,
                    next,
                    faults,
                },
                Some(case),
            ) => Refusal::OutOfStep {
                code,
                sentence,
                next: self.within_reach(next, case),
                faults,
            },
            (refusal, _) => refusal,
        }
    }

    /// Do any of their hats reach everywhere in this act?
    pub fn everywhere(&self, act: Act) -> bool {
        self.hats.iter().any(|hat| reach(act, *hat) == Reach::All)
    }
}

fn first_answer(repeat: pipss_store::Repeat) -> Result<Done, Refused> {
    if repeat.same_body {
        Ok(Done(repeat.facts))
    } else {
        Err(Refused::KeyReused)
    }
}
