//! Moving or cancelling a session that was arranged.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::arrange::{Override, check_facilitators, check_link, check_time, check_usual};
use crate::case::{Case, Offer, Session};
use crate::facts::{
    CancelReason, DepartureReason, SessionBooked, SessionCancelled, SessionMoved, SessionReleased,
};
use crate::history::Event;
use crate::ids::{PersonId, SessionId};
use crate::joint;
use crate::pathway::{
    CaseCommand, Context, Decision, Happened, booked_at_that_time, must_be_open, out_of_step,
};
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::suitable::Asked;
use crate::text::{Line, Moment};

/// Moves a session to another time, and to another place where one is given.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveSession {
    /// Which.
    pub session: SessionId,
    /// The new start, in the future.
    pub starts_at: Moment,
    /// The new length in minutes (10 to 480); as before if absent.
    #[serde(default)]
    pub minutes: Option<u16>,
    /// The new site, never the ward; as before if absent.
    #[serde(default)]
    pub site: Option<Line<120>>,
    /// The new link (`https://…`); as before if absent.
    #[serde(default)]
    pub link: Option<Line<300>>,
    /// Why the new time departs from what is usual; not asked again where it was said before.
    #[serde(default)]
    pub departs_because: Option<DepartureReason>,
    /// Facilitators who are asked although something new speaks against it.
    #[serde(default)]
    pub overrides: Vec<Override>,
}

impl CaseCommand for MoveSession {
    const ACT: Act = Act::MoveSession;
    const NAME: &'static str = "move-session";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let (offer, session) = known_session(case, self.session)?;
        let joined = joint::of_session(session, context);
        let asked = Asked {
            case,
            joined: &joined,
            row: offer.row(),
            starts_at: self.starts_at.0,
            minutes: self.minutes.unwrap_or(session.arranged.minutes),
            session: Some(self.session),
        };
        let mut faults = Faults::default();
        check_time(&asked, context, &mut faults);
        check_link(self.link.as_ref(), &mut faults);
        if self.departs_because.is_none() && session.arranged.departs_because.is_none() {
            check_usual(&asked, &mut faults);
        }
        let facilitators = session.arranged.facilitators.clone();
        let settled = |person| session.settled(person);
        let checked = check_facilitators(
            &asked,
            &facilitators,
            &settled,
            &self.overrides,
            context,
            faults,
        )?;
        must_be_open(case)?;
        must_be_to_come(case, session)?;
        if !checked.booked.is_empty() {
            return Err(booked_at_that_time(case, checked.booked));
        }
        let booked = SessionBooked {
            session: self.session,
            case: case.case,
            starts_at: asked.starts_at,
            minutes: asked.minutes,
        };
        let moved = Event::SessionMoved(SessionMoved {
            session: self.session,
            starts_at: asked.starts_at,
            minutes: asked.minutes,
            site: self.site.map(Into::into),
            link: self.link.map(Into::into),
            departs_because: self.departs_because,
            overrides: checked.overridden,
        });
        let mut happened = vec![Happened::to_case(case.case, context.now, moved)];
        for person in facilitators {
            happened.push(released(person, self.session, context));
            happened.push(in_diary(
                person,
                Event::SessionBooked(booked.clone()),
                context,
            ));
        }
        Ok(happened)
    }
}

/// Calls off a session before it begins. Everyone who was booked is free again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSession {
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: CancelReason,
}

impl CaseCommand for CancelSession {
    const ACT: Act = Act::CancelSession;
    const NAME: &'static str = "cancel-session";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let (_, session) = known_session(case, self.session)?;
        must_be_open(case)?;
        must_be_to_come(case, session)?;
        if session.arranged.starts_at <= context.now {
            let sentence = "This session has already begun. Record that it was held or not held.";
            return Err(out_of_step(case, "session_begun", sentence));
        }
        let cancelled = Event::SessionCancelled(SessionCancelled {
            session: self.session,
            reason: self.reason,
        });
        let mut happened = vec![Happened::to_case(case.case, context.now, cancelled)];
        let facilitators = session.arranged.facilitators.iter();
        happened.extend(facilitators.map(|person| released(*person, self.session, context)));
        Ok(happened)
    }
}

