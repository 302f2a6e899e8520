//! Which letters the time calls for now, so that five hundred overdue requests are not five hundred mails.

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, Duration, Utc};
use pipss_domain::history::Event;
use pipss_domain::ids::{FactId, PersonId};
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;
use uuid::Uuid;

use crate::clock_letters::{Told, is_urgent, of_clocks, of_undelivered, timely};
use crate::digest;
use crate::letters::{Around, Letter, Letters};

/// So many mails that the time calls for go to one person within [`SPAN`] by themselves.
const ALONE_MAX: usize = 6;
/// For the rest there is one mail that says no more than that it waits; the next one after as long.
const SPAN: Duration = Duration::hours(1);
/// What comes after the first few waits so long for more.
const GATHERED_FOR: Duration = Duration::minutes(15);

/// What one person was told lately because of the time: from the facts that letters were sent.
#[derive(Default)]
pub(crate) struct Lately {
    /// The last mails that went by themselves.
    mails: VecDeque<(DateTime<Utc>, String)>,
    /// How many mails said that more waits, and when the last did: what was owed by then is told.
    waiting: u32,
    covered: Option<DateTime<Utc>>,
}

impl Lately {
    /// Takes in that a letter was sent or given up.
    pub fn note(&mut self, kind: LetterKind, event: &Event, at: DateTime<Utc>) {
        if kind == LetterKind::Waiting {
            self.waiting += 1;
            self.covered = Some(at);
        }
        if let (
            LetterKind::DueSoon | LetterKind::Overdue | LetterKind::Undelivered,
            Event::LetterSent(sent),
        ) = (kind, event)
        {
            // A mail may carry several letters.
            self.mails.retain(|(_, mail)| *mail != sent.message_id);
            self.mails.push_back((at, sent.message_id.clone()));
            if self.mails.len() > ALONE_MAX {
                self.mails.pop_front();
            }
        }
    }

    fn room(&self, now: DateTime<Utc>) -> usize {
        let sent = self.mails.iter().filter(|(at, _)| *at > now - SPAN).count();
        ALONE_MAX.saturating_sub(sent)
    }

    fn told(&self, letter: &Letter) -> bool {
        self.covered
            .is_some_and(|covered| letter.owed_at <= covered)
    }

    /// The mail that says no more than that something waits, once it is time for it.
    fn gathered(&self, to: PersonId, oldest: &Letter, now: DateTime<Utc>) -> Option<Letter> {
        let gathered = oldest.owed_at + GATHERED_FOR;
        let due = self
            .covered
            .map_or(gathered, |last| gathered.max(last + SPAN));
        let name = format!("waiting/{}", self.waiting);
        let cause = FactId::new(Uuid::new_v5(&to.uuid(), name.as_bytes()));
        (due <= now).then(|| timely((cause, LetterKind::Waiting, to), Stream::Policy, due))
    }
}

/// What the time calls for now.
pub struct OwedByTime {
    /// The mails that go now.
    pub mails: Vec<Vec<Letter>>,
    /// What waits because its person was told of much already.
    pub held_back: Vec<Letter>,
}

/// The most urgent first, then the oldest; by its Message-ID a mail keeps what falls due together.
type Order = (bool, DateTime<Utc>, Uuid);

/// The mails that the time calls for at an instant: to each person the most urgent and the oldest by
/// themselves, and one for the rest. Settled by the cases, the time and what was sent: after a crash
/// the same letter goes under the same Message-ID.
pub(crate) fn owed_by_time(
    letters: &Letters,
    around: Around<'_>,
    now: DateTime<Utc>,
) -> OwedByTime {
    let told = Told::today(around, now);
    let mut found = of_clocks(letters, &told, around, now);
    found.extend(of_undelivered(letters, &told, around, now));
    let nothing = Lately::default();
    let lately = |to| letters.lately(to).unwrap_or(&nothing);
    let mut people: HashMap<PersonId, BTreeMap<Order, Vec<Letter>>> = HashMap::new();
    for letter in found
        .into_iter()
        .filter(|letter| !lately(letter.id.2).told(letter))
    {
        let key = (
            !is_urgent(&letter, around),
            letter.owed_at,
            letter.message_id(),
        );
        let mails = people.entry(letter.id.2).or_default();
        mails.entry(key).or_default().push(letter);
    }
    let mut owed = OwedByTime {
        mails: Vec::new(),
        held_back: Vec::new(),
    };
    for (to, mails) in people {
        let lately = lately(to);
        let mut mails = mails.into_values();
        owed.mails.extend(mails.by_ref().take(lately.room(now)));
        let rest: Vec<_> = mails.flatten().collect();
        let oldest = rest.iter().min_by_key(|letter| letter.owed_at);
        let gathered = oldest.and_then(|oldest| lately.gathered(to, oldest, now));
        owed.mails.extend(gathered.map(|letter| vec![letter]));
        owed.held_back.extend(rest);
    }
    let digests = digest::owed(letters, &told, around, now);
    owed.mails
        .extend(digests.into_iter().map(|letter| vec![letter]));
    owed
}
