//! What a demonstration told, read once: every command with its facts, ready to be told again of others.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::Role;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::{Log, Stream};
use pipss_store::{Options, Purpose, SledStore};
use uuid::Uuid;

use crate::app_known::opened;
use crate::app_template::Template;

/// The clocks of a case that letters are about: their names stand in for the fact that causes the letter.
const CLOCKS: [&str; 5] = ["K2", "K3", "K4", "K5", "K7"];

/// One command of the story.
pub struct Told {
    pub command: CommandId,
    pub who: Who,
    pub at: DateTime<Utc>,
    /// What it said of units, people and the trust: told once of each part of the trust.
    pub standing: Vec<Line>,
    /// What it said of cases and the like: told again and again.
    pub passing: Vec<Line>,
    /// Is it about a case that the story leaves unfinished? Only the last telling may.
    pub unfinished: bool,
    /// Is it the weekly letter to a lead? One telling of several has it.
    pub weekly: bool,
}

/// One fact of it.
pub struct Line {
    pub stream: Stream,
    pub occurred_at: DateTime<Utc>,
    pub kind: &'static str,
    pub data: Template,
    pub plain: Vec<Template>,
}

/// Where a fact's id comes from.
#[derive(Clone, Copy)]
pub enum Cause {
    /// The n-th fact of a command, counted without what is told only once.
    Fact(CommandId, u32),
    /// A clock of a case.
    Clock(Uuid, &'static str),
}

/// The whole story.
pub struct Source {
    pub organisation: OrganisationId,
    pub told: Vec<Told>,
    pub causes: HashMap<Uuid, Cause>,
    /// Units, and people who have no role but that of a facilitator: each part of the trust has its own.
    pub own: HashSet<Uuid>,
    /// Everyone else in the directory.
    pub shared: HashSet<Uuid>,
    /// How many facts pass, in all and in the cases that end.
    pub passing: usize,
    pub ended: usize,
    /// The commands about cases that the story leaves unfinished.
    dropped: HashSet<CommandId>,
}

impl Source {
    /// Reads a data folder of `pipss demo`.
    ///
    /// # Errors
    /// When it is not one, or tells of a kind of fact that cannot be told again.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let facts = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&facts);
        let follow = move |more: &[Fact]| taken.lock().expect("one thread").extend_from_slice(more);
        let store = SledStore::open(Options::new(folder, Purpose::Demo), Box::new(follow))?;
        let mut facts = std::mem::take(&mut *facts.lock().expect("one thread"));
        facts.retain(|fact| fact.log.log == Log::Main);
        let organisation = facts.first().context("an empty log")?.log.organisation;
        let unfinished = unfinished(&facts);
        let mut source = Self {
            organisation,
            told: Vec::new(),
            causes: HashMap::new(),
            own: HashSet::new(),
            shared: HashSet::new(),
            passing: 0,
            ended: 0,
            dropped: HashSet::new(),
        };
        for fact in &facts {
            source.take(fact, &store, &unfinished)?;
        }
        for told in &source.told {
            source.passing += told.passing.len();
            source.ended += if told.unfinished {
                0
            } else {
                told.passing.len()
            };
        }
        Ok(source)
    }

    fn take(
        &mut self,
        fact: &Fact,
        store: &SledStore,
        unfinished: &HashSet<Uuid>,
    ) -> anyhow::Result<()> {
        self.know(fact);
        if self.told.last().map(|told| told.command) != Some(fact.command) {
            self.told.push(Told {
                command: fact.command,
                who: fact.who,
                at: fact.recorded_at,
                standing: Vec::new(),
                passing: Vec::new(),
                unfinished: false,
                weekly: false,
            });
        }
        let line = line(fact, store)?;
        let told = self.told.last_mut().expect("it was just made");
        let of_unfinished = match (fact.stream, &fact.event) {
            (Stream::Case(case) | Stream::Bars(case) | Stream::Restricted(case), _) => {
                unfinished.contains(&case.uuid())
            }
            (Stream::Letter(cause, _), _) => match self.causes.get(&cause.uuid()) {
                Some(Cause::Clock(case, _)) => unfinished.contains(case),
                Some(Cause::Fact(command, _)) => self.dropped.contains(command),
                None => false,
            },
            _ => false,
        };
        told.unfinished |= of_unfinished;
        if told.unfinished {
            self.dropped.insert(fact.command);
        }
        told.weekly |= matches!(&fact.event, Event::LetterSent(sent)
            if matches!(sent.letter, LetterKind::Digest | LetterKind::Waiting));
        if is_standing(&fact.stream) {
            told.standing.push(line);
        } else {
            let n = u32::try_from(told.passing.len())?;
            let cause = Cause::Fact(fact.command, n);
            self.causes.insert(fact.id().uuid(), cause);
            told.passing.push(line);
        }
        Ok(())
    }

