//! Which letters a session's facts call for, and which are still right when they are about to leave.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use pipss_domain::case::{Case, Session};
use pipss_domain::facts::SessionArranged;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{PersonId, SessionId};
use pipss_domain::letter::{LetterKind, LetterSent};
use pipss_domain::working_time::{DAY_MINUTES, stretches, working_morning_before};

use crate::letters::Letter;
use crate::numbered::Numbered;

/// A record is overdue after so much working time (product: "Letters").
const RECORD_WITHIN_MINUTES: i64 = 2 * DAY_MINUTES;

/// A letter that a fact calls for, and from when on.
pub(crate) struct Called {
    pub kind: LetterKind,
    pub to: PersonId,
    pub session: Option<SessionId>,
    /// How often the session had been changed, this change included.
    pub change: u32,
    /// Owed from then on; at once if absent.
    pub from: Option<DateTime<Utc>>,
}

impl Called {
    /// Owed at once.
    pub fn now((kind, to, session): (LetterKind, PersonId, Option<SessionId>)) -> Self {
        Self {
            kind,
            to,
            session,
            change: 0,
            from: None,
        }
    }
}

/// What a fact about a session calls for, besides the first invitation.
pub(crate) fn called_for(
    fact: &Fact,
    case: &Case,
    managers: impl Iterator<Item = PersonId>,
) -> Vec<Called> {
    let Some((_, session)) = about(&fact.event).and_then(|id| case.session(id)) else {
        return Vec::new();
    };
    let call = |kind, to: &PersonId| Called {
        change: session.changes,
        ..Called::now((kind, *to, Some(session.id())))
    };
    let all = &session.arranged.facilitators;
    let mut called = Vec::new();
    // Facilitators hear of it from the case that leads it; managers each from their own.
    if !session.is_led_here() {
        if let Event::SessionCancelled(_) = &fact.event {
            called.extend(managers.map(|to| call(LetterKind::Cancelled, &to)));
        }
        return called;
    }
    match &fact.event {
        Event::SessionArranged(arranged) => called.extend(timed(arranged, all, fact)),
        Event::SessionMoved(_) => {
            called.extend(all.iter().map(|to| call(LetterKind::Moved, to)));
            called.extend(timed(&session.arranged, all, fact));
        }
        Event::SessionHandedOver(hands) => {
            called.push(call(LetterKind::Released, &hands.from));
            called.push(call(LetterKind::Assigned, &hands.to));
            called.extend(timed(&session.arranged, &[hands.to], fact));
        }
        Event::SessionCancelled(_) => {
            called.extend(all.iter().map(|to| call(LetterKind::Released, to)));
            called.extend(managers.map(|to| call(LetterKind::Cancelled, &to)));
        }
        // Told beforehand that it will not be held: what stands in their calendars has to go.
        Event::SessionNotHeld(_) if fact.recorded_at < session.arranged.starts_at => {
            called.extend(all.iter().map(|to| call(LetterKind::Released, to)));
        }
        _ => {}
    }
    called
}

fn about(event: &Event) -> Option<SessionId> {
    match event {
        Event::SessionArranged(fact) => Some(fact.session),
        Event::SessionMoved(fact) => Some(fact.session),
        Event::SessionHandedOver(fact) => Some(fact.session),
        Event::SessionCancelled(fact) => Some(fact.session),
        Event::SessionNotHeld(fact) => Some(fact.session),
        _ => None,
    }
}

/// The reminder and the record that may become overdue. Nobody is reminded of what they only just heard.
fn timed<'a>(
    arranged: &'a SessionArranged,
    to: &'a [PersonId],
    fact: &Fact,
) -> impl Iterator<Item = Called> + use<'a> {
    let reminder = reminder_at(arranged).filter(|at| *at > fact.recorded_at);
    let overdue = record_due(arranged);
    let at = [
        (LetterKind::Reminder, reminder),
        (LetterKind::RecordOverdue, overdue),
    ];
    let session = Some(arranged.session);
    at.into_iter().flat_map(move |(kind, from)| {
        let each = to.iter().filter(move |_| from.is_some());
        each.map(move |to| Called {
            from,
            ..Called::now((kind, *to, session))
        })
    })
}

fn reminder_at(arranged: &SessionArranged) -> Option<DateTime<Utc>> {
    working_morning_before(arranged.starts_at)
}

fn record_due(arranged: &SessionArranged) -> Option<DateTime<Utc>> {
    let ends_at = arranged.starts_at + chrono::Duration::minutes(arranged.minutes.into());
    let worked = stretches(ends_at, RECORD_WITHIN_MINUTES);
    worked.last().map(|stretch| stretch.to)
}

/// What people were told about sessions, from the facts that their letters were sent.
#[derive(Default)]
pub(crate) struct Told {
    sessions: Numbered<SessionId>,
    people: Numbered<PersonId>,
    /// Facilitators: the last SEQUENCE that reached them.
    invited: HashMap<About, u32>,
    /// Managers who know that it was arranged.
    scheduled: HashSet<About>,
    /// Reminders of either kind, by the moment they were for.
    timed: HashSet<(LetterKind, About, DateTime<Utc>)>,
}

/// A session and a person, by the numbers they have here.
type About = (u32, u32);

impl Told {
    /// Takes in that a letter was sent.
    pub fn note(&mut self, letter: &Letter, sent: &LetterSent) {
        let (Some(session), (_, kind, to)) = (letter.session, letter.id) else {
            return;
        };
        let about = (self.sessions.number(session), self.people.number(to));
        match kind {
            LetterKind::Assigned | LetterKind::Moved | LetterKind::Released => {
                let carried = sent.sequence.unwrap_or(letter.change);
                let told = self.invited.entry(about).or_default();
                *told = carried.max(*told);
            }
            LetterKind::Scheduled => {
                self.scheduled.insert(about);
            }
            LetterKind::Reminder | LetterKind::RecordOverdue => {
                self.timed.insert((kind, about, letter.owed_at));
            }
            _ => {}
        }
    }

