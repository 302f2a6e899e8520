//! The running system: one door through which everything changes, and what its windows share.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, CommandId, OrganisationId};
use pipss_domain::offer::POLICY_VERSION;
use pipss_domain::pathway::Context;
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{LogId, Stream};
use pipss_projections::Views;
use pipss_store::{
    Append, Appended, Backend, EventStore, Options, SledStore, StoreError, Watched, Write,
};

use crate::access::Recent;
use crate::actor::Actor;
use crate::clock::Clock;
use crate::cursor::Cursors;
use crate::dice::Dice;
use crate::intent::{Intent, Named, Situation, Target};
use crate::problem::Refused;
use crate::reading::{HelpLine, in_england};
use crate::rehearsal;
use crate::stories::Stories;
use crate::verification;
use crate::view::View;
use crate::writes::grouped;

/// What stands in the place of words that were erased.
const ERASED: &str = "[erased]";

/// A decision that lost a race for another stream than the one that was named is made again, so often.
const DECISIONS_MAX: usize = 8;

/// One organisation after another, over one store.
pub struct App {
    pub(crate) store: Backend,
    pub(crate) cursors: Cursors,
    pub(crate) dice: Dice,
    /// Held while someone does their first act and while the directory is kept, so that everyone is
    /// met once.
    pub(crate) meeting: tokio::sync::Mutex<()>,
    /// Folding a whole log again is dear: two at a time.
    pub(crate) refolds: tokio::sync::Semaphore,
    pub(crate) urgent_help: Vec<HelpLine>,
    /// Who looked at what in this hour, as far as it is on the disk.
    pub(crate) recent: Recent,
    /// The stories of cases that were read lately.
    pub(crate) stories: Stories,
    /// How far each log reached when it was read and checked from its beginning.
    pub(crate) checked: HashMap<LogId, u64>,
    /// The last checkpoint, once they are made.
    pub(crate) signed: OnceLock<Watched>,
    organisations: Arc<RwLock<HashMap<OrganisationId, Views>>>,
    clock: Clock,
}

/// What a command did: its facts, the same at every repeat.
pub struct Done {
    pub(crate) facts: Vec<pipss_domain::history::Fact>,
    /// The case it was given to, and at which version.
    pub(crate) given_to: Option<(CaseId, u64)>,
}

impl Done {
    pub(crate) fn of(facts: Vec<pipss_domain::history::Fact>, intent: &Intent<'_>) -> Self {
        let version = intent.if_match.unwrap_or(0);
        Self {
            facts,
            given_to: intent.target.case().map(|case| (case, version)),
        }
    }
}

