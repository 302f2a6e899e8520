//! Letters: owed because of a fact, until the fact that they were sent.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::Case;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::Urgency;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, FactId, PersonId, SessionId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;
use uuid::Uuid;

use crate::cases::Cases;
use crate::session_letters::{self, Called, Told, same_news};

/// After this long the program stops trying and the lead is told (product: "Letters").
pub const GIVE_UP_AFTER: Duration = Duration::hours(72);
/// So many mails may go to one person in [`THROTTLE`]: 500 requests in an hour are not 500 mails.
const MAILS_MAX: usize = 6;
const THROTTLE: Duration = Duration::minutes(15);

/// Which letter: the fact that calls for it, its kind, and for whom.
pub type LetterId = (FactId, LetterKind, PersonId);

/// One letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its place in the order of what is owed: position of the cause.
    pub position: u64,
    /// Which.
    pub id: LetterId,
    /// Since when it is owed.
    pub owed_at: DateTime<Utc>,
    /// The case it is about.
    pub case: CaseId,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// How often that session had been changed when it came to be owed.
    pub change: u32,
    /// What became of it.
    pub state: LetterState,
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum LetterState {
    /// Not yet taken by the mail server.
    Owed,
    /// Taken, then.
    Sent(DateTime<Utc>),
    /// Given up, then.
    Undelivered(DateTime<Utc>),
}

impl Letter {
    /// The stream in which its sending is recorded.
    pub fn stream(&self) -> Stream {
        Stream::Letter(self.id.0, self.id.2)
    }

    /// The part of its Message-ID before the `@`: the same at every attempt.
    pub fn message_id(&self) -> Uuid {
        let (cause, kind, to) = self.id;
        Uuid::new_v5(&cause.uuid(), format!("{kind:?}/{to}").as_bytes())
    }
}

/// All letters of an organisation: a fold of the facts that call for them and of what was sent.
#[derive(Default)]
pub struct Letters {
    all: BTreeMap<(u64, LetterId), Letter>,
    position_of: HashMap<LetterId, u64>,
    owed: BTreeSet<(u64, LetterId)>,
    mails: HashMap<PersonId, Vec<(DateTime<Utc>, String)>>,
    told: Told,
}

impl Letters {
    /// Takes in one fact, the directory and the cases being as they are after it.
    pub fn evolve(&mut self, fact: &Fact, directory: &Directory, cases: &Cases) {
        if let Stream::Letter(cause, to) = fact.stream {
            return self.evolve_letter(fact, cause, to);
        }
        let Stream::Case(case) = fact.stream else {
            return;
        };
        let Some(case) = cases.get(case) else { return };
        for called in called_for(fact, case, directory) {
            let id = (fact.id(), called.kind, called.to);
            let letter = Letter {
                position: fact.position,
                id,
                owed_at: called.from.unwrap_or(fact.recorded_at),
                case: case.case,
                session: called.session,
                change: called.change,
                state: LetterState::Owed,
            };
            self.position_of.insert(id, fact.position);
            self.owed.insert((fact.position, id));
            self.all.insert((fact.position, id), letter);
        }
    }

    fn evolve_letter(&mut self, fact: &Fact, cause: FactId, to: PersonId) {
        let (kind, state) = match &fact.event {
            Event::LetterSent(sent) => {
                let mails = self.mails.entry(to).or_default();
                if mails.last().is_none_or(|(_, id)| *id != sent.message_id) {
                    mails.push((fact.recorded_at, sent.message_id.clone()));
                }
                (sent.letter, LetterState::Sent(fact.recorded_at))
            }
            Event::LetterUndelivered(fact_of) => {
                (fact_of.letter, LetterState::Undelivered(fact.recorded_at))
            }
            _ => return,
        };
        let id = (cause, kind, to);
        if let Some(position) = self.position_of.get(&id)
            && let Some(letter) = self.all.get_mut(&(*position, id))
        {
            letter.state = state;
            if let Event::LetterSent(sent) = &fact.event {
                self.told.note(letter, sent);
            }
            self.owed.remove(&(*position, id));
        }
    }

    /// Is there such a letter?
    pub fn knows(&self, id: LetterId) -> bool {
        self.position_of.contains_key(&id)
    }