    /// Is a letter about a session still right? The newest data stand in each, so what an earlier
    /// letter already carried is not said twice.
    pub fn still_right(&self, letter: &Letter, session: &Session, now: DateTime<Utc>) -> bool {
        let (_, kind, to) = letter.id;
        let numbers = self
            .sessions
            .known(&session.id())
            .zip(self.people.known(&to));
        let told = numbers.and_then(|about| self.invited.get(&about));
        let news = told.is_none_or(|told| *told < letter.change);
        let holds = session.is_open() && session.arranged.facilitators.contains(&to);
        let again =
            numbers.is_some_and(|about| self.timed.contains(&(kind, about, letter.owed_at)));
        match kind {
            LetterKind::Assigned | LetterKind::Moved => holds && news,
            // Whoever never heard of it need not hear that it is off.
            LetterKind::Released => !holds && told.is_some() && news,
            LetterKind::Cancelled => numbers.is_some_and(|about| self.scheduled.contains(&about)),
            LetterKind::Reminder => {
                holds
                    && now < session.arranged.starts_at
                    && reminder_at(&session.arranged) == Some(letter.owed_at)
                    && !again
            }
            LetterKind::RecordOverdue => {
                holds && record_due(&session.arranged) == Some(letter.owed_at) && !again
            }
            _ => true,
        }
    }
}

/// Of several letters that would say the same to the same person, the first goes.
pub(crate) fn same_news(letter: &Letter) -> Option<(LetterKind, SessionId, PersonId)> {
    let (_, kind, to) = letter.id;
    let kind = match kind {
        LetterKind::Assigned | LetterKind::Moved => LetterKind::Assigned,
        LetterKind::Released | LetterKind::Reminder | LetterKind::RecordOverdue => kind,
        _ => return None,
    };
    letter.session.map(|session| (kind, session, to))
}

/// Does it carry a calendar part?
pub fn has_calendar_part(kind: LetterKind) -> bool {
    matches!(
        kind,
        LetterKind::Assigned | LetterKind::Moved | LetterKind::Released
    )
}

#[cfg(test)]
mod tests {
    use pipss_domain::history::Who;
    use pipss_domain::ids::{CaseId, CommandId, OrganisationId};
    use pipss_domain::stream::{LogId, Stream};
    use uuid::Uuid;

    use super::*;
    use crate::Views;

    /// A committed shape of a fact: its kind and its data.
    type Golden = (&'static str, &'static str);
    const PERSON: Golden = (
        "PersonRecorded",
        include_str!("../../domain/tests/golden/PersonRecorded.1.json"),
    );
    const RAISED: Golden = (
        "ReferralRaised",
        include_str!("../../domain/tests/golden/ReferralRaised.1.json"),
    );
    const PLANNED: Golden = (
        "OfferPlanned",
        include_str!("../../domain/tests/golden/OfferPlanned.1.json"),
    );
    const LEADING: Golden = (
        "SessionArranged",
        include_str!("../../domain/tests/golden/SessionArranged.1.leading.json"),
    );
    const JOINED: Golden = (
        "SessionArranged",
        include_str!("../../domain/tests/golden/SessionArranged.1.joined.json"),
    );
    const MOVED: Golden = (
        "SessionMoved",
        include_str!("../../domain/tests/golden/SessionMoved.1.json"),
    );
    const CANCELLED: Golden = (
        "SessionCancelled",
        include_str!("../../domain/tests/golden/SessionCancelled.1.json"),
    );

    fn id(last: u128) -> Uuid {
        Uuid::from_u128(0x0b6e_7f1c_3d52_4a8e_9c41_0000_0000_0000 + last)
    }

    fn told(views: &mut Views, stream: Stream, (kind, data): Golden) {
        let position = views.letters.iter().count() as u64 + 1;
        let now = "2026-02-20T10:00:00Z".parse().unwrap();
        views.evolve(&Fact {
            log: LogId::main(OrganisationId::new(id(0xf0))),
            position,
            stream,
            version: 1,
            command: CommandId::new(Uuid::new_v5(&id(1), format!("{stream}/{kind}").as_bytes())),
            number: 0,
            occurred_at: now,
            recorded_at: now,
            who: Who::Operator,
            policy: 1,
            event: Event::from_stored(kind, 1, data).unwrap(),
        });
    }

    #[test]
    fn facilitators_hear_of_a_joint_session_from_the_case_that_leads_it_and_from_no_other() {
        let mut views = Views::default();
        let (leading, joined) = (CaseId::new(id(0x50)), CaseId::new(id(0x22)));
        let facilitator = PersonId::new(id(8));
        told(&mut views, Stream::Person(facilitator), PERSON);
        for (case, arranged) in [(leading, LEADING), (joined, JOINED)] {
            for fact in [RAISED, PLANNED, arranged, MOVED, CANCELLED] {
                told(&mut views, Stream::Case(case), fact);
            }
        }
        assert_eq!(views.cases.get(joined).unwrap().sessions().count(), 1);
        let kinds = |case| {
            let letters = views.letters.iter();
            let own = letters.filter(move |l| l.id.2 == facilitator && l.case() == Some(case));
            own.map(|letter| letter.id.1).collect::<Vec<_>>()
        };
        assert!(kinds(leading).contains(&LetterKind::Assigned));
        assert!(kinds(leading).contains(&LetterKind::Released));
        assert_eq!(kinds(joined), []);
    }
}
