//! Whether a facilitator can be asked for a session, and everything that speaks against it.

use chrono::{DateTime, Duration, Utc};

use crate::calendar::day_in_london;
use crate::case::Case;
use crate::directory_facts::Role;
use crate::facts::{Obstacle, Overridden};
use crate::ids::{PersonId, SessionId};
use crate::offer::OfferRow;
use crate::pathway::Context;
use crate::personal::Personal;
use crate::refusal::Fault;
use crate::text::Text;

/// A session someone could be asked for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Its case.
    pub case: &'a Case,
    /// The cases it is held for together with that one.
    pub joined: &'a [&'a Case],
    /// Its kind.
    pub row: &'static OfferRow,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
    /// Its id, once it has one: it does not stand in its own way.
    pub session: Option<SessionId>,
}

impl Asked<'_> {
    /// Every case it is held for.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        std::iter::once(self.case).chain(self.joined.iter().copied())
    }

    /// Everything that speaks against asking this person, in the order of product.md "Arrange".
    pub fn obstacles(&self, person: PersonId, context: &Context<'_>) -> Vec<Obstacle> {
        let (directory, diaries) = (context.directory, context.diaries);
        let day = day_in_london(self.starts_at);
        let last_day = day_in_london(self.starts_at + Duration::minutes(self.minutes.into()));
        let holds = |day| directory.holds(person, Role::Facilitator, day);
        let neutral = self.row.neutral;
        let most = directory.profile(person).and_then(|p| p.sessions_max);
        let load = || diaries.load(person, self.starts_at, self.session);
        let found = [
            (
                Obstacle::NotAFacilitator,
                !holds(day) || !holds(day_in_london(context.now)),
            ),
            (Obstacle::Barred, directory.barred(person, self.case)),
            (
                Obstacle::OfTheTeam,
                neutral
                    && !self
                        .cases()
                        .all(|case| directory.neutral_to(person, case.team())),
            ),
            (
                Obstacle::Involved,
                neutral && self.cases().any(|case| case.involved.contains(&person)),
            ),
            (
                Obstacle::Untrained,
                !directory.trained(person, self.row.kind, day),
            ),
            (
                Obstacle::OnLeave,
                diaries.away(person, day) || diaries.away(person, last_day),
            ),
            (
                Obstacle::OverLoad,
                most.is_some_and(|most| load() > usize::from(most)),
            ),
            (
                Obstacle::Booked,
                diaries.taken(person, self.starts_at, self.minutes, self.session),
            ),
        ];
        let there = found.into_iter().filter(|(_, there)| *there);
        there.map(|(obstacle, _)| obstacle).collect()
    }
}

impl Obstacle {
    /// May the lead ask them all the same? Nobody is in two places at once, and nobody is asked who
    /// does not facilitate.
    pub const fn can_be_overridden(self) -> bool {
        !matches!(self, Self::NotAFacilitator | Self::Barred | Self::Booked)
    }

    /// What would be right.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotAFacilitator => "Choose someone who is a facilitator now and on that day.",
            Self::Barred => "Choose someone else: this person may not know of this case.",
            Self::OfTheTeam => {
                "Choose someone who is neither of this team nor in its line of management."
            }
            Self::Involved => "Choose someone who is not declared involved in this case.",
            Self::Untrained => {
                "Choose someone whose training for this kind of session holds on that day."
            }
            Self::OnLeave => "Choose someone who is not on leave then, or another day.",
            Self::OverLoad => "Choose someone who has fewer sessions within four weeks.",
            Self::Booked => "Already booked at that time. Choose someone else or another time.",
        }
    }
}

/// What is left against one facilitator once the lead has said why they are asked all the same.
pub struct Weighed {
    /// What refuses (422).
    pub faults: Vec<Fault>,
    /// Booked at that time (409).
    pub booked: Option<Fault>,
    /// What is recorded of the override, if one was needed.
    pub overridden: Option<Overridden>,
}

