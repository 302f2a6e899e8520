//! A facilitator's leave: what is booked meanwhile stays booked until the lead decides.

use chrono::{Duration, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::change_session::in_diary;
use crate::diary::Diaries;
use crate::directory_facts::{LeaveCancelled, LeavePlanned};
use crate::facts::SessionBooked;
use crate::history::Event;
use crate::ids::PersonId;
use crate::pathway::{Context, Decision};
use crate::refusal::{Faults, Refusal};
use crate::text::Day;

const AHEAD_MAX: Duration = Duration::days(730);
const LENGTH_MAX: Duration = Duration::days(366);

/// Plans leave, both days included.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanLeave {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

impl PlanLeave {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` for days that make no sense; `OutOfStep` if leave begins on that day already.
    pub fn decide(self, facilitator: PersonId, context: &Context<'_>) -> Decision {
        let (from, to) = (self.from.0, self.to.0);
        let today = day_in_london(context.now);
        let mut faults = Faults::default();
        faults.require(
            from <= today + AHEAD_MAX,
            "/from",
            "Give a day within two years.",
        );
        faults.require(
            to >= today && to >= from && to - from <= LENGTH_MAX,
            "/to",
            "Give a day that is not past, not before the first, and within a year of it.",
        );
        faults.settle()?;
        if begins(context.diaries, facilitator, from) {
            return Err(Refusal::OutOfStep {
                code: "leave_exists",
                sentence: "There is leave that begins on that day. Cancel it first.".into(),
                next: Vec::new(),
                faults: Vec::new(),
            });
        }
        let planned = Event::LeavePlanned(LeavePlanned { from, to });
        Ok(vec![in_diary(facilitator, planned, context)])
    }
}

/// Cancels the leave that begins on a day.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelLeave {
    /// The first day.
    pub from: Day,
}

impl CancelLeave {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` if no leave begins on that day.
    pub fn decide(self, facilitator: PersonId, context: &Context<'_>) -> Decision {
        let from = self.from.0;
        if !begins(context.diaries, facilitator, from) {
            return Err(Refusal::invalid("/from", "No leave begins on that day."));
        }
        let cancelled = Event::LeaveCancelled(LeaveCancelled { from });
        Ok(vec![in_diary(facilitator, cancelled, context)])
    }
}

fn begins(diaries: &Diaries, facilitator: PersonId, from: NaiveDate) -> bool {
    let mut leave = diaries.leave_of(facilitator).iter();
    leave.any(|leave| leave.from == from)
}

/// The bookings of a facilitator that fall into their leave, from today on.
pub fn affected(
    diaries: &Diaries,
    facilitator: PersonId,
    today: NaiveDate,
) -> impl Iterator<Item = &SessionBooked> {
    let booked = diaries.of(facilitator).iter();
    booked.filter(move |booked| {
        let day = day_in_london(booked.starts_at);
        day >= today && diaries.away(facilitator, day)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::arrange::ArrangeSession;
    use crate::given::sessions::{LEAD, ONE, World, pointers};

    fn plan(world: &mut World, body: Value) -> Decision {
        let command: PlanLeave = serde_json::from_value(body).unwrap();
        let decision = world.decide(ONE, |context| command.decide(ONE, context));
        world.keep(decision.as_deref().unwrap_or_default());
        decision
    }

    #[test]
    fn leave_over_a_booking_is_accepted_and_names_it_until_it_is_cancelled() {
        let mut world = World::new();
        let body = world.session(9, &[ONE]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        plan(
            &mut world,
            json!({ "from": "2026-06-10", "to": "2026-06-12" }),
        )
        .unwrap();
        let today = day_in_london(world.now);
        assert_eq!(affected(&world.diaries, ONE, today).count(), 1);
        let off: CancelLeave = serde_json::from_value(json!({ "from": "2026-06-10" })).unwrap();
        let happened = world
            .decide(ONE, |context| off.decide(ONE, context))
            .unwrap();
        world.keep(&happened);
        assert_eq!(affected(&world.diaries, ONE, today).count(), 0);
    }

    #[test]
    fn leave_that_ends_before_it_begins_or_is_past_makes_no_sense() {
        let mut world = World::new();
        for (from, to) in [
            ("2026-06-10", "2026-06-09"),
            ("2026-05-01", "2026-05-31"),
            ("2026-06-10", "2027-06-30"),
        ] {
            let refused = plan(&mut world, json!({ "from": from, "to": to }));
            assert_eq!(pointers(&refused), ["/to"]);
        }
    }
}
