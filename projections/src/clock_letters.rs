//! Letters that no fact calls for but the time: something is due soon, overdue, or did not arrive.
//!
//! They follow from the cases, the directory and the time, less what was sent (product: "Clocks",
//! "Letters"). Who leads today is told, not who led when it came to be due.

use chrono::{DateTime, Duration, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::{Case, OfferState, Stage};
use pipss_domain::clocks::{self, Clock, ClockCode, ClockState, Counted};
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{Milestone, Urgency};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, FactId, PersonId};
use pipss_domain::letter::LetterKind;
use pipss_domain::offer::OfferKind;
use pipss_domain::stream::Stream;
use pipss_domain::working_time::stretches;
use uuid::Uuid;

use crate::cases::{About, relation};
use crate::letters::{Around, Letter, LetterId, LetterState, Letters};
use crate::pace::MailSlot;

/// The deputy is told when the lead has not acted after one such part of a clock's whole time, counted
/// as the clock is: half an hour of four, two hours of two working days. Policy version 1.
const DEPUTY_AFTER_PART: i64 = 8;
/// An urgent letter that was not taken for so long counts as undelivered: the deputy, tried at once,
/// then reads of it within 15 minutes (product: "Letters").
const URGENT_TRIED_FOR: Duration = Duration::minutes(10);
/// A lead hears of a letter given up within so long; one who comes later finds it in the list.
const GIVEN_UP_TOLD_FOR: Duration = Duration::days(14);
/// The clocks that someone is told of; K1 and K6 have no target.
pub(crate) const TOLD: [ClockCode; 5] = [
    ClockCode::K2,
    ClockCode::K3,
    ClockCode::K4,
    ClockCode::K5,
    ClockCode::K7,
];

/// What stands in for the fact that causes a letter about a clock: the same for ever.
pub(crate) fn clock_cause(case: CaseId, code: ClockCode) -> FactId {
    FactId::new(Uuid::new_v5(&case.uuid(), format!("{code:?}").as_bytes()))
}

/// What stands in for the fact that causes the letter that another one did not arrive.
pub(crate) fn undelivered_cause((cause, kind, to): LetterId) -> FactId {
    let name = format!("undelivered/{kind:?}/{to}");
    FactId::new(Uuid::new_v5(&cause.uuid(), name.as_bytes()))
}

/// Who is told first, and who when they have not acted. A grant without an end makes a lead, one with
/// an end a deputy; where there is no lead, the deputies take the first place.
pub(crate) struct Told {
    pub first: Vec<PersonId>,
    pub then: Vec<PersonId>,
}

impl Told {
    pub fn today(around: Around<'_>, now: DateTime<Utc>) -> Self {
        let holders = around.directory.holders(Role::Lead, day_in_london(now));
        let reachable = holders
            .into_iter()
            .filter(|person| around.address_of(*person).is_some());
        let unending = |person: &PersonId| {
            let granted = around.directory.granted(*person, Role::Lead);
            granted == Some(None)
        };
        let (first, then): (Vec<_>, Vec<_>) = reachable.partition(unending);
        if first.is_empty() {
            return Self {
                first: then,
                then: Vec::new(),
            };
        }
        Self { first, then }
    }

    fn everyone(&self) -> impl Iterator<Item = PersonId> {
        self.first.iter().chain(&self.then).copied()
    }
}

/// May this person be told of a case at all?
pub(crate) fn may_hear(
    case: &Case,
    to: PersonId,
    directory: &Directory,
    now: DateTime<Utc>,
) -> bool {
    !relation(case, About::Case, Who::Person(to), directory, now).barred
}

/// Those clocks of a case that are due soon or overdue and that someone can still do something about.
pub(crate) fn pressing(case: &Case, now: DateTime<Utc>) -> Vec<Clock> {
    let mut open = open_clocks(case, now);
    open.retain(|clock| matches!(clock.state, ClockState::DueSoon | ClockState::Overdue));
    open
}

/// Those clocks of a case that run, have a due time, and that someone can still do something about.
pub fn open_clocks(case: &Case, now: DateTime<Utc>) -> Vec<Clock> {
    let counts = |code: ClockCode| match (case.stage(), code) {
        (Stage::Merged, _) | (_, ClockCode::K1 | ClockCode::K6) => false,
        (_, ClockCode::K7) => true,
        (Stage::Closed, _) => false,
        (_, ClockCode::K2) => case.acknowledged_at.is_none(),
        (_, ClockCode::K3) => case.triaged_at.is_none(),
        (_, ClockCode::K4) => true,
        // Planned and not arranged; before there is a plan, triage presses.
        (_, ClockCode::K5) => petr_waits(case),
    };
    // Most cases wait for nothing: do not work out their clocks.
    if !waits(case) {
        return Vec::new();
    }
    let runs = |clock: &Clock| {
        use ClockState as S;
        matches!(clock.state, S::Running | S::DueSoon | S::Overdue)
    };
    TOLD.into_iter()
        .filter(|code| counts(*code))
        .map(|code| clocks::one(case, code, now))
        .filter(runs)
        .collect()
}

/// Could a clock of this case press at any time?
fn waits(case: &Case) -> bool {
    let held = case.sessions().any(|(_, session)| session.was_held());
    let mut answers = case.aftercare.answers.iter();
    let answered = answers.any(|(answer, _)| answer.follow_up == Milestone::FourWeeks);
    let begun =
        case.acknowledged_at.is_some() && case.triaged_at.is_some() && !case.scopings.is_empty();
    match case.stage() {
        Stage::Merged => false,
        Stage::Closed => held && !answered,
        Stage::Raised | Stage::Open => !begun || petr_waits(case) || (held && !answered),
    }
}

