//! Which cases to look at: sets beside the cases, so that a window never looks through all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{DateTime, Utc};
use pipss_domain::case::{Case, SessionOutcome, Stage};
use pipss_domain::facts::Urgency;
use pipss_domain::follow_up;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, PersonId, UnitId};

/// The order of lists: the newest first; those raised at one instant by their ids.
pub(crate) type Newest = (Reverse<DateTime<Utc>>, CaseId);

/// Where an open case stands in the queue: how urgent it is, whether it was triaged, when it was raised.
/// The most urgent first, then those nobody triaged, then the longest waiting.
pub(crate) type Place = (Urgency, bool, DateTime<Utc>);

/// How many wait, by whether they were triaged and how urgent they are.
pub type Counts = BTreeMap<(bool, Urgency), usize>;

/// One fewer at a place of the queue.
pub(crate) fn one_fewer(counts: &mut Counts, (urgency, triaged, _): Place) {
    let key = (triaged, urgency);
    match counts.get_mut(&key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(&key)),
    }
}

/// When the earliest and the latest of what was recorded of a case happened.
pub type Happened = (DateTime<Utc>, DateTime<Utc>);

/// Sets of cases: part of the same fold as the cases, never stored. Those that say *ever* hold more than
/// is so now; whoever uses them looks at the case itself.
#[derive(Clone, Default)]
pub(crate) struct Sets {
    /// Neither closed nor merged.
    pub open: BTreeMap<CaseId, Place>,
    /// The same in the order of the queue.
    pub queue: BTreeSet<(Place, CaseId)>,
    /// How many of them there are; nothing stands for none.
    pub counts: Counts,
    /// With a session of which nothing came yet.
    pub unrecorded: BTreeSet<CaseId>,
    /// With a follow-up without an answer, and when that is due.
    pub unanswered: BTreeSet<(DateTime<Utc>, CaseId)>,
    pub of_team: HashMap<UnitId, Vec<CaseId>>,
    pub newest: BTreeSet<Newest>,
    pub raised_by: HashMap<Who, Vec<CaseId>>,
    pub ever_assigned: HashMap<PersonId, BTreeSet<CaseId>>,
    pub ever_linked: BTreeSet<CaseId>,
    /// By when a session was held, as a record of it ever said.
    ever_held: BTreeSet<(DateTime<Utc>, CaseId)>,
    /// By when a session begins, as it was ever arranged.
    ever_arranged: BTreeSet<(DateTime<Utc>, CaseId)>,
    happened: HashMap<CaseId, Happened>,
    due: HashMap<CaseId, Vec<DateTime<Utc>>>,
}

impl Sets {
    /// A case that was not there before.
    pub fn add(&mut self, case: &Case) {
        let id = case.case;
        self.of_team.entry(case.team()).or_default().push(id);
        self.newest.insert((Reverse(case.raised_at), id));
        self.raised_by.entry(case.raised_by).or_default().push(id);
        self.keep_place(case);
    }

    /// A case in which something happened.
    pub fn keep(&mut self, case: &Case, event: &Event) {
        self.keep_place(case);
        self.keep_due(case);
        if !case.aftercare.links.is_empty() {
            self.ever_linked.insert(case.case);
        }
        if is_of_a_session(event) {
            self.keep_sessions(case);
        }
    }

    fn keep_place(&mut self, case: &Case) {
        let id = case.case;
        let stage = case.stage();
        let open = !matches!(stage, Stage::Closed | Stage::Merged);
        let place = (case.urgency(), stage != Stage::Raised, case.raised_at);
        let place = Some(place).filter(|_| open);
        let before = match place {
            Some(place) => self.open.insert(id, place),
            None => self.open.remove(&id),
        };
        if before != place {
            if let Some(before) = before {
                self.queue.remove(&(before, id));
                one_fewer(&mut self.counts, before);
            }
            if let Some(place) = place {
                self.queue.insert((place, id));
                *self.counts.entry((place.1, place.0)).or_default() += 1;
            }
        }
    }

    fn keep_sessions(&mut self, case: &Case) {
        let id = case.case;
        let unrecorded = case.sessions().any(|(_, session)| session.is_open());
        put(&mut self.unrecorded, id, unrecorded);
        for (_, session) in case.sessions() {
            self.ever_arranged.insert((session.arranged.starts_at, id));
            for person in &session.arranged.facilitators {
                self.ever_assigned.entry(*person).or_default().insert(id);
            }
            if let Some(SessionOutcome::Held { record, .. }) = &session.outcome {
                self.ever_held.insert((record.started_at, id));
            }
        }
    }

    fn keep_due(&mut self, case: &Case) {
        let id = case.case;
        let follow_ups = follow_up::of_case(case).into_iter();
        let unanswered = follow_ups.filter(|follow_up| follow_up.answered.is_none());
        let due: Vec<_> = unanswered.map(|follow_up| follow_up.due).collect();
        let before = self.due.get(&id).map_or(&[][..], Vec::as_slice);
        if before == due {
            return;
        }
        for at in before {
            self.unanswered.remove(&(*at, id));
        }
        self.unanswered.extend(due.iter().map(|at| (*at, id)));
        if due.is_empty() {
            self.due.remove(&id);
        } else {
            self.due.insert(id, due);
        }
    }

    /// Notes when what was just recorded of a case happened.
    pub fn note(&mut self, case: CaseId, fact: &Fact) {
        let at = fact.occurred_at;
        let (first, last) = self.happened.entry(case).or_insert((at, at));
        (*first, *last) = (at.min(*first), at.max(*last));
    }

    pub fn happened(&self, case: CaseId) -> Option<Happened> {
        self.happened.get(&case).copied()
    }

    /// Those of which a session may have been held within a span of time.
    pub fn held_in(&self, span: &Range<DateTime<Utc>>) -> BTreeSet<CaseId> {
        within(&self.ever_held, span)
    }

    /// Those of which a session may begin within a span of time.
    pub fn arranged_in(&self, span: &Range<DateTime<Utc>>) -> BTreeSet<CaseId> {
        within(&self.ever_arranged, span)
    }
}

/// Can what a case's sessions are change by this?
fn is_of_a_session(event: &Event) -> bool {
    matches!(
        event,
        Event::SessionArranged(_)
            | Event::SessionMoved(_)
            | Event::SessionHandedOver(_)
            | Event::SessionCancelled(_)
            | Event::SessionNotHeld(_)
            | Event::SessionRecorded(_)
    )
}

fn within(
    set: &BTreeSet<(DateTime<Utc>, CaseId)>,
    span: &Range<DateTime<Utc>>,
) -> BTreeSet<CaseId> {
    let first = |at| (at, CaseId::new(uuid::Uuid::nil()));
    let found = set.range(first(span.start)..first(span.end));
    found.map(|(_, id)| *id).collect()
}

/// A set with or without a case.
fn put(set: &mut BTreeSet<CaseId>, case: CaseId, within: bool) {
    if within {
        set.insert(case);
    } else {
        set.remove(&case);
    }
}