/// Weighs what speaks against a facilitator. `settled` was overridden before; `reason` overrides now.
pub fn weigh(
    facilitator: PersonId,
    obstacles: Vec<Obstacle>,
    settled: &[Obstacle],
    reason: Option<&Text<300>>,
    pointer: &str,
) -> Weighed {
    let (over, hard): (Vec<_>, Vec<_>) = obstacles
        .into_iter()
        .filter(|obstacle| !settled.contains(obstacle))
        .partition(|obstacle| obstacle.can_be_overridden());
    let fault = |obstacle: &Obstacle| Fault::at(pointer, obstacle.words());
    let booked = hard.contains(&Obstacle::Booked);
    let mut faults: Vec<_> = hard
        .iter()
        .filter(|hard| **hard != Obstacle::Booked)
        .map(fault)
        .collect();
    let overridden = match reason {
        Some(reason) if !over.is_empty() => Some(Overridden {
            facilitator,
            against: over,
            reason: Personal::from(reason.clone()),
        }),
        _ => {
            faults.extend(over.iter().map(fault));
            None
        }
    };
    Weighed {
        faults,
        booked: booked.then(|| fault(&Obstacle::Booked)),
        overridden,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arrange::ArrangeSession;
    use crate::given::sessions::{CASE, LEAD, ONE, OTHER, TEAM, UNKNOWN, World, pointers};
    use crate::pathway::Happened;
    use crate::refusal::Refusal;
    use crate::stream::Stream;

    fn ask(world: &mut World, days: i64, who: &[PersonId]) -> Result<Vec<Happened>, Refusal> {
        let body = world.session(days, who);
        world.when::<ArrangeSession>(LEAD, body)
    }

    #[test]
    fn whoever_is_trained_neutral_and_free_is_asked() {
        let mut world = World::new();
        assert_eq!(ask(&mut world, 9, &[ONE, OTHER]).unwrap().len(), 3);
    }

    #[test]
    fn a_facilitator_without_a_profile_is_trained_in_nothing() {
        let mut world = World::new();
        let refused = ask(&mut world, 9, &[ONE, UNKNOWN]);
        assert_eq!(pointers(&refused), ["/facilitators/1"]);
    }

    #[test]
    fn training_that_ends_before_the_day_does_not_count() {
        let mut world = World::new();
        ask(&mut world, 365, &[ONE]).unwrap();
        assert_eq!(pointers(&ask(&mut world, 366, &[ONE])), ["/facilitators/0"]);
    }

    #[test]
    fn whoever_manages_the_team_is_not_neutral_to_it() {
        let mut world = World::new();
        let team = json!({ "code": "t", "name": "A team", "level": "team", "headcount": 9, "partner": false });
        world.given(Stream::Unit(TEAM), "UnitOpened", team);
        world.given(Stream::Unit(TEAM), "ManagerNamed", json!({ "person": ONE }));
        assert_eq!(pointers(&ask(&mut world, 9, &[ONE])), ["/facilitators/0"]);
    }

    #[test]
    fn a_day_of_leave_and_a_declared_involvement_each_speak_against_it() {
        let mut world = World::new();
        let leave = json!({ "from": "2026-06-08", "to": "2026-06-10" });
        world.given(Stream::Diary(ONE), "LeavePlanned", leave);
        let involved = json!({ "facilitator": ONE });
        world.given(Stream::Case(CASE), "InvolvementDeclared", involved);
        let both = ["/facilitators/0", "/facilitators/0"];
        assert_eq!(pointers(&ask(&mut world, 9, &[ONE])), both);
        assert_eq!(pointers(&ask(&mut world, 10, &[ONE])), ["/facilitators/0"]);
    }

    #[test]
    fn the_load_is_counted_in_every_four_weeks_around_the_session() {
        let mut world = World::new();
        for days in [3, 30] {
            ask(&mut world, days, &[ONE]).unwrap();
        }
        assert_eq!(pointers(&ask(&mut world, 15, &[ONE])), ["/facilitators/0"]);
        assert_eq!(pointers(&ask(&mut world, 4, &[ONE])), ["/facilitators/0"]);
        ask(&mut world, 59, &[ONE]).unwrap();
    }

    #[test]
    fn a_reason_overrides_all_but_being_booked_and_says_what_it_overrode() {
        let mut world = World::new();
        let mut body = world.session(9, &[UNKNOWN]);
        body["overrides"] = json!([{ "facilitator": UNKNOWN, "reason": "Trained last week." }]);
        let happened = world.when::<ArrangeSession>(LEAD, body.clone()).unwrap();
        let crate::history::Event::SessionArranged(arranged) = &happened[0].event else {
            panic!("{happened:?}")
        };
        assert_eq!(arranged.overrides[0].against, [Obstacle::Untrained]);
        let again = world.when::<ArrangeSession>(LEAD, body);
        assert!(matches!(
            again,
            Err(Refusal::OutOfStep {
                code: "facilitator_busy",
                ..
            })
        ));
        assert_eq!(pointers(&again), ["/facilitators/0"]);
    }
}