fn petr_waits(case: &Case) -> bool {
    case.offers.iter().any(|offer| {
        offer.planned.kind == OfferKind::PetrDebrief && offer.state() == OfferState::Planned
    })
}

/// The letters about the clocks of all cases, one mail for what falls due in a case at one instant.
pub(crate) fn of_clocks(
    letters: &Letters,
    told: &Told,
    around: Around<'_>,
    now: DateTime<Utc>,
) -> Vec<Letter> {
    let mut owed = Vec::new();
    for case in around.cases.pressable() {
        for clock in pressing(case, now) {
            let Some((kind, first)) = moment(&clock) else {
                continue;
            };
            let then = later(first, &clock);
            let at_first = told.first.iter().map(|to| (*to, first));
            let at_then = told.then.iter().map(|to| (*to, then));
            let due = at_first
                .chain(at_then)
                .filter(|(to, at)| *at <= now && may_hear(case, *to, around.directory, now));
            let each = due.map(|(to, at)| clock_letter(case, clock.code, kind, to, at));
            owed.extend(each.filter(|letter| !letters.recorded(letter.id)));
        }
    }
    owed
}

/// Which letter a pressing clock calls for, and since when.
fn moment(clock: &Clock) -> Option<(LetterKind, DateTime<Utc>)> {
    let (from, due) = clock.from.zip(clock.due)?;
    Some(match clock.state {
        ClockState::Overdue => (LetterKind::Overdue, due),
        _ => (LetterKind::DueSoon, due - (due - from) / 4),
    })
}

fn later(at: DateTime<Utc>, clock: &Clock) -> DateTime<Utc> {
    let minutes = clock.target_minutes.unwrap_or(0) / DEPUTY_AFTER_PART;
    match clock.counted {
        Some(Counted::Working) => stretches(at, minutes).last().map_or(at, |last| last.to),
        _ => at + Duration::minutes(minutes),
    }
}

fn clock_letter(
    case: &Case,
    code: ClockCode,
    kind: LetterKind,
    to: PersonId,
    owed_at: DateTime<Utc>,
) -> Letter {
    let name = format!("{kind:?}/{to}/{owed_at}");
    let message_id = Uuid::new_v5(&case.case.uuid(), name.as_bytes());
    let mail = MailSlot::gathering(message_id, owed_at);
    Letter {
        mail,
        clock: Some(code),
        ..timely(
            (clock_cause(case.case, code), kind, to),
            Stream::Case(case.case),
            owed_at,
        )
    }
}

/// The letters about letters that did not arrive.
pub(crate) fn of_undelivered(
    letters: &Letters,
    told: &Told,
    around: Around<'_>,
    now: DateTime<Utc>,
) -> Vec<Letter> {
    let mut owed = Vec::new();
    let late = |letter: &Letter| letter.mail.due + URGENT_TRIED_FOR;
    let urgent = letters.urgent_owed().filter(|letter| {
        late(letter) <= now && is_urgent(letter, around) && letters.is_right(letter, around, now)
    });
    for letter in urgent {
        let others = told.everyone().filter(|to| *to != letter.id.2).collect();
        owed.extend(about_letter(&letter, others, late(&letter)));
    }
    for (letter, at) in letters.given_up_since(now - GIVEN_UP_TOLD_FOR) {
        // Not to whom nothing could be delivered, if there is anyone else.
        let other = |to: &PersonId| *to != letter.id.2;
        let mut others: Vec<_> = told.first.iter().copied().filter(other).collect();
        if others.is_empty() {
            others = told.then.iter().copied().filter(other).collect();
        }
        owed.extend(about_letter(&letter, others, at));
    }
    owed.retain(|letter| {
        let case = letter.case().and_then(|id| around.cases.get(id));
        case.is_some_and(|case| may_hear(case, letter.id.2, around.directory, now))
            && !letters.recorded(letter.id)
    });
    owed.sort_by_key(|letter| letter.id);
    owed.dedup_by_key(|letter| letter.id);
    owed
}

fn about_letter(
    letter: &Letter,
    to: Vec<PersonId>,
    owed_at: DateTime<Utc>,
) -> impl Iterator<Item = Letter> {
    let (cause, about) = (undelivered_cause(letter.id), letter.about);
    to.into_iter()
        .map(move |to| timely((cause, LetterKind::Undelivered, to), about, owed_at))
}

/// A letter that is owed because of the time, and goes by itself.
pub(crate) fn timely(id: LetterId, about: Stream, owed_at: DateTime<Utc>) -> Letter {
    Letter {
        // After everything that is recorded.
        position: u64::MAX,
        id,
        owed_at,
        about,
        session: None,
        change: 0,
        clock: None,
        mail: MailSlot::alone(owed_at),
        state: LetterState::Owed,
    }
}

/// Is it the time that calls for letters of this kind?
pub(crate) const fn is_timely(kind: LetterKind) -> bool {
    matches!(
        kind,
        LetterKind::DueSoon
            | LetterKind::Overdue
            | LetterKind::Undelivered
            | LetterKind::Waiting
            | LetterKind::Digest
    )
}

/// Is it about a case that is as urgent as can be?
pub(crate) fn is_urgent(letter: &Letter, around: Around<'_>) -> bool {
    let case = letter.case().and_then(|id| around.cases.get(id));
    case.is_some_and(|case| case.urgency() == Urgency::U1)
}
