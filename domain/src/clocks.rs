//! The clocks of a case, K1 to K7: from when, until when, and the working of every due time.
//!
//! Being due is computed from the facts and the time, never stored (product: "Clocks"). Elapsed time
//! never pauses. Nothing here looks at one-to-one support.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::case::{Case, Session, SessionOutcome};
use crate::facts::{Ask, Incident, Milestone, Urgency};
use crate::follow_up;
use crate::offer::{Audience, OfferKind};
use crate::working_time::{DAY_MINUTES, Stretch, stretches};

/// Which clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub enum ClockCode {
    /// Incident to referral; measured, no target.
    K1,
    /// Referral to a person's reply: 4 working hours; for U1, 4 elapsed hours.
    K2,
    /// Referral to triage: 2 working days; for U1, 4 elapsed hours.
    K3,
    /// Referral to the first group or manager contact, by urgency; never a one-to-one.
    K4,
    /// Incident to a PETR debrief held, within its window.
    K5,
    /// Referral to closing; measured, no target.
    K6,
    /// The four-week follow-up: answered within 5 working days of being due.
    K7,
}

impl ClockCode {
    /// What it measures, in plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::K1 => "From the incident to the request",
            Self::K2 => "A person's reply",
            Self::K3 => "Triage",
            Self::K4 => "First contact with the team",
            Self::K5 => "PETR debrief",
            Self::K6 => "From the request to closing",
            Self::K7 => "Four-week follow-up",
        }
    }
}

/// How a due time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// In working time.
    Working,
    /// In elapsed time.
    Elapsed,
}

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It has not stopped and is not due soon.
    Running,
    /// Less than a quarter of its time is left.
    DueSoon,
    /// Its time is over.
    Overdue,
    /// It stopped in time, or has no target.
    Met,
    /// It stopped late.
    MetLate,
    /// What should stop it came before the referral.
    Before,
    /// It does not run: nothing dated, or nothing of the kind is planned.
    Excluded,
}

impl ClockState {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::DueSoon => "due soon",
            Self::Overdue => "overdue",
            Self::Met => "in time",
            Self::MetLate => "late",
            Self::Before => "before the request",
            Self::Excluded => "does not run",
        }
    }
}

/// A part of the working: from, to and minutes. The parts of a clock add up to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// Its start.
    #[serde(serialize_with = "crate::instant::instant")]
    pub from: DateTime<Utc>,
    /// Its end.
    #[serde(serialize_with = "crate::instant::instant")]
    pub to: DateTime<Utc>,
    /// Its length.
    pub minutes: i64,
}

/// One clock of one case at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Clock {
    /// Which.
    pub code: ClockCode,
    /// Where it stands.
    pub state: ClockState,
    /// From when it runs.
    #[serde(serialize_with = "crate::instant::maybe")]
    pub from: Option<DateTime<Utc>>,
    /// When it stopped.
    #[serde(serialize_with = "crate::instant::maybe")]
    pub stopped: Option<DateTime<Utc>>,
    /// When it is due.
    #[serde(serialize_with = "crate::instant::maybe")]
    pub due: Option<DateTime<Utc>>,
    /// How its target is counted.
    pub counted: Option<Counted>,
    /// Its target in minutes.
    pub target_minutes: Option<i64>,
    /// The working of the due time.
    pub working: Vec<Part>,
}

/// Every clock, in order.
const ALL: [ClockCode; 7] = [
    ClockCode::K1,
    ClockCode::K2,
    ClockCode::K3,
    ClockCode::K4,
    ClockCode::K5,
    ClockCode::K6,
    ClockCode::K7,
];

/// Every clock of a case, in order.
pub fn of_case(case: &Case, now: DateTime<Utc>) -> Vec<Clock> {
    ALL.map(|code| one(case, code, now)).into()
}

/// One clock of a case.
pub fn one(case: &Case, code: ClockCode, now: DateTime<Utc>) -> Clock {
    let raised = Some(case.raised_at);
    let urgent = case.urgency() == Urgency::U1;
    let at_once_or = |minutes| {
        Some(if urgent {
            elapsed(Duration::hours(4))
        } else {
            working(minutes)
        })
    };
    let first = Some(contact(case.urgency()));
    match code {
        ClockCode::K1 => clock(code, incident(case), raised, None, now),
        ClockCode::K2 => clock(code, raised, case.acknowledged_at, at_once_or(240), now),
        ClockCode::K3 => {
            let two_days = at_once_or(2 * DAY_MINUTES);
            clock(code, raised, case.triaged_at, two_days, now)
        }
        ClockCode::K4 => clock(code, raised, first_contact(case), first, now),
        ClockCode::K5 => petr(case, now),
        ClockCode::K6 => clock(code, raised, case.closed_at(), None, now),
        ClockCode::K7 => four_weeks(case, now),
    }
}

/// A target: how it is counted and how many minutes.
type Target = (Counted, i64);

fn elapsed(time: Duration) -> Target {
    (Counted::Elapsed, time.num_minutes())
}

const fn working(minutes: i64) -> Target {
    (Counted::Working, minutes)
}