/// A session of the case with its offer.
pub(crate) fn known_session(case: &Case, id: SessionId) -> Result<(&Offer, &Session), Refusal> {
    let found = case.session(id);
    found.ok_or_else(|| Refusal::invalid("/session", "Choose a session of this case."))
}

/// Refuses what was held, not held or cancelled.
pub(crate) fn must_be_to_come(case: &Case, session: &Session) -> Result<(), Refusal> {
    if session.is_open() {
        return Ok(());
    }
    let sentence = "What came of this session is already recorded. Arrange another.";
    Err(out_of_step(case, "session_recorded", sentence))
}

pub(crate) fn in_diary(person: PersonId, event: Event, context: &Context<'_>) -> Happened {
    Happened {
        stream: Stream::Diary(person),
        occurred_at: context.now,
        event,
    }
}

pub(crate) fn released(person: PersonId, session: SessionId, context: &Context<'_>) -> Happened {
    let event = Event::SessionReleased(SessionReleased { session });
    in_diary(person, event, context)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use serde_json::json;

    use super::*;
    use crate::arrange::ArrangeSession;
    use crate::given::sessions::{LEAD, ONE, OTHER, UNKNOWN, World, pointers};

    fn arranged(world: &mut World, days: i64, who: &[PersonId]) -> SessionId {
        let body = world.session(days, who);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        world.last()
    }

    #[test]
    fn a_session_moved_by_an_hour_does_not_stand_in_its_own_way() {
        let mut world = World::new();
        let session = arranged(&mut world, 9, &[ONE, OTHER]);
        let at = world.now + Duration::days(9) + Duration::minutes(30);
        let body = json!({ "session": session, "starts_at": at });
        world.when::<MoveSession>(LEAD, body).unwrap();
        assert_eq!(world.diaries.of(ONE).len(), 1);
        assert_eq!(world.diaries.of(ONE)[0].starts_at, at);
        let (_, moved) = world.case().session(session).unwrap();
        assert_eq!((moved.arranged.starts_at, moved.changes), (at, 1));
        assert!(moved.arranged.site.is_some());
    }

    #[test]
    fn what_was_overridden_once_is_not_asked_again_but_what_is_new_is() {
        let mut world = World::new();
        let mut body = world.session(9, &[UNKNOWN]);
        body["overrides"] = json!([{ "facilitator": UNKNOWN, "reason": "Trained last week." }]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        let session = world.last();
        let to = |world: &World, days| json!({ "session": session, "starts_at": world.now + Duration::days(days) });
        let next = to(&world, 10);
        world.when::<MoveSession>(LEAD, next).unwrap();
        let leave = json!({ "from": "2026-06-12", "to": "2026-06-12" });
        world.given(Stream::Diary(UNKNOWN), "LeavePlanned", leave);
        let on_leave = to(&world, 11);
        let refused = world.when::<MoveSession>(LEAD, on_leave);
        assert_eq!(pointers(&refused), ["/facilitators/0"]);
    }

    #[test]
    fn a_cancelled_session_leaves_everyone_free_and_cannot_be_moved() {
        let mut world = World::new();
        let session = arranged(&mut world, 9, &[ONE, OTHER]);
        let off = json!({ "session": session, "reason": "service_pressure" });
        world.when::<CancelSession>(LEAD, off).unwrap();
        assert!(world.diaries.of(ONE).is_empty() && world.diaries.of(OTHER).is_empty());
        let at = world.now + Duration::days(10);
        let moved = world.when::<MoveSession>(LEAD, json!({ "session": session, "starts_at": at }));
        assert!(matches!(
            moved,
            Err(Refusal::OutOfStep {
                code: "session_recorded",
                ..
            })
        ));
    }

    #[test]
    fn a_session_that_has_begun_cannot_be_cancelled() {
        let mut world = World::new();
        let session = arranged(&mut world, 9, &[ONE]);
        world.now += Duration::days(9);
        let off = json!({ "session": session, "reason": "other" });
        let refused = world.when::<CancelSession>(LEAD, off);
        assert!(matches!(
            refused,
            Err(Refusal::OutOfStep {
                code: "session_begun",
                ..
            })
        ));
    }
}
