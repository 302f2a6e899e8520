//! Letters: owed because of a fact, until the fact that they were sent.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::clocks::ClockCode;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::disclosure::Disclosures;
use pipss_domain::escalation::Escalations;
use pipss_domain::glass::Glasses;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, DisclosureId, FactId, PersonId, SessionId};
use pipss_domain::letter::LetterKind;
use pipss_domain::one_to_one::OneToOnes;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_domain::supervision::Supervisions;
use uuid::Uuid;

use crate::case_letters::{called_for, still_right};
use crate::cases::Cases;
use crate::clock_letters::{TOLD, clock_cause, is_timely, timely, undelivered_cause};
use crate::letter_book::Book;
use crate::owed_by_time::{Lately, OwedByTime, owed_by_time};
use crate::pace::{MailSlot, Pace, is_urgent};
use crate::private_letters;
use crate::session_letters::{Called, Told, has_calendar_part, same_news};

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
    /// What it is about: a case, or something of which only those concerned know.
    pub about: Stream,
    /// The session it is about.
    pub session: Option<SessionId>,
    /// How often that session had been changed when it came to be owed.
    pub change: u32,
    /// The clock it is about.
    pub clock: Option<ClockCode>,
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
    /// The part of the Message-ID before the `@` of the mail that it goes in.
    pub fn message_id(&self) -> Uuid {
        self.mail.message_id(self.id)
    }

    /// The stream in which its sending is recorded.
    pub fn stream(&self) -> Stream {
        Stream::Letter(self.id.0, self.id.2)
    }

    /// The case it is about, if it is about one.
    pub const fn case(&self) -> Option<CaseId> {
        match self.about {
            Stream::Case(case) => Some(case),
            _ => None,
        }
    }

    /// Is it still right to send it?
    fn still_right(&self, around: Around<'_>, now: DateTime<Utc>) -> bool {
        match self.about {
            Stream::Case(id) => {
                let case = around.cases.get(id);
                case.is_some_and(|case| still_right(self, case, around.directory, now))
            }
            Stream::Disclosure(id) => {
                let (_, _, to) = self.id;
                around.told(id).is_some_and(|told| told == to)
            }
            // Worked out anew at every look.
            Stream::Policy => true,
            // Also when it has ended since: they learn that it was.
            Stream::Grants(_) => true,
            _ => private_letters::still_right(self, around, now),
        }
    }
}

/// What letters rest on besides themselves. Whatever else calls for letters adds its view here.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The organisation.
    pub directory: &'a Directory,
    /// Its cases.
    pub cases: &'a Cases,
    /// What people do about one-to-one support.
    pub one_to_ones: &'a OneToOnes,
    /// What people from outside asked to be shown.
    pub disclosures: &'a Disclosures,
    /// Requests for supervision.
    pub supervisions: &'a Supervisions,
    /// What was reported of danger.
    pub escalations: &'a Escalations,
    /// Who asked to see what they otherwise could not.
    pub glasses: &'a Glasses,
}

impl<'a> Around<'a> {
    /// Where letters to someone go, sealed; nobody without an address is owed a letter. The one place
    /// that knows: who asks for one-to-one support is not in the directory.
    pub fn address_of(&self, person: PersonId) -> Option<&'a Personal<String>> {
        match self.one_to_ones.asked_by(person) {
            Some(one) => one.asked.letters_to.as_ref(),
            None => self.directory.people.get(&person)?.email.as_ref(),
        }
    }
}

impl Around<'_> {
    /// Who is told of what was decided about a request from outside: whoever asked for the support,
    /// unless the law forbids it or a bar keeps them from knowing of the case.
    fn told(&self, id: DisclosureId) -> Option<PersonId> {
        let disclosure = self.disclosures.get(id)?;
        let case = self.cases.get(disclosure.requested.case?)?;
        let Who::Person(asked) = case.raised_by else {
            return None;
        };
        let tells = disclosure.tells(case, case.raised_by);
        (tells && !self.directory.barred(asked, case)).then_some(asked)
    }
}