/// What is to be appended, by whom, and what it rests on.
struct Decided {
    who: Who,
    writes: Vec<Write>,
    guards: Vec<(Stream, u64)>,
}

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
            checked: verification::heads(&store, &organisations),
            signed: OnceLock::new(),
            store,
            cursors: Cursors::new(dice),
            dice,
            meeting: tokio::sync::Mutex::default(),
            refolds: tokio::sync::Semaphore::new(2),
            urgent_help: in_england(),
            recent: Recent::default(),
            stories: Stories::default(),
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
        let meets = matches!(
            intent.act,
            Act::KeepDirectory | Act::ProposeGrant | Act::NameDeputy
        );
        if actor.unmet.is_none() && !meets {
            return self.execute_as(actor, intent).await;
        }
        let _one_at_a_time = self.meeting.lock().await;
        match &actor.unmet {
            Some(unmet) => {
                let actor = Actor {
                    just_proved: actor.just_proved,
                    program: actor.program,
                    ..self.placed(actor.organisation, unmet.clone())
                };
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
        if intent.act.asks_who_again() && !actor.just_proved {
            return Err(Refused::ProveAgain);
        }
        let log = intent.log(actor.organisation);
        let command = self.command_id(actor, &intent)?;
        let body = intent.body.canonical();
        if let Some(repeat) = self.store.repeated(log, command, &body)? {
            return first_answer(repeat, &intent);
        }
        for _ in 0..DECISIONS_MAX {
            let Decided {
                who,
                writes,
                guards,
            } = self.decide(actor, &intent)?;
            let append = Append {
                log,
                command,
                who,
                policy: POLICY_VERSION,
                now: intent.stamp(self.clock.now()),
                body: (!matches!(intent.named, Named::Step(_))).then(|| body.clone()),
                writes,
                guards,
            };
            if let Backend::Memory(copy) = &self.store {
                return rehearsal::rehearsed(copy, append, &intent);
            }
            match self.store.append(append).await {
                Ok(Appended::New(facts)) => return Ok(Done::of(facts, &intent)),
                Ok(Appended::Repeated(repeat)) => return first_answer(repeat, &intent),
                Err(StoreError::Conflict { stream, .. })
                    if intent.target.stream() == Some(stream) =>
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
            Named::Step(command) | Named::Code(command) => Ok(*command),
            Named::Key(key) => {
                // Whoever asks for themselves may be known here by nothing but how they sign in.
                let private = intent.act == Act::AskForOneToOne
                    || matches!(intent.target, Target::OneToOne(_));
                let sign_in = if private {
                    self.view(actor, |view| view.sign_in())
                } else {
                    None
                };
                let who = sign_in.map_or_else(
                    || actor.who.to_string().into_bytes(),
                    |sign_in| sign_in.lookup(),
                );
                let parts = [&who[..], intent.route.as_bytes(), key.as_bytes()];
                self.store.command_id(actor.organisation, &parts)
            }
        }
    }

    /// Asks the rule, and says at which versions its answer holds.
    fn decide(&self, actor: &Actor, intent: &Intent<'_>) -> Result<Decided, Refused> {
        self.view(actor, |view| {
            let relation = view.allow_intent(intent)?;
            let case = intent.target.case().and_then(|id| view.views.cases.get(id));
            if let Some(stream) = intent.target.stream() {
                match intent.if_match {
                    None => return Err(Refused::IfMatchMissing),
                    Some(version) if version != view.views.version(&stream) => {
                        return Err(Refusal::Stale.into());
                    }
                    Some(_) => {}
                }
            }
            let roll = self.dice.roll(intent.route.as_bytes());
            let who = view.capacity(intent, relation, &|| roll.uuid());
            let context = Context {
                now: view.now,
                who,
                every_session: view.every_session(intent.act, relation),
                directory: &view.views.directory,
                diaries: &view.views.diaries,
                fresh: &|| roll.uuid(),
                known_as: &|text| view.known_as(text),
                others: &[],
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
            // What someone asks for themselves leaves no trace in what is recorded of their work.
            if who == actor.who {
                happened.splice(0..0, actor.first_met(view));
            }
            let grants = match actor.who {
                Who::Person(person) => Some(Stream::Grants(person)),
                Who::Operator | Who::Program => None,
            };
            let bars = intent.target.case().map(Stream::Bars);
            // What is kept apart from a case rests on the case as it stands, and leaves it so.
            let apart = happened.iter().filter_map(|one| match one.stream {
                Stream::Restricted(case) => Some(Stream::Case(case)),
                _ => None,
            });
            let written: Vec<_> = happened.iter().map(|fact| fact.stream).collect();
            let guards = grants.into_iter().chain(bars).chain(apart);
            let guards = guards.filter(|stream| !written.contains(stream));
            let versioned = |stream| (stream, view.views.version(&stream));
            Ok(Decided {
                who,
                guards: guards.map(versioned).collect(),
                writes: grouped(happened, view.views),
            })
        })
    }

    /// Looks at an organisation as it stands, through the eyes of one actor.
    pub(crate) fn view<T>(&self, actor: &Actor, look: impl FnOnce(&View<'_>) -> T) -> T {
        let now = self.clock.now();
        let organisations: RwLockReadGuard<'_, _> =
            self.organisations.read().expect("folding never panics");
        let nothing = Views::default();
        let views = organisations.get(&actor.organisation).unwrap_or(&nothing);
        look(&View {
            app: self,
            views,
            actor,
            now,
            hats: actor.hats(&views.directory, now),
        })
    }

    /// Shows a text, for people to read: in the place of an erased one stands that it was.
    pub(crate) fn open_text(&self, text: &Personal<String>) -> Option<String> {
        match self.store.open(text) {
            Personal::Known(text) => Some(text),
            Personal::Erased => Some(ERASED.into()),
            Personal::Sealed(_) => None,
        }
    }

    /// A text that something is decided by: nothing, if it was erased.
    pub(crate) fn known_text(&self, text: &Personal<String>) -> Option<String> {
        self.store.open(text).known().cloned()
    }
}

fn first_answer(repeat: pipss_store::Repeat, intent: &Intent<'_>) -> Result<Done, Refused> {
    if repeat.same_body {
        Ok(Done::of(repeat.facts, intent))
    } else {
        Err(Refused::KeyReused)
    }
}
