//! One-to-ones, given what happened, when something is asked, then what follows.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::directory_facts::SignIn;
use crate::given::*;
use crate::stream::LogId;

struct Asked {
    given: Given,
    ones: OneToOnes,
    barred: Vec<PersonId>,
}

impl Asked {
    fn for_help() -> Self {
        let mut asked = Self {
            given: Given::a_trust(),
            ones: OneToOnes::default(),
            barred: Vec::new(),
        };
        let body = json!({ "call_me": "Sam", "note": "Nights are hard." });
        let ask: AskForOneToOne = serde_json::from_value(body).unwrap();
        let sign_in = SignIn {
            issuer: "https://issuer.example".into(),
            subject: "s".into(),
        };
        let happened = asked.given.asked(|context| ask.decide(sign_in, context));
        asked.take_in(happened.unwrap());
        asked
    }

    fn one(&self) -> &OneToOne {
        self.ones.iter().next().unwrap()
    }

    fn when<C: OneToOneCommand>(&self, body: Value) -> Decision {
        let command: C = serde_json::from_value(body).unwrap();
        let may_know = |person: PersonId| !self.barred.contains(&person);
        self.given.asked(|context| {
            let around = Around {
                context: *context,
                may_know: &may_know,
            };
            command.decide(self.one(), &around)
        })
    }

    fn then<C: OneToOneCommand>(&mut self, body: Value) {
        let happened = self.when::<C>(body).unwrap();
        self.take_in(happened);
    }

    fn take_in(&mut self, happened: Vec<Happened>) {
        for one in happened {
            let fact = Fact {
                log: LogId::main(id(0)),
                position: 1,
                stream: one.stream,
                version: 1,
                command: crate::ids::CommandId::new(Uuid::nil()),
                number: 0,
                occurred_at: one.occurred_at,
                recorded_at: self.given.now,
                who: self.given.who,
                policy: 1,
                event: one.event,
            };
            self.ones.evolve(&fact);
            self.given.diaries.evolve(&fact);
        }
    }
}

fn refused(decision: &Decision) -> &'static str {
    match decision {
        Err(Refusal::OutOfStep { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn asking_writes_to_its_own_stream_and_nowhere_else() {
    let asked = Asked::for_help();
    assert_eq!(asked.one().state, OneToOneState::Asked);
    assert_eq!(asked.one().version, 1);
}

#[test]
fn an_untrained_and_a_barred_provider_are_refused_in_the_same_words() {
    let mut asked = Asked::for_help();
    let untrained = asked.when::<OfferOneToOne>(json!({ "provider": STAFF }));
    asked.barred.push(OF_THE_TEAM);
    let barred = asked.when::<OfferOneToOne>(json!({ "provider": OF_THE_TEAM }));
    assert_eq!(untrained, barred);
    assert!(matches!(barred, Err(Refusal::Invalid(_))));
    asked.then::<OfferOneToOne>(json!({ "provider": KIM }));
    assert_eq!(asked.one().state, OneToOneState::Offered);
}

#[test]
fn an_appointment_takes_the_providers_time_and_moving_it_gives_it_back() {
    let mut asked = Asked::for_help();
    asked.then::<OfferOneToOne>(json!({ "provider": KIM }));
    asked.then::<ArrangeOneToOne>(json!({ "starts_at": day(2), "minutes": 50 }));
    assert!(asked.given.diaries.taken(KIM, day(2), 30, None));
    asked.then::<ArrangeOneToOne>(json!({ "starts_at": day(3), "minutes": 50 }));
    assert!(!asked.given.diaries.taken(KIM, day(2), 30, None));
    assert!(asked.given.diaries.taken(KIM, day(3), 30, None));
    asked.then::<DeclineOneToOne>(json!({}));
    assert!(!asked.given.diaries.taken(KIM, day(3), 30, None));
}

#[test]
fn it_does_not_end_while_someone_may_be_in_danger() {
    let mut asked = Asked::for_help();
    asked.then::<OfferOneToOne>(json!({ "provider": KIM }));
    asked.then::<TakeUpOneToOne>(json!({}));
    asked.then::<FlagRisk>(json!({ "at_risk": true }));
    let end = json!({ "outcome": "completed" });
    assert_eq!(refused(&asked.when::<EndOneToOne>(end.clone())), "at_risk");
    asked.then::<FlagRisk>(json!({ "at_risk": false }));
    asked.then::<EndOneToOne>(end);
    let again = asked.when::<TakeUpOneToOne>(json!({}));
    assert_eq!(refused(&again), "not_offered");
}

#[test]
fn whoever_provides_it_reads_it_for_thirty_days_after_it_ended() {
    let mut asked = Asked::for_help();
    asked.then::<OfferOneToOne>(json!({ "provider": KIM }));
    assert!(asked.one().assigned(KIM, day(400)));
    asked.then::<DeclineOneToOne>(json!({}));
    assert!(asked.one().assigned(KIM, day(30)) && !asked.one().assigned(KIM, day(31)));
    assert!(!asked.one().assigned(ASH, day(1)));
}