/// All letters of an organisation: a fold of the facts that call for them and of what was sent.
#[derive(Default)]
pub struct Letters {
    all: Book,
    /// Their places in the book.
    owed: BTreeSet<u32>,
    /// By person, and apart for what is private.
    paces: HashMap<(PersonId, bool), Pace>,
    told: Told,
    /// What stands in for the cause of a letter that the time calls for, and what that is about.
    causes: HashMap<FactId, (Stream, Option<ClockCode>)>,
    /// The facts that a duty contact is told of at once.
    reach_duty: HashSet<FactId>,
    given_up: Vec<(DateTime<Utc>, u32)>,
    lately: HashMap<PersonId, Lately>,
}

impl Letters {
    /// Takes in one fact, everything else being as it is after it.
    pub fn evolve(&mut self, fact: &Fact, around: Around<'_>) {
        let mut called = match fact.stream {
            Stream::Letter(cause, to) => {
                self.evolve_letter(fact, cause, to);
                return self.all.note_version(cause, to, fact.version);
            }
            Stream::Case(id) => {
                let case = around.cases.get(id);
                case.map_or_else(Vec::new, |case| called_for(fact, case, around.directory))
            }
            Stream::Disclosure(id) if matches!(fact.event, Event::DisclosureDecided(_)) => {
                let told = around.told(id).into_iter();
                told.map(|to| Called::now((LetterKind::News, to, None)))
                    .collect()
            }
            Stream::Grants(_) if matches!(fact.event, Event::EmergencyGranted(_)) => {
                let today = day_in_london(fact.recorded_at);
                let holders =
                    [Role::Lead, Role::Auditor].map(|role| around.directory.holders(role, today));
                let told = |to| Called::now((LetterKind::Emergency, to, None));
                holders.into_iter().flatten().map(told).collect()
            }
            _ => private_letters::called_for(fact, around),
        };
        if let (Stream::Case(case), Event::ReferralRaised(_)) = (fact.stream, &fact.event) {
            let causes = TOLD.map(|code| (clock_cause(case, code), (fact.stream, Some(code))));
            self.causes.extend(causes);
        }
        called.retain(|called| around.address_of(called.to).is_some());
        let mut letters = Vec::with_capacity(called.len());
        for called in called {
            let id = (fact.id(), called.kind, called.to);
            let owed_at = called.from.unwrap_or(fact.recorded_at);
            // What becomes due on a day to come, and what carries a calendar part, goes by itself.
            let alone = owed_at > fact.recorded_at || has_calendar_part(called.kind);
            let private = fact.stream.is_private();
            let pace = self.paces.entry((called.to, private)).or_default();
            let letter = Letter {
                position: fact.position,
                id,
                owed_at,
                about: fact.stream,
                session: called.session,
                change: called.change,
                clock: None,
                mail: if alone {
                    MailSlot::alone(owed_at)
                } else {
                    pace.place(id, private, owed_at)
                },
                state: LetterState::Owed,
            };
            // It may have to be told that it did not arrive, before it is given up.
            if is_urgent(called.kind) {
                self.causes
                    .insert(undelivered_cause(id), (fact.stream, None));
            }
            if called.kind == LetterKind::OnDuty && owed_at == fact.recorded_at {
                self.reach_duty.insert(fact.id());
            }
            letters.push(letter);
        }
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        self.all.add(letters);
        let places = ids.into_iter().filter_map(|id| self.all.place(id));
        self.owed.extend(places);
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
        // What the time calls for first stands in the log when it was sent or given up.
        if !self.recorded(id)
            && let Some((about, clock)) = self.about(id)
        {
            self.all.add(vec![Letter {
                position: fact.position,
                clock,
                ..timely(id, about, fact.recorded_at)
            }]);
        }
        let lately = self.lately.entry(to).or_default();
        lately.note(kind, &fact.event, fact.recorded_at);
        if let Some(place) = self.all.place(id) {
            self.all.end(place, &state);
            let letter = self.all.letter(place);
            if let Event::LetterSent(sent) = &fact.event {
                self.told.note(&letter, sent);
            } else if !is_timely(kind) {
                self.given_up.push((fact.recorded_at, place));
                let about = (letter.about, None);
                self.causes.insert(undelivered_cause(id), about);
            }
            self.owed.remove(&place);
        }
    }

    /// What a letter that the time calls for is about.
    fn about(&self, (cause, kind, _): LetterId) -> Option<(Stream, Option<ClockCode>)> {
        match kind {
            LetterKind::Waiting | LetterKind::Digest => Some((Stream::Policy, None)),
            kind if is_timely(kind) => self.causes.get(&cause).copied(),
            _ => None,
        }
    }