/// Targets of the first contact, policy version 1: the trust may set its own later.
fn contact(urgency: Urgency) -> Target {
    match urgency {
        Urgency::U1 => elapsed(Duration::hours(24)),
        Urgency::U2 => working(2 * DAY_MINUTES),
        Urgency::U3 => working(5 * DAY_MINUTES),
        Urgency::U4 => working(10 * DAY_MINUTES),
    }
}

/// The latest dated incident, from when it became known if that was later.
pub(crate) fn incident(case: &Case) -> Option<DateTime<Utc>> {
    latest_incident(case).and_then(from)
}

/// The incident from which the clocks of a case run.
pub fn latest_incident(case: &Case) -> Option<&Incident> {
    let dated = case.request.incidents.iter();
    dated.filter(|i| from(i).is_some()).max_by_key(|i| from(i))
}

fn from(incident: &Incident) -> Option<DateTime<Utc>> {
    let at = incident.occurred.latest()?;
    Some(incident.known_at.map_or(at, |known| known.max(at)))
}

fn first_contact(case: &Case) -> Option<DateTime<Utc>> {
    let scoped = case.scopings.iter().map(|scoping| scoping.held_at);
    let held = case
        .sessions()
        .filter_map(|(offer, session)| match &session.outcome {
            Some(SessionOutcome::Held { record, .. })
                if offer.row().audience != Audience::Individual =>
            {
                Some(record.started_at)
            }
            _ => None,
        });
    // A defusion before the referral has a band of its own: `before`.
    let defused = case.aftercare.defusions.iter().map(|d| d.held_at);
    scoped.chain(held).chain(defused).min()
}

fn petr(case: &Case, now: DateTime<Utc>) -> Clock {
    let wanted = case.offers.iter().any(|offer| of_kind(offer.planned.kind))
        || (case.offers.is_empty() && case.request.asked_for.iter().copied().any(of_kind));
    let window = OfferKind::PetrDebrief.row().window;
    let target = window.map(|window| elapsed(window.to));
    let from = incident(case).filter(|_| wanted);
    let held = petr_held(case).map(|(_, at)| at);
    clock(ClockCode::K5, from, held, target, now)
}

fn of_kind(kind: OfferKind) -> bool {
    kind == OfferKind::PetrDebrief
}

/// The first PETR debrief that was held, and when.
pub fn petr_held(case: &Case) -> Option<(&Session, DateTime<Utc>)> {
    let held = case
        .sessions()
        .filter_map(|(offer, session)| match &session.outcome {
            Some(SessionOutcome::Held { record, .. }) if of_kind(offer.planned.kind) => {
                Some((session, record.started_at))
            }
            _ => None,
        });
    held.min_by_key(|(_, at)| *at)
}

/// Target of the answer, policy version 1. Where the lead decided to ask nobody it does not run.
fn four_weeks(case: &Case, now: DateTime<Utc>) -> Clock {
    let asked = follow_up::find(case, Milestone::FourWeeks).filter(|follow_up| {
        let ask = follow_up.confirmed.map(|confirmed| confirmed.ask);
        !matches!(ask, Some(Ask::Nobody(_)))
    });
    let answered = asked.as_ref().and_then(|follow_up| follow_up.answered);
    clock(
        ClockCode::K7,
        asked.as_ref().map(|follow_up| follow_up.due),
        answered.map(|(_, at)| *at),
        Some(working(5 * DAY_MINUTES)),
        now,
    )
}

fn clock(
    code: ClockCode,
    from: Option<DateTime<Utc>>,
    stopped: Option<DateTime<Utc>>,
    target: Option<Target>,
    now: DateTime<Utc>,
) -> Clock {
    let working = match (from, target) {
        (Some(from), Some(target)) => parts(from, target),
        _ => Vec::new(),
    };
    let due = working.last().map(|part| part.to);
    Clock {
        code,
        state: state(from, stopped, due, now),
        from,
        stopped,
        due,
        counted: target.map(|(counted, _)| counted),
        target_minutes: target.map(|(_, minutes)| minutes),
        working,
    }
}

fn parts(from: DateTime<Utc>, (counted, minutes): Target) -> Vec<Part> {
    let part = |stretch: Stretch| Part {
        from: stretch.from,
        to: stretch.to,
        minutes: stretch.minutes(),
    };
    match counted {
        Counted::Working => stretches(from, minutes).into_iter().map(part).collect(),
        Counted::Elapsed => vec![Part {
            from,
            to: from + Duration::minutes(minutes),
            minutes,
        }],
    }
}

fn state(
    from: Option<DateTime<Utc>>,
    stopped: Option<DateTime<Utc>>,
    due: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> ClockState {
    let Some(from) = from else {
        return ClockState::Excluded;
    };
    match (stopped, due) {
        (Some(stopped), _) if stopped < from => ClockState::Before,
        (Some(stopped), Some(due)) if stopped > due => ClockState::MetLate,
        (Some(_), _) => ClockState::Met,
        (None, Some(due)) if now > due => ClockState::Overdue,
        (None, Some(due)) if (due - now) * 4 < due - from => ClockState::DueSoon,
        (None, _) => ClockState::Running,
    }
}