    /// Every letter, in the order in which they came to be owed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Letter> {
        self.all.values()
    }

    /// What is owed now and still right to send, by person, in order. What has become pointless since
    /// (a manager who left, a session that was recorded) is not.
    pub fn owed(
        &self,
        directory: &Directory,
        cases: &Cases,
        now: DateTime<Utc>,
    ) -> BTreeMap<PersonId, Vec<&Letter>> {
        let mut owed: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut said = HashSet::new();
        for letter in self.owed.iter().filter_map(|key| self.all.get(key)) {
            let right = self.is_right(letter, directory, cases, now);
            if right && same_news(letter).is_none_or(|news| said.insert(news)) {
                owed.entry(letter.id.2).or_default().push(letter);
            }
        }
        owed
    }

    /// Every letter that was sent, given up, or has come to be owed and is right; in order.
    pub fn shown(
        &self,
        directory: &Directory,
        cases: &Cases,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = &Letter> {
        let timely = move |letter: &&Letter| {
            letter.state != LetterState::Owed
                || same_news(letter).is_none()
                || self.is_right(letter, directory, cases, now)
        };
        self.iter().filter(timely)
    }

    fn is_right(
        &self,
        letter: &Letter,
        directory: &Directory,
        cases: &Cases,
        now: DateTime<Utc>,
    ) -> bool {
        let session = letter
            .session
            .and_then(|id| cases.get(letter.case)?.session(id));
        letter.owed_at <= now
            && still_right(letter, directory, cases, now)
            && session.is_none_or(|(_, session)| self.told.still_right(letter, session, now))
    }

    /// How many more mails this person may get now. What is owed beyond that goes in one mail, later.
    /// One is kept back for what is urgent.
    pub fn mails_left(&self, person: PersonId, urgent: bool, now: DateTime<Utc>) -> usize {
        let recent = |mails: &Vec<(DateTime<Utc>, String)>| {
            mails.iter().filter(|(at, _)| *at > now - THROTTLE).count()
        };
        let sent = self.mails.get(&person).map_or(0, recent);
        (MAILS_MAX + usize::from(urgent)).saturating_sub(sent)
    }
}

/// The letters that a fact calls for.
fn called_for(fact: &Fact, case: &Case, directory: &Directory) -> Vec<Called> {
    let managers = || {
        let unit = directory.units.get(&case.team());
        unit.into_iter()
            .flat_map(|unit| unit.managers.iter().copied())
    };
    let mut letters: Vec<(LetterKind, PersonId, Option<SessionId>)> = Vec::new();
    match &fact.event {
        Event::ReferralRaised(raised) => {
            if let Who::Person(person) = fact.who {
                letters.push((LetterKind::Received, person, None));
            }
            if raised.suggested <= Urgency::U2 {
                let leads = directory.holders(Role::Lead, day_in_london(fact.recorded_at));
                let others = leads
                    .into_iter()
                    .filter(|lead| Who::Person(*lead) != fact.who);
                letters.extend(others.map(|lead| (LetterKind::Urgent, lead, None)));
            }
        }
        Event::SessionArranged(arranged) => {
            let session = Some(arranged.session);
            let facilitators = arranged.facilitators.iter();
            letters.extend(facilitators.map(|f| (LetterKind::Assigned, *f, session)));
            letters.extend(managers().map(|m| (LetterKind::Scheduled, m, session)));
        }
        Event::CaseClosed(_) => {
            letters.extend(managers().map(|m| (LetterKind::Closed, m, None)));
        }
        _ => {}
    }
    let mut letters: Vec<_> = letters.into_iter().map(Called::now).collect();
    letters.extend(session_letters::called_for(fact, case, managers()));
    let has_address = |to: PersonId| directory.people.get(&to).is_some_and(|p| p.email.is_some());
    letters.retain(|called| has_address(called.to));
    letters
}

fn still_right(letter: &Letter, directory: &Directory, cases: &Cases, now: DateTime<Utc>) -> bool {
    let Some(case) = cases.get(letter.case) else {
        return false;
    };
    let (_, kind, to) = letter.id;
    let open = |session: SessionId| {
        case.session(session)
            .is_some_and(|(_, session)| session.outcome.is_none())
    };
    match kind {
        LetterKind::Received => true,
        LetterKind::Urgent => {
            case.triage.is_none() && directory.holds(to, Role::Lead, day_in_london(now))
        }
        // Whether these are still right, session_letters.rs says.
        LetterKind::Assigned
        | LetterKind::Moved
        | LetterKind::Released
        | LetterKind::Reminder
        | LetterKind::RecordOverdue => true,
        LetterKind::Cancelled => directory.manages(to, case.team()),
        LetterKind::Scheduled => {
            letter.session.is_some_and(open) && directory.manages(to, case.team())
        }
        LetterKind::Closed => case.closed.is_some() && directory.manages(to, case.team()),
    }
}
