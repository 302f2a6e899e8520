//! Serious danger: passed on to the PIPSS lead, apart from the case and seen by nobody else.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::facts::{Danger, DangerEscalated, EscalationHandled, HandledHow, RouteTaken};
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, EscalationId};
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::Refusal;
use crate::stream::Stream;
use crate::text::Line;

/// One report of serious danger.
#[derive(Clone, Debug)]
pub struct Escalation {
    /// The case in which it came up.
    pub case: CaseId,
    /// Who reported it.
    pub reported_by: Who,
    /// When.
    pub reported_at: DateTime<Utc>,
    /// What, the line sealed.
    pub reported: DangerEscalated,
    /// Which lead saw to it, how, and when.
    pub handled: Option<(Who, HandledHow, DateTime<Utc>)>,
}

/// Every report: a fold of the `restricted/` streams. No case knows of any.
#[derive(Default)]
pub struct Escalations(BTreeMap<EscalationId, Escalation>);

impl Escalations {
    /// Takes in one fact; facts that are not restricted leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Restricted(case) = fact.stream else {
            return;
        };
        match &fact.event {
            Event::DangerEscalated(reported) => {
                let escalation = Escalation {
                    case,
                    reported_by: fact.who,
                    reported_at: fact.occurred_at,
                    reported: reported.clone(),
                    handled: None,
                };
                self.0.entry(reported.escalation).or_insert(escalation);
            }
            Event::EscalationHandled(handled) => {
                if let Some(escalation) = self.0.get_mut(&handled.escalation) {
                    let by = (fact.who, handled.how, fact.occurred_at);
                    escalation.handled.get_or_insert(by);
                }
            }
            _ => {}
        }
    }

    /// A report in this very case.
    pub fn get(&self, case: CaseId, id: EscalationId) -> Option<&Escalation> {
        self.0.get(&id).filter(|escalation| escalation.case == case)
    }

    /// Every report, in no order that tells anything.
    pub fn iter(&self) -> impl Iterator<Item = &Escalation> {
        self.0.values()
    }
}

/// Reports serious danger that came up in this case, in whatever state the case is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalateDanger {
    /// Which danger.
    pub danger: Danger,
    /// Whom you have already turned to. In danger ring 999 first: this alerts nobody by itself.
    pub route: RouteTaken,
    /// One line if it is needed, in at most 200 characters. Only leads can read it.
    #[serde(default)]
    pub line: Option<Line<200>>,
}

impl EscalateDanger {
    /// The rule.
    ///
    /// # Errors
    /// None: whoever may report is heard.
    pub fn decide(self, case: CaseId, context: &Context<'_>) -> Decision {
        let escalated = DangerEscalated {
            escalation: EscalationId::new((context.fresh)()),
            danger: self.danger,
            route: self.route,
            line: self.line.map(Into::into),
        };
        let event = Event::DangerEscalated(escalated);
        Ok(vec![restricted(case, event, context)])
    }
}

/// Says that a report was seen to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandleEscalation {
    /// What was done about it.
    pub how: HandledHow,
}

impl HandleEscalation {
    /// The rule.
    ///
    /// # Errors
    /// `OutOfStep` if it was seen to before.
    pub fn decide(
        self,
        id: EscalationId,
        escalation: &Escalation,
        context: &Context<'_>,
    ) -> Decision {
        if escalation.handled.is_some() {
            return Err(Refusal::OutOfStep {
                code: "already_handled",
                sentence: "Someone has already seen to this.".into(),
                next: Vec::new(),
                faults: Vec::new(),
            });
        }
        let handled = EscalationHandled {
            escalation: id,
            how: self.how,
        };
        let event = Event::EscalationHandled(handled);
        Ok(vec![restricted(escalation.case, event, context)])
    }
}

fn restricted(case: CaseId, event: Event, context: &Context<'_>) -> Happened {
    Happened {
        stream: Stream::Restricted(case),
        occurred_at: context.now,
        event,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::given::sessions::{CASE, LEAD, ONE, World};
    use crate::ids::{CommandId, OrganisationId, PersonId};
    use crate::stream::LogId;

    fn reported(world: &World) -> Happened {
        let body =
            json!({ "danger": "risk_to_self", "route": "crisis_team", "line": "Rang them." });
        let command: EscalateDanger = serde_json::from_value(body).unwrap();
        let decided = world.decide(ONE, |context| command.decide(CASE, context));
        let [happened] = &decided.unwrap()[..] else {
            panic!("one fact")
        };
        happened.clone()
    }

    fn taken(escalations: &mut Escalations, who: PersonId, happened: Happened) {
        escalations.evolve(&Fact {
            log: LogId::main(OrganisationId::new(Uuid::nil())),
            position: 1,
            stream: happened.stream,
            version: 1,
            command: CommandId::new(Uuid::nil()),
            number: 0,
            occurred_at: happened.occurred_at,
            recorded_at: happened.occurred_at,
            who: Who::Person(who),
            policy: 1,
            event: happened.event,
        });
    }

    #[test]
    fn it_is_recorded_apart_from_the_case_and_only_there() {
        let world = World::new();
        assert_eq!(reported(&world).stream, Stream::Restricted(CASE));
        assert!(!world.case().next_steps().contains(&"escalate"));
    }

    #[test]
    fn it_is_handled_once_and_found_in_its_own_case_only() {
        let world = World::new();
        let mut escalations = Escalations::default();
        taken(&mut escalations, ONE, reported(&world));
        let id = escalations.iter().next().unwrap().reported.escalation;
        let elsewhere = CaseId::new(Uuid::from_u128(99));
        assert!(escalations.get(elsewhere, id).is_none());
        let handles = |escalations: &Escalations| {
            let escalation = escalations.get(CASE, id).unwrap();
            world.decide(LEAD, |context| {
                let command = HandleEscalation {
                    how: HandledHow::PassedOn,
                };
                command.decide(id, escalation, context)
            })
        };
        let happened = handles(&escalations).unwrap().remove(0);
        taken(&mut escalations, LEAD, happened);
        let escalation = escalations.get(CASE, id).unwrap();
        assert_eq!(escalation.reported_by, Who::Person(ONE));
        let by_lead = (Who::Person(LEAD), HandledHow::PassedOn, world.now);
        assert_eq!(escalation.handled, Some(by_lead));
        assert!(matches!(
            handles(&escalations),
            Err(Refusal::OutOfStep {
                code: "already_handled",
                ..
            })
        ));
    }
}
