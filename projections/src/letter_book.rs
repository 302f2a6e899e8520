//! Every letter that ever came to be owed, packed small: of nothing else are there so many.

use std::collections::HashMap;
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use hashbrown::{DefaultHashBuilder, HashTable};
use pipss_domain::clocks::ClockCode;
use pipss_domain::ids::{FactId, PersonId, SessionId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;

use crate::letters::{Letter, LetterId, LetterState};
use crate::numbered::Numbered;
use crate::pace::MailSlot;

/// The letters in the order in which they came to be owed: by the fact that called for them, and of those
/// of one fact by their ids. A letter's place in it never changes.
#[derive(Default)]
pub(crate) struct Book {
    letters: Vec<Packed>,
    /// Places by what caused a letter and whom it is for, so that one look finds those of every kind.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    people: Numbered<PersonId>,
    about: Numbered<Stream>,
    sessions: Numbered<SessionId>,
    /// The mails that gather several letters.
    gathered: Vec<MailSlot>,
    /// The versions of streams of letters that are not simply as many as became of letters.
    versions: HashMap<(FactId, PersonId), u64>,
}

/// One letter, people and what it is about by their numbers.
struct Packed {
    cause: FactId,
    owed_at: DateTime<Utc>,
    /// When it was sent or given up.
    ended_at: DateTime<Utc>,
    position: u32,
    to: u32,
    about: u32,
    /// One more than the session's number; 0 for none.
    session: u32,
    change: u32,
    /// One more than the place of the mail that gathers it; 0 if it goes alone when it is owed.
    mail: u32,
    kind: LetterKind,
    clock: Option<ClockCode>,
    end: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    None,
    Sent,
    Undelivered,
}

impl Book {
    /// Adds what one fact called for. Facts come in the order of the log.
    pub fn add(&mut self, mut letters: Vec<Letter>) {
        letters.sort_by_key(|letter| letter.id);
        for letter in letters {
            let packed = self.pack(&letter);
            // Called for twice by one fact, it is one letter, and the last word counts.
            if let Some(place) = self.place(letter.id) {
                self.letters[place as usize] = packed;
                continue;
            }
            let place = u32::try_from(self.letters.len()).expect("a log holds fewer facts");
            let hash = self.hasher.hash_one((letter.id.0, letter.id.2));
            self.grow();
            self.letters.push(packed);
            let (letters, hasher, people) = (&self.letters, &self.hasher, &self.people);
            self.places.insert_unique(hash, place, |other| {
                let other = &letters[*other as usize];
                hasher.hash_one((other.cause, people.thing(other.to)))
            });
        }
    }

    /// Where a letter stands in the order.
    pub fn place(&self, (cause, kind, to): LetterId) -> Option<u32> {
        let mut places = self.places_of(cause, to);
        places.find(|place| self.letters[*place as usize].kind == kind)
    }

    /// The letter at a place that was given here.
    pub fn letter(&self, place: u32) -> Letter {
        self.unpack(&self.letters[place as usize])
    }

    /// Which letter stands at a place that was given here.
    pub fn id(&self, place: u32) -> LetterId {
        let packed = &self.letters[place as usize];
        (packed.cause, packed.kind, self.people.thing(packed.to))
    }

    /// Takes in that a letter was sent or given up.
    pub fn end(&mut self, place: u32, state: &LetterState) {
        let packed = &mut self.letters[place as usize];
        (packed.end, packed.ended_at) = end_of(state, packed.owed_at);
    }

    /// Every letter, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Letter> {
        self.letters.iter().map(|packed| self.unpack(packed))
    }

    /// The version of a stream of letters: most often as many as letters of it were sent or given up.
    pub fn version(&self, cause: FactId, to: PersonId) -> u64 {
        let known = self.versions.get(&(cause, to)).copied();
        known.unwrap_or_else(|| self.ended(cause, to))
    }

    /// Takes in the version of a stream of letters after a fact of it was taken in.
    pub fn note_version(&mut self, cause: FactId, to: PersonId, version: u64) {
        if self.ended(cause, to) == version {
            self.versions.remove(&(cause, to));
        } else {
            self.versions.insert((cause, to), version);
        }
    }

    fn ended(&self, cause: FactId, to: PersonId) -> u64 {
        let places = self.places_of(cause, to);
        let ended = places.filter(|place| self.letters[*place as usize].end != End::None);
        ended.count() as u64
    }

    fn places_of(&self, cause: FactId, to: PersonId) -> impl Iterator<Item = u32> {
        let places = self.places.iter_hash(self.hasher.hash_one((cause, to)));
        places.copied().filter(move |place| {
            let packed = &self.letters[*place as usize];
            packed.cause == cause && self.people.thing(packed.to) == to
        })
    }

    /// Room for an eighth more, not for twice as many.
    fn grow(&mut self) {
        if self.letters.len() == self.letters.capacity() {
            self.letters.reserve_exact(64 + self.letters.len() / 8);
        }
    }

    fn pack(&mut self, letter: &Letter) -> Packed {
        let (cause, kind, to) = letter.id;
        let session = letter.session.map(|id| self.sessions.number(id) + 1);
        let (end, ended_at) = end_of(&letter.state, letter.owed_at);
        Packed {
            cause,
            owed_at: letter.owed_at,
            ended_at,
            position: u32::try_from(letter.position).expect("a log is no longer than that"),
            to: self.people.number(to),
            about: self.about.number(letter.about),
            session: session.unwrap_or(0),
            change: letter.change,
            mail: self.mail(letter),
            kind,
            clock: letter.clock,
            end,
        }
    }

    fn mail(&mut self, letter: &Letter) -> u32 {
        if letter.mail == MailSlot::alone(letter.owed_at) {
            return 0;
        }
        // Those of one mail come one after another, to one person at least.
        let lately = self.gathered.iter().enumerate().rev().take(64);
        let mut same = lately
            .filter(|(_, mail)| **mail == letter.mail)
            .map(|(n, _)| n);
        let n = same.next_back().unwrap_or_else(|| {
            self.gathered.push(letter.mail);
            self.gathered.len() - 1
        });
        u32::try_from(n + 1).expect("a log holds fewer facts")
    }

    fn unpack(&self, packed: &Packed) -> Letter {
        let numbered = |n: u32| n.checked_sub(1);
        let mail = numbered(packed.mail).map(|n| self.gathered[n as usize]);
        Letter {
            position: packed.position.into(),
            id: (packed.cause, packed.kind, self.people.thing(packed.to)),
            owed_at: packed.owed_at,
            about: self.about.thing(packed.about),
            session: numbered(packed.session).map(|n| self.sessions.thing(n)),
            change: packed.change,
            clock: packed.clock,
            mail: mail.unwrap_or_else(|| MailSlot::alone(packed.owed_at)),
            state: match packed.end {
                End::None => LetterState::Owed,
                End::Sent => LetterState::Sent(packed.ended_at),
                End::Undelivered => LetterState::Undelivered(packed.ended_at),
            },
        }
    }
}

const fn end_of(state: &LetterState, owed_at: DateTime<Utc>) -> (End, DateTime<Utc>) {
    match *state {
        LetterState::Owed => (End::None, owed_at),
        LetterState::Sent(at) => (End::Sent, at),
        LetterState::Undelivered(at) => (End::Undelivered, at),
    }
}
