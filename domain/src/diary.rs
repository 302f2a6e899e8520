//! When facilitators are taken, so that nobody is booked twice.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::directory_facts::LeavePlanned;
use crate::facts::{AppointmentBooked, SessionBooked};
use crate::history::{Event, Fact};
use crate::ids::{OneToOneId, PersonId, SessionId};
use crate::stream::Stream;

/// A facilitator's bound counts the sessions within so long (product: "over load").
const LOAD_WINDOW: Duration = Duration::days(28);

/// Every facilitator's bookings and leave: a fold of the `diary/` streams.
#[derive(Clone, Default)]
pub struct Diaries {
    booked: HashMap<PersonId, Vec<SessionBooked>>,
    leave: HashMap<PersonId, Vec<LeavePlanned>>,
    appointments: HashMap<PersonId, Vec<AppointmentBooked>>,
}

impl Diaries {
    /// Takes in one fact; facts that are not about a diary leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Diary(person) = fact.stream else {
            return;
        };
        let diary = self.booked.entry(person).or_default();
        let leave = self.leave.entry(person).or_default();
        match &fact.event {
            Event::SessionBooked(booked) => diary.push(booked.clone()),
            Event::SessionReleased(released) => {
                diary.retain(|booked| booked.session != released.session);
            }
            Event::AppointmentBooked(booked) => {
                self.appointments.entry(person).or_default().push(*booked);
            }
            Event::AppointmentReleased(released) => {
                let appointments = self.appointments.entry(person).or_default();
                appointments.retain(|booked| {
                    booked.one_to_one != released.one_to_one || booked.starts_at <= fact.recorded_at
                });
            }
            Event::LeavePlanned(planned) => leave.push(*planned),
            Event::LeaveCancelled(cancelled) => {
                leave.retain(|planned| planned.from != cancelled.from);
            }
            _ => {}
        }
    }

    /// What is booked for a facilitator, in the order of booking.
    pub fn of(&self, person: PersonId) -> &[SessionBooked] {
        self.booked.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The leave of a facilitator, in the order of planning.
    pub fn leave_of(&self, person: PersonId) -> &[LeavePlanned] {
        self.leave.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Is this facilitator away on that day?
    pub fn away(&self, person: PersonId, day: NaiveDate) -> bool {
        let mut leave = self.leave_of(person).iter();
        leave.any(|leave| (leave.from..=leave.to).contains(&day))
    }

    /// The most sessions within any 28 days that contain an instant, one more then counted.
    pub fn load(&self, person: PersonId, at: DateTime<Utc>, but: Option<SessionId>) -> usize {
        let others = self.of(person).iter();
        let mut starts: Vec<_> = others
            .filter(|booked| Some(booked.session) != but)
            .map(|booked| booked.starts_at)
            .filter(|start| (*start - at).abs() < LOAD_WINDOW)
            .collect();
        starts.push(at);
        let from_each = starts.iter().filter(|from| **from <= at).map(|from| {
            let within = |start: &&DateTime<Utc>| (*from..*from + LOAD_WINDOW).contains(start);
            starts.iter().filter(within).count()
        });
        from_each.max().unwrap_or(0)
    }

    /// Adds a booking that is only being considered.
    pub fn consider(&mut self, person: PersonId, booked: SessionBooked) {
        self.booked.entry(person).or_default().push(booked);
    }

    /// What is booked for a one-to-one, the last if there was more than one.
    pub fn appointment(
        &self,
        person: PersonId,
        one_to_one: OneToOneId,
    ) -> Option<AppointmentBooked> {
        let mut all = self.appointments.get(&person)?.iter().rev();
        all.find(|booked| booked.one_to_one == one_to_one).copied()
    }

    /// Is this facilitator taken at any minute of that time?
    pub fn taken(
        &self,
        person: PersonId,
        starts_at: DateTime<Utc>,
        minutes: u16,
        but: Option<SessionId>,
    ) -> bool {
        self.in_session(person, starts_at, minutes, but)
            || self.in_appointment(person, starts_at, minutes, None)
    }

    /// Is this facilitator taken at any minute of that time by another appointment?
    pub fn in_appointment(
        &self,
        person: PersonId,
        starts_at: DateTime<Utc>,
        minutes: u16,
        but: Option<OneToOneId>,
    ) -> bool {
        let ends_at = starts_at + Duration::minutes(minutes.into());
        let appointments = self.appointments.get(&person).into_iter().flatten();
        appointments
            .filter(|booked| Some(booked.one_to_one) != but)
            .any(|booked| {
                let until = booked.starts_at + Duration::minutes(booked.minutes.into());
                booked.starts_at < ends_at && starts_at < until
            })
    }

    /// Is this facilitator taken at any minute of that time by another session?
    pub fn in_session(
        &self,
        person: PersonId,
        starts_at: DateTime<Utc>,
        minutes: u16,
        but: Option<SessionId>,
    ) -> bool {
        let ends_at = starts_at + Duration::minutes(minutes.into());
        self.of(person)
            .iter()
            .filter(|booked| Some(booked.session) != but)
            .any(|booked| {
                let until = booked.starts_at + Duration::minutes(booked.minutes.into());
                booked.starts_at < ends_at && starts_at < until
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_booking_takes_every_minute_from_its_start_up_to_its_end() {
        let (given, ..) = Given::a_session();
        let taken = |minutes, length| {
            let starts_at = day(5) + Duration::minutes(minutes);
            given.diaries.taken(ASH, starts_at, length, None)
        };
        assert!(taken(0, 75) && taken(-30, 200) && taken(30, 5));
        assert!(taken(-10, 11) && taken(74, 10));
        assert!(!taken(-10, 10) && !taken(75, 10));
    }

    #[test]
    fn a_booking_takes_nobody_else() {
        let (given, ..) = Given::a_session();
        assert!(!given.diaries.taken(OTHER_MANAGER, day(5), 75, None));
        assert!(given.diaries.of(OTHER_MANAGER).is_empty());
    }

    #[test]
    fn a_session_is_not_in_its_own_way() {
        let (given, ..) = Given::a_session();
        let session = given.diaries.of(KIM)[0].session;
        assert!(!given.diaries.taken(KIM, day(5), 75, Some(session)));
    }
}
