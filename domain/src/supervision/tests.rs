//! A request for supervision from asking to its end, and the one that recording a session leaves.

use chrono::Duration;
use serde_json::{Value, json};

use super::*;
use crate::arrange::ArrangeSession;
use crate::given::sessions::{LEAD, ONE, OTHER, World, pointers};
use crate::history::Event;
use crate::ids::PersonId;
use crate::session::RecordSession;

/// A request by `ONE`; `OTHER` is the supervision lead.
fn requested() -> (World, Supervision) {
    let mut world = World::new();
    let lead = json!({ "role": "supervision_lead" });
    world.given(Stream::Grants(OTHER), "GrantGiven", lead);
    let request = Supervision {
        asked_by: Who::Person(ONE),
        asked_at: world.now,
        requested: SupervisionRequested {
            after: SupervisionAfter::Defusion,
            wish: SupervisionWish::AsSoonAsPossible,
            note: None,
        },
        answered: None,
        closed: None,
    };
    (world, request)
}

const ID: SupervisionId = SupervisionId::new(uuid::Uuid::from_u128(77));

fn answers(world: &World, request: &Supervision, body: Value) -> Decision {
    let command: AnswerSupervision = serde_json::from_value(body).unwrap();
    world.decide(OTHER, |context| command.decide(ID, request, context))
}

fn closes(world: &World, who: PersonId, request: &Supervision, reason: &str) -> Decision {
    let command: CloseSupervision = serde_json::from_value(json!({ "reason": reason })).unwrap();
    world.decide(who, |context| command.decide(ID, request, context))
}

#[test]
fn a_time_is_given_when_and_only_when_it_is_arranged_and_lies_ahead() {
    let (world, request) = requested();
    let at = |days| json!(world.now + Duration::days(days));
    let arranged = json!({ "outcome": "arranged", "at": at(3) });
    answers(&world, &request, arranged).unwrap();
    answers(&world, &request, json!({ "outcome": "not_possible_now" })).unwrap();
    for wrong in [
        json!({ "outcome": "arranged" }),
        json!({ "outcome": "referred_on", "at": at(3) }),
        json!({ "outcome": "arranged", "at": at(0) }),
        json!({ "outcome": "arranged", "at": at(800) }),
    ] {
        assert_eq!(pointers(&answers(&world, &request, wrong)), ["/at"]);
    }
}

#[test]
fn whoever_asked_withdraws_and_the_supervision_lead_says_what_became_of_it() {
    let (world, mut request) = requested();
    closes(&world, ONE, &request, "withdrawn").unwrap();
    closes(&world, OTHER, &request, "held").unwrap();
    for (who, reason) in [(OTHER, "withdrawn"), (ONE, "held"), (ONE, "not_taken_up")] {
        assert_eq!(
            pointers(&closes(&world, who, &request, reason)),
            ["/reason"]
        );
    }
    request.closed = Some((SupervisionEnd::Withdrawn, world.now));
    let again = closes(&world, ONE, &request, "withdrawn");
    assert!(matches!(again, Err(Refusal::OutOfStep { .. })));
    let late = answers(&world, &request, json!({ "outcome": "referred_on" }));
    assert!(matches!(late, Err(Refusal::OutOfStep { .. })));
}

#[test]
fn wanting_supervision_after_a_session_changes_nothing_about_what_the_case_is_told() {
    let told = |wants: Option<bool>| {
        let mut world = World::new();
        let body = world.session(9, &[ONE]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        world.now += Duration::days(10);
        let mut record = json!({
            "session": world.last(), "minutes": 60, "mode": "video", "headcount": 5,
            "themes": [{ "theme": "psy.safety", "polarity": "mixed" }]
        });
        if let Some(wants) = wants {
            record["wants_supervision"] = json!(wants);
        }
        world.when::<RecordSession>(ONE, record).unwrap()
    };
    let plain = told(None);
    assert_eq!(told(Some(false)), plain);
    let wanted = told(Some(true));
    assert_eq!(wanted[..1], plain[..]);
    let [_, request] = &wanted[..] else {
        panic!("{wanted:?}")
    };
    assert!(matches!(request.stream, Stream::Supervision(_)));
    assert!(matches!(request.event, Event::SupervisionRequested(_)));
}
