//! Five hundred requests in an hour are not five hundred mails: what goes by itself, and what together.
//!
//! It is settled from the log alone, when a letter comes to be owed, so that a mail carries the same at
//! every attempt and under the same Message-ID, whatever happened between them.

use std::collections::VecDeque;

use chrono::{DateTime, Duration, Utc};
use pipss_domain::letter::LetterKind;
use uuid::Uuid;

use crate::letters::LetterId;

/// So many letters go to one person by themselves within [`SPAN`]; the next ones go together at its end.
const ALONE_MAX: usize = 6;
const SPAN: Duration = Duration::minutes(15);
/// Letters in one mail, at most.
const TOGETHER_MAX: usize = 100;

/// The mail that a letter goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailSlot {
    /// The part of its Message-ID before the `@`, if others may join it.
    gathers: Option<Uuid>,
    /// Not before then: nothing joins it afterwards.
    pub due: DateTime<Utc>,
}

impl MailSlot {
    /// A mail of its own: what becomes due on a day to come is neither held back nor joined.
    pub const fn alone(due: DateTime<Utc>) -> Self {
        Self { gathers: None, due }
    }

    /// A mail that others may join, by the part of its Message-ID before the `@`.
    pub const fn gathering(message_id: Uuid, due: DateTime<Utc>) -> Self {
        Self {
            gathers: Some(message_id),
            due,
        }
    }

    /// The part of its Message-ID before the `@`, for one of the letters that it carries. That of a mail
    /// of its own is made of the letter when it is asked for: most are never asked for again.
    pub fn message_id(self, (cause, kind, to): LetterId) -> Uuid {
        let alone = || Uuid::new_v5(&cause.uuid(), format!("{kind:?}/{to}").as_bytes());
        self.gathers.unwrap_or_else(alone)
    }
}

/// What came to be owed to one person lately.
#[derive(Default)]
pub struct Pace {
    alone: VecDeque<DateTime<Utc>>,
    /// When the mail that gathers closes, and how many letters it has.
    gathering: Option<(DateTime<Utc>, usize)>,
}

impl Pace {
    /// The mail for a letter that comes to be owed now. One place is kept back for what is urgent.
    /// What is private has a pace of its own and mails of its own: nobody sees from the others that
    /// it exists.
    pub fn place(&mut self, letter: LetterId, private: bool, now: DateTime<Utc>) -> MailSlot {
        let (_, kind, to) = letter;
        while self.alone.front().is_some_and(|at| *at <= now - SPAN) {
            self.alone.pop_front();
        }
        let kept_back = usize::from(is_urgent(kind));
        if self.alone.len() < ALONE_MAX + kept_back {
            self.alone.push_back(now);
            return MailSlot::alone(now);
        }
        let (closes, number) = match self.gathering {
            Some((closes, number)) if now < closes => (closes, number),
            _ => (now + SPAN, 0),
        };
        self.gathering = Some((closes, number + 1));
        let mark = if private { "/private" } else { "" };
        let name = format!("{closes}/{}{mark}", number / TOGETHER_MAX);
        MailSlot::gathering(Uuid::new_v5(&to.uuid(), name.as_bytes()), closes)
    }
}

/// Does a letter of this kind go at once, whatever else went?
pub(crate) const fn is_urgent(kind: LetterKind) -> bool {
    matches!(
        kind,
        LetterKind::Urgent | LetterKind::OnDuty | LetterKind::Danger
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipss_domain::ids::{CommandId, FactId, PersonId};

    fn letter(n: u32, kind: LetterKind) -> LetterId {
        let cause = FactId::of(CommandId::new(Uuid::nil()), n);
        (cause, kind, PersonId::new(Uuid::nil()))
    }

    fn minute(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(n)
    }

    #[test]
    fn six_go_by_themselves_at_once_and_the_next_wait_to_go_together() {
        let mut pace = Pace::default();
        let slots: Vec<_> = (0..9)
            .map(|n| pace.place(letter(n, LetterKind::Received), false, minute(n.into())))
            .collect();
        assert!((0..6).all(|n| slots[n].due == minute(n as i64)));
        assert_eq!(slots[6].due, minute(6 + 15));
        assert_eq!(slots[6], slots[7]);
        assert_eq!(slots[7], slots[8]);
    }

    #[test]
    fn the_first_urgent_one_goes_at_once_even_then() {
        let mut pace = Pace::default();
        for n in 0..20 {
            pace.place(letter(n, LetterKind::Received), false, minute(0));
        }
        assert_eq!(
            pace.place(letter(20, LetterKind::Urgent), false, minute(1))
                .due,
            minute(1)
        );
        assert_eq!(
            pace.place(letter(21, LetterKind::Urgent), false, minute(1))
                .due,
            minute(15)
        );
    }

    #[test]
    fn what_is_private_neither_holds_back_nor_joins_what_is_not() {
        let (mut open, mut private) = (Pace::default(), Pace::default());
        for n in 0..20 {
            private.place(letter(n, LetterKind::Received), true, minute(0));
        }
        let first = open.place(letter(20, LetterKind::Received), false, minute(0));
        assert_eq!(first.due, minute(0));
        for n in 21..40 {
            open.place(letter(n, LetterKind::Received), false, minute(0));
        }
        let together =
            |pace: &mut Pace, is| pace.place(letter(40, LetterKind::Received), is, minute(1));
        let (open, private) = (together(&mut open, false), together(&mut private, true));
        let message_id = |slot: MailSlot| slot.message_id(letter(40, LetterKind::Received));
        assert_ne!(message_id(open), message_id(private));
    }

    #[test]
    fn what_becomes_due_on_a_day_to_come_goes_by_itself_then_and_holds_nothing_back() {
        let mut pace = Pace::default();
        let later = MailSlot::alone(minute(9000));
        assert_eq!(later.due, minute(9000));
        for n in 1..7 {
            let slot = pace.place(letter(n, LetterKind::Received), false, minute(0));
            assert_eq!(slot.due, minute(0));
            let later = later.message_id(letter(0, LetterKind::FollowUpDue));
            assert_ne!(slot.message_id(letter(n, LetterKind::Received)), later);
        }
    }

    #[test]
    fn five_hundred_in_an_hour_are_at_most_forty_mails() {
        let mut pace = Pace::default();
        let mut mails = std::collections::HashSet::new();
        for n in 0..500u32 {
            let now = minute(0) + Duration::seconds(i64::from(n) * 7);
            let urgent = letter(n, LetterKind::Urgent);
            mails.insert(pace.place(urgent, false, now).message_id(urgent));
        }
        assert!(mails.len() <= 40, "{}", mails.len());
    }
}