    fn know(&mut self, fact: &Fact) {
        match (fact.stream, &fact.event) {
            (Stream::Unit(unit), _) => {
                self.own.insert(unit.uuid());
            }
            (Stream::Person(person), _) if !self.shared.contains(&person.uuid()) => {
                self.own.insert(person.uuid());
            }
            (Stream::Grants(person), Event::GrantGiven(given))
                if given.role != Role::Facilitator =>
            {
                self.own.remove(&person.uuid());
                self.shared.insert(person.uuid());
            }
            (Stream::Case(case), Event::ReferralRaised(_)) => {
                for clock in CLOCKS {
                    let cause = Uuid::new_v5(&case.uuid(), clock.as_bytes());
                    self.causes.insert(cause, Cause::Clock(case.uuid(), clock));
                }
            }
            _ => {}
        }
    }
}

/// What belongs to the trust and not to one story in it.
fn is_standing(stream: &Stream) -> bool {
    matches!(
        stream,
        Stream::Policy
            | Stream::Unit(_)
            | Stream::Person(_)
            | Stream::Grants(_)
            | Stream::Retention
            | Stream::Group(_)
    )
}

fn line(fact: &Fact, store: &SledStore) -> anyhow::Result<Line> {
    let kind = fact.event.kind();
    let whole = serde_json::to_string(&fact.event)?;
    let before = format!(r#"{{"kind":"{kind}","data":"#);
    let data = whole
        .strip_prefix(&before)
        .and_then(|rest| rest.strip_suffix('}'));
    let data = data.context("an event has no payload")?;
    let plain = opened(&fact.event, store).context("a value cannot be opened")?;
    let mut again = fact.event.clone();
    ensure!(
        crate::app_known::put(&mut again, &plain),
        "{kind} cannot be told again"
    );
    Ok(Line {
        stream: fact.stream,
        occurred_at: fact.occurred_at,
        kind,
        data: Template::of(data),
        plain: plain.iter().map(|json| Template::of(json)).collect(),
    })
}

/// The cases that are not over at the end, and whatever shares a command with them.
fn unfinished(facts: &[Fact]) -> HashSet<Uuid> {
    let mut open = HashSet::new();
    for fact in facts {
        if let Stream::Case(case) = fact.stream {
            match fact.event {
                Event::ReferralRaised(_) | Event::CaseReopened(_) | Event::CaseUnmerged(_) => {
                    open.insert(case.uuid());
                }
                Event::CaseClosed(_) | Event::CaseMerged(_) => {
                    open.remove(&case.uuid());
                }
                _ => {}
            }
        }
    }
    let mut together: HashMap<CommandId, HashSet<Uuid>> = HashMap::new();
    for fact in facts {
        if let Stream::Case(case) = fact.stream {
            together
                .entry(fact.command)
                .or_default()
                .insert(case.uuid());
        }
    }
    loop {
        let before = open.len();
        for cases in together.values() {
            if cases.iter().any(|case| open.contains(case)) {
                open.extend(cases);
            }
        }
        if open.len() == before {
            return open;
        }
    }
}

/// The trust of every demonstration.
pub fn organisation() -> OrganisationId {
    const SPACE: Uuid = Uuid::from_u128(0x7e3a_51c0_8d2f_4b6e_9a14_c05d_2e8f_7b31);
    OrganisationId::new(Uuid::new_v5(&SPACE, b"organisation"))
}
