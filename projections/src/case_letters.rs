//! Which letters a case's facts call for, and which are still right when they are about to leave.

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::Case;
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{Ask, Urgency};
use pipss_domain::follow_up::{self, FollowUpState};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{PersonId, SessionId};
use pipss_domain::letter::LetterKind;
use pipss_domain::working_time::goes_home_at;

use crate::cases::waits_for_anyone;
use crate::clock_letters::may_hear;
use crate::letters::Letter;
use crate::session_letters::{self, Called};

/// The letters that a fact of a case calls for.
pub(crate) fn called_for(fact: &Fact, case: &Case, directory: &Directory) -> Vec<Called> {
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
                // Whoever is on duty is told as such, once.
                let told: Vec<_> = on_duty(fact, directory)
                    .into_iter()
                    .filter(|called| called.from == Some(fact.recorded_at))
                    .map(|called| called.to)
                    .collect();
                let others = leads
                    .into_iter()
                    .filter(|lead| Who::Person(*lead) != fact.who && !told.contains(lead));
                letters.extend(others.map(|lead| (LetterKind::Urgent, lead, None)));
            }
        }
        Event::SessionArranged(arranged) => {
            let session = Some(arranged.session);
            // One invitation each, whatever the number of teams it is held for.
            let led_here = arranged.led_in.is_none();
            let facilitators = arranged.facilitators.iter().filter(|_| led_here);
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
    letters.extend(on_duty(fact, directory));
    // Whoever may not know of the case is owed nothing about it.
    letters.retain(|called| !directory.barred(called.to, case));
    letters
}

/// What cannot wait goes to the duty contacts at once when nobody is at work, else when people go home
/// and nobody has triaged it by then. Whoever raised it knows.
fn on_duty(fact: &Fact, directory: &Directory) -> Vec<Called> {
    let Event::ReferralRaised(raised) = &fact.event else {
        return Vec::new();
    };
    if raised.suggested != Urgency::U1 {
        return Vec::new();
    }
    let mut holders = directory.holders(Role::DutyContact, day_in_london(fact.recorded_at));
    holders.retain(|to| Who::Person(*to) != fact.who);
    let call = |to| Called {
        from: Some(goes_home_at(fact.recorded_at).unwrap_or(fact.recorded_at)),
        ..Called::now((LetterKind::OnDuty, to, None))
    };
    holders.into_iter().map(call).collect()
}

/// Is a letter about a case still right? A manager may have left, a session been recorded, since. What
/// people were told about a session meanwhile, session_letters.rs knows.
pub(crate) fn still_right(
    letter: &Letter,
    case: &Case,
    directory: &Directory,
    now: DateTime<Utc>,
) -> bool {
    let (_, kind, to) = letter.id;
    if !may_hear(case, to, directory, now) {
        return false;
    }
    let open = |session: SessionId| {
        case.session(session)
            .is_some_and(|(_, session)| session.outcome.is_none())
    };
    match kind {
        LetterKind::Received => true,
        // Nothing of a case is told so.
        LetterKind::News | LetterKind::Danger | LetterKind::Emergency => false,
        LetterKind::OnDuty => {
            waits_for_anyone(case) && directory.holds(to, Role::DutyContact, day_in_london(now))
        }
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
            letter.session.is_some_and(open) && directory.manages(to, case.team())
        }
        LetterKind::FollowUpDue => follow_up::of_case(case).iter().any(|follow_up| {
            follow_up.asks(Who::Person(to))
                && follow_up.state(case, directory, now) == FollowUpState::Due
        }),
        // These are worked out anew at every look.
        LetterKind::DueSoon
        | LetterKind::Overdue
        | LetterKind::Undelivered
        | LetterKind::Waiting
        | LetterKind::Digest => true,
        LetterKind::Closed => case.closed.is_some() && directory.manages(to, case.team()),
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