    /// Is there such a letter, or could the time call for it?
    pub fn knows(&self, id: LetterId) -> bool {
        self.recorded(id) || self.about(id).is_some()
    }

    /// Did a fact call for this letter, or was it sent or given up?
    pub(crate) fn recorded(&self, id: LetterId) -> bool {
        self.all.place(id).is_some()
    }

    /// The version of the stream in which the sending of what this fact caused for someone is recorded.
    pub(crate) fn version(&self, cause: FactId, to: PersonId) -> u64 {
        self.all.version(cause, to)
    }

    /// What someone was told lately because of the time.
    pub(crate) fn lately(&self, to: PersonId) -> Option<&Lately> {
        self.lately.get(&to)
    }

    /// Was a duty contact written to at once because of this fact?
    pub fn reaches_duty(&self, cause: FactId) -> bool {
        self.reach_duty.contains(&cause)
    }

    /// The urgent letters that were not taken yet.
    pub(crate) fn urgent_owed(&self) -> impl Iterator<Item = Letter> {
        let urgent = |place: &&u32| is_urgent(self.all.id(**place).1);
        let owed = self.owed.iter().filter(urgent);
        owed.map(|place| self.all.letter(*place))
    }

    /// The letters that were given up after an instant, and when; the latest first.
    pub(crate) fn given_up_since(
        &self,
        since: DateTime<Utc>,
    ) -> impl Iterator<Item = (Letter, DateTime<Utc>)> {
        let lately = self
            .given_up
            .iter()
            .rev()
            .take_while(move |(at, _)| *at > since);
        lately.map(|(at, place)| (self.all.letter(*place), *at))
    }

    /// What the time calls for at an instant, less what was sent.
    pub fn owed_by_time(&self, around: Around<'_>, now: DateTime<Utc>) -> OwedByTime {
        owed_by_time(self, around, now)
    }

    /// The place of a letter in the order in which they came to be owed.
    pub fn position(&self, id: LetterId) -> Option<u64> {
        self.all
            .place(id)
            .map(|place| self.all.letter(place).position)
    }

    /// Every letter, in the order in which they came to be owed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Letter> {
        self.all.iter()
    }

    /// The mails that are due now: of each what it still carries, in the order in which it came to be
    /// owed. What has become pointless since (a manager who left, a session that was recorded) is left
    /// out.
    pub fn due(&self, around: Around<'_>, now: DateTime<Utc>) -> Vec<Vec<Letter>> {
        let mut mails: BTreeMap<(u64, Uuid), Vec<Letter>> = BTreeMap::new();
        let mut first: HashMap<Uuid, u64> = HashMap::new();
        let mut said = HashSet::new();
        for letter in self.owed.iter().map(|place| self.all.letter(*place)) {
            let right = letter.mail.due <= now && self.is_right(&letter, around, now);
            if right && same_news(&letter).is_none_or(|news| said.insert(news)) {
                let mail = letter.message_id();
                let first = *first.entry(mail).or_insert(letter.position);
                mails.entry((first, mail)).or_default().push(letter);
            }
        }
        let by_time = self.owed_by_time(around, now).mails;
        mails.into_values().chain(by_time).collect()
    }

    /// Every letter that was sent, given up, or has come to be owed; in order. What a session's letters
    /// would say is left out where it is no longer news.
    pub fn shown(
        &self,
        around: Around<'_>,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = Letter> {
        let timely = move |letter: &Letter| {
            letter.state != LetterState::Owed
                || (letter.owed_at <= now
                    && (same_news(letter).is_none() || self.is_right(letter, around, now)))
        };
        self.iter().filter(timely)
    }

    /// Is it right to send a letter now, given what people were told already?
    pub fn is_right(&self, letter: &Letter, around: Around<'_>, now: DateTime<Utc>) -> bool {
        let case = letter.case().and_then(|id| around.cases.get(id));
        let session = case
            .zip(letter.session)
            .and_then(|(case, id)| case.session(id));
        letter.owed_at <= now
            && letter.still_right(around, now)
            && session.is_none_or(|(_, session)| self.told.still_right(letter, session, now))
    }
}
