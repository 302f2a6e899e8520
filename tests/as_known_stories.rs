//! Looking back shows what was answered then: at every instant of random stories, of every case, its
//! timeline and the queue, to the byte.

#![allow(clippy::unwrap_used)]

mod support;

// The same people as in the proof of privacy, doing the same random things.
#[allow(dead_code)]
#[path = "privacy/private.rs"]
mod private;
#[allow(dead_code)]
#[path = "privacy/telling.rs"]
mod telling;

use std::cell::RefCell;

use chrono::{DateTime, Duration, Utc};
use pipss::demo::people::{organisation, person, record};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::as_known::AsOfAsked;
use pipss_api::clock::Clock;
use pipss_api::timelines::TimelineAsked;
use pipss_domain::text::Moment;
use pipss_store::{Options, Purpose};
use serde_json::Value;
use support::random::Random;
use telling::Story;

const STORIES: usize = 8;
const STEPS: usize = 40;

/// All that a lead is answered at an instant, or is shown of it later; that they looked is kept.
async fn answered(story: &Story, cases: usize, as_of: Option<DateTime<Utc>>) -> Vec<Value> {
    let looking = async { seen(story, cases, as_of) };
    let seen = story.app.reading(looking).await;
    seen.unwrap_or_else(|_| panic!("it is kept that a lead looked"))
}

fn seen(story: &Story, cases: usize, as_of: Option<DateTime<Utc>>) -> Vec<Value> {
    let lead = Actor::person(organisation(), person("alex"));
    let as_of = as_of.map(Moment);
    let asked = AsOfAsked { as_of };
    let json = |answer: Result<Value, _>| answer.unwrap_or_else(|_: ()| panic!("a lead sees it"));
    let mut answers = Vec::new();
    for (case, ..) in story.cases.borrow().iter().take(cases) {
        let seen = story.app.case(&lead, *case, &asked).map_err(|_| ());
        answers.push(json(seen.map(|seen| serde_json::to_value(seen).unwrap())));
        let told = TimelineAsked {
            as_of,
            after: None,
            limit: Some(200),
        };
        let told = story.app.case_timeline(&lead, *case, &told).map_err(|_| ());
        answers.push(json(told.map(|told| serde_json::to_value(told).unwrap())));
    }
    let queue = story.app.queue(&lead, &asked).map_err(|_| ());
    answers.push(json(
        queue.map(|queue| serde_json::to_value(queue).unwrap()),
    ));
    answers
}

#[tokio::test]
async fn as_of_any_instant_shows_what_was_answered_then() {
    let mut random = Random::printed();
    let mut compared = 0;
    for _ in 0..STORIES {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path(), Purpose::Demo);
        let start = Utc::now() - Duration::days(400);
        let story = Story {
            app: App::open(options, Clock::starting_at(start)).unwrap(),
            cases: RefCell::default(),
            keys: RefCell::default(),
            ones: RefCell::default(),
        };
        record(&story.app).await.unwrap();
        let mut then = Vec::new();
        for _ in 0..STEPS {
            let mut number = || u8::try_from(random.below(256)).unwrap();
            story.step((number(), number())).await;
            let at = story.app.clock().now();
            let cases = story.cases.borrow().len();
            then.push((at, cases, answered(&story, cases, None).await));
        }
        for (at, cases, expected) in then {
            let again = answered(&story, cases, Some(at)).await;
            assert_eq!(again, expected, "as of {at}");
            compared += expected.len();
        }
    }
    println!("{compared} answers were as they had been");
    assert!(compared > 1_000);
}
