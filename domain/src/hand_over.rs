//! Handing sessions over from one facilitator to another: one session, or all that are to come.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::in_words;
use crate::case::{Case, Session};
use crate::change_session::{in_diary, known_session, must_be_to_come, released};
use crate::facts::{Overridden, SessionBooked, SessionHandedOver};
use crate::history::Event;
use crate::ids::{PersonId, SessionId};
use crate::joint;
use crate::offer::OfferRow;
use crate::pathway::{CaseCommand, Context, Decision, Happened, booked_at_that_time, must_be_open};
use crate::policy::Act;
use crate::refusal::{Fault, Refusal};
use crate::suitable::{Asked, Weighed, weigh};
use crate::text::Text;

/// A refusal names so many sessions, at most.
const NAMED_MAX: usize = 10;

/// Puts another facilitator in the place of one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverSession {
    /// Which.
    pub session: SessionId,
    /// Who no longer holds it.
    pub from: PersonId,
    /// Who holds it from now on.
    pub to: PersonId,
    /// Why they are asked although something speaks against it, in at most 300 characters.
    #[serde(default)]
    pub reason: Option<Text<300>>,
}

impl CaseCommand for HandOverSession {
    const ACT: Act = Act::HandOverSession;
    const NAME: &'static str = "hand-over-session";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let (offer, session) = known_session(case, self.session)?;
        let facilitators = &session.arranged.facilitators;
        if !facilitators.contains(&self.from) {
            let sentence = "Choose a facilitator of this session.";
            return Err(Refusal::invalid("/from", sentence));
        }
        if facilitators.contains(&self.to) {
            let sentence = "Choose someone who does not hold this session yet.";
            return Err(Refusal::invalid("/to", sentence));
        }
        let joined = joint::of_session(session, context);
        let held = Held {
            case,
            joined,
            row: offer.row(),
            session,
        };
        let weighed = weighed(&held, self.to, self.reason.as_ref(), context);
        if !weighed.faults.is_empty() {
            return Err(Refusal::Invalid(weighed.faults));
        }
        must_be_open(case)?;
        must_be_to_come(case, session)?;
        if let Some(fault) = weighed.booked {
            return Err(booked_at_that_time(case, vec![fault]));
        }
        let hands = (self.from, self.to);
        Ok(facts(case, session, hands, weighed.overridden, context))
    }
}

/// Hands all sessions of one facilitator that are to come over to another, or none of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignSessions {
    /// Who holds them from now on.
    pub to: PersonId,
    /// Why they are asked although something speaks against it, in at most 300 characters.
    #[serde(default)]
    pub reason: Option<Text<300>>,
}

impl ReassignSessions {
    /// The rule. One decision over all cases: what follows is appended together or not at all.
    ///
    /// # Errors
    /// `OutOfStep` naming every session that cannot be handed over, and why.
    pub fn decide<'c>(
        self,
        from: PersonId,
        cases: impl Iterator<Item = &'c Case>,
        context: &Context<'_>,
    ) -> Decision {
        if self.to == from {
            return Err(Refusal::invalid("/to", "Choose someone else."));
        }
        let mut to_come = to_come(from, cases.collect(), context);
        if to_come.is_empty() {
            return Err(refused(
                "nothing_to_reassign",
                "They have no session to come.",
                vec![],
            ));
        }
        to_come.sort_by_key(|held| (held.session.arranged.starts_at, held.session.id()));
        // Each session counts towards the load of the next.
        let mut diaries = context.diaries.clone();
        let (mut happened, mut kept) = (Vec::new(), Vec::new());
        for held in to_come {
            let (case, session) = (held.case, held.session);
            let then = Context {
                diaries: &diaries,
                ..*context
            };
            let reason = self.reason.as_ref();
            let weighed = weighed(&held, self.to, reason, &then);
            let against: Vec<_> = weighed.faults.iter().chain(&weighed.booked).collect();
            if session.arranged.facilitators.contains(&self.to) {
                kept.push((case, session, "They hold it together.".to_owned()));
            } else if !against.is_empty() {
                let words: Vec<_> = against.iter().map(|fault| fault.detail.as_str()).collect();
                kept.push((case, session, words.join(" ")));
            } else {
                let hands = (from, self.to);
                let facts = facts(case, session, hands, weighed.overridden, context);
                happened.extend(joint::in_every_case(case, facts));
                diaries.consider(self.to, booking(case, session));
            }
        }
        if kept.is_empty() {
            Ok(happened)
        } else {
            Err(cannot_move(&kept))
        }
    }
}

/// A session where it is led, with the other cases it is held for.
struct Held<'c> {
    case: &'c Case,
    joined: Vec<&'c Case>,
    row: &'static OfferRow,
    session: &'c Session,
}

