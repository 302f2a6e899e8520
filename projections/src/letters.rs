//! Letters: owed because of a fact, until the fact that they were sent.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::Case;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{Ask, Urgency};
use pipss_domain::follow_up::{self, FollowUpState};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, FactId, PersonId, SessionId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;
use uuid::Uuid;

use crate::cases::Cases;
use crate::pace::{MailSlot, Pace};
use crate::session_letters::{self, Called, Told, has_calendar_part, same_news};

/// After this long the program stops trying and the lead is told (product: "Letters").
pub const GIVE_UP_AFTER: Duration = Duration::hours(72);
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
    /// The mail it goes in, settled when it came to be owed.
    pub mail: MailSlot,
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

    /// Is it still right to send it? A manager may have left, a session been recorded, since. What
    /// people were told about a session meanwhile, [`Letters::is_right`] knows.
    fn still_right(&self, directory: &Directory, cases: &Cases, now: DateTime<Utc>) -> bool {
        let Some(case) = cases.get(self.case) else {
            return false;
        };
        let (_, kind, to) = self.id;
        let open = |session: SessionId| {
            case.session(session)
                .is_some_and(|(_, session)| session.outcome.is_none())
        };
        match kind {
            LetterKind::Received => true,
            LetterKind::Urgent => {
                case.triage.is_none()
                    && case.aftercare.merged_into.is_none()
                    && directory.holds(to, Role::Lead, day_in_london(now))
            }
            // Whether these are still right, session_letters.rs says.
            LetterKind::Assigned
            | LetterKind::Moved
            | LetterKind::Released
            | LetterKind::Reminder
            | LetterKind::RecordOverdue => true,
            LetterKind::Cancelled => directory.manages(to, case.team()),
            LetterKind::Scheduled => {
                self.session.is_some_and(open) && directory.manages(to, case.team())
            }
            LetterKind::FollowUpDue => follow_up::of_case(case).iter().any(|follow_up| {
                follow_up.asks(Who::Person(to))
                    && follow_up.state(case, directory, now) == FollowUpState::Due
            }),
            LetterKind::Closed => case.closed.is_some() && directory.manages(to, case.team()),
        }
    }
}

/// All letters of an organisation: a fold of the facts that call for them and of what was sent.
#[derive(Default)]
pub struct Letters {
    all: BTreeMap<(u64, LetterId), Letter>,
    position_of: HashMap<LetterId, u64>,
    owed: BTreeSet<(u64, LetterId)>,
    paces: HashMap<PersonId, Pace>,
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
            let owed_at = called.from.unwrap_or(fact.recorded_at);
            // What becomes due on a day to come, and what carries a calendar part, goes by itself.
            let alone = owed_at > fact.recorded_at || has_calendar_part(called.kind);
            let pace = self.paces.entry(called.to).or_default();
            let letter = Letter {
                position: fact.position,
                id,
                owed_at,
                case: case.case,
                session: called.session,
                change: called.change,
                mail: if alone {
                    MailSlot::alone(id, owed_at)
                } else {
                    pace.place(id, owed_at)
                },
                state: LetterState::Owed,
            };
            self.position_of.insert(id, fact.position);
            self.owed.insert((fact.position, id));
            self.all.insert((fact.position, id), letter);
        }
    }

    fn evolve_letter(&mut self, fact: &Fact, cause: FactId, to: PersonId) {
        let (kind, state) = match &fact.event {
            Event::LetterSent(sent) => (sent.letter, LetterState::Sent(fact.recorded_at)),
            Event::LetterUndelivered(given_up) => {
                (given_up.letter, LetterState::Undelivered(fact.recorded_at))
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

    /// The place of a letter in the order in which they came to be owed.
    pub fn position(&self, id: LetterId) -> Option<u64> {
        self.position_of.get(&id).copied()
    }

    /// Every letter, in the order in which they came to be owed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Letter> {
        self.all.values()
    }

    /// The mails that are due now: of each what it still carries, in the order in which it came to be
    /// owed. What has become pointless since (a manager who left, a session that was recorded) is left
    /// out.
    pub fn due(
        &self,
        directory: &Directory,
        cases: &Cases,
        now: DateTime<Utc>,
    ) -> Vec<Vec<&Letter>> {
        let mut mails: BTreeMap<(u64, Uuid), Vec<&Letter>> = BTreeMap::new();
        let mut first: HashMap<Uuid, u64> = HashMap::new();
        let mut said = HashSet::new();
        for letter in self.owed.iter().filter_map(|key| self.all.get(key)) {
            let right = letter.mail.due <= now && self.is_right(letter, directory, cases, now);
            if right && same_news(letter).is_none_or(|news| said.insert(news)) {
                let first = *first
                    .entry(letter.mail.message_id)
                    .or_insert(letter.position);
                mails
                    .entry((first, letter.mail.message_id))
                    .or_default()
                    .push(letter);
            }
        }
        mails.into_values().collect()
    }

    /// Every letter that was sent, given up, or has come to be owed; in order. What a session's letters
    /// would say is left out where it is no longer news.
    pub fn shown(
        &self,
        directory: &Directory,
        cases: &Cases,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = &Letter> {
        let timely = move |letter: &&Letter| {
            letter.state != LetterState::Owed
                || (letter.owed_at <= now
                    && (same_news(letter).is_none()
                        || self.is_right(letter, directory, cases, now)))
        };
        self.iter().filter(timely)
    }

    /// Is it right to send a letter now, given what people were told already?
    pub fn is_right(
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
            && letter.still_right(directory, cases, now)
            && session.is_none_or(|(_, session)| self.told.still_right(letter, session, now))
    }
}

/// From when a letter is owed: at once, but that a follow-up is due is told on its day.
fn owed_from(fact: &Fact, case: &Case) -> DateTime<Utc> {
    let Event::FollowUpConfirmed(confirmed) = &fact.event else {
        return fact.recorded_at;
    };
    let follow_ups = follow_up::of_case(case);
    let mut its = follow_ups
        .iter()
        .filter(|f| f.milestone == confirmed.follow_up);
    its.next()
        .map_or(fact.recorded_at, |f| f.due.max(fact.recorded_at))
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
            // Raised on behalf of someone: there is nobody here to thank.
            if let (Who::Person(person), None) = (fact.who, &raised.on_behalf) {
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
        Event::FollowUpConfirmed(confirmed) => {
            if let Ask::Manager(person) = confirmed.ask {
                letters.push((LetterKind::FollowUpDue, person, None));
            }
        }
        Event::CaseClosed(_) => {
            letters.extend(managers().map(|m| (LetterKind::Closed, m, None)));
        }
        _ => {}
    }
    let mut letters: Vec<_> = letters
        .into_iter()
        .map(|letter| Called {
            from: Some(owed_from(fact, case)),
            ..Called::now(letter)
        })
        .collect();
    letters.extend(session_letters::called_for(fact, case, managers()));
    let has_address = |to: PersonId| directory.people.get(&to).is_some_and(|p| p.email.is_some());
    letters.retain(|called| has_address(called.to));
    letters
}