/// The sessions of a facilitator that are to come, each once.
fn to_come<'c>(
    facilitator: PersonId,
    cases: Vec<&'c Case>,
    context: &Context<'_>,
) -> Vec<Held<'c>> {
    let sessions = cases.iter().flat_map(|case| {
        let sessions = case.sessions();
        sessions.map(|(offer, session)| Held {
            case,
            joined: joint::among(session, &cases),
            row: offer.row(),
            session,
        })
    });
    sessions
        .filter(|Held { session, .. }| {
            session.is_open()
                && session.is_led_here()
                && session.arranged.starts_at > context.now
                && session.arranged.facilitators.contains(&facilitator)
        })
        .collect()
}

fn cannot_move(kept: &[(&Case, &Session, String)]) -> Refusal {
    let line = |(case, session, why): &(&Case, &Session, String)| {
        let (reference, at) = (&case.request.reference, session.arranged.starts_at);
        format!("{reference} on {}: {why}", in_words(at))
    };
    let lines: Vec<_> = kept.iter().take(NAMED_MAX).map(line).collect();
    let sentence = format!("Nothing was handed over. {}", lines.join(" "));
    let faults = lines.into_iter().map(|line| Fault::at("/to", line));
    refused("cannot_reassign", &sentence, faults.collect())
}

fn refused(code: &'static str, sentence: &str, faults: Vec<Fault>) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: Vec::new(),
        faults,
    }
}

fn weighed(
    held: &Held<'_>,
    to: PersonId,
    reason: Option<&Text<300>>,
    context: &Context<'_>,
) -> Weighed {
    let asked = Asked {
        case: held.case,
        joined: &held.joined,
        row: held.row,
        starts_at: held.session.arranged.starts_at,
        minutes: held.session.arranged.minutes,
        session: Some(held.session.id()),
    };
    weigh(to, asked.obstacles(to, context), &[], reason, "/to")
}

fn booking(case: &Case, session: &Session) -> SessionBooked {
    SessionBooked {
        session: session.id(),
        case: case.case,
        starts_at: session.arranged.starts_at,
        minutes: session.arranged.minutes,
    }
}

fn facts(
    case: &Case,
    session: &Session,
    (from, to): (PersonId, PersonId),
    overridden: Option<Overridden>,
    context: &Context<'_>,
) -> Vec<Happened> {
    let handed_over = Event::SessionHandedOver(SessionHandedOver {
        session: session.id(),
        from,
        to,
        overridden,
    });
    let booked = Event::SessionBooked(booking(case, session));
    vec![
        Happened::to_case(case.case, context.now, handed_over),
        released(from, session.id(), context),
        in_diary(to, booked, context),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arrange::ArrangeSession;
    use crate::given::sessions::{LEAD, ONE, OTHER, World, pointers};

    fn reassign(world: &World, reason: Option<&str>) -> Decision {
        let body = json!({ "to": OTHER, "reason": reason });
        let command: ReassignSessions = serde_json::from_value(body).unwrap();
        let cases = [world.case()];
        world.decide(LEAD, |context| {
            command.decide(ONE, cases.into_iter(), context)
        })
    }

    fn with_sessions(days: &[i64]) -> World {
        let mut world = World::new();
        for days in days {
            let body = world.session(*days, &[ONE]);
            world.when::<ArrangeSession>(LEAD, body).unwrap();
        }
        world
    }

    #[test]
    fn a_session_handed_over_is_booked_for_one_and_free_for_the_other() {
        let mut world = with_sessions(&[9]);
        let hands = json!({ "session": world.last(), "from": ONE, "to": OTHER });
        world.when::<HandOverSession>(LEAD, hands).unwrap();
        assert_eq!(
            (world.diaries.of(ONE).len(), world.diaries.of(OTHER).len()),
            (0, 1)
        );
        let (_, session) = world.case().session(world.last()).unwrap();
        assert_eq!(session.arranged.facilitators, [OTHER]);
    }

    #[test]
    fn all_sessions_to_come_go_together() {
        let mut world = with_sessions(&[9, 11]);
        let happened = reassign(&world, None).unwrap();
        world.keep(&happened);
        assert_eq!(
            (world.diaries.of(ONE).len(), world.diaries.of(OTHER).len()),
            (0, 2)
        );
    }

    #[test]
    fn if_one_session_cannot_go_none_goes_and_the_refusal_names_it() {
        let mut world = with_sessions(&[9, 11]);
        let body = world.session(11, &[OTHER]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        let refused = reassign(&world, Some("They are ill."));
        assert_eq!(pointers(&refused), ["/to"]);
        let Err(Refusal::OutOfStep { code, sentence, .. }) = refused else {
            panic!("it was not refused")
        };
        assert_eq!(code, "cannot_reassign");
        assert!(
            sentence.contains("PS-TEST on Friday 12 June 2026"),
            "{sentence}"
        );
    }

    #[test]
    fn each_session_counts_towards_the_load_of_the_next() {
        // `OTHER` may hold two within four weeks, and has one.
        let mut world = with_sessions(&[9, 11]);
        let body = world.session(13, &[OTHER]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        assert_eq!(pointers(&reassign(&world, None)), ["/to"]);
        assert!(reassign(&world, Some("They are ill.")).is_ok());
    }
}
